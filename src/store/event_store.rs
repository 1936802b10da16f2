//! The store itself: one connection to one file of the native format, opened so that what it commits stays.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::transaction::Transaction;
use super::{append, read, schema};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, ExpectedVersion, NewEvent, Position, StreamName, Version};

/// How long a writer waits, with SQLite's own growing pauses, for another one to finish.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Enough for every statement of the store, so that none is compiled twice.
const CACHED_STATEMENTS: usize = 64;

/// What the store asks for the time.
pub(super) type Clock = Box<dyn Fn() -> DateTime<Utc> + Send>;

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
    connection: Connection,
    clock: Clock,
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
        schema::migrate(&mut connection, schema::SCHEMA_VERSION)?;
        Ok(Self::over(connection))
    }

    /// Creates a new event store.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] where there already is a file of that name, which is left as it is, and
    /// [`ErrorKind::Io`] where the folder does not allow a new one.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| cannot_create(path, error))?;
        Self::fill(path).inspect_err(|_| {
            // The half-made file is ours alone: nobody could have opened it as a store.
            std::fs::remove_file(path).ok();
        })
    }

    fn fill(path: &Path) -> Result<Self> {
        let mut connection = connect(path)?;
        // Before WAL, so that what names the format is in the file itself from the beginning.
        schema::migrate(&mut connection, schema::SCHEMA_VERSION)?;
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        Ok(Self::over(connection))
    }

    /// Makes an event store that lives in memory and ends with this value: for tests.
    pub fn open_in_memory() -> Result<Self> {
        let mut connection = configured(Connection::open_in_memory()?)?;
        schema::migrate(&mut connection, schema::SCHEMA_VERSION)?;
        Ok(Self::over(connection))
    }

    fn over(connection: Connection) -> Self {
        Self { connection, clock: Box::new(Utc::now) }
    }

    /// The same store with another clock, for a history that did not happen today: the demo and tests.
    ///
    /// The store still never goes back in time: where the clock does, the last event's moment is used again.
    #[must_use]
    pub(crate) fn with_clock(mut self, clock: impl Fn() -> DateTime<Utc> + Send + 'static) -> Self {
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

    /// Appends events to a stream, all of them or none, and answers with them as they were stored: with their
    /// positions, which follow each other, their versions, the moment, and an id where they had none.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where the stream is not as `expected`; [`ErrorKind::BadInput`] for an event that the
    /// format cannot hold or an event id that is taken; [`ErrorKind::Busy`] where another writer did not finish in
    /// time.
    pub fn append(
        &mut self,
        stream: &StreamName,
        expected: ExpectedVersion,
        events: &[NewEvent],
    ) -> Result<Vec<Event>> {
        let now = (self.clock)();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let appended = append::write(&transaction, stream, expected, events, now)?;
        transaction.commit()?;
        Ok(appended)
    }

    /// Appends to several streams at once: everything that `work` appends is committed together, or, where it fails,
    /// none of it.
    ///
    /// Other writers wait meanwhile: do no slow work in it.
    ///
    /// ```
    /// use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
    /// use serde_json::json;
    ///
    /// let mut store = eventscope::store::EventStore::open_in_memory()?;
    /// let (from, to) = (StreamName::new("account", "a"), StreamName::new("account", "b"));
    /// store.transaction(|transfer| {
    ///     let sent = NewEvent::new("account.sent", json!({"amount": 10}));
    ///     transfer.append(&from, ExpectedVersion::Any, &[sent])?;
    ///     let received = NewEvent::new("account.received", json!({"amount": 10}));
    ///     transfer.append(&to, ExpectedVersion::Any, &[received])
    /// })?;
    /// assert_eq!(store.read_all(None, 10)?.len(), 2);
    /// # Ok::<(), eventscope::Error>(())
    /// ```
    pub fn transaction<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(Error::from)?;
        let outcome = work(&Transaction::new(&begun, &self.clock))?;
        begun.commit().map_err(Error::from)?;
        Ok(outcome)
    }

    /// The version of a stream's last event; `None` where it has none.
    pub fn current_version(&self, stream: &StreamName) -> Result<Option<Version>> {
        append::current_version(&self.connection, stream)
    }

    /// The events of a stream, oldest first, from version `from` to version `to`, both included; to the last one where
    /// there is no `to`. A stream that does not exist has no events.
    pub fn read_stream(&self, stream: &StreamName, from: Version, to: Option<Version>) -> Result<Vec<Event>> {
        read::stream(&self.connection, stream, from, to)
    }

    /// At most `limit` events of the whole store, oldest first, behind the position `after` or from the beginning.
    pub fn read_all(&self, after: Option<Position>, limit: usize) -> Result<Vec<Event>> {
        read::all(&self.connection, after, limit)
    }

    /// The event that has an id.
    pub fn event(&self, id: &str) -> Result<Option<Event>> {
        read::by_id(&self.connection, id)
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    configured(Connection::open_with_flags(path, flags)?)
}

fn configured(connection: Connection) -> Result<Connection> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

fn cannot_create(path: &Path, error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return Error::bad_input(format!("{} exists already", path.display()))
            .with_hint("It was left as it is. Open it, or choose another name.");
    }
    Error::from(error).context(format_args!("creating {}", path.display()))
}
