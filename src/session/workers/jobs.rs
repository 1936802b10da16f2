//! The jobs that are running: workers say what long work they do, so that a person sees it and can stop it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::event::StreamName;

use super::worker::CancelToken;
use crate::session::asking::question::AskKey;
use crate::session::{CausesOf, JobId, JobView, Wake};

/// Work that takes less than this is over before anybody could read its title.
const WORTH_SHOWING: std::time::Duration = std::time::Duration::from_millis(150);

/// What long work is going on.
#[derive(Clone)]
pub(in crate::session) struct Jobs {
    wake: Wake,
    running: Arc<Mutex<BTreeMap<JobId, Job>>>,
    last: Arc<AtomicU64>,
}

/// What a piece of work is about: whoever stops it must not ask for it again.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::session) enum Subject {
    /// The rows of the event table.
    Rows,
    /// The history of a stream.
    Replay(StreamName),
    /// The comparison of the snapshots of an aggregate type.
    Snapshots(String),
    /// A question to the history of a stream.
    Asked(Box<AskKey>),
    /// A what-if branch.
    Branch,
    /// Two states that are compared.
    Comparing,
    /// The invariants of the whole store.
    Checking,
    /// The snapshots of the whole store.
    Drifting,
    /// How much of what there is.
    Counting,
    /// What the data of each event type looks like.
    Inferring,
    /// What is wrong in the store.
    Auditing,
    /// How events caused one another.
    Causes(CausesOf),
    /// The rows of a table.
    Tables,
    /// Events that a person looks for.
    Seeking,
    /// A large value.
    Large,
    /// The copy of the file that is being opened.
    Opening,
    /// Something that nobody asks for again by itself.
    Other,
}

struct Job {
    subject: Subject,
    title: String,
    started: Instant,
    done: u64,
    of: Option<u64>,
    token: CancelToken,
}

impl Jobs {
    /// No job yet. Somebody is woken whenever work that was worth showing is over.
    pub(in crate::session) fn new(wake: Wake) -> Self {
        Self { wake, running: Arc::default(), last: Arc::default() }
    }

    /// What wakes the window.
    pub(in crate::session) fn wake(&self) -> Wake {
        Arc::clone(&self.wake)
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<JobId, Job>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a job that begins. It ends when what is returned is dropped, also by a panic.
    pub(in crate::session) fn begin(
        &self,
        subject: Subject,
        title: impl Into<String>,
        of: Option<u64>,
        token: &CancelToken,
    ) -> RunningJob {
        let id = JobId(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let job = Job { subject, title: title.into(), started: Instant::now(), done: 0, of, token: token.clone() };
        self.running().insert(id, job);
        RunningJob { jobs: self.clone(), id }
    }

    /// The work that is worth showing, oldest first.
    pub(in crate::session) fn shown(&self) -> Vec<JobView> {
        let running = self.running();
        running.iter().filter(|(_, job)| job.started.elapsed() >= WORTH_SHOWING).map(view).collect()
    }

    /// Stops one piece of work, and nothing that came after it. Returns what it was about.
    pub(in crate::session) fn stop(&self, job: JobId) -> Option<Subject> {
        let running = self.running();
        let job = running.get(&job)?;
        job.token.cancel();
        Some(job.subject.clone())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share and a rate are shown with two digits")]
fn view((id, job): (&JobId, &Job)) -> JobView {
    let seconds = job.started.elapsed().as_secs_f64();
    let share = |of: u64| (job.done as f32 / of.max(1) as f32).clamp(0.0, 1.0);
    // Events are what is counted by the second.
    let counted = !matches!(job.subject, Subject::Tables | Subject::Large | Subject::Opening | Subject::Causes(_));
    let rate = (counted && job.done > 0 && seconds > 0.0).then(|| job.done as f64 / seconds);
    JobView { id: *id, title: job.title.clone(), progress: job.of.map(share), rate }
}

/// A job that is running, until this is dropped.
pub(in crate::session) struct RunningJob {
    jobs: Jobs,
    id: JobId,
}

impl RunningJob {
    /// Says how much is done.
    pub(in crate::session) fn done(&self, done: u64) {
        if let Some(job) = self.jobs.running().get_mut(&self.id) {
            job.done = done;
        }
    }
}

impl Drop for RunningJob {
    fn drop(&mut self) {
        let job = self.jobs.running().remove(&self.id);
        if job.is_some_and(|job| job.started.elapsed() >= WORTH_SHOWING) {
            (self.jobs.wake)();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_shown_once_it_is_worth_it_and_stopping_withdraws_it() {
        let woken = Arc::new(AtomicU64::new(0));
        let told = Arc::clone(&woken);
        let jobs = Jobs::new(Arc::new(move || {
            told.fetch_add(1, Ordering::Relaxed);
        }));
        let token = CancelToken::default();
        let running = jobs.begin(Subject::Rows, "Filtering events", Some(200), &token);
        assert_eq!(jobs.shown(), []);
        std::thread::sleep(WORTH_SHOWING);
        running.done(50);
        let shown = jobs.shown();
        assert_eq!((shown[0].title.as_str(), shown[0].progress), ("Filtering events", Some(0.25)));
        assert_eq!(jobs.stop(shown[0].id), Some(Subject::Rows));
        assert!(token.is_cancelled());
        drop(running);
        assert_eq!((jobs.shown(), woken.load(Ordering::Relaxed)), (Vec::new(), 1));
    }
}
