//! The history of a stream: a mark for each version, and the state at any of them without folding from the start.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

use super::blame::{Blame, Touches};
use super::change::Change;
use super::fold::{Fold, Outcome, Step};
use super::reducers::Reducers;
use super::state::State;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, Position, Timestamp, Version};

/// After how many events the first keyframes are kept; the distance doubles whenever they outgrow their bytes.
const FIRST_DISTANCE: usize = 32;

/// After how many events, at the latest, somebody hears of the progress, and may stop it.
const PROGRESS: usize = 256;

/// How much a timeline may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes its keyframes may occupy, roughly. With 0 every seek folds from the start.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 32 * 1024 * 1024 }
    }
}

/// One event of a stream, as a timeline shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The event's version.
    pub version: Version,
    /// The event's position in the whole store.
    pub position: Position,
    /// The event's type.
    pub event_type: Arc<str>,
    /// When it was recorded.
    pub timestamp: Option<Timestamp>,
    /// The version of the event type's own shape.
    pub schema_version: Option<Arc<str>>,
    /// Whether its rule did its work.
    pub outcome: Outcome,
    /// In how many places it changed the state.
    pub changed: usize,
}

/// The state of a stream at one version, and how it came to be.
#[derive(Clone, Debug)]
pub struct StateAt {
    /// The version; that of the last event up to the one asked for, or the one asked for where there is none.
    pub version: Version,
    /// The position of the event that led to it; `None` before the first event.
    pub position: Option<Position>,
    /// The state.
    pub state: Value,
    /// What that event changed.
    pub changes: Vec<Change>,
    /// Whether that event's rule did its work.
    pub outcome: Outcome,
    /// Which event last set what.
    pub blame: Blame,
}

/// The folded history of one stream.
#[derive(Debug)]
pub struct Timeline {
    marks: Vec<Mark>,
    /// Whether versions never fall; a damaged store may have them in any order.
    ascending: bool,
    start: State,
    end: Fold,
    last_changes: Vec<Change>,
    keyframes: Keyframes,
    touches: Touches,
    names: HashSet<Arc<str>>,
}

impl Timeline {
    /// Folds the events of one stream, in the stream's order.
    ///
    /// `progress` hears of the number of events folded so far from time to time, and may stop the work.
    ///
    /// # Errors
    /// What reading an event failed with; [`ErrorKind::Cancelled`] if `progress` stopped it. A rule that fails is no
    /// error: its mark says so.
    pub fn build(
        events: impl Iterator<Item = Result<Event>>,
        reducers: &Reducers,
        limits: Limits,
        mut progress: impl FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Self> {
        let mut events = events.peekable();
        let aggregate_type = match events.peek() {
            Some(Ok(event)) => event.stream.aggregate_type.clone(),
            _ => String::new(),
        };
        let end = Fold::new(reducers, &aggregate_type);
        let mut timeline = Self {
            marks: Vec::new(),
            ascending: true,
            start: end.inner().clone(),
            end,
            last_changes: Vec::new(),
            keyframes: Keyframes::new(limits),
            touches: Touches::default(),
            names: HashSet::new(),
        };
        for event in events {
            timeline.push(&event?);
            let count = timeline.marks.len();
            // A rule that fails may have run for long first.
            let failed = timeline.marks.last().is_some_and(|mark| matches!(mark.outcome, Outcome::Failed(_)));
            if (failed || count.is_multiple_of(PROGRESS)) && progress(count).is_break() {
                return Err(Error::new(ErrorKind::Cancelled, "the replay was stopped"));
            }
        }
        Ok(timeline)
    }

    /// Folds events that were appended to the stream since. Returns how many.
    ///
    /// # Errors
    /// What reading an event failed with; the events before it are taken.
    pub fn extend(&mut self, events: impl Iterator<Item = Result<Event>>) -> Result<usize> {
        let before = self.marks.len();
        for event in events {
            self.push(&event?);
        }
        Ok(self.marks.len() - before)
    }

    /// One mark for each event, in the stream's order.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// A fold at the last version, to see what a further event would do.
    #[must_use]
    pub fn fold(&self) -> Fold {
        self.end.clone()
    }

    /// The state at a version: after the last event up to it. Below the first version it is that before any event.
    ///
    /// `refetch` reads the stream's events from one version to another again, both included; at most those from the
    /// nearest keyframe on are asked for.
    ///
    /// # Errors
    /// What `refetch` failed with, or [`ErrorKind::NotFound`] if it no longer gives the events that were folded.
    pub fn state_at(
        &self,
        version: Version,
        refetch: impl FnMut(Version, Version) -> Result<Vec<Event>>,
    ) -> Result<StateAt> {
        let events = self.events_until(version);
        let blame = self.touches.blame(events);
        let Some(mark) = events.checked_sub(1).and_then(|last| self.marks.get(last)) else {
            let (state, outcome) = (self.start.to_json(), Outcome::Applied);
            return Ok(StateAt { version, position: None, state, changes: Vec::new(), outcome, blame });
        };
        let (state, changes) = if events == self.marks.len() {
            (self.end.state(), self.last_changes.clone())
        } else {
            self.fold_again(events, refetch)?
        };
        let (version, position, outcome) = (mark.version, Some(mark.position), mark.outcome.clone());
        Ok(StateAt { version, position, state, changes, outcome, blame })
    }

    fn push(&mut self, event: &Event) {
        if self.marks.is_empty() {
            // An empty stream did not tell its type.
            self.end = self.end.of(&event.stream.aggregate_type);
            self.start = self.end.inner().clone();
        }
        let Step { version, position, changes, outcome } = self.end.step(event);
        self.ascending &= self.marks.last().is_none_or(|mark| mark.version <= version);
        self.touches.push(version, &changes);
        let mark = Mark {
            version,
            position,
            event_type: self.name(&event.event_type),
            timestamp: event.timestamp.clone(),
            schema_version: event.schema_version.as_deref().map(|name| self.name(name)),
            outcome,
            changed: changes.len(),
        };
        self.marks.push(mark);
        self.last_changes = changes;
        self.keyframes.offer(self.marks.len(), self.end.inner());
    }

    /// The same text once, however many events have it.
    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let new: Arc<str> = name.into();
        self.names.insert(new.clone());
        new
    }

    /// How many events lead to a version.
    fn events_until(&self, version: Version) -> usize {
        if self.ascending {
            return self.marks.partition_point(|mark| mark.version <= version);
        }
        self.marks.iter().rposition(|mark| mark.version == version).map_or(0, |last| last + 1)
    }

    fn fold_again(
        &self,
        events: usize,
        mut refetch: impl FnMut(Version, Version) -> Result<Vec<Event>>,
    ) -> Result<(Value, Vec<Change>)> {
        let (from, state) = self.keyframes.nearest(events.saturating_sub(1)).unwrap_or((0, &self.start));
        let marks = self.marks.get(from..events).unwrap_or_default();
        let versions = || marks.iter().map(|mark| mark.version);
        let (Some(first), Some(last)) = (versions().min(), versions().max()) else { return Err(changed()) };
        let mut fold = self.end.at(state.clone());
        let mut changes = Vec::new();
        let mut expected = marks.iter().peekable();
        // A version that occurs twice brings events along that are not of this stretch.
        for event in refetch(first, last)? {
            if expected.next_if(|mark| mark.position == event.position && mark.version == event.version).is_some() {
                changes = fold.step(&event).changes;
            }
        }
        if expected.peek().is_some() { Err(changed()) } else { Ok((fold.state(), changes)) }
    }
}

fn changed() -> Error {
    Error::not_found("the stream no longer holds the events that were folded").with_hint("Refresh to read it again.")
}

/// States on the way, at even distances, within a number of bytes.
#[derive(Debug)]
struct Keyframes {
    limit: usize,
    distance: usize,
    bytes: usize,
    /// After how many events, which state, how many bytes.
    frames: Vec<(usize, State, usize)>,
}

impl Keyframes {
    fn new(limits: Limits) -> Self {
        Self { limit: limits.bytes, distance: FIRST_DISTANCE, bytes: 0, frames: Vec::new() }
    }

    fn offer(&mut self, events: usize, state: &State) {
        if !events.is_multiple_of(self.distance) {
            return;
        }
        let bytes = state.size();
        self.frames.push((events, state.clone(), bytes));
        self.bytes += bytes;
        while self.bytes > self.limit {
            self.distance *= 2;
            let distance = self.distance;
            self.frames.retain(|(events, ..)| events.is_multiple_of(distance));
            self.bytes = self.frames.iter().map(|(_, _, bytes)| bytes).sum();
        }
    }

    /// The last one that is after at most so many events.
    fn nearest(&self, events: usize) -> Option<(usize, &State)> {
        let count = self.frames.partition_point(|(after, ..)| *after <= events);
        self.frames.get(count.checked_sub(1)?).map(|(after, state, _)| (*after, state))
    }
}
