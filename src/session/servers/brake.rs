//! Ends what the server does for a worker that is to stop: the worker itself waits for an answer meanwhile.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::server::{Server, Stopper};

/// How often the server is told to stop: it may have been told between two statements, of which the second then runs.
const TIMES: usize = 40;
const EVERY: Duration = Duration::from_millis(250);

/// Ends what the server does for a worker.
#[derive(Clone, Default)]
pub(super) struct Brake(Arc<Mutex<Option<Arc<Stopper>>>>);

/// While this lives, the server is at work.
pub(super) struct AtWork(Brake);

impl Brake {
    /// Says that a server is at work from now on.
    pub(super) fn at_work(&self, server: &Server) -> AtWork {
        self.set(Some(Arc::new(server.stopper())));
        AtWork(self.clone())
    }

    /// Ends what the server does, from a thread of its own: telling it is a connection.
    pub(super) fn pull(&self) {
        let Some(first) = self.get() else { return };
        let brake = self.clone();
        let pulling = move || {
            for _ in 0..TIMES {
                first.stop();
                std::thread::sleep(EVERY);
                // What is at work by then is something else.
                if brake.get().is_none_or(|now| !Arc::ptr_eq(&now, &first)) {
                    return;
                }
            }
        };
        // Without a thread the statement ends by its time limit.
        let _ = std::thread::Builder::new().name("eventscope stop server".to_owned()).spawn(pulling);
    }

    fn get(&self) -> Option<Arc<Stopper>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, stopper: Option<Arc<Stopper>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = stopper;
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.set(None);
    }
}
