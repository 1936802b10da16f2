//! Events of a stream that are read together, and the keys by which the walk goes on behind them.

use super::Source;
use super::keys::key_of;
use super::layout::{COLUMNS, Columns, Layout, Payloads};
use super::query::Query;
use super::value::Stored;
use crate::error::Result;
use crate::event::Event;

/// What one statement reads.
#[derive(Default)]
pub(super) struct Chunk {
    pub events: Vec<Event>,
    /// The key of each event in the store, where positions are counted.
    pub keys: Vec<Vec<Stored>>,
    /// The key of the last one in its stream.
    pub last: Option<Vec<Stored>>,
}

impl Chunk {
    /// Takes in the next event and its key in the stream, with that in the store behind it.
    pub fn push(&mut self, layout: &Layout, event: Event, mut key: Vec<Stored>) {
        let in_store = key.split_off(layout.stream_order.len().min(key.len()));
        if !layout.has_positions() {
            self.keys.push(in_store);
        }
        self.events.push(event);
        self.last = Some(key);
    }
}

/// The values that stand behind an event's columns while a stream is read: its key in the stream, then in the store.
pub(super) fn keys(layout: &Layout) -> Vec<String> {
    layout.stream_order.iter().chain(&layout.order).cloned().collect()
}

impl Source {
    /// The events of a statement that selects [`keys`] behind their columns.
    pub(super) fn read_chunk(
        &self,
        query: &Query,
        (columns, payloads): (Columns, Payloads),
        most: usize,
    ) -> Result<Chunk> {
        let layout = self.layout()?;
        let (in_stream, counted) = (layout.stream_order.len(), !layout.has_positions());
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut chunk = Chunk { events: Vec::with_capacity(most), ..Chunk::default() };
        let mut last = Vec::with_capacity(in_stream);
        while let Some(row) = rows.next()? {
            chunk.events.push(layout.event_with(row, columns, payloads)?);
            if counted {
                chunk.keys.push(key_of(row, COLUMNS + in_stream, layout.order.len())?);
            }
            // Most keys are followed by another one: what holds them is used again.
            last.clear();
            for at in COLUMNS..COLUMNS + in_stream {
                last.push(Stored::from(row.get_ref(at)?));
            }
        }
        chunk.last = (!chunk.events.is_empty()).then_some(last);
        Ok(chunk)
    }
}
