//! The one writer: a thread that takes all requests that wait and appends them in one transaction, so that they share its
//! commit. Each is answered only after that, and is refused or carried out by itself.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use super::metrics::Metrics;
use super::problem::Problem;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Answered, Refusal, Request, Store};

/// How many requests may wait before those behind them wait with their bodies unread.
const QUEUE: usize = 2_048;

/// How many requests are committed together at most: those behind them wait for as long.
const TOGETHER: usize = 256;

/// How many events are committed together, unless one request has more.
const EVENTS: usize = 2_000;

/// Something that is done with the store.
type Work = Box<dyn FnOnce(&mut dyn Store) + Send>;

/// What the writer is asked.
enum Job {
    Append {
        request: Arc<Request>,
        answer: oneshot::Sender<Result<Answered, Problem>>,
    },
    /// Something else that writes, in a transaction of its own.
    Other(Work),
}

/// Where requests wait for the writer.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the writer. It ends, having written all that waits, once nobody holds this any more.
    pub(super) fn start(store: Box<dyn Store>, metrics: Arc<Metrics>) -> Result<(Self, JoinHandle<()>)> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let work = move || write_all(store, jobs, &metrics);
        let thread = thread::Builder::new().name("writer".to_owned()).spawn(work)?;
        Ok((Self { queue }, thread))
    }

    /// Appends events, all or none, and answers once they are committed.
    pub(super) async fn append(&self, request: Arc<Request>) -> Result<Answered, Problem> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Job::Append { request, answer }).await.map_err(|_| Problem::closing())?;
        answered.await.map_err(|_| Problem::closing())?
    }

    /// Does something else with the store that writes to it.
    pub(super) async fn carry_out<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Other(Box::new(move |store| {
            // Whoever asked may have gone away.
            let _ = answer.send(work(store));
        }));
        self.queue.send(job).await.map_err(|_| Problem::closing())?;
        answered.await.map_err(|_| Problem::closing())?.map_err(Problem::from)
    }

    /// The same, for a thread that waits for the answer.
    pub(super) fn carry_out_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let closed = || Error::new(ErrorKind::Cancelled, "the service is being ended");
        let (answer, answered) = oneshot::channel();
        let job = Job::Other(Box::new(move |store| {
            let _ = answer.send(work(store));
        }));
        self.queue.blocking_send(job).map_err(|_| closed())?;
        answered.blocking_recv().map_err(|_| closed())?
    }
}

/// An append that waits, and where its answer goes.
struct Waiting {
    request: Arc<Request>,
    answer: oneshot::Sender<Result<Answered, Problem>>,
}

fn write_all(mut store: Box<dyn Store>, mut jobs: mpsc::Receiver<Job>, metrics: &Metrics) {
    while let Some(job) = jobs.blocking_recv() {
        let mut group = Vec::new();
        let mut events = 0;
        let mut next = Some(job);
        let mut other = None;
        while let Some(job) = next.take() {
            match job {
                Job::Append { request, answer } => {
                    events += request.entries.len();
                    group.push(Waiting { request, answer });
                }
                Job::Other(work) => {
                    other = Some(work);
                    break;
                }
            }
            if group.len() < TOGETHER && events < EVENTS {
                next = jobs.try_recv().ok();
            }
        }
        if !group.is_empty() {
            write_group(&mut *store, group, metrics);
        }
        if let Some(work) = other {
            work(&mut *store);
        }
    }
}

/// Appends what waits in one transaction. Where that fails as a whole each is tried by itself, so that none suffers from
/// what another one met.
fn write_group(store: &mut dyn Store, group: Vec<Waiting>, metrics: &Metrics) {
    let started = Instant::now();
    let failure = match together(store, &group) {
        Ok(answers) => {
            let answers: Vec<_> = answers.into_iter().map(|answered| answered.map_err(Problem::from)).collect();
            metrics.committed(&answers, started.elapsed());
            for (waiting, answered) in group.into_iter().zip(answers) {
                let _ = waiting.answer.send(answered);
            }
            return;
        }
        Err(failure) => failure,
    };
    metrics.failed_commits.add(1);
    if let [_] = group.as_slice() {
        let problem = Problem::from(failure);
        for waiting in group {
            let _ = waiting.answer.send(Err(problem.clone()));
        }
        return;
    }
    for waiting in group {
        write_group(store, vec![waiting], metrics);
    }
}

fn together(store: &mut dyn Store, group: &[Waiting]) -> Result<Vec<Result<Answered, Refusal>>> {
    let requests: Vec<&Request> = group.iter().map(|waiting| &*waiting.request).collect();
    store.append_requests(&requests)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{ExpectedVersion, NewEvent, StreamName};
    use crate::store::{Entry, EventStore};

    fn waiting(id: &str, expected: ExpectedVersion) -> (Waiting, oneshot::Receiver<Result<Answered, Problem>>) {
        let (answer, answered) = oneshot::channel();
        let event = NewEvent::new("cup.sold", json!({}));
        let entries = vec![Entry { stream: StreamName::new("cup", id), expected, event }];
        (Waiting { request: Arc::new(Request { entries, beyond: None }), answer }, answered)
    }

    #[test]
    fn requests_that_share_a_commit_are_refused_one_by_one() {
        let mut store = EventStore::open_in_memory().unwrap();
        let metrics = Metrics::default();
        let (first, mut first_answer) = waiting("1", ExpectedVersion::NoStream);
        let (second, mut second_answer) = waiting("1", ExpectedVersion::NoStream);
        let (third, mut third_answer) = waiting("1", ExpectedVersion::Exactly(1));
        write_group(&mut store, vec![first, second, third], &metrics);
        assert_eq!(first_answer.try_recv().unwrap().unwrap().events[0].version, 1);
        assert_eq!(second_answer.try_recv().unwrap().unwrap_err().status().as_u16(), 409);
        assert_eq!(third_answer.try_recv().unwrap().unwrap().events[0].version, 2);
        assert_eq!((metrics.commits.get(), metrics.appended.get(), store.read_all(None, 9).unwrap().len()), (1, 2, 2));
    }
}
