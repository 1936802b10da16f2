//! A signal for each file, given after every commit: whoever waits for events in the same process need not poll.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// The signals of the files that are open in this process, by full path.
static SIGNALS: Mutex<BTreeMap<PathBuf, Weak<CommitSignal>>> = Mutex::new(BTreeMap::new());

/// Counts commits, and wakes whoever waits for the next one.
#[derive(Default)]
pub(super) struct CommitSignal {
    commits: Mutex<u64>,
    waiting: Condvar,
}

impl CommitSignal {
    /// The signal of a file: the same one for every connection to it in this process.
    pub(super) fn of(path: &Path) -> Arc<Self> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut signals = held(&SIGNALS);
        signals.retain(|_, signal| signal.strong_count() > 0);
        if let Some(signal) = signals.get(&path).and_then(Weak::upgrade) {
            return signal;
        }
        let signal = Arc::new(Self::default());
        signals.insert(path, Arc::downgrade(&signal));
        signal
    }

    /// Wakes whoever waits: something was committed.
    pub(super) fn notify(&self) {
        *held(&self.commits) += 1;
        self.waiting.notify_all();
    }

    /// How many commits there were.
    pub(super) fn count(&self) -> u64 {
        *held(&self.commits)
    }

    /// Waits until there were more than `seen` commits, or for so long.
    pub(super) fn wait(&self, seen: u64, timeout: Duration) {
        let commits = held(&self.commits);
        drop(
            self.waiting
                .wait_timeout_while(commits, timeout, |commits| *commits <= seen)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
}

/// A count stays right even where somebody panicked while holding it.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
