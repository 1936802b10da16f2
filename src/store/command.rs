//! Commands that are processed once: their ids are kept beside the events that they produced.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::append;
use super::event_store::EventStore;
use super::read;
use super::row;
use super::transaction::Transaction;
use crate::error::{Error, Result};
use crate::event::{Event, ExpectedVersion, Json, NewEvent, Position, StreamName, Timestamp};

/// Something that was asked of the application.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Command {
    /// The id that whoever asked gave it, and gives it again when asking again.
    pub id: String,
    /// What was asked, such as `place_order`.
    pub command_type: String,
    /// The stream that it is about.
    pub stream: StreamName,
    /// Who asked.
    pub actor: Option<String>,
    /// Through what it came: one of [`SOURCES`](super::SOURCES).
    pub source: Option<String>,
    /// What was asked in detail; `null` for nothing.
    pub data: Json,
}

/// A command that was processed, and what it led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Processed {
    /// The command as it was processed.
    pub command: Command,
    /// When.
    pub processed_at: Timestamp,
    /// The events that it produced; none where it changed nothing.
    pub events: Vec<Event>,
    /// Whether it had been processed before, so that nothing was appended this time.
    pub repeated: bool,
}

const SELECT: &str = "SELECT command_id, command_type, aggregate_type, aggregate_id, processed_at, actor, source, \
     data, first_position, event_count FROM commands";

impl EventStore {
    /// Appends what a command produced, once: a command whose id has been processed appends nothing, whatever is
    /// expected, and is answered with what it produced then.
    ///
    /// The events get the command's id as their causation id, and its actor and source, where they have none.
    ///
    /// ```
    /// use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
    /// use eventscope::store::{Command, EventStore};
    /// use serde_json::json;
    ///
    /// let mut store = EventStore::open_in_memory()?;
    /// let command = Command {
    ///     id: "cmd-1".to_owned(),
    ///     command_type: "open_account".to_owned(),
    ///     stream: StreamName::new("account", "acc-7"),
    ///     ..Command::default()
    /// };
    /// let opened = [NewEvent::new("account.opened", json!({"owner": "Ada"}))];
    /// let first = store.append_command(&command, ExpectedVersion::NoStream, &opened)?;
    /// let again = store.append_command(&command, ExpectedVersion::NoStream, &opened)?;
    /// assert!(!first.repeated && again.repeated);
    /// assert_eq!(first.events, again.events);
    /// # Ok::<(), eventscope::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`EventStore::append`]; and [`BadInput`](crate::ErrorKind::BadInput) where the id was used for another
    /// command: of another type, or about another stream.
    pub fn append_command(
        &mut self,
        command: &Command,
        expected: ExpectedVersion,
        events: &[NewEvent],
    ) -> Result<Processed> {
        self.transaction(|transaction| transaction.append_command(command, expected, events))
    }

    /// The command that was processed under an id.
    pub fn command(&self, id: &str) -> Result<Option<Processed>> {
        find(&self.connection, id)
    }

    /// At most `limit` commands, in the order in which they were processed, the newest first.
    pub fn commands(&self, limit: usize) -> Result<Vec<Processed>> {
        let mut statement =
            self.connection.prepare_cached(&format!("{SELECT} ORDER BY processed_at DESC, command_id LIMIT ?1"))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map([limit], processed)?.collect::<rusqlite::Result<Vec<_>>>()?;
        rows.into_iter().map(|row| with_events(&self.connection, row)).collect()
    }
}

impl Transaction<'_> {
    /// Appends what a command produced, as [`EventStore::append_command`] does.
    pub fn append_command(
        &self,
        command: &Command,
        expected: ExpectedVersion,
        events: &[NewEvent],
    ) -> Result<Processed> {
        check(command)?;
        if let Some(before) = find(self.connection(), &command.id)? {
            return same(command, before);
        }
        let events: Vec<_> = events.iter().map(|event| caused(event, command)).collect();
        append::within_savepoint(self.connection(), || {
            let appended = self.write(&command.stream, expected, &events)?;
            let processed_at = row::timestamp(&append::next_moment(self.connection(), self.now())?);
            let first = (!appended.is_empty()).then_some(appended.positions.start);
            insert(self.connection(), command, &processed_at, first, appended.len())?;
            let events = produced(self.connection(), command, first, appended.len())?;
            Ok(Processed { command: command.clone(), processed_at, events, repeated: false })
        })
    }
}

/// A command that can be known again.
pub(super) fn check(command: &Command) -> Result<()> {
    if command.id.is_empty() || command.command_type.is_empty() {
        return Err(Error::bad_input("the command has no id or no type")
            .with_hint("Without an id it cannot be recognised when it comes again."));
    }
    append::check_source(command.source.as_deref())
}

/// What a command led to that comes again.
pub(super) fn same(command: &Command, before: Processed) -> Result<Processed> {
    let Command { command_type, stream, .. } = &before.command;
    if (command_type, stream) == (&command.command_type, &command.stream) {
        return Ok(Processed { repeated: true, ..before });
    }
    Err(Error::bad_input(format!("the command id {} was used before, for {command_type} on {stream}", command.id))
        .with_hint("Nothing was written. Give each command an id of its own."))
}

/// The event as one that the command caused.
pub(super) fn caused(event: &NewEvent, command: &Command) -> NewEvent {
    let mut event = event.clone();
    event.causation_id.get_or_insert_with(|| command.id.clone());
    event.actor = event.actor.or_else(|| command.actor.clone());
    event.source = event.source.or_else(|| command.source.clone());
    event
}

fn insert(
    connection: &Connection,
    command: &Command,
    processed_at: &Timestamp,
    first: Option<Position>,
    count: usize,
) -> Result<()> {
    let sql = "INSERT INTO commands (command_id, command_type, aggregate_type, aggregate_id, processed_at, actor, \
               source, data, first_position, event_count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let Command { id, command_type, stream, actor, source, data } = command;
    connection.prepare_cached(sql)?.execute(params![
        id,
        command_type,
        stream.aggregate_type,
        stream.aggregate_id,
        &*processed_at.stored,
        actor,
        source,
        (!data.is_null()).then(|| data.to_text()),
        first,
        i64::try_from(count).unwrap_or(i64::MAX),
    ])?;
    Ok(())
}

/// A row of `commands`: the command without its events, and where those lie.
struct Stored {
    processed: Processed,
    first: Option<Position>,
    count: usize,
}

fn find(connection: &Connection, id: &str) -> Result<Option<Processed>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE command_id = ?1"))?;
    let stored = statement.query_row([id], processed).optional()?;
    stored.map(|stored| with_events(connection, stored)).transpose()
}

fn processed(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let data: Option<String> = row.get(7)?;
    let command = Command {
        id: row.get(0)?,
        command_type: row.get(1)?,
        stream: StreamName { aggregate_type: row.get(2)?, aggregate_id: row.get(3)? },
        actor: row.get(5)?,
        source: row.get(6)?,
        data: data.and_then(|text| Json::text(text).ok()).unwrap_or_default(),
    };
    let processed_at = row::timestamp(row.get_ref(4)?.as_str()?);
    let processed = Processed { command, processed_at, events: Vec::new(), repeated: false };
    Ok(Stored { processed, first: row.get(8)?, count: usize::try_from(row.get::<_, i64>(9)?).unwrap_or(0) })
}

fn with_events(connection: &Connection, stored: Stored) -> Result<Processed> {
    let events = produced(connection, &stored.processed.command, stored.first, stored.count)?;
    Ok(Processed { events, ..stored.processed })
}

/// The events of a command, which lie together from a position on; none where it changed nothing.
fn produced(connection: &Connection, command: &Command, first: Option<Position>, count: usize) -> Result<Vec<Event>> {
    match first {
        Some(first) => read::all(connection, Some(&command.stream), Some(first.saturating_sub(1)), count),
        None => Ok(Vec::new()),
    }
}
