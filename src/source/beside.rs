//! Leaves the folder of a database as it was found.
//!
//! Whoever reads a database in WAL mode makes a `-wal` and a `-shm` beside it where there are none, and a connection that
//! can only read never takes them away again: for that SQLite wants the exclusive lock, which such a connection cannot
//! have. So once our last one is closed, another that could write does what SQLite itself does with the last connection
//! (<https://www.sqlite.org/walformat.html>, "Files On Disk"): it removes them under the exclusive lock of the database.
//!
//! Why this is safe:
//! - Every connection in WAL mode holds the shared lock of the database file for as long as it lives, and takes it before
//!   it looks for either file. Who has the exclusive lock is therefore alone, and nobody can come in until it is let go.
//!   Where it is not to be had at the first try, somebody works with the files: they are left, for they are theirs.
//! - `PRAGMA locking_mode = EXCLUSIVE` before the first read asks for that lock, and keeps the index of the log in the
//!   memory of this process (<https://www.sqlite.org/wal.html#noshm>): neither file is made, opened for sharing or written.
//! - Only an empty log is removed: SQLite does that when the connection is closed, and has nothing to move into the file.
//!   One that holds anything is somebody's data. It is neither removed nor moved, and the connection is told not to.
//! - The `-shm` holds nothing that is not found anew from the log. It is removed while the lock is held.
//! - Killed in between, each file that is still there is one that SQLite expects after a crash.
//!
//! The lock is held for the time of two deletions. An application that opens the file just then waits as long as its
//! `busy_timeout` lets it, as it does for any other connection that is the last one to close.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use super::identity::FileStamp;
use super::wal;

/// With a longer log only its index is left behind: SQLite reads the whole of a log before it says that it is alone.
const LONGEST: u64 = 16 << 20;

/// What lay beside a database before it was opened; what came since goes when this does. It has to outlive every
/// connection to the file.
#[derive(Debug)]
pub(super) struct Beside {
    path: PathBuf,
    stamp: Option<FileStamp>,
    log: bool,
    shared: bool,
    wrote: AtomicBool,
}

impl Beside {
    /// Looks at what there is, before the file is opened.
    pub(super) fn before(path: &Path) -> Self {
        *open_files() += 1;
        // SQLite puts both beside the file itself, wherever a link to it lies.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let stamp = FileStamp::of(&path).ok();
        let (mut log, mut shared) = (exists(&path, "-wal"), exists(&path, "-shm"));
        // Files that somebody has open at this moment would be gone without us once they are done.
        if log && shared && len(&path, "-wal") == Some(0) && alone(&path).is_none() {
            (log, shared) = (false, false);
        }
        Self { path, stamp, log, shared, wrote: AtomicBool::new(false) }
    }

    /// From now on the log may hold what this program wrote, which goes into the file with it.
    pub(super) fn wrote(&self) {
        self.wrote.store(true, Ordering::Relaxed);
    }

    fn leave(&self) {
        let new = |was_there: bool, suffix: &str| !was_there && exists(&self.path, suffix);
        let (log, shared) = (new(self.log, "-wal"), new(self.shared, "-shm"));
        if !log && !shared || !self.is_same_file() || len(&self.path, "-wal").is_some_and(|len| len > LONGEST) {
            return;
        }
        let Some(conn) = alone(&self.path) else { return };
        if shared {
            // What cannot be removed is as harmless as it was.
            let _ = fs::remove_file(wal::beside(&self.path, "-shm"));
        }
        if log && (len(&self.path, "-wal") == Some(0) || self.wrote.load(Ordering::Relaxed)) {
            let _ = conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
        }
    }
}

impl Beside {
    fn is_same_file(&self) -> bool {
        let now = FileStamp::of(&self.path);
        now.is_ok_and(|now| self.stamp.as_ref().is_some_and(|before| now.is_same_file(before)))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.leave();
        *open_files() -= 1;
        CLOSED.notify_all();
    }
}

/// A connection that is the only one to a database in WAL mode, and keeps everybody else out until it is closed. `None`
/// where somebody has the file open, and where this user may not write to it.
fn alone(path: &Path) -> Option<Connection> {
    // Opening it for writing would undo what such a journal says.
    if exists(path, "-journal") {
        return None;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).ok()?;
    conn.busy_timeout(Duration::ZERO).ok()?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).ok()?;
    conn.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(())).ok()?;
    let _ = conn.query_row("PRAGMA schema_version", [], |_| Ok(()));
    // Without the lock this is another mode, or not known at all. A damaged file does not say it: the lock was taken
    // before the damage was found, and keeps another connection out.
    let is_alone = match conn.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0)) {
        Ok(mode) => mode == "wal",
        Err(error) => is_damage(&error) && is_locked(path, flags),
    };
    (is_alone && !conn.is_readonly(MAIN_DB).ok()?).then_some(conn)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn is_locked(path: &Path, flags: OpenFlags) -> bool {
    let refused = Connection::open_with_flags(path, flags).and_then(|other| {
        other.busy_timeout(Duration::ZERO)?;
        other.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        other.query_row("PRAGMA schema_version", [], |_| Ok(()))
    });
    refused.is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
}

fn exists(path: &Path, suffix: &str) -> bool {
    wal::beside(path, suffix).exists()
}

fn len(path: &Path, suffix: &str) -> Option<u64> {
    fs::metadata(wal::beside(path, suffix)).ok().map(|metadata| metadata.len())
}

/// How many databases this process has open.
static OPEN: Mutex<usize> = Mutex::new(0);
static CLOSED: Condvar = Condvar::new();

fn open_files() -> MutexGuard<'static, usize> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until every database that was opened in this process is closed, for a program that is about to end: what its
/// threads still hold would leave files behind. Says whether they are.
pub fn wait_until_closed(timeout: Duration) -> bool {
    let waited = CLOSED.wait_timeout_while(open_files(), timeout, |open| *open > 0);
    *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
}
