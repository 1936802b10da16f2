//! How far named readers have come.

use super::query;
use super::session::{Session, failed};
use crate::error::Result;
use crate::event::Position;

pub(super) fn find(session: &mut Session, name: &str) -> Result<Option<Position>> {
    query::one(session, "SELECT position FROM eventscope.checkpoints WHERE name = $1", &[&name])
}

pub(super) fn all(session: &mut Session) -> Result<Vec<(String, Position)>> {
    let rows = session.rows("SELECT name, position FROM eventscope.checkpoints ORDER BY name", &[])?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, _>>().map_err(failed)
}

pub(super) fn set(session: &mut Session, name: &str, position: Position) -> Result<()> {
    let sql = "INSERT INTO eventscope.checkpoints (name, position, updated_at) VALUES ($1, $2, clock_timestamp()) \
               ON CONFLICT (name) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at";
    session.execute(sql, &[&name, &position]).map(drop)
}

pub(super) fn forget(session: &mut Session, name: &str) -> Result<()> {
    session.execute("DELETE FROM eventscope.checkpoints WHERE name = $1", &[&name]).map(drop)
}
