//! Takes the rows of all files in, and later what was added to them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::error::{Error, ErrorKind, Result};
use crate::profile::Profile;
use crate::profile::schema::{self, Table, TableKind, quoted};

use super::super::access::{CopyProgress, Surroundings};
use super::super::copy::Report;
use super::super::interrupt::cancelled;
use super::super::mode::Mode;
use super::find::{DataSet, listed, names};
use super::shard::{Shard, row_name};
use super::table::{Gatherer, as_it_is, replace};

/// A file that was written to so recently may have been again, within what the system's clock of files can tell apart.
const RECENT: Duration = Duration::from_secs(2);
/// Tables beside the events with more rows are as they were when the folder was opened.
const FOLLOWED: usize = 100_000;
/// After so many rows somebody is told how far it is.
const STEP: usize = 1_000;

/// What came of looking at the files again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Caught {
    /// What was new is taken in, if there was anything.
    Up,
    /// Something old is gone or changed places: all files are to be gathered anew. Said once.
    Behind,
}

/// What was gathered so far.
#[derive(Debug)]
pub(super) struct Gathering {
    writer: Connection,
    set: DataSet,
    mode: Mode,
    events: Gatherer,
    members: BTreeMap<String, Member>,
    beside: BTreeMap<String, Beside>,
    behind: bool,
}

/// One of the files.
#[derive(Clone, Debug)]
struct Member {
    seen: Surroundings,
    /// Whether it is to be looked at again even if it looks the same.
    recent: bool,
    rows: i64,
    /// The number of the last row that was taken.
    last: i64,
    /// Why nothing is taken from it.
    left_out: Option<String>,
}

/// A file with tables beside the events.
#[derive(Debug)]
struct Beside {
    seen: Surroundings,
    rows: usize,
}

/// A file with rows that are not taken yet.
struct Arrival {
    name: String,
    member: Member,
    table: Table,
    /// The last row that was taken before.
    after: i64,
}

impl Gathering {
    /// Nothing yet, in a new database.
    pub(super) fn new(database: &Path, set: DataSet, mode: Mode) -> Result<Self> {
        let writer = Connection::open(database)?;
        // Nobody needs what a crash leaves of it.
        writer.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        writer.execute_batch(
            "CREATE TEMP TABLE arrivals (moment, shard INTEGER, row INTEGER);
             CREATE TEMP TABLE numbers (shard INTEGER, row INTEGER, position INTEGER, PRIMARY KEY (shard, row)) WITHOUT ROWID;",
        )?;
        let events = Gatherer::new(&writer, &set.table)?;
        let (members, beside) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { writer, set, mode, events, members, beside, behind: false })
    }

    /// Makes it ready for readers, once everything is in it that there is now.
    pub(super) fn settle(&self) -> Result<()> {
        self.events.index(&self.writer)?;
        // From now on what is added holds up no reader.
        self.writer.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        Ok(())
    }

    pub(super) fn profile(&self) -> &Arc<Profile> {
        &self.set.profile
    }

    pub(super) fn folder(&self) -> &Path {
        &self.set.folder
    }

    pub(super) fn row_name(&self) -> &'static str {
        self.events.row
    }

    /// How many files the events come from.
    pub(super) fn files(&self) -> usize {
        self.members.values().filter(|member| member.left_out.is_none()).count()
    }

    /// What is left out, in sentences.
    pub(super) fn notes(&self) -> Vec<String> {
        let left_out = |(name, member): (&String, &Member)| Some((name.clone(), member.left_out.clone()?));
        let (names, reasons): (Vec<_>, Vec<_>) = self.members.iter().filter_map(left_out).unzip();
        match (names.as_slice(), reasons.first()) {
            ([name], Some(reason)) => vec![format!("{name} is left out: {reason}.")],
            ([_, _, ..], Some(reason)) => {
                vec![format!("{} files are left out: {}. The first one: {reason}.", names.len(), listed(&names))]
            }
            _ => Vec::new(),
        }
    }

    /// Whether the files are others than when they were last looked at.
    pub(super) fn is_changed(&self) -> bool {
        let Ok(names) = self.names() else { return true };
        let same = |name: &String| {
            let member = self.members.get(name);
            member.is_some_and(|member| Surroundings::of(&self.path(name)).is_ok_and(|now| now == member.seen))
        };
        names.len() != self.members.len() || !names.iter().all(same)
    }

    /// Takes in what is new in the files since they were last looked at.
    pub(super) fn catch_up(&mut self, on: &mut Report<'_>) -> Result<Caught> {
        if self.behind {
            return Ok(Caught::Up);
        }
        let Some(changed) = self.changed()? else { return Ok(self.fall_behind()) };
        let beside = self.changed_beside()?;
        if changed.is_empty() && beside.is_empty() {
            return Ok(Caught::Up);
        }
        let bytes = changed.iter().map(|(_, seen)| seen.file.len).sum::<u64>();
        // Each file is read twice: for the order, and for the rows.
        let mut progress = Progress { on, done: 0, of: 2 * bytes };
        let Self { writer, set, mode, events, members, .. } = self;
        let transaction = Transaction::new_unchecked(writer, TransactionBehavior::Immediate)?;
        let round = Round { conn: &transaction, set, mode: *mode };
        let mut looked = Vec::new();
        for (shard, (name, seen)) in changed.into_iter().enumerate() {
            let Some(arrival) = round.look(shard, &name, seen, members.get(&name), &mut progress)? else {
                drop(transaction);
                return Ok(self.fall_behind());
            };
            looked.push(arrival);
        }
        round.number(events)?;
        for (shard, arrival) in looked.iter().enumerate() {
            round.take(shard, arrival, events, &mut progress)?;
        }
        let beside =
            beside.into_iter().map(|(name, seen)| round.take_beside(name, seen)).collect::<Result<Vec<_>>>()?;
        transaction.commit()?;
        members.extend(looked.into_iter().map(|arrival| (arrival.name, arrival.member)));
        self.beside.extend(beside);
        Ok(Caught::Up)
    }

    fn fall_behind(&mut self) -> Caught {
        self.behind = true;
        Caught::Behind
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.set.folder.join(name)
    }

    fn names(&self) -> Result<Vec<String>> {
        let folder = &self.set.folder;
        names(folder, |name| self.set.spec.holds_events(name))
            .map_err(|error| Error::from(error).context(folder.display()))
    }

    /// The files that may hold something new; `None` where one is gone that something was taken from.
    fn changed(&self) -> Result<Option<Vec<(String, Surroundings)>>> {
        let names = self.names()?;
        let gone = |(name, member): (&String, &Member)| member.rows > 0 && names.binary_search(name).is_err();
        if self.members.iter().any(gone) {
            return Ok(None);
        }
        let mut changed = Vec::new();
        for name in names {
            // One that is removed at this moment is gone at the next look.
            let Ok(now) = Surroundings::of(&self.path(&name)) else { continue };
            match self.members.get(&name) {
                Some(member) if member.rows > 0 && !now.file.is_same_file(&member.seen.file) => return Ok(None),
                Some(member) if !member.recent && member.seen == now => {}
                _ => changed.push((name, now)),
            }
        }
        Ok(Some(changed))
    }

    /// The files beside that are to be read.
    fn changed_beside(&self) -> Result<Vec<(String, Surroundings)>> {
        let folder = &self.set.folder;
        let names = names(folder, |name| self.set.spec.is_beside(name));
        let names = names.map_err(|error| Error::from(error).context(folder.display()))?;
        let seen =
            names.into_iter().filter_map(|name| Surroundings::of(&self.path(&name)).ok().map(|seen| (name, seen)));
        let is_new = |(name, seen): &(String, Surroundings)| {
            self.beside.get(name).is_none_or(|known| known.rows <= FOLLOWED && known.seen != *seen)
        };
        Ok(seen.filter(is_new).collect())
    }
}

/// One round of looking at the files.
struct Round<'a> {
    conn: &'a Connection,
    set: &'a DataSet,
    mode: Mode,
}

impl Round<'_> {
    /// Notes the rows of a file that are new, each with what it is ordered by; `None` where old ones are gone.
    fn look(
        &self,
        shard: usize,
        name: &str,
        seen: Surroundings,
        known: Option<&Member>,
        progress: &mut Progress<'_, '_>,
    ) -> Result<Option<Arrival>> {
        let path = self.set.folder.join(name);
        let recent = !seen.is_older_than(RECENT);
        let (rows, last) = known.map_or((0, i64::MIN), |known| (known.rows, known.last));
        let mut arrival = Arrival {
            name: name.to_owned(),
            member: Member { seen, recent, rows, last, left_out: None },
            table: self.set.table.clone(),
            after: last,
        };
        let opened = Shard::open(&path, self.mode);
        let (shard_file, table) = match opened.and_then(|file| self.table_of(&file).map(|table| (file, table))) {
            Ok(opened) => opened,
            Err(error) => {
                arrival.member.recent |= *error.kind() == ErrorKind::Busy;
                // An application has made the file and written nothing to it yet.
                let is_empty = arrival.member.seen.file.len == 0;
                arrival.member.left_out = (!is_empty && rows == 0).then(|| error.to_string());
                return Ok(Some(arrival));
            }
        };
        let reading = Transaction::new_unchecked(&shard_file.conn, TransactionBehavior::Deferred)?;
        if count(&reading, &table, last)? != rows {
            return Ok(None);
        }
        self.note_rows(shard, &reading, &table, &mut arrival.member)?;
        arrival.table = table;
        progress.add(arrival.member.seen.file.len)?;
        Ok(Some(arrival))
    }

    /// The table of a file that its events are in.
    fn table_of(&self, file: &Shard) -> Result<Table> {
        // Most files are made alike, and looking into the rows of each takes longest.
        if let Some(alike) = file.like(&self.set.table)? {
            return Ok(alike);
        }
        let profile = &self.set.profile;
        let fitted = file.fit(profile)?.map(|(_, table)| table);
        fitted.ok_or_else(|| Error::bad_input(format!("it does not fit the profile {}", profile.name)))
    }

    fn note_rows(&self, shard: usize, file: &Connection, table: &Table, member: &mut Member) -> Result<()> {
        let row = row_name(table).unwrap_or("rowid");
        let order = self.set.spec.order.as_deref().unwrap_or("NULL");
        let from = quoted(&table.name);
        let sql = format!("SELECT {row}, ({order}) FROM {from} WHERE {row} > ?1 ORDER BY {row}");
        let mut select = file.prepare(&sql).map_err(|error| {
            Error::bad_input(format!("the order of [folder] in the profile {} fails: {error}", self.set.profile.name))
                .with_source(error)
        })?;
        let mut insert = self.conn.prepare_cached("INSERT INTO arrivals (moment, shard, row) VALUES (?1, ?2, ?3)")?;
        let mut rows = select.query([member.last])?;
        while let Some(found) = rows.next()? {
            member.last = found.get(0)?;
            member.rows += 1;
            insert.execute(params![as_it_is(found.get_ref(1)?), number(shard), member.last])?;
        }
        Ok(())
    }

    /// Gives the new rows their places after all that were there before.
    fn number(&self, events: &Gatherer) -> Result<()> {
        let last = events.last(self.conn)?;
        let order = "ORDER BY moment, shard, row";
        let sql = format!("INSERT INTO numbers SELECT shard, row, ?1 + row_number() OVER ({order}) FROM arrivals");
        self.conn.execute("DELETE FROM numbers", [])?;
        self.conn.execute(&sql, [last])?;
        self.conn.execute("DELETE FROM arrivals", [])?;
        Ok(())
    }

    /// Takes the new rows of a file in.
    fn take(
        &self,
        shard: usize,
        arrival: &Arrival,
        events: &mut Gatherer,
        progress: &mut Progress<'_, '_>,
    ) -> Result<()> {
        let Arrival { name, member, table, after } = arrival;
        if member.last == *after {
            return progress.add(member.seen.file.len);
        }
        events.widen(self.conn, table)?;
        let columns = events.common(table);
        let row = row_name(table).unwrap_or("rowid");
        let names = [row.to_owned()].into_iter().chain(columns.iter().cloned()).collect::<Vec<_>>().join(", ");
        let from = quoted(&table.name);
        let sql = format!("SELECT {names} FROM {from} WHERE {row} > ?1 AND {row} <= ?2 ORDER BY {row}");
        let file = Shard::open(&self.set.folder.join(name), self.mode)?;
        let mut select = file.conn.prepare(&sql)?;
        let mut position = self.conn.prepare_cached("SELECT position FROM numbers WHERE shard = ?1 AND row = ?2")?;
        let mut insert = self.conn.prepare_cached(&events.insert(&columns))?;
        let mut rows = select.query([after, &member.last])?;
        let mut steps = 0;
        while let Some(found) = rows.next()? {
            let place: Option<i64> =
                position.query_row(params![number(shard), found.get::<_, i64>(0)?], |row| row.get(0)).optional()?;
            let Some(place) = place else { continue };
            insert.raw_bind_parameter(1, place)?;
            for at in 1..=columns.len() {
                insert.raw_bind_parameter(at + 1, as_it_is(found.get_ref(at)?))?;
            }
            insert.raw_bind_parameter(columns.len() + 2, name)?;
            insert.raw_execute()?;
            steps += 1;
            if steps % STEP == 0 {
                progress.add(0)?;
            }
        }
        progress.add(member.seen.file.len)
    }

    /// Puts the tables of a file beside the events in the place of those that were read before.
    fn take_beside(&self, name: String, seen: Surroundings) -> Result<(String, Beside)> {
        let mut rows = 0;
        if let Ok(file) = Shard::open(&self.set.folder.join(&name), self.mode) {
            for table in schema::read(&file.conn)? {
                let is_events = table.name.eq_ignore_ascii_case(&self.set.profile.events.table);
                if table.kind == TableKind::Table && !is_events && !table.columns.is_empty() {
                    rows += replace(&file.conn, &table, self.conn)?;
                }
            }
        }
        Ok((name, Beside { seen, rows }))
    }
}

/// How many rows there are up to one.
fn count(file: &Connection, table: &Table, last: i64) -> Result<i64> {
    let row = row_name(table).unwrap_or("rowid");
    let sql = format!("SELECT count(*) FROM {} WHERE {row} <= ?1", quoted(&table.name));
    Ok(file.query_row(&sql, [last], |row| row.get(0))?)
}

fn number(shard: usize) -> i64 {
    i64::try_from(shard).unwrap_or(i64::MAX)
}

/// How far a round is, in bytes of the files.
struct Progress<'a, 'b> {
    on: &'a mut Report<'b>,
    done: u64,
    of: u64,
}

impl Progress<'_, '_> {
    fn add(&mut self, bytes: u64) -> Result<()> {
        self.done += bytes;
        match (self.on)(CopyProgress { done: self.done, of: self.of }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(cancelled()),
        }
    }
}
