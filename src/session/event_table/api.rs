//! What a session answers about the event table.

use std::ops::Range;

use crate::event::Position;
use crate::session::{EventPlace, Filter, FilterAnswer, FilterMatches, Query, Rows, Session, Status};

impl Session {
    /// Asks the event table's question anew; the previous answer is cancelled.
    pub fn set_query(&mut self, query: Query) {
        if let Some(parts) = &mut self.parts {
            let cleared = query.filter.terms.is_empty() && !parts.event_table.query().filter.terms.is_empty();
            parts.event_table.set_query(query);
            // What a filter lets through is spread over time once it is found; see `take`.
            if cleared && matches!(self.status, Status::Ready) {
                parts.statistics.ask_histogram(None);
            }
        }
    }

    /// Keeps the hits of this filter, which is about to be left, so as to mark them among other rows; with `None` none
    /// are. To be called before [`set_query`](Self::set_query).
    pub fn keep_hits(&mut self, of: Option<&Filter>) {
        if let Some(parts) = &mut self.parts {
            parts.event_table.keep_hits(of);
        }
    }

    /// Where the hits that are kept lie among the rows, from the first, 0, to the last, 1; `None` until that is known.
    #[must_use]
    pub fn hit_marks(&self) -> Option<std::sync::Arc<[f32]>> {
        self.parts.as_ref()?.event_table.marks()
    }

    /// The question that the event table answers.
    #[must_use]
    pub fn query(&self) -> Query {
        self.parts.as_ref().map(|parts| parts.event_table.query().clone()).unwrap_or_default()
    }

    /// The rows of the event table.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows::new(self.parts.as_ref().map(|parts| &parts.event_table))
    }

    /// Says which rows are in view, so that they are read, and a page around them.
    pub fn want_rows(&self, rows: Range<u64>) {
        if let Some(parts) = &self.parts {
            parts.event_table.want(rows);
        }
    }

    /// The row that shows the event at a position; `None` where the filter hides it, or until it is known.
    #[must_use]
    pub fn row_of(&self, position: Position) -> Option<u64> {
        match self.place_of(position) {
            EventPlace::Row(row) => Some(row),
            _ => None,
        }
    }

    /// Which answer of the filter is known, without the events that it lets through; `None` without a filter.
    #[must_use]
    pub fn filter_answer(&self) -> Option<FilterAnswer> {
        self.parts.as_ref()?.event_table.answer()
    }

    /// The events that the filter lets through, as far as they are found; `None` without a filter. They are copied: ask
    /// once for each [answer](Self::filter_answer).
    #[must_use]
    pub fn filter_matches(&self) -> Option<FilterMatches> {
        self.parts.as_ref()?.event_table.found()
    }

    /// Where the event at a position is among the rows.
    #[must_use]
    pub fn place_of(&self, position: Position) -> EventPlace {
        self.parts.as_ref().map_or(EventPlace::Unknown, |parts| parts.event_table.place_of(position))
    }
}
