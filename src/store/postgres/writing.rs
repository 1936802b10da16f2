//! A transaction that appends. It begins by taking the row in which the log ends, and holds it until the commit: so no other
//! is under way, what it reads of versions and ids stays so, and positions are given in the order of commits.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use postgres::types::ToSql;

use super::plan::{Admission, Plan};
use super::row::{self, COLUMNS};
use super::session::{Session, failed};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, StreamName, Version};
use crate::store::id::Ids;
use crate::store::insert::taken;
use crate::store::naming::Naming;
use crate::store::rules::Rules;
use crate::store::stored_settings::{AGGREGATE_TYPES, EVENT_TYPES};

/// How many rows one statement inserts.
const ROWS: usize = 2_000;

/// What is asked of events, as it was read last.
#[derive(Default)]
pub(super) struct KnownRules {
    pub(super) rules: Rules,
    /// All that are registered, by event type and version of its shape.
    pub(super) schemas: HashMap<(String, i64), String>,
}

/// A transaction that appends. What it is not told to commit is taken back.
pub(super) struct Writing<'s> {
    pub(super) session: &'s mut Session,
    pub(super) plan: Plan,
    known: &'s mut KnownRules,
    ids: Ids<'s>,
    /// The streams whose versions have changed.
    changed: BTreeSet<StreamName>,
    is_open: bool,
}

impl<'s> Writing<'s> {
    /// Begins, which waits for the one that is under way.
    pub(super) fn begin(session: &'s mut Session, known: &'s mut KnownRules, ids: Ids<'s>) -> Result<Self> {
        session.begin()?;
        match lock(session, known) {
            Ok(plan) => Ok(Self { session, plan, known, ids, changed: BTreeSet::new(), is_open: true }),
            Err(error) => {
                session.roll_back();
                Err(error)
            }
        }
    }

    /// The plan, and what it admits events by.
    pub(super) fn planning(&mut self) -> (&mut Plan, Admission<'_, 's>) {
        let KnownRules { rules, schemas } = &mut *self.known;
        (&mut self.plan, Admission { rules, ids: &mut self.ids, schemas })
    }

    /// Finds out at which versions streams are.
    pub(super) fn look_at_streams<'n>(&mut self, streams: impl Iterator<Item = &'n StreamName>) -> Result<()> {
        let unknown = self.plan.unknown_streams(streams);
        if unknown.is_empty() {
            return Ok(());
        }
        let types: Vec<&str> = unknown.iter().map(|stream| stream.aggregate_type.as_str()).collect();
        let names: Vec<&str> = unknown.iter().map(|stream| stream.aggregate_id.as_str()).collect();
        super::plan::refuse_nul(&types)?;
        super::plan::refuse_nul(&names)?;
        let sql = "SELECT s.aggregate_type, s.aggregate_id, s.version FROM eventscope.streams s \
                   JOIN unnest($1::text[], $2::text[]) AS wanted (aggregate_type, aggregate_id) \
                   ON s.aggregate_type = wanted.aggregate_type AND s.aggregate_id = wanted.aggregate_id";
        let rows = self.session.rows(sql, &[&types, &names])?;
        for stream in unknown.into_iter().cloned().collect::<Vec<_>>() {
            self.plan.learn_version(stream, None);
        }
        for row in rows {
            let read = || {
                let stream = StreamName { aggregate_type: row.try_get(0)?, aggregate_id: row.try_get(1)? };
                Ok::<(StreamName, Version), postgres::Error>((stream, row.try_get(2)?))
            };
            let (stream, version) = read().map_err(failed)?;
            self.plan.learn_version(stream, Some(version));
        }
        Ok(())
    }

    /// Finds the events that have one of these ids.
    pub(super) fn look_for_ids(&mut self, ids: &[&str]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        super::plan::refuse_nul(ids)?;
        let sql = format!("SELECT {COLUMNS} FROM eventscope.events WHERE event_id = ANY ($1::text[])");
        for event in row::events(&self.session.rows(&sql, &[&ids])?)? {
            self.plan.learn_event(event);
        }
        Ok(())
    }

    /// When the last event was recorded that was there before.
    pub(super) fn last_moment(&mut self) -> Result<DateTime<Utc>> {
        let sql = "SELECT recorded_at FROM eventscope.log";
        Ok(super::query::one(self.session, sql, &[])?.unwrap_or_default())
    }

    /// Writes what is planned so far, so that it can be read in this transaction.
    pub(super) fn write(&mut self) -> Result<()> {
        let rows = self.plan.take_rows();
        for some in rows.chunks(ROWS) {
            insert(self.session, some)?;
        }
        self.changed.extend(rows.into_iter().map(|event| event.stream));
        Ok(())
    }

    /// Writes the rest and commits; where nothing was written it only ends.
    pub(super) fn commit(mut self) -> Result<()> {
        self.write()?;
        if !self.changed.is_empty() {
            self.set_versions()?;
            let (position, moment) = (self.plan.position(), self.plan.moment());
            self.session.execute("UPDATE eventscope.log SET position = $1, recorded_at = $2", &[&position, &moment])?;
        }
        self.is_open = false;
        self.session.commit()
    }

    fn set_versions(&mut self) -> Result<()> {
        let types: Vec<&str> = self.changed.iter().map(|stream| stream.aggregate_type.as_str()).collect();
        let ids: Vec<&str> = self.changed.iter().map(|stream| stream.aggregate_id.as_str()).collect();
        let versions: Vec<Version> =
            self.changed.iter().map(|stream| self.plan.version(stream).unwrap_or_default()).collect();
        let sql = "INSERT INTO eventscope.streams (aggregate_type, aggregate_id, version) \
                   SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) \
                   ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE SET version = excluded.version";
        self.session.execute(sql, &[&types, &ids, &versions])?;
        Ok(())
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.session.roll_back();
        }
    }
}

/// Takes the row in which the log ends.
fn lock(session: &mut Session, known: &mut KnownRules) -> Result<Plan> {
    let sql = "SELECT position, recorded_at, rules, clock_timestamp() FROM eventscope.log FOR UPDATE";
    let Some(row) = session.row(sql, &[])? else {
        return Err(Error::new(ErrorKind::Database, "the row that says where the log ends is gone")
            .with_hint("Another program deleted it from eventscope.log. Nothing can be appended without it."));
    };
    let read = || {
        let moments: (DateTime<Utc>, DateTime<Utc>) = (row.try_get(1)?, row.try_get(3)?);
        Ok::<_, postgres::Error>((row.try_get(0)?, moments, row.try_get(2)?))
    };
    let (position, (last, now), generation): (i64, _, i64) = read().map_err(failed)?;
    if !known.rules.is_of(generation) {
        *known = read_rules(session, generation)?;
    }
    // Time follows position, also where the clock was set back.
    Ok(Plan::behind(position, last.max(now)))
}

fn read_rules(session: &mut Session, generation: i64) -> Result<KnownRules> {
    let naming = naming(session)?;
    let mut schemas = HashMap::new();
    for row in session.rows("SELECT event_type, schema_version, schema FROM eventscope.event_schemas", &[])? {
        let read = || Ok::<_, postgres::Error>(((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?));
        let (key, schema): ((String, i64), String) = read().map_err(failed)?;
        schemas.insert(key, schema);
    }
    Ok(KnownRules { rules: Rules::of(generation, naming, !schemas.is_empty())?, schemas })
}

/// What names have to look like.
pub(super) fn naming(session: &mut Session) -> Result<Naming> {
    let mut value = |name: &str| {
        let row = session.row("SELECT value FROM eventscope.settings WHERE name = $1", &[&name])?;
        row.map(|row| row.try_get(0).map_err(failed)).transpose()
    };
    Ok(Naming { event_types: value(EVENT_TYPES)?, aggregate_types: value(AGGREGATE_TYPES)? })
}

/// Inserts rows, all of them with one statement: each column is a list.
fn insert(session: &mut Session, rows: &[Event]) -> Result<()> {
    fn text<'e>(rows: &'e [Event], of: impl Fn(&'e Event) -> &'e str) -> Vec<&'e str> {
        rows.iter().map(of).collect()
    }
    fn optional<'e>(rows: &'e [Event], of: impl Fn(&'e Event) -> Option<&'e str>) -> Vec<Option<&'e str>> {
        rows.iter().map(of).collect()
    }
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    let schema_versions: Vec<i64> =
        rows.iter().map(|row| row.schema_version.as_deref().and_then(|text| text.parse().ok()).unwrap_or(1)).collect();
    let moments: Vec<Option<DateTime<Utc>>> =
        rows.iter().map(|row| row.timestamp.as_ref().and_then(|timestamp| timestamp.utc)).collect();
    let ids = text(rows, |row| row.id.as_deref().unwrap_or_default());
    let values: [&(dyn ToSql + Sync); 15] = [
        &positions,
        &ids,
        &text(rows, |row| &row.stream.aggregate_type),
        &text(rows, |row| &row.stream.aggregate_id),
        &versions,
        &text(rows, |row| &row.event_type),
        &schema_versions,
        &moments,
        &optional(rows, |row| row.actor.as_deref()),
        &optional(rows, |row| row.actor_type.as_deref()),
        &optional(rows, |row| row.source.as_deref()),
        &optional(rows, |row| row.causation_id.as_deref()),
        &optional(rows, |row| row.correlation_id.as_deref()),
        &text(rows, |row| row.data.json_text().unwrap_or("null")),
        &optional(rows, |row| row.metadata.json_text()),
    ];
    let sql = format!(
        "INSERT INTO eventscope.events ({COLUMNS}) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], \
         $4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::timestamptz[], $9::text[], $10::text[], $11::text[], \
         $12::text[], $13::text[], $14::text[], $15::text[])"
    );
    session.execute(&sql, &values).map(drop).map_err(|error| refused(error, &ids))
}

/// Says in the store's words why a row was refused that the store itself found nothing wrong with: another program wrote to
/// the tables.
fn refused(error: Error, ids: &[&str]) -> Error {
    let text = error.to_string();
    if text.contains("events_of_one_id")
        && let Some(id) = ids.first()
    {
        return taken(id).with_source(error);
    }
    if text.contains("events_pkey") || text.contains("events_at_one_position") {
        let message = "there are events that `streams` or `log` do not count";
        return Error::new(ErrorKind::Database, message)
            .with_hint("Another program wrote to eventscope.events. Nothing was written.")
            .with_source(error);
    }
    error
}
