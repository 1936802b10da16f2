//! Opening, making and closing files.

use std::path::{Path, PathBuf};

use super::App;
use super::answers::{Answer, Dialog, no_such_recent};
use super::demo_copy::DemoCopy;
#[cfg(not(feature = "postgres"))]
use super::messages::of_error;
use super::pending::Pending;
use super::typed_path::expanded;
use crate::error::Result;
#[cfg(not(feature = "postgres"))]
use crate::error::{Error, ErrorKind};
use crate::model::{Command, DeepLink, LinkPlace, NewStore, Noted, Overlay, Place, is_server};
use crate::session::{Landmark, Mode, OpenRequest, Session};
use crate::store::EventStore;

impl App {
    /// Opens a database in place of the one that is open.
    pub(super) fn open(&mut self, request: OpenRequest) {
        let sort = self.view.place.sort;
        self.close();
        let request = OpenRequest { profiles: self.profiles.clone(), ..request };
        #[cfg(feature = "postgres")]
        self.tell_server(Some(&request.path));
        // Where the file was left the last time, or else at its newest event: a state is there at once.
        let left = self.settings.place(&self.known_as(&request.path)).cloned();
        self.view.place = left.unwrap_or_else(|| Place { sort, ..Place::default() });
        self.pending.event = self.view.place.event;
        self.pending.newest = self.view.place.event.is_none();
        self.session = Some(Session::open(request.clone(), self.wake()));
        self.request = Some(request);
        if let Some(path) = self.open_file() {
            self.view.watches = self.settings.watches(&path).to_vec();
            self.view.noted = self.settings.noted(&path).cloned().unwrap_or_default();
        }
    }

    /// Opens a file with nothing said about it, or the server that a URL names.
    pub(super) fn open_path(&mut self, path: PathBuf) {
        let path = expanded(path);
        if is_server(&path) {
            return self.open_url(&path);
        }
        self.open(OpenRequest { path, ..OpenRequest::default() });
    }

    /// Says that this program has no way to a server.
    #[cfg(not(feature = "postgres"))]
    pub(super) fn open_url(&mut self, _url: &Path) {
        let error = Error::new(ErrorKind::Unsupported, "this program opens files, and no servers");
        self.messages.add(of_error(&error.with_hint("Build it with the feature postgres.")));
    }

    /// What a file is remembered by: a slice of a server by the server and the table.
    pub(super) fn known_as(&self, path: &Path) -> PathBuf {
        self.url_of_slice(path).unwrap_or_else(|| path.to_owned())
    }

    /// No file is a slice of a server that this program could tell.
    #[cfg(not(feature = "postgres"))]
    #[expect(clippy::unused_self, reason = "with servers it asks the one that is looked at")]
    pub(super) fn url_of_slice(&self, _file: &Path) -> Option<PathBuf> {
        None
    }

    /// Shows what a link names; a database other than the one that is open is opened for it.
    pub(super) fn go_to_link(&mut self, link: DeepLink) {
        let file = link.file.map(expanded);
        self.view.overlay = Overlay::None;
        let is_open = file.is_none() || self.open_file() == file || self.is_opened_as(file.as_deref());
        if let Some(path) = file.filter(|_| !is_open) {
            self.open_path(path);
            if let Some(at) = link.at {
                self.begin_at(at);
            }
            return;
        }
        match link.at {
            Some(LinkPlace::Position(position)) => self.go_to(Landmark::Position(position)),
            Some(LinkPlace::Stream(stream, version)) => {
                self.pending.stream = Some((stream, version));
                self.resolve_pending();
            }
            None => {}
        }
    }

    /// Shows a place of the database that is being opened, rather than where it was left the last time.
    pub(super) fn begin_at(&mut self, at: LinkPlace) {
        self.view.place = Place::default();
        self.pending = match at {
            LinkPlace::Stream(stream, version) => Pending { stream: Some((stream, version)), ..Pending::default() },
            LinkPlace::Position(position) => {
                Pending { landmark: Some(Landmark::Position(position)), ..Pending::default() }
            }
        };
    }

    /// Whether the open database is the one at this path, as the session found it.
    fn is_opened_as(&self, path: Option<&Path>) -> bool {
        let overview = self.session.as_ref().and_then(Session::overview);
        overview.map(|overview| overview.path.as_path()) == path && path.is_some()
    }

    /// Opens a file that was open before.
    pub(super) fn open_recent(&mut self, index: usize) {
        match self.settings.recent().get(index).cloned() {
            Some(path) => self.open_path(path),
            None => self.messages.add(no_such_recent(index)),
        }
    }

    /// Closes the file, and everything that belonged to it.
    pub(super) fn close(&mut self) {
        self.note_place();
        self.session = None;
        self.request = None;
        self.asked = None;
        self.pending = Pending::default();
        self.history.clear();
        self.messages.clear();
        self.view.place = Place::default();
        self.view.watches.clear();
        self.view.noted = Noted::default();
        self.view.span = None;
        self.view.finding = false;
        self.view.beside.clear();
        self.view.inquiry = None;
        self.view.playing = false;
        self.view.unlocked = false;
        self.view.overlay = Overlay::None;
        self.drafts.file_closed();
    }

    /// Remembers where the open file is left.
    pub(super) fn note_place(&mut self) {
        if let Some(request) = self.request.as_ref().filter(|request| !self.is_demo(&request.path)) {
            self.settings.left(&self.known_as(&request.path), &self.view.place);
        }
    }

    /// Whether a file is a copy of the demo, which goes with the program.
    pub(super) fn is_demo(&self, path: &Path) -> bool {
        self.demos.iter().any(|copy| copy.file() == path)
    }

    /// Reads the file again; one that could not be opened is tried again.
    pub(super) fn refresh(&mut self) {
        let failed = self.session.as_ref().is_some_and(|session| session.overview().is_none());
        match (&mut self.session, self.request.clone()) {
            (Some(_), Some(request)) if failed => self.open(request),
            (Some(session), _) => session.refresh(),
            (None, _) => {}
        }
    }

    /// Reads the file in another way, or takes a new copy; one that could not be opened is tried in this way.
    pub(super) fn read_as(&mut self, mode: Mode) {
        let failed = self.session.as_ref().is_some_and(|session| session.overview().is_none());
        if let Some(request) = &mut self.request {
            request.mode = mode;
        }
        match (&mut self.session, self.request.clone()) {
            (Some(_), Some(request)) if failed => self.open(request),
            (Some(session), _) => session.reopen(mode),
            (None, _) => {}
        }
    }

    /// Asks for a file with the desktop's own dialog.
    pub(super) fn ask_for(&mut self, dialog: Dialog) {
        let then = match &dialog {
            Dialog::Database | Dialog::Folder => Command::OpenPath,
            Dialog::Reducers => Command::UseReducers,
            Dialog::Asked(_) | Dialog::NewFile(_) => Command::UsePath,
            Dialog::Profile => Command::ImportProfile,
            Dialog::NewProfile => |path| Command::ExportProfile((path, true)),
        };
        self.ask_for_file(dialog, then);
    }

    /// Makes an empty store and opens it.
    pub(super) fn create_store(&mut self, store: NewStore) {
        let store = NewStore { path: expanded(store.path), ..store };
        self.in_background("new store", move || match create_store(&store) {
            Ok(()) => Answer::Do(Command::OpenPath(store.path)),
            Err(error) => Answer::Failed(error),
        });
    }

    /// Makes a fresh copy of the demo and opens it.
    pub(super) fn open_demo(&mut self) {
        self.in_background("demo", || match DemoCopy::make() {
            Ok(copy) => Answer::Demo(copy),
            Err(error) => Answer::Failed(error.context("making the demo")),
        });
    }

    /// Opens a copy of the demo that was made.
    pub(super) fn take_demo(&mut self, copy: DemoCopy) {
        let path = copy.file();
        self.demos.push(copy);
        self.open_path(path);
    }
}

fn create_store(store: &NewStore) -> Result<()> {
    let NewStore { path, chained } = store;
    if *chained { EventStore::create_chained(path) } else { EventStore::create(path) }.map(drop)
}

/// What was dropped on the window: a database, or a file with reducers for the one that is open.
pub(super) fn dropped(ctx: &egui::Context) -> Option<Command> {
    let path = ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()))?;
    let rules = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    Some(if rules { Command::UseReducers(path) } else { Command::OpenPath(path) })
}
