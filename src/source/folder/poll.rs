//! One poll of the files: their new rows are noted, put in order, and taken.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::error::{Error, ErrorKind, Result};
use crate::profile::schema::{self, Table, TableKind, quoted};

use super::super::access::Surroundings;
use super::super::copy::{CopyProgress, Report};
use super::super::interrupt::cancelled;
use super::super::mode::Mode;
use super::find::DataSet;
use super::member::{Arrival, Beside, Member, RECENT};
use super::shard::{Shard, row_name};
use super::table::{Gatherer, as_it_is, replace};

/// After so many rows somebody is told how far it is.
const STEP: usize = 1_000;

/// One poll of the files.
pub(super) struct Poll<'a> {
    pub(super) conn: &'a Connection,
    pub(super) set: &'a DataSet,
    pub(super) mode: Mode,
}

impl Poll<'_> {
    /// Notes the rows of a file that are new, each with what it is ordered by; `None` where old ones are gone.
    pub(super) fn look(
        &self,
        shard: usize,
        name: &str,
        seen: Surroundings,
        known: Option<&Member>,
        progress: &mut Progress<'_, '_>,
    ) -> Result<Option<Arrival>> {
        let path = self.set.folder.join(name);
        let recent = !seen.is_older_than(RECENT);
        let (rows, last) = known.map_or((0, None), |known| (known.rows, known.last));
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
        if let Some(last) = last
            && count(&reading, &table, last)? != rows
        {
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
        let beyond = beyond(row, member.last);
        let sql = format!("SELECT {row}, ({order}) FROM {from} WHERE {beyond} ORDER BY {row}");
        let mut select = file.prepare(&sql).map_err(|error| {
            Error::bad_input(format!("the order of [folder] in the profile {} fails: {error}", self.set.profile.name))
                .with_source(error)
        })?;
        let mut insert = self.conn.prepare_cached("INSERT INTO arrivals (moment, shard, row) VALUES (?1, ?2, ?3)")?;
        let mut rows = select.query([])?;
        while let Some(found) = rows.next()? {
            let last: i64 = found.get(0)?;
            (member.last, member.rows) = (Some(last), member.rows + 1);
            insert.execute(params![as_it_is(found.get_ref(1)?), number(shard), last])?;
        }
        Ok(())
    }

    /// Gives the new rows their places after all that were there before.
    pub(super) fn number(&self, events: &Gatherer) -> Result<()> {
        let last = events.last(self.conn)?;
        let order = "ORDER BY moment, shard, row";
        let sql = format!("INSERT INTO numbers SELECT shard, row, ?1 + row_number() OVER ({order}) FROM arrivals");
        self.conn.execute("DELETE FROM numbers", [])?;
        self.conn.execute(&sql, [last])?;
        self.conn.execute("DELETE FROM arrivals", [])?;
        Ok(())
    }

    /// Takes the new rows of a file in.
    pub(super) fn take(
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
        let beyond = beyond(row, *after);
        let sql = format!("SELECT {names} FROM {from} WHERE {beyond} AND {row} <= ?1 ORDER BY {row}");
        let file = Shard::open(&self.set.folder.join(name), self.mode)?;
        let mut select = file.conn.prepare(&sql)?;
        let mut position = self.conn.prepare_cached("SELECT position FROM numbers WHERE shard = ?1 AND row = ?2")?;
        let mut insert = self.conn.prepare_cached(&events.insert(&columns))?;
        let mut rows = select.query([member.last])?;
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
    pub(super) fn take_beside(&self, name: String, seen: Surroundings) -> Result<(String, Beside)> {
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

/// The condition for rows that were not taken yet. Any number can be a row's, also the least that there is.
fn beyond(row: &str, last: Option<i64>) -> String {
    last.map_or_else(|| "TRUE".to_owned(), |last| format!("{row} > {last}"))
}

fn number(shard: usize) -> i64 {
    i64::try_from(shard).unwrap_or(i64::MAX)
}

/// How far a poll is, in bytes of the files.
pub(super) struct Progress<'a, 'b> {
    pub(super) on: &'a mut Report<'b>,
    pub(super) done: u64,
    pub(super) of: u64,
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
