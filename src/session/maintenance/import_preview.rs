//! What an import would read: what the file is taken for, how else it can be read, and how many events that is. Nothing
//! is written to find out.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::profile::{Confidence, Library, Profile};
use crate::source::{Choice, OpenOptions, ScanRange, Source};
use crate::transfer;

use crate::session::event_table::work::compiled;
use crate::session::opening::NOTHING_FITS;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::worker::{CancelToken, Worker};
use crate::session::{Loading, Session};

/// Which events are to be imported: of which file, read how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportSource {
    /// A database, or a file of lines of JSON.
    pub path: PathBuf,
    /// The folder of the user's own profiles.
    pub profiles: Option<PathBuf>,
    /// Of a database: one of the [ways](DatabasePreview::ways) to read it; as it is recognised where none is given.
    pub read_as: Option<String>,
    /// Of a database: which events; all where it is empty.
    pub filter: Filter,
}

/// What an import would read.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportPreview {
    /// A file that is no database: lines of JSON.
    Lines,
    /// A database.
    Database(DatabasePreview),
}

/// What an import from a database would read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DatabasePreview {
    /// What it is recognised as; `None` where nothing in it is known as events.
    pub recognised: Option<String>,
    /// How sure it is that it is what it is read as.
    pub confidence: Confidence,
    /// Why, in words.
    pub reason: String,
    /// How it can be read instead.
    pub ways: Vec<String>,
    /// How many events there are to import; `None` while they are counted.
    pub events: Option<u64>,
}

impl ImportSource {
    /// The database, read as is wanted.
    pub(in crate::session) fn open(&self) -> Result<Source> {
        let library = Arc::new(self.profiles.as_deref().map(Library::read).unwrap_or_default());
        let options = OpenOptions { library: Arc::clone(&library), ..OpenOptions::default() };
        let source = Source::open(&self.path, &options)?;
        let Some(wanted) = &self.read_as else { return Ok(source) };
        let way = ways(&source, &library).into_iter().find(|(name, _)| name == wanted);
        let (_, profile) = way.ok_or_else(|| {
            let path = self.path.display();
            Error::not_found(format!("{path} cannot be read as {wanted}")).with_hint("Choose another way to read it.")
        })?;
        Source::open(&self.path, &OpenOptions { profile: Some(Choice::Profile(profile)), ..options })
    }

    fn preview(&self, token: &CancelToken, said: &mut dyn FnMut(ImportPreview)) -> Result<ImportPreview> {
        if !transfer::is_database(&self.path)? {
            return Ok(ImportPreview::Lines);
        }
        let library = self.profiles.as_deref().map(Library::read).unwrap_or_default();
        let recognised = ImportSource { read_as: None, ..self.clone() }.open()?;
        let source = if self.read_as.is_some() { self.open()? } else { recognised.reopen()? };
        source.set_interrupt(token.interrupt())?;
        let detection = source.detection();
        let mut found = DatabasePreview {
            recognised: recognised.detection().map(|found| found.profile.title.clone()),
            confidence: detection.map_or_else(Confidence::default, |found| found.confidence),
            reason: detection.map_or_else(|| NOTHING_FITS.to_owned(), |found| found.reason.clone()),
            ways: ways(&recognised, &library).into_iter().map(|(name, _)| name).collect(),
            events: None,
        };
        if detection.is_some() {
            said(ImportPreview::Database(found.clone()));
            found.events = Some(count(&source, &self.filter)?);
        }
        Ok(ImportPreview::Database(found))
    }
}

/// How a database can be read other than it is recognised: what else fits, then the user's own profiles.
fn ways(recognised: &Source, library: &Library) -> Vec<(String, Arc<Profile>)> {
    let others = recognised.others().iter().map(|found| Arc::clone(&found.profile));
    let own = library.profiles().iter().map(|own| Arc::new(own.profile.clone()));
    let mut ways: Vec<(String, Arc<Profile>)> = Vec::new();
    for profile in others.chain(own) {
        let as_recognised = recognised.detection().is_some_and(|found| found.profile.title == profile.title);
        if !as_recognised && !ways.iter().any(|(title, _)| *title == profile.title) {
            ways.push((profile.title.clone(), profile));
        }
    }
    ways
}

fn count(source: &Source, filter: &Filter) -> Result<u64> {
    if filter.is_empty() {
        return source.count();
    }
    let mut found = 0;
    source.scan(&compiled(source, filter), ScanRange::default(), &mut |batch| {
        found += batch.positions.len() as u64;
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// What was asked last, and what is known of it.
pub(in crate::session) struct ImportPreviews {
    worker: Worker<ImportSource>,
    asked: RefCell<(Option<ImportSource>, Loading<Arc<ImportPreview>>)>,
}

impl ImportPreviews {
    /// Starts the worker.
    pub(in crate::session) fn start(outbox: &Outbox<(u64, Result<Arc<ImportPreview>>)>) -> Result<Self> {
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "preview",
            1,
            move |wanted: ImportSource, context| {
                let generation = context.token.generation();
                let tell = |preview: Result<ImportPreview>| {
                    sent.send((generation, preview.map(Arc::new)));
                };
                let preview = wanted.preview(&context.token, &mut |preview| tell(Ok(preview)));
                tell(preview);
            },
            move |_, generation, error| told.send((generation, Err(error))),
        )?;
        Ok(Self { worker, asked: RefCell::default() })
    }

    fn of(&self, wanted: &ImportSource) -> Loading<Arc<ImportPreview>> {
        let mut asked = self.asked.borrow_mut();
        if asked.0.as_ref() != Some(wanted) {
            self.worker.cancel();
            self.worker.submit(wanted.clone());
            // Of the same file the answer before stands in: only the number of events is another.
            let same = asked.0.as_ref().is_some_and(|before| before.path == wanted.path);
            let before = std::mem::take(&mut asked.1);
            let before = before.value().cloned().filter(|_| same);
            *asked = (Some(wanted.clone()), before.map_or(Loading::Missing, Loading::Stale));
        }
        asked.1.clone()
    }

    /// Takes in what was found. The answer to a question that was cancelled is dropped.
    pub(in crate::session) fn take(&self, generation: u64, preview: Result<Arc<ImportPreview>>) {
        if generation == self.worker.generation() {
            self.asked.borrow_mut().1 = match preview {
                Ok(preview) => Loading::Ready(preview),
                Err(error) if error.is_cancelled() => return,
                Err(error) => Loading::Failed(Arc::new(error)),
            };
        }
    }

    /// Lets the file be looked at again: events of it were imported, or it is another by now.
    pub(in crate::session) fn mark_stale(&self) {
        self.asked.borrow_mut().0 = None;
    }
}

impl Session {
    /// What an import would read. The answer about the same file, read otherwise, stands in until it is known.
    #[must_use]
    pub fn import_preview(&self, wanted: &ImportSource) -> Loading<Arc<ImportPreview>> {
        self.ready().map(|parts| parts.import_previews.of(wanted)).unwrap_or_default()
    }

    /// Lets what would be imported be looked at anew: a window that asks for it opens.
    pub fn forget_import_preview(&self) {
        if let Some(parts) = self.ready() {
            parts.import_previews.mark_stale();
        }
    }
}
