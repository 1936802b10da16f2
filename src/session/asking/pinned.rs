//! Finds the states that are compared: folds a stream to a version, reads a stored snapshot, opens another file.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::event::{StreamName, Version};
use crate::process::StopSwitch;
use crate::profile::Library;
use crate::replay::branch::{Branch, what_if};
use crate::replay::probe;
use crate::replay::{Moment, Probe, Seen, State};
use crate::session::FoundReducers;
use crate::session::workers::jobs::RunningJob;
use crate::session::workers::worker::JobContext;
use crate::source::{OpenOptions, Source};

/// The largest payload that is folded, as for states.
const FOLDED: u64 = 16 << 20;

/// How many of the events between two versions are listed.
const LISTED: usize = 500;

/// One of two states that are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedState {
    /// The stream that it is of.
    pub stream: StreamName,
    /// Its version; `None` for one without events.
    pub version: Option<Version>,
    /// What it was folded by, or that it is stored: "your rules", "stored snapshot".
    pub from: String,
    /// The state.
    pub state: Value,
}

impl ComparedState {
    /// One that was folded.
    fn folded(stream: StreamName, version: Option<Version>, state: &State, reducers: &FoundReducers) -> Self {
        let from = reducers.label(&stream.aggregate_type);
        Self { stream, version, from, state: state.to_json() }
    }
}

/// Events between two versions, and how many more there are.
pub(super) type Between = (Vec<Moment>, u64);

/// What streams are folded from, and by what.
pub(super) struct Folding<'a> {
    pub(super) source: &'a Source,
    pub(super) reducers: &'a FoundReducers,
    pub(super) context: &'a JobContext<'a>,
    pub(super) running: &'a RunningJob,
    pub(super) stop: StopSwitch,
}

impl Folding<'_> {
    /// The state of a stream that is named with its version, or the snapshot that is stored there.
    pub(super) fn stream(&self, name: &str, stored: bool) -> Result<ComparedState> {
        let (stream, version) = self.source.stream_at(name)?;
        if stored { self.snapshot(stream, version) } else { self.folded(stream, version) }
    }

    fn folded(&self, stream: StreamName, to: Option<Version>) -> Result<ComparedState> {
        self.source.leave_unread(Some(FOLDED));
        let mut evolve = self.reducers.evolver(&stream, &self.stop);
        let events = self.source.read_history(&stream, Version::MIN, to)?;
        let mut last = Last::default();
        probe::pass(&mut *evolve, &stream, events, &mut last, |count, _| {
            self.running.done(count);
            if self.context.token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(to) = to.filter(|to| last.0 != Some(*to)) {
            return Err(Error::not_found(format!("the stream {stream} has no version {to}")));
        }
        Ok(ComparedState::folded(stream, last.0, evolve.state(), self.reducers))
    }

    /// A stored snapshot, as the reducers would have it: the newest one where no version is named.
    fn snapshot(&self, stream: StreamName, version: Option<Version>) -> Result<ComparedState> {
        let stored = self.source.snapshots(&stream)?;
        let found = stored.iter().rev().find(|stored| version.is_none_or(|version| stored.version == version));
        let Some(found) = found else {
            let at = version.map_or_else(String::new, |version| format!(" at version {version}"));
            let versions: Vec<_> = stored.iter().rev().take(12).map(|stored| stored.version.to_string()).collect();
            let error = Error::not_found(format!("no snapshot of {stream} is stored{at}"));
            let hint = format!("There are snapshots at the versions {}.", versions.join(", "));
            return Err(if versions.is_empty() { error } else { error.with_hint(hint) });
        };
        let Some(state) = found.state.value() else {
            return Err(Error::new(ErrorKind::Unsupported, format!("the snapshot of {stream} cannot be read")));
        };
        let state = self.reducers.reducers.comparable(&stream, found.version, state)?;
        Ok(ComparedState { stream, version: Some(found.version), from: "stored snapshot".to_owned(), state })
    }

    /// What a branch of a stream comes to.
    pub(super) fn branch(&self, branch: &Branch) -> Result<ComparedState> {
        self.source.leave_unread(Some(FOLDED));
        let stream = branch.stream();
        let mut evolve = self.reducers.evolver(&stream, &self.stop);
        let events = self.source.read_history(&stream, Version::MIN, None)?;
        let found = what_if(&mut *evolve, branch, events, &mut (), |steps| {
            self.running.done(steps);
            if self.context.token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(ComparedState::folded(stream, found.version, &found.branch, self.reducers))
    }

    /// The events behind the lower of two versions, up to the higher one.
    pub(super) fn between(&self, stream: &StreamName, one: Version, other: Version) -> Result<Between> {
        let (low, high) = (one.min(other), one.max(other));
        let (mut listed, mut left_out) = (Vec::new(), 0);
        if low == high {
            return Ok((listed, left_out));
        }
        for event in self.source.read_stream(stream, low.saturating_add(1), Some(high))? {
            let event = event?;
            if listed.len() < LISTED {
                listed.push(Moment::of(&event));
            } else {
                left_out += 1;
            }
        }
        Ok((listed, left_out))
    }
}

/// Another file, read as it is now, and what its streams are folded by.
pub(super) fn elsewhere(
    file: &Path,
    profiles: Option<&Path>,
    context: &JobContext<'_>,
) -> Result<(Source, FoundReducers)> {
    let library = profiles.map(Library::read).unwrap_or_default();
    let options = OpenOptions { library: Arc::new(library), ..OpenOptions::default() };
    let source = Source::open_reporting(file, &options, &mut |_| {
        if context.token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    source.set_interrupt(context.token.interrupt())?;
    if source.mapping().is_none() {
        let message = format!("{} was not recognised as an event store", file.display());
        return Err(Error::new(ErrorKind::Unsupported, message)
            .with_hint("Open it by itself to say which of its tables hold the events."));
    }
    let reducers = FoundReducers::find(file, None, source.state_spec())?;
    Ok((source, reducers))
}

/// The last version that was folded.
#[derive(Default)]
struct Last(Option<Version>);

impl Probe for Last {
    fn after(&mut self, seen: &Seen<'_>) {
        self.0 = Some(seen.event.version);
    }
}
