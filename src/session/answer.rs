//! What workers send back to the session, and the box that they put it in.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::error::Result;
use crate::event::{Event, StreamName};

use super::detail_desk::DetailAnswer;
use super::facts::FactAnswer;
use super::mapping_desk::MappingAnswer;
use super::opening::Opened;
use super::prospect::Prospect;
use super::replayer::Replayed;
use super::table::TableAnswer;
use super::tables::TablesAnswer;
use super::watch::Growth;
use super::{Agreement, Done, Draft, Standing, StreamRecords, Task, Wake};

/// How many answers may wait for the session. A worker that is faster than that waits itself.
const BOX: usize = 256;

/// What a worker found. Where there is a generation, the answer is dropped unless its question still stands.
pub(super) enum Answer {
    /// The file is open, or not.
    Opened(u64, Result<Box<Opened>>),
    /// Something about the rows of the event table.
    Table(TableAnswer),
    /// Something about the whole database.
    Fact(u64, FactAnswer),
    /// One event, or what it is tied to.
    Detail(DetailAnswer),
    /// Something about a table of the file.
    Tables(TablesAnswer),
    /// Something for the mapping dialog.
    Mapping(MappingAnswer),
    /// What an import would read.
    Prospect(u64, Result<Arc<Prospect>>),
    /// Something about the history of a stream.
    Replayed(u64, Replayed),
    /// How far the reducers agree with the snapshots of an aggregate type.
    Agreement(u64, String, Result<Option<Agreement>>),
    /// A draft was written, or not.
    Written(Box<Draft>, Result<Box<Event>>),
    /// What is kept of a stream beside its events.
    Records(u64, StreamName, Result<Arc<StreamRecords>>),
    /// A piece of work on the whole store is done, or not.
    Kept(Box<Task>, Result<Box<Done>>),
    /// The file has other events than before.
    Grown(Result<Growth>),
    /// The file is not what it was, or is so again.
    Stands(Standing),
}

/// Where workers put their answers. The window is woken once for each.
#[derive(Clone)]
pub(super) struct Outbox {
    sender: SyncSender<Answer>,
    wake: Wake,
}

impl Outbox {
    /// The box, and the session's end of it.
    pub(super) fn new(wake: Wake) -> (Self, Receiver<Answer>) {
        let (sender, receiver) = sync_channel(BOX);
        (Self { sender, wake }, receiver)
    }

    /// Sends an answer. It is lost where the session is gone: nobody waits for it then.
    pub(super) fn send(&self, answer: Answer) {
        if self.sender.send(answer).is_ok() {
            (self.wake)();
        }
    }
}
