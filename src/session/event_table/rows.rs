//! The rows of the event table: how many there are, and those that were read, ready to be painted.

use std::sync::Arc;

use crate::error::Error;
use crate::event::{Position, StreamName, Timestamp, Version};
use crate::model::Sort;

use super::EventTable;
use crate::session::{Count, Filter};

/// The question that the event table answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Which events.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
}

/// One row of the event table: the envelope, and its texts as they are painted.
///
/// The data is not here but one line of it: the whole of it is
/// [`Session::event`](crate::session::Session::event)'s to give.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventRow {
    /// The place in the whole store.
    pub position: Position,
    /// The place in the stream.
    pub version: Version,
    /// The stream.
    pub stream: StreamName,
    /// What happened.
    pub event_type: Arc<str>,
    /// When it was recorded.
    pub timestamp: Option<Timestamp>,
    /// The version of the event type's own shape.
    pub schema_version: Option<String>,
    /// Who caused it.
    pub actor: Option<String>,
    /// Through what it came.
    pub source: Option<String>,
    /// The id of what caused it.
    pub causation_id: Option<String>,
    /// The id that everything caused by one request shares.
    pub correlation_id: Option<String>,
    /// The event's own id.
    pub event_id: Option<String>,
    /// The position with thousands separators: `1,234`.
    pub position_text: String,
    /// The version with thousands separators.
    pub version_text: String,
    /// The stream as `TYPE/ID`.
    pub stream_text: String,
    /// The moment in UTC, `2026-03-14 12:04:01.912`; the stored text where it is no readable moment.
    pub time_utc: String,
    /// The same in this computer's time zone.
    pub time_local: String,
    /// The data in one line of at most 240 characters.
    pub preview: String,
}

/// Where an event is among the rows of the event table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventPlace {
    /// It is not known yet.
    Unknown,
    /// It is this row.
    Row(u64),
    /// It is none of them.
    Hidden {
        /// The row that it would be before; `None` where the rows are in the order of something else.
        before: Option<u64>,
    },
}

/// The rows of the event table at this moment.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    table: Option<&'a EventTable>,
}

impl<'a> Rows<'a> {
    pub(in crate::session) fn new(table: Option<&'a EventTable>) -> Self {
        Self { table }
    }

    /// How many rows the answer has, or has so far.
    #[must_use]
    pub fn len(&self) -> Count {
        self.table.map(EventTable::len).unwrap_or_default()
    }

    /// Whether there is no row, so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len().value == 0
    }

    /// How many events there are without the filter.
    #[must_use]
    pub fn total(&self) -> Count {
        self.table.map(EventTable::total).unwrap_or_default()
    }

    /// A row by its number, from 0, where it was read already.
    /// [`Session::want_rows`](crate::session::Session::want_rows) has it read.
    #[must_use]
    pub fn get(&self, row: u64) -> Option<Arc<EventRow>> {
        self.table?.get(row)
    }

    /// Whether these are the rows of the previous question, shown until the present one has its first.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.table.is_some_and(EventTable::is_stale)
    }

    /// Why the question could not be answered, or a page of it not be read.
    #[must_use]
    pub fn error(&self) -> Option<Arc<Error>> {
        self.table?.error()
    }
}
