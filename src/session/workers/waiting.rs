//! Waiting for a file that another process keeps locked: for as long as somebody wants the answer, and no longer.
//!
//! A reader that gave up after a moment would leave a hole on the screen that nobody fills once the lock is gone. What
//! waits shows as what is still being read; that the file is locked is said by the worker that follows it.

use std::cell::RefCell;
use std::thread;
use std::time::Duration;

use crate::source::Interrupt;

/// The longest time between two tries: an application that locks the file over and over leaves gaps.
const PAUSE: Duration = Duration::from_millis(25);

/// The time between two tries to open a file.
const AGAIN: Duration = Duration::from_millis(300);

thread_local! {
    /// What the thread works for. SQLite's handler of locks is a function that is told of neither the connection nor the
    /// question, and runs on the thread that asks.
    static WORK: RefCell<Option<Interrupt>> = const { RefCell::new(None) };
}

/// What this thread works for from now on.
pub(in crate::session) fn works_for(work: Option<Interrupt>) {
    WORK.set(work);
}

/// What this thread works for, for another one that helps it.
pub(in crate::session) fn work() -> Option<Interrupt> {
    WORK.with_borrow(Clone::clone)
}

/// Waits a little for a lock, where the work is still wanted. See [`crate::source::OnLock`].
pub(in crate::session) fn while_wanted(tries: i32) -> bool {
    if !WORK.with_borrow(|work| work.as_ref().is_some_and(|work| !work.is_raised())) {
        return false;
    }
    thread::sleep(Duration::from_millis(u64::from(tries.unsigned_abs()) + 1).min(PAUSE));
    true
}

/// Waits until it is time to try again to open a file.
pub(in crate::session) fn a_while() {
    thread::sleep(AGAIN);
}
