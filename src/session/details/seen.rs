//! What events were seen to say, for whoever types a filter: the paths in their payloads with some values, and some
//! values of the fields around them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::codec::places::{self, Reach, Step};
use crate::error::Result;
use crate::event::{Event, Payload};
use crate::filter::{Condition, Field, Operand, Path, Root, Segment, Term};
use crate::source::Source;

use crate::session::workers::worker::CancelToken;

/// How many events are looked at in one place of the store, and in how many places.
const RUN: usize = 100;
const RUNS: u64 = 8;

/// How many paths are kept, and how many values of each path and field.
const PATHS: usize = 600;
const VALUES: usize = 12;
const FIELD_VALUES: usize = 40;

/// How far payloads are gone into.
const REACH: Reach = Reach { deepest: 6, members: 60, items: 4 };

/// How long a value may be to be offered, in bytes.
const LONGEST: usize = 64;

/// A payload of more bytes than that is left unread.
const LARGE: u64 = 64 << 10;

/// What some events across the store were seen to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The paths in data and metadata, in the order of their names, any item of a list as `[]`.
    pub paths: Vec<SeenPath>,
    /// Values of the envelope's fields, for those whose values recur.
    pub fields: Vec<(Field, Vec<String>)>,
}

/// A path that was seen in payloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenPath {
    /// Data or metadata.
    pub root: Root,
    /// Where in it.
    pub path: Path,
    /// Some of the values that it had, as a filter compares with them; none where it holds objects or lists.
    pub values: Vec<Operand>,
}

/// Looks at events at the beginning, at the end, and in between.
pub(super) fn look(source: &Source, token: &CancelToken) -> Result<Seen> {
    let mut found = Found::default();
    if source.mapping().is_none() {
        return Ok(Seen::default());
    }
    source.leave_unread(Some(LARGE));
    let rows = source.rows().rows();
    let run = RUN as u64;
    if rows <= run * RUNS {
        // All of a short store, or what there is of one whose rows are not counted yet.
        source.events_after(None, RUN * 8)?.iter().for_each(|event| found.event(event));
        return Ok(found.seen());
    }
    for place in 0..RUNS {
        if token.is_cancelled() {
            break;
        }
        let row = (rows - run) / (RUNS - 1) * place;
        source.page_at(row, RUN)?.iter().for_each(|event| found.event(event));
    }
    Ok(found.seen())
}

#[derive(Default)]
struct Found {
    paths: BTreeMap<String, SeenPath>,
    fields: Vec<(Field, Vec<String>)>,
}

impl Found {
    fn seen(self) -> Seen {
        Seen { paths: self.paths.into_values().collect(), fields: self.fields }
    }

    fn event(&mut self, event: &Event) {
        self.payload(Root::Data, &event.data);
        self.payload(Root::Metadata, &event.metadata);
        // Ids of events, and of what they are tied to, hardly recur: nobody finds one in a list.
        let recurring = [
            (Field::Schema, &event.schema_version),
            (Field::Actor, &event.actor),
            (Field::ActorType, &event.actor_type),
            (Field::Source, &event.source),
        ];
        for (field, value) in recurring {
            let Some(value) = value.as_ref().filter(|value| !value.is_empty() && value.len() <= LONGEST) else {
                continue;
            };
            let at = self.fields.iter().position(|(known, _)| *known == field).unwrap_or_else(|| {
                self.fields.push((field, Vec::new()));
                self.fields.len() - 1
            });
            let values = &mut self.fields[at].1;
            if values.len() < FIELD_VALUES && !values.contains(value) {
                values.push(value.clone());
            }
        }
    }

    fn payload(&mut self, root: Root, payload: &Payload) {
        if let Some(document) = payload.value() {
            self.document(root, document);
        }
    }

    fn document(&mut self, root: Root, document: &Value) {
        places::visit(document, REACH, &mut |steps, value| {
            let segment = |step: &Step<'_>| match step {
                Step::Key(key) => Segment::Key((*key).to_owned()),
                Step::Item => Segment::Each,
            };
            self.note(root, &Path { segments: steps.iter().map(segment).collect() }, value)
        });
    }

    /// Takes note of a place and its value; `false` where there are too many places already.
    fn note(&mut self, root: Root, path: &Path, value: &Value) -> bool {
        let name = format!("{}{path}", root.name());
        if self.paths.len() >= PATHS && !self.paths.contains_key(&name) {
            return false;
        }
        let new = || SeenPath { root, path: path.clone(), values: Vec::new() };
        let known = &mut self.paths.entry(name).or_insert_with(new).values;
        if known.len() < VALUES
            && let Some(operand) = operand(root, path, value)
            && !known.contains(&operand)
        {
            known.push(operand);
        }
        true
    }
}

/// The value as a filter compares with it; none for what has no operand, or a long one.
fn operand(root: Root, path: &Path, value: &Value) -> Option<Operand> {
    let Condition::Compare { operand, .. } = Term::path(root, path.clone(), value)?.condition else { return None };
    let (Operand::Number(text) | Operand::Text(text)) = &operand;
    (text.len() <= LONGEST).then_some(operand)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(documents: &[Value]) -> Vec<(String, Vec<String>)> {
        let mut found = Found::default();
        for document in documents {
            found.document(Root::Data, document);
        }
        let named = |seen: SeenPath| {
            let values = seen.values.iter().map(ToString::to_string).collect();
            (format!("{}{}", seen.root.name(), seen.path), values)
        };
        found.seen().paths.into_iter().map(named).collect()
    }

    #[test]
    fn paths_are_noted_with_some_of_their_values() {
        let found = seen(&[
            json!({"total": 10, "lines": [{"sku": "A-1"}, {"sku": "A-2"}], "customer": {"tier": "gold"}}),
            json!({"total": 12, "customer": {"tier": "gold"}, "note": null}),
        ]);
        let values = |path: &str| found.iter().find(|(name, _)| name == path).map(|(_, values)| values.clone());
        assert_eq!(values("data.total"), Some(vec!["10".to_owned(), "12".to_owned()]));
        assert_eq!(values("data.lines[].sku"), Some(vec!["A-1".to_owned(), "A-2".to_owned()]));
        assert_eq!(values("data.customer.tier"), Some(vec!["gold".to_owned()]));
        assert_eq!(values("data.lines"), Some(Vec::new()));
    }

    #[test]
    fn a_map_with_keys_without_end_is_one_path() {
        let members: serde_json::Map<_, _> = (0..1000).map(|n| (format!("key {n}"), json!(n))).collect();
        assert_eq!(seen(&[json!({"by_id": members})]).len(), 1);
        let many: Vec<_> = (0..2000).map(|n| json!({format!("k{n}"): 1})).collect();
        assert_eq!(seen(&many).len(), PATHS);
    }
}
