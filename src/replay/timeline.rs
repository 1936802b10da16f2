//! The history of a stream: a mark for each version, and the state at any of them without folding from the start.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

use super::ahead::Ahead;
use super::blame::Blame;
use super::change::Change;
use super::evolve::Evolve;
use super::evolve::Outcome;
use super::fold::Fold;
use super::keyframes::Keyframes;
use super::marks::{Mark, Marks};
use super::probe::BlameIndex;
use super::reducers::Reducers;
use super::state::State;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Brief, Briefs, Event, Position, StreamName, Timestamp, Version};

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
    /// The version of the stored snapshot that it was folded from, where the events before that are yet to be folded:
    /// which of them set what is not known then.
    pub snapshot: Option<Version>,
}

/// The folded history of one stream.
#[derive(Debug)]
pub struct Timeline {
    marks: Marks,
    stream: StreamName,
    start: State,
    end: Box<dyn Evolve>,
    last_changes: Vec<Change>,
    keyframes: Keyframes,
    index: BlameIndex,
    types: HashSet<Arc<str>>,
}

impl Timeline {
    /// A timeline of a stream before its first event, to be [extended](Self::extend).
    ///
    /// # Errors
    /// What the evolver fails with when it begins.
    pub fn new(stream: &StreamName, mut evolve: Box<dyn Evolve>, limits: Limits) -> Result<Self> {
        evolve.begin(stream, None)?;
        Ok(Self {
            marks: Marks::default(),
            stream: stream.clone(),
            start: evolve.state().clone(),
            end: evolve,
            last_changes: Vec::new(),
            keyframes: Keyframes::new(limits.bytes),
            index: BlameIndex::default(),
            types: HashSet::new(),
        })
    }

    /// Folds the events of one stream by rules, in the stream's order.
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
        let stream = match events.peek() {
            Some(Ok(event)) => event.stream.clone(),
            _ => StreamName::default(),
        };
        let fold = Fold::new(reducers, &stream.aggregate_type);
        let mut timeline = Self::new(&stream, Box::new(fold), limits)?;
        for event in events {
            timeline.push(&event?)?;
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
        let mut events = Ahead::new(events);
        while let Some(event) = events.next(&mut *self.end) {
            self.push(&event?)?;
        }
        Ok(self.marks.len() - before)
    }

    /// Folds events that come next in the stream by what was read of them, where its evolver
    /// [reads data alone](Evolve::reads_data_alone).
    ///
    /// # Errors
    /// Those of the evolver; the events before it are taken.
    pub fn extend_by(&mut self, briefs: &Briefs) -> Result<()> {
        let mut left = briefs.len();
        for brief in briefs.iter() {
            left -= 1;
            // Of the last event it is asked in full what it changed.
            if left == 0 || self.marks.is_empty() || !self.advance(&brief) {
                let stream = self.stream.clone();
                self.push(&brief.to_event(&stream))?;
            }
        }
        Ok(())
    }

    /// Whether it reads of events no more than briefs have of them.
    #[must_use]
    pub fn reads_data_alone(&self) -> bool {
        self.end.reads_data_alone()
    }

    /// One mark for each event, in the stream's order.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// The stream that it is of.
    #[must_use]
    pub fn stream(&self) -> &StreamName {
        &self.stream
    }

    /// The types of the events in it.
    pub fn event_types(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(|name| &**name)
    }

    /// Goes on by another evolver, which gives the same states for what was folded so far.
    ///
    /// # Errors
    /// What the evolver fails with when it begins.
    pub fn go_on_by(&mut self, mut evolve: Box<dyn Evolve>) -> Result<()> {
        evolve.begin(&self.stream, Some(self.end.state()))?;
        self.end = evolve;
        Ok(())
    }

    /// An evolver at the last version, to see what a further event would do.
    ///
    /// # Errors
    /// What the evolver fails with when it begins.
    pub fn evolver(&self) -> Result<Box<dyn Evolve>> {
        self.evolver_at(self.end.state())
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
        let events = self.marks.until(version);
        let blame = self.index.blame(events);
        let Some(mark) = events.checked_sub(1).and_then(|last| self.marks.get(last)) else {
            let (state, outcome) = (self.start.to_json(), Outcome::Applied);
            return Ok(StateAt { version, position: None, state, changes: Vec::new(), outcome, blame, snapshot: None });
        };
        let (state, changes) = if events == self.marks.len() {
            (self.end.state().to_json(), self.last_changes.clone())
        } else {
            self.fold_again(events, refetch)?
        };
        let (version, position, outcome) = (mark.version, Some(mark.position), mark.outcome.clone());
        Ok(StateAt { version, position, state, changes, outcome, blame, snapshot: None })
    }

    fn push(&mut self, event: &Event) -> Result<()> {
        if self.marks.is_empty() && self.stream != event.stream {
            // An empty stream did not tell its name.
            self.stream = event.stream.clone();
            self.end.begin(&self.stream, None)?;
            self.start = self.end.state().clone();
        }
        let outcome = self.end.apply_into(event, &mut self.last_changes)?;
        let version = event.version;
        self.index.note(version, &self.last_changes);
        self.marks.push(Mark {
            version,
            position: event.position,
            event_type: &event.event_type,
            timestamp: event.timestamp.as_ref().map(Timestamp::by_ref),
            schema_version: event.schema_version.as_deref(),
            outcome: &outcome,
            changed: self.last_changes.len(),
        });
        self.pushed(&event.event_type);
        Ok(())
    }

    /// Takes the next event without its changes, where the evolver can; else nothing is done.
    fn advance(&mut self, brief: &Brief<'_>) -> bool {
        let mut changed = 0;
        let mut touched = self.index.next(brief.version);
        let outcome = self.end.advance_by(
            brief,
            Some(&mut |place| {
                changed += 1;
                touched.touch(place);
            }),
        );
        let Some(outcome) = outcome else { return false };
        touched.done();
        self.marks.push(Mark {
            version: brief.version,
            position: brief.position,
            event_type: brief.event_type,
            timestamp: brief.timestamp.map(Timestamp::by_ref),
            schema_version: brief.schema_version,
            outcome: &outcome,
            changed,
        });
        self.pushed(brief.event_type);
        true
    }

    /// A mark was pushed, and the state is that after it.
    fn pushed(&mut self, event_type: &str) {
        if !self.types.contains(event_type) {
            self.types.insert(event_type.into());
        }
        self.keyframes.offer(self.marks.len(), self.end.state());
    }

    fn evolver_at(&self, state: &State) -> Result<Box<dyn Evolve>> {
        let mut evolve = self.end.another()?;
        evolve.begin(&self.stream, Some(state))?;
        Ok(evolve)
    }

    fn fold_again(
        &self,
        events: usize,
        mut refetch: impl FnMut(Version, Version) -> Result<Vec<Event>>,
    ) -> Result<(Value, Vec<Change>)> {
        let (from, state) = self.keyframes.nearest(events.saturating_sub(1)).unwrap_or((0, &self.start));
        let marks = || self.marks.range(from..events);
        let versions = || marks().map(|mark| mark.version);
        let (Some(first), Some(last)) = (versions().min(), versions().max()) else { return Err(changed()) };
        let mut evolve = self.evolver_at(state)?;
        let mut changes = Vec::new();
        let mut expected = marks().peekable();
        // A version that occurs twice brings events along that are not of this stretch.
        let events = refetch(first, last)?;
        let mut events = Ahead::new(events.into_iter().map(Ok));
        while let Some(event) = events.next(&mut *evolve) {
            let event = event?;
            if expected.next_if(|mark| mark.position == event.position && mark.version == event.version).is_some() {
                evolve.apply_into(&event, &mut changes)?;
            }
        }
        if expected.peek().is_some() { Err(changed()) } else { Ok((evolve.state().to_json(), changes)) }
    }
}

fn changed() -> Error {
    Error::not_found("the stream no longer holds the events that were folded").with_hint("Refresh to read it again.")
}
