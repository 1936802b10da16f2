//! Questions to the whole store.

use chrono::{DateTime, Utc};
use postgres::types::ToSql;

use super::row::{self, COLUMNS};
use super::session::{Session, failed};
use crate::error::Result;
use crate::event::{Event, Position, StreamName, Version};
use crate::store::query::{Query, StreamVersion};

/// A `WHERE` and its values.
#[derive(Default)]
struct Condition {
    terms: Vec<String>,
    values: Vec<Box<dyn ToSql + Sync>>,
}

impl Condition {
    fn push(&mut self, comparison: &str, value: Option<impl ToSql + Sync + 'static>) {
        if let Some(value) = value {
            let place = self.value(value);
            self.terms.push(format!("{comparison} {place}"));
        }
    }

    /// Adds a value that is no condition, and answers with what stands for it.
    fn value(&mut self, value: impl ToSql + Sync + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    fn sql(&self) -> String {
        if self.terms.is_empty() { "true".to_owned() } else { self.terms.join(" AND ") }
    }

    fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect()
    }
}

fn condition(session: &mut Session, query: &Query) -> Result<Condition> {
    let mut condition = Condition::default();
    condition.push("aggregate_type =", query.aggregate_type.clone());
    condition.push("aggregate_id =", query.aggregate_id.clone());
    condition.push("event_type =", query.event_type.clone());
    condition.push("correlation_id =", query.correlation_id.clone());
    condition.push("causation_id =", query.causation_id.clone());
    condition.push("version >=", query.from_version);
    condition.push("version <=", query.to_version);
    condition.push("position >", query.after);
    condition.push("position <", query.before);
    // Time follows position, so that a range of moments is a range of positions.
    if let Some(from) = query.from {
        condition.push("position >=", Some(first_since(session, from)?.unwrap_or(Position::MAX)));
    }
    if let Some(until) = query.until {
        condition.push("position <", first_since(session, until)?);
    }
    Ok(condition)
}

/// The events that a query wants, all at once.
pub(super) fn all(session: &mut Session, query: &Query) -> Result<Vec<Event>> {
    let mut condition = condition(session, query)?;
    // Within one stream versions go as positions go, and are in its index.
    let is_of_stream = query.aggregate_type.is_some() && query.aggregate_id.is_some();
    let key = if is_of_stream { "version" } else { "position" };
    let direction = if query.newest_first { "DESC" } else { "ASC" };
    let sql = condition.sql();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let limit = condition.value(query.limit.map_or(i64::MAX, number));
    let offset = condition.value(number(query.offset));
    let sql = format!(
        "SELECT {COLUMNS} FROM eventscope.events WHERE {sql} ORDER BY {key} {direction} LIMIT {limit} OFFSET {offset}"
    );
    row::events(&session.rows(&sql, &condition.values())?)
}

/// How many events a query wants, its limit and offset left out.
pub(super) fn count(session: &mut Session, query: &Query) -> Result<u64> {
    let condition = condition(session, query)?;
    let sql = format!("SELECT count(*) FROM eventscope.events WHERE {}", condition.sql());
    let found: i64 = one(session, &sql, &condition.values())?.unwrap_or_default();
    Ok(u64::try_from(found).unwrap_or_default())
}

/// The position of the first event that was recorded at a moment or later, found by halving the positions.
fn first_since(session: &mut Session, moment: DateTime<Utc>) -> Result<Option<Position>> {
    let sql =
        "SELECT position, recorded_at >= $2 FROM eventscope.events WHERE position >= $1 ORDER BY position LIMIT 1";
    let mut at = |position: Position| -> Result<Option<(Position, bool)>> {
        let row = session.row(sql, &[&position, &moment])?;
        row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose().map_err(failed)
    };
    let (mut low, mut found) = (1, None);
    let Some(mut high) = last_position_by(&mut at)? else { return Ok(None) };
    // What lies before `low` was recorded before the moment, what lies behind `high` was not.
    while low <= high {
        let middle = low + (high - low) / 2;
        match at(middle)? {
            Some((position, true)) => {
                found = Some(position);
                high = middle - 1;
            }
            Some((position, false)) => low = position + 1,
            None => high = middle - 1,
        }
    }
    Ok(found)
}

/// A position behind which there is no event, by doubling; none where there is no event at all.
fn last_position_by(at: &mut impl FnMut(Position) -> Result<Option<(Position, bool)>>) -> Result<Option<Position>> {
    let mut bound = 1;
    if at(bound)?.is_none() {
        return Ok(None);
    }
    while let Some((_, false)) = at(bound)? {
        match bound.checked_mul(2) {
            Some(next) => bound = next,
            None => return Ok(Some(Position::MAX)),
        }
    }
    Ok(Some(bound))
}

/// At most `limit` streams behind one, by aggregate type and id.
pub(super) fn streams(session: &mut Session, after: Option<&StreamName>, limit: usize) -> Result<Vec<StreamVersion>> {
    let sql = "SELECT aggregate_type, aggregate_id, version FROM eventscope.streams \
               WHERE (aggregate_type, aggregate_id) > ($1, $2) ORDER BY aggregate_type, aggregate_id LIMIT $3";
    let first = StreamName::default();
    let after = after.unwrap_or(&first);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let read = |row: &postgres::Row| {
        let stream = StreamName { aggregate_type: row.try_get(0)?, aggregate_id: row.try_get(1)? };
        Ok::<_, postgres::Error>(StreamVersion { stream, version: row.try_get(2)? })
    };
    let rows = session.rows(sql, &[&after.aggregate_type, &after.aggregate_id, &limit])?;
    rows.iter().map(|row| read(row).map_err(failed)).collect()
}

/// The events of a stream from one version to another, both included.
pub(super) fn stream(
    session: &mut Session,
    stream: &StreamName,
    from: Version,
    to: Option<Version>,
) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM eventscope.events WHERE aggregate_type = $1 AND aggregate_id = $2 \
         AND version BETWEEN $3 AND $4 ORDER BY version"
    );
    let to = to.unwrap_or(Version::MAX);
    row::events(&session.rows(&sql, &[&stream.aggregate_type, &stream.aggregate_id, &from, &to])?)
}

/// At most `limit` events of the whole store behind a position, oldest first.
pub(super) fn behind(session: &mut Session, after: Option<Position>, limit: usize) -> Result<Vec<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM eventscope.events WHERE position > $1 ORDER BY position LIMIT $2");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    row::events(&session.rows(&sql, &[&after.unwrap_or(Position::MIN), &limit])?)
}

/// The event that has an id.
pub(super) fn by_id(session: &mut Session, id: &str) -> Result<Option<Event>> {
    if id.contains('\0') {
        return Ok(None);
    }
    let sql = format!("SELECT {COLUMNS} FROM eventscope.events WHERE event_id = $1");
    session.row(&sql, &[&id])?.as_ref().map(row::event).transpose()
}

/// The version of a stream's last event.
pub(super) fn version(session: &mut Session, stream: &StreamName) -> Result<Option<Version>> {
    let sql = "SELECT version FROM eventscope.streams WHERE aggregate_type = $1 AND aggregate_id = $2";
    one(session, sql, &[&stream.aggregate_type, &stream.aggregate_id])
}

/// The position of the last event.
pub(super) fn last_position(session: &mut Session) -> Result<Option<Position>> {
    one(session, "SELECT position FROM eventscope.events ORDER BY position DESC LIMIT 1", &[])
}

/// The first column of the first row, where there is one.
pub(super) fn one<T: for<'a> postgres::types::FromSql<'a>>(
    session: &mut Session,
    sql: &str,
    values: super::session::Values<'_>,
) -> Result<Option<T>> {
    session.row(sql, values)?.map(|row| row.try_get(0).map_err(failed)).transpose()
}
