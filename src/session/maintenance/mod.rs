//! The worker that looks after a whole store: verifies it, copies it, takes events in and out, archives.
//!
//! It opens the store for each piece of work, for reading only where that is enough, so that nothing is held open in
//! between.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `export_preview` | how an export begins, before anything is written |
//! | `import_preview` | what an import would read, before anything is written |

pub(super) mod export_preview;
pub(super) mod import_preview;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::source::Source;
use crate::store::{EventStore, Fault, Places};
use crate::transfer::{self, Opaque, Options, Phase};

use crate::session::Session;
use crate::session::workers::jobs::{Jobs, RunningJob, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{CancelToken, JobContext, Worker};
use export_preview::ExportRequest;
use import_preview::ImportSource;

pub use crate::store::{ArchivePlan, ArchiveSelection, Archived, PlannedStream, Verification};
pub use crate::transfer::Imported;

/// A piece of work on a whole store.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Hold the store against what it promises.
    Verify,
    /// Copy it to a new file.
    BackUp(PathBuf),
    /// Take events in.
    Import(ImportRequest),
    /// Write events to a new file.
    Export {
        /// The file.
        to: PathBuf,
        /// Which events, and how.
        request: ExportRequest,
    },
    /// Find out what an archival would move.
    PlanArchive(ArchiveSelection),
    /// Move what a plan says.
    Archive(Arc<ArchivePlan>),
}

/// What is to be imported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportRequest {
    /// The events.
    pub from: ImportSource,
    /// Of lines: keep positions, versions and moments.
    pub keep_places: bool,
    /// Of a database: the aggregate type of events that have none.
    pub aggregate_type: Option<String>,
    /// Of a database: carry payloads along that nothing can read.
    pub carry_opaque: bool,
}

/// What a piece of work came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// The store was verified.
    Verified(Arc<Verified>),
    /// It was copied to this file.
    BackedUp(PathBuf),
    /// So many lines were taken in.
    ImportedLines(u64),
    /// A database was taken in, and compared.
    Imported(Imported),
    /// So many events were written to a file.
    Exported {
        /// The file.
        to: PathBuf,
        /// How many.
        events: u64,
    },
    /// What would be archived.
    Planned(Arc<ArchivePlan>),
    /// What was archived.
    Archived(Archived),
}

/// What verifying found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What the events say.
    pub found: Verification,
    /// What SQLite finds wrong with the file; then its events were not read.
    pub damage: Vec<String>,
    /// The hash of the chain's last link, where the store keeps one.
    pub last_hash: Option<String>,
}

impl Verified {
    /// Whether all is well.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty() && self.found.fault.is_none()
    }
}

/// How many pieces of work may wait.
const WAITING: usize = 8;

/// Starts the worker.
pub(super) fn start(
    origin: &Origin,
    outbox: &Outbox<(Box<Task>, Result<Box<Done>>)>,
    jobs: &Jobs,
) -> Result<Worker<Task>> {
    let mut maintainer = Maintainer { reader: Reader::hasty(origin), jobs: jobs.clone() };
    let (sent, told) = (outbox.clone(), outbox.clone());
    Worker::start(
        "maintenance",
        WAITING,
        move |task, context| {
            let done = maintainer.carry_out(&task, context);
            sent.send((Box::new(task), done.map(Box::new)));
        },
        move |task, _, error| told.send((Box::new(task), Err(error))),
    )
}

struct Maintainer {
    reader: Reader,
    jobs: Jobs,
}

impl Maintainer {
    fn carry_out(&mut self, task: &Task, context: &JobContext<'_>) -> Result<Done> {
        let token = &context.token;
        let source = self.reader.source(token)?;
        let begin = |title: &str, of| self.jobs.begin(Subject::Other, title, of, token);
        match task {
            Task::Verify => verify(source, token, &begin("Verifying", Some(source.count()?))),
            Task::BackUp(to) => back_up(source.path(), to, token, &begin("Backing up", Some(SHARES))),
            Task::Import(request) => {
                // Into a log of our own while somebody else reads it.
                import(source.path(), request, token, &begin("Importing", Some(SHARES)))
            }
            Task::Export { to, request } => {
                let running = begin("Exporting", Some(source.count()?));
                let events = transfer::export(source, &request.options()?, to, |looked_at| running.done(looked_at))?;
                Ok(Done::Exported { to: to.clone(), events })
            }
            Task::PlanArchive(selection) => {
                let _note = begin("Looking for what can be archived", None);
                let store = EventStore::open_read_only(source.path())?;
                stop_with(&store, token)?;
                Ok(Done::Planned(Arc::new(store.plan_archive(selection, None)?)))
            }
            Task::Archive(plan) => archive(source.path(), plan, token, &begin("Archiving", Some(plan.events))),
        }
    }
}

/// Into how many shares work is divided that is not counted in events.
const SHARES: u64 = 1_000;

fn share(done: u64, of: u64) -> u64 {
    done.saturating_mul(SHARES).checked_div(of).unwrap_or(0)
}

fn stop_with(store: &EventStore, token: &CancelToken) -> Result<()> {
    let interrupt = token.interrupt();
    store.stop_when(move || interrupt.is_raised())
}

fn wanted(token: &CancelToken) -> ControlFlow<()> {
    if token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn verify(source: &Source, token: &CancelToken, running: &RunningJob) -> Result<Done> {
    let store = EventStore::open_read_only(source.path())?;
    stop_with(&store, token)?;
    let damage = store.integrity_check()?;
    let (found, last_hash) = if damage.is_empty() {
        (store.verify_with(|events| running.done(events))?, store.last_hash()?)
    } else {
        let fault = Some(Fault { position: 0, reason: damage.join("; ") });
        (Verification { events: 0, chained: false, fault }, None)
    };
    Ok(Done::Verified(Arc::new(Verified { found, damage, last_hash })))
}

fn back_up(store: &Path, to: &Path, token: &CancelToken, running: &RunningJob) -> Result<Done> {
    let store = EventStore::open_read_only(store)?;
    store.backup_with(to, |pages, of| {
        running.done(share(pages, of));
        wanted(token)
    })?;
    Ok(Done::BackedUp(to.to_owned()))
}

fn import(store_path: &Path, request: &ImportRequest, token: &CancelToken, running: &RunningJob) -> Result<Done> {
    let from = &request.from.path;
    let is_database = transfer::is_database(from)?;
    let mut store = EventStore::open(store_path)?;
    if !is_database {
        let places = if request.keep_places { Places::Kept } else { Places::Anew };
        let lines = transfer::import_lines(from, &mut store, places, |bytes, of| {
            running.done(share(bytes, of));
            wanted(token)
        })?;
        return Ok(Done::ImportedLines(lines));
    }
    let source = request.from.open()?;
    source.set_interrupt(token.interrupt())?;
    let options = Options {
        filter: request.from.filter.clone(),
        aggregate_type: request.aggregate_type.clone(),
        opaque: if request.carry_opaque { Opaque::Base64 } else { Opaque::Refused },
    };
    let imported = transfer::import(&source, &mut store, store_path, &options, |progress| {
        // Appending and comparing take about as long; finding the order is quick.
        let half = share(progress.looked_at, progress.total) / 2;
        running.done(match progress.phase {
            Phase::Ordering => 0,
            Phase::Importing => half,
            Phase::Verifying => SHARES / 2 + half,
        });
    });
    imported.map(Done::Imported).map_err(|error| stopped(error, from))
}

/// An import from a database that is stopped leaves what it did: say so.
fn stopped(error: Error, from: &Path) -> Error {
    if !error.is_cancelled() {
        return error;
    }
    let message = format!("the import from {} was stopped", from.display());
    Error::new(crate::ErrorKind::Cancelled, message)
        .with_hint("What was imported stays. Import from the same file again, and it goes on from there.")
}

fn archive(store: &Path, plan: &ArchivePlan, token: &CancelToken, running: &RunningJob) -> Result<Done> {
    let mut store = EventStore::open(store)?;
    let archived = store.archive(plan, |progress| {
        running.done(progress.events);
        wanted(token)
    })?;
    Ok(Done::Archived(archived))
}

impl Session {
    /// Begins a piece of work on the whole store. The answer comes as
    /// [`Notice::Done`](crate::session::Notice::Done) or [`Notice::TaskFailed`](crate::session::Notice::TaskFailed).
    pub fn begin(&mut self, task: Task) {
        if let Some(parts) = self.ready() {
            parts.maintenance.submit(task);
        }
    }
}
