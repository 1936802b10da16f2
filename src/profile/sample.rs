//! A few rows read through a mapping, to hold a profile's claims against the data.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use crate::event::Decoded;

use super::detection::Confidence;
use super::field::Field;
use super::large;
use super::mapping::Mapping;
use super::schema::{self, Table};
use crate::codec::decode;
use crate::codec::{Encoding, Format};

/// How many rows are read from the start, and again from the end where that is cheap.
const ROWS: usize = 50;

/// A larger payload is not read for the sample: one of 100 MB would take seconds and a gigabyte.
const MOST: u64 = 256 << 10;

/// What the sampled rows show.
#[derive(Debug, Default)]
pub(super) struct Sample {
    rows: usize,
    named: usize,
    nameless: usize,
    typed: usize,
    versioned: usize,
    timed: usize,
    documents: usize,
}

impl Sample {
    /// Reads rows through a mapping that was fitted to the database. Only what SQLite finds wrong with the file itself
    /// is an error.
    pub(super) fn read(conn: &Connection, tables: &[Table], events: &Mapping) -> rusqlite::Result<Self> {
        let mut sample = Self::default();
        let sql = select(events, tables);
        sample.take(conn, events, &format!("{sql} LIMIT {ROWS}"))?;
        // From the end only by the rowid: any other order could cost a sort of the whole table.
        if let Some(position) = events.position.as_ref().filter(|field| is_rowid(field, tables, events)) {
            sample.take(conn, events, &format!("{sql} ORDER BY {} DESC LIMIT {ROWS}", position.sql))?;
        }
        Ok(sample)
    }

    fn take(&mut self, conn: &Connection, events: &Mapping, sql: &str) -> rusqlite::Result<()> {
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.rows += 1;
            self.add(events, row)?;
        }
        Ok(())
    }

    /// A field that the mapping lacks cannot be wrong.
    fn add(&mut self, events: &Mapping, row: &Row<'_>) -> rusqlite::Result<()> {
        let named = |field: &Option<Field>, place| -> rusqlite::Result<bool> {
            let text = decode::text(row.get_ref(place)?, Format::Auto);
            Ok(field.is_none() || text.is_some_and(|text| !text.is_empty()))
        };
        // What lies inside a payload that was not read speaks neither for nor against.
        let unread: bool = row.get(6)?;
        let nameless = !unread && events.aggregate_id.is_some() && row.get_ref(0)? == ValueRef::Null;
        self.nameless += usize::from(nameless);
        self.named += usize::from(unread || nameless || named(&events.aggregate_id, 0)?);
        self.typed += usize::from(unread || named(&events.event_type, 1)?);
        let version = row.get_ref(2)?.as_i64_or_null();
        self.versioned += usize::from(events.version.is_none() || version.is_ok());
        let format = events.timestamp.as_ref().map_or(Format::Auto, |field| field.format);
        let moment = decode::timestamp(row.get_ref(3)?, format);
        self.timed += usize::from(moment.is_none_or(|moment| moment.utc.is_some()));
        let encoding = Encoding { layers: events.data.encoding.layers.clone(), ..Encoding::default() };
        let data = decode::payload_named(row.get_ref(4)?, row.get_ref(5)?, &encoding).into_decoded();
        self.documents += usize::from(matches!(data, Decoded::Document { .. } | Decoded::Missing));
        Ok(())
    }

    /// In some stores events may be of no stream. Where most are, it is rather the column that is wrong.
    fn named(&self) -> usize {
        if self.nameless * 2 > self.rows { self.named - self.nameless } else { self.named }
    }

    /// How well the rows bear the mapping out. That payloads cannot be read counts for little: they may be encrypted.
    pub(super) fn confidence(&self) -> Confidence {
        let worst =
            [self.named(), self.typed, self.versioned].into_iter().map(|count| self.share(count)).fold(1.0, f32::min);
        let soft = 0.9 + 0.05 * self.share(self.documents) + 0.05 * self.share(self.timed);
        Confidence::new(worst * soft)
    }

    /// What the rows show, as a sentence.
    pub(super) fn words(&self) -> String {
        if self.rows == 0 {
            return "There is no event in it yet.".to_owned();
        }
        let doubts = [
            (self.named(), "no stream"),
            (self.typed, "no event type"),
            (self.versioned, "no whole number for a version"),
            (self.timed, "a time that cannot be read"),
            (self.documents, "data that is no document"),
        ];
        let told: Vec<String> = doubts
            .into_iter()
            .filter(|(count, _)| *count < self.rows)
            .map(|(count, what)| format!("{} have {what}", self.rows - count))
            .collect();
        match told.as_slice() {
            [] => format!("All {} events sampled bear it out.", self.rows),
            told => format!("Of {} events sampled, {}.", self.rows, told.join(" and ")),
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a hundred rows")]
    fn share(&self, count: usize) -> f32 {
        if self.rows == 0 { 1.0 } else { count as f32 / self.rows as f32 }
    }
}

fn select(events: &Mapping, tables: &[Table]) -> String {
    let fields = [&events.aggregate_id, &events.event_type, &events.version, &events.timestamp];
    let payloads = [events.data.sql.as_str(), events.metadata.as_ref().map_or("", |field| &field.sql)];
    let expressions = fields.map(|field| {
        let sql = field.as_ref().map_or("NULL", |field| &field.sql);
        large::within(sql, &payloads, tables, large::LOOKED_INTO)
    });
    let filter = events.filter.as_ref().map_or(String::new(), |filter| format!(" WHERE ({filter})"));
    let [id, kind, version, time] = expressions;
    let (data, codec) = (&events.data.sql, events.data.codec.as_deref().unwrap_or("NULL"));
    let size = format!("coalesce(octet_length({data}), 0)");
    let data = format!("CASE WHEN {size} <= {MOST} THEN ({data}) END");
    format!(
        "SELECT ({id}), ({kind}), ({version}), ({time}), {data}, ({codec}), {size} > {} FROM {}{filter}",
        large::LOOKED_INTO,
        events.from
    )
}

fn is_rowid(position: &Field, tables: &[Table], events: &Mapping) -> bool {
    let name = position.sql.rsplit('.').next().unwrap_or_default();
    let alias = schema::find(tables, &events.table).and_then(Table::rowid_alias);
    name.eq_ignore_ascii_case("rowid") || alias.is_some_and(|column| column.name.eq_ignore_ascii_case(name))
}
