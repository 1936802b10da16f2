//! The application's own code as a reducer: the one process that everybody folds with.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, StreamName};

use super::batch::Batch;
use super::channel::Said;
use super::conversation::{Answered, Point, Talk, ended, stopped};
use super::running::{Launch, Limits, Running, Silence};

/// The application's own code, as a process. Cheap to clone; it ends with the last clone.
///
/// There is one process, whoever folds with it: it is told to begin anew where another fold was in between.
#[derive(Clone)]
pub struct ReducerProcess {
    launch: Arc<Launch>,
    talk: Arc<Mutex<Talk>>,
}

impl ReducerProcess {
    /// Starts the process and waits until it says who it is. `said` hears its standard error.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where it cannot be started; [`ErrorKind::BadInput`] where it does not speak the protocol;
    /// [`ErrorKind::Cancelled`] where `stop` said so.
    pub fn start(launch: Launch, limits: Limits, said: Said, stop: &dyn Fn() -> bool) -> Result<Self> {
        let running = Running::start(&launch, limits, &said, stop)?;
        let launch = Arc::new(launch);
        let talk = Talk {
            launch: Arc::clone(&launch),
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
        Ok(Self { launch, talk: Arc::new(Mutex::new(talk)) })
    }

    /// What was started.
    #[must_use]
    pub fn launch(&self) -> &Launch {
        &self.launch
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
        self.talk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for ReducerProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReducerProcess").field("launch", &self.launch).finish_non_exhaustive()
    }
}
