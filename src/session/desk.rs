//! A worker thread and the desk in front of it: one job runs, the next ones wait, and what is no longer wanted is dropped.
//!
//! A question that replaces another bumps the desk's generation; the running job compares it as it goes and stops
//! (see [`Ticket`]). Asking for one more page or state of the same answer does not bump it, or scrolling would
//! starve itself. This is the pattern of `interrupt/src/sql.rs` in Mozilla's application-services: a counter that is
//! captured when work is asked for can neither hit the next job nor miss the gap between two.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::source::Interrupt;

/// The jobs that wait for one worker.
pub(super) struct Desk<J> {
    shared: Arc<Shared<J>>,
    /// How many jobs may wait; the oldest is dropped beyond that, as it is asked for again if it is still wanted.
    capacity: usize,
}

struct Shared<J> {
    slot: Mutex<Slot<J>>,
    arrived: Condvar,
    generation: Arc<AtomicU64>,
}

struct Slot<J> {
    waiting: VecDeque<(Ticket, J)>,
    running: Option<J>,
    open: bool,
}

/// The generation in which a job was asked for, and the counter that tells whether that is still the present one.
#[derive(Clone, Debug, Default)]
pub(super) struct Ticket {
    counter: Arc<AtomicU64>,
    mine: u64,
}

impl Ticket {
    /// What stops the job's queries.
    pub(super) fn interrupt(&self) -> Interrupt {
        Interrupt::of(&self.counter, self.mine)
    }

    /// The generation; the job's answers carry it.
    pub(super) fn generation(&self) -> u64 {
        self.mine
    }

    /// Whether nobody wants the answer any more.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.counter.load(Ordering::Acquire) != self.mine
    }

    /// Withdraws the job, and nothing that was asked for after it was withdrawn already.
    pub(super) fn withdraw(&self) {
        // A failed exchange means just that.
        let _ = self.counter.compare_exchange(self.mine, self.mine + 1, Ordering::AcqRel, Ordering::Acquire);
    }
}

/// A job's turn at the worker.
pub(super) struct Turn<'a> {
    /// How the job learns that it is no longer wanted.
    pub(super) ticket: Ticket,
    others: &'a dyn Fn() -> bool,
}

impl Turn<'_> {
    /// Whether other jobs wait. Long work gives way to them and goes on when it is asked for again.
    pub(super) fn others_wait(&self) -> bool {
        (self.others)()
    }
}

impl<J> Shared<J> {
    /// The slot. A worker's panic is caught outside of the lock, so a poisoned one is still whole.
    fn slot(&self) -> MutexGuard<'_, Slot<J>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn ticket(&self) -> Ticket {
        Ticket { counter: Arc::clone(&self.generation), mine: self.now() }
    }
}

impl<J: Clone + PartialEq + Send + 'static> Desk<J> {
    /// Starts a worker. `work` does one job; `failed` is told of the job and its generation when it panicked.
    pub(super) fn start(
        name: &str,
        capacity: usize,
        mut work: impl FnMut(J, &Turn<'_>) + Send + 'static,
        mut failed: impl FnMut(J, u64, Error) + Send + 'static,
    ) -> Result<Self> {
        let slot: Slot<J> = Slot { waiting: VecDeque::new(), running: None, open: true };
        let shared = Arc::new(Shared {
            slot: Mutex::new(slot),
            arrived: Condvar::new(),
            generation: Arc::new(AtomicU64::new(1)),
        });
        let theirs = Arc::clone(&shared);
        let body = move || {
            while let Some((ticket, job)) = next(&theirs) {
                let others = || !theirs.slot().waiting.is_empty();
                let generation = ticket.generation();
                let turn = Turn { ticket, others: &others };
                let done = catch_unwind(AssertUnwindSafe(|| work(job.clone(), &turn)));
                theirs.slot().running = None;
                if let Err(panic) = done {
                    failed(job, generation, panicked(&*panic));
                }
            }
        };
        std::thread::Builder::new().name(format!("eventscope {name}")).spawn(body)?;
        Ok(Self { shared, capacity })
    }

    /// Asks for one more thing of the present generation. Asking twice for the same is asking once.
    pub(super) fn ask(&self, job: J) {
        let mut slot = self.shared.slot();
        if slot.running.as_ref() == Some(&job) || slot.waiting.iter().any(|(_, waiting)| *waiting == job) {
            return;
        }
        if slot.waiting.len() >= self.capacity {
            slot.waiting.pop_front();
        }
        slot.waiting.push_back((self.shared.ticket(), job));
        self.shared.arrived.notify_one();
    }

    /// Withdraws everything that was asked, running or waiting, and returns the new generation.
    pub(super) fn withdraw(&self) -> u64 {
        let mut slot = self.shared.slot();
        slot.waiting.clear();
        self.shared.generation.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// The generation that an answer must carry to be wanted.
    pub(super) fn generation(&self) -> u64 {
        self.shared.now()
    }
}

/// Ends the worker: what runs is interrupted, what waits is dropped. Nobody waits for the thread.
impl<J> Drop for Desk<J> {
    fn drop(&mut self) {
        let mut slot = self.shared.slot();
        slot.open = false;
        slot.waiting.clear();
        self.shared.generation.fetch_add(1, Ordering::AcqRel);
        self.shared.arrived.notify_one();
    }
}

/// The next job, once there is one; `None` when the desk is gone. Jobs of an earlier generation are passed over.
fn next<J: Clone>(shared: &Shared<J>) -> Option<(Ticket, J)> {
    let mut slot = shared.slot();
    loop {
        if !slot.open {
            return None;
        }
        if let Some((ticket, job)) = slot.waiting.pop_front() {
            if ticket.is_withdrawn() {
                continue;
            }
            slot.running = Some(job.clone());
            return Some((ticket, job));
        }
        slot = shared.arrived.wait(slot).unwrap_or_else(PoisonError::into_inner);
    }
}

/// The error that stands for a panic: a fault of this program, said as one.
fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned());
    Error::new(ErrorKind::Unsupported, format!("a fault in this program stopped its work: {said}"))
        .with_hint("Please report it together with what you did. Everything else goes on.")
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use super::*;

    #[derive(Debug, PartialEq)]
    enum Told {
        Done(u32),
        Failed(u32, u64, String),
        Withdrawn(u32),
    }

    /// A worker that panics at 13, and at 100 waits until it is withdrawn.
    fn worker(capacity: usize) -> (Desk<u32>, Receiver<Told>) {
        let (sender, told) = channel();
        let failures = sender.clone();
        let work = move |job, turn: &Turn<'_>| {
            assert_ne!(job, 13, "the job is thirteen");
            while job == 100 && !turn.ticket.is_withdrawn() {
                std::thread::sleep(Duration::from_millis(1));
            }
            sender.send(if job == 100 { Told::Withdrawn(job) } else { Told::Done(job) }).unwrap();
        };
        let failed = move |job, generation, error: Error| {
            failures.send(Told::Failed(job, generation, error.to_string())).unwrap();
        };
        (Desk::start("test", capacity, work, failed).unwrap(), told)
    }

    fn next_told(told: &Receiver<Told>) -> Told {
        told.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    #[test]
    fn a_panic_is_told_and_the_next_job_is_done() {
        let (desk, told) = worker(4);
        desk.ask(13);
        desk.ask(7);
        let Told::Failed(13, generation, message) = next_told(&told) else { panic!("no failure") };
        assert_eq!(generation, desk.generation());
        assert!(message.contains("the job is thirteen"), "{message}");
        assert_eq!(next_told(&told), Told::Done(7));
    }

    #[test]
    fn a_new_question_withdraws_the_one_before() {
        let (desk, told) = worker(4);
        desk.ask(100);
        desk.ask(1);
        desk.withdraw();
        desk.ask(2);
        // The first one may not even have begun.
        let mut first = next_told(&told);
        if first == Told::Withdrawn(100) {
            first = next_told(&told);
        }
        assert_eq!(first, Told::Done(2));
    }

    #[test]
    fn what_waits_for_longest_gives_way() {
        let (desk, told) = worker(2);
        desk.ask(100);
        while desk.shared.slot().running.is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        for job in [1, 2, 2, 3] {
            desk.ask(job);
        }
        let waiting: Vec<u32> = desk.shared.slot().waiting.iter().map(|(_, job)| *job).collect();
        assert_eq!(waiting, [2, 3]);
        drop(desk);
        assert_eq!(next_told(&told), Told::Withdrawn(100));
        assert!(told.recv_timeout(Duration::from_secs(10)).is_err(), "the worker ends with its desk");
    }
}
