//! What workers send back to the session, and the queue that they put it in.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::error::Result;
use crate::event::{Event, StreamName};

use crate::session::details::DetailAnswer;
use crate::session::event_table::EventTableAnswer;
use crate::session::maintenance::import_preview::ImportPreview;
use crate::session::mapping::MappingAnswer;
use crate::session::opening::Opened;
use crate::session::opening::watcher::Growth;
use crate::session::replay::replayer::Replayed;
use crate::session::statistics::StatisticsAnswer;
use crate::session::tables::TablesAnswer;
use crate::session::{Agreement, Done, Draft, FileStatus, StreamRecords, Task, Wake};

/// How many answers may wait for the session. A worker that is faster than that waits itself.
const CAPACITY: usize = 256;

/// What a worker found. Where there is a generation, the answer is dropped unless its question still stands.
pub(in crate::session) enum Answer {
    /// The file is open, or not.
    Opened(u64, Result<Box<Opened>>),
    /// Something about the rows of the event table.
    EventTable(EventTableAnswer),
    /// Something about the whole database.
    Statistics(u64, StatisticsAnswer),
    /// One event, or what it is tied to.
    Detail(DetailAnswer),
    /// Something about a table of the file.
    Tables(TablesAnswer),
    /// Something for the mapping dialog.
    Mapping(MappingAnswer),
    /// What an import would read.
    ImportPreview(u64, Result<Arc<ImportPreview>>),
    /// Something about the history of a stream.
    Replayed(u64, Replayed),
    /// How far the reducers agree with the snapshots of an aggregate type.
    Agreement(u64, String, Result<Option<Agreement>>),
    /// A draft was written, or not.
    Written(Box<Draft>, Result<Box<Event>>),
    /// What is kept of a stream beside its events.
    Records(u64, StreamName, Result<Arc<StreamRecords>>),
    /// A piece of work on the whole store is done, or not.
    Maintained(Box<Task>, Result<Box<Done>>),
    /// The file has other events than before.
    Grown(Result<Growth>),
    /// The file is not what it was, or is so again.
    FileStatus(FileStatus),
}

/// Where workers put their answers. The window is woken once for each.
#[derive(Clone)]
pub(in crate::session) struct Outbox {
    sender: SyncSender<Answer>,
    wake: Wake,
}

impl Outbox {
    /// The queue, and the session's end of it.
    pub(in crate::session) fn new(wake: Wake) -> (Self, Receiver<Answer>) {
        let (sender, receiver) = sync_channel(CAPACITY);
        (Self { sender, wake }, receiver)
    }

    /// Sends an answer. It is lost where the session is gone: nobody waits for it then.
    pub(in crate::session) fn send(&self, answer: Answer) {
        if self.sender.send(answer).is_ok() {
            (self.wake)();
        }
    }
}
