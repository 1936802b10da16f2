//! The store itself: one connection to one file of the native format, opened so that what it commits stays.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::commit_signal::CommitSignal;
use super::connection::{Clock, claim, configured, connect, write_ahead};
use super::rules::Rules;
use super::{archive, chain, schema};
use crate::error::{Error, ErrorKind, Result};

/// What is promised once an append has returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The events survive a power cut (`synchronous=FULL`).
    #[default]
    Full,
    /// The events survive the end of the process; a power cut may take the last transactions, whole ones, with it
    /// (`synchronous=NORMAL`).
    Normal,
}

/// An append-only log of events in one SQLite file.
///
/// It is one connection: open one for each thread. See the [module](crate::store) for an example.
pub struct EventStore {
    pub(super) connection: Connection,
    pub(super) clock: Clock,
    pub(super) signal: Arc<CommitSignal>,
    pub(super) rules: RefCell<Rules>,
}

impl EventStore {
    /// Opens an event store that exists, and brings its schema up to date.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no file, [`ErrorKind::BadInput`] where it is not an event store of this
    /// format, [`ErrorKind::Unsupported`] where a newer version of the program wrote it. A file that is refused is left
    /// byte for byte as it was.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        schema::recognise(path)?;
        Self::open_recognised(path).map_err(|error| error.context(format_args!("opening {}", path.display())))
    }

    fn open_recognised(path: &Path) -> Result<Self> {
        let mut connection = connect(path)?;
        if schema::version(&connection)? == 0 {
            return Err(Error::new(ErrorKind::Database, "the event store was never finished being created")
                .with_hint("Delete it and create it again."));
        }
        archive::refuse_archive(&connection)?;
        schema::migrate(&mut connection, schema::SCHEMA_VERSION)?;
        write_ahead(&connection)?;
        Ok(Self::over(connection, CommitSignal::of(path)))
    }

    /// Opens an event store that exists only to read it: for looking into a file that belongs to somebody else. Nothing
    /// is migrated, and everything that writes fails as [`ErrorKind::ReadOnly`].
    ///
    /// # Errors
    /// As [`EventStore::open`]; and [`ErrorKind::Unsupported`] where the file is of an older schema.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        schema::recognise(path)?;
        // As in [`connect`], archives are attached by URI.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = configured(Connection::open_with_flags(std::path::absolute(path)?, flags)?)?;
        // What is in the log of a file that is only read stays there, for its owner to move.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        schema::require_current(&connection).map_err(|error| error.context(path.display()))?;
        Ok(Self::over(connection, CommitSignal::of(path)))
    }

    /// Creates a new event store.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] where there already is a file of that name, which is left as it is, and
    /// [`ErrorKind::Io`] where the folder does not allow a new one.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        Self::create_anew(path.as_ref(), false)
    }

    /// Creates a new event store that keeps a hash chain over its events, for [`EventStore::verify`]: each append
    /// takes somewhat longer, and a change to any event shows.
    ///
    /// # Errors
    /// As [`EventStore::create`].
    pub fn create_chained(path: impl AsRef<Path>) -> Result<Self> {
        Self::create_anew(path.as_ref(), true)
    }

    fn create_anew(path: &Path, chained: bool) -> Result<Self> {
        claim(path)?;
        Self::fill(path, chained).inspect_err(|_| {
            // The half-made file is ours alone: nobody could have opened it as a store.
            std::fs::remove_file(path).ok();
        })
    }

    fn fill(path: &Path, chained: bool) -> Result<Self> {
        let mut connection = connect(path)?;
        // Before WAL, so that what names the format is in the file itself from the beginning.
        schema::migrate(&mut connection, schema::SCHEMA_VERSION)?;
        if chained {
            chain::begin(&connection)?;
        }
        write_ahead(&connection)?;
        Ok(Self::over(connection, CommitSignal::of(path)))
    }

    /// Makes an event store that lives in memory and ends with this value: for tests.
    pub fn open_in_memory() -> Result<Self> {
        let mut connection = configured(Connection::open_in_memory()?)?;
        schema::migrate(&mut connection, schema::SCHEMA_VERSION)?;
        Ok(Self::over(connection, Arc::default()))
    }

    fn over(connection: Connection, signal: Arc<CommitSignal>) -> Self {
        Self { connection, clock: Box::new(Utc::now), signal, rules: RefCell::default() }
    }

    /// The same store with another clock, for a history that did not happen today: a demo, an application's tests.
    ///
    /// The store still never goes back in time: where the clock does, the last event's moment is used again.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> DateTime<Utc> + Send + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Chooses what an append promises once it has returned; [`Durability::Full`] unless chosen otherwise.
    pub fn set_durability(&mut self, durability: Durability) -> Result<()> {
        let value = match durability {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        };
        Ok(self.connection.pragma_update(None, "synchronous", value)?)
    }

    /// Prepares for writing to places all over a large file: so many kibibytes of it are kept at hand, and the log is
    /// taken over into the file from so many pages on.
    #[cfg(feature = "cli")]
    pub(crate) fn expect_much(&mut self, kibibytes: i64, pages: i64) -> Result<()> {
        self.connection.pragma_update(None, "cache_size", -kibibytes)?;
        Ok(self.connection.pragma_update(None, "wal_autocheckpoint", pages)?)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::event::{ExpectedVersion, NewEvent, StreamName};

    fn account() -> StreamName {
        StreamName::new("account", "acc-1")
    }

    fn large(count: usize) -> Vec<NewEvent> {
        vec![NewEvent::new("account.noted", json!({"text": "x".repeat(2_000)})); count]
    }

    #[test]
    fn time_never_goes_back_and_keeps_its_microseconds() {
        let times = std::sync::Mutex::new(vec!["2026-03-14T11:59:59Z", "2026-03-14T12:04:01.912345Z"]);
        let clock = move || times.lock().unwrap().pop().unwrap().parse().unwrap();
        let mut store = EventStore::open_in_memory().unwrap().with_clock(clock);
        for _ in 0..2 {
            let stored = store.append(&account(), ExpectedVersion::Any, &large(1)).unwrap();
            assert_eq!(&*stored.timestamp.unwrap().stored, "2026-03-14T12:04:01.912345Z");
        }
    }

    #[test]
    fn a_full_disk_is_an_error_that_leaves_the_store_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = EventStore::create(folder.path().join("s.db")).unwrap();
        store.append(&account(), ExpectedVersion::Any, &large(2)).unwrap();
        store.connection.pragma_update(None, "max_page_count", 60).unwrap();
        let error = store.append(&account(), ExpectedVersion::Any, &large(200)).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Io, "{error}");
        let in_transaction = store.transaction(|transaction| {
            transaction.append(&account(), ExpectedVersion::Any, &large(1))?;
            transaction.append(&account(), ExpectedVersion::Any, &large(200))
        });
        assert_eq!(*in_transaction.unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(store.append(&account(), ExpectedVersion::Exactly(2), &large(1)).unwrap().positions, 3..4);
        assert_eq!(store.verify().unwrap().fault, None);
        assert!(store.integrity_check().unwrap().is_empty());
    }

    #[test]
    fn a_locked_file_is_busy_for_writers_and_open_to_readers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut store = EventStore::create(&path).unwrap();
        store.connection.busy_timeout(Duration::from_millis(20)).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = store.append(&account(), ExpectedVersion::Any, &large(1)).unwrap_err();
        assert_eq!((error.kind(), error.hint().is_some()), (&ErrorKind::Busy, true));
        assert!(store.read_all(None, 1).unwrap().is_empty());
        other.execute_batch("COMMIT").unwrap();
        store.append(&account(), ExpectedVersion::Any, &large(1)).unwrap();
    }

    #[test]
    fn a_writer_waits_for_another_one_to_finish() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut store = EventStore::create(&path).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let writing = std::thread::spawn(move || store.append(&account(), ExpectedVersion::Any, &large(1)));
        std::thread::sleep(Duration::from_millis(150));
        assert!(!writing.is_finished(), "it waits");
        other.execute_batch("COMMIT").unwrap();
        assert_eq!(writing.join().unwrap().unwrap().len(), 1);
    }

    #[test]
    fn durability_is_full_unless_chosen_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut store = EventStore::create(&path).unwrap();
        let synchronous = |store: &EventStore| -> i64 {
            store.connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap()
        };
        assert_eq!(synchronous(&store), 2);
        store.set_durability(Durability::Normal).unwrap();
        assert_eq!(synchronous(&store), 1);
        store.set_durability(Durability::Full).unwrap();
        assert_eq!(synchronous(&store), 2);
        store.set_durability(Durability::Normal).unwrap();
        assert_eq!(synchronous(&EventStore::open(&path).unwrap()), 2, "each connection chooses for itself");
    }

    #[test]
    fn a_damaged_page_is_named_as_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        EventStore::create(&path).unwrap().append(&account(), ExpectedVersion::Any, &large(50)).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        for byte in bytes.iter_mut().skip(4096 * 2) {
            *byte = 0x5A;
        }
        std::fs::write(&path, bytes).unwrap();
        let error = EventStore::open(&path).and_then(|store| store.read_all(None, 99)).unwrap_err();
        assert_eq!((error.kind(), error.hint().is_some()), (&ErrorKind::Database, true), "{error}");
    }
}
