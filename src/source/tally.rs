//! Reads a few columns of every event: what statistics and histograms are made from.

use std::ops::ControlFlow;

use super::Source;
use super::advance::Advance;
use super::bound::{Side, bound};
use super::keys::descending;
use super::layout::{COLUMNS, Columns, Payloads};
use super::query::Query;
use super::scan::{ScanRange, limit_to};
use super::value::Stored;
use crate::codec::{Format, decode};
use crate::error::Result;
use crate::event::{Event, Position, Timestamp};

/// How many events one statement reads, and about how many bytes of their payloads.
const CHUNK: i64 = 20_000;
const CHUNK_BYTES: usize = 8 << 20;
/// How many events are handed out at once to those who take them one by one: what holds them is used again while it
/// lies near the core.
const FEW: usize = 4;

impl Source {
    /// Hands out every event in the store's order with only its position and the wanted columns, in short transactions,
    /// until `on` breaks off.
    pub(crate) fn skim(
        &self,
        wanted: Columns,
        on: &mut dyn FnMut(&[Event]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        self.skim_by(usize::MAX, ScanRange::default(), wanted, on)
    }

    /// The same of a range that [`divide`](Self::divide) gave, a few events at a time. Data and metadata are decoded when
    /// somebody asks for them: most who look at every event have no need of documents.
    pub(crate) fn skim_range(
        &self,
        range: ScanRange,
        wanted: Columns,
        on: &mut dyn FnMut(&[Event]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        self.skim_by(FEW, range, wanted, on)
    }

    /// At most so many at a time.
    fn skim_by(
        &self,
        most: usize,
        range: ScanRange,
        wanted: Columns,
        on: &mut dyn FnMut(&[Event]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let layout = self.layout()?;
        let wanted = wanted.with(Columns::POSITION);
        let (mut reached, mut ordinal) = (Advance::from(range.after.map(|after| vec![after.into()])), 0);
        let through = ScanRange { after: None, ..range };
        loop {
            self.check()?;
            let mut query = layout.select(wanted, &layout.order);
            if let Some(beyond) = reached.beyond(&layout.order) {
                query.push(" AND ").append(&beyond);
            }
            limit_to(layout, through, &mut query);
            query.push(" ORDER BY ").push(&layout.order.join(", ")).push(" LIMIT ").bind(CHUNK);
            let (mut batch, mut batch_bytes, mut last) = (Vec::new(), 0, Vec::new());
            let (mut read, mut bytes) = (0, 0);
            {
                let mut statement = query.prepare(&self.conn)?;
                let mut rows = query.rows(&mut statement)?;
                while let Some(row) = rows.next()? {
                    let mut event = layout.event_with(row, wanted, Payloads::Waiting)?;
                    ordinal += 1;
                    if !layout.has_positions() {
                        event.position = ordinal;
                    }
                    // Most keys are followed by another one: what holds them is used again.
                    last.clear();
                    for at in COLUMNS..COLUMNS + layout.order.len() {
                        last.push(Stored::from(row.get_ref(at)?));
                    }
                    batch_bytes += event.data.raw.len() + event.metadata.raw.len();
                    batch.push(event);
                    read += 1;
                    if batch.len() >= most || batch_bytes > CHUNK_BYTES {
                        if on(&batch).is_break() {
                            return Ok(ControlFlow::Break(()));
                        }
                        batch.clear();
                        bytes += std::mem::take(&mut batch_bytes);
                        if bytes > CHUNK_BYTES {
                            break;
                        }
                    }
                }
            }
            let full = bytes > CHUNK_BYTES || read >= CHUNK;
            if !batch.is_empty() && on(&batch).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if full && !last.is_empty() {
                reached.to(last)?;
            }
            if !reached.goes_on(&layout.order, full) {
                return Ok(ControlFlow::Continue(()));
            }
        }
    }

    /// The position and the time of the event in a row, counted from 0. Quick once the index of keys reaches it.
    pub(crate) fn moment_of_row(&self, row: u64) -> Result<Option<(Position, Option<Timestamp>)>> {
        let layout = self.layout()?;
        let anchor = self.rows().locate(row).unwrap_or_default();
        let mut query = layout.select(Columns::POSITION.with(Columns::TIMESTAMP), &[]);
        if !anchor.values.is_empty() {
            query.push(" AND ").append(&bound(&layout.order, Side::From, &anchor.values));
        }
        query.push(" ORDER BY ").push(&layout.order.join(", ")).push(" LIMIT 1 OFFSET ");
        query.bind(i64::try_from(row.saturating_sub(anchor.row)).unwrap_or(i64::MAX));
        let event = self.read_events(&query, Columns::POSITION.with(Columns::TIMESTAMP))?.pop();
        Ok(event.map(|event| {
            let ordinal = Position::try_from(row + 1).unwrap_or(Position::MAX);
            (if layout.has_positions() { event.position } else { ordinal }, event.timestamp)
        }))
    }

    /// The event types and their counts, where an index gives them without reading the events.
    pub(crate) fn types_by_index(&self) -> Result<Option<Vec<(String, u64)>>> {
        let layout = self.layout()?;
        let Some(column) = layout.column(Columns::EVENT_TYPE) else { return Ok(Some(Vec::new())) };
        let format = layout.mapping.event_type.as_ref().map_or(Format::Auto, |field| field.format);
        let mut query = layout.select_only(&[column.to_owned(), "count(*)".to_owned()]);
        query.push(" GROUP BY ").push(column);
        if !query.is_indexed(&self.conn)? {
            return Ok(None);
        }
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut types = Vec::new();
        while let Some(row) = rows.next()? {
            let name = decode::text(row.get_ref(0)?, format).unwrap_or_default();
            types.push((name, Stored::from(row.get_ref(1)?).as_integer().unwrap_or_default().unsigned_abs()));
        }
        Ok(Some(types))
    }

    /// The smallest and the largest stored time, where they are at the ends of the store's order, or an index gives them
    /// and stored times sort as the moments do. The outer `None` says that neither is so.
    pub(crate) fn ends_of_time(&self) -> Result<Option<[Option<Timestamp>; 2]>> {
        let layout = self.layout()?;
        let Some(column) = layout.column(Columns::TIMESTAMP) else { return Ok(Some([None, None])) };
        let format = layout.mapping.timestamp.as_ref().map_or(Format::Auto, |field| field.format);
        let order = if layout.mapping.chronological { layout.order.clone() } else { vec![column.to_owned()] };
        let [first, last] = [order.join(", "), descending(&order)].map(|order| {
            let mut query = layout.select_only(&[column.to_owned()]);
            query.push(" AND ").push(column).push(" IS NOT NULL ORDER BY ").push(&order).push(" LIMIT 1");
            query
        });
        if !layout.mapping.chronological && (format == Format::Auto || !first.is_indexed(&self.conn)?) {
            return Ok(None);
        }
        let read = |query: &Query| {
            Ok::<_, crate::Error>(self.one(query)?.and_then(|value| decode::timestamp(value.as_ref(), format)))
        };
        Ok(Some([read(&first)?, read(&last)?]))
    }
}
