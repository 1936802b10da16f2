//! Opens the file on a worker, and says what it is before anything is counted.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `api` | what a session answers of the whole, and its beginning |
//! | `overview` | what is known of the whole database |
//! | `watcher` | follows the file while it is open |
//! | `refresh` | takes in a file that was opened, that grew, or that was written to |

mod api;
pub(super) mod overview;
mod refresh;
pub(super) mod watcher;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::profile::schema::TableKind;
use crate::profile::{Library, Profile};
use crate::source::{Choice, OpenOptions, Source, append};

use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Origin;
use crate::session::workers::waiting;
use crate::session::workers::worker::{CancelToken, Worker};
use crate::session::{Confidence, Count, OpenRequest, Overview, Slice, TableEntry};

/// What the names of slices end in that are kept.
const KEPT: &str = ".gathered.db";

/// What is said of a file that somebody else has locked while it is opened for the first time.
const OPENED_LATER: &str =
    "It is opened as soon as that process is done. Frozen asks for no lock, and shows the file as it stands.";

/// An open file.
pub(super) struct Opened {
    /// What is known of it without reading its events.
    pub(super) overview: Overview,
    /// Whether it stores snapshots.
    pub(super) snapshots: bool,
    /// What is wrong with the user's own profiles.
    pub(super) broken: Vec<Arc<Error>>,
}

/// Starts the worker that opens files.
pub(super) fn start(
    origin: &Origin,
    outbox: &Outbox<(u64, Result<Box<Opened>>)>,
    jobs: &Jobs,
) -> Result<Worker<OpenRequest>> {
    let (origin, jobs, sent, told) = (origin.clone(), jobs.clone(), outbox.clone(), outbox.clone());
    Worker::start(
        "open",
        1,
        move |request, context| {
            let token = &context.token;
            // What was read stays on the screen, and asking again is a person's choice; with nothing there yet, the file is
            // opened as soon as it is free.
            let first = origin.is_empty();
            let mut told = false;
            let opened = loop {
                match open(&request, &origin, &jobs, token) {
                    Err(error) if first && *error.kind() == ErrorKind::Busy && !token.is_cancelled() => {
                        if !std::mem::replace(&mut told, true) {
                            sent.send((token.generation(), Err(error.with_hint(OPENED_LATER))));
                        }
                        waiting::a_while();
                    }
                    other => break other,
                }
            };
            sent.send((token.generation(), opened.map(Box::new)));
        },
        move |_, generation, error| told.send((generation, Err(error))),
    )
}

fn open(request: &OpenRequest, origin: &Origin, jobs: &Jobs, token: &CancelToken) -> Result<Opened> {
    let library = request.profiles.as_deref().map(Library::read).unwrap_or_default();
    let broken = library.broken().to_vec();
    let edited = request.edited.clone().map(Choice::Profile);
    let profile = edited.or_else(|| request.profile.as_deref().map(Choice::from_text));
    let options = OpenOptions { profile, library: Arc::new(library), mode: request.mode, infer: false };
    let mut running = None;
    let source = Source::open_reporting(&request.path, &options, &mut |progress| {
        let doing = if request.path.is_dir() { "Gathering the files of" } else { "Copying" };
        let title = || format!("{doing} {}", file_name(&request.path));
        let running = running.get_or_insert_with(|| jobs.begin(Subject::Opening, title(), Some(progress.of), token));
        running.done(progress.done);
        if token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let snapshots = source.has_snapshots();
    let overview = overview(&request.path, &source);
    origin.set(source);
    Ok(Opened { overview, snapshots, broken })
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn overview(path: &Path, source: &Source) -> Overview {
    let detection = source.detection();
    let profile = detection.map(|found| &*found.profile);
    // What cannot be read says nothing; opening the file has read it already.
    let slice = source.slice().ok().flatten();
    // The status bar says of what it is a slice; what is left out, or not there yet, is worth a line of its own.
    let said: Vec<String> =
        slice.iter().filter(|slice| slice.whole).flat_map(|slice| slice.said().into_iter().take(1)).collect();
    Overview {
        path: path.to_owned(),
        file_name: slice.as_ref().and_then(|slice| name_of_kept(path, slice)).unwrap_or_else(|| file_name(path)),
        profile_title: profile.map_or_else(|| "Plain tables".to_owned(), |profile| title(profile, slice.is_some())),
        profile_name: profile.map(|profile| profile.name.clone()).unwrap_or_default(),
        confidence: detection.map_or_else(Confidence::default, |found| found.confidence),
        reason: detection.map_or_else(|| NOTHING_FITS.to_owned(), |found| found.reason.clone()),
        events: Count { value: 0, complete: profile.is_none() },
        streams: Count { value: 0, complete: profile.is_none() },
        event_types: Vec::new(),
        first: None,
        last: None,
        tables: source.tables().iter().map(entry).collect(),
        checkpoints: Arc::default(),
        timed: profile.is_some_and(|profile| profile.events.timestamp.is_some()),
        can_append: can_append(source, slice.is_some()),
        mode: source.mode(),
        notes: source.notes().iter().filter(|note| !said.contains(note)).cloned().collect(),
        taken: source.taken(),
        slice,
    }
}

/// What stands for the name of a file that nobody has named: a slice among those that are kept.
fn name_of_kept(path: &Path, slice: &Slice) -> Option<String> {
    file_name(path).ends_with(KEPT).then(|| slice.server.clone())
}

fn title(profile: &Profile, is_slice: bool) -> String {
    if is_slice { Slice::title_there(&profile.title).to_owned() } else { profile.title.clone() }
}

/// A slice of a server is what that server has.
fn can_append(source: &Source, is_slice: bool) -> Result<(), String> {
    if is_slice {
        return Err(
            "This is a slice of a server, to which nothing is appended here. Append to a copy of it.".to_owned()
        );
    }
    append::check(source).map_err(|error| error.to_string())
}

/// The sentence for a database that no profile fits.
pub const NOTHING_FITS: &str = "Nothing here looks like an event store, so its tables are shown as they are.";

fn entry(table: &crate::source::TableInfo) -> TableEntry {
    TableEntry {
        name: table.name.as_str().into(),
        is_view: table.kind == TableKind::View,
        role: table.role,
        about: table.about.as_deref().map(Arc::from),
        columns: table.columns.as_slice().into(),
        rows: None,
    }
}
