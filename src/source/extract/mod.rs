//! Writes some of the events into a small database of the same format: its schema, the rows of the events, and the rows
//! that belong to them, so that the library that wrote the database, and this program, open it as they do the original.
//!
//! | what | is written |
//! | --- | --- |
//! | the schema | all of it: tables, indexes, views, triggers, which are made last and so are not fired |
//! | the table of the events | the rows of the events, with their rowids |
//! | tables joined to it | the rows that are joined to those |
//! | tables that the profile reads or names as streams and snapshots | the rows that share a key or the stream with them |
//! | tables that any of these refer to | the rows that are referred to |
//! | tables of a library's own migrations | all rows |
//! | all other tables | no row: they may hold what is not to be shared |
//! | virtual tables | none of their content; where this program has no module for one, it is left out |
//!
//! Where something is to be replaced, payloads are written as they are to be, and what stands beside the events as streams
//! and snapshots, which says the same again, is left out.
//!
//! What was written is read again and compared, event by event: a form that cannot be taken apart in this way is an error.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `schema` | the new file with its tables |
//! | `joined` | under which names the tables of a join are read |
//! | `rows` | rows, from one file into the other |
//! | `related` | which rows belong to those that are there |
//! | `replaced` | payloads that say something else in the copy |
//! | `check` | what was written, read again |

mod check;
mod joined;
mod related;
mod replaced;
mod rows;
mod schema;

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;

use super::Source;
use super::layout::rowid_name;
use super::scan::ScanRange;
use super::value::Stored;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Position;
use crate::filter::Compiled;
use crate::profile::schema::{Table, TableKind, quoted};

use rows::Copier;

pub use replaced::Replace;

/// A table whose rows are copied by the values of some columns.
struct Keyed<'t> {
    table: &'t Table,
    /// The name by which its columns are read, as SQL, where several tables are.
    alias: Option<String>,
    /// The columns that name a row.
    columns: Vec<String>,
}

impl<'t> Keyed<'t> {
    /// The stored column that an expression is the name of, and nothing more.
    fn column(&self, expression: &str) -> Option<&'t str> {
        let of = match &self.alias {
            Some(alias) => vec![format!("{alias}."), format!("{}.", alias.trim_matches('"'))],
            None => vec![String::new()],
        };
        let is_meant = |name: &str| {
            let mut written = of.iter().flat_map(|of| [format!("{of}{name}"), format!("{of}{}", quoted(name))]);
            written.any(|written| written.eq_ignore_ascii_case(expression.trim()))
        };
        let stored = self.table.columns.iter().filter(|column| !column.generated);
        stored.map(|column| column.name.as_str()).find(|name| is_meant(name))
    }
}

/// A database that cannot be taken apart.
fn unsupported(source: &Source, why: &str) -> Error {
    let message = format!("{} cannot be written in its own format: {why}", source.path().display());
    Error::new(ErrorKind::Unsupported, message).with_hint("Choose another form.")
}

impl Source {
    /// Writes the events that a filter keeps into a new file of the same format, and answers with how many there were.
    /// What is to be replaced is so before it is written. `progress` is told how many events were looked at.
    ///
    /// # Errors
    /// `BadInput` where there is a file of that name already; `Unsupported` where this database cannot be taken apart: a
    /// folder, events that come from a view, a store of our own format, or whose copy does not say the same; where what
    /// is to be replaced stands elsewhere than in payloads that can be written again, too.
    pub fn extract(
        &self,
        filter: &Compiled,
        replace: Option<&dyn Replace>,
        to: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64> {
        filter.require_no_effects()?;
        let keyed = self.taken_apart()?;
        File::create_new(to).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Error::bad_input(format!("{} exists already", to.display()))
                .with_hint("It was left as it is. Choose another name."),
            _ => Error::from(error).context(format_args!("creating {}", to.display())),
        })?;
        let written = self.write(&keyed, (filter, replace), to, progress);
        written.inspect_err(|_| {
            for ending in ["", "-journal"] {
                let mut path = to.as_os_str().to_owned();
                path.push(ending);
                // Half a copy is worse than none.
                std::fs::remove_file(path).ok();
            }
        })
    }

    /// Whether [`extract`](Self::extract) can be tried: whether it is known of which rows an event is made.
    ///
    /// # Errors
    /// `Unsupported`, with the reason.
    pub fn require_extractable(&self) -> Result<()> {
        self.taken_apart().map(drop)
    }

    /// The tables that an event is read from, each with what names a row of it; the first one is that of the events.
    fn taken_apart(&self) -> Result<Vec<Keyed<'_>>> {
        let layout = self.layout()?;
        let unsupported = |why: &str| unsupported(self, why);
        if self.is_gathered() {
            return Err(unsupported("its events lie in the files of a folder"));
        }
        if super::archives::is_native(&self.conn)? {
            return Err(unsupported(
                "it is an event store of Eventscope's own format, which the form for event stores (`db`) writes",
            ));
        }
        let name = &layout.mapping.table;
        let table = self.shared.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name));
        let table = table.ok_or_else(|| unsupported(&format!("its events come from {name}, which is no table")))?;
        if table.kind != TableKind::Table {
            return Err(unsupported(&format!("its events come from the view {name}")));
        }
        if layout.is_one_table() {
            let columns = key_of(table);
            return Ok(vec![Keyed { table, alias: None, columns }]);
        }
        let mut keyed = Vec::new();
        for (name, alias) in joined::tables(&layout.mapping.from) {
            let found = self.shared.tables.iter().find(|table| table.name.eq_ignore_ascii_case(&name));
            if let Some(table) = found.filter(|table| table.kind == TableKind::Table) {
                let columns = key_of(table).into_iter().map(|column| format!("{alias}.{column}")).collect();
                keyed.push(Keyed { table, alias: Some(alias), columns });
            }
        }
        let first = keyed.iter().position(|other| std::ptr::eq(other.table, table));
        let first = first.ok_or_else(|| unsupported(&format!("its events come from a query around {name}")))?;
        keyed.swap(0, first);
        Ok(keyed)
    }

    fn write(
        &self,
        keyed: &[Keyed<'_>],
        (filter, replace): (&Compiled, Option<&dyn Replace>),
        to: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64> {
        let mut target = schema::begin(self, to)?;
        let transaction = target.transaction()?;
        let copier = Copier { source: self, target: &transaction };
        let extra: Vec<String> = keyed.iter().flat_map(|keyed| keyed.columns.iter().cloned()).collect();
        let (mut positions, mut failure): (Vec<Position>, Option<Error>) = (Vec::new(), None);
        self.walk(filter, ScanRange::default(), &extra, &mut |step| {
            let mut copy = || -> Result<()> {
                for (position, values) in &step.found {
                    self.check()?;
                    copy_event(&copier, keyed, values)?;
                    positions.push(*position);
                }
                if let Some(replace) = replace {
                    let found: Vec<Position> = step.found.iter().map(|(position, _)| *position).collect();
                    for (event, (_, values)) in self.events_at(&found)?.iter().zip(&step.found) {
                        replaced::rewrite(&copier, keyed, (event, values), replace)?;
                    }
                }
                Ok(())
            };
            progress(step.scanned);
            failure = copy().err();
            if failure.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        related::copy(&copier, keyed, replace.is_none())?;
        if let Some(replace) = replace {
            replaced::require_none_left(&copier, replace)?;
        }
        schema::finish(self, &transaction)?;
        transaction.commit()?;
        schema::close(target)?;
        check::same(self, to, &positions, replace)?;
        Ok(positions.len() as u64)
    }
}

/// What names a row of a table: its rowid, or its primary key.
fn key_of(table: &Table) -> Vec<String> {
    match rowid_name(table) {
        Some(rowid) => vec![rowid.to_owned()],
        None => table.primary_key().into_iter().map(|column| quoted(&column.name)).collect(),
    }
}

/// Copies the rows that an event is read from, by the values of their keys one after the other.
fn copy_event(copier: &Copier<'_>, keyed: &[Keyed<'_>], values: &[Stored]) -> Result<()> {
    let mut values = values;
    for Keyed { table, columns, .. } in keyed {
        let (key, rest) = values.split_at_checked(columns.len()).unwrap_or((values, &[]));
        copier.copy(table, &key_of(table), key)?;
        values = rest;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
