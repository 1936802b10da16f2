//! Publishing to Redis: every event, in order, from a checkpoint on. While Redis is away the log waits; nobody else does.
//!
//! What was sent and not yet remembered is sent again after a failure: at least once, and for each aggregate in order. The
//! position tells doubles.

mod checkpoint;
mod redis;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::log::{Database, Follower};
use super::metrics::Publishing;
use super::outgoing::event_json;
use super::signals;
use super::writer::Writer;
use super::{Metrics, Say};
use crate::error::Result;
use crate::event::{Event, Position};

use checkpoint::{Checkpoint, InFile, InStore};
use redis::{Connection, Message, Target};

pub use redis::RedisOptions;

/// How many events are sent together.
const BATCH: usize = 500;

/// How many bytes of them, unless one is longer.
const ROOM: usize = 8 << 20;

/// How long the thread waits before it looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(200);

/// How often it is remembered how far it has come, at most.
const REMEMBER: Duration = Duration::from_millis(250);

/// The pauses between two tries to reach Redis grow from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(10);

/// Starts the thread that publishes what a service serves; it ends soon after `stop` is set.
pub(super) fn start(
    options: &RedisOptions,
    database: &Database,
    writer: Writer,
    metrics: Arc<Metrics>,
    stop: Arc<AtomicBool>,
    say: Say,
) -> Result<JoinHandle<()>> {
    let target = Target::new(options)?;
    let follower = database.follow()?;
    let checkpoint = InStore::open(writer)?;
    metrics.publishing.wanted.store(true, Ordering::Relaxed);
    let database = database.clone();
    let work = move || {
        let progress = Arc::new(metrics);
        let mut publisher = Publisher {
            database,
            follower,
            target,
            connection: None,
            checkpoint: Box::new(checkpoint),
            progress: &progress.publishing,
            stop: &stop,
            say: &say,
        };
        publisher.publish(false);
    };
    Ok(thread::Builder::new().name("publish".to_owned()).spawn(work)?)
}

/// Publishes the events of a database that is only read, until the process is told to end, or with `once` until there are
/// no more. Answers with how many it published.
///
/// # Errors
/// Where the database or the checkpoint cannot be read, or the URL is none.
pub fn run(options: &RedisOptions, database: Database, checkpoint: &Path, once: bool, say: &Say) -> Result<u64> {
    let target = Target::new(options)?;
    let stop = signals::stopped_by_signals()?;
    let progress = Publishing::default();
    let follower = database.follow()?;
    let mut publisher = Publisher {
        database,
        follower,
        target,
        connection: None,
        checkpoint: Box::new(InFile::open(checkpoint)?),
        progress: &progress,
        stop: &stop,
        say,
    };
    publisher.publish(once);
    Ok(progress.published.get())
}

/// What publishes.
struct Publisher<'a> {
    database: Database,
    follower: Follower,
    target: Target,
    connection: Option<Connection>,
    checkpoint: Box<dyn Checkpoint>,
    progress: &'a Publishing,
    stop: &'a AtomicBool,
    say: &'a Say,
}

impl Publisher<'_> {
    fn publish(&mut self, once: bool) {
        let mut behind = self.checkpoint.position();
        self.progress.position.set(behind.unwrap_or_default());
        let (mut remembered, mut looked) = (behind, Instant::now());
        while !self.is_stopped() {
            let patience = if once { Duration::ZERO } else { PATIENCE };
            let events = match self.follower.wait(behind, (BATCH, ROOM), patience) {
                Ok(events) => events,
                Err(error) => {
                    (self.say)(&format!("reading what is to be published: {error}"));
                    if once {
                        break;
                    }
                    self.pause(LAST_PAUSE);
                    if let Ok(anew) = self.database.follow() {
                        self.follower = anew;
                    }
                    continue;
                }
            };
            let is_idle = events.is_empty();
            if !is_idle {
                if !self.send(&events) {
                    break;
                }
                behind = events.last().map(|event| event.position).or(behind);
                self.progress.published.add(events.len() as u64);
                self.progress.position.set(behind.unwrap_or_default());
            }
            if behind != remembered && (is_idle || looked.elapsed() >= REMEMBER) {
                self.remember(behind);
                (remembered, looked) = (behind, Instant::now());
            }
            if once && is_idle {
                break;
            }
        }
        if behind != remembered {
            self.remember(behind);
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn remember(&mut self, behind: Option<Position>) {
        let Some(position) = behind else { return };
        if let Err(error) = self.checkpoint.remember(position) {
            // The next time it will be remembered, or these events will be published once more.
            (self.say)(&format!("remembering how far publishing has come: {error}"));
        }
    }

    /// Sends events, however long Redis is away; false where it is no longer wanted before that.
    fn send(&mut self, events: &[Event]) -> bool {
        let mut messages = Vec::with_capacity(events.len());
        for event in events {
            match event_json(event) {
                Ok(json) => messages.push(Message { aggregate_type: &event.stream.aggregate_type, json }),
                Err(error) => (self.say)(&format!("not published: {error}")),
            }
        }
        let mut pause = FIRST_PAUSE;
        loop {
            match self.try_to_send(&messages) {
                Ok(()) => return true,
                Err(why) => {
                    if self.progress.connected.swap(false, Ordering::Relaxed) || pause == FIRST_PAUSE {
                        (self.say)(&format!("Redis: {why}; trying again"));
                    }
                    self.progress.failures.add(1);
                }
            }
            self.pause(pause);
            if self.is_stopped() {
                return false;
            }
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    fn try_to_send(&mut self, messages: &[Message<'_>]) -> std::result::Result<(), String> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.target.connect()?,
        };
        if !self.progress.connected.swap(true, Ordering::Relaxed) {
            (self.say)("Redis is reached");
        }
        self.target.send(&mut connection, messages)?;
        self.connection = Some(connection);
        Ok(())
    }

    fn pause(&self, time: Duration) {
        let started = Instant::now();
        loop {
            let left = time.saturating_sub(started.elapsed());
            if left.is_zero() || self.is_stopped() {
                return;
            }
            thread::sleep(left.min(PATIENCE));
        }
    }
}
