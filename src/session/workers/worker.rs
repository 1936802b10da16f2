//! A worker thread with its queue: one job runs, the next ones wait, and what is no longer wanted is dropped.
//!
//! A question that replaces another bumps the generation of the queue; the running job compares it as it goes and stops
//! (see [`CancelToken`]). Asking for one more page or state of the same answer does not bump it, or scrolling would
//! starve itself. This is the pattern of `interrupt/src/sql.rs` in Mozilla's application-services: a counter that is
//! captured when work is asked for can neither hit the next job nor miss the gap between two.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::source::Interrupt;

/// A worker, and the jobs that wait for it.
pub(in crate::session) struct Worker<J> {
    shared: Arc<Shared<J>>,
    /// How many jobs may wait; the oldest is dropped beyond that, as it is asked for again if it is still wanted.
    capacity: usize,
}

struct Shared<J> {
    queue: Mutex<Queue<J>>,
    arrived: Condvar,
    generation: Arc<AtomicU64>,
}

struct Queue<J> {
    waiting: VecDeque<(CancelToken, J)>,
    running: Option<(CancelToken, J)>,
    open: bool,
}

/// The generation in which a job was asked for, and the counter that tells whether that is still the present one.
#[derive(Clone, Debug, Default)]
pub(in crate::session) struct CancelToken {
    counter: Arc<AtomicU64>,
    mine: u64,
}

impl CancelToken {
    /// What stops the job's queries.
    pub(in crate::session) fn interrupt(&self) -> Interrupt {
        Interrupt::of(&self.counter, self.mine)
    }

    /// The generation; the job's answers carry it.
    pub(in crate::session) fn generation(&self) -> u64 {
        self.mine
    }

    /// Whether nobody wants the answer any more.
    pub(in crate::session) fn is_cancelled(&self) -> bool {
        self.counter.load(Ordering::Acquire) != self.mine
    }

    /// Cancels the job, and nothing that was asked for after it was cancelled already.
    pub(in crate::session) fn cancel(&self) {
        // A failed exchange means just that.
        let _ = self.counter.compare_exchange(self.mine, self.mine + 1, Ordering::AcqRel, Ordering::Acquire);
    }
}

/// What a job is given while it runs.
pub(in crate::session) struct JobContext<'a> {
    /// How the job learns that it is no longer wanted.
    pub(in crate::session) token: CancelToken,
    others_wait: &'a dyn Fn() -> bool,
}

impl JobContext<'_> {
    /// Whether other jobs wait. Long work gives way to them and goes on when it is asked for again.
    pub(in crate::session) fn others_wait(&self) -> bool {
        (self.others_wait)()
    }
}

impl<J> Shared<J> {
    /// The queue. A worker's panic is caught outside of the lock, so a poisoned one is still whole.
    fn queue(&self) -> MutexGuard<'_, Queue<J>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn token(&self) -> CancelToken {
        CancelToken { counter: Arc::clone(&self.generation), mine: self.now() }
    }
}

impl<J: Clone + PartialEq + Send + 'static> Worker<J> {
    /// Starts a worker. `work` does one job; `failed` is told of the job and its generation when it panicked.
    pub(in crate::session) fn start(
        name: &str,
        capacity: usize,
        mut work: impl FnMut(J, &JobContext<'_>) + Send + 'static,
        mut failed: impl FnMut(J, u64, Error) + Send + 'static,
    ) -> Result<Self> {
        let queue: Queue<J> = Queue { waiting: VecDeque::new(), running: None, open: true };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            arrived: Condvar::new(),
            generation: Arc::new(AtomicU64::new(1)),
        });
        let theirs = Arc::clone(&shared);
        let body = move || {
            while let Some((token, job)) = next(&theirs) {
                let others = || !theirs.queue().waiting.is_empty();
                let generation = token.generation();
                let context = JobContext { token, others_wait: &others };
                let done = catch_unwind(AssertUnwindSafe(|| work(job.clone(), &context)));
                theirs.queue().running = None;
                if let Err(panic) = done {
                    failed(job, generation, panicked(&*panic));
                }
            }
        };
        std::thread::Builder::new().name(format!("eventscope {name}")).spawn(body)?;
        Ok(Self { shared, capacity })
    }

    /// Asks for one more thing of the present generation. Asking twice for the same is asking once.
    pub(in crate::session) fn submit(&self, job: J) {
        // What runs and is cancelled answers nobody.
        let runs = |(token, running): &(CancelToken, J)| *running == job && !token.is_cancelled();
        if !self.shared.queue().running.as_ref().is_some_and(runs) {
            self.renew(job);
        }
    }

    /// Asks for something though it may be at work already: what it read then is no longer so.
    pub(in crate::session) fn renew(&self, job: J) {
        let mut queue = self.shared.queue();
        if queue.waiting.iter().any(|(_, waiting)| *waiting == job) {
            return;
        }
        if queue.waiting.len() >= self.capacity {
            queue.waiting.pop_front();
        }
        queue.waiting.push_back((self.shared.token(), job));
        self.shared.arrived.notify_one();
    }

    /// Cancels everything that was asked, running or waiting, and returns the new generation.
    pub(in crate::session) fn cancel(&self) -> u64 {
        let mut queue = self.shared.queue();
        queue.waiting.clear();
        self.shared.generation.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// The generation that an answer must carry to be wanted.
    pub(in crate::session) fn generation(&self) -> u64 {
        self.shared.now()
    }
}

/// Ends the worker: what runs is interrupted, what waits is dropped. Nobody waits for the thread.
impl<J> Drop for Worker<J> {
    fn drop(&mut self) {
        let mut queue = self.shared.queue();
        queue.open = false;
        queue.waiting.clear();
        self.shared.generation.fetch_add(1, Ordering::AcqRel);
        self.shared.arrived.notify_one();
    }
}

/// The next job, once there is one; `None` when the worker is gone. Jobs of an earlier generation are passed over.
fn next<J: Clone>(shared: &Shared<J>) -> Option<(CancelToken, J)> {
    let mut queue = shared.queue();
    loop {
        if !queue.open {
            return None;
        }
        if let Some((token, job)) = queue.waiting.pop_front() {
            if token.is_cancelled() {
                continue;
            }
            queue.running = Some((token.clone(), job.clone()));
            return Some((token, job));
        }
        queue = shared.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
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
        Cancelled(u32),
    }

    /// A worker that panics at 13, and at 100 waits until it is cancelled.
    fn worker(capacity: usize) -> (Worker<u32>, Receiver<Told>) {
        let (sender, told) = channel();
        let failures = sender.clone();
        let work = move |job, context: &JobContext<'_>| {
            assert_ne!(job, 13, "the job is thirteen");
            while job == 100 && !context.token.is_cancelled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            sender.send(if job == 100 { Told::Cancelled(job) } else { Told::Done(job) }).unwrap();
        };
        let failed = move |job, generation, error: Error| {
            failures.send(Told::Failed(job, generation, error.to_string())).unwrap();
        };
        (Worker::start("test", capacity, work, failed).unwrap(), told)
    }

    fn next_told(told: &Receiver<Told>) -> Told {
        told.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    #[test]
    fn a_panic_is_told_and_the_next_job_is_done() {
        let (worker, told) = worker(4);
        worker.submit(13);
        worker.submit(7);
        let Told::Failed(13, generation, message) = next_told(&told) else { panic!("no failure") };
        assert_eq!(generation, worker.generation());
        assert!(message.contains("the job is thirteen"), "{message}");
        assert_eq!(next_told(&told), Told::Done(7));
    }

    #[test]
    fn a_new_question_withdraws_the_one_before() {
        let (worker, told) = worker(4);
        worker.submit(100);
        worker.submit(1);
        worker.cancel();
        worker.submit(2);
        // The first one may not even have begun.
        let mut first = next_told(&told);
        if first == Told::Cancelled(100) {
            first = next_told(&told);
        }
        assert_eq!(first, Told::Done(2));
    }

    fn until_running(worker: &Worker<u32>) {
        while worker.shared.queue().running.is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn waiting(worker: &Worker<u32>) -> Vec<u32> {
        worker.shared.queue().waiting.iter().map(|(_, job)| *job).collect()
    }

    #[test]
    fn what_is_at_work_is_asked_for_again_only_where_it_was_withdrawn_or_is_to_be_renewed() {
        let (worker, told) = worker(4);
        worker.submit(100);
        until_running(&worker);
        worker.submit(100);
        assert!(waiting(&worker).is_empty());
        worker.renew(100);
        worker.renew(100);
        assert_eq!(waiting(&worker), [100]);
        // In one go, as a refresh does it: the job that is withdrawn may still be at work.
        worker.cancel();
        worker.submit(100);
        assert_eq!(next_told(&told), Told::Cancelled(100));
        while !waiting(&worker).is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        worker.cancel();
        assert_eq!(next_told(&told), Told::Cancelled(100), "the second one is worked on");
    }

    #[test]
    fn what_waits_for_longest_gives_way() {
        let (worker, told) = worker(2);
        worker.submit(100);
        until_running(&worker);
        for job in [1, 2, 2, 3] {
            worker.submit(job);
        }
        assert_eq!(waiting(&worker), [2, 3]);
        drop(worker);
        assert_eq!(next_told(&told), Told::Cancelled(100));
        assert!(told.recv_timeout(Duration::from_secs(10)).is_err(), "the worker ends with its queue");
    }
}
