//! A document that is being written, held against what the events of its type look like.
//!
//! What the survey of the store inferred is used where there is one. Otherwise the worker looks at a sample, and at some
//! events of the type where none is in it.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

use crate::error::Result;
use crate::filter::{Field, Filter, Term, compile};
use crate::insight::schema::{Addition, Misfit, Schemas, SchemasWanted, TypeSchema};
use crate::session::Loading;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::scan_together::scan_together;
use crate::session::workers::worker::{CancelToken, Worker};
use crate::source::{ScanRange, Source};

/// How many events of a type are looked at that is not in the sample.
const SOME: usize = 200;

/// A payload of more bytes than that is left unread.
const LARGE: u64 = 64 << 10;

/// A document, and what it is to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FitOf {
    /// The event type.
    pub event_type: String,
    /// The schema version; that of the newest events where it is not said.
    pub schema_version: Option<String>,
    /// The document; `None` while it cannot be read.
    pub data: Option<Value>,
}

/// How a document fits what was seen.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    /// The schemas that were seen.
    schemas: Arc<Schemas>,
    /// The type and the schema version that it was held against; `None` where no event of the type was seen.
    of: Option<(String, Option<String>)>,
    /// The schema versions of the type, by when they came last, the newest first.
    pub versions: Vec<Option<String>>,
    /// Whether only some events were looked at.
    pub is_sample: bool,
    /// Where it is unlike everything that was seen.
    pub misfits: Vec<Misfit>,
    /// What it could still hold.
    pub additions: Vec<Addition>,
    /// The document with what is always there; `None` where nothing is missing, or it cannot be read.
    pub completed: Option<Value>,
}

impl Fit {
    /// The schema that it was held against; `None` where no event of the type and version was seen.
    #[must_use]
    pub fn schema(&self) -> Option<&TypeSchema> {
        let (event_type, version) = self.of.as_ref()?;
        self.schemas.versions(event_type).find(|schema| schema.schema_version == *version)
    }

    fn new(schemas: Arc<Schemas>, is_sample: bool, of: &FitOf) -> Self {
        let mut known: Vec<&TypeSchema> = schemas.versions(&of.event_type).collect();
        known.sort_by_key(|schema| std::cmp::Reverse(schema.events.last));
        let versions = known.iter().map(|schema| schema.schema_version.clone()).collect();
        let schema = match &of.schema_version {
            Some(version) => known.iter().find(|schema| schema.schema_version.as_ref() == Some(version)),
            None => known.first(),
        };
        let mut fit = Self { versions, is_sample, ..Self::default() };
        if let (Some(schema), Some(data)) = (schema, &of.data) {
            fit.misfits = schema.misfits(data);
            fit.additions = schema.additions(data);
            fit.completed = Some(schema.completed(data.clone())).filter(|completed| completed != data);
        }
        fit.of = schema.map(|schema| (schema.event_type.clone(), schema.schema_version.clone()));
        fit.schemas = schemas;
        fit
    }
}

/// What the worker does: hold a document against schemas. The same ones are the same question.
#[derive(Clone)]
struct FitJob {
    of: FitOf,
    /// What the survey inferred, and whether that is a sample.
    surveyed: Option<(Arc<Schemas>, bool)>,
    /// Of another time the worker looks again.
    time: u64,
}

impl PartialEq for FitJob {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.surveyed, &other.surveyed) {
            (Some((mine, _)), Some((theirs, _))) => Arc::ptr_eq(mine, theirs),
            (None, None) => true,
            _ => false,
        };
        same && self.time == other.time && self.of == other.of
    }
}

/// The generation of the question, the question and its answer.
pub(in crate::session) type FitAnswer = (u64, FitOf, Result<Arc<Fit>>);

/// Holds documents against schemas, one at a time.
pub(in crate::session) struct Fitting {
    worker: Worker<FitJob>,
    time: Cell<u64>,
    asked: RefCell<Option<FitJob>>,
    last: RefCell<Loading<Arc<Fit>>>,
}

impl Fitting {
    /// Starts the worker.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<FitAnswer>) -> Result<Self> {
        let (mut reader, mut looked) = (Reader::new(origin), Looked::default());
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "fitting",
            1,
            move |job: FitJob, context| {
                let fit = looked.fit(&mut reader, &job, &context.token).map(Arc::new);
                sent.send((context.token.generation(), job.of, fit));
            },
            move |job, generation, error| told.send((generation, job.of, Err(error))),
        )?;
        Ok(Self { worker, time: Cell::default(), asked: RefCell::default(), last: RefCell::default() })
    }

    /// How a document fits; while that is worked out, how the one before did.
    pub(in crate::session) fn of(&self, of: &FitOf, surveyed: Option<(Arc<Schemas>, bool)>) -> Loading<Arc<Fit>> {
        let job = FitJob { of: of.clone(), surveyed, time: self.time.get() };
        let before = self.asked.borrow().clone();
        if before.as_ref() != Some(&job) {
            let same_kind = before.is_some_and(|before| before.of.event_type == job.of.event_type);
            let shown = self.last.borrow().value().cloned().filter(|_| same_kind);
            self.last.replace(shown.map_or(Loading::Missing, Loading::Stale));
            self.worker.cancel();
            self.worker.submit(job.clone());
            self.asked.replace(Some(job));
        }
        self.last.borrow().clone()
    }

    /// Lets the store be looked at again.
    pub(in crate::session) fn mark_stale(&self) {
        self.time.set(self.time.get() + 1);
    }

    /// Takes in how a document fits.
    pub(in crate::session) fn take(&self, (generation, of, fit): FitAnswer) {
        let wanted = self.asked.borrow().as_ref().is_some_and(|asked| asked.of == of);
        if !wanted || generation != self.worker.generation() {
            return;
        }
        self.last.replace(match fit {
            Ok(fit) => Loading::Ready(fit),
            Err(error) => Loading::Failed(Arc::new(error)),
        });
    }
}

/// What the worker looked at by itself.
#[derive(Default)]
struct Looked {
    time: u64,
    /// The schemas of a sample, or of all there is, and which.
    sample: Option<(Arc<Schemas>, bool)>,
    /// The schemas of a type that is not in the sample.
    rare: Option<(String, Arc<Schemas>)>,
}

impl Looked {
    fn fit(&mut self, reader: &mut Reader, job: &FitJob, token: &CancelToken) -> Result<Fit> {
        if job.time != self.time {
            *self = Self { time: job.time, ..Self::default() };
        }
        let event_type = &job.of.event_type;
        let knows = |schemas: &Schemas| schemas.versions(event_type).next().is_some();
        let (schemas, is_sample) = match &job.surveyed {
            Some(surveyed) => surveyed.clone(),
            None => self.sample(reader, token)?,
        };
        if !is_sample || knows(&schemas) {
            return Ok(Fit::new(schemas, is_sample, &job.of));
        }
        Ok(Fit::new(self.rare(reader, event_type, token)?, true, &job.of))
    }

    fn sample(&mut self, reader: &mut Reader, token: &CancelToken) -> Result<(Arc<Schemas>, bool)> {
        if let Some(sample) = &self.sample {
            return Ok(sample.clone());
        }
        let source = reader.source(token)?;
        source.leave_unread(Some(LARGE));
        let found = if let Some((schemas, _)) = Schemas::sampled(source)? {
            (Arc::new(schemas), true)
        } else {
            let on = &mut |_| ControlFlow::Continue(());
            (Arc::new(Schemas::infer(source, &SchemasWanted::default(), on)?), false)
        };
        Ok(self.sample.insert(found).clone())
    }

    fn rare(&mut self, reader: &mut Reader, event_type: &str, token: &CancelToken) -> Result<Arc<Schemas>> {
        if let Some((_, schemas)) = self.rare.as_ref().filter(|(name, _)| name == event_type) {
            return Ok(Arc::clone(schemas));
        }
        let schemas = Arc::new(some_of(reader.source(token)?, event_type)?);
        self.rare = Some((event_type.to_owned(), Arc::clone(&schemas)));
        Ok(schemas)
    }
}

/// The schemas of the first events of a type.
fn some_of(source: &Source, event_type: &str) -> Result<Schemas> {
    let mut schemas = Schemas::default();
    let Some(mapping) = source.mapping() else { return Ok(schemas) };
    source.leave_unread(Some(LARGE));
    let filter = compile(&Filter { terms: vec![Term::field(Field::Type, event_type)] }, mapping);
    let mut positions = Vec::new();
    scan_together(source, &filter, ScanRange::default(), &mut |batch| {
        positions.extend(batch.positions);
        if positions.len() < SOME { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    positions.truncate(SOME);
    source.events_at(&positions)?.iter().for_each(|event| schemas.see(event));
    Ok(schemas)
}
