//! A bell for each file, rung after every commit: whoever waits for events in the same process need not poll.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// The bells of the files that are open in this process, by full path.
static BELLS: Mutex<BTreeMap<PathBuf, Weak<Bell>>> = Mutex::new(BTreeMap::new());

/// Counts commits, and wakes whoever waits for the next one.
#[derive(Default)]
pub(super) struct Bell {
    rung: Mutex<u64>,
    waiting: Condvar,
}

impl Bell {
    /// The bell of a file: the same one for every connection to it in this process.
    pub(super) fn of(path: &Path) -> Arc<Self> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut bells = held(&BELLS);
        bells.retain(|_, bell| bell.strong_count() > 0);
        if let Some(bell) = bells.get(&path).and_then(Weak::upgrade) {
            return bell;
        }
        let bell = Arc::new(Self::default());
        bells.insert(path, Arc::downgrade(&bell));
        bell
    }

    pub(super) fn ring(&self) {
        *held(&self.rung) += 1;
        self.waiting.notify_all();
    }

    /// How often it has rung.
    pub(super) fn rung(&self) -> u64 {
        *held(&self.rung)
    }

    /// Waits until it has rung more than `heard` times, or for so long.
    pub(super) fn wait(&self, heard: u64, timeout: Duration) {
        let rung = held(&self.rung);
        drop(
            self.waiting
                .wait_timeout_while(rung, timeout, |rung| *rung <= heard)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
}

/// A count stays right even where somebody panicked while holding it.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
