//! The second pass: what no column holds is looked for inside the documents.

use std::collections::HashSet;

use rusqlite::types::ValueRef;
use serde_json::Value;

use crate::event::Decoded;

use super::super::decode;
use super::super::field::{Encoding, Field, Format, Unwrap};
use super::key::Key;
use super::relation::Relation;
use super::roles::{Choice, Roles, differs};

/// Paths to a moment, an event type, an event's id, in the order of preference.
const TIMES: [&str; 11] = [
    "$.timestamp._data_",
    "$.timestamp",
    "$.occurred_at",
    "$.occurredAt",
    "$.occurred_on",
    "$.recorded_at",
    "$.created_at",
    "$.createdAt",
    "$.time",
    "$.headers.__time_of_recording",
    "$.dateTime",
];
const TYPES: [&str; 9] = [
    "$.event_type",
    "$.eventType",
    "$.event_name",
    "$.eventName",
    "$.headers.__event_type",
    "$.type",
    "$.\"$type\"",
    "$.tag",
    "$.kind",
];
const IDS: [&str; 4] = ["$.event_id", "$.eventId", "$.message_id", "$.messageId"];
const SCHEMA_VERSIONS: [&str; 4] = ["$.schema_version", "$.schemaVersion", "$.event_version", "$.eventVersion"];
const CORRELATIONS: [&str; 3] = ["$.correlation_id", "$.correlationId", "$.correlation"];
const CAUSATIONS: [&str; 3] = ["$.causation_id", "$.causationId", "$.causation"];
const ACTORS: [&str; 4] = ["$.actor", "$.user", "$.user_id", "$.userId"];

/// Fills the fields that are still empty from the data and the metadata, and opens envelopes around the data.
pub(super) fn look_inside(relation: &Relation, key: Option<&Key>, roles: &mut Roles) {
    let columns: Vec<String> =
        [&roles.metadata, &roles.data].into_iter().flatten().map(|it| it.field.sql.clone()).collect();
    for column in columns {
        let sample = Sample::read(relation, &column);
        let inside = |paths: &[&str], holds: fn(&Value) -> bool| sample.find(paths, holds);
        fill(&mut roles.timestamp, || inside(&TIMES, is_moment));
        fill(&mut roles.event_type, || {
            let differing: Vec<&str> = TYPES.into_iter().filter(|path| sample.differs(relation, key, path)).collect();
            inside(&differing, is_name)
        });
        fill(&mut roles.event_id, || inside(&IDS, Value::is_string));
        fill(&mut roles.schema_version, || inside(&SCHEMA_VERSIONS, |value| value.is_number() || value.is_string()));
        fill(&mut roles.correlation_id, || inside(&CORRELATIONS, Value::is_string));
        fill(&mut roles.causation_id, || inside(&CAUSATIONS, Value::is_string));
        fill(&mut roles.actor, || inside(&ACTORS, Value::is_string));
    }
    let Some(data) = &mut roles.data else { return };
    let sample = Sample::read(relation, &data.field.sql);
    data.field.encoding = Encoding { layers: Vec::new(), unwrap: sample.envelope() };
    if data.field.encoding.unwrap == Unwrap::Tagged {
        fill(&mut roles.event_type, || Some(sample.tag()));
    }
}

fn fill(field: &mut Option<Choice>, find: impl FnOnce() -> Option<Choice>) {
    if field.is_none() {
        *field = find();
    }
}

/// The documents of one column, row by row.
struct Sample<'a> {
    column: &'a str,
    rows: Vec<Option<Value>>,
}

impl<'a> Sample<'a> {
    fn read(relation: &Relation, column: &'a str) -> Self {
        let candidate = relation.candidates.iter().find(|candidate| candidate.sql == column);
        let values = candidate.into_iter().flat_map(|candidate| &candidate.values);
        let document = |value| match decode::payload(ValueRef::from(value), &Encoding::default()).decoded {
            Decoded::Document { value, .. } => Some(value),
            _ => None,
        };
        Self { column, rows: values.map(document).collect() }
    }

    fn documents(&self) -> impl Iterator<Item = &Value> {
        self.rows.iter().flatten()
    }

    /// The first path that fits in nearly every document.
    fn find(&self, paths: &[&str], holds: fn(&Value) -> bool) -> Option<Choice> {
        let all = self.documents().count();
        let path = paths.iter().find(|path| {
            let found = self.documents().filter_map(|document| at(document, path));
            let (there, good) =
                found.fold((0, 0), |(there, good), value| (there + 1, good + usize::from(holds(value))));
            there > 0 && there * 10 >= all * 8 && good * 10 >= there * 9
        })?;
        let field = Field::new(format!("decoded({}) ->> '{path}'", self.column));
        Some(Choice::new(field, 0.6, format!("The documents of {} hold it at {path}.", self.column)))
    }

    /// Whether what a path names has several values within one stream: the kind of a thing has not, an event's type has.
    fn differs(&self, relation: &Relation, key: Option<&Key>, path: &str) -> bool {
        let value = |row: &Option<Value>| row.as_ref().and_then(|document| at(document, path)).map(Value::to_string);
        let values: Vec<Option<String>> = self.rows.iter().map(value).collect();
        differs(relation, key, |row| values.get(row).cloned().flatten().unwrap_or_default())
    }

    /// The envelope that all documents share: `{class, payload}`, `{headers, payload}`, `{tag, contents}`, or an only
    /// key that names the type.
    fn envelope(&self) -> Unwrap {
        let has = |document: &Value, wanted: [&str; 2]| {
            document.as_object().is_some_and(|it| it.len() == 2 && wanted.iter().all(|key| it.contains_key(*key)))
        };
        let known = [
            ("/payload", ["class", "payload"]),
            ("/payload", ["headers", "payload"]),
            ("/contents", ["tag", "contents"]),
        ];
        let some = self.documents().next().is_some();
        if let Some((pointer, _)) =
            known.into_iter().find(|(_, wanted)| some && self.documents().all(|it| has(it, *wanted)))
        {
            return Unwrap::Pointer(pointer.to_owned());
        }
        let tags: Vec<Option<&str>> = self.documents().map(tag).collect();
        let different: HashSet<&str> = tags.iter().flatten().copied().collect();
        let tagged = tags.iter().all(Option::is_some) && different.len() > 1 && different.len() * 3 < tags.len().max(9);
        if tagged { Unwrap::Tagged } else { Unwrap::None }
    }

    /// The only key of the document as the event's type.
    fn tag(&self) -> Choice {
        let json = format!("decoded({})", self.column);
        let sql = format!(
            "CASE json_type({json}) WHEN 'object' THEN (SELECT key FROM json_each({json}) LIMIT 1) ELSE {json} ->> '$' END"
        );
        Choice::new(
            Field::new(sql),
            0.6,
            format!("Every document of {} has one key, which looks like a name.", self.column),
        )
    }
}

/// The tag of an externally tagged document, if it can be one.
fn tag(document: &Value) -> Option<&str> {
    let tag = match document {
        Value::String(text) => text,
        Value::Object(object) if object.len() == 1 => object.keys().next()?,
        _ => return None,
    };
    (super::values::is_word(tag) && tag.contains(char::is_uppercase)).then_some(tag)
}

/// What a path of SQLite's JSON functions names; only keys, as above.
fn at<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let keys = path.strip_prefix("$.")?.split('.');
    keys.map(|key| key.trim_matches('"'))
        .try_fold(document, |value, key| value.get(key))
        .filter(|value| !value.is_null())
}

fn is_moment(value: &Value) -> bool {
    let moment = |text: &str| decode::timestamp(ValueRef::from(text), Format::Auto).is_some_and(|it| it.utc.is_some());
    match value {
        Value::String(text) => moment(text),
        Value::Number(number) => moment(&number.to_string()),
        _ => false,
    }
}

fn is_name(value: &Value) -> bool {
    value.as_str().is_some_and(super::values::is_word)
}
