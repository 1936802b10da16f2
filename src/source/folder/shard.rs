//! One file of a data set, for as long as something is read from it.

use std::path::Path;

use rusqlite::Connection;

use crate::error::{Error, ErrorKind, Result};
use crate::profile::schema::{self, Table, TableKind};
use crate::profile::{self, Profile};

use super::super::beside::Beside;
use super::super::identity::FileStamp;
use super::super::mode::Mode;
use super::super::temporary::Temporary;
use super::super::{connect, copy};
use super::FILE;

/// A connection to one of the files, in the way in which the whole is read.
pub(super) struct Shard {
    pub(super) conn: Connection,
    /// What is read in place of a file that cannot be opened where it is.
    _copy: Option<Temporary>,
    /// What goes when the connection is closed.
    _beside: Option<Beside>,
}

impl Shard {
    pub(super) fn open(path: &Path, mode: Mode) -> Result<Self> {
        let file = FileStamp::of(path).map_err(|error| Error::from(error).context(path.display()))?;
        if file.len == 0 {
            return Err(Error::bad_input(format!("{} is empty", path.display())));
        }
        if mode == Mode::Frozen {
            return Ok(Self { conn: connect::frozen(path)?, _copy: None, _beside: None });
        }
        let beside = Some(Beside::before(path));
        match connect::live(path, None) {
            Ok(conn) => Ok(Self { conn, _copy: None, _beside: beside }),
            Err(error) if mode == Mode::Copy && *error.kind() == ErrorKind::NotLive => {
                let copied = copy::take(path, &mut |_| std::ops::ControlFlow::Continue(()))?;
                Ok(Self { conn: connect::frozen(&copied.file.file)?, _copy: Some(copied.file), _beside: None })
            }
            Err(error) => Err(error),
        }
    }

    /// The table in which the events are, where it is made like another one, which fits.
    pub(super) fn like(&self, other: &Table) -> Result<Option<Table>> {
        let table = schema::read_one(&self.conn, &other.name)?;
        Ok(table.filter(|table| table.kind == other.kind && table.columns == other.columns && !table.without_rowid))
    }

    /// The profile with the names that its patterns stand for here, and the table that the events are in; where it fits.
    pub(super) fn fit(&self, profile: &Profile) -> Result<Option<(Profile, Table)>> {
        let tables = schema::read(&self.conn)?;
        let mut instance = profile::instance(profile, &tables);
        let Some(table) = numbered(&tables, &instance.events.table) else { return Ok(None) };
        // What was saved from a gathered data set may ask for the column that only the gathered table has.
        for columns in instance.detect.values_mut() {
            columns.retain(|column| !column.eq_ignore_ascii_case(FILE));
        }
        let fits = if instance.detect.is_empty() {
            profile::apply(&self.conn, &instance).is_ok()
        } else {
            !profile::detect_among(&self.conn, [&instance])?.is_empty()
        };
        Ok(fits.then(|| (instance, table.clone())))
    }
}

/// The table of a name, where its rows have numbers of their own.
fn numbered<'a>(tables: &'a [Table], name: &str) -> Option<&'a Table> {
    let table = schema::find(tables, name)?;
    (table.kind == TableKind::Table && !table.without_rowid && row_name(table).is_some()).then_some(table)
}

/// The name by which the number of a row is asked for: one that no column has taken.
pub(super) fn row_name(table: &Table) -> Option<&'static str> {
    ["rowid", "_rowid_", "oid"].into_iter().find(|name| table.column(name).is_none())
}
