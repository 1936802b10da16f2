//! What dialogs and one-time work answer, from threads of their own: the frame waits for neither.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::App;
use super::demo_copy::DemoCopy;
use super::messages::{bad, good, of_error};
use super::taken_picture::Taken;
use crate::error::{Error, Result};
use crate::model::{Asked, Command};
use crate::profile::Profile;
use crate::profile::library::Saved;
use crate::replay::branch::Branch;

/// What such a thread answers.
#[derive(Debug)]
pub(super) enum Answer {
    /// A person chose something: do this with it.
    Do(Command),
    /// A profile was saved, read or written.
    Profile(ProfileOutcome),
    /// An invariant was written into this file of reducers.
    InvariantKept(PathBuf),
    /// A branch was read from a file.
    Branch(Box<Branch>),
    /// A branch was saved to this file.
    BranchSaved(PathBuf),
    /// A picture was taken.
    Picture(Taken),
    /// Something was written to this file.
    FileWritten { what: String, path: PathBuf },
    /// A copy of the demo was made.
    Demo(DemoCopy),
    /// A slice of a server was copied to this file.
    #[cfg(feature = "postgres")]
    SliceCopied(PathBuf),
    /// It failed.
    Failed(Error),
    /// A person closed the dialog, or there is no dialog on this desktop: they look the same.
    Nothing,
}

/// What became of a profile's file.
#[derive(Debug)]
pub(super) enum ProfileOutcome {
    /// It was saved, or not.
    Saved(Result<Saved>),
    /// It was read from this file, or not.
    Imported(PathBuf, Box<Result<Profile>>),
    /// It was exported, or not.
    Exported(Result<Saved>),
}

impl App {
    /// Runs `work` on a thread named `name`, and takes its answer in once it is there.
    pub(super) fn in_background(&mut self, name: &str, work: impl FnOnce() -> Answer + Send + 'static) {
        let (sender, wake) = (self.answers.0.clone(), self.wake());
        let spawned = thread::Builder::new().name(name.to_owned()).spawn(move || {
            let answer = work();
            // The receiver only goes with the window.
            if sender.send(answer).is_ok() {
                wake();
            }
        });
        if let Err(error) = spawned {
            self.messages.add(of_error(&Error::from(error).context("starting a thread")));
        }
    }

    /// Takes in the answers that are there.
    pub(super) fn take_answers(&mut self) {
        while let Ok(answer) = self.answers.1.try_recv() {
            match answer {
                Answer::Do(command) => self.carry_out(command),
                Answer::Profile(outcome) => self.take_profile_outcome(outcome),
                Answer::Branch(branch) => self.take_branch(&branch),
                Answer::BranchSaved(path) => {
                    self.messages.add(good(format!("The branch was saved to {}.", path.display())));
                }
                Answer::FileWritten { what, path } => {
                    self.messages.add(good(format!("{what} was written to {}.", path.display())));
                }
                Answer::Picture(taken) => self.save_picture(taken),
                Answer::InvariantKept(path) => self.invariant_kept(&path),
                Answer::Demo(copy) => self.take_demo(copy),
                #[cfg(feature = "postgres")]
                Answer::SliceCopied(to) => self.slice_copied(to),
                Answer::Failed(error) => self.messages.add(of_error(&error)),
                Answer::Nothing => {}
            }
        }
    }

    /// Asks for a file with the desktop's own dialog; `then` makes a command of it.
    pub(super) fn ask_for_file(&mut self, dialog: Dialog, then: fn(PathBuf) -> Command) {
        self.in_background("file dialog", move || match wait_for(dialog.run()) {
            Some(path) => Answer::Do(then(path)),
            None => Answer::Nothing,
        });
    }
}

/// A dialog of the desktop.
#[derive(Clone, Debug)]
pub(super) enum Dialog {
    /// For a database to open.
    Database,
    /// For a folder whose files are one data set.
    Folder,
    /// For a file with reducers.
    Reducers,
    /// For a path that a window over the panels asks for.
    Asked(Asked),
    /// For a new file, which is to have this name.
    NewFile(String),
    /// For a profile to import.
    Profile,
    /// For a place where a profile is exported to.
    NewProfile,
}

impl Dialog {
    async fn run(self) -> Option<PathBuf> {
        let dialog = rfd::AsyncFileDialog::new();
        let file = match self {
            Self::Database => {
                let dialog = dialog.set_title("Open a database");
                let dialog = dialog.add_filter("SQLite databases", &["db", "sqlite", "sqlite3", "db3"]);
                dialog.add_filter("All files", &["*"]).pick_file().await
            }
            Self::Folder => dialog.set_title("Open a folder of databases").pick_folder().await,
            Self::Reducers => dialog.set_title("Choose reducers").add_filter("Reducers", &["toml"]).pick_file().await,
            Self::Asked(Asked::NewStore) => {
                dialog.set_title("New event store").set_file_name("events.db").save_file().await
            }
            Self::Asked(Asked::BackUp) => dialog.set_title("Back up to").set_file_name("backup.db").save_file().await,
            Self::Asked(Asked::Export) => {
                dialog.set_title("Export events").set_file_name("events.ndjson").save_file().await
            }
            #[cfg(feature = "postgres")]
            Self::Asked(Asked::SliceCopy) => dialog.set_title("Copy to").set_file_name("copy.db").save_file().await,
            Self::Asked(Asked::NewFile) => dialog.set_title("Save as").save_file().await,
            Self::NewFile(name) => dialog.set_title("Save as").set_file_name(name).save_file().await,
            Self::Asked(Asked::Import) => {
                let dialog = dialog.set_title("Import events");
                let dialog = dialog
                    .add_filter("Databases and lines of JSON", &["db", "sqlite", "sqlite3", "db3", "ndjson", "jsonl"]);
                dialog.add_filter("All files", &["*"]).pick_file().await
            }
            Self::Profile => dialog.set_title("Import a profile").add_filter("Profiles", &["toml"]).pick_file().await,
            Self::NewProfile => {
                let dialog = dialog.set_title("Export the profile").add_filter("Profiles", &["toml"]);
                dialog.set_file_name("profile.toml").save_file().await
            }
        };
        file.map(|file| file.path().to_owned())
    }
}

/// Wakes a thread that waits for a future.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on this thread until `future` is done. Only for threads that have nothing else to do.
fn wait_for<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// A path that was asked for and cannot be used, as a message.
pub(super) fn no_such_recent(index: usize) -> crate::ui::Message {
    bad(format!("There is no recent file {}.", index + 1))
}
