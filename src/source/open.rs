//! Opens a database so that nothing can change it, in one of three ways, and finds out what its tables mean.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::access::Access;
use super::connect::OnLock;
use super::copy::CopyProgress;
use super::explain::check_file;
use super::full_path::full_path;
use super::mode::Mode;
use super::slice::Slice;
use super::{Shared, Source, archives, folder, guard};
use crate::error::{Error, Result};
use crate::profile::{self, Detection, Library, Profile, library, schema};

/// How to open a database.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Which profile to read it through; without one it is found out.
    pub profile: Option<Choice>,
    /// The user's own profiles. They go before the built-in ones.
    pub library: Arc<Library>,
    /// The way in which it is read.
    pub mode: Mode,
    /// Whether every profile is switched off, so that what the tables mean is inferred from them alone.
    pub infer: bool,
}

/// A profile that somebody chose.
#[derive(Clone, Debug)]
pub enum Choice {
    /// A profile, by name: one of the user's own, else a built-in one, else the path of a file.
    Name(String),
    /// A profile in a TOML file.
    Path(PathBuf),
    /// A profile that is at hand, such as one that a person edits.
    Profile(Arc<Profile>),
}

impl Choice {
    /// What a person typed: the name of a profile, or the path of a file.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let path = Path::new(text);
        let is_path = path.components().count() > 1 || path.extension().is_some();
        if is_path { Self::Path(path.to_owned()) } else { Self::Name(text.to_owned()) }
    }

    pub(super) fn load(&self, library: &Library) -> Result<Arc<Profile>> {
        match self {
            Self::Profile(profile) => Ok(Arc::clone(profile)),
            Self::Name(name) => named(name, library),
            Self::Path(path) => library::load(path).map(Arc::new),
        }
    }
}

fn named(name: &str, library: &Library) -> Result<Arc<Profile>> {
    let own = library.named(name).map(|own| &own.profile);
    if let Some(profile) = own.or_else(|| profile::by_name(name)) {
        return Ok(Arc::new(profile.clone()));
    }
    if Path::new(name).is_file() {
        return library::load(Path::new(name)).map(Arc::new);
    }
    let own = library.profiles().iter().map(|own| own.profile.name.as_str());
    let names: Vec<_> = own.chain(profile::built_in().iter().map(|profile| profile.name.as_str())).collect();
    Err(Error::not_found(format!("no profile is called {name}"))
        .with_hint(format!("There are {}. A file's path is taken too.", names.join(", "))))
}

impl Source {
    /// Opens a database read-only, and finds out what its tables mean. A folder is opened as one data set, where a
    /// profile knows its files as that.
    ///
    /// # Errors
    /// `NotFound` for a missing file or profile; `BadInput` for a folder that no profile knows, an empty file, or one that is no SQLite
    /// database; `NotLive` where SQLite would have to write, so that only another [`Mode`] is possible; `Busy` for a
    /// locked file; `Io` where the system refuses to read it.
    pub fn open(path: impl AsRef<Path>, options: &OpenOptions) -> Result<Self> {
        Self::open_reporting(path, options, &mut |_| ControlFlow::Continue(()))
    }

    /// The same, told how far the copy of [`Mode::Copy`] is; what breaks off stops it.
    pub fn open_reporting(
        path: impl AsRef<Path>,
        options: &OpenOptions,
        on: &mut dyn FnMut(CopyProgress) -> ControlFlow<()>,
    ) -> Result<Self> {
        let path = path.as_ref();
        if path.is_dir() {
            return Self::open_folder(path, options, on);
        }
        let (mut access, conn) = Access::open(check_file(path)?, options.mode, on)?;
        access.notes.extend(archives::said(&conn, &access.path)?);
        access.notes.extend(Slice::read(&conn)?.iter().flat_map(Slice::said));
        // Whether a profile's way to append fits is tried by preparing it; the connection could not carry it out.
        guard::for_appending(&conn)?;
        let shared =
            recognise(&conn, options).map_err(|error| error.context(format_args!("reading {}", path.display())))?;
        guard::for_reading(&conn)?;
        Ok(Self::assemble(conn, Arc::new(access), Arc::new(shared)))
    }

    fn open_folder(
        path: &Path,
        options: &OpenOptions,
        on: &mut dyn FnMut(CopyProgress) -> ControlFlow<()>,
    ) -> Result<Self> {
        let path = full_path(path).map_err(|error| Error::from(error).context(path.display()))?;
        let set = folder::find(&path, options)?;
        let (access, conn) = Access::open_folder(path, set, options.mode, on)?;
        let tables = schema::read(&conn)?;
        let read =
            |gathered: &folder::Gathered| profile::apply_because(&conn, &gathered.profile(), &gathered.in_words());
        let detection = access.gathered().map(read).transpose()?;
        let shared = Shared::new(tables, detection, Vec::new());
        Ok(Self::assemble(conn, Arc::new(access), Arc::new(shared)))
    }

    /// Another reader of the same file, for another worker. It shares what this one has learned, and waits for locks as
    /// this one does.
    pub fn reopen(&self) -> Result<Self> {
        self.opener().open()
    }

    /// What opens further readers of the same file, on whatever thread.
    #[must_use]
    pub fn opener(&self) -> Opener {
        Opener { access: Arc::clone(&self.access), shared: Arc::clone(self.shared()), on_lock: self.on_lock }
    }

    /// The way in which it is read.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.access.mode
    }

    /// What this way leaves out or has mended, in sentences.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.access.notes
    }

    /// When the copy was made, for [`Mode::Copy`].
    #[must_use]
    pub fn taken(&self) -> Option<DateTime<Utc>> {
        self.access.taken
    }

    /// Removes the copy of [`Mode::Copy`] now, rather than with its last reader.
    pub fn discard_copy(&self) {
        self.access.discard();
    }
}

/// Opens readers of a file that is open already.
#[derive(Clone)]
pub struct Opener {
    access: Arc<Access>,
    shared: Arc<Shared>,
    on_lock: Option<OnLock>,
}

impl Opener {
    /// Readers that wait for the locks of others as long as this says, rather than for a moment.
    #[must_use]
    pub fn waiting(self, on_lock: OnLock) -> Self {
        Self { on_lock: Some(on_lock), ..self }
    }

    /// One more reader.
    ///
    /// # Errors
    /// `NotFound` where the path names another file by now; else those of [`Source::open`].
    pub fn open(&self) -> Result<Source> {
        self.access.check_same()?;
        let source =
            Source::assemble(self.access.connect(self.on_lock)?, Arc::clone(&self.access), Arc::clone(&self.shared));
        Ok(Source { on_lock: self.on_lock, ..source })
    }
}

/// What a slice of a server's table was inferred to be there, where no profile knows better.
fn sliced(conn: &Connection, options: &OpenOptions, found: &[Detection]) -> Result<Option<Detection>> {
    let known = found.first().is_some_and(|best| profile::by_name(&best.profile.name).is_some());
    let own = found.first().is_some_and(|best| options.library.named(&best.profile.name).is_some());
    if options.infer || known || own {
        return Ok(None);
    }
    let inferred = Slice::read(conn)?.and_then(|slice| slice.profile).and_then(|toml| Profile::parse(&toml).ok());
    let Some(inferred) = inferred else { return Ok(None) };
    // Where it does not fit any more, what the slice itself says is left.
    Ok(profile::apply_because(conn, &inferred, "It was inferred from the server's table.").ok())
}

fn recognise(conn: &Connection, options: &OpenOptions) -> Result<Shared> {
    let tables = schema::read(conn)?;
    let own = options.library.profiles().iter().map(|own| &own.profile);
    let mut found = if options.infer { profile::infer(conn)? } else { profile::detect_with(conn, own)? };
    let chosen = match &options.profile {
        Some(choice) => Some(profile::apply(conn, &*choice.load(&options.library)?)?),
        None => sliced(conn, options, &found)?.or_else(|| (!found.is_empty()).then(|| found.remove(0))),
    };
    // A person who edits a profile says all that there is in it.
    let edited = matches!(options.profile, Some(Choice::Profile(_)));
    let complete = |found: Detection| if edited { Ok(found) } else { profile::with_evidence(conn, &tables, found) };
    let chosen = chosen.map(complete).transpose()?;
    Ok(Shared::new(tables, chosen, found))
}
