//! The application's own code as a reducer: where a fold stands, and the one process that everybody folds with.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, StreamName};

use super::batch::Batch;
use super::channel::Heard;
use super::running::{Launch, Limits, Running, Said, Silence};
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

/// The application's own code, as a process. Cheap to clone; it ends with the last clone.
///
/// There is one process, whoever folds with it: it is told to begin anew where another fold was in between.
#[derive(Clone)]
pub struct ReducerProcess(Arc<Mutex<Talk>>);

impl ReducerProcess {
    /// Starts the process and waits until it says who it is. `said` hears its standard error.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where it cannot be started; [`ErrorKind::BadInput`] where it does not speak the protocol;
    /// [`ErrorKind::Cancelled`] where `stop` said so.
    pub fn start(launch: Launch, limits: Limits, said: Said, stop: &dyn Fn() -> bool) -> Result<Self> {
        let running = Running::start(&launch, limits, &said, stop)?;
        let talk = Talk {
            launch,
            limits,
            said,
            running: Some(running),
            at: None,
            named: 0,
            stale: 0,
            ends: 0,
            ends_in_a_row: 0,
            given_up: None,
            hurry: 1,
        };
        Ok(Self(Arc::new(Mutex::new(talk))))
    }

    /// The state of a stream before its first event. Code that fails here is no error: then every event of the stream fails.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] where `stop` said so; [`ErrorKind::Io`] where the process ended over it.
    pub fn begin(&self, stream: &StreamName, stop: &dyn Fn() -> bool) -> Result<Point> {
        let mut talk = self.talk();
        talk.begin(stream, stop).map_err(|silence| match silence {
            Silence::Stopped => stopped(),
            Silence::Ended(why) => Error::new(ErrorKind::Io, ended(&why)),
        })
    }

    /// Folds events of one stream that follow a point, and tells what became of each, in their order. `each` may stop it.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] where `stop` or `each` said so. A process that fails or ends is no error: the event that it
    /// failed or ended at says so, and the others are folded by a new one.
    pub fn fold(
        &self,
        stream: &StreamName,
        from: &Point,
        events: &[Event],
        stop: &dyn Fn() -> bool,
        each: &mut dyn FnMut(usize, Answered) -> ControlFlow<()>,
    ) -> Result<()> {
        Batch::new(stream, from, events, stop, each).run(&mut self.talk())
    }

    fn talk(&self) -> MutexGuard<'_, Talk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for ReducerProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReducerProcess").finish_non_exhaustive()
    }
}

/// The process and what was said to it.
pub(super) struct Talk {
    launch: Launch,
    limits: Limits,
    said: Said,
    /// `None` after it ended.
    running: Option<Running>,
    /// The [`Point`] that the process stands at.
    pub(super) at: Option<u64>,
    named: u64,
    /// Questions that nobody waits for any more.
    pub(super) stale: usize,
    ends: u32,
    ends_in_a_row: u32,
    /// Why it is not started any more.
    given_up: Option<Arc<str>>,
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

    fn begin(&mut self, stream: &StreamName, stop: &dyn Fn() -> bool) -> Result<Point, Silence> {
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
