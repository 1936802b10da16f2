//! Finds what looks like a log of events among the tables of a server: by the forms that profiles know, else as in files,
//! by what a few rows look like. Rows are never counted: the catalogue and the planner estimate them.

use std::collections::{BTreeMap, HashSet};

use super::catalogue::{self, Relation, Which};
use super::chosen::{Chosen, selected};
use super::connection::{Reading, Server, identifier};
use super::engine::EngineKind;
use super::key::Key;
use super::local::{Known, Local};
use crate::error::{Error, ErrorKind, Result};
use crate::profile::{self, Detection, Library, Profile};
use crate::source::{Interrupt, Slice};

/// How many tables that no profile knows are looked into.
const LOOKED_INTO: usize = 24;

/// How many rows of such a table are read.
const SAMPLE: usize = 400;

/// A table that looks like a log of events.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its name, with its schema.
    pub table: String,
    /// What it is: the title of the profile, and what the table is about where the store says that elsewhere.
    pub title: String,
    /// Whether a profile knows it; otherwise it is inferred.
    pub known: bool,
    /// Why it is taken for that.
    pub reason: String,
    /// How many rows it has by the server's own estimate.
    pub rows: u64,
    /// How many bytes it fills, its indexes included.
    pub bytes: u64,
    /// Whether this user may read it.
    pub readable: bool,
}

/// The tables that look like logs of events, the surest and largest first.
///
/// # Errors
/// What reading the catalogue fails with.
pub fn find(server: &mut Server, library: &Library, interrupt: &Interrupt) -> Result<Vec<Candidate>> {
    let relations = catalogue::read(server, Which::All)?;
    let (mut found, mut first, mut seen) = (Vec::new(), HashSet::new(), HashSet::new());
    for (table, detection) in detected(&relations, library)? {
        interrupt.check()?;
        found.push(candidate(server, table, &detection, true)?);
        // The first one of a schema is what most speaks for; another table of the same library may have more rows.
        if seen.insert(table.schema.as_str()) {
            first.insert(table.full_name());
        }
    }
    for (table, detection) in inferred(server, &relations, &found, interrupt)? {
        found.push(candidate(server, table, &detection, false)?);
    }
    let is_first = |candidate: &Candidate| first.contains(&candidate.table);
    found.sort_by(|a, b| (b.known, is_first(b), b.rows, &a.table).cmp(&(a.known, is_first(a), a.rows, &b.table)));
    Ok(found)
}

/// What is gathered for a table of a name, or for the one that looks most like a log of events.
pub(super) fn chosen(server: &mut Server, library: &Library, table: Option<&str>) -> Result<Chosen> {
    let Some(name) = table else {
        let best = find(server, library, &Interrupt::default())?;
        return match best.first() {
            Some(best) if best.readable => chosen(server, library, Some(&best.table.clone())),
            Some(best) => Err(unreadable(&best.table)),
            None => Err(nothing(server)),
        };
    };
    let relations = match name.split_once('.') {
        Some((schema, _)) => catalogue::read(server, Which::Schema(schema))?,
        None => catalogue::read(server, Which::All)?,
    };
    let named = |relation: &&Relation| relation.full_name() == name || relation.name == name;
    let mut table = relations.iter().find(named).cloned().ok_or_else(|| {
        Error::not_found(format!("there is no table {name} on {}", server.address().place()))
            .with_hint("Name it with its schema: --table SCHEMA.TABLE.")
    })?;
    if !table.readable {
        return Err(unreadable(&table.full_name()));
    }
    let own: Vec<Relation> = relations.into_iter().filter(|relation| relation.schema == table.schema).collect();
    let profile = detected(&own, library)?.into_iter().find(|(found, _)| found.oid == table.oid);
    let profile = match profile {
        Some((_, detection)) => Some(detection.profile),
        // A slice alone may look otherwise: what it is is told by the beginning of the whole.
        None => profile::infer_table(sampled(server, &table, &own)?.conn(), &table.name)?.map(|found| found.profile),
    };
    table.rows = estimate(server, &table)?;
    let mut chosen = Chosen::new(table, profile, &own);
    chosen.leave_out_large(|table| estimate(server, table))?;
    Ok(chosen)
}

fn unreadable(table: &str) -> Error {
    Error::bad_input(format!("this user has not the right to read {table}"))
        .with_hint(format!("Whoever owns it can give the right: GRANT SELECT ON {table} TO this user."))
}

fn nothing(server: &Server) -> Error {
    let message = format!("nothing on {} looks like a log of events", server.address().place());
    Error::new(ErrorKind::Unsupported, message).with_hint("Name the table with --table SCHEMA.TABLE.")
}

/// The tables that profiles know, each with the profile that asks for most of it.
fn detected<'r>(relations: &'r [Relation], library: &Library) -> Result<Vec<(&'r Relation, Detection)>> {
    let mut schemas: BTreeMap<&str, Vec<&Relation>> = BTreeMap::new();
    for relation in relations {
        schemas.entry(&relation.schema).or_default().push(relation);
    }
    let mut found = Vec::new();
    for tables in schemas.values() {
        let mut local = Local::in_memory()?;
        let change = local.begin()?;
        let empty = |table: &&&Relation| change.make_table(table, None).is_ok();
        let tables: Vec<&Relation> = tables.iter().filter(empty).copied().collect();
        change.commit_only()?;
        let own = library.profiles().iter().map(|own| &own.profile);
        let mut detections = profile::detect_among(local.conn(), own)?;
        detections.extend(profile::detect_among(local.conn(), profile::built_in())?);
        let mut seen = HashSet::new();
        for detection in detections {
            let events = &detection.profile.events.table;
            let table = tables.iter().find(|table| table.name.eq_ignore_ascii_case(events));
            if let Some(table) = table.filter(|table| seen.insert(table.oid)) {
                found.push((*table, detection));
            }
        }
    }
    Ok(found)
}

/// Those of the other tables that look like a log of events.
fn inferred<'r>(
    server: &mut Server,
    relations: &'r [Relation],
    known: &[Candidate],
    interrupt: &Interrupt,
) -> Result<Vec<(&'r Relation, Detection)>> {
    let rest = relations.iter().filter(|table| table.readable && known.iter().all(|it| it.table != table.full_name()));
    // What stands beside events that are known is theirs.
    let schemas: HashSet<&str> =
        known.iter().filter_map(|candidate| candidate.table.split_once('.')).map(|(schema, _)| schema).collect();
    let promise = |table: &Relation| {
        let names = table.columns.iter().map(|column| column.name.as_str());
        profile::promise(&table.name, names)
    };
    let mut promising: Vec<(f32, &Relation)> = rest
        .filter(|table| !schemas.contains(table.schema.as_str()))
        .map(|table| (promise(table), table))
        .filter(|(promise, _)| *promise > 0.0)
        .collect();
    promising.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut found = Vec::new();
    for (_, table) in promising.into_iter().take(LOOKED_INTO) {
        interrupt.check()?;
        // A table that cannot be looked into is none that could be gathered.
        let Ok(local) = sampled(server, table, relations) else { continue };
        let best = profile::infer(local.conn())?.into_iter().next();
        found.extend(best.filter(|best| best.profile.events.table == table.name).map(|best| (table, best)));
    }
    Ok(found)
}

/// A few rows of a table, and of those that it refers to.
fn sampled(server: &mut Server, table: &Relation, relations: &[Relation]) -> Result<Local> {
    let key = Key::of(table, None, server.engine());
    let mut local = Local::in_memory()?;
    let targets = relations
        .iter()
        .filter(|other| other.schema == table.schema && other.oid != table.oid && other.readable)
        .filter(|other| table.foreign_keys.iter().any(|foreign| foreign.table == other.name));
    let mut reading = server.reading()?;
    let change = local.begin()?;
    for (table, key) in std::iter::once((table, Some(&key))).chain(targets.map(|target| (target, None))) {
        change.make_table(table, key.and_then(Key::row_number))?;
        change.make_indexes(table, true)?;
        let order = match key {
            Some(Key::Number { column, indexed: true, .. }) => format!(" ORDER BY {}", identifier(column)),
            _ => String::new(),
        };
        let columns = selected(table, &mut reading)?;
        let sql = format!("SELECT {columns} FROM {}{order} LIMIT {SAMPLE}", table.in_sql());
        let mut rows = change.rows(table, Known::Left)?;
        reading.copy(&sql, &Interrupt::default(), &mut |line| rows.add(line).map(drop))?;
    }
    change.commit_only()?;
    drop(reading);
    Ok(local)
}

fn candidate(server: &mut Server, table: &Relation, detection: &Detection, known: bool) -> Result<Candidate> {
    let rows = if table.readable { estimate(server, table)? } else { table.rows };
    let mut reading = server.reading()?;
    let label = label(&mut reading, table, &detection.profile);
    drop(reading);
    let bytes = size(server, table);
    let title = Slice::title_there(&detection.profile.title).to_owned();
    let title = if known { title.clone() } else { "Looks like a log of events".to_owned() };
    let reason = if known { format!("It has the columns of {title}.") } else { detection.reason.clone() };
    Ok(Candidate {
        table: table.full_name(),
        title: label.map_or(title.clone(), |label| format!("{title}: {label}")),
        known,
        reason,
        rows: u64::try_from(rows).unwrap_or(0),
        bytes,
        readable: table.readable,
    })
}

/// What the table is about, where another one says so.
fn label(reading: &mut Reading<'_>, table: &Relation, profile: &Profile) -> Option<String> {
    let named = profile.gather.as_ref()?.named_in.as_ref()?;
    let sql = format!(
        "SELECT {} FROM {}.{} WHERE {} = {} LIMIT 1",
        identifier(&named.label),
        identifier(&table.schema),
        identifier(&named.table),
        identifier(&named.of),
        super::connection::literal(&table.name)
    );
    reading.value(&sql).ok().flatten()
}

/// How many rows a table has: what the planner expects, which looks at how large the table is now.
pub(super) fn estimate(server: &mut Server, table: &Relation) -> Result<i64> {
    // An empty table that nobody has looked at is taken for a small one.
    if size_of_rows(server, table) == Some(0) {
        return Ok(0);
    }
    let rows = planned(server, &format!("SELECT 1 FROM {}", table.in_sql()))?;
    Ok(rows.and_then(|rows| i64::try_from(rows).ok()).unwrap_or(table.rows))
}

/// How many rows the planner expects of a statement.
pub(super) fn planned(server: &mut Server, sql: &str) -> Result<Option<u64>> {
    let plan = server.rows(&format!("EXPLAIN {sql}"))?;
    let first = plan.into_iter().next().and_then(|row| row.into_iter().next().flatten()).unwrap_or_default();
    let rows =
        first.split("rows=").nth(1).map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    Ok(rows.and_then(|rows| rows.parse().ok()))
}

fn size_of_rows(server: &mut Server, table: &Relation) -> Option<u64> {
    bytes(server, table, "pg_relation_size")
}

/// How many bytes a table fills; 0 where the server does not say it.
fn size(server: &mut Server, table: &Relation) -> u64 {
    bytes(server, table, "pg_total_relation_size").unwrap_or(0)
}

/// What a function of the server says of the size of a table, of all its parts.
pub(super) fn bytes(server: &mut Server, table: &Relation, function: &str) -> Option<u64> {
    if server.engine().kind != EngineKind::PostgreSql {
        return None;
    }
    let oid = table.oid;
    let sql = if table.partitioned {
        format!("SELECT sum({function}(relid)) FROM pg_partition_tree({oid}) WHERE isleaf")
    } else {
        format!("SELECT {function}({oid})")
    };
    server.rows(&sql).ok()?.into_iter().next()?.into_iter().next()??.parse().ok()
}
