//! Counts what the events of a stream say for themselves, up to the shown version.

use std::cell::RefCell;
use std::sync::Arc;

use crate::error::Result;
use crate::event::{StreamName, Version};
use crate::replay::{Apart, Reducers};

use crate::session::Loading;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{CancelToken, Worker};

/// A stream, and up to which version.
type Place = (StreamName, Version);

/// The generation of the question, what it is about, and what was counted.
pub(in crate::session) type ApartAnswer = (u64, Place, Result<Arc<Apart>>);

/// What is to be counted. Other rules come with another generation, so that two jobs for one are one.
#[derive(Clone)]
struct Job {
    place: Place,
    reducers: Reducers,
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

/// The worker, and what it counted last.
pub(in crate::session) struct Aparts {
    worker: Worker<Job>,
    held: RefCell<Option<(Place, Loading<Arc<Apart>>)>>,
}

impl Aparts {
    /// Starts the worker.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<ApartAnswer>) -> Result<Self> {
        let mut counter = Counter { reader: Reader::new(origin), last: None };
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "events alone",
            1,
            move |job: Job, context| {
                let apart = counter.count(&job, &context.token);
                sent.send((context.token.generation(), job.place, apart));
            },
            move |job, generation, error| told.send((generation, job.place, Err(error))),
        )?;
        Ok(Self { worker, held: RefCell::default() })
    }

    /// What the events up to a version say for themselves. While it is counted, what was counted before stands in.
    pub(in crate::session) fn of(
        &self,
        stream: &StreamName,
        version: Version,
        reducers: &Reducers,
    ) -> Loading<Arc<Apart>> {
        let mut held = self.held.borrow_mut();
        let place = (stream.clone(), version);
        let now = match held.take() {
            Some((of, answer)) if of == place => answer,
            Some((of, answer)) if of.0 == *stream => answer.value().cloned().map_or(Loading::Missing, Loading::Stale),
            _ => Loading::Missing,
        };
        if now.is_loading() {
            self.worker.submit(Job { place: place.clone(), reducers: reducers.clone() });
        }
        *held = Some((place, now.clone()));
        now
    }

    /// The rules are others now, or the file is.
    pub(in crate::session) fn mark_stale(&self) {
        self.worker.cancel();
        self.held.take();
    }

    /// Takes in what was counted.
    pub(in crate::session) fn take(&self, generation: u64, place: &Place, counted: Result<Arc<Apart>>) {
        if generation != self.worker.generation() {
            return;
        }
        if let Some((of, answer)) = &mut *self.held.borrow_mut()
            && of == place
        {
            *answer = match counted {
                Ok(counted) => Loading::Ready(counted),
                Err(error) => Loading::Failed(Arc::new(error)),
            };
        }
    }
}

struct Counter {
    reader: Reader,
    /// What was counted last, to go on from: the generation, the stream.
    last: Option<(u64, StreamName, Apart)>,
}

impl Counter {
    fn count(&mut self, job: &Job, token: &CancelToken) -> Result<Arc<Apart>> {
        let (stream, version) = &job.place;
        let source = self.reader.source(token)?;
        let goes_on = |(generation, of, apart): &(u64, StreamName, Apart)| {
            *generation == token.generation() && of == stream && apart.version().is_some_and(|last| last <= *version)
        };
        let mut apart = match self.last.take().filter(goes_on) {
            Some((_, _, apart)) => apart,
            None => Apart::new(&job.reducers, &stream.aggregate_type),
        };
        let next = apart.version().map_or(Version::MIN, |last| last.saturating_add(1));
        if next <= *version {
            for event in source.read_stream(stream, next, Some(*version))? {
                apart.take(&event?);
            }
        }
        self.last = Some((token.generation(), stream.clone(), apart.clone()));
        Ok(Arc::new(apart))
    }
}
