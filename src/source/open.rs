//! Opens a database so that nothing can change it: live, read-only, with every defence that SQLite has switched on.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{Shared, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::compile;
use crate::profile::{self, Library, Profile, library, schema};

/// How long a read waits for a writer's lock. A writer holds it for moments; longer means that something is wrong.
const BUSY: Duration = Duration::from_millis(500);
/// The first bytes of every SQLite database (<https://www.sqlite.org/fileformat.html>).
const MAGIC: &[u8] = b"SQLite format 3\0";

/// How to open a database.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Which profile to read it through; without one it is found out.
    pub profile: Option<Choice>,
    /// The user's own profiles. They go before the built-in ones.
    pub library: Arc<Library>,
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

    fn load(&self, library: &Library) -> Result<Arc<Profile>> {
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
    /// Opens a database live and read-only, and finds out what its tables mean.
    ///
    /// # Errors
    /// `NotFound` for a missing file or profile; `BadInput` for a directory, an empty file, or one that is no SQLite
    /// database; `Io` where the system refuses to read it.
    pub fn open(path: impl AsRef<Path>, options: &OpenOptions) -> Result<Self> {
        let path = path.as_ref();
        let full = check_file(path)?;
        let conn = connect(&full).map_err(|error| error.context(format_args!("opening {}", path.display())))?;
        let shared =
            recognise(&conn, options).map_err(|error| error.context(format_args!("reading {}", path.display())))?;
        Ok(Self::assemble(conn, full, Arc::new(shared)))
    }

    /// Another reader of the same file, for another worker. It shares what this one has learned.
    pub fn reopen(&self) -> Result<Self> {
        let conn =
            connect(self.path()).map_err(|error| error.context(format_args!("opening {}", self.path().display())))?;
        Ok(Self::assemble(conn, self.path().to_owned(), Arc::clone(self.shared())))
    }
}

/// The full path, once it is clear that a database can be there. It also keeps SQLite from reading a name such as
/// `file:x?mode=rw` as a URI: a full path never begins with `file:`.
pub(super) fn check_file(path: &Path) -> Result<PathBuf> {
    let refuse = |what: &str| Error::bad_input(format!("{} {what}", path.display()));
    let full = path.canonicalize().map_err(|error| file_error(path, error))?;
    if full.is_dir() {
        return Err(refuse("is a directory").with_hint("Open the database file inside it."));
    }
    let mut header = Vec::new();
    let mut file = File::open(&full).map_err(|error| file_error(path, error))?;
    file.by_ref().take(16).read_to_end(&mut header).map_err(|error| file_error(path, error))?;
    if header.is_empty() {
        return Err(refuse("is empty").with_hint("An application may not have written to it yet; try again later."));
    }
    if header != MAGIC {
        return Err(refuse("is not a SQLite database").with_hint("It may be another kind of file, or be encrypted."));
    }
    Ok(full)
}

fn file_error(path: &Path, error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::NotFound => Error::not_found(format!("there is no file {}", path.display())),
        _ => Error::from(error).context(path.display()),
    }
}

/// A connection that can only read. `DEFENSIVE` and an untrusted schema keep a hostile file from doing harm through
/// views, triggers or shadow tables (<https://www.sqlite.org/security.html>).
fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.set_prepared_statement_cache_capacity(64);
    profile::functions::install(&conn)?;
    compile::install(&conn)?;
    // The first read: only now does SQLite look at the file.
    conn.query_row("PRAGMA schema_version", [], |_| Ok(())).map_err(first_read)?;
    Ok(conn)
}

fn first_read(error: rusqlite::Error) -> Error {
    let error = Error::from(error);
    match error.kind() {
        ErrorKind::Io | ErrorKind::ReadOnly => error.with_hint(
            "SQLite needs to write its -shm or -journal file beside a database that was in use. Copy the file together \
             with those beside it to a place where you may write, and open the copy.",
        ),
        _ => error,
    }
}

fn recognise(conn: &Connection, options: &OpenOptions) -> Result<Shared> {
    let tables = schema::read(conn)?;
    let mut found = profile::detect_with(conn, options.library.profiles().iter().map(|own| &own.profile))?;
    let chosen = match &options.profile {
        Some(choice) => Some(profile::apply(conn, &*choice.load(&options.library)?)?),
        None if found.is_empty() => None,
        None => Some(found.remove(0)),
    };
    Ok(Shared::new(tables, chosen, found))
}
