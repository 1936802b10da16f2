//! The end of the log: one thread reads each event once as it is committed, and gives it to all readers that have caught
//! up, as the text that they send.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::sync::broadcast;

use super::Say;
use super::form::Form;
use super::log::{Database, Follower};
use super::metrics::Metrics;
use super::outgoing::event_json;
use crate::error::Result;
use crate::event::{Event, Position};

/// How many batches wait for a reader before it falls behind and reads from the file again.
const WAITING: usize = 64;

/// How many events a batch has at most.
const BATCH: usize = 128;

/// How many bytes of events, unless one is longer: as many batches as may wait are held.
const ROOM: usize = 256 << 10;

/// How long the thread waits before it looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(250);

/// The longest pause between two batches. With many readers each batch wakes all of them: they then get more at a time.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// How many readers a millisecond of that pause is for.
const READERS_A_MILLISECOND: i64 = 20;

/// Events that were committed, as readers get them.
pub(super) struct Batch {
    pub(super) events: Vec<Tailed>,
    /// All of them as they are sent in each form, for those who want all; none where one has no JSON. Made for the first
    /// who asks.
    whole: [OnceLock<Option<Bytes>>; 2],
}

impl Batch {
    fn new(events: Vec<Tailed>) -> Self {
        Self { events, whole: [OnceLock::new(), OnceLock::new()] }
    }

    fn in_form(&self, form: Form) -> Option<Bytes> {
        let mut text = BytesMut::new();
        for Tailed { event, json } in &self.events {
            form.push(&mut text, event.position, json.as_ref().ok()?);
        }
        Some(text.freeze())
    }

    /// All of it as it is sent, where it can be, with the positions of its first and its last event.
    pub(super) fn whole(&self, form: Form) -> Option<(Bytes, Position, Position)> {
        let [server_sent, lines] = &self.whole;
        let made = if form == Form::Lines { lines } else { server_sent };
        let bytes = made.get_or_init(|| self.in_form(form)).clone()?;
        let (first, last) = self.events.first().zip(self.events.last())?;
        Some((bytes, first.event.position, last.event.position))
    }
}

/// One of them.
pub(super) struct Tailed {
    pub(super) event: Event,
    /// Its JSON, or why there is none.
    pub(super) json: Result<Bytes, String>,
}

/// What readers listen to.
#[derive(Clone)]
pub(super) struct Tail {
    batches: broadcast::Sender<Arc<Batch>>,
}

impl Tail {
    /// Starts the thread that reads; it ends soon after `stop` is set.
    pub(super) fn start(
        database: &Database,
        metrics: Arc<Metrics>,
        stop: Arc<AtomicBool>,
        say: Say,
    ) -> Result<(Self, JoinHandle<()>)> {
        let (batches, _) = broadcast::channel(WAITING);
        let tail = Self { batches };
        let follower = database.follow()?;
        let from = follower.last_position()?;
        metrics.position.set(from.unwrap_or_default());
        let (sender, database) = (tail.clone(), database.clone());
        let work = move || sender.follow(follower, from, &database, &metrics, &stop, &say);
        let thread = thread::Builder::new().name("tail".to_owned()).spawn(work)?;
        Ok((tail, thread))
    }

    /// Listens from now on.
    pub(super) fn listen(&self) -> broadcast::Receiver<Arc<Batch>> {
        self.batches.subscribe()
    }

    fn follow(
        &self,
        mut follower: Follower,
        from: Option<Position>,
        database: &Database,
        metrics: &Metrics,
        stop: &AtomicBool,
        say: &Say,
    ) {
        let mut behind = from;
        let mut failing = false;
        while !stop.load(Ordering::Relaxed) {
            match follower.wait(behind, (BATCH, ROOM), PATIENCE) {
                Ok(events) if events.is_empty() => {}
                Ok(events) => {
                    failing = false;
                    behind = events.last().map(|event| event.position).or(behind);
                    metrics.position.reach(behind.unwrap_or_default());
                    self.give(events, metrics);
                }
                Err(error) => {
                    if !failing {
                        say(&format!("reading the end of the log: {error}"));
                    }
                    failing = true;
                    thread::sleep(PATIENCE);
                    if let Ok(anew) = database.follow() {
                        follower = anew;
                    }
                }
            }
        }
    }

    fn give(&self, events: Vec<Event>, metrics: &Metrics) {
        let readers = metrics.readers.get();
        if readers == 0 {
            return;
        }
        let tailed = |event: Event| {
            let json = event_json(&event).map(Bytes::from).map_err(|error| error.to_string());
            Tailed { event, json }
        };
        let is_full = events.len() == BATCH;
        let events = events.into_iter().map(tailed).collect();
        // Nobody may be listening any more.
        let _ = self.batches.send(Arc::new(Batch::new(events)));
        let pause = Duration::from_millis(u64::try_from(readers / READERS_A_MILLISECOND).unwrap_or_default());
        if !is_full && !pause.is_zero() {
            thread::sleep(pause.min(LONGEST_PAUSE));
        }
    }
}
