//! Reads one stream in the library's own order, a chunk at a time, each in a short transaction.

use std::collections::VecDeque;

use super::Source;
use super::keys::{Side, bound};
use super::layout::{Columns, Layout};
use super::query::Query;
use super::value::Stored;
use crate::codec::Format;
use crate::error::Result;
use crate::event::{Event, Position, StreamName, Version};
use crate::filter::compile::stored_forms;

/// How many events one statement reads.
const CHUNK: usize = 500;

/// The events of one stream, read as they are asked for.
pub struct StreamReader<'a> {
    source: &'a Source,
    /// The condition that a row is of the stream; `None` for a stream that is not there.
    stream: Option<Query>,
    range: (Version, Option<Version>),
    last: Option<Vec<Stored>>,
    /// The version before the next event's, where versions are counted.
    counted: Version,
    ready: VecDeque<Event>,
    ended: bool,
}

impl Source {
    /// The events of a stream from version `from` to version `to`, both included, in the library's own order. A stream
    /// that is not there has no events.
    pub fn read_stream(&self, stream: &StreamName, from: Version, to: Option<Version>) -> Result<StreamReader<'_>> {
        if !self.layout()?.has_positions() {
            self.complete_rows()?;
        }
        let stream = self.stream_condition(stream)?;
        Ok(StreamReader {
            source: self,
            ended: stream.is_none(),
            stream,
            range: (from, to),
            last: None,
            counted: 0,
            ready: VecDeque::new(),
        })
    }

    /// The condition that a row is of a stream, in the values that the database itself has for it; `None` where it has
    /// no event.
    ///
    /// A name can be stored in several forms, such as a UUID as 16 bytes. The one that is there is looked up first, so
    /// that reading the stream compares with one value and its index also gives the order.
    pub(super) fn stream_condition(&self, stream: &StreamName) -> Result<Option<Query>> {
        let layout = self.layout()?;
        let mut query = layout.select_only(&super::versions::stream_columns(layout));
        query.push(" AND ").append(&is_of(layout, stream)).push(" LIMIT 1");
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (kind, id) = (Stored::from(row.get_ref(0)?), Stored::from(row.get_ref(1)?));
        let mut condition = Query::new("1");
        for (column, value) in [(Columns::AGGREGATE_TYPE, kind), (Columns::AGGREGATE_ID, id)] {
            if let Some(sql) = layout.column(column) {
                condition.push(" AND ").push(sql).push(if value.is_null() { " IS " } else { " = " }).bind(value);
            }
        }
        Ok(Some(condition))
    }
}

/// The condition that a row is of a stream, in every form in which its name may be stored.
fn is_of(layout: &Layout, stream: &StreamName) -> Query {
    let mapping = &layout.mapping;
    let format = |field: &Option<crate::profile::Field>| field.as_ref().map_or(Format::Auto, |field| field.format);
    let mut query =
        one_of(layout.column(Columns::AGGREGATE_TYPE), &stream.aggregate_type, format(&mapping.aggregate_type), "");
    query.push(" AND ").append(&one_of(
        layout.column(Columns::AGGREGATE_ID),
        &stream.aggregate_id,
        format(&mapping.aggregate_id),
        &layout.log_name,
    ));
    query
}

/// The condition that a column holds a text in one of its stored forms; NULL stands for `missing`.
pub(super) fn one_of(column: Option<&str>, text: &str, format: Format, missing: &str) -> Query {
    let Some(column) = column else { return Query::new(if text == missing { "1" } else { "0" }) };
    let mut query = Query::new(format!("({column} IN ("));
    query.bind_list(stored_forms(text, format)).push(")");
    if text == missing {
        query.push(" OR ").push(column).push(" IS NULL");
    }
    query.push(")");
    query
}

impl StreamReader<'_> {
    fn fill(&mut self) -> Result<()> {
        self.source.check()?;
        let layout = self.source.layout()?;
        let Some(query) = self.query(layout) else {
            self.ended = true;
            return Ok(());
        };
        let chunk = self.source.read_keyed(&query, layout.stream_order.len() + layout.order.len())?;
        self.ended = chunk.len() < CHUNK;
        for (mut event, mut key) in chunk {
            let store_key = key.split_off(layout.stream_order.len());
            self.last = Some(key);
            self.complete(layout, &mut event, &store_key)?;
            if self.range.1.is_some_and(|to| event.version > to) {
                self.ended = true;
                break;
            }
            self.ready.push_back(event);
        }
        Ok(())
    }

    fn query(&self, layout: &Layout) -> Option<Query> {
        let mut extra = layout.stream_order.clone();
        extra.extend(layout.order.iter().cloned());
        let mut query = layout.select_within(Columns::ALL, &extra, self.source.most.get());
        query.push(" AND ").append(self.stream.as_ref()?);
        if let Some(version) = layout.column(Columns::VERSION) {
            query.push(" AND ").push(version).push(" >= ").bind(self.range.0);
            if let Some(to) = self.range.1 {
                query.push(" AND ").push(version).push(" <= ").bind(to);
            }
        }
        if let Some(last) = &self.last {
            query.push(" AND ").append(&bound(&layout.stream_order, Side::After, last));
        }
        query.push(" ORDER BY ").push(&layout.stream_order.join(", "));
        query.push(" LIMIT ").bind(i64::try_from(CHUNK).unwrap_or(i64::MAX));
        if self.skipped(layout) > 0 {
            query.push(" OFFSET ").bind(self.skipped(layout));
        }
        Some(query)
    }

    /// How many events come before the first wanted one, where versions are counted and nothing was read yet.
    fn skipped(&self, layout: &Layout) -> i64 {
        if layout.has_versions() || self.last.is_some() { 0 } else { self.range.0.saturating_sub(1).max(0) }
    }

    /// Fills in the version and position that the store does not keep.
    fn complete(&mut self, layout: &Layout, event: &mut Event, store_key: &[Stored]) -> Result<()> {
        if !layout.has_versions() {
            if self.counted == 0 {
                self.counted = self.range.0.saturating_sub(1).max(0);
            }
            self.counted += 1;
            event.version = self.counted;
        }
        if !layout.has_positions() {
            event.position = Position::try_from(self.source.row_of_key(store_key)? + 1).unwrap_or(Position::MAX);
        }
        Ok(())
    }
}

impl Iterator for StreamReader<'_> {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.ended {
            if let Err(error) = self.fill() {
                self.ended = true;
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
