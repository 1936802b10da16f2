//! How much there is in a store, of what, and from when to when.

use std::ops::ControlFlow;

use crate::error::{Error, ErrorKind, Result};
use crate::event::Timestamp;
use crate::source::layout::Columns;
use crate::source::{Census, ScanRange, Source};

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
        let (mut found, uncounted) = Self::by_index(source)?;
        hear(progress(&found))?;
        if !uncounted.is_nothing() {
            let census = uncounted.count(source, ScanRange::default(), &mut |census| {
                found.take(census, uncounted);
                progress(&found)
            })?;
            found.take(&census, uncounted);
        }
        Ok(found)
    }

    /// What indexes tell, and what they do not. Streams are not counted.
    pub fn by_index(source: &Source) -> Result<(Self, Uncounted)> {
        let types = source.types_by_index()?;
        // What an index has of each type, it has of all: they need not be counted twice.
        let events = match types.as_deref() {
            Some(types) if !types.is_empty() => types.iter().map(|(_, count)| count).sum(),
            _ => source.count()?,
        };
        let times = source.ends_of_time()?;
        let missing = |known: bool, column: Columns| if known { Columns::NONE } else { column };
        let uncounted =
            Uncounted(missing(types.is_some(), Columns::EVENT_TYPE).with(missing(times.is_some(), Columns::TIMESTAMP)));
        let [first, last] = times.unwrap_or_default();
        let mut found = Self { events, event_types: types.unwrap_or_default(), first, last, ..Self::default() };
        found.sort();
        Ok((found, uncounted))
    }

    /// Takes in what was counted event by event.
    pub fn take(&mut self, census: &Census, uncounted: Uncounted) {
        if uncounted.0.has(Columns::EVENT_TYPE) {
            self.event_types = census.types();
            self.sort();
        }
        if uncounted.0.has(Columns::TIMESTAMP) {
            [self.first, self.last] = census.times();
        }
    }

    fn sort(&mut self) {
        self.event_types.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
}

/// What no index tells of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uncounted(Columns);

impl Uncounted {
    /// Whether indexes tell everything.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self.0 == Columns::NONE
    }

    /// Looks at each event of a range for it; `on` hears of what is known so far, and may break off.
    ///
    /// # Errors
    /// What reading failed with; [`ErrorKind::Cancelled`] where `on` broke off.
    pub fn count(
        self,
        source: &Source,
        range: ScanRange,
        on: &mut dyn FnMut(&Census) -> ControlFlow<()>,
    ) -> Result<Census> {
        source.census(self.0, range, on)
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

/// An error of kind [`ErrorKind::Cancelled`] where somebody broke off.
pub(super) fn hear(answer: ControlFlow<()>) -> Result<()> {
    if answer.is_break() { Err(Error::new(ErrorKind::Cancelled, "the work was stopped")) } else { Ok(()) }
}
