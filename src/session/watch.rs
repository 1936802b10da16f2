//! Follows the file while it is open: once a second a worker asks whether somebody wrote to it, and reads what is new.
//!
//! The window is woken only when there is something new. SQLite's `data_version` costs no more than a look at the
//! first page of the file.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::Result;
use crate::event::{Event, Position};
use crate::source::Source;

use super::answer::{Answer, Outbox};
use super::reader::Origin;

/// How often the file is looked at.
const PERIOD: Duration = Duration::from_secs(1);

/// How many new events are read at once.
const BATCH: usize = 1_000;

/// With more new events than this, counting anew is cheaper than taking each in.
const MOST: usize = 10_000;

/// What is new in the file.
pub(super) enum Growth {
    /// These events were appended, oldest first.
    Appended(Vec<Event>),
    /// Too much is new, or something old is gone: everything is to be read anew.
    Rewritten,
    /// Somebody wrote to the file, but no event: to a checkpoint, or to a table beside the events.
    Touched,
}

/// The worker that follows the file, for as long as this is held.
pub(super) struct Watch {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    poked: bool,
    closed: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is time to look; `false` when nobody wants to know any more.
    fn wait(&self) -> bool {
        let idle = |state: &mut State| !state.poked && !state.closed;
        let (mut state, _) =
            self.changed.wait_timeout_while(self.state(), PERIOD, idle).unwrap_or_else(PoisonError::into_inner);
        state.poked = false;
        !state.closed
    }
}

impl Watch {
    /// Starts to follow the file from its present end.
    pub(super) fn start(origin: &Origin, outbox: &Outbox) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let (theirs, origin, outbox) = (Arc::clone(&shared), origin.clone(), outbox.clone());
        let body = move || {
            let mut seen: Option<Seen> = None;
            let mut complained = false;
            loop {
                match look(&origin, &mut seen) {
                    Ok(None) => complained = false,
                    Ok(Some(growth)) => outbox.send(Answer::Grown(Ok(growth))),
                    // A file that is away for a while is said once, not every second.
                    Err(error) if !complained => {
                        complained = true;
                        outbox.send(Answer::Grown(Err(error)));
                    }
                    Err(_) => {}
                }
                if !theirs.wait() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("eventscope watch".to_owned()).spawn(body)?;
        Ok(Self { shared })
    }

    /// Has the file looked at now.
    pub(super) fn poke(&self) {
        self.shared.state().poked = true;
        self.shared.changed.notify_one();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.changed.notify_one();
    }
}

/// How far the file was seen.
struct Seen {
    source: Source,
    version: i64,
    last: Option<Position>,
    /// Whether something was new before. Until then an event may have come between the counting and the first look.
    once: bool,
}

/// What is new since the last look.
fn look(origin: &Origin, seen: &mut Option<Seen>) -> Result<Option<Growth>> {
    let Some(seen) = seen else {
        let source = origin.reopen()?;
        // Only what an event is about is of interest, not what it says.
        source.leave_unread(Some(0));
        let last = if source.mapping().is_some() { source.last_position()? } else { None };
        let version = source.data_version()?;
        *seen = Some(Seen { source, version, last, once: false });
        // What was read before may be older than what later looks compare with.
        return Ok(Some(Growth::Touched));
    };
    let version = seen.source.data_version()?;
    if version == seen.version {
        return Ok(None);
    }
    let growth = new_events(seen)?;
    seen.version = version;
    Ok(Some(growth))
}

fn new_events(seen: &mut Seen) -> Result<Growth> {
    if seen.source.mapping().is_none() {
        return Ok(Growth::Touched);
    }
    let last = seen.source.last_position()?;
    // Ordinals count in an order in which a new event need not be the last.
    let counted = seen.source.mapping().is_none_or(|mapping| mapping.position.is_none());
    if last < seen.last || counted && last != seen.last {
        seen.last = last;
        return Ok(Growth::Rewritten);
    }
    let mut events = Vec::new();
    loop {
        let batch = seen.source.events_after(seen.last, BATCH)?;
        let complete = batch.len() < BATCH;
        seen.last = batch.last().map(|event| event.position).or(seen.last);
        events.extend(batch);
        if events.len() > MOST {
            seen.last = seen.source.last_position()?;
            return Ok(Growth::Rewritten);
        }
        if complete {
            let first = !std::mem::replace(&mut seen.once, true);
            let touched = !first && events.is_empty();
            return Ok(if touched { Growth::Touched } else { Growth::Appended(events) });
        }
    }
}
