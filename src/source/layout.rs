//! What a mapping comes to in SQL: the columns that an event is read from, the rows that are events, and the keys that
//! order them.

use std::sync::Arc;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::query::Query;
use super::value::Stored;
use crate::codec::Format;
use crate::codec::decode::{self, Declared};
use crate::event::{Briefs, Decoded, Event, Interpret, Named, Payload, StorageClass, StreamName, Timestamp, Version};
use crate::profile::schema::{Table, quoted};
use crate::profile::{Field, Mapping, large};

/// How many columns [`Layout::select`] lists before the extra ones.
pub(super) const COLUMNS: usize = 19;
/// How many [`Layout::select_brief`] lists before the extra ones.
pub(super) const BRIEF_COLUMNS: usize = 8;
/// The columns that name the codecs of data and metadata row by row, and are read when these are.
const DATA_CODEC: usize = 15;
const METADATA_CODEC: usize = 16;
/// Where a type stands, and what a mark has of an event.
const EVENT_TYPE: usize = 5;
const SCHEMA_VERSION: usize = 6;
const TIMESTAMP: usize = 7;
/// Where the codecs of data and metadata stand in a row.
pub(super) const CODECS: [usize; 2] = [DATA_CODEC, METADATA_CODEC];
/// What is said in place of data and metadata that are left unread because they are large.
const DATA_UNREAD: usize = 17;
const METADATA_UNREAD: usize = 18;

/// Which of an event's columns are read; the others cost nothing and stay empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns(u16);

impl Columns {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self((1 << DATA_CODEC) - 1);
    pub const POSITION: Self = Self(1);
    pub const AGGREGATE_TYPE: Self = Self(1 << 1);
    pub const AGGREGATE_ID: Self = Self(1 << 2);
    pub const STREAM: Self = Self(0b110);
    pub const VERSION: Self = Self(1 << 3);
    pub const EVENT_ID: Self = Self(1 << 4);
    pub const EVENT_TYPE: Self = Self(1 << 5);
    pub const SCHEMA_VERSION: Self = Self(1 << 6);
    pub const TIMESTAMP: Self = Self(1 << 7);
    pub const ACTOR: Self = Self(1 << 8);
    pub const ACTOR_TYPE: Self = Self(1 << 9);
    pub const SOURCE: Self = Self(1 << 10);
    pub const CAUSATION: Self = Self(1 << 11);
    pub const CORRELATION: Self = Self(1 << 12);
    pub const DATA: Self = Self(1 << 13);
    pub const METADATA: Self = Self(1 << 14);

    /// The flag of a column by its place in the select.
    fn at(index: usize) -> Self {
        match index {
            DATA_CODEC => Self::DATA,
            METADATA_CODEC => Self::METADATA,
            _ => Self(1 << index),
        }
    }

    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// When the data and metadata of events are decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Payloads {
    /// When they are read: by a worker, so that whoever shows them has no work with them.
    #[default]
    Decoded,
    /// When somebody asks what they mean.
    Waiting,
}

/// The SQL of one database's events.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub mapping: Mapping,
    /// The table's name: the stream of events that name none.
    pub log_name: String,
    /// Each field's expression in parentheses, or NULL, in the order of [`Columns`].
    columns: Vec<String>,
    /// For each of them the columns of the tables that make it look into a payload: none for what names a row and its
    /// stream, which nothing can do without.
    looked_into: Vec<Vec<String>>,
    /// How data and metadata are decoded that wait for it.
    declared: [Arc<Declared>; 2],
    /// The expressions that order the store, unique together.
    pub order: Vec<String>,
    /// The expressions that order a stream, unique together within it.
    pub stream_order: Vec<String>,
}

impl Layout {
    pub fn new(mapping: &Mapping, tables: &[Table]) -> Self {
        let table = tables.iter().find(|table| table.name.eq_ignore_ascii_case(&mapping.table));
        let ties = table.map(|table| tie_breakers(mapping, table)).unwrap_or_default();
        // Positions name rows to everyone above, so they are the order wherever a store has them.
        let order = match &mapping.position {
            Some(position) => vec![in_parentheses(&position.sql)],
            None => with_ties(mapping.store_order(), &ties),
        };
        let stream_order = with_ties(mapping.order_in_stream(), &order_as_ties(mapping, &ties));
        let columns = columns(mapping);
        Self {
            log_name: mapping.table.clone(),
            looked_into: looked_into(mapping, &columns, tables),
            columns,
            declared: [Some(&mapping.data), mapping.metadata.as_ref()]
                .map(|field| Declared::new(field.map(|field| field.encoding.clone()).unwrap_or_default())),
            order,
            stream_order,
            mapping: mapping.clone(),
        }
    }

    pub fn has_positions(&self) -> bool {
        self.mapping.position.is_some()
    }

    pub fn has_versions(&self) -> bool {
        self.mapping.version.is_some()
    }

    /// Whether a stream's order is the store's: then versions can be counted while reading in the store's order.
    pub fn streams_follow_store(&self) -> bool {
        self.stream_order == self.order
    }

    /// `SELECT …` of the wanted columns, with NULL for the others, then extra expressions.
    pub fn select(&self, wanted: Columns, extra: &[String]) -> Query {
        self.select_within(wanted, extra, None)
    }

    /// The same, but data and metadata of more than `most` bytes are left unread, and so is what lies inside those that
    /// are larger than that and than [`large::LOOKED_INTO`]. SQLite knows the size of a stored value without reading it
    /// (<https://sqlite.org/lang_corefunc.html#octet_length>).
    pub fn select_within(&self, wanted: Columns, extra: &[String], most: Option<u64>) -> Query {
        let mut query = Query::new("SELECT ");
        for (index, column) in self.columns.iter().enumerate() {
            query.push(if index > 0 { ", " } else { "" });
            match (wanted.has(Columns::at(index)), most) {
                (false, _) => query.push("NULL"),
                (true, None) => query.push(column),
                (true, Some(most)) if is_payload(index) => {
                    query.push(&format!("CASE WHEN octet_length({column}) > {most} THEN NULL ELSE {column} END"))
                }
                (true, Some(most)) => {
                    let into = self.looked_into.get(index).map_or(&[][..], Vec::as_slice);
                    query.push(&large::unless_large(column, into, most.max(large::LOOKED_INTO)))
                }
            };
        }
        for (index, column) in self.columns.iter().enumerate().filter(|(index, _)| is_payload(*index)) {
            match most.filter(|_| wanted.has(Columns::at(index))) {
                Some(most) => query.push(&format!(
                    ", CASE WHEN octet_length({column}) > {most} THEN typeof({column}) || ' ' || octet_length({column}) END"
                )),
                None => query.push(", NULL"),
            };
        }
        for expression in extra {
            query.push(", ").push(expression);
        }
        query.append(&self.rows_clause());
        query
    }

    /// `SELECT` of what a [brief](crate::event::Brief) has of an event, for [`Self::read_brief`], then extra expressions.
    /// Without `marks` it is what a fold looks at alone. `most` is as in [`Self::select_within`].
    pub fn select_brief(&self, marks: bool, extra: &[String], most: Option<u64>) -> Query {
        let column = |column: Columns| self.column(column).unwrap_or("NULL");
        let data = column(Columns::DATA);
        let (data, unread) = match most {
            Some(most) => (
                format!("CASE WHEN octet_length({data}) > {most} THEN NULL ELSE {data} END"),
                format!(
                    "CASE WHEN octet_length({data}) > {most} THEN typeof({data}) || ' ' || octet_length({data}) END"
                ),
            ),
            None => (data.to_owned(), "NULL".to_owned()),
        };
        let glanced = |index: usize| match (self.columns.get(index), most) {
            (None, _) => "NULL".to_owned(),
            (Some(column), None) => column.clone(),
            (Some(column), Some(most)) => {
                let into = self.looked_into.get(index).map_or(&[][..], Vec::as_slice);
                large::unless_large(column, into, most.max(large::LOOKED_INTO))
            }
        };
        let of_mark = |index: usize| if marks { glanced(index) } else { "NULL".to_owned() };
        let mut query = Query::new("SELECT ");
        query.push(column(Columns::POSITION)).push(", ").push(column(Columns::VERSION));
        query.push(", ").push(&glanced(EVENT_TYPE)).push(", ").push(&data);
        query.push(", ").push(self.columns.get(DATA_CODEC).map_or("NULL", String::as_str)).push(", ").push(&unread);
        query.push(", ").push(&of_mark(SCHEMA_VERSION)).push(", ").push(&of_mark(TIMESTAMP));
        for expression in extra {
            query.push(", ").push(expression);
        }
        query.append(&self.rows_clause());
        query
    }

    /// Takes in the event of a row of [`Self::select_brief`], unless its version lies outside of a range: then this says
    /// on which side.
    pub fn read_brief(
        &self,
        row: &Row<'_>,
        (from, to): (Version, Option<Version>),
        into: &mut Briefs,
    ) -> rusqlite::Result<std::cmp::Ordering> {
        let mapping = &self.mapping;
        let version = integer(row, 1)?;
        if version < from {
            return Ok(std::cmp::Ordering::Less);
        }
        if to.is_some_and(|to| version > to) {
            return Ok(std::cmp::Ordering::Greater);
        }
        let text = |index: usize, field: &Option<Field>| -> rusqlite::Result<_> {
            Ok(decode::borrowed_text(row.get_ref(index)?, field.as_ref().map_or(Format::Auto, |field| field.format)))
        };
        let (event_type, schema_version) = (text(2, &mapping.event_type)?, text(6, &mapping.schema_version)?);
        let named = Named {
            version,
            position: integer(row, 0)?,
            event_type: event_type.as_deref().unwrap_or_default(),
            schema_version: schema_version.as_deref(),
        };
        let [declared, _] = &self.declared;
        let (data, codec) = (row.get_ref(3)?, row.get_ref(4)?);
        match (data, codec) {
            (ValueRef::Text(bytes), ValueRef::Null) => into.push_text(named, bytes),
            (ValueRef::Null, _) => {
                let unread = row.get_ref(5)?.as_str_or_null().ok().flatten().and_then(unread_payload);
                into.push_payload(named, unread.unwrap_or_else(|| declared.payload(data, codec)));
            }
            _ => into.push_payload(named, declared.payload(data, codec)),
        }
        let recorded = row.get_ref(7)?;
        if let (Some(field), false) = (&mapping.timestamp, recorded == ValueRef::Null)
            && let Some(stored) = decode::borrowed_text(recorded, Format::Text)
        {
            into.at(&stored, |stored| {
                let text = || Timestamp { stored: stored.into(), utc: None };
                decode::timestamp(recorded, field.format).unwrap_or_else(text)
            });
        }
        Ok(std::cmp::Ordering::Equal)
    }

    /// What knows what the text of data means.
    pub fn interprets_data(&self) -> Arc<dyn Interpret> {
        let [data, _] = &self.declared;
        Arc::clone(data) as Arc<dyn Interpret>
    }

    /// `SELECT` of expressions only.
    pub fn select_only(&self, expressions: &[String]) -> Query {
        let mut query = Query::new("SELECT ");
        query.push(&expressions.join(", ")).append(&self.rows_clause());
        query
    }

    /// How many rows there are. Without a condition, not even one that always holds, SQLite adds up what the pages of its
    /// smallest index say, and looks at no row.
    pub fn count_all(&self) -> Query {
        let mut query = Query::new("SELECT count(*) FROM ");
        query.push(&self.tables_clause());
        if let Some(filter) = &self.mapping.filter {
            query.push(" WHERE ").push(&in_parentheses(filter));
        }
        query
    }

    /// ` FROM … WHERE …`, ready for an ` AND`.
    pub fn rows_clause(&self) -> Query {
        let mut query = Query::new(" FROM ");
        query.push(&self.tables_clause()).push(" WHERE ");
        query.push(&self.mapping.filter.as_ref().map_or_else(|| "1".to_owned(), |filter| in_parentheses(filter)));
        query
    }

    /// A plain table's name is quoted; a join stands as the profile has it.
    fn tables_clause(&self) -> String {
        if self.is_one_table() { quoted(&self.mapping.from) } else { self.mapping.from.clone() }
    }

    /// Whether events come from one table rather than a join.
    pub fn is_one_table(&self) -> bool {
        self.mapping.from.eq_ignore_ascii_case(&self.mapping.table)
    }

    /// The expression of a column, where the store has it.
    pub fn column(&self, column: Columns) -> Option<&str> {
        let index = usize::try_from(column.0.trailing_zeros()).ok()?;
        self.columns.get(index).map(String::as_str).filter(|sql| *sql != "NULL")
    }

    /// The event of a row of [`Self::select`]. Positions and versions that the store lacks are left at 0.
    pub fn event(&self, row: &Row<'_>, wanted: Columns) -> rusqlite::Result<Event> {
        self.event_with(row, wanted, Payloads::Decoded)
    }

    /// The same, with data and metadata that are decoded then or when they are asked for.
    pub fn event_with(&self, row: &Row<'_>, wanted: Columns, payloads: Payloads) -> rusqlite::Result<Event> {
        let mapping = &self.mapping;
        let text = |index: usize, field: &Option<Field>| -> rusqlite::Result<Option<String>> {
            if !wanted.has(Columns(1 << index)) {
                return Ok(None);
            }
            Ok(decode::text(row.get_ref(index)?, field.as_ref().map_or(Format::Auto, |field| field.format)))
        };
        let [data, metadata] = &self.declared;
        let payload = |[index, codec, unread]: [usize; 3], field: Option<&Field>, declared: &Arc<Declared>| {
            let unread = row.get_ref(unread)?.as_str_or_null().ok().flatten().and_then(unread_payload);
            let (value, names) = (row.get_ref(index)?, row.get_ref(codec)?);
            Ok::<_, rusqlite::Error>(match (unread, payloads, field) {
                (Some(unread), ..) => unread,
                (None, Payloads::Waiting, _) => declared.payload(value, names),
                (None, Payloads::Decoded, Some(field)) => {
                    decode::plain(decode::payload_named(value, names, &field.encoding))
                }
                (None, Payloads::Decoded, None) => Payload::default(),
            })
        };
        Ok(Event {
            position: integer(row, 0)?,
            stream: self.stream_name(text(1, &mapping.aggregate_type)?, text(2, &mapping.aggregate_id)?),
            version: integer(row, 3)?,
            id: text(4, &mapping.event_id)?,
            event_type: text(5, &mapping.event_type)?.unwrap_or_default(),
            schema_version: text(6, &mapping.schema_version)?,
            timestamp: match &mapping.timestamp {
                Some(field) => decode::timestamp(row.get_ref(7)?, field.format),
                None => None,
            },
            actor: text(8, &mapping.actor)?,
            actor_type: text(9, &mapping.actor_type)?,
            source: text(10, &mapping.source)?,
            causation_id: text(11, &mapping.causation_id)?,
            correlation_id: text(12, &mapping.correlation_id)?,
            data: payload([13, DATA_CODEC, DATA_UNREAD], Some(&mapping.data), data)?,
            metadata: payload([14, METADATA_CODEC, METADATA_UNREAD], mapping.metadata.as_ref(), metadata)?,
        })
    }

    /// The name of a stream from its stored parts; events that name no stream share the one named after the table.
    pub fn stream_name(&self, aggregate_type: Option<String>, aggregate_id: Option<String>) -> StreamName {
        StreamName {
            aggregate_type: aggregate_type.unwrap_or_default(),
            aggregate_id: aggregate_id.unwrap_or_else(|| self.log_name.clone()),
        }
    }

    /// The name of a stream whose parts stand in two columns of a row.
    pub fn stream_at(&self, row: &Row<'_>, at: usize) -> rusqlite::Result<StreamName> {
        let format = |field: &Option<Field>| field.as_ref().map_or(Format::Auto, |field| field.format);
        let aggregate_type = decode::text(row.get_ref(at)?, format(&self.mapping.aggregate_type));
        let aggregate_id = decode::text(row.get_ref(at + 1)?, format(&self.mapping.aggregate_id));
        Ok(self.stream_name(aggregate_type, aggregate_id))
    }
}

/// Whether a column of the select is data or metadata.
fn is_payload(index: usize) -> bool {
    [Columns::DATA, Columns::METADATA].contains(&Columns(1 << index.min(15)))
}

/// A payload that was left unread, from what is said of it: `text 104857600`.
fn unread_payload(said: &str) -> Option<Payload> {
    let (kind, bytes) = said.split_once(' ')?;
    let storage = if kind == "blob" { StorageClass::Blob } else { StorageClass::Text };
    Some(Payload::new([].into(), storage, Decoded::Unread { bytes: bytes.parse().ok()? }))
}

/// The integer in a column. Libraries also write positions and versions as text or reals; what is no number is 0.
fn integer(row: &Row<'_>, index: usize) -> rusqlite::Result<i64> {
    Ok(Stored::from(row.get_ref(index)?).to_integer().unwrap_or_default())
}

fn in_parentheses(sql: &str) -> String {
    format!("({sql})")
}

fn columns(mapping: &Mapping) -> Vec<String> {
    [
        &mapping.position,
        &mapping.aggregate_type,
        &mapping.aggregate_id,
        &mapping.version,
        &mapping.event_id,
        &mapping.event_type,
        &mapping.schema_version,
        &mapping.timestamp,
        &mapping.actor,
        &mapping.actor_type,
        &mapping.source,
        &mapping.causation_id,
        &mapping.correlation_id,
        &Some(mapping.data.clone()),
        &mapping.metadata,
    ]
    .into_iter()
    .map(|field| field.as_ref().map(|field| field.sql.as_str()))
    .chain([mapping.data.codec.as_deref(), mapping.metadata.as_ref().and_then(|field| field.codec.as_deref())])
    .map(|sql| sql.map_or_else(|| "NULL".to_owned(), in_parentheses))
    .collect()
}

/// Which columns of the tables each expression looks into a payload by.
fn looked_into(mapping: &Mapping, columns: &[String], tables: &[Table]) -> Vec<Vec<String>> {
    let payloads: Vec<&str> =
        std::iter::once(&mapping.data).chain(&mapping.metadata).map(|field| field.sql.as_str()).collect();
    let named = Columns::POSITION.with(Columns::STREAM).with(Columns::VERSION);
    let of = |(index, sql): (usize, &String)| {
        let glanced = index < DATA_CODEC && !is_payload(index) && !named.has(Columns::at(index));
        if glanced { large::looked_into(sql, &payloads, tables) } else { Vec::new() }
    };
    columns.iter().enumerate().map(of).collect()
}

/// What makes any order of a table's rows unique: its rowid, or its primary key. Nothing for a join.
fn tie_breakers(mapping: &Mapping, table: &Table) -> Vec<String> {
    if !mapping.from.eq_ignore_ascii_case(&mapping.table) {
        return Vec::new();
    }
    rowid_name(table).map_or_else(
        || table.primary_key().into_iter().map(|column| quoted(&column.name)).collect(),
        |rowid| vec![rowid.to_owned()],
    )
}

/// A name by which the rowid can be read: a table may have columns of its own with some of them.
pub(super) fn rowid_name(table: &Table) -> Option<&'static str> {
    if table.without_rowid {
        return None;
    }
    ["rowid", "_rowid_", "oid"].into_iter().find(|name| table.column(name).is_none())
}

/// In a stream, ties are broken by the store's own order before anything else.
fn order_as_ties(mapping: &Mapping, ties: &[String]) -> Vec<String> {
    match &mapping.position {
        Some(position) => vec![position.sql.clone()],
        None => ties.to_vec(),
    }
}

fn with_ties(expressions: Vec<&str>, ties: &[String]) -> Vec<String> {
    let mut order: Vec<String> = expressions.into_iter().map(in_parentheses).collect();
    for tie in ties {
        let tie = in_parentheses(tie);
        if !order.iter().any(|known| same_column(known, &tie)) {
            order.push(tie);
        }
    }
    if order.is_empty() { vec!["(rowid)".to_owned()] } else { order }
}

fn same_column(left: &str, right: &str) -> bool {
    let bare = |sql: &str| sql.trim_matches(['(', ')', '"', '[', ']', '`', ' ']).to_ascii_lowercase();
    bare(left) == bare(right)
}
