//! Folds with the process as with rules: what is asked of a fold one by one is asked of the process ahead.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::event::{Event, Position, StreamName, Version};
use crate::replay::{Change, Evolve, Outcome, State};

use super::conversation::{Answered, Point};
use super::reducer::ReducerProcess;

/// How many events are sent ahead, at most. Their states are held until they are asked for.
const AHEAD: usize = 1024;

/// How many are sent ahead before it is known how long they take.
const FIRST: usize = 32;

/// How long those that are sent ahead may take: nobody else is served meanwhile, and nobody sees how far it is.
const PATIENCE: Duration = Duration::from_millis(150);

/// Says when the folds that hold it are to stop. They outlive the question that they were begun for, so that it can be set
/// anew.
#[derive(Clone)]
pub struct StopSwitch(Arc<Mutex<Arc<dyn Fn() -> bool + Send + Sync>>>);

impl Default for StopSwitch {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Arc::new(|| false))))
    }
}

impl StopSwitch {
    /// From now on `stop` says it.
    pub fn set(&self, stop: impl Fn() -> bool + Send + Sync + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(stop);
    }

    fn now(&self) -> Arc<dyn Fn() -> bool + Send + Sync> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The fold of one stream by the application's own code.
pub struct ProcessFold {
    process: ReducerProcess,
    stop: StopSwitch,
    stream: StreamName,
    /// `None` before it began.
    point: Option<Point>,
    state: State,
    /// What became of the events that it saw ahead.
    ready: VecDeque<(Position, Version, Answered)>,
    /// How many events are sent ahead next.
    ahead: usize,
}

impl ProcessFold {
    /// A fold that has not begun.
    #[must_use]
    pub fn new(process: ReducerProcess, stop: StopSwitch) -> Self {
        let (stream, state, ready) = (StreamName::default(), State::default(), VecDeque::new());
        Self { process, stop, stream, point: None, state, ready, ahead: FIRST }
    }

    fn go_to(&mut self, point: Point) {
        self.state = State::from(Arc::clone(point.state())).with_resume(point.resume().cloned());
        self.point = Some(point);
    }

    /// Takes in how long events took that were sent ahead.
    fn pace(&mut self, events: usize, took: Duration) {
        if took > PATIENCE {
            self.ahead = (self.ahead / 2).max(1);
        } else if events >= self.ahead && took < PATIENCE / 3 {
            self.ahead = (self.ahead * 2).min(AHEAD);
        }
    }

    /// Where it stands; it begins where it has not.
    fn point(&mut self) -> Result<Point> {
        if let Some(point) = &self.point {
            return Ok(point.clone());
        }
        let point = self.process.begin(&self.stream, &*self.stop.now())?;
        self.go_to(point.clone());
        Ok(point)
    }
}

impl Evolve for ProcessFold {
    fn begin(&mut self, stream: &StreamName, from: Option<&State>) -> Result<()> {
        self.ready.clear();
        self.stream = stream.clone();
        self.point = None;
        if let Some(state) = from {
            self.go_to(Point::of(state));
        }
        self.point().map(drop)
    }

    fn ahead(&self) -> Option<usize> {
        Some(self.ahead)
    }

    fn foresee(&mut self, events: &[Event]) -> Result<()> {
        self.ready.clear();
        let from = self.point()?;
        let since = Instant::now();
        let mut ready = VecDeque::with_capacity(events.len());
        let mut each = |index: usize, answered: Answered| {
            if let Some(event) = events.get(index) {
                ready.push_back((event.position, event.version, answered));
            }
            ControlFlow::Continue(())
        };
        self.process.fold(&self.stream, &from, events, &*self.stop.now(), &mut each)?;
        self.ready = ready;
        self.pace(events.len(), since.elapsed());
        Ok(())
    }

    fn apply_into(&mut self, event: &Event, changes: &mut Vec<Change>) -> Result<Outcome> {
        let is_it = |seen: &(Position, Version, Answered)| (seen.0, seen.1) == (event.position, event.version);
        if !self.ready.front().is_some_and(is_it) {
            self.foresee(std::slice::from_ref(event))?;
        }
        let Some((_, _, Answered { point, failed })) = self.ready.pop_front() else {
            return Err(Error::bad_input("the reducer's process said nothing about an event"));
        };
        let before = std::mem::take(&mut self.state);
        self.go_to(point);
        *changes = before.changes_to(&self.state);
        Ok(failed.map_or(Outcome::Applied, Outcome::Failed))
    }

    fn state(&self) -> &State {
        &self.state
    }

    fn another(&self) -> Result<Box<dyn Evolve>> {
        Ok(Box::new(Self::new(self.process.clone(), self.stop.clone())))
    }
}

impl std::fmt::Debug for ProcessFold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessFold").field("stream", &self.stream).field("point", &self.point).finish_non_exhaustive()
    }
}
