//! Folds streams for the verbs that ask of their history, and gives what is found as it is found.

use std::ops::ControlFlow;

use serde_json::Value;

use crate::error::Result;
use crate::event::{StreamName, Version};
use crate::process::StopSwitch;
use crate::replay::probe::{self, Seen};
use crate::replay::{Finds, Probe, State};
use crate::session::{FoundReducers, fold_ahead, one_line};
use crate::source::Source;

use super::arguments::{Database, Folding};
use super::output::{Failure, Outcome};
use super::progress::Progress;

/// A database, and what its streams are folded by.
pub(super) struct Folder {
    pub(super) source: Source,
    pub(super) found: FoundReducers,
    /// Whether streams were named: then each is worth a thread that reads it.
    named: bool,
}

/// Where a fold ended.
pub(super) struct Folded {
    /// The last version; `None` where there was no event.
    pub(super) version: Option<Version>,
    /// The state after it.
    pub(super) state: State,
}

impl Folder {
    /// Opens the database of a verb that asks of some streams, or of all where it names none.
    pub(super) fn open(database: &Database, folding: &Folding, streams: &[&str]) -> Result<Self> {
        let source = super::open_events(database)?;
        let named = |text: &&str| Ok(super::stream_at(&source, text)?.0);
        let streams: Vec<StreamName> = streams.iter().map(named).collect::<Result<_>>()?;
        let named = !streams.is_empty();
        let found = super::reducers::choose(database, &source, folding, &streams)?;
        Ok(Self { source, found, named })
    }

    /// Where the states of a stream come from.
    pub(super) fn label(&self, stream: &StreamName) -> String {
        self.found.label(&stream.aggregate_type)
    }

    /// The stream and the version that `STREAM[@VERSION]` names.
    pub(super) fn stream_at(&self, text: &str) -> Result<(StreamName, Option<Version>)> {
        super::stream_at(&self.source, text)
    }

    /// Folds a stream up to a version and shows it to a probe. What that finds is given to `each`, some at a time.
    pub(super) fn ask<P: Finds>(
        &self,
        (stream, to): (&StreamName, Option<Version>),
        probe: &mut P,
        progress: &mut Progress,
        mut each: impl FnMut(&P, Vec<P::Finding>) -> Outcome,
    ) -> Outcome<Folded> {
        let mut evolve = self.found.evolver(stream, &StopSwitch::default());
        let mut both = (Reached::default(), probe);
        let mut failure: Option<Failure> = None;
        let mut given = |probe: &mut P, progress: &mut Progress| {
            let findings = probe.take();
            if findings.is_empty() {
                return Ok(());
            }
            progress.clear();
            each(probe, findings)
        };
        let range = (Version::MIN, to);
        let mut on = |count, (_, probe): &mut (Reached, &mut P)| {
            progress.tell(count, "events");
            match given(probe, progress) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        let passed = if self.named {
            let again = self.source.reopen()?;
            fold_ahead(
                move || Ok(again),
                stream,
                range,
                |events| probe::pass(&mut *evolve, stream, events, &mut both, &mut on),
            )
        } else {
            let events = self.source.read_history(stream, range.0, range.1)?;
            probe::pass(&mut *evolve, stream, events, &mut both, &mut on)
        };
        if let Some(failure) = failure {
            return Err(failure);
        }
        passed?;
        given(both.1, progress)?;
        Ok(Folded { version: both.0.0, state: evolve.state().clone() })
    }

    /// The state of a stream at a version, or at its last.
    pub(super) fn state(&self, stream: &StreamName, to: Option<Version>) -> Outcome<Value> {
        let folded = self.ask((stream, to), &mut Nothing, &mut Progress::new(), |_, _| Ok(()))?;
        folded.require(stream, to)?;
        Ok(folded.state.to_json())
    }

    /// Gives every stream to `each`, and ends at its first failure.
    pub(super) fn each_stream(&self, mut each: impl FnMut(&StreamName) -> Outcome) -> Outcome {
        // What is asked of a stream is asked of another connection than that which lists them.
        let list = self.source.reopen()?;
        let mut failure: Option<Failure> = None;
        list.streams(&mut |stream| match each(&stream.name) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failure.map_or(Ok(()), Err)
    }
}

impl Folded {
    /// The last version, or an error where the stream does not reach the one that was asked for.
    pub(super) fn require(&self, stream: &StreamName, to: Option<Version>) -> Result<Version> {
        match self.version {
            Some(last) if to.is_none_or(|to| last >= to) => Ok(last),
            last => Err(super::state::not_reached(stream, to, last)),
        }
    }
}

/// The last version that was folded.
#[derive(Default)]
struct Reached(Option<Version>);

impl Probe for Reached {
    fn after(&mut self, seen: &Seen<'_>) {
        self.0 = Some(seen.event.version);
    }

    fn is_done(&self) -> bool {
        // Whether there is more to see is for the question to say.
        true
    }
}

/// A question without findings: the fold alone.
struct Nothing;

impl Probe for Nothing {
    fn after(&mut self, _: &Seen<'_>) {}
}

impl Finds for Nothing {
    type Finding = ();

    fn take(&mut self) -> Vec<()> {
        Vec::new()
    }
}

/// A value in one line for people; a dash where there is none.
pub(super) fn short(value: Option<&Value>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| one_line(&value.to_string()))
}
