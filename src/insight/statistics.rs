//! How much there is in a store, of what, and from when to when.

use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, Timestamp};
use crate::source::Source;
use crate::source::layout::Columns;

/// What a store holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// How many events there are; while it is gathered, how many were counted so far.
    pub events: u64,
    /// How many streams there are.
    pub streams: u64,
    /// Each event type with the number of its events, the most frequent first.
    pub event_types: Vec<(String, u64)>,
    /// The earliest time of an event.
    pub first: Option<Timestamp>,
    /// The latest time of an event.
    pub last: Option<Timestamp>,
}

impl Statistics {
    /// Everything at once; see [`Self::gather`] and [`count_streams`].
    pub fn of(source: &Source) -> Result<Self> {
        let found = Self::gather(source, &mut |_| ControlFlow::Continue(()))?;
        Ok(Self { streams: count_streams(source)?, ..found })
    }

    /// Counts what there is, but for the streams. `progress` hears of what is known so far, and may break it off.
    ///
    /// Types and times come from an index where there is one; for what has none, every event is looked at once, with
    /// only those columns and in short transactions.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] where `progress` or the source's interrupt stopped it.
    pub fn gather(source: &Source, progress: &mut dyn FnMut(&Self) -> ControlFlow<()>) -> Result<Self> {
        let types = source.types_by_index()?;
        // What an index has of each type, it has of all: they need not be counted twice.
        let events = match types.as_deref() {
            Some(types) if !types.is_empty() => types.iter().map(|(_, count)| count).sum(),
            _ => source.count()?,
        };
        let mut found = Self { events, ..Self::default() };
        let times = source.ends_of_time()?;
        found.event_types = types.clone().unwrap_or_default();
        [found.first, found.last] = times.clone().unwrap_or_default();
        found.sort();
        hear(progress(&found))?;
        let mut wanted = Columns::NONE;
        if types.is_none() {
            wanted = wanted.with(Columns::EVENT_TYPE);
        }
        if times.is_none() {
            wanted = wanted.with(Columns::TIMESTAMP);
        }
        if wanted == Columns::EVENT_TYPE {
            found.look_at_types(source, progress)?;
        } else if wanted != Columns::NONE {
            found.look(source, wanted, progress)?;
        }
        Ok(found)
    }

    fn look_at_types(&mut self, source: &Source, progress: &mut dyn FnMut(&Self) -> ControlFlow<()>) -> Result<()> {
        let walked = source.types_by_walk(&mut |types| {
            self.event_types = types;
            self.sort();
            progress(self)
        })?;
        hear(walked)
    }

    fn look(
        &mut self,
        source: &Source,
        wanted: Columns,
        progress: &mut dyn FnMut(&Self) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut counts: HashMap<String, u64> = HashMap::new();
        let walked = source.skim(wanted, &mut |events| {
            for event in events {
                self.take(event, wanted, &mut counts);
            }
            if wanted.has(Columns::EVENT_TYPE) {
                self.event_types = counts.iter().map(|(name, count)| (name.clone(), *count)).collect();
            }
            self.sort();
            progress(self)
        })?;
        hear(walked)
    }

    fn take(&mut self, event: &Event, wanted: Columns, counts: &mut HashMap<String, u64>) {
        if wanted.has(Columns::EVENT_TYPE) {
            match counts.get_mut(&event.event_type) {
                Some(count) => *count += 1,
                None => drop(counts.insert(event.event_type.clone(), 1)),
            }
        }
        if let (true, Some(time)) = (wanted.has(Columns::TIMESTAMP), &event.timestamp) {
            if self.first.as_ref().is_none_or(|first| earlier(time, first)) {
                self.first = Some(time.clone());
            }
            if self.last.as_ref().is_none_or(|last| earlier(last, time)) {
                self.last = Some(time.clone());
            }
        }
    }

    fn sort(&mut self) {
        self.event_types.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
}

/// How many streams a store has.
pub fn count_streams(source: &Source) -> Result<u64> {
    if let Some(streams) = source.streams_by_index_alone()? {
        return Ok(streams);
    }
    let mut streams = 0;
    source.streams(&mut |_| {
        streams += 1;
        ControlFlow::Continue(())
    })?;
    Ok(streams)
}

/// Whether one time lies before another; one that cannot be read as a moment lies nowhere.
fn earlier(a: &Timestamp, b: &Timestamp) -> bool {
    match (a.utc, b.utc) {
        (Some(a), Some(b)) => a < b,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// An error of kind [`ErrorKind::Cancelled`] where somebody broke off.
pub(super) fn hear(answer: ControlFlow<()>) -> Result<()> {
    if answer.is_break() { Err(Error::new(ErrorKind::Cancelled, "the work was stopped")) } else { Ok(()) }
}
