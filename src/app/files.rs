//! Opening, making and closing files.

use std::path::PathBuf;

use super::App;
use super::answers::{Answer, Dialog, no_such_recent};
use crate::error::Result;
use crate::model::{Command, NewStore, Overlay, Place};
use crate::session::{Mode, OpenRequest, Session};
use crate::store::EventStore;

impl App {
    /// Opens a database in place of the one that is open.
    pub(super) fn open(&mut self, request: OpenRequest) {
        let place = Place { sort: self.view.place.sort, ..Place::default() };
        self.close();
        let request = OpenRequest { profiles: self.profiles.clone(), ..request };
        self.view.place = place;
        self.session = Some(Session::open(request.clone(), self.wake()));
        self.request = Some(request);
    }

    /// Opens a file with nothing said about it.
    pub(super) fn open_path(&mut self, path: PathBuf) {
        self.open(OpenRequest { path: expanded(path), ..OpenRequest::default() });
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
        self.session = None;
        self.request = None;
        self.asked = None;
        self.pending = super::pending::Pending::default();
        self.history.clear();
        self.messages.clear();
        self.view.place = Place::default();
        self.view.playing = false;
        self.view.unlocked = false;
        self.view.overlay = Overlay::None;
        self.drafts.file_closed();
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
        let then = match dialog {
            Dialog::Database | Dialog::Folder => Command::OpenPath,
            Dialog::Reducers => Command::UseReducers,
            Dialog::Asked(_) => Command::UsePath,
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
        self.in_background("demo", || match create_demo() {
            Ok(path) => Answer::Do(Command::OpenPath(path)),
            Err(error) => Answer::Failed(error.context("making the demo")),
        });
    }
}

fn create_store(store: &NewStore) -> Result<()> {
    let NewStore { path, chained } = store;
    if *chained { EventStore::create_chained(path) } else { EventStore::create(path) }.map(drop)
}

/// A folder of its own for each copy: what somebody appended to another one stays as it is.
fn create_demo() -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("eventscope-demo-{}", uuid::Uuid::now_v7().simple()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("shop.db");
    crate::demo::create(&path)?;
    Ok(path)
}

/// A path as a person types it: `~` is the home folder, and quotation marks around it are a shell's.
pub(super) fn expanded(path: PathBuf) -> PathBuf {
    let Some(text) = path.to_str() else { return path };
    let text = text.trim().trim_matches(['"', '\'']);
    match text.strip_prefix("~/").zip(directories::BaseDirs::new()) {
        Some((rest, folders)) => folders.home_dir().join(rest),
        None => PathBuf::from(text),
    }
}

/// What was dropped on the window: a database, or a file with reducers for the one that is open.
pub(super) fn dropped(ctx: &egui::Context) -> Option<Command> {
    let path = ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()))?;
    let rules = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    Some(if rules { Command::UseReducers(path) } else { Command::OpenPath(path) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_path_is_understood() {
        assert_eq!(expanded("\"/a b/c.db\"".into()), PathBuf::from("/a b/c.db"));
        assert_eq!(expanded(" /x.db ".into()), PathBuf::from("/x.db"));
        assert!(expanded("~/x.db".into()).is_absolute());
    }
}
