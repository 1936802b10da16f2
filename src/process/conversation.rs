//! The conversation with the process: where a fold stands, what was said, and when it is given up.

use std::sync::Arc;

use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::event::StreamName;
use crate::replay::State;

use super::channel::{Heard, Said};
use super::running::{Launch, Limits, Running, Silence};
use super::wire::Told;

/// After how many ends without any work between them the process is not started again.
const ENDS_IN_A_ROW: u32 = 3;

/// After how many ends in all it is not started again: each costs a start, and may cost the time of an answer.
const ENDS: u32 = 20;

/// Where a fold stands: the state after some events of a stream, and what is needed to go on from there.
#[derive(Clone, Debug)]
pub struct Point {
    /// Names this state among all that the process had, so that it need not be told what it just said.
    pub(super) id: u64,
    /// After how many events.
    pub(super) events: u64,
    pub(super) state: Arc<Value>,
    /// What `begin` gets; `None` where the process can only go on from here, not begin.
    pub(super) resume: Option<Arc<Value>>,
    /// Why the stream could not even begin.
    pub(super) broken: Option<Arc<str>>,
}

impl Point {
    /// Where a fold stands that goes on from a state that it gave before: it is told to begin there.
    pub(super) fn of(state: &State) -> Self {
        let resume = state.resume().cloned();
        Self { id: 0, events: 0, state: Arc::new(state.to_json()), resume, broken: None }
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &Arc<Value> {
        &self.state
    }

    /// What a fold that begins here is told, in place of the state where that is not enough to go on from. `None` where
    /// none can begin here: the process was not asked for it.
    #[must_use]
    pub fn resume(&self) -> Option<&Arc<Value>> {
        self.resume.as_ref()
    }
}

/// What became of one event.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Where the fold stands after it.
    pub point: Point,
    /// Why the application's code failed at it.
    pub failed: Option<Arc<str>>,
}

/// The process and what was said to it.
pub(super) struct Talk {
    pub(super) launch: Arc<Launch>,
    pub(super) limits: Limits,
    pub(super) said: Said,
    /// `None` after it ended.
    pub(super) running: Option<Running>,
    /// The [`Point`] that the process stands at.
    pub(super) at: Option<u64>,
    pub(super) named: u64,
    /// Questions that nobody waits for any more.
    pub(super) stale: usize,
    pub(super) ends: u32,
    pub(super) ends_in_a_row: u32,
    /// Why it is not started any more.
    pub(super) given_up: Option<Arc<str>>,
    /// After how many questions it is asked to hurry.
    pub(super) hurry: usize,
}

impl Talk {
    /// The running process; a new one where it ended.
    pub(super) fn running(&mut self, stop: &dyn Fn() -> bool) -> Result<&mut Running, Silence> {
        if let Some(why) = &self.given_up {
            return Err(Silence::Ended(why.to_string()));
        }
        let running = match self.running.take() {
            Some(running) => running,
            None => self.start_again(stop)?,
        };
        Ok(self.running.insert(running))
    }

    fn start_again(&mut self, stop: &dyn Fn() -> bool) -> Result<Running, Silence> {
        Running::start(&self.launch, self.limits, &self.said, stop).map_err(|error| {
            if error.is_cancelled() {
                return Silence::Stopped;
            }
            self.given_up = Some(error.to_string().into());
            Silence::Ended(error.to_string())
        })
    }

    /// Notes that the process ended. `counts` where the end is known to be the doing of one event.
    pub(super) fn ended(&mut self, why: &str, counts: bool) {
        (self.running, self.at, self.stale, self.hurry) = (None, None, 0, 1);
        self.ends += 1;
        self.ends_in_a_row += u32::from(counts);
        if self.given_up.is_none() && (self.ends_in_a_row >= ENDS_IN_A_ROW || self.ends >= ENDS) {
            self.given_up = Some(format!("it ended again and again and is not started any more: {why}").into());
        }
    }

    /// Notes that it did its work.
    pub(super) fn worked(&mut self) {
        self.ends_in_a_row = 0;
    }

    /// Whether it is not started any more.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.is_some()
    }

    /// Names for so many points: this one and those after it.
    pub(super) fn name(&mut self, points: usize) -> u64 {
        let first = self.named + 1;
        self.named += points as u64;
        first
    }

    /// Begins a stream, and answers with where its fold stands before its first event.
    pub(super) fn begin(&mut self, stream: &StreamName, stop: &dyn Fn() -> bool) -> Result<Point, Silence> {
        let running = self.running(stop)?;
        let mut lines = Vec::new();
        Told::Begin { stream: stream.into(), state: None }.write(&mut lines);
        Told::State { resume: running.resume, more: false }.write(&mut lines);
        let told = running.tell(lines, stop);
        self.at = None;
        self.stale += 1;
        let point = told.and_then(|()| self.first_state(stop));
        if let Err(Silence::Ended(why)) = &point {
            self.ended(why, true);
        }
        point
    }

    /// Passes over what nobody waits for, and takes the answer to the question after a `begin`.
    fn first_state(&mut self, stop: &dyn Fn() -> bool) -> Result<Point, Silence> {
        let mut broken = None;
        loop {
            let running = self.running(stop)?;
            let resumes = running.resume;
            let heard = running.next(stop)?;
            let is_ours = self.stale == 1;
            let (state, resume) = match heard {
                Heard::State { state, resume } => (Some(state), resume),
                Heard::Failed { message, op, .. } if op == "state" => {
                    broken = Some(message);
                    (None, None)
                }
                Heard::Failed { message, op, .. } => {
                    broken = (is_ours && op == "begin").then_some(message).or(broken);
                    continue;
                }
                Heard::Hello { .. } | Heard::Nonsense(_) => return Err(out_of_turn()),
            };
            self.stale -= 1;
            if is_ours {
                let id = self.name(1);
                self.at = Some(id);
                // What the process has then is of the stream before.
                let state = state.filter(|_| broken.is_none()).unwrap_or_default();
                let resume = if resumes { resume } else { Some(Arc::clone(&state)) };
                return Ok(Point { id, events: 0, state, resume, broken });
            }
            broken = None;
        }
    }
}

pub(super) fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "the fold was stopped")
}

/// A sentence that names the process.
pub(super) fn ended(why: &str) -> String {
    format!("the reducer's process: {why}")
}

pub(super) fn out_of_turn() -> Silence {
    Silence::Ended("it answered what it was not asked".to_owned())
}
