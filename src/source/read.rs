//! Reads one stream in the library's own order, a chunk at a time, each in a short transaction.

use std::collections::VecDeque;

use super::Source;
use super::advance::Advance;
use super::chunk::{Chunk, keys};
use super::keys::RowKey;
use super::layout::{BRIEF_COLUMNS, Columns, Layout, Payloads};
use super::listed::Listed;
use super::query::Query;
use super::value::Stored;
use crate::codec::Format;
use crate::error::Result;
use crate::event::{Briefs, Event, Position, StreamName, Version};
use crate::filter::compile::stored_forms;

/// How many events one statement reads.
const CHUNK: usize = 500;

/// How many events one statement reads where no more is made of them than briefs.
const BRIEFS: usize = 1_000;

/// The events of one stream, read as they are asked for.
pub struct StreamReader<'a> {
    source: &'a Source,
    /// The condition that a row is of the stream; `None` for a stream that is not there.
    stream: Option<Query>,
    range: (Version, Option<Version>),
    reached: Advance,
    /// The rest of the stream, event by event, where SQLite has no index with its order.
    listed: Option<Listed>,
    /// The version before the next event's, where versions are counted.
    counted: Version,
    /// The row of the event before, where positions are counted.
    row: Option<RowKey>,
    payloads: Payloads,
    columns: Columns,
    /// The statement that SQLite was last asked about, and whether it would sort for each chunk.
    sorts: Option<(Query, bool)>,
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
            reached: Advance::default(),
            listed: None,
            counted: 0,
            row: None,
            payloads: self.payloads.get(),
            columns: Columns::ALL,
            sorts: None,
            ready: VecDeque::new(),
        })
    }

    /// The version of a stream's last event; `None` where it has none. An index leads to it, or its events are counted.
    pub fn last_version(&self, stream: &StreamName) -> Result<Option<Version>> {
        let layout = self.layout()?;
        let Some(condition) = self.stream_condition(stream)? else { return Ok(None) };
        let version = layout.column(Columns::VERSION);
        let last = version.map_or_else(|| "count(*)".to_owned(), |version| format!("max({version})"));
        let mut query = layout.select_only(&[last]);
        query.push(" AND ").append(&condition);
        Ok(self.one(&query)?.and_then(|last| last.to_integer()))
    }

    /// Whether an index leads to the events of one stream, so that reading a few of many streams is worth it.
    pub fn finds_streams(&self) -> Result<bool> {
        let layout = self.layout()?;
        let mut query = layout.select_only(&["1".to_owned()]);
        query.push(" AND ").append(&is_of(layout, &StreamName::new("x", "x"))).push(" LIMIT 1");
        query.finds_by_index(&self.conn)
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
    /// Leaves data and metadata undecoded until somebody asks for them: for whoever folds on another thread.
    pub(super) fn waiting(self) -> Self {
        Self { payloads: Payloads::Waiting, ..self }
    }

    /// Reads of each event its position, version, type and data, and leaves all else empty.
    pub(super) fn data_alone(self) -> Self {
        let envelope = Columns::POSITION.with(Columns::VERSION).with(Columns::EVENT_TYPE);
        Self { columns: envelope.with(Columns::DATA), ..self }
    }

    /// The next events, as many as are read together; `None` at the end.
    pub(super) fn next_chunk(&mut self) -> Option<Result<Vec<Event>>> {
        while self.ready.is_empty() && !self.ended {
            if let Err(error) = self.fill() {
                self.ended = true;
                return Some(Err(error));
            }
        }
        let ready = Vec::from(std::mem::take(&mut self.ready));
        (!ready.is_empty()).then_some(Ok(ready))
    }

    /// Takes in the next events, as many as are read together, with what a mark has of each or without; `None` at the
    /// end.
    pub(super) fn next_briefs(&mut self, marks: bool, into: &mut Briefs) -> Option<Result<()>> {
        while self.ready.is_empty() && !self.ended {
            match self.brief(marks, into) {
                Ok(true) if into.is_empty() => {}
                Ok(true) => return Some(Ok(())),
                Ok(false) => {
                    // What is counted, or sorted here, is read event by event.
                    let envelope = Columns::POSITION.with(Columns::VERSION).with(Columns::EVENT_TYPE);
                    let of_mark = if marks { Columns::SCHEMA_VERSION.with(Columns::TIMESTAMP) } else { Columns::NONE };
                    self.columns = envelope.with(of_mark).with(Columns::DATA);
                    if let Err(error) = self.fill() {
                        self.ended = true;
                        return Some(Err(error));
                    }
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        let ready = std::mem::take(&mut self.ready);
        let any = !ready.is_empty();
        for event in ready {
            into.push_event(event);
        }
        any.then_some(Ok(()))
    }

    /// Reads the next events into briefs, where the store keeps all that names them and has their order.
    fn brief(&mut self, marks: bool, into: &mut Briefs) -> Result<bool> {
        self.source.check()?;
        let layout = self.source.layout()?;
        into.begin(layout.interprets_data());
        let order = &layout.stream_order;
        let select = layout.select_brief(marks, order, self.source.most.get());
        if !layout.has_positions() || !layout.has_versions() || self.listed.is_some() || self.stream.is_none() {
            return Ok(false);
        }
        let mut query = self.bounded(layout, select);
        query.push(" LIMIT ").bind(i64::try_from(BRIEFS).unwrap_or(i64::MAX));
        if self.reached.last().is_some() && self.sorts(&query)? {
            return Ok(false);
        }
        let mut statement = query.prepare(&self.source.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let (mut count, mut beyond) = (0, false);
        let mut last = Vec::with_capacity(order.len());
        while let Some(row) = rows.next()? {
            count += 1;
            if layout.read_brief(row, self.range, into)?.is_gt() {
                beyond = true;
                break;
            }
            last.clear();
            for at in BRIEF_COLUMNS..BRIEF_COLUMNS + order.len() {
                last.push(Stored::from(row.get_ref(at)?));
            }
        }
        drop(rows);
        let full = count == BRIEFS;
        if full && !beyond {
            self.reached.to(last)?;
        }
        let goes_on = self.reached.goes_on(order, full);
        self.ended |= beyond || !goes_on;
        Ok(true)
    }

    fn fill(&mut self) -> Result<()> {
        self.source.check()?;
        let layout = self.source.layout()?;
        let (Chunk { mut events, keys, last }, full) = self.chunk(layout)?;
        let mut keys = keys.into_iter();
        for event in &mut events {
            self.complete(layout, event, keys.next())?;
        }
        if let Some(to) = self.range.1
            && let Some(beyond) = events.iter().position(|event| event.version > to)
        {
            events.truncate(beyond);
            self.ended = true;
        }
        // Beyond the first chunk the key alone says where to go on.
        if layout.has_versions() {
            let from = self.range.0;
            events.retain(|event| event.version >= from);
        }
        self.ready = events.into();
        if full && let Some(last) = last {
            self.reached.to(last)?;
        }
        if !full {
            self.listed = None;
        }
        let goes_on = self.reached.goes_on(&layout.stream_order, full);
        self.ended |= !goes_on;
        Ok(())
    }

    /// The next events with their keys. Says whether they are as many as were asked for.
    fn chunk(&mut self, layout: &Layout) -> Result<(Chunk, bool)> {
        let Some(query) = self.query(layout) else { return Ok((Chunk::default(), false)) };
        if self.listed.is_none() && self.reached.last().is_some() && self.sorts(&query)? {
            self.listed = Some(self.source.list(&self.bounded(layout, layout.select_only(&layout.order)))?);
        }
        if let Some(listed) = &mut self.listed {
            let chunk = self.source.read_listed(&listed.next(CHUNK), self.payloads)?;
            return Ok((chunk, !listed.is_empty()));
        }
        let chunk = self.source.read_chunk(&query, (self.columns, self.payloads), CHUNK)?;
        let full = chunk.events.len() == CHUNK;
        Ok((chunk, full))
    }

    /// Whether SQLite would sort the rest of the stream for this chunk. The plan is the statement's, whatever the key.
    fn sorts(&mut self, query: &Query) -> Result<bool> {
        match &self.sorts {
            Some((known, sorts)) if known.is_alike(query) => Ok(*sorts),
            _ => {
                let sorts = query.sorts(&self.source.conn)?;
                self.sorts = Some((query.clone(), sorts));
                Ok(sorts)
            }
        }
    }

    fn query(&self, layout: &Layout) -> Option<Query> {
        self.stream.as_ref()?;
        let mut query = self.bounded(layout, layout.select_within(self.columns, &keys(layout), self.source.most.get()));
        query.push(" LIMIT ").bind(i64::try_from(CHUNK).unwrap_or(i64::MAX));
        if self.skipped(layout) > 0 {
            query.push(" OFFSET ").bind(self.skipped(layout));
        }
        Some(query)
    }

    /// A select of the rest of the stream, in its order.
    ///
    /// Of two lower bounds SQLite would seek by the first alone, and read from there to the other each time: there is
    /// one only, the first version wanted or the key that was reached.
    fn bounded(&self, layout: &Layout, mut query: Query) -> Query {
        if let Some(stream) = &self.stream {
            query.push(" AND ").append(stream);
        }
        let version = layout.column(Columns::VERSION);
        match (self.reached.beyond(&layout.stream_order), version) {
            (Some(beyond), _) => drop(query.push(" AND ").append(&beyond)),
            (None, Some(version)) => drop(query.push(" AND ").push(version).push(" >= ").bind(self.range.0)),
            (None, None) => {}
        }
        if let (Some(version), Some(to)) = (version, self.range.1) {
            query.push(" AND ").push(version).push(" <= ").bind(to);
        }
        query.push(" ORDER BY ").push(&layout.stream_order.join(", "));
        query
    }

    /// How many events come before the first wanted one, where versions are counted and nothing was read yet.
    fn skipped(&self, layout: &Layout) -> i64 {
        if layout.has_versions() || self.reached.last().is_some() { 0 } else { self.range.0.saturating_sub(1).max(0) }
    }

    /// Fills in the version and position that the store does not keep.
    fn complete(&mut self, layout: &Layout, event: &mut Event, store_key: Option<Vec<Stored>>) -> Result<()> {
        if !layout.has_versions() {
            if self.counted == 0 {
                self.counted = self.range.0.saturating_sub(1).max(0);
            }
            self.counted += 1;
            event.version = self.counted;
        }
        if let Some(store_key) = store_key {
            let row = self.source.row_of_key_from(self.row.take(), &store_key)?;
            event.position = Position::try_from(row + 1).unwrap_or(Position::MAX);
            self.row = Some(RowKey { row, values: store_key });
        }
        Ok(())
    }
}

impl Iterator for StreamReader<'_> {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() {
            match self.next_chunk()? {
                Ok(chunk) => self.ready = chunk.into(),
                Err(error) => return Some(Err(error)),
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
