//! Takes the rows of all files in, and later what was added to them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{Error, Result};
use crate::profile::Profile;

use super::super::access::Surroundings;
use super::super::copy::Report;
use super::super::mode::Mode;
use super::find::{DataSet, listed, names};
use super::member::{Beside, Member};
use super::poll::{Poll, Progress};
use super::table::Gatherer;

/// Tables beside the events with more rows are as they were when the folder was opened.
const FOLLOWED: usize = 100_000;

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

impl Gathering {
    /// Nothing yet, in a new database.
    pub(super) fn new(database: &Path, set: DataSet, mode: Mode) -> Result<Self> {
        let writer = Connection::open(database)?;
        // Nobody needs what a crash leaves of it.
        writer.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        writer.execute_batch(
            "CREATE TEMP TABLE arrivals (moment, shard INTEGER, row INTEGER);
             CREATE TEMP TABLE numbers (shard INTEGER, row INTEGER, position INTEGER, PRIMARY KEY (shard, row))
             WITHOUT ROWID;",
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
        let poll = Poll { conn: &transaction, set, mode: *mode };
        let mut looked = Vec::new();
        for (shard, (name, seen)) in changed.into_iter().enumerate() {
            let Some(arrival) = poll.look(shard, &name, seen, members.get(&name), &mut progress)? else {
                drop(transaction);
                return Ok(self.fall_behind());
            };
            looked.push(arrival);
        }
        poll.number(events)?;
        // Columns that it gets on the way are there once the transaction is.
        let mut widened = events.clone();
        for (shard, arrival) in looked.iter().enumerate() {
            poll.take(shard, arrival, &mut widened, &mut progress)?;
        }
        let beside = beside.into_iter().map(|(name, seen)| poll.take_beside(name, seen)).collect::<Result<Vec<_>>>()?;
        transaction.commit()?;
        *events = widened;
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

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::super::open::OpenOptions;
    use super::super::find::find;
    use super::*;

    #[test]
    fn a_round_that_was_broken_off_is_done_again_also_where_it_brought_columns() {
        let dagster = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/py_dagster_consolidated.db");
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join("history/runs");
        std::fs::create_dir_all(&runs).unwrap();
        std::fs::copy(dagster, runs.join("run.db")).unwrap();
        let set = find(folder.path(), &OpenOptions::default()).unwrap();
        let mut gathering = Gathering::new(&folder.path().join("gathered.db"), set, Mode::Live).unwrap();
        gathering.catch_up(&mut |_| ControlFlow::Continue(())).unwrap();
        gathering.settle().unwrap();
        let before = gathering.events.last(&gathering.writer).unwrap();

        let sql = "ALTER TABLE event_logs ADD COLUMN tenant TEXT;
                   INSERT INTO event_logs (run_id, event, dagster_event_type, timestamp, tenant)
                   SELECT run_id, event, dagster_event_type, timestamp, 'north' FROM event_logs LIMIT 1";
        Connection::open(runs.join("run.db")).unwrap().execute_batch(sql).unwrap();
        // It is told of the end when all rows were taken, and the new column was made.
        let stopped = gathering.catch_up(&mut |progress| {
            if progress.done == progress.of { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(stopped.is_err());
        assert_eq!(gathering.events.last(&gathering.writer).unwrap(), before);
        gathering.catch_up(&mut |_| ControlFlow::Continue(())).unwrap();
        let sql = "SELECT tenant FROM event_logs ORDER BY rowid DESC LIMIT 1";
        let tenant: String = gathering.writer.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!((tenant.as_str(), gathering.events.last(&gathering.writer).unwrap()), ("north", before + 1));
    }
}
