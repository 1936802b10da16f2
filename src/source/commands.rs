//! The commands that a store of our own format remembers: what was asked about a stream, and what came of it.

use super::Source;
use super::query::Query;
use super::value::Stored;
use crate::codec::{Format, decode};
use crate::error::Result;
use crate::event::{Position, StreamName, Timestamp};

/// The table, and the columns that make it the one of our format.
const TABLE: &str = "commands";
const COLUMNS: [&str; 8] = [
    "command_id",
    "command_type",
    "aggregate_type",
    "aggregate_id",
    "processed_at",
    "actor",
    "first_position",
    "event_count",
];

/// A command that was processed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandRecord {
    /// Its id.
    pub id: String,
    /// What was asked, such as `place_order`.
    pub command_type: String,
    /// When it was processed.
    pub processed_at: Option<Timestamp>,
    /// Who asked.
    pub actor: Option<String>,
    /// The first event that it produced; none where it changed nothing.
    pub first: Option<Position>,
    /// How many events it produced; they follow each other.
    pub events: u64,
}

impl Source {
    /// Whether the database remembers commands.
    #[must_use]
    pub fn has_commands(&self) -> bool {
        let is_native = self.detection().is_some_and(|found| found.profile.name == "native");
        let table = self.shared.tables.iter().find(|table| table.name == TABLE);
        is_native && table.is_some_and(|table| COLUMNS.iter().all(|column| table.column(column).is_some()))
    }

    /// The commands about a stream, the newest first, at most `limit`.
    pub fn commands(&self, stream: &StreamName, limit: usize) -> Result<Vec<CommandRecord>> {
        if !self.has_commands() {
            return Ok(Vec::new());
        }
        let mut query = Query::new(format!("SELECT {} FROM {TABLE} WHERE aggregate_type = ", COLUMNS.join(", ")));
        query.bind(Stored::text(&stream.aggregate_type)).push(" AND aggregate_id = ");
        query.bind(Stored::text(&stream.aggregate_id)).push(" ORDER BY processed_at DESC, first_position DESC LIMIT ");
        query.bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |index| row.get_ref(index).map(|value| decode::text(value, Format::Auto));
            found.push(CommandRecord {
                id: text(0)?.unwrap_or_default(),
                command_type: text(1)?.unwrap_or_default(),
                processed_at: decode::timestamp(row.get_ref(4)?, Format::Iso8601),
                actor: text(5)?,
                first: Stored::from(row.get_ref(6)?).to_integer(),
                events: Stored::from(row.get_ref(7)?).to_integer().unwrap_or_default().unsigned_abs(),
            });
        }
        Ok(found)
    }
}
