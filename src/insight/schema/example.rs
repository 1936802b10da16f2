//! Documents made after an inferred schema: a skeleton for a new event, and what a document could still hold.

use serde_json::{Map, Value};

use super::TypeSchema;
use super::shape::{DEEPEST, Kind, Shape};

/// How many members that a document could still hold are told.
const MOST: usize = 60;

/// A member that a document has not, and events of its type have.
#[derive(Clone, Debug, PartialEq)]
pub struct Addition {
    /// The way to it through objects of the document, by their members; it is the last of them.
    pub steps: Vec<String>,
    /// The kinds of the values that were seen there.
    pub kinds: Vec<Kind>,
    /// The share of the objects around it that have it, from 0 to 1.
    pub presence: f64,
    /// A value for it, as one that was seen.
    pub value: Value,
}

impl TypeSchema {
    /// A document with what is always there and with values as they were seen; `null` where no event has data.
    #[must_use]
    pub fn skeleton(&self) -> Value {
        self.data.seen().map_or(Value::Null, |_| self.data.example())
    }

    /// The same document with what is always there and is missing in it, within lists, too.
    #[must_use]
    pub fn completed(&self, mut document: Value) -> Value {
        if document.is_null() {
            return self.skeleton();
        }
        complete(&self.data, &mut document, 0);
        document
    }

    /// What a document could still hold: members of its objects that are not in it, what is most often there first.
    #[must_use]
    pub fn additions(&self, document: &Value) -> Vec<Addition> {
        let mut found = Vec::new();
        let none = Value::Object(Map::new());
        gather(&self.data, if document.is_null() { &none } else { document }, &mut Vec::new(), &mut found);
        found.sort_by(|a, b| b.presence.total_cmp(&a.presence));
        found.truncate(MOST);
        found
    }
}

impl Addition {
    /// The document with the member in it. It stays as it is where its objects are no longer there.
    #[must_use]
    pub fn put_in(&self, mut document: Value) -> Value {
        if document.is_null() {
            document = Value::Object(Map::new());
        }
        let Some((last, around)) = self.steps.split_last() else { return document };
        let mut here = Some(&mut document);
        for step in around {
            here = here.and_then(|value| value.get_mut(step));
        }
        if let Some(members) = here.and_then(Value::as_object_mut) {
            members.entry(last.clone()).or_insert_with(|| self.value.clone());
        }
        document
    }
}

fn gather(shape: &Shape, value: &Value, steps: &mut Vec<String>, found: &mut Vec<Addition>) {
    let Some(members) = value.as_object().filter(|_| steps.len() < DEEPEST) else { return };
    let objects = shape.count_of(Kind::Object).max(1);
    for (name, member) in shape.members() {
        steps.push(name.to_owned());
        match members.get(name) {
            Some(value) => gather(member, value, steps, found),
            None if found.len() < 2 * MOST => found.push(Addition {
                steps: steps.clone(),
                kinds: member.kinds().map(|(kind, _)| kind).collect(),
                #[expect(clippy::cast_precision_loss, reason = "a share of objects")]
                presence: member.count() as f64 / objects as f64,
                value: member.example(),
            }),
            None => {}
        }
        steps.pop();
    }
}

fn complete(shape: &Shape, value: &mut Value, depth: usize) {
    if depth >= DEEPEST {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if let Some((_, shape)) = shape.members().find(|(known, _)| known == name) {
                    complete(shape, member, depth + 1);
                }
            }
            for (name, member) in shape.always() {
                members.entry(name.to_owned()).or_insert_with(|| member.example());
            }
        }
        Value::Array(items) => {
            if let Some(shape) = shape.items() {
                for item in items {
                    complete(shape, item, depth + 1);
                }
            }
        }
        _ => {}
    }
}

impl Shape {
    /// A value as they were seen here: of the kind that was seen most, with what is always in it.
    #[must_use]
    pub fn example(&self) -> Value {
        self.example_within(0)
    }

    fn example_within(&self, depth: usize) -> Value {
        let kinds = self.kinds().filter(|(kind, _)| *kind != Kind::Null);
        let Some((kind, _)) = kinds.max_by_key(|(_, span)| span.count) else { return Value::Null };
        let seen = || self.examples().find(|value| Kind::of(value) == kind).cloned();
        match kind {
            Kind::Null => Value::Null,
            Kind::Boolean => seen().unwrap_or(Value::Bool(false)),
            Kind::Integer | Kind::Number => seen().unwrap_or_else(|| Value::from(0)),
            Kind::String => seen().unwrap_or_else(|| Value::from("")),
            Kind::Array => {
                let item = self.items().filter(|_| depth < DEEPEST).map(|items| items.example_within(depth + 1));
                Value::Array(item.into_iter().collect())
            }
            Kind::Object if depth >= DEEPEST => Value::Object(Map::new()),
            Kind::Object => {
                let member = |(name, member): (&str, &Self)| (name.to_owned(), member.example_within(depth + 1));
                Value::Object(self.always().map(member).collect())
            }
        }
    }

    /// The members that every object here has.
    pub(super) fn always(&self) -> impl Iterator<Item = (&str, &Self)> {
        let objects = self.count_of(Kind::Object);
        self.members().filter(move |(_, member)| member.count() == objects)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fit::tests::schema;
    use super::*;

    fn orders() -> TypeSchema {
        schema(&[
            json!({"customer": {"id": "c-1", "tier": "gold"}, "lines": [{"sku": "cup", "qty": 2}], "paid": true}),
            json!({"customer": {"id": "c-2"}, "lines": [], "paid": false, "note": "x"}),
        ])
    }

    #[test]
    fn a_skeleton_has_what_is_always_there_and_fits() {
        let schema = orders();
        let wanted = json!({"customer": {"id": "c-1"}, "lines": [{"sku": "cup", "qty": 2}], "paid": true});
        assert_eq!(schema.skeleton(), wanted);
        assert_eq!(schema.misfits(&wanted), []);
    }

    #[test]
    fn what_is_missing_is_added_wherever_it_is_missing_and_nothing_else_is_touched() {
        let schema = orders();
        let begun = json!({"lines": [{"qty": 7}, {"sku": "pot", "qty": 1}], "other": 1});
        assert_eq!(
            schema.completed(begun),
            json!({"lines": [{"qty": 7, "sku": "cup"}, {"sku": "pot", "qty": 1}], "other": 1,
                   "customer": {"id": "c-1"}, "paid": true})
        );
        assert_eq!(schema.completed(Value::Null), schema.skeleton());
        assert_eq!(schema.completed(json!([1])), json!([1]));
    }

    #[test]
    fn what_could_still_be_there_is_told_with_how_often_it_is_and_put_in() {
        let schema = orders();
        let document = json!({"customer": {"id": "c-9"}, "paid": true});
        let found = schema.additions(&document);
        let told: Vec<_> = found.iter().map(|found| (found.steps.join("."), found.presence)).collect();
        assert_eq!(told, [("lines".to_owned(), 1.0), ("customer.tier".to_owned(), 0.5), ("note".to_owned(), 0.5)]);
        let tier = found.iter().find(|found| found.steps.len() == 2).unwrap();
        assert_eq!(tier.put_in(document), json!({"customer": {"id": "c-9", "tier": "gold"}, "paid": true}));
        assert_eq!(tier.put_in(json!({"customer": 1})), json!({"customer": 1}));
        assert_eq!(schema.additions(&Value::Null).len(), 4);
    }
}
