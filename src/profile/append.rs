//! How an event is written into a database that another program owns.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::event::Version;

/// How to append: the statements of [`AppendSpec::script`], all in one transaction.
///
/// Every expression and statement may use the parameters of [`PARAMETERS`]. `:version` is an integer. `:timestamp`
/// is the moment of writing, as [`encode::timestamp`](crate::codec::encode::timestamp) writes it. `:data` is the data in the
/// encoding of the mapping's `data`, the JSON `null` included; `:metadata` likewise, but SQL's NULL where there is no
/// metadata. The rest is text, or NULL where the event lacks the field. `:event_id` always has a value: a new UUID
/// where the event brings none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppendSpec {
    /// The table that the event becomes a row of.
    pub table: String,
    /// The version of a new stream's first event: 0 or 1.
    #[serde(default = "one")]
    pub start_version: Version,
    /// The text of `:timestamp`, in the letters of `strftime` (chrono's), in UTC. None: the mapping's format decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Each condition must hold, or the event is refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    /// Statements that go before the INSERT, such as the row of a stream that the event refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// Column names and the SQL expressions of their values. Columns that are not named get their default.
    pub columns: IndexMap<String, String>,
    /// Statements that go after the INSERT, such as the upsert of a table of streams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// A condition for appending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// An SQL expression that must be true; NULL counts as false.
    pub sql: String,
    /// Why the event is refused where it is not: a sentence without its full stop.
    pub because: String,
}

/// The parameters that an append may name.
pub const PARAMETERS: [&str; 14] = [
    "aggregate_type",
    "aggregate_id",
    "version",
    "event_id",
    "event_type",
    "schema_version",
    "timestamp",
    "actor",
    "actor_type",
    "source",
    "causation_id",
    "correlation_id",
    "data",
    "metadata",
];

fn one() -> Version {
    1
}

impl AppendSpec {
    /// The INSERT statement, with every identifier quoted.
    #[must_use]
    pub fn insert_sql(&self) -> String {
        let names: Vec<String> = self.columns.keys().map(|name| super::schema::quoted(name)).collect();
        let values: Vec<String> = self.columns.values().map(|sql| format!("({sql})")).collect();
        let table = super::schema::quoted(&self.table);
        format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
    }

    /// The statements of an append in their order. Each may use any of the parameters, and need not use all.
    #[must_use]
    pub fn script(&self) -> Vec<String> {
        let mut statements = self.before.clone();
        statements.push(self.insert_sql());
        statements.extend(self.also.iter().cloned());
        statements
    }

    /// Every piece of SQL in it, with where it stands.
    pub(super) fn statements(&self) -> impl Iterator<Item = (String, &str)> {
        let columns = self.columns.iter().map(|(name, sql)| (format!("append.columns.{name}"), sql.as_str()));
        let before = self.before.iter().map(|sql| ("append.before".to_owned(), sql.as_str()));
        let also = self.also.iter().map(|sql| ("append.also".to_owned(), sql.as_str()));
        let requires = self.requires.iter().map(|rule| ("append.requires".to_owned(), rule.sql.as_str()));
        columns.chain(before).chain(also).chain(requires)
    }
}

/// The names of the parameters in a piece of SQL, outside its string literals, in order and with repetitions.
#[must_use]
pub fn parameters_of(sql: &str) -> Vec<&str> {
    let mut found = Vec::new();
    // Every second piece between quotes is a literal; a doubled quote inside one makes an empty piece, which is fine.
    for code in sql.split('\'').step_by(2) {
        found.extend(code.split(':').skip(1).filter_map(leading_name));
    }
    found
}

fn leading_name(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).filter(|name| !name.is_empty())
}
