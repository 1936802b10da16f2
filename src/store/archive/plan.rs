//! What would be archived: chosen and counted before anything is moved.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params_from_iter};

use super::{file, ledger};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Position, StreamName, Version};
use crate::store::EventStore;
use crate::store::{append, query};

/// Which events are to be archived. Each field that is set narrows it; at least one must be.
///
/// ```
/// use eventscope::store::ArchiveSelection;
///
/// let closed = ArchiveSelection { closed: Some("*.closed".to_owned()), ..ArchiveSelection::default() };
/// let closed_accounts = ArchiveSelection { aggregate_type: Some("account".to_owned()), ..closed };
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveSelection {
    /// Only of these streams, where there are any.
    pub streams: Vec<StreamName>,
    /// Only of streams of this aggregate type.
    pub aggregate_type: Option<String>,
    /// Only of streams whose last event is of a type like this, in which `*` stands for anything: `*.closed`.
    pub closed: Option<String>,
    /// Only events recorded before this moment.
    pub before: Option<DateTime<Utc>>,
}

/// What an archival would move: see [`EventStore::plan_archive`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivePlan {
    /// The file that the events would go to.
    pub archive: PathBuf,
    /// Whether that file would be made.
    pub new_archive: bool,
    /// What would go of each stream.
    pub streams: Vec<PlannedStream>,
    /// How many events would go.
    pub events: u64,
    /// How many bytes of data and metadata they have.
    pub bytes: u64,
}

/// What an archival would move of a stream: the versions from one to another, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedStream {
    /// The stream.
    pub stream: StreamName,
    /// The first version that is still in the store's own file.
    pub first: Version,
    /// The last version that would go.
    pub last: Version,
}

impl EventStore {
    /// Says what an archival would move and where to, and changes nothing.
    ///
    /// The events go to the file `to`; where there is none, to the store's latest archive, or to a first one beside the
    /// store: `shop.archive.db` for `shop.db`. What is chosen is what is in the store now, without what is archived
    /// already. It reads the whole of what is chosen: seconds for millions of events.
    ///
    /// # Errors
    /// [`BadInput`](ErrorKind::BadInput) for a selection without a condition, and for a file `to` that is something
    /// else than an archive of this store; [`NotFound`](ErrorKind::NotFound) for a stream that does not exist.
    pub fn plan_archive(&self, selection: &ArchiveSelection, to: Option<&Path>) -> Result<ArchivePlan> {
        if *selection == ArchiveSelection::default() {
            return Err(Error::bad_input("nothing says what is to be archived")
                .with_hint("Name streams, an aggregate type, how closed streams end, or a moment."));
        }
        let connection = &self.connection;
        let archive = destination(connection, to)?;
        let mut plan =
            ArchivePlan { new_archive: !archive.exists(), archive, streams: Vec::new(), events: 0, bytes: 0 };
        let moment = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
        let before = match selection.before {
            Some(before) => query::first_since(&moment, "main.events", before)?,
            None => None,
        };
        if selection.streams.is_empty() {
            plan.choose(&moment, selection, before, None)?;
        }
        let mut named: Vec<_> = selection.streams.iter().collect();
        named.sort();
        named.dedup();
        for stream in named {
            if append::current_version(&moment, stream)?.is_none() {
                return Err(Error::not_found(format!("there is no stream {stream}")));
            }
            plan.choose(&moment, selection, before, Some(stream))?;
        }
        moment.commit()?;
        Ok(plan)
    }
}

impl ArchivePlan {
    /// Adds what is chosen: of one stream, or of all.
    fn choose(
        &mut self,
        connection: &Connection,
        selection: &ArchiveSelection,
        before: Option<Position>,
        stream: Option<&StreamName>,
    ) -> Result<()> {
        let (sql, values) = selected(selection, before, stream);
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let (planned, events, bytes) = planned(row)?;
            if events != planned.last - planned.first + 1 {
                let stream = planned.stream;
                return Err(Error::new(ErrorKind::Database, format!("the versions of {stream} have gaps"))
                    .with_hint("Verify the event store. Nothing was moved."));
            }
            self.events += events.unsigned_abs();
            self.bytes += bytes.unsigned_abs();
            self.streams.push(planned);
        }
        Ok(())
    }
}

/// Walks through `streams`, looks at the last event of each where it has to, and then at the events that are chosen.
fn selected(
    selection: &ArchiveSelection,
    before: Option<Position>,
    stream: Option<&StreamName>,
) -> (String, Vec<Value>) {
    let same = |table: &str| {
        format!(
            " CROSS JOIN main.events AS {table} ON ({table}.aggregate_type, {table}.aggregate_id) = \
             (s.aggregate_type, s.aggregate_id)"
        )
    };
    let (mut tables, mut values) = (vec!["main.streams AS s".to_owned()], Vec::new());
    if let Some(pattern) = &selection.closed {
        tables.push(same("l") + " AND l.version = s.version AND l.event_type GLOB ?");
        values.push(Value::Text(glob(pattern)));
    }
    tables.push(same("e"));
    if let Some(before) = before {
        tables.push(" AND e.position < ?".to_owned());
        values.push(Value::Integer(before));
    }
    let mut conditions = vec!["1"];
    let mut narrow = |condition, value: &String| {
        conditions.push(condition);
        values.push(Value::Text(value.clone()));
    };
    if let Some(stream) = stream {
        narrow("s.aggregate_type = ?", &stream.aggregate_type);
        narrow("s.aggregate_id = ?", &stream.aggregate_id);
    }
    if let Some(kind) = &selection.aggregate_type {
        narrow("s.aggregate_type = ?", kind);
    }
    let sql = format!(
        "SELECT s.aggregate_type, s.aggregate_id, min(e.version), max(e.version), count(*), \
         sum(octet_length(e.data) + coalesce(octet_length(e.metadata), 0)) FROM {} WHERE {} \
         GROUP BY s.aggregate_type, s.aggregate_id",
        tables.concat(),
        conditions.join(" AND ")
    );
    (sql, values)
}

fn planned(row: &Row<'_>) -> rusqlite::Result<(PlannedStream, i64, i64)> {
    let stream = StreamName { aggregate_type: row.get(0)?, aggregate_id: row.get(1)? };
    Ok((PlannedStream { stream, first: row.get(2)?, last: row.get(3)? }, row.get(4)?, row.get(5)?))
}

/// A pattern for SQLite's `GLOB` in which only `*` stands for something else.
fn glob(pattern: &str) -> String {
    pattern.replace('[', "[[]").replace('?', "[?]")
}

/// The file that events would go to. It is none, or an archive that is as this store remembers it.
fn destination(connection: &Connection, to: Option<&Path>) -> Result<PathBuf> {
    let store = file::store_path(connection)?;
    let path = match to {
        Some(path) => path.to_owned(),
        None => match ledger::latest(connection)? {
            Some(entry) => file::path_of(connection, &entry.file)?,
            None => file::default_path(&store),
        },
    };
    check_destination(connection, &store, &path)?;
    Ok(path)
}

/// Answers with what the store remembers of the archive.
pub(super) fn check_destination(
    connection: &Connection,
    store: &Path,
    archive: &Path,
) -> Result<Option<ledger::Entry>> {
    let known = ledger::named(connection, &file::name_of(store, archive)?)?;
    match &known {
        Some(entry) => file::examine(archive, entry)?,
        None if archive.exists() => adopt(archive)?,
        None => {}
    }
    Ok(known)
}

/// An archive that no store knows may be one that a crash left as it was made: with nothing in it.
fn adopt(archive: &Path) -> Result<()> {
    if file::mark(archive)?.empty {
        return Ok(());
    }
    Err(Error::bad_input(format!("{} is an archive with events that this store does not know of", archive.display()))
        .with_hint("It was left as it is. Name another file for the archive."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_star_stands_for_something_else() {
        assert_eq!(glob("*.closed"), "*.closed");
        assert_eq!(glob("a?[b]*"), "a[?][[]b]*");
    }
}
