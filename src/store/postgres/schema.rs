//! The tables of a store on a server: made, brought up to date, taken back step by step, and opened to other roles.

use super::session::{Session, lacks_table};
use crate::error::{Error, ErrorKind, Result};

/// A step of the schema, and the tables that it brings and that its way back takes away with all that is in them.
struct Step {
    up: &'static str,
    down: &'static str,
    tables: &'static [&'static str],
}

macro_rules! step {
    ($name:literal, $tables:expr) => {
        Step {
            up: include_str!(concat!("../../../migrations/postgres/", $name, ".up.sql")),
            down: include_str!(concat!("../../../migrations/postgres/", $name, ".down.sql")),
            tables: &$tables,
        }
    };
}

const STEPS: &[Step] = &[
    step!("0001_events", ["events"]),
    step!("0002_commands", ["commands"]),
    step!("0003_snapshots", ["snapshots"]),
    step!("0004_checkpoints", ["checkpoints"]),
    step!("0005_rules", ["event_schemas", "settings"]),
    step!("0006_guards", []),
];

/// The schema that this version of the program writes.
pub const POSTGRES_SCHEMA_VERSION: usize = STEPS.len();

/// What says which steps were taken. Whoever takes one holds the row of the step before the first: of several that migrate
/// at the same time one does, and the others find it done.
const VERSIONS: &str = "CREATE SCHEMA IF NOT EXISTS eventscope; \
     CREATE TABLE IF NOT EXISTS eventscope.schema (version bigint NOT NULL PRIMARY KEY, \
     applied_at timestamptz NOT NULL DEFAULT now()); \
     INSERT INTO eventscope.schema (version) VALUES (0) ON CONFLICT (version) DO NOTHING";

const LOCK: &str = "SELECT version FROM eventscope.schema WHERE version = 0 FOR UPDATE";

/// Makes the tables in a database that has none of them.
pub(super) fn create(session: &mut Session) -> Result<()> {
    if version(session)?.is_some() {
        return Err(Error::bad_input("this database holds an event store already")
            .with_hint("It was left as it is. Serve it, or make another database with `createdb`."));
    }
    session.batch(VERSIONS)?;
    migrate(session, POSTGRES_SCHEMA_VERSION).map(drop)
}

/// The schema that the database is at; none where it holds no store.
pub(super) fn version(session: &mut Session) -> Result<Option<usize>> {
    match session.row("SELECT coalesce(max(version), 0) FROM eventscope.schema", &[]) {
        Ok(row) => {
            let version: i64 = row.map_or(Ok(0), |row| row.try_get(0)).map_err(super::session::failed)?;
            Ok(usize::try_from(version).ok().filter(|version| *version > 0))
        }
        Err(error) if lacks_table(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes sure that the database holds a store that this version of the program knows, and brings an older one up to date
/// where it `may_write`.
pub(super) fn require(session: &mut Session, may_write: bool) -> Result<()> {
    match version(session)? {
        Some(POSTGRES_SCHEMA_VERSION) => Ok(()),
        Some(newer) if newer > POSTGRES_SCHEMA_VERSION => Err(newer_than_known(newer)),
        Some(_) if may_write => migrate(session, POSTGRES_SCHEMA_VERSION).map(drop),
        Some(older) => Err(Error::new(
            ErrorKind::Unsupported,
            format!("the event store has schema {older}, and schema {POSTGRES_SCHEMA_VERSION} is needed"),
        )
        .with_hint("Open it once for writing, which brings it up to date.")),
        None => Err(Error::bad_input("this database holds no event store of this program")
            .with_hint("`eventscope new postgres://...` makes one.")),
    }
}

/// Brings the schema to a version, up or back, all of the way or not at all, and answers with the one before. The way back
/// is refused while it would take something away.
pub(super) fn migrate(session: &mut Session, target: usize) -> Result<usize> {
    session.begin()?;
    let migrated = step_by_step(session, target);
    match migrated {
        Ok(before) => {
            session.commit()?;
            Ok(before)
        }
        Err(error) => {
            session.roll_back();
            Err(error.context(format_args!("bringing the event store to schema {target}")))
        }
    }
}

fn step_by_step(session: &mut Session, target: usize) -> Result<usize> {
    session.rows(LOCK, &[])?;
    let before = version(session)?.unwrap_or_default();
    if before > POSTGRES_SCHEMA_VERSION {
        return Err(newer_than_known(before));
    }
    for (step, number) in STEPS.iter().zip(1_i64..).take(target).skip(before) {
        session.batch(step.up)?;
        session.execute("INSERT INTO eventscope.schema (version) VALUES ($1)", &[&number])?;
    }
    for (step, number) in STEPS.iter().zip(1_i64..).take(before).skip(target).collect::<Vec<_>>().into_iter().rev() {
        for table in step.tables {
            refuse_loss(session, table)?;
        }
        session.batch(step.down)?;
        session.execute("DELETE FROM eventscope.schema WHERE version = $1", &[&number])?;
    }
    Ok(before)
}

fn refuse_loss(session: &mut Session, table: &str) -> Result<()> {
    if session.row(&format!("SELECT 1 FROM eventscope.{table} LIMIT 1"), &[])?.is_some() {
        return Err(Error::bad_input(format!("the way back would take away what is in the table `{table}`"))
            .with_hint("Nothing was changed. Keep this schema, or export the events first."));
    }
    Ok(())
}

fn newer_than_known(newer: usize) -> Error {
    let message = format!(
        "the event store has schema {newer}, but this version of the program knows only {POSTGRES_SCHEMA_VERSION}"
    );
    Error::new(ErrorKind::Unsupported, message).with_hint("It was left as it is. Use a newer version of the program.")
}

/// Lets a role read, and where it is a writer append; neither may change or delete an event, triggers or not.
pub(super) fn grant(session: &mut Session, role: &str, is_writer: bool) -> Result<()> {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    session.batch(&format!(
        "GRANT USAGE ON SCHEMA eventscope TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA eventscope TO {role}"
    ))?;
    if !is_writer {
        return Ok(());
    }
    session.batch(&format!(
        "GRANT INSERT ON eventscope.events, eventscope.commands TO {role}; \
         GRANT UPDATE ON eventscope.log TO {role}; \
         GRANT INSERT, UPDATE ON eventscope.streams, eventscope.checkpoints TO {role}; \
         GRANT INSERT, UPDATE, DELETE ON eventscope.snapshots, eventscope.event_schemas, eventscope.settings TO {role}; \
         REVOKE UPDATE, DELETE, TRUNCATE ON eventscope.events FROM {role}"
    ))
}
