//! The events of a stream as they are replayed: with what the state takes over from outside the stream, where the library
//! keeps a part of it for several streams together.

use std::iter::Peekable;
use std::vec::IntoIter;

use serde_json::{Map, Value, json};

use super::{Source, StreamReader};
use crate::error::Result;
use crate::event::{Briefs, Event, Payload, Position, StreamName, Version};

/// The events of a stream, for a fold.
pub struct History<'a> {
    events: StreamReader<'a>,
    shared: Option<TakenOver>,
}

/// What comes at one position; at none, before the first event.
type Part = (Option<Position>, Map<String, Value>);

/// What a state takes over, position by position, and all of it up to the event that was read last.
struct TakenOver {
    coming: Peekable<IntoIter<Part>>,
    so_far: Map<String, Value>,
}

impl History<'_> {
    /// Reads of each event its position, version, type and data, and leaves all else empty: for a fold that looks at
    /// nothing else.
    #[must_use]
    pub fn data_alone(self) -> Self {
        Self { events: self.events.data_alone(), ..self }
    }
}

impl Source {
    /// As [`Source::read_stream`], with what [`StateSpec::shared`](crate::profile::StateSpec::shared) gives as `shared`
    /// in the metadata.
    ///
    /// # Errors
    /// Those of reading.
    pub fn read_history(&self, stream: &StreamName, from: Version, to: Option<Version>) -> Result<History<'_>> {
        let shared = self.state_spec().and_then(|spec| spec.shared.as_deref());
        let shared = shared.map_or(Ok(None), |sql| self.taken_over(sql, stream))?;
        Ok(History { events: self.read_stream(stream, from, to)?.waiting(), shared })
    }

    fn taken_over(&self, sql: &str, stream: &StreamName) -> Result<Option<TakenOver>> {
        // A file that lacks a table of the query's shares nothing.
        let Ok(mut statement) = self.conn.prepare(sql) else { return Ok(None) };
        let names = [(":aggregate_type", &stream.aggregate_type), (":aggregate_id", &stream.aggregate_id)];
        let rows = statement.query_map(&names, |row| {
            let text: Option<String> = row.get(1)?;
            let state = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            Ok((row.get(0)?, state))
        })?;
        let coming: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Some(TakenOver { coming: coming.into_iter().peekable(), so_far: Map::new() }))
    }
}

impl TakenOver {
    /// What is shared when the event at a position has happened.
    fn at(&mut self, position: Position) -> Value {
        let past = |row: &(Option<Position>, Map<String, Value>)| row.0.is_none_or(|at| at <= position);
        while let Some((_, state)) = self.coming.next_if(past) {
            self.so_far.extend(state);
        }
        Value::Object(self.so_far.clone())
    }
}

impl History<'_> {
    /// The next events, as many as are read together; `None` at the end.
    pub fn next_chunk(&mut self) -> Option<Result<Vec<Event>>> {
        let mut chunk = self.events.next_chunk()?;
        if let Ok(events) = &mut chunk {
            for event in events {
                self.take_over(event);
            }
        }
        Some(chunk)
    }

    /// Takes in the next events, as many as are read together, in place of those that are there; `None` at the end. With
    /// `marks` each comes with its time and its schema version. What the state takes over from outside the stream is left
    /// out, as is all that a fold does not look at which reads data alone.
    pub fn next_briefs(&mut self, marks: bool, into: &mut Briefs) -> Option<Result<()>> {
        self.events.next_briefs(marks, into)
    }

    /// Puts what the state takes over into the metadata of an event that has none.
    fn take_over(&mut self, event: &mut Event) {
        if let Some(shared) = &mut self.shared
            && event.metadata.value().is_none()
        {
            event.metadata = Payload::json(json!({"shared": shared.at(event.position)}));
        }
    }
}

impl Iterator for History<'_> {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut event = self.events.next()?;
        if let Ok(event) = &mut event {
            self.take_over(event);
        }
        Some(event)
    }
}
