//! The worker that appends a draft by hand, through a connection of its own that is open for one transaction only.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `api` | what a session does |
//! | `draft` | an event that is about to be appended, and what writing it would do |

mod api;
pub(super) mod draft;

use crate::error::Result;
use crate::event::{Event, ExpectedVersion};
use crate::source::append;

use crate::session::Draft;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::Worker;

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
pub(super) fn start(origin: &Origin, outbox: &Outbox<(Box<Draft>, Result<Box<Event>>)>) -> Result<Worker<WriteJob>> {
    let mut reader = Reader::hasty(origin);
    let (sent, told) = (outbox.clone(), outbox.clone());
    Worker::start(
        "write",
        WAITING,
        move |job, context| {
            let WriteJob { draft, expected, .. } = job;
            let written = reader
                .source(&context.token)
                .and_then(|source| {
                    append::execute(source, &append::plan(source, &draft.stream, &draft.event, expected)?)
                })
                .map(Box::new);
            sent.send((Box::new(draft), written));
        },
        move |job, _, error| told.send((Box::new(job.draft), Err(error))),
    )
}
