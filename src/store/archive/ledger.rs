//! The ledger: what the store's own file says of its archives, and of which events lie in which.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::Result;
use crate::event::{Position, StreamName, Version};

/// What the names begin with under which archives are attached.
pub(super) const PREFIX: &str = "eventscope_archive_";

/// A row of `archives`.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) number: i64,
    pub(super) id: String,
    /// As seen from the store's folder.
    pub(super) file: String,
    /// How far the archive had come when something was last recorded of it.
    pub(super) generation: i64,
    /// How many of the store's events lie in it.
    pub(super) events: i64,
}

impl Entry {
    /// The name under which connections attach it.
    pub(super) fn schema(&self) -> String {
        format!("{}{}", PREFIX, self.number)
    }
}

/// A row of `archived`: a run of versions of one stream that lies in one archive.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) stream: StreamName,
    pub(super) first: Version,
    pub(super) last: Version,
    /// The number of the archive.
    pub(super) archive: i64,
}

/// What was moved of a stream, and the end of it.
pub(super) struct Moved<'a> {
    pub(super) stream: &'a StreamName,
    pub(super) first: Version,
    pub(super) last: Version,
    pub(super) position: Position,
    pub(super) moment: String,
}

impl Moved<'_> {
    pub(super) fn events(&self) -> i64 {
        self.last - self.first + 1
    }
}

const ENTRY: &str = "SELECT archive, id, file, generation, events FROM main.archives";

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry { number: row.get(0)?, id: row.get(1)?, file: row.get(2)?, generation: row.get(3)?, events: row.get(4)? })
}

/// Whether the schema of a file knows archives.
pub(super) fn exists(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE name = 'archives')";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// The archives in which events lie.
pub(super) fn needed(connection: &Connection) -> Result<Vec<Entry>> {
    let mut statement = connection.prepare_cached(&format!("{ENTRY} WHERE events > 0 ORDER BY archive"))?;
    Ok(statement.query_map([], entry)?.collect::<rusqlite::Result<_>>()?)
}

/// The archive that is remembered under a file's name.
pub(super) fn named(connection: &Connection, file: &str) -> Result<Option<Entry>> {
    Ok(connection.query_row(&format!("{ENTRY} WHERE file = ?1"), [file], entry).optional()?)
}

/// The archive that was written to last.
pub(super) fn latest(connection: &Connection) -> Result<Option<Entry>> {
    let sql = format!("{ENTRY} WHERE events > 0 ORDER BY archive DESC LIMIT 1");
    Ok(connection.query_row(&sql, [], entry).optional()?)
}

/// Remembers an archive that holds nothing yet.
pub(super) fn add(connection: &Connection, id: &str, file: &str) -> Result<()> {
    connection.execute("INSERT INTO main.archives (id, file, generation) VALUES (?1, ?2, 0)", [id, file])?;
    Ok(())
}

/// Whether something of a stream lies in an archive.
pub(super) fn holds(connection: &Connection, stream: &StreamName) -> Result<bool> {
    Ok(last_version(connection, stream)?.is_some())
}

/// The last version of a stream that lies in an archive.
pub(super) fn last_version(connection: &Connection, stream: &StreamName) -> Result<Option<Version>> {
    let sql = "SELECT last_version FROM main.archived WHERE aggregate_type = ?1 AND aggregate_id = ?2 \
               ORDER BY first_version DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([&stream.aggregate_type, &stream.aggregate_id], |row| row.get(0)).optional()?)
}

/// How many streams have events in an archive.
pub(super) fn streams_in(connection: &Connection, archive: i64) -> Result<u64> {
    let sql =
        "SELECT count(*) FROM (SELECT DISTINCT aggregate_type, aggregate_id FROM main.archived WHERE archive = ?1)";
    let count: i64 = connection.query_row(sql, [archive], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// What lies in archives, of one stream or of all, the last versions of each stream first.
pub(super) fn runs(connection: &Connection, stream: Option<&StreamName>) -> Result<Vec<Run>> {
    let sql = "SELECT aggregate_type, aggregate_id, first_version, last_version, archive FROM main.archived \
               WHERE ?1 IS NULL OR (aggregate_type = ?1 AND aggregate_id = ?2) \
               ORDER BY aggregate_type, aggregate_id, first_version DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let (kind, id) = stream.map(|stream| (&stream.aggregate_type, &stream.aggregate_id)).unzip();
    let rows = statement.query_map((kind, id), |row| {
        Ok(Run {
            stream: StreamName { aggregate_type: row.get(0)?, aggregate_id: row.get(1)? },
            first: row.get(2)?,
            last: row.get(3)?,
            archive: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Records that events, which still are in the store's own file, lie in an archive.
pub(super) fn record(connection: &Connection, archive: i64, moved: &Moved<'_>) -> Result<()> {
    let Moved { stream, first, last, position, moment } = moved;
    let lengthen = "UPDATE main.archived SET last_version = ?4 WHERE aggregate_type = ?1 AND aggregate_id = ?2 \
                    AND last_version = ?3 - 1 AND archive = ?5";
    let run = params![stream.aggregate_type, stream.aggregate_id, first, last, archive];
    if connection.prepare_cached(lengthen)?.execute(run)? == 0 {
        let begin = "INSERT INTO main.archived (aggregate_type, aggregate_id, first_version, last_version, archive) \
                     VALUES (?1, ?2, ?3, ?4, ?5)";
        connection.prepare_cached(begin)?.execute(run)?;
    }
    let count = "UPDATE main.archives SET events = events + ?2, \
                 last_position = max(coalesce(last_position, 0), ?3), \
                 last_recorded_at = max(coalesce(last_recorded_at, ''), ?4) WHERE archive = ?1";
    connection.prepare_cached(count)?.execute(params![archive, moved.events(), position, moment])?;
    Ok(())
}

/// Records how far an archive has come.
pub(super) fn set_generation(connection: &Connection, archive: i64, generation: i64) -> Result<()> {
    let sql = "UPDATE main.archives SET generation = max(generation, ?2) WHERE archive = ?1";
    connection.prepare_cached(sql)?.execute([archive, generation])?;
    Ok(())
}

/// Takes back that the end of a run, from a version on, lies in its archive: it is in the store's own file again.
pub(super) fn strike(connection: &Connection, run: &Run, from: Version) -> Result<()> {
    let Run { stream, first, last, archive } = run;
    let key = params![stream.aggregate_type, stream.aggregate_id, first, from - 1];
    let sql = if from > *first {
        "UPDATE main.archived SET last_version = ?4 \
         WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND first_version = ?3"
    } else {
        "DELETE FROM main.archived \
         WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND first_version = ?3 AND ?4 IS NOT NULL"
    };
    connection.prepare_cached(sql)?.execute(key)?;
    let count = "UPDATE main.archives SET events = events - ?2 WHERE archive = ?1";
    connection.prepare_cached(count)?.execute([*archive, last - from + 1])?;
    Ok(())
}

/// The last version of a run as it is recorded now; none where it is no longer.
pub(super) fn end_of(connection: &Connection, run: &Run) -> Result<Option<Version>> {
    let sql = "SELECT last_version FROM main.archived \
               WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND first_version = ?3 AND archive = ?4";
    let key = params![run.stream.aggregate_type, run.stream.aggregate_id, run.first, run.archive];
    Ok(connection.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?)
}

/// The position of the store's last event, wherever it lies.
pub(in crate::store) fn last_position(connection: &Connection) -> Result<Option<Position>> {
    let sql = "SELECT max(last) FROM (SELECT max(position) AS last FROM main.events \
               UNION ALL SELECT max(last_position) FROM main.archives)";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// When the store's last event was recorded, as stored, wherever it lies.
pub(in crate::store) fn last_moment(connection: &Connection) -> Result<Option<String>> {
    let sql = "SELECT max(last) FROM (SELECT max(last_recorded_at) AS last FROM main.archives UNION ALL \
               SELECT * FROM (SELECT recorded_at FROM main.events ORDER BY position DESC LIMIT 1))";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}
