//! The worker that appends a draft by hand, through a connection of its own that is open for one transaction only.

use crate::error::Result;
use crate::event::ExpectedVersion;
use crate::source::append;

use super::Draft;
use super::answer::{Answer, Outbox};
use super::desk::Desk;
use super::reader::{Origin, Reader};

/// A draft to write. The number tells two equal ones apart: both are meant.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WriteJob {
    pub(super) number: u64,
    pub(super) draft: Draft,
    pub(super) expected: ExpectedVersion,
}

/// How many drafts may wait; a person does not write faster.
const WAITING: usize = 1024;

/// Starts the worker.
pub(super) fn start(origin: &Origin, outbox: &Outbox) -> Result<Desk<WriteJob>> {
    let mut reader = Reader::new(origin);
    let (sent, told) = (outbox.clone(), outbox.clone());
    Desk::start(
        "write",
        WAITING,
        move |job, turn| {
            let WriteJob { draft, expected, .. } = job;
            let written = reader
                .source(&turn.ticket)
                .and_then(|source| {
                    append::execute(source, &append::plan(source, &draft.stream, &draft.event, expected)?)
                })
                .map(Box::new);
            sent.send(Answer::Written(Box::new(draft), written));
        },
        move |job, _, error| told.send(Answer::Written(Box::new(job.draft), Err(error))),
    )
}
