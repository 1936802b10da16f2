//! Holds a mapping's SQL against the database, field by field, so that SQLite's words stand at the field they are about.

use super::super::Source;
use super::{Fault, SAMPLED, said};
use crate::error::{ErrorKind, Result};
use crate::profile::schema::find;
use crate::profile::{Field, Mapping, SnapshotMapping, expression, large};

impl Source {
    /// The parts of a mapping that SQLite accepts; `None` where no event can be read.
    pub(super) fn sound(&self, mapping: &Mapping, faults: &mut Vec<Fault>) -> Option<Mapping> {
        let mut sound = mapping.clone();
        if mapping.from.trim().is_empty() {
            faults.push(Fault::error("from", "Say where the events are: a table, or a join of several."));
            return None;
        }
        if let Some(words) = self.refused(&mapping.from, "1") {
            faults.push(Fault::error("from", words));
            return None;
        }
        if find(&self.shared.tables, &mapping.table).is_none() {
            faults.push(Fault::error("table", no_table(mapping)));
        }
        if let Some(filter) = &mapping.filter
            && let Some(words) = self.refused(&mapping.from, filter)
        {
            faults.push(Fault::error("where", words));
            sound.filter = None;
        }
        for (name, field) in sound.optional_fields_mut() {
            if let Some(fault) = field.as_ref().and_then(|field| self.fault_of(name, &mapping.from, field)) {
                faults.push(fault);
                *field = None;
            }
        }
        for (name, order) in [("order", &mut sound.order), ("stream_order", &mut sound.stream_order)] {
            let refusals = order.iter().filter_map(|sql| self.refused(&mapping.from, sql));
            let refusals: Vec<_> = refusals.map(|words| Fault::error(name, words)).collect();
            order.retain(|sql| self.refused(&mapping.from, sql).is_none());
            faults.extend(refusals);
        }
        if mapping.data.sql.trim().is_empty() {
            faults.push(Fault::error("data", "Say where the data is: without it there is no event to read."));
            sound.data = Field::new("NULL");
        } else if let Some(fault) = self.fault_of("data", &mapping.from, &mapping.data) {
            faults.push(fault);
            sound.data = Field::new("NULL");
        }
        Some(sound)
    }

    /// The parts of a mapping that SQLite also runs on the first rows: an expression can be right and still fail on a
    /// value.
    pub(super) fn running(&self, mut mapping: Mapping, faults: &mut Vec<Fault>) -> Result<Mapping> {
        let payloads =
            [Some(&mapping.data), mapping.metadata.as_ref()].map(|it| it.map_or("", |it| &it.sql).to_owned());
        let payloads = payloads.each_ref().map(String::as_str);
        if let Some(filter) = &mapping.filter
            && let Some(words) = self.run(filter, &mapping.from, &payloads)?
        {
            faults.push(Fault::error("where", words));
            mapping.filter = None;
        }
        let from = mapping.from.clone();
        for (name, field) in mapping.optional_fields_mut() {
            let Some(sql) = field.as_ref().map(|field| field.sql.clone()) else { continue };
            if let Some(words) = self.run(&sql, &from, &payloads)? {
                faults.push(Fault::error(name, words));
                *field = None;
            }
        }
        if let Some(words) = self.run(&mapping.data.sql, &from, &[])? {
            faults.push(Fault::error("data", words));
            mapping.data = Field::new("NULL");
        }
        for (name, order) in [("order", &mut mapping.order), ("stream_order", &mut mapping.stream_order)] {
            let mut sound = Vec::new();
            for sql in order.drain(..) {
                match self.run(&sql, &from, &payloads)? {
                    Some(words) => faults.push(Fault::error(name, words)),
                    None => sound.push(sql),
                }
            }
            *order = sound;
        }
        Ok(mapping)
    }

    /// The snapshots' fields, held against the database in the same way.
    pub(super) fn check_snapshots(&self, snapshots: &SnapshotMapping, faults: &mut Vec<Fault>) -> Result<()> {
        if let Some(words) = self.refused(&snapshots.from, "1") {
            faults.push(Fault::error("snapshots.from", words));
            return Ok(());
        }
        if let Some(filter) = &snapshots.filter
            && let Some(words) = self.refused(&snapshots.from, filter)
        {
            faults.push(Fault::error("snapshots.where", words));
            return Ok(());
        }
        let fields = [
            ("snapshots.aggregate_type", snapshots.aggregate_type.as_ref()),
            ("snapshots.aggregate_id", Some(&snapshots.aggregate_id)),
            ("snapshots.version", Some(&snapshots.version)),
            ("snapshots.timestamp", snapshots.timestamp.as_ref()),
            ("snapshots.state", Some(&snapshots.state)),
        ];
        for (name, field) in fields {
            let Some(field) = field else { continue };
            let fault = self.fault_of(name, &snapshots.from, field);
            let fault = match fault {
                Some(fault) => Some(fault),
                None => self
                    .run(&field.sql, &snapshots.from, &[&snapshots.state.sql])?
                    .map(|words| Fault::error(name, words)),
            };
            faults.extend(fault);
        }
        Ok(())
    }

    /// What SQLite says against a field.
    fn fault_of(&self, name: &'static str, from: &str, field: &Field) -> Option<Fault> {
        if field.sql.trim().is_empty() {
            return Some(Fault::error(name, "Write an expression, or choose a column or nothing."));
        }
        let words = self.refused(from, &field.sql);
        let codec = || {
            let words = self.refused(from, field.codec.as_deref()?)?;
            Some(format!("In the expression that names the encoding: {words}"))
        };
        words.or_else(codec).map(|words| Fault::error(name, words))
    }

    /// What SQLite says against an expression.
    fn refused(&self, from: &str, sql: &str) -> Option<String> {
        expression::refusal(&self.conn, from, sql)
    }

    /// What SQLite says when it runs an expression on the first rows, without looking into large payloads; errors that
    /// are not the expression's pass on.
    fn run(&self, sql: &str, from: &str, payloads: &[&str]) -> Result<Option<String>> {
        // Reading a column cannot fail, and may mean reading megabytes.
        let column = |letter: char| letter.is_alphanumeric() || "_.\"[]`".contains(letter);
        if sql.chars().all(column) {
            return Ok(None);
        }
        let sql = large::within(sql, payloads, &self.shared.tables, large::LOOKED_INTO);
        let sql = format!("SELECT ({sql}) FROM {from} LIMIT {SAMPLED}");
        match self.run_through(&sql) {
            Ok(()) => Ok(None),
            Err(error) if *error.kind() == ErrorKind::Database => Ok(Some(said(&error))),
            Err(error) => Err(error),
        }
    }

    fn run_through(&self, sql: &str) -> Result<()> {
        let mut statement = self.conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }
}

fn no_table(mapping: &Mapping) -> String {
    if mapping.table.trim().is_empty() {
        "Events come from more than one table. Say which of them an event is one row of.".to_owned()
    } else {
        format!("There is no table {}. Say which table an event is one row of.", mapping.table)
    }
}
