//! Appends an event by hand, through a connection of its own and in one transaction: first as a plan that shows the row,
//! then for good.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags, Transaction, TransactionBehavior};
use serde_json::Value;

use super::explain::check_file;
use super::layout::{Columns, Layout, rowid_name};
use super::value::Stored;
use super::{Mode, Source, archives, guard};
use crate::codec::{Format, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, ExpectedVersion, NewEvent, Payload, StorageClass, StreamName, Version};
use crate::profile::{self, AppendSpec, Mapping, schema};
use crate::store::{self, EventStore};

/// How long a write waits for another writer.
const BUSY: std::time::Duration = std::time::Duration::from_secs(5);

/// What appending would write.
#[derive(Clone, Debug, PartialEq)]
pub struct AppendPlan {
    /// The stream that is appended to.
    pub stream: StreamName,
    /// The event, with the id that it will have.
    pub event: NewEvent,
    /// What the stream is expected to be at.
    pub expected: ExpectedVersion,
    /// The stream's last version now; `None` where it has no event.
    pub actual: Option<Version>,
    /// The version that the event would get.
    pub version: Version,
    /// The table that the event becomes a row of.
    pub table: String,
    /// The columns of that row and their values. The time is that of the plan; the event gets that of writing.
    pub row: Vec<(String, Stored)>,
    /// Further statements that are carried out before it, such as the upsert of the stream that it refers to.
    pub before: Vec<String>,
    /// Further statements that are carried out after it.
    pub also: Vec<String>,
}

/// Whether events can be appended to this database, and if not, why not.
///
/// # Errors
/// `Unsupported` where nothing says how, `ReadOnly` where the file may not be written.
pub fn check(source: &Source) -> Result<()> {
    spec(source)?;
    if source.mode() != Mode::Live {
        let message = format!("{} is open as {}, which is only read", source.path().display(), source.mode());
        return Err(Error::new(ErrorKind::ReadOnly, message).with_hint("Open it live first."));
    }
    let metadata = std::fs::metadata(source.path())?;
    if metadata.permissions().readonly() {
        return Err(Error::new(ErrorKind::ReadOnly, format!("{} may not be written", source.path().display())));
    }
    Ok(())
}

/// Says what appending an event would write, and writes nothing.
///
/// # Errors
/// A conflict where the stream is not as expected; `Unsupported` where nothing says how to append to this kind of
/// database; `BadInput` for an event that it cannot hold.
pub fn plan(source: &Source, stream: &StreamName, event: &NewEvent, expected: ExpectedVersion) -> Result<AppendPlan> {
    let spec = spec(source)?;
    let mut event = event.clone();
    if event.id.is_none() {
        event.id = Some(store::new_event_id(&source.conn)?);
    }
    let actual = actual_version(source, stream)?;
    if !expected.allows(actual) {
        return Err(Error::conflict(stream.clone(), expected, actual));
    }
    let version = next_version(actual, spec, source.layout()?);
    let mut values = Values::new(stream, version, &event, spec, &source.layout()?.mapping, Utc::now())?;
    if archives::is_native(&source.conn)? {
        values.set(":data", natively(&store::check_in(&source.conn, stream, &event)?));
    }
    require(&source.conn, spec, &values)?;
    Ok(AppendPlan {
        row: row(&source.conn, spec, &values)?,
        stream: stream.clone(),
        event,
        expected,
        actual,
        version,
        table: spec.table.clone(),
        before: spec.before.clone(),
        also: spec.also.clone(),
    })
}

/// Appends what a plan says, and answers with the event as it is stored.
///
/// # Errors
/// Those of [`plan`]; a conflict where the stream was appended to since; `Busy` where another writer does not finish.
/// On an error no event was written.
pub fn execute(source: &Source, plan: &AppendPlan) -> Result<Event> {
    check(source)?;
    source.access.check_same()?;
    source.access.wrote();
    if archives::is_native(&source.conn)? {
        return append_natively(source, plan);
    }
    let conn = connect(source)?;
    let writer = Source::assemble(conn, Arc::clone(&source.access), source.shared().clone());
    let transaction = Transaction::new_unchecked(&writer.conn, TransactionBehavior::Immediate)?;
    let event = write(&writer, plan)?;
    transaction.commit().map_err(refused)?;
    Ok(event)
}

/// Appends with the store itself, which first brings a file of an older schema up to date: reading never does, so that
/// only a confirmed write changes the file.
fn append_natively(source: &Source, plan: &AppendPlan) -> Result<Event> {
    // What can be refused beforehand leaves the file byte for byte as it is.
    let actual = actual_version(source, &plan.stream)?;
    if !plan.expected.allows(actual) {
        return Err(Error::conflict(plan.stream.clone(), plan.expected, actual));
    }
    let mut store = EventStore::open(check_file(source.path())?)?;
    let appended = store.append(&plan.stream, plan.expected, std::slice::from_ref(&plan.event))?;
    let mut written = store.read_stream(&plan.stream, appended.versions.start, appended.last_version())?;
    written.pop().ok_or_else(|| Error::new(ErrorKind::Database, "the store wrote no event"))
}

/// A payload as the store's own code will write it.
fn natively(payload: &Payload) -> Stored {
    match payload.storage {
        StorageClass::Blob => Stored::Blob(payload.raw.as_ref().into()),
        _ => Stored::Text(payload.raw.as_ref().into()),
    }
}

fn spec(source: &Source) -> Result<&AppendSpec> {
    source.layout()?;
    let profile = source.detection().map(|detection| &detection.profile);
    profile.and_then(|profile| profile.append.as_ref()).ok_or_else(|| {
        let title = profile.map_or("This kind of database", |profile| profile.title.as_str());
        Error::new(ErrorKind::Unsupported, format!("{title} can only be read: its profile does not say how to append"))
            .with_hint("Save the profile, add an [append] section to it, and open the database with it.")
    })
}

fn connect(source: &Source) -> Result<Connection> {
    let path = check_file(source.path())?;
    let doing = format!("opening {} for writing", path.display());
    let conn = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| Error::from(error).context(doing))?;
    conn.busy_timeout(BUSY)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    profile::functions::install(&conn)?;
    // Only with its first page read does SQLite know whether the format allows writing.
    conn.query_row("PRAGMA schema_version", [], |_| Ok(()))?;
    profile::quotes::hold(&conn)?;
    if conn.is_readonly(MAIN_DB)? {
        let message = format!("{} may not be written: its rights or its format do not allow it", path.display());
        return Err(Error::new(ErrorKind::ReadOnly, message));
    }
    guard::for_appending(&conn)?;
    Ok(conn)
}

/// The stream's last version, in this connection's view of the file.
fn actual_version(source: &Source, stream: &StreamName) -> Result<Option<Version>> {
    if archives::is_native(&source.conn)? {
        // Events may have gone to an archive: what counts is what the store itself looks at.
        return archives::counted_version(&source.conn, stream);
    }
    let layout = source.layout()?;
    let Some(condition) = source.stream_condition(stream)? else { return Ok(None) };
    let version = layout.column(Columns::VERSION).map_or("count(*)".to_owned(), |version| format!("max({version})"));
    let mut query = layout.select_only(&[version]);
    query.push(" AND ").append(&condition);
    Ok(source.one(&query)?.and_then(|version| version.to_integer()))
}

fn next_version(actual: Option<Version>, spec: &AppendSpec, layout: &Layout) -> Version {
    // Versions that are counted begin at 1, whatever the profile says of stored ones.
    let first = if layout.has_versions() { spec.start_version } else { 1 };
    actual.map_or(first, |actual| actual.saturating_add(1))
}

/// Writes inside a transaction; the caller commits.
fn write(writer: &Source, plan: &AppendPlan) -> Result<Event> {
    let (spec, layout) = (spec(writer)?, writer.layout()?);
    let actual = actual_version(writer, &plan.stream)?;
    if !plan.expected.allows(actual) {
        return Err(Error::conflict(plan.stream.clone(), plan.expected, actual));
    }
    let version = next_version(actual, spec, layout);
    let values = Values::new(&plan.stream, version, &plan.event, spec, &layout.mapping, Utc::now())?;
    require(&writer.conn, spec, &values)?;
    for statement in &spec.before {
        values.run(&writer.conn, statement)?;
    }
    values.run(&writer.conn, &spec.insert_sql())?;
    let rowid = writer.conn.last_insert_rowid();
    for statement in &spec.also {
        values.run(&writer.conn, statement)?;
    }
    let event = written(writer, layout, plan, rowid, version)?;
    if event.stream == plan.stream && event.version == version {
        return Ok(event);
    }
    Err(Error::bad_input(format!(
        "the event would become version {} of {} instead of version {version} of {}; nothing was written",
        event.version, event.stream, plan.stream
    )))
}

/// The event that was just inserted, read back as any reader will see it.
fn written(writer: &Source, layout: &Layout, plan: &AppendPlan, rowid: i64, version: Version) -> Result<Event> {
    let unseen = || Error::bad_input("the profile would not find the event that it wrote; nothing was written");
    let table = schema::find(&writer.shared.tables, &layout.mapping.table);
    let own_rowid = table.and_then(rowid_name).filter(|_| layout.has_positions() && layout.is_one_table());
    let Some(rowid_column) = own_rowid else {
        let mut events = writer.read_stream(&plan.stream, version, Some(version))?;
        return events.next().unwrap_or_else(|| Err(unseen()));
    };
    let mut query = layout.select(Columns::ALL, &[]);
    query.push(" AND ").push(rowid_column).push(" = ").bind(rowid);
    let mut event = writer.read_events(&query, Columns::ALL)?.pop().ok_or_else(unseen)?;
    if !layout.has_versions() {
        event.version = version;
    }
    Ok(event)
}

/// Holds the conditions of a profile against an event.
fn require(conn: &Connection, spec: &AppendSpec, values: &Values) -> Result<()> {
    for requirement in &spec.requires {
        let held = values.evaluate(conn, &[&requirement.sql])?;
        let truth = matches!(held.first(), Some(Stored::Integer(number)) if *number != 0);
        if !truth {
            return Err(Error::bad_input(requirement.because.clone()));
        }
    }
    Ok(())
}

fn row(conn: &Connection, spec: &AppendSpec, values: &Values) -> Result<Vec<(String, Stored)>> {
    let expressions: Vec<&str> = spec.columns.values().map(String::as_str).collect();
    let found = values.evaluate(conn, &expressions)?;
    Ok(spec.columns.keys().cloned().zip(found).collect())
}

/// The values of the parameters that a profile's statements may name.
struct Values(Vec<(&'static str, Stored)>);

impl Values {
    fn new(
        stream: &StreamName,
        version: Version,
        event: &NewEvent,
        spec: &AppendSpec,
        mapping: &Mapping,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let text = |value: &Option<String>| value.as_ref().map_or(Stored::Null, Stored::text);
        let format = mapping.timestamp.as_ref().map_or(Format::Auto, |field| field.format);
        let metadata = mapping.metadata.as_ref().map(|field| field.encoding.clone()).unwrap_or_default();
        Ok(Self(vec![
            (":aggregate_type", Stored::text(&stream.aggregate_type)),
            (":aggregate_id", Stored::text(&stream.aggregate_id)),
            (":version", version.into()),
            (":event_id", text(&event.id)),
            (":event_type", Stored::text(&event.event_type)),
            (":schema_version", text(&event.schema_version)),
            (":timestamp", encode::timestamp(now, format, spec.timestamp.as_deref()).into()),
            (":actor", text(&event.actor)),
            (":actor_type", text(&event.actor_type)),
            (":source", text(&event.source)),
            (":causation_id", text(&event.causation_id)),
            (":correlation_id", text(&event.correlation_id)),
            (":data", encode::payload(&event.data.value(), &mapping.data.encoding)?.into()),
            (
                ":metadata",
                match &*event.metadata.value() {
                    Value::Null => Stored::Null,
                    document => encode::payload(document, &metadata)?.into(),
                },
            ),
        ]))
    }

    fn set(&mut self, name: &str, value: Stored) {
        if let Some((_, held)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            *held = value;
        }
    }

    fn run(&self, conn: &Connection, sql: &str) -> Result<()> {
        let mut statement = conn.prepare(sql)?;
        self.bind(&mut statement)?;
        statement.raw_execute().map_err(refused)?;
        Ok(())
    }

    /// The values of expressions that use the parameters.
    fn evaluate(&self, conn: &Connection, expressions: &[&str]) -> Result<Vec<Stored>> {
        let listed: Vec<String> = expressions.iter().map(|expression| format!("({expression})")).collect();
        let mut statement = conn.prepare(&format!("SELECT {}", listed.join(", ")))?;
        self.bind(&mut statement)?;
        let mut rows = statement.raw_query();
        let Some(row) = rows.next()? else { return Ok(Vec::new()) };
        Ok((0..expressions.len()).map(|index| row.get_ref(index).map(Stored::from)).collect::<Result<_, _>>()?)
    }

    /// Binds the parameters that a statement names.
    fn bind(&self, statement: &mut rusqlite::Statement<'_>) -> Result<()> {
        for (name, value) in &self.0 {
            if let Some(index) = statement.parameter_index(name)? {
                statement.raw_bind_parameter(index, value)?;
            }
        }
        Ok(())
    }
}

/// A constraint of the database is about the event, not about the database.
fn refused(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => {
            Error::bad_input(format!("the database refuses the event: {error}")).with_source(error)
        }
        _ => error.into(),
    }
}
