//! Every snapshot of the store held against the replay at its own version.

use std::ops::ControlFlow;

use super::survey::{Findings, Inquiry, Survey, Surveyor};
use crate::error::Result;
use crate::event::{StreamName, Version};
use crate::insight::{self, Finding, Scope};
use crate::replay::fault::Fault;
use crate::replay::probe::Compared;
use crate::session::FoundReducers;
use crate::session::workers::jobs::Subject;
use crate::source::Source;

/// What came of holding the snapshots against the replay, as far as it went.
pub type Drifts = Survey<DriftedSnapshots>;

/// The snapshots of a store that are not what the events fold to.
#[derive(Clone, Debug, Default)]
pub struct DriftedSnapshots {
    /// Those, stream by stream.
    pub found: Vec<DriftedSnapshot>,
    /// How many were compared.
    pub compared: u64,
    /// How many of these are what the events fold to.
    pub agree: u64,
    /// How many could not be read.
    pub unreadable: u64,
}

/// A snapshot that is not what the events fold to.
#[derive(Clone, Debug)]
pub struct DriftedSnapshot {
    /// The stream that it is of.
    pub stream: StreamName,
    /// The version that it is at.
    pub version: Version,
    /// What is wrong with it.
    pub finding: Finding,
    /// What went wrong, where a known fault explains it.
    pub fault: Option<Fault>,
}

impl DriftedSnapshots {
    fn note(&mut self, stream: &StreamName, (version, compared): (Version, Compared), fault: Option<Fault>) {
        let finding = match compared {
            Compared::Unreadable => {
                self.unreadable += 1;
                return;
            }
            Compared::Agrees => {
                self.compared += 1;
                self.agree += 1;
                return;
            }
            Compared::Differs(changes) => Finding::Differs(changes),
            Compared::NoSuchVersion => Finding::NoSuchVersion,
            Compared::FilterFailed(message) => Finding::FilterFailed(message),
        };
        self.compared += 1;
        self.found.push(DriftedSnapshot { stream: stream.clone(), version, finding, fault });
    }
}

impl Findings for DriftedSnapshots {
    const LIMIT: usize = 20_000;

    fn count(&self) -> usize {
        self.found.len()
    }

    fn go_on(&mut self, more: Self) {
        self.found.extend(more.found);
        self.compared += more.compared;
        self.agree += more.agree;
        self.unreadable += more.unreadable;
    }
}

/// The comparison, by what streams are folded by.
#[derive(Clone)]
pub(in crate::session) struct CompareSnapshots(pub(in crate::session) FoundReducers);

impl Inquiry for CompareSnapshots {
    type Findings = DriftedSnapshots;
    const WORKER: &'static str = "drifting";
    const SUBJECT: Subject = Subject::Drifting;
    const TITLE: &'static str = "Comparing the snapshots";

    fn steps(&self) -> Option<u64> {
        None
    }

    fn look_through(&self, source: &Source, surveyor: &mut Surveyor<'_, DriftedSnapshots>) -> Result<()> {
        let (reducers, stop) = (&self.0, surveyor.stop_switch());
        // What is found of a stream is looked into by another connection than that which goes from stream to stream.
        let aside = source.reopen()?;
        let mut evolver = |stream: &StreamName| reducers.evolver(stream, &stop);
        let (mut done, mut failed) = (0, None);
        let mut on = |stream: &StreamName, compared: Vec<(Version, Compared)>| {
            let mut evolve = reducers.evolver(stream, &stop);
            let faults = match insight::faults_of(&aside, &reducers.reducers, &mut *evolve, stream, &compared) {
                Ok(faults) => faults,
                Err(error) => {
                    failed = Some(error);
                    return ControlFlow::Break(());
                }
            };
            done += compared.len() as u64;
            let mut more = DriftedSnapshots::default();
            for one in compared {
                let fault = faults.get(&one.0).copied();
                more.note(stream, one, fault);
            }
            surveyor.note(more, done)
        };
        let ended = insight::compare_snapshots(source, &reducers.reducers, &mut evolver, Scope::All, &mut on);
        failed.map_or(ended, Err)
    }
}
