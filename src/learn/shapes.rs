//! What evidence says, as values of the shape that whole states have.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evidence::{Evidence, Known};
use super::value::{Members, V};

/// The keys on the way that a JSON pointer names.
pub(super) fn parts(pointer: &str) -> Vec<Arc<str>> {
    let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~").into();
    pointer.split('/').skip(1).map(unescaped).collect()
}

/// What the members of whole states look like: a read model may call something else by the same name.
pub(super) struct Shapes(BTreeMap<String, bool>);

impl Shapes {
    pub(super) fn of(evidence: &[(usize, &Evidence)]) -> Self {
        let mut scalars = BTreeMap::new();
        for (_, evidence) in evidence {
            if let Known::State(serde_json::Value::Object(members)) = &evidence.known {
                for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                    scalars.insert(key.clone(), !value.is_object() && !value.is_array());
                }
            }
        }
        Self(scalars)
    }

    /// What is known, and through how many levels of members only some are.
    pub(super) fn value(&self, evidence: &Evidence) -> (V, u8) {
        match &evidence.known {
            Known::State(state) => (V::from_json(state), 0),
            Known::Members(members) => {
                let V::Object(members) = V::from_json(members) else { return (V::empty_object(), 1) };
                let fits = |(key, value): &(&Arc<str>, &V)| {
                    value.is_nothing() || self.0.get(&***key).is_none_or(|scalar| *scalar == value.is_scalar())
                };
                let kept: Members =
                    members.iter().filter(fits).map(|(key, value)| (key.clone(), value.clone())).collect();
                (V::Object(Arc::new(kept)), 1)
            }
            Known::Value { pointer, value } => {
                let way = parts(pointer);
                let leaf = value.as_ref().map_or(V::Missing, V::from_json);
                let wrapped = way
                    .iter()
                    .rev()
                    .fold(leaf, |inner, key| V::Object(Arc::new(std::iter::once((key.clone(), inner)).collect())));
                (wrapped, way.len().try_into().unwrap_or(u8::MAX))
            }
            Known::NoState { .. } => (V::empty_object(), 1),
        }
    }
}
