//! How the events of such a store are gathered from a server, in the server's own SQL.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// How rows are chosen on a server, and which rows of other tables belong to them. Expressions are those of PostgreSQL, on
/// the columns of the events' table alone, or on tables of the schema `{schema}`; what is left out is what the mapping says, where that is a plain column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatherSpec {
    /// The column in whose order events are written: a whole number. Without it the position's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Which rows are gathered at all.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The name of an event's stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The event's type.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// When it was recorded, with its zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// The channel on which the store itself tells of new events; `{schema}` stands for the schema's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
    /// Where somebody else says what the table is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_in: Option<NamedIn>,
    /// The tables that the events are joined with, each with the condition on its rows that belong to a part of the
    /// events: `{slice}` stands for those events.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub beside: IndexMap<String, String>,
}

impl GatherSpec {
    /// The same with the name of a schema, an identifier, in place of `{schema}` in every expression.
    #[must_use]
    pub fn in_schema(&self, schema: &str) -> Self {
        let of = |sql: &Option<String>| sql.as_ref().map(|sql| sql.replace("{schema}", schema));
        let beside = self.beside.iter().map(|(table, sql)| (table.clone(), sql.replace("{schema}", schema)));
        Self {
            filter: of(&self.filter),
            stream: of(&self.stream),
            event_type: of(&self.event_type),
            timestamp: of(&self.timestamp),
            beside: beside.collect(),
            ..self.clone()
        }
    }
}

/// A table that has a row for each table of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedIn {
    /// That table.
    pub table: String,
    /// Its column with the names of tables.
    pub of: String,
    /// Its column with what they are about.
    pub label: String,
}
