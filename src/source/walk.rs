//! Walks over the store in windows: neither a rare match nor a frequent one makes a transaction long, and how much has
//! been looked at is always known.

use std::ops::ControlFlow;

use rusqlite::{Row, Rows};

use super::Source;
use super::advance::Advance;
use super::bound::{Side, bound};
use super::keys::{EVERY, key_of};
use super::layout::{COLUMNS, Columns, Layout};
use super::query::Query;
use super::scan::{ScanRange, condition, needed};
use super::value::Stored;
use crate::error::Result;
use crate::event::{Event, Position};
use crate::filter::Compiled;

/// How many rows one statement walks over.
const WINDOW: u64 = 20 * EVERY;

/// The position of a match, with the values of the extra expressions.
pub(super) type Found = (Position, Vec<Stored>);

/// One step of a walk.
#[derive(Default)]
pub(super) struct Step {
    /// The positions of the matches, with the values of the extra expressions.
    pub found: Vec<Found>,
    /// How many rows have been walked over so far.
    pub scanned: u64,
    /// Whether this is the last step.
    pub last: bool,
}

/// A window of a store that has positions.
struct Window {
    after: Option<Position>,
    through: Option<Position>,
    rows: u64,
    last: bool,
}

impl Source {
    /// Walks over a range of the store, until `on` breaks off.
    pub(super) fn walk(
        &self,
        filter: &Compiled,
        range: ScanRange,
        extra: &[String],
        on: &mut dyn FnMut(Step) -> ControlFlow<()>,
    ) -> Result<()> {
        let layout = self.layout()?;
        if layout.has_positions() {
            self.walk_positions(layout, filter, range, extra, on)
        } else {
            self.walk_rows(layout, filter, range, extra, on)
        }
    }

    fn walk_positions(
        &self,
        layout: &Layout,
        filter: &Compiled,
        range: ScanRange,
        extra: &[String],
        on: &mut dyn FnMut(Step) -> ControlFlow<()>,
    ) -> Result<()> {
        let (mut after, mut scanned) = (range.after, 0);
        let mut reached = Advance::from(range.after.map(|after| vec![after.into()]));
        loop {
            self.check()?;
            let window = self.next_window(layout, after, range.through)?;
            let found = if window.rows == 0 { Vec::new() } else { self.in_window(layout, filter, &window, extra)? };
            scanned += window.rows;
            if let Some(through) = window.through.filter(|_| window.rows > 0 && !window.last) {
                reached.to(vec![through.into()])?;
            }
            after = window.through;
            if on(Step { found, scanned, last: window.last }).is_break() || window.last {
                return Ok(());
            }
        }
    }

    /// The next window: by arithmetic where positions have no gaps, else by walking over the keys alone.
    fn next_window(&self, layout: &Layout, after: Option<Position>, limit: Option<Position>) -> Result<Window> {
        if let Some(window) = self.rows().window(after, limit) {
            return Ok(window);
        }
        let mut query = layout.select_only(&layout.order);
        if let Some(after) = after {
            query.push(" AND ").append(&bound(&layout.order, Side::After, &[after.into()]));
        }
        if let Some(limit) = limit {
            query.push(" AND ").push(&layout.order.join(", ")).push(" <= ").bind(limit);
        }
        query.push(" ORDER BY ").push(&layout.order.join(", "));
        query.push(" LIMIT ").bind(i64::try_from(WINDOW).unwrap_or(i64::MAX));
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut window = Window { after, through: after, rows: 0, last: false };
        while let Some(row) = rows.next()? {
            window.rows += 1;
            if let Some(position) = Stored::from(row.get_ref(0)?).to_integer() {
                window.through = Some(position);
            }
        }
        window.last = window.rows < WINDOW;
        Ok(window)
    }

    fn in_window(&self, layout: &Layout, filter: &Compiled, window: &Window, extra: &[String]) -> Result<Vec<Found>> {
        let columns = needed(filter).with(Columns::POSITION);
        let key = layout.order.join(", ");
        let mut query = layout.select(columns, extra);
        if let Some(after) = window.after {
            query.push(" AND ").push(&key).push(" > ").bind(after);
        }
        if let Some(through) = window.through {
            query.push(" AND ").push(&key).push(" <= ").bind(through);
        }
        // `IS TRUE` keeps SQLite from leaving the window for an index on the condition.
        query.push(" AND ").append(&condition(filter)).push(" IS TRUE ORDER BY ").push(&key);
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut matches = Matches::new(layout, filter, extra.len());
        while let Some(row) = rows.next()? {
            matches.push(row, Stored::from(row.get_ref(0)?).to_integer().unwrap_or_default())?;
        }
        drop(rows);
        matches.finish(self)
    }

    /// Walks over a store without positions. Every row is counted, whether it matches or not: the count is its position.
    fn walk_rows(
        &self,
        layout: &Layout,
        filter: &Compiled,
        range: ScanRange,
        extra: &[String],
        on: &mut dyn FnMut(Step) -> ControlFlow<()>,
    ) -> Result<()> {
        let first = range.after.and_then(|after| u64::try_from(after).ok()).unwrap_or_default();
        let end = range.through.map_or(u64::MAX, |through| u64::try_from(through).unwrap_or_default());
        let columns = needed(filter);
        let (mut row, mut reached) = (first, Advance::from(self.key_before(layout, first)?));
        loop {
            self.check()?;
            let wanted = WINDOW.min(end.saturating_sub(row));
            let query = flagged(layout, filter, columns, extra, &reached, wanted);
            let mut statement = query.prepare(&self.conn)?;
            let mut step = Flagged { matches: Matches::new(layout, filter, extra.len()), row, last_key: None };
            step.read(query.rows(&mut statement)?)?;
            let walked = step.row - row;
            row = step.row;
            let full = walked >= wanted;
            if full && let Some(key) = step.last_key {
                reached.to(key)?;
            }
            let found = step.matches.finish(self)?;
            let last = row >= end || !reached.goes_on(&layout.order, full);
            if on(Step { found, scanned: row - first, last }).is_break() || last {
                return Ok(());
            }
        }
    }

    /// The key of the row before one; `None` for the first.
    fn key_before(&self, layout: &Layout, row: u64) -> Result<Option<Vec<Stored>>> {
        let Some(before) = row.checked_sub(1) else { return Ok(None) };
        let near = self.rows().locate(before).unwrap_or_default();
        let mut query = layout.select_only(&layout.order);
        if !near.values.is_empty() {
            query.push(" AND ").append(&bound(&layout.order, Side::From, &near.values));
        }
        query.push(" ORDER BY ").push(&layout.order.join(", "));
        query.push(" LIMIT 1 OFFSET ").bind(i64::try_from(before.saturating_sub(near.row)).unwrap_or(i64::MAX));
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        Ok(rows.next()?.map(|row| key_of(row, 0, layout.order.len())).transpose()?)
    }
}

/// Gathers the matches of a window: what the condition keeps and the residual, too.
struct Matches<'a> {
    layout: &'a Layout,
    filter: &'a Compiled,
    columns: Columns,
    extra: usize,
    found: Vec<Found>,
    /// The events that still lack a version, which the residual asks for; beside them, their place in `found`.
    waiting: Vec<Event>,
}

impl<'a> Matches<'a> {
    fn new(layout: &'a Layout, filter: &'a Compiled, extra: usize) -> Self {
        Self { layout, filter, columns: needed(filter), extra, found: Vec::new(), waiting: Vec::new() }
    }

    fn push(&mut self, row: &Row<'_>, position: Position) -> Result<()> {
        if !self.filter.residual.is_empty() {
            let mut event = self.layout.event(row, self.columns)?;
            event.position = position;
            if self.columns.has(Columns::VERSION) && !self.layout.has_versions() {
                self.waiting.push(event);
            } else if !self.filter.residual.keeps(&event) {
                return Ok(());
            }
        }
        self.found.push((position, key_of(row, COLUMNS, self.extra)?));
        Ok(())
    }

    /// The matches, once no statement is open any more.
    fn finish(mut self, source: &Source) -> Result<Vec<Found>> {
        if self.waiting.is_empty() {
            return Ok(self.found);
        }
        source.fill_versions(&mut self.waiting)?;
        let kept = self.found.into_iter().zip(&self.waiting).filter(|(_, event)| self.filter.residual.keeps(event));
        Ok(kept.map(|(found, _)| found).collect())
    }
}

/// The rows after a key, with the extra expressions, the key, and whether the condition holds.
fn flagged(
    layout: &Layout,
    filter: &Compiled,
    columns: Columns,
    extra: &[String],
    reached: &Advance,
    limit: u64,
) -> Query {
    let mut listed = extra.to_vec();
    listed.extend(layout.order.iter().cloned());
    // The filter's parameters come first, since its condition stands in the list of columns.
    listed.push(format!("({}) IS TRUE", filter.sql));
    let mut query = layout.select(columns, &listed).with_values(filter.params.iter().cloned());
    if let Some(beyond) = reached.beyond(&layout.order) {
        query.push(" AND ").append(&beyond);
    }
    query.push(" ORDER BY ").push(&layout.order.join(", "));
    query.push(" LIMIT ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query
}

/// Reads the rows of [`flagged`].
struct Flagged<'a> {
    matches: Matches<'a>,
    /// How many rows come before the next one in the store.
    row: u64,
    last_key: Option<Vec<Stored>>,
}

impl Flagged<'_> {
    fn read(&mut self, mut rows: Rows<'_>) -> Result<()> {
        let key_at = COLUMNS + self.matches.extra;
        let length = self.matches.layout.order.len();
        while let Some(row) = rows.next()? {
            self.row += 1;
            self.last_key = Some(key_of(row, key_at, length)?);
            if row.get_ref(key_at + length)?.as_i64().unwrap_or_default() == 1 {
                self.matches.push(row, Position::try_from(self.row).unwrap_or(Position::MAX))?;
            }
        }
        Ok(())
    }
}

impl super::RowIndex {
    /// The next window of a store whose positions have no gaps; `None` where the index knows nothing of it, such as of
    /// events that were appended since.
    fn window(&self, after: Option<Position>, limit: Option<Position>) -> Option<Window> {
        let (first, last) = self.unbroken_ends()?;
        let before = first.checked_sub(1)?;
        let after = after.map_or(before, |after| after.max(before));
        let end = limit.map_or(last, |limit| limit.min(last));
        if after >= last && limit.is_none_or(|limit| limit > after) {
            return None;
        }
        let through = after.checked_add_unsigned(WINDOW)?.min(end).max(after);
        let ended = limit.is_some_and(|limit| through >= limit);
        Some(Window { after: Some(after), through: Some(through), rows: through.abs_diff(after), last: ended })
    }
}
