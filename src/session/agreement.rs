//! How far the reducers agree with the snapshots that the application stored, for one aggregate type at a time.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::insight::{self, Scope};
use crate::replay::Reducers;
use crate::source::Source;

use super::Agreement;
use super::answer::{Answer, Outbox};
use super::board::{Board, Note, Subject};
use super::desk::Turn;
use super::reader::Reader;

/// Snapshots of one aggregate type to compare with what these reducers give.
///
/// Other reducers come with another generation, so two jobs for one type are one.
#[derive(Clone)]
pub(super) struct AgreementJob {
    pub(super) aggregate_type: String,
    pub(super) reducers: Reducers,
}

impl PartialEq for AgreementJob {
    fn eq(&self, other: &Self) -> bool {
        self.aggregate_type == other.aggregate_type
    }
}

/// The worker that compares.
pub(super) struct Comparer {
    reader: Reader,
    outbox: Outbox,
    board: Board,
}

impl Comparer {
    /// A worker that waits for its first job.
    pub(super) fn new(reader: Reader, outbox: Outbox, board: Board) -> Self {
        Self { reader, outbox, board }
    }

    /// Compares the snapshots of one aggregate type.
    pub(super) fn work(&mut self, job: &AgreementJob, turn: &Turn<'_>) {
        let title = format!("Comparing snapshots of {}", job.aggregate_type);
        let note = self.board.post(Subject::Snapshots(job.aggregate_type.clone()), title, None, &turn.ticket);
        let agreement = self.reader.source(&turn.ticket).and_then(|source| compare(source, job, &note));
        let kind = job.aggregate_type.clone();
        self.outbox.send(Answer::Agreement(turn.ticket.generation(), kind, agreement));
    }
}

/// Nothing where the type has no snapshot.
fn compare(source: &Source, job: &AgreementJob, note: &Note) -> Result<Option<Agreement>> {
    let drift = insight::drift(source, &job.reducers, Scope::AggregateType(&job.aggregate_type), &mut |drift| {
        note.done(drift.total);
        ControlFlow::Continue(())
    })?;
    let agreement = Agreement { matching: drift.matching, total: drift.total };
    Ok((agreement.total > 0).then_some(agreement))
}
