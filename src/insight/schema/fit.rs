//! A document held against an inferred schema: where it is unlike everything that was seen. Nothing here says that a
//! document is wrong, since the next event may well be the first of its kind.

use std::fmt;

use serde_json::Value;

use super::formats::Format;
use super::paths::is_plain;
use super::shape::{DEEPEST, Kind, Shape};
use super::{TypeSchema, all_texts};

/// How many places at which a document does not fit are told.
const MOST: usize = 100;

/// A place at which a document is unlike all that were seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Misfit {
    /// The place, as the filter writes it, with the number of an item: `lines[2].sku`; `.` for the document itself.
    pub path: String,
    /// What is unlike.
    pub what: Unlike,
}

/// How a place in a document is unlike what was seen there.
#[derive(Clone, Debug, PartialEq)]
pub enum Unlike {
    /// Nothing is there, where something always was.
    Missing,
    /// Something is there, where nothing ever was.
    Unknown,
    /// The value is of another kind.
    Kind {
        /// The kind that it is of.
        found: Kind,
        /// The kinds that were seen.
        known: Vec<Kind>,
    },
    /// The text is none of those that were seen, which are few.
    Value(Vec<String>),
    /// The text is not of the form that all had.
    Format(Format),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, what } = self;
        match what {
            Unlike::Missing => write!(f, "{path} is missing, which is always there"),
            Unlike::Unknown => write!(f, "{path} was never seen"),
            Unlike::Kind { found, known } => {
                let known: Vec<&str> = known.iter().map(|kind| kind.name()).collect();
                write!(f, "{path} is {}, and was always {}", found.name(), known.join(" or "))
            }
            Unlike::Value(known) => write!(f, "{path} was always one of {}", known.join(", ")),
            Unlike::Format(format) => write!(f, "{path} is no {}, which it always was", format.name()),
        }
    }
}

impl TypeSchema {
    /// Where a document is unlike all that were seen, in its own order; none for those that the schema was inferred from.
    #[must_use]
    pub fn misfits(&self, data: &Value) -> Vec<Misfit> {
        let mut found = Vec::new();
        let is_absent = data.is_null() && (self.without_data > 0 || self.unread > 0);
        if self.data.seen().is_some() && !is_absent {
            check(&self.data, data, &mut String::new(), 0, &mut found);
        } else if self.data.seen().is_none() && !data.is_null() && self.unread == 0 {
            found.push(Misfit { path: ".".to_owned(), what: Unlike::Unknown });
        }
        found
    }
}

fn check(shape: &Shape, value: &Value, path: &mut String, depth: usize, found: &mut Vec<Misfit>) {
    if found.len() >= MOST {
        return;
    }
    let mut tell = |path: &str, what: Unlike| {
        let path = if path.is_empty() { "." } else { path };
        found.push(Misfit { path: path.to_owned(), what });
    };
    let kind = Kind::of(value);
    // Every whole number is a number.
    let fits = shape.count_of(kind) > 0 || kind == Kind::Integer && shape.count_of(Kind::Number) > 0;
    if !fits {
        return tell(path, Unlike::Kind { found: kind, known: shape.kinds().map(|(kind, _)| kind).collect() });
    }
    match value {
        Value::String(text) if all_texts(shape) => {
            if let Some(known) = shape.enumeration() {
                if !known.contains(&text.as_str()) {
                    tell(path, Unlike::Value(known.into_iter().map(str::to_owned).collect()));
                }
            } else if let Some(format) = shape.format().filter(|format| !format.fits(text)) {
                tell(path, Unlike::Format(format));
            }
        }
        Value::Array(items) if depth < DEEPEST => {
            let Some(shape) = shape.items() else { return };
            for (number, item) in items.iter().enumerate() {
                within(path, &format!("[{number}]"), |path| check(shape, item, path, depth + 1, found));
            }
        }
        Value::Object(members) if depth < DEEPEST => {
            if let Some(any) = shape.any_member() {
                for (name, member) in members {
                    within(path, &step(path, name), |path| check(any, member, path, depth + 1, found));
                }
                return;
            }
            for (name, member) in members {
                let known = shape.members().find(|(known, _)| known == name);
                within(path, &step(path, name), |path| match known {
                    Some((_, shape)) => check(shape, member, path, depth + 1, found),
                    None => found.push(Misfit { path: path.clone(), what: Unlike::Unknown }),
                });
            }
            for (name, _) in shape.always().filter(|(name, _)| !members.contains_key(*name)) {
                let path = format!("{path}{}", step(path, name));
                found.push(Misfit { path, what: Unlike::Missing });
            }
            found.truncate(MOST);
        }
        _ => {}
    }
}

/// The way from an object at `path` to its member.
fn step(path: &str, name: &str) -> String {
    let dot = if path.is_empty() { "" } else { "." };
    if is_plain(name) { format!("{dot}{name}") } else { format!("{dot}{}", Value::from(name)) }
}

fn within(path: &mut String, step: &str, go: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push_str(step);
    go(path);
    path.truncate(length);
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::Schemas;
    use super::*;
    use crate::event::{Event, Payload};

    pub(in crate::insight::schema) fn schema(documents: &[Value]) -> TypeSchema {
        let mut schemas = Schemas::default();
        for (position, document) in (1..).zip(documents) {
            let data = Payload::json(document.clone());
            schemas.see(&Event { position, event_type: "t".to_owned(), data, ..Event::default() });
        }
        schemas.types().next().unwrap().clone()
    }

    fn told(schema: &TypeSchema, document: &Value) -> Vec<String> {
        schema.misfits(document).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_place_that_is_unlike_is_told() {
        let line = |qty: i64| json!({"sku": "cup", "qty": qty});
        let order = |number: usize| {
            let state = if number.is_multiple_of(2) { "open" } else { "closed" };
            json!({
                "id": "0f8fad5b-d9cb-469f-a165-70867728950e", "total": 10.5, "state": state,
                "lines": [line(1), line(2)], "note": if number == 0 { Value::Null } else { json!("x y") },
            })
        };
        let schema = schema(&(0..10).map(order).collect::<Vec<_>>());
        assert_eq!(told(&schema, &order(3)), [""; 0]);
        let odd = json!({
            "id": "7", "total": "10.5", "state": "lost", "lines": [line(1), {"sku": 4, "size": 1}], "note": 12,
            "a b": true,
        });
        assert_eq!(
            told(&schema, &odd),
            [
                "id is no uuid, which it always was",
                "total is string, and was always number",
                "state was always one of open, closed",
                "lines[1].sku is integer, and was always string",
                "lines[1].size was never seen",
                "lines[1].qty is missing, which is always there",
                "note is integer, and was always null or string",
                "\"a b\" was never seen",
            ]
        );
        assert_eq!(told(&schema, &json!({"total": 4})).len(), 4, "a whole number is a number");
        assert_eq!(told(&schema, &Value::Null), [". is null, and was always object"]);
        assert_eq!(schema.misfits(&json!({"lines": vec![json!(0); 1000]})).len(), MOST);
    }

    #[test]
    fn what_no_event_had_is_told_of_the_document_itself() {
        let empty = Event { event_type: "t".to_owned(), ..Event::default() };
        let mut schemas = Schemas::default();
        schemas.see(&empty);
        let schema = schemas.types().next().unwrap();
        assert_eq!(told(schema, &Value::Null), [""; 0]);
        assert_eq!(told(schema, &json!({})), [". was never seen"]);
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<f32>().prop_map(|number| json!(f64::from(number))),
            "[a-c@.0-9-]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-e]", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_a_schema_was_inferred_from_fits_it(documents in prop::collection::vec(document(), 1..30)) {
            let schema = schema(&documents);
            for document in &documents {
                prop_assert_eq!(schema.misfits(document), vec![]);
            }
        }
    }
}
