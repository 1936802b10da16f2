//! Reads the tables whose rows are what streams came to, each row with its stream and how far it is.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use rusqlite::Row;

use super::Source;
use super::advance::Advance;
use super::keys::key_of;
use super::layout::Layout;
use super::query::Query;
use super::tables::Checkpoint;
use super::value::Stored;
use crate::codec::{Format, decode};
use crate::error::Result;
use crate::event::{Payload, Position, StreamName, Version};
use crate::profile::{Field, ReadModelMapping, schema};

/// How many rows one statement reads.
const ROWS: i64 = 500;
/// Words that say what a reader does, and not of what.
const GENERIC: [&str; 19] = [
    "projection",
    "projections",
    "projector",
    "view",
    "read",
    "model",
    "models",
    "table",
    "handler",
    "reader",
    "state",
    "default",
    "main",
    "all",
    "readmodels",
    "denormalizer",
    "worker",
    "subscription",
    "consumer",
];

/// A row of a read model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRow {
    /// The stream that it is of; without a type where the table says none.
    pub stream: StreamName,
    /// The version of the last event that it contains, where the row says it.
    pub version: Option<Version>,
    /// What it says.
    pub state: Payload,
}

impl Source {
    /// The tables whose rows are what streams came to.
    #[must_use]
    pub fn read_models(&self) -> &[ReadModelMapping] {
        self.detection().map_or(&[], |detection| &detection.profile.read_models)
    }

    /// Every row of one of them, in short transactions, until `on` breaks off.
    pub fn model_rows(&self, model: &ReadModelMapping, on: &mut dyn FnMut(ModelRow) -> ControlFlow<()>) -> Result<()> {
        let layout = self.layout()?;
        let key = self.row_key(&model.table)?;
        let mut reached = Advance::default();
        loop {
            self.check()?;
            let query = rows_query(model, &key, &reached);
            let (mut rows, mut last) = (Vec::new(), None);
            {
                let mut statement = query.prepare(&self.conn)?;
                let mut read = query.rows(&mut statement)?;
                while let Some(row) = read.next()? {
                    rows.push(model_row(layout, model, row)?);
                    last = Some(key_of(row, 5, key.len())?);
                }
            }
            let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= ROWS;
            for row in rows {
                if on(row).is_break() {
                    return Ok(());
                }
            }
            if full && let Some(last) = last {
                reached.to(last)?;
            }
            if key.is_empty() || !reached.goes_on(&key, full) {
                return Ok(());
            }
        }
    }

    /// The position up to which the reader that fills a table has read, as the tables of checkpoints say; `None` where
    /// none of them is about it. A row is no further than that.
    pub fn model_position(&self, model: &ReadModelMapping) -> Result<Option<Position>> {
        let readers = self.checkpoints()?;
        let wanted = specific(&format!("{} {}", model.table, model.of));
        let agreement = |reader: &Checkpoint| specific(&reader.name).intersection(&wanted).count();
        let best = readers.iter().filter(|reader| reader.position.is_some()).max_by_key(|reader| agreement(reader));
        let only = readers.len() == 1 && best.is_some_and(|reader| specific(&reader.name).is_empty());
        Ok(best.filter(|reader| only || agreement(reader) > 0).and_then(|reader| reader.position))
    }
}

/// The words of a name that say what it is about, without a plural's ending.
fn specific(name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut word = String::new();
    let mut lower = false;
    for letter in name.chars().chain([' ']) {
        if !letter.is_alphanumeric() || lower && letter.is_uppercase() {
            let whole = std::mem::take(&mut word);
            if whole.len() > 2 && !GENERIC.contains(&whole.as_str()) {
                found.insert(whole.strip_suffix('s').map(str::to_owned).unwrap_or(whole));
            }
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        lower = letter.is_lowercase();
    }
    found
}

fn rows_query(model: &ReadModelMapping, key: &[String], reached: &Advance) -> Query {
    let optional = |field: &Option<Field>| field.as_ref().map_or_else(|| "NULL".to_owned(), |field| field.sql.clone());
    let (kind, version) = (optional(&model.aggregate_type), optional(&model.version));
    let codec = model.state.codec.as_deref().unwrap_or("NULL");
    let mut query = Query::new(format!(
        "SELECT ({kind}), ({}), ({version}), ({}), ({codec})",
        model.aggregate_id.sql, model.state.sql
    ));
    for column in key {
        query.push(", ").push(column);
    }
    let filter = model.filter.as_ref().map_or("1", |filter| filter.as_str());
    query.push(&format!(" FROM {} WHERE ({filter})", schema::quoted(&model.table)));
    if let Some(beyond) = reached.beyond(key) {
        query.push(" AND ").append(&beyond);
    }
    if !key.is_empty() {
        query.push(" ORDER BY ").push(&key.join(", ")).push(" LIMIT ").bind(ROWS);
    }
    query
}

fn model_row(layout: &Layout, model: &ReadModelMapping, row: &Row<'_>) -> Result<ModelRow> {
    let format = |field: &Option<Field>| field.as_ref().map_or(Format::Auto, |field| field.format);
    Ok(ModelRow {
        stream: layout.stream_name(
            decode::text(row.get_ref(0)?, format(&model.aggregate_type)),
            decode::text(row.get_ref(1)?, model.aggregate_id.format),
        ),
        version: Stored::from(row.get_ref(2)?).to_integer(),
        state: decode::payload_named(row.get_ref(3)?, row.get_ref(4)?, &model.state.encoding),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_known_by_what_it_reads_about() {
        assert_eq!(specific("projection.thread-messages"), specific("projection_thread_messages"));
        assert_eq!(specific("OrdersProjection"), BTreeSet::from(["order".to_owned()]));
        assert!(specific("default_projector").is_empty());
    }
}
