//! States that the application stores.

use postgres::Row;

use super::row::timestamp;
use super::session::{Session, failed};
use crate::error::Result;
use crate::event::{Json, StreamName, Version};
use crate::store::snapshot::Snapshot;

const COLUMNS: &str = "version, state_version, taken_at, state";

pub(super) fn latest(session: &mut Session, stream: &StreamName, at: Option<Version>) -> Result<Option<Snapshot>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM eventscope.snapshots WHERE aggregate_type = $1 AND aggregate_id = $2 AND version <= $3 \
         ORDER BY version DESC LIMIT 1"
    );
    let at = at.unwrap_or(Version::MAX);
    let row = session.row(&sql, &[&stream.aggregate_type, &stream.aggregate_id, &at])?;
    row.map(|row| snapshot(&row).map_err(failed)).transpose()
}

pub(super) fn all(session: &mut Session, stream: &StreamName) -> Result<Vec<Snapshot>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM eventscope.snapshots WHERE aggregate_type = $1 AND aggregate_id = $2 ORDER BY version"
    );
    let rows = session.rows(&sql, &[&stream.aggregate_type, &stream.aggregate_id])?;
    rows.iter().map(snapshot).collect::<Result<_, _>>().map_err(failed)
}

pub(super) fn save(
    session: &mut Session,
    stream: &StreamName,
    version: Version,
    state_version: u32,
    state: &Json,
) -> Result<()> {
    let sql = "INSERT INTO eventscope.snapshots \
               (aggregate_type, aggregate_id, version, state_version, taken_at, state) \
               VALUES ($1, $2, $3, $4, clock_timestamp(), $5) \
               ON CONFLICT (aggregate_type, aggregate_id, version) DO UPDATE \
               SET state_version = excluded.state_version, taken_at = excluded.taken_at, state = excluded.state";
    let StreamName { aggregate_type, aggregate_id } = stream;
    let (state_version, state) = (i64::from(state_version), state.to_text());
    let values: super::session::Values<'_> = &[aggregate_type, aggregate_id, &version, &state_version, &state.as_ref()];
    session.execute(sql, values).map(drop)
}

pub(super) fn delete_before(session: &mut Session, stream: &StreamName, version: Version) -> Result<u64> {
    let sql = "DELETE FROM eventscope.snapshots WHERE aggregate_type = $1 AND aggregate_id = $2 AND version < $3";
    session.execute(sql, &[&stream.aggregate_type, &stream.aggregate_id, &version])
}

fn snapshot(row: &Row) -> Result<Snapshot, postgres::Error> {
    let state_version: i64 = row.try_get(1)?;
    Ok(Snapshot {
        version: row.try_get(0)?,
        state_version: u32::try_from(state_version).unwrap_or(u32::MAX),
        taken_at: timestamp(row.try_get(2)?),
        state: row.try_get(3)?,
    })
}
