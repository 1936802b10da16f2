//! Follows the file while it is open: a few times a second a worker asks whether somebody wrote to it, and reads what is new,
//! or says that the file is not what it was.
//!
//! The window is woken only when there is something new. SQLite's `data_version` costs no more than a look at the
//! first page of the file.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::{ErrorKind, Result};
use crate::event::{Event, Position};
use crate::source::{FileStatus, Followed, News, Source};

use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Origin;

/// How often the file is looked at: an event is on the screen soon after it was appended.
const PERIOD: Duration = Duration::from_millis(200);

/// How long a burst of events is left to gather: taking all in at once costs no more than taking in a few.
const BURST_PERIOD: Duration = Duration::from_secs(1);

/// How many new events are a burst.
const BURST: usize = 100;

/// How many new events are read at once.
const BATCH: usize = 1_000;

/// With more new events than this, counting anew is cheaper than taking each in.
const MOST: usize = 50_000;

/// What is new in the file.
pub(in crate::session) enum Growth {
    /// These events were appended, oldest first.
    Appended(Vec<Event>),
    /// Too much is new, or something old is gone: everything is to be read anew.
    Rewritten,
    /// Somebody wrote to the file, but no event: to a checkpoint, or to a table beside the events.
    Touched,
    /// The tables are others: what they mean is to be found out anew.
    OtherTables,
}

/// What the worker saw.
pub(in crate::session) enum FileAnswer {
    /// The file has other events than before.
    Grown(Result<Growth>),
    /// The file is not what it was, or is so again.
    Status(FileStatus),
}

/// The worker that follows the file, for as long as this is held.
pub(in crate::session) struct Watcher {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    asked: bool,
    closed: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is time to look; `false` when nobody wants to know any more.
    fn wait(&self, period: Duration) -> bool {
        let idle = |state: &mut State| !state.asked && !state.closed;
        let (mut state, _) =
            self.changed.wait_timeout_while(self.state(), period, idle).unwrap_or_else(PoisonError::into_inner);
        state.asked = false;
        !state.closed
    }
}

impl Watcher {
    /// Starts to follow the file from its present end.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<FileAnswer>) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let (theirs, origin, outbox) = (Arc::clone(&shared), origin.clone(), outbox.clone());
        let body = move || {
            let mut follower = Follower::default();
            loop {
                let period = follower.look(&origin, &outbox);
                if !theirs.wait(period) {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("eventscope watch".to_owned()).spawn(body)?;
        Ok(Self { shared })
    }

    /// Has the file looked at now.
    pub(in crate::session) fn look_now(&self) {
        self.shared.state().asked = true;
        self.shared.changed.notify_one();
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.changed.notify_one();
    }
}

/// What the worker knows of the file.
#[derive(Default)]
struct Follower {
    seen: Option<Seen>,
    /// What was told last: each change is said once, not every second.
    told: FileStatus,
    /// Whether something new could not be read yet, such as for a lock: then it is still owed.
    owed: bool,
    /// Whether a failure to read what is new was told.
    failure_told: bool,
}

/// How far the file was seen.
struct Seen {
    source: Source,
    followed: Followed,
    last: Option<Position>,
    /// Whether something was new before. Until then an event may have come between the counting and the first look.
    once: bool,
}

impl Follower {
    /// Looks at the file; answers how long to wait until the next look.
    fn look(&mut self, origin: &Origin, outbox: &Outbox<FileAnswer>) -> Duration {
        let Some(seen) = &mut self.seen else {
            match Seen::start(origin) {
                Ok(seen) => {
                    // What was read before may be older than what later looks compare with.
                    let missed = seen.source.mapping().is_some() && origin.is_changed();
                    self.seen = Some(seen);
                    outbox.send(FileAnswer::Grown(Ok(if missed { Growth::Rewritten } else { Growth::Touched })));
                }
                Err(error) if error.is_cancelled() => {}
                Err(error) if *error.kind() == ErrorKind::Busy => self.tell(FileStatus::Locked, outbox),
                Err(error) => self.tell(FileStatus::Unreadable(error.to_string()), outbox),
            }
            return PERIOD;
        };
        let (status, news) = seen.source.look(&mut seen.followed);
        let readable = matches!(status, FileStatus::Sound);
        let growth = match news {
            News::Tables => Ok(Some(Growth::OtherTables)),
            News::Rows => seen.new_events().map(Some),
            News::Nothing if self.owed && readable => seen.new_events().map(Some),
            News::Nothing => Ok(None),
        };
        self.owed = growth.is_err() || self.owed && !readable;
        self.tell(status, outbox);
        let is_burst = match &growth {
            Ok(Some(Growth::Appended(events))) => events.len() >= BURST,
            Ok(Some(Growth::Rewritten)) => true,
            _ => false,
        };
        match growth {
            Ok(Some(growth)) => {
                self.failure_told = false;
                outbox.send(FileAnswer::Grown(Ok(growth)));
            }
            // The next look says whether the lock lasts.
            Err(error) if *error.kind() == ErrorKind::Busy => {}
            Err(error) if !self.failure_told => {
                self.failure_told = true;
                outbox.send(FileAnswer::Grown(Err(error)));
            }
            Ok(None) | Err(_) => {}
        }
        if is_burst { BURST_PERIOD } else { PERIOD }
    }

    fn tell(&mut self, status: FileStatus, outbox: &Outbox<FileAnswer>) {
        if status != self.told {
            self.told = status.clone();
            outbox.send(FileAnswer::Status(status));
        }
    }
}

impl Seen {
    fn start(origin: &Origin) -> Result<Self> {
        let source = origin.reopen()?;
        // Only what an event is about is of interest, not what it says.
        source.leave_unread(Some(0));
        let (followed, last) = (source.follow()?, last_position(&source)?);
        Ok(Self { source, followed, last, once: false })
    }

    fn new_events(&mut self) -> Result<Growth> {
        if self.source.mapping().is_none() {
            return Ok(Growth::Touched);
        }
        let last = self.source.last_position()?;
        // Ordinals count in an order in which a new event need not be the last.
        let counted = self.source.mapping().is_none_or(|mapping| mapping.position.is_none());
        if last < self.last || counted && last != self.last {
            self.last = last;
            return Ok(Growth::Rewritten);
        }
        let mut events = Vec::new();
        loop {
            let batch = self.source.events_after(self.last, BATCH)?;
            let complete = batch.len() < BATCH;
            self.last = batch.last().map(|event| event.position).or(self.last);
            events.extend(batch);
            if events.len() > MOST {
                self.last = self.source.last_position()?;
                return Ok(Growth::Rewritten);
            }
            if complete {
                let first = !std::mem::replace(&mut self.once, true);
                let touched = !first && events.is_empty();
                return Ok(if touched { Growth::Touched } else { Growth::Appended(events) });
            }
        }
    }
}

/// The position of the last event; nothing where there are only tables.
fn last_position(source: &Source) -> Result<Option<Position>> {
    if source.mapping().is_some() { source.last_position() } else { Ok(None) }
}
