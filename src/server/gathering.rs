//! A gathering that is under way: its file, its place, and how pieces of it are taken in.

use std::path::Path;
use std::time::{Duration, Instant};

use super::chosen::{Chosen, selected};
use super::connection::{Server, identifier};
use super::key::{Key, Place, all};
use super::local::{Change, Known, Local, State};
use super::progress::{Progress, Report};
use super::row_time::RowTime;
use super::wanted::Wanted;
use super::watermark::Way;
use crate::error::{Error, Result};
use crate::source::{Interrupt, Slice};

/// How many rows the first piece has, and the least and the most of any.
const ROWS: (u64, u64, u64) = (20_000, 2_000, 200_000);

/// How long a piece should take.
const PIECE: Duration = Duration::from_millis(500);

/// A gathering that is under way.
pub(super) struct Gathering {
    pub(super) chosen: Chosen,
    pub(super) local: Local,
    pub(super) state: State,
    pub(super) slice: Slice,
    /// What holds of every row that is asked for.
    pub(super) conditions: Vec<String>,
    /// The columns of the events as they are asked for.
    columns: String,
    rows: u64,
}

impl Gathering {
    /// Goes on with what is in the file, or begins.
    pub(super) fn open(server: &mut Server, chosen: Chosen, wanted: &Wanted, file: &Path) -> Result<Self> {
        let conditions = wanted.condition(&chosen.table, chosen.profile.as_deref())?;
        let key = Key::of(&chosen.table, chosen.profile.as_deref(), server.engine());
        let columns = selected(&chosen.table, &mut server.reading()?)?;
        let mut local = Local::open(file)?;
        let server_place = server.address().place();
        let known = match local.state()?.zip(Slice::read(local.conn())?) {
            Some((state, slice)) if state.wanted == *wanted && slice.server == server_place => {
                (is_same(server, &chosen, &state, &key)? && (!slice.whole || has_identity(&chosen, &key)))
                    .then_some((state, slice))
            }
            Some((_, slice)) => return Err(other_slice(file, &slice)),
            None => None,
        };
        let (state, slice) = if let Some(known) = known {
            known
        } else {
            local.clear()?;
            begin(server, &chosen, wanted, &key, &conditions, &mut local)?
        };
        Ok(Self { chosen, local, state, slice, conditions, columns, rows: ROWS.0 })
    }

    /// Takes in what has come behind the last place that was reached.
    pub(super) fn advance(&mut self, server: &mut Server, interrupt: &Interrupt, on: &mut Report<'_>) -> Result<()> {
        let last = self.state.key.last(&self.chosen.table, self.chosen.filter(), &mut server.reading()?)?;
        if matches!(self.state.key, Key::Blocks) {
            // The last block had room left.
            self.state.reached = self.state.reached.saturating_sub(1).max(-1);
        }
        self.state.target = self.state.target.max(last.unwrap_or(self.state.target));
        while self.state.reached < self.state.target {
            interrupt.check()?;
            on(&self.progress());
            self.piece(server, interrupt)?;
        }
        Ok(())
    }

    /// All that was wanted is in it.
    pub(super) fn finish(&mut self, as_of: String) -> Result<()> {
        (self.slice.as_of, self.slice.whole) = (as_of, true);
        let change = self.local.begin()?;
        change.make_indexes(&self.chosen.table, false)?;
        change.commit(&self.state, &self.slice)
    }

    pub(super) fn close(self) -> Result<Slice> {
        self.local.close()?;
        Ok(self.slice)
    }

    /// How far it is.
    pub(super) fn progress(&self) -> Progress {
        Progress { events: self.slice.events, expected: self.expected() }
    }

    /// How many events there will be, where that can be told.
    fn expected(&self) -> Option<u64> {
        let estimate = u64::try_from(self.chosen.table.rows).ok().filter(|_| !self.state.wanted.is_filtered());
        let most = self.state.wanted.most();
        estimate.map(|rows| most.map_or(rows, |most| rows.min(most))).map(|rows| rows.max(self.slice.events))
    }

    /// Takes in the next piece.
    fn piece(&mut self, server: &mut Server, interrupt: &Interrupt) -> Result<()> {
        let begun = Instant::now();
        let (after, until) = (self.state.reached, self.state.target);
        let mut reading = server.reading()?;
        let end = self.state.key.next(&self.chosen.table, &self.conditions, (after, until, self.rows), &mut reading)?;
        // Whatever the server says: a piece that goes nowhere would be read for ever.
        let end = end.max(after.saturating_add(1)).min(until);
        drop(reading);
        let mut state = self.state.clone();
        state.reached = end;
        let range = self.state.key.between(after, end);
        self.take(server, interrupt, range.as_slice(), state, None)?;
        let took = begun.elapsed();
        self.rows = if took < PIECE / 2 {
            self.rows * 2
        } else if took > PIECE * 2 {
            self.rows / 2
        } else {
            self.rows
        };
        self.rows = self.rows.clamp(ROWS.1, ROWS.2);
        Ok(())
    }

    /// All rows, for a table that nothing divides.
    pub(super) fn everything(&mut self, server: &mut Server, interrupt: &Interrupt) -> Result<()> {
        let state = self.state.clone();
        self.take(server, interrupt, &[], state, None).map(drop)
    }

    /// Takes in the rows of some conditions, and what belongs to them; from then on `state` holds, with the highest time of
    /// these rows where its column is named. Answers how many are new.
    pub(super) fn take(
        &mut self,
        server: &mut Server,
        interrupt: &Interrupt,
        conditions: &[String],
        mut state: State,
        row_time: Option<&str>,
    ) -> Result<u64> {
        let Self { chosen, local, slice, columns, .. } = self;
        let wanted: Vec<String> = conditions.iter().chain(&self.conditions).cloned().collect();
        let from = format!("{} WHERE {}", chosen.table.in_sql(), all(&wanted));
        let order = state.key.column().map(|column| format!(" ORDER BY {}", identifier(column)));
        let mut reading = server.reading()?;
        let change = local.begin()?;
        let mut new = 0;
        {
            let mut rows = change.rows(&chosen.table, Known::Left)?;
            let last = row_time.map(|column| format!(", {column}")).unwrap_or_default();
            let sql = format!("SELECT {columns}{last} FROM {from}{}", order.unwrap_or_default());
            reading.copy(&sql, interrupt, &mut |line| {
                new += u64::from(rows.add(line)?);
                if row_time.is_some() {
                    state.row_time = state.row_time.take().max(RowTime::of_line(line));
                }
                Ok(())
            })?;
        }
        let joined = chosen.beside.iter().filter_map(|beside| Some((&beside.table, beside.condition.as_ref()?)));
        for (table, condition) in joined.filter(|_| new > 0) {
            let condition = condition.replace("{slice}", &format!("(SELECT * FROM {from}) AS slice"));
            let sql = format!("SELECT {} FROM {} WHERE {condition}", selected(table, &mut reading)?, table.in_sql());
            let mut rows = change.rows(table, Known::Replaced)?;
            reading.copy(&sql, interrupt, &mut |line| rows.add(line).map(drop))?;
        }
        slice.events += new;
        change.commit(&state, slice)?;
        self.state = state;
        Ok(new)
    }

    /// Takes in the tables beside the events that are taken whole, as they are now.
    pub(super) fn beside(&mut self, server: &mut Server, interrupt: &Interrupt, on: &mut Report<'_>) -> Result<()> {
        for place in 0..self.chosen.beside.len() {
            let Some(beside) = self.chosen.beside.get(place).filter(|beside| beside.condition.is_none()) else {
                continue;
            };
            on(&self.progress());
            let mut reading = server.reading()?;
            let sql = format!("SELECT {} FROM {}", selected(&beside.table, &mut reading)?, beside.table.in_sql());
            let change = self.local.begin()?;
            change.empty(&beside.table)?;
            {
                let mut rows = change.rows(&beside.table, Known::Replaced)?;
                reading.copy(&sql, interrupt, &mut |line| rows.add(line).map(drop))?;
            }
            change.commit(&self.state, &self.slice)?;
        }
        Ok(())
    }
}

/// Whether what is in a file can be gone on with: the table is the same, and the row that was reached is still there.
fn is_same(server: &mut Server, chosen: &Chosen, state: &State, key: &Key) -> Result<bool> {
    if state.oid != chosen.table.oid || state.key != *key {
        return Ok(false);
    }
    let last = key.last(&chosen.table, chosen.filter(), &mut server.reading()?)?;
    Ok(last.unwrap_or(Place::MIN) >= state.target.min(state.reached))
}

/// Whether rows that are read twice are known again.
pub(super) fn has_identity(chosen: &Chosen, key: &Key) -> bool {
    key.row_number().is_some() || chosen.table.indexes.iter().any(|index| index.unique)
}

fn other_slice(file: &Path, slice: &Slice) -> Error {
    let Slice { what, table, server, .. } = slice;
    Error::bad_input(format!("{} holds another slice: {what} of {table} on {server}", file.display()))
        .with_hint("Name a file that is not there yet, or delete this one.")
}

/// Where the gathering begins and ends, and empty tables for it.
fn begin(
    server: &mut Server,
    chosen: &Chosen,
    wanted: &Wanted,
    key: &Key,
    conditions: &[String],
    local: &mut Local,
) -> Result<(State, Slice)> {
    let server_place = server.address().place();
    let way = Way::of(server, &chosen.table, key.column())?;
    let mut reading = server.reading()?;
    let target = key.last(&chosen.table, chosen.filter(), &mut reading)?;
    let from = match (target, wanted.most()) {
        (Some(target), Some(most)) => key.before_last(&chosen.table, conditions, (most, target), &mut reading)?,
        _ => None,
    };
    let left_out = from;
    let from = match from {
        Some(from) => from,
        None => key.beginning(&chosen.table, chosen.filter(), &mut reading)?,
    };
    let mut state = State::new(chosen.table.oid, wanted.clone(), key.clone(), from, target.unwrap_or(from));
    state.left_out = left_out;
    drop(reading);
    // Before any row is read: whatever is committed from now on was written later.
    state.row_time = way.newest(server, &chosen.table, key.column())?;
    // Where nobody writes at this moment, all that is there by now is seen by what is read next.
    let mark = way.mark(state.target, &mut server.reading()?)?;
    if way.is_passed(&mark, &mut server.reading()?)? {
        state.settled = state.target;
    } else {
        state.watermark = Some(mark);
    }
    let slice = Slice {
        server: server_place,
        table: chosen.table.full_name(),
        what: wanted.in_words(),
        notes: chosen.notes.clone(),
        profile: chosen.inferred(),
        ..Slice::default()
    };
    let change = local.begin()?;
    make_tables(&change, chosen, key)?;
    change.commit(&state, &slice)?;
    Ok((state, slice))
}

fn make_tables(change: &Change<'_>, chosen: &Chosen, key: &Key) -> Result<()> {
    change.make_table(&chosen.table, key.row_number())?;
    // Rows that are asked for twice are known by these; where the key is the row's own number, by that.
    if key.row_number().is_none() {
        change.make_indexes(&chosen.table, true)?;
    }
    for beside in &chosen.beside {
        change.make_table(&beside.table, None)?;
        change.make_indexes(&beside.table, false)?;
    }
    Ok(())
}
