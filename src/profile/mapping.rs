//! Where the events, and the snapshots, of a database are: a table or join, and an expression for each field.

use serde::{Deserialize, Serialize};

use super::field::Field;
use crate::codec::Unwrap;

/// The fields that a store may lack, in the order in which they are shown: as they are, or to be changed.
macro_rules! optional_fields {
    ($($mapping:tt)+) => {
        [
            ("position", $($mapping)+.position),
            ("aggregate_type", $($mapping)+.aggregate_type),
            ("aggregate_id", $($mapping)+.aggregate_id),
            ("version", $($mapping)+.version),
            ("event_id", $($mapping)+.event_id),
            ("event_type", $($mapping)+.event_type),
            ("schema_version", $($mapping)+.schema_version),
            ("timestamp", $($mapping)+.timestamp),
            ("actor", $($mapping)+.actor),
            ("actor_type", $($mapping)+.actor_type),
            ("source", $($mapping)+.source),
            ("causation_id", $($mapping)+.causation_id),
            ("correlation_id", $($mapping)+.correlation_id),
            ("metadata", $($mapping)+.metadata),
        ]
    };
}

/// Where events come from. Only `from` and `data` must be there; a missing field is a field that the store lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What stands after `FROM`: a table, or a join of several.
    pub from: String,
    /// The table that an event is one row of. May be left out in TOML where `from` is that table.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub table: String,
    /// What stands after `WHERE`: which rows are events. Put it in parentheses when composing SQL.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The place in the whole store, an integer; `rowid` where no column says it. None: positions are ordinals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Field>,
    /// The order of the whole store, as SQL expressions; see [`Mapping::store_order`] for an empty list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// What kind of thing a stream is about. None: the store does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate_type: Option<Field>,
    /// Which one of that kind. None: the whole log is one stream, named after the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate_id: Option<Field>,
    /// The place in the stream, an integer. None: versions are ordinals in the stream's order, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Field>,
    /// The order within a stream, as SQL expressions; see [`Mapping::order_in_stream`] for an empty list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stream_order: Vec<String>,
    /// The event's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<Field>,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<Field>,
    /// The version of the event type's own shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<Field>,
    /// When it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Field>,
    /// Whether the store sees to it that times never go back along its order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chronological: bool,
    /// Who caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Field>,
    /// What kind of actor that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_type: Option<Field>,
    /// Through what it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Field>,
    /// The id of the event or command that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<Field>,
    /// The id that everything caused by one request shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<Field>,
    /// What the event says.
    pub data: Field,
    /// What surrounds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Field>,
    /// Members of the data that only repeat what other columns say; see [`Mapping::members_elsewhere`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aside: Vec<String>,
}

impl Mapping {
    /// The members of the data that stand in other columns, too, so that a preview of the data need not begin with them:
    /// those that the expressions of other fields read, and those that the profile names.
    #[must_use]
    pub fn members_elsewhere(&self) -> Vec<String> {
        let mut members = self.aside.clone();
        if self.data.encoding.unwrap != Unwrap::None {
            return members;
        }
        let fields = self.optional_fields().filter(|(name, _)| *name != "metadata");
        let reading = fields.filter_map(|(_, field)| field).filter(|field| field.sql.contains(&self.data.sql));
        for member in reading.flat_map(|field| members_read(&field.sql)) {
            if !members.iter().any(|known| known == member) {
                members.push(member.to_owned());
            }
        }
        members
    }

    /// The expressions to order the whole store by: `order`, or the position, or the stream's id and version.
    ///
    /// Together they are unique in every built-in profile; a list that is not leaves ties in no certain order.
    #[must_use]
    pub fn store_order(&self) -> Vec<&str> {
        if !self.order.is_empty() {
            return self.order.iter().map(String::as_str).collect();
        }
        if let Some(position) = &self.position {
            return vec![&position.sql];
        }
        [&self.aggregate_type, &self.aggregate_id, &self.version]
            .into_iter()
            .flatten()
            .map(|f| f.sql.as_str())
            .collect()
    }

    /// The expressions to order one stream by: `stream_order`, or the version, or the order of the whole store.
    #[must_use]
    pub fn order_in_stream(&self) -> Vec<&str> {
        if !self.stream_order.is_empty() {
            return self.stream_order.iter().map(String::as_str).collect();
        }
        match &self.version {
            Some(version) => vec![&version.sql],
            None => self.store_order(),
        }
    }

    /// Every field that a store may lack, by its name in TOML, in the order in which they are shown.
    pub fn optional_fields(&self) -> impl Iterator<Item = (&'static str, Option<&Field>)> {
        optional_fields!(&self).into_iter().map(|(name, field)| (name, field.as_ref()))
    }

    /// The same fields, to change or to take away.
    pub fn optional_fields_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut Option<Field>)> {
        optional_fields!(&mut self).into_iter()
    }
}

/// The outermost members that the JSON paths in an expression name: `at` in `data ->> '$.at.utc'`.
fn members_read(sql: &str) -> impl Iterator<Item = &str> {
    sql.split("'$.").skip(1).filter_map(|path| match path.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => path.split(['.', '[', '\'']).next(),
    })
}

/// Where the states that the application itself stored are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotMapping {
    /// What stands after `FROM`.
    pub from: String,
    /// What stands after `WHERE`.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// What kind of thing the snapshot is of, written as in the events. None: match by the id alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate_type: Option<Field>,
    /// Which one of that kind, written as in the events.
    pub aggregate_id: Field,
    /// The version of the last event that the state contains.
    pub version: Field,
    /// When it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Field>,
    /// The state.
    pub state: Field,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_other_fields_read_stand_elsewhere() {
        let mapping = Mapping {
            data: Field::new("body"),
            timestamp: Some(Field::new("coalesce(body ->> '$.at.utc', body ->> '$.\"sent at\"')")),
            actor: Some(Field::new("metadata ->> '$.actor'")),
            version: Some(Field::new("json_extract(body, '$.n[0]')")),
            aside: vec!["topic".to_owned()],
            ..Mapping::default()
        };
        assert_eq!(mapping.members_elsewhere(), ["topic", "n", "at", "sent at"]);
        let opened = Field {
            encoding: crate::codec::Encoding { unwrap: Unwrap::Tagged, ..Default::default() },
            ..Field::new("body")
        };
        assert_eq!(Mapping { data: opened, ..mapping }.members_elsewhere(), ["topic"]);
    }
}
