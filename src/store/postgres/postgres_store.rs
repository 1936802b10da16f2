//! The store itself: one connection to one database.

use std::cell::RefCell;
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;

use super::session::{Dial, Session, is_to_be_repeated};
use super::writing::{KnownRules, Writing};
use super::{checkpoints, commands, import, query, schema, schemas, snapshots, verify};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, ExpectedVersion, Json, NewEvent, Position, StreamName, Version};
use crate::store::append::Appended;
use crate::store::command::{Command, Processed};
use crate::store::commit_signal::CommitSignal;
use crate::store::contract::Store;
use crate::store::encoding::Encoding;
use crate::store::event_schema::{self, EventSchema, Misfit};
use crate::store::id::Ids;
use crate::store::naming::Naming;
use crate::store::placing::Places;
use crate::store::query::{Query, StreamVersion};
use crate::store::request::{Answered, Refusal, Request};
use crate::store::snapshot::Snapshot;
use crate::store::verify::Verification;

/// How often a waiting reader asks whether another process has written.
const LISTEN: Duration = Duration::from_millis(50);

/// How often a transaction is tried that the server asks to be repeated.
const TRIES: usize = 10;

/// An event store on a server.
pub struct PostgresStore {
    session: RefCell<Session>,
    known: RefCell<KnownRules>,
    /// Where chance comes from, as for a store in a file.
    chance: Connection,
    signal: Arc<CommitSignal>,
}

impl PostgresStore {
    /// Makes a store in a database that holds none, and opens it. `place` names the database, without a password.
    ///
    /// # Errors
    /// [`BadInput`](ErrorKind::BadInput) where there is one already; [`ReadOnly`](ErrorKind::ReadOnly) where this user may
    /// make no schema and no tables; [`Busy`](ErrorKind::Busy) where no server answers.
    pub fn create(place: &str, dial: Dial) -> Result<Self> {
        let store = Self::connect(place, dial, true)?;
        schema::create(&mut store.session.borrow_mut())?;
        Ok(store)
    }

    /// Opens a store, and brings one of an older schema up to date.
    ///
    /// # Errors
    /// [`BadInput`](ErrorKind::BadInput) where the database holds no store; [`Unsupported`](ErrorKind::Unsupported) for one
    /// of a newer schema; [`Busy`](ErrorKind::Busy) where no server answers.
    pub fn open(place: &str, dial: Dial) -> Result<Self> {
        let store = Self::connect(place, dial, true)?;
        schema::require(&mut store.session.borrow_mut(), true)?;
        Ok(store)
    }

    /// Opens a store to read it, for a user that may do nothing else.
    ///
    /// # Errors
    /// As [`PostgresStore::open`]; [`Unsupported`](ErrorKind::Unsupported) also for one of an older schema.
    pub fn open_read_only(place: &str, dial: Dial) -> Result<Self> {
        let store = Self::connect(place, dial, false)?;
        schema::require(&mut store.session.borrow_mut(), false)?;
        Ok(store)
    }

    fn connect(place: &str, dial: Dial, may_write: bool) -> Result<Self> {
        Ok(Self {
            session: RefCell::new(Session::open(dial, may_write)?),
            known: RefCell::default(),
            chance: Connection::open_in_memory()?,
            signal: CommitSignal::of(Path::new(place)),
        })
    }

    /// Brings the schema to a version, up or back, and answers with the one before.
    ///
    /// # Errors
    /// [`BadInput`](ErrorKind::BadInput) for a version that there is not, or where the way back would take something away.
    pub fn migrate(&mut self, target: usize) -> Result<usize> {
        let newest = schema::POSTGRES_SCHEMA_VERSION;
        if !(1..=newest).contains(&target) {
            return Err(Error::bad_input(format!("there is no schema {target}: they go from 1 to {newest}")));
        }
        schema::migrate(self.session.get_mut(), target)
    }

    /// Lets a role of the server read the store, and where it is a writer append to it. Neither may change or delete an
    /// event.
    ///
    /// # Errors
    /// Where there is no such role, or this user does not own the tables.
    pub fn grant(&mut self, role: &str, is_writer: bool) -> Result<()> {
        schema::grant(self.session.get_mut(), role, is_writer)
    }

    /// How many events a query wants, its limit and offset left out.
    pub fn count(&self, query: &Query) -> Result<u64> {
        query::count(&mut self.session.borrow_mut(), query)
    }

    /// All snapshots of a stream, oldest first.
    pub fn snapshots(&self, stream: &StreamName) -> Result<Vec<Snapshot>> {
        snapshots::all(&mut self.session.borrow_mut(), stream)
    }

    /// Deletes the snapshots of a stream that are older than a version, and answers with how many went.
    pub fn delete_snapshots_before(&mut self, stream: &StreamName, version: Version) -> Result<u64> {
        snapshots::delete_before(self.session.get_mut(), stream, version)
    }

    /// Does `work` in a transaction of its own that holds up no writer.
    pub(super) fn folding<T, P>(
        &mut self,
        with: &mut P,
        work: impl FnOnce(&mut Session, &mut P) -> Result<T>,
    ) -> Result<T> {
        let session = self.session.get_mut();
        session.begin()?;
        match work(session, with) {
            Ok(done) => session.commit().map(|()| done),
            Err(error) => {
                session.roll_back();
                Err(error)
            }
        }
    }

    /// Does `work` in a transaction that appends, and commits it where that succeeds. Where the server asks for it, all of
    /// it is done again.
    pub(super) fn writing<T>(&self, mut work: impl FnMut(&mut Writing<'_>) -> Result<T>) -> Result<T> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (mut session, mut known) = (self.session.borrow_mut(), self.known.borrow_mut());
            let mut once = || {
                let mut writing = Writing::begin(&mut session, &mut known, Ids::new(&self.chance))?;
                let done = work(&mut writing)?;
                writing.commit()?;
                Ok(done)
            };
            match once() {
                Err(error) if is_to_be_repeated(&error) && tries < TRIES => {}
                Ok(done) => {
                    self.signal.notify();
                    return Ok(done);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Store for PostgresStore {
    fn current_version(&self, stream: &StreamName) -> Result<Option<Version>> {
        query::version(&mut self.session.borrow_mut(), stream)
    }

    fn read_stream(&self, stream: &StreamName, from: Version, to: Option<Version>) -> Result<Vec<Event>> {
        query::stream(&mut self.session.borrow_mut(), stream, from, to)
    }

    fn read_all(&self, after: Option<Position>, limit: usize) -> Result<Vec<Event>> {
        query::behind(&mut self.session.borrow_mut(), after, limit)
    }

    fn event(&self, id: &str) -> Result<Option<Event>> {
        query::by_id(&mut self.session.borrow_mut(), id)
    }

    fn query(&self, query: &Query) -> Result<Vec<Event>> {
        query::all(&mut self.session.borrow_mut(), query)
    }

    fn streams(&self, after: Option<&StreamName>, limit: usize) -> Result<Vec<StreamVersion>> {
        query::streams(&mut self.session.borrow_mut(), after, limit)
    }

    fn last_position(&self) -> Result<Option<Position>> {
        query::last_position(&mut self.session.borrow_mut())
    }

    fn wait(&self, after: Option<Position>, limit: usize, timeout: Duration) -> Result<Vec<Event>> {
        let started = Instant::now();
        loop {
            // Asked before looking, so that a commit in between is not missed.
            let seen = self.signal.count();
            let events = self.read_all(after, limit)?;
            let left = timeout.saturating_sub(started.elapsed());
            if !events.is_empty() || left.is_zero() {
                return Ok(events);
            }
            self.signal.wait(seen, left.min(LISTEN));
        }
    }

    fn snapshot(&self, stream: &StreamName, version: Option<Version>) -> Result<Option<Snapshot>> {
        snapshots::latest(&mut self.session.borrow_mut(), stream, version)
    }

    fn schema(&self, event_type: &str, schema_version: u32) -> Result<Option<Value>> {
        schemas::find(&mut self.session.borrow_mut(), event_type, schema_version)
    }

    fn checkpoint(&self, name: &str) -> Result<Option<Position>> {
        checkpoints::find(&mut self.session.borrow_mut(), name)
    }

    fn checkpoints(&self) -> Result<Vec<(String, Position)>> {
        checkpoints::all(&mut self.session.borrow_mut())
    }

    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verification> {
        verify::verify(&mut self.session.borrow_mut(), progress)
    }

    fn append(&mut self, stream: &StreamName, expected: ExpectedVersion, events: &[NewEvent]) -> Result<Appended> {
        self.transaction(|transaction| transaction.append(stream, expected, events))
    }

    /// Where the connection is cut while it is committed each request is refused with that: nobody knows then whether it
    /// was, and to try again is for those who gave their requests ids.
    fn append_requests(&mut self, requests: &[&Request]) -> Result<Vec<Result<Answered, Refusal>>> {
        let done = self.writing(|writing| {
            let entries = || requests.iter().flat_map(|request| &request.entries);
            let beyond = requests.iter().filter_map(|request| request.beyond.as_deref());
            let ids: Vec<&str> = entries().filter_map(|entry| entry.event.id.as_deref()).chain(beyond).collect();
            writing.look_for_ids(&ids)?;
            writing.look_at_streams(entries().map(|entry| &entry.stream))?;
            let mut answers = Vec::with_capacity(requests.len());
            for request in requests {
                let (plan, mut admission) = writing.planning();
                match plan.request(request, &mut admission) {
                    Err(refusal) if refusal.is_failure() => return Err(refusal.into_error()),
                    answer => answers.push(answer.map(|(events, repeated)| Answered { events, repeated })),
                }
            }
            Ok(answers)
        });
        match done {
            Err(error) if *error.kind() == ErrorKind::Busy => {
                let (message, hint) = (error.to_string(), error.hint().unwrap_or_default().to_owned());
                let refuse = |_: &&Request| {
                    let error = Error::new(ErrorKind::Busy, message.clone()).with_hint(hint.clone());
                    Err(Refusal::Entry { error, entry: 0 })
                };
                Ok(requests.iter().map(refuse).collect())
            }
            done => done,
        }
    }

    fn append_command(
        &mut self,
        command: &Command,
        expected: ExpectedVersion,
        events: &[NewEvent],
    ) -> Result<Processed> {
        self.writing(|writing| commands::append(writing, command, expected, events))
    }

    /// It holds up other writers, and is one transaction: where the server asks to repeat it, it fails, as its lines are read
    /// only once.
    fn import(&mut self, lines: &mut dyn BufRead, places: Places, progress: &mut dyn FnMut(u64)) -> Result<u64> {
        let mut lines = Some(lines);
        self.writing(|writing| match lines.take() {
            Some(lines) => import::import(writing, lines, places, progress),
            None => Err(Error::new(ErrorKind::Busy, "others wrote at the same time").with_hint("Import it again.")),
        })
    }

    fn save_snapshot(&mut self, stream: &StreamName, version: Version, state_version: u32, state: Json) -> Result<()> {
        let current = self.current_version(stream)?;
        if current.is_none_or(|current| version > current) {
            return Err(Error::bad_input(format!("the stream {stream} has no version {version} yet")));
        }
        snapshots::save(self.session.get_mut(), stream, version, state_version, &state)
    }

    fn put_schema(&mut self, event_type: &str, schema_version: u32, schema: &Value, replace: bool) -> Result<()> {
        self.writing(|writing| schemas::put(writing, event_type, schema_version, schema, replace))
    }

    fn schemas(&self) -> Result<Vec<EventSchema>> {
        schemas::all(&mut self.session.borrow_mut())
    }

    fn remove_schema(&mut self, event_type: &str, schema_version: u32) -> Result<bool> {
        self.writing(|writing| schemas::remove(writing, event_type, schema_version))
    }

    fn misfits(&self, limit: usize) -> Result<Vec<Misfit>> {
        event_schema::misfits(&self.schemas()?, limit, |query| self.query(query))
    }

    fn naming(&self) -> Result<Naming> {
        super::writing::naming(&mut self.session.borrow_mut())
    }

    fn set_naming(&mut self, naming: &Naming) -> Result<()> {
        self.writing(|writing| schemas::set_naming(writing, naming))
    }

    fn encoding(&self) -> Result<Encoding> {
        Ok(Encoding::Json)
    }

    /// It takes JSON only, as its columns are text.
    fn set_encoding(&mut self, encoding: Encoding) -> Result<()> {
        match encoding {
            Encoding::Json => Ok(()),
            Encoding::MessagePack => {
                let message = format!("an event store on a server writes data as JSON, and not as {encoding}");
                Err(Error::new(ErrorKind::Unsupported, message))
            }
        }
    }

    fn set_checkpoint(&mut self, name: &str, position: Position) -> Result<()> {
        checkpoints::set(self.session.get_mut(), name, position)
    }
}
