//! Finds the events that a filter keeps through an index, where one leads straight to them.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::Source;
use super::advance::Advance;
use super::layout::{Columns, Layout};
use super::query::Query;
use super::scan::{ScanBatch, ScanRange, condition, limit_to, needed};
use super::value::Stored;
use crate::error::Result;
use crate::event::Position;
use crate::filter::Compiled;

/// How long the way through an index may take before a walk over the store is made instead, and how many events it may
/// find.
const SHORTCUT: Duration = Duration::from_millis(60);
const SHORTCUT_MATCHES: usize = 100_000;

/// How many events one statement finds where an index has them in the store's order.
const PAGE: usize = 20_000;

impl Source {
    /// Finds the events that a filter keeps as [`scan`](Self::scan) does, where an index leads to them; else answers
    /// false, and `on` has heard nothing.
    pub fn scan_by_index(
        &self,
        filter: &Compiled,
        range: ScanRange,
        on: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
    ) -> Result<bool> {
        filter.require_no_effects()?;
        let layout = self.layout()?;
        if filter.sql == "1" || !layout.has_positions() {
            return Ok(false);
        }
        if self.has_in_order(layout, filter)? {
            self.page_through(layout, filter, range, on)?;
            return Ok(true);
        }
        let Some(positions) = self.shortcut(layout, filter, range)? else { return Ok(false) };
        let scanned = self.events_in(range)?;
        let _ = on(ScanBatch { positions, scanned, last: true });
        Ok(true)
    }

    /// How many events a filter keeps, where an index that has all that the filter asks for tells; else `None`.
    pub fn count_by_index(&self, filter: &Compiled) -> Result<Option<u64>> {
        filter.require_no_effects()?;
        if filter.sql == "1" || !filter.residual.is_empty() {
            return Ok(None);
        }
        let mut query = self.layout()?.select_only(&["count(*)".to_owned()]);
        query.push(" AND ").append(&condition(filter));
        if !query.is_in_index(&self.conn)? {
            return Ok(None);
        }
        Ok(self.one(&query)?.and_then(|count| count.as_integer()).map(i64::unsigned_abs))
    }

    /// Whether an index has the matches one after the other in the store's order, with all that is asked of them.
    fn has_in_order(&self, layout: &Layout, filter: &Compiled) -> Result<bool> {
        if !filter.residual.is_empty() {
            return Ok(false);
        }
        let query = page(layout, filter, ScanRange::default(), &Advance::from(Some(vec![0.into()])));
        query.pages_through_index(&self.conn)
    }

    fn page_through(
        &self,
        layout: &Layout,
        filter: &Compiled,
        range: ScanRange,
        on: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut reached = Advance::from(range.after.map(|after| vec![after.into()]));
        let mut first = None;
        loop {
            self.check()?;
            let positions = self.positions(&page(layout, filter, range, &reached))?;
            let last = positions.len() < PAGE;
            if let Some(position) = positions.last() {
                reached.to(vec![(*position).into()])?;
            }
            // Those between two matches count as looked at.
            let begin = *first.get_or_insert_with(|| range.after.or(positions.first().copied()).unwrap_or_default());
            let scanned = match positions.last() {
                Some(position) if !last => position.abs_diff(begin),
                _ => self.events_in(range)?,
            };
            if on(ScanBatch { positions, scanned, last }).is_break() || last {
                return Ok(());
            }
        }
    }

    fn positions(&self, query: &Query) -> Result<Vec<Position>> {
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut positions = Vec::new();
        while let Some(row) = rows.next()? {
            positions.push(Stored::from(row.get_ref(0)?).to_integer().unwrap_or_default());
        }
        Ok(positions)
    }

    pub(super) fn events_in(&self, range: ScanRange) -> Result<u64> {
        if range == ScanRange::default() {
            return self.count_with_index();
        }
        let layout = self.layout()?;
        let counted = |range: ScanRange| -> Result<u64> {
            let mut query = layout.select_only(&["count(*)".to_owned()]);
            limit_to(layout, range, &mut query);
            Ok(self.one(&query)?.and_then(|count| count.as_integer()).unwrap_or_default().unsigned_abs())
        };
        let known = self.rows().unbroken_ends();
        if let Some((first, last)) = known {
            let after = range.after.unwrap_or(Position::MIN).max(first.saturating_sub(1));
            let until = |end: Position| if end > after { end.abs_diff(after) } else { 0 };
            return match range.through.filter(|through| *through <= last) {
                Some(through) => Ok(until(through)),
                // Others were appended since.
                None => Ok(until(last) + counted(ScanRange { after: Some(after.max(last)), ..range })?),
            };
        }
        if self.rows().is_complete() {
            let through = |end: Option<Position>| match end {
                Some(end) => self.row_of_key(&[end.saturating_add(1).into()]),
                None => self.count_with_index(),
            };
            let before = range.after.map_or(Ok(0), |after| through(Some(after)))?;
            return Ok(through(range.through)?.saturating_sub(before));
        }
        counted(range)
    }

    /// The matches through an index, where there is one that leads straight to them and they are few; else `None`.
    fn shortcut(&self, layout: &Layout, filter: &Compiled, range: ScanRange) -> Result<Option<Vec<Position>>> {
        let columns = needed(filter).with(Columns::POSITION);
        let mut query = layout.select(columns, &[]);
        query.push(" AND ").append(&condition(filter));
        match (range, layout.column(Columns::POSITION)) {
            // The plus keeps SQLite from taking nearly all of the store for what that index leads to.
            (ScanRange { after: None, through: Some(through) }, Some(position)) => {
                query.push(" AND +").push(position).push(" <= ").bind(through);
            }
            _ => limit_to(layout, range, &mut query),
        }
        if !query.finds_by_index(&self.conn)? {
            let names = filter.streams.as_deref();
            let Some(streams) = names.map(|names| self.in_streams(names)).transpose()?.flatten() else {
                return Ok(None);
            };
            let Some((first, others)) = streams.split_first() else { return Ok(Some(Vec::new())) };
            query.push(" AND (").append(first);
            for other in others {
                query.push(" OR ").append(other);
            }
            query.push(")");
            if !query.finds_by_index(&self.conn)? {
                return Ok(None);
            }
        }
        let found = self.within(SHORTCUT, || self.matches(layout, filter, &query, columns))?.flatten();
        Ok(found.map(|mut positions| {
            positions.sort_unstable();
            positions
        }))
    }

    fn matches(
        &self,
        layout: &Layout,
        filter: &Compiled,
        query: &Query,
        columns: Columns,
    ) -> Result<Option<Vec<Position>>> {
        let mut positions = Vec::new();
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        while let Some(row) = rows.next()? {
            if positions.len() == SHORTCUT_MATCHES {
                return Ok(None);
            }
            if filter.residual.is_empty() {
                positions.push(Stored::from(row.get_ref(0)?).to_integer().unwrap_or_default());
                continue;
            }
            let mut event = layout.event(row, columns)?;
            if columns.has(Columns::VERSION) {
                self.fill_versions(std::slice::from_mut(&mut event))?;
            }
            if filter.residual.keeps(&event) {
                positions.push(event.position);
            }
        }
        Ok(Some(positions))
    }

    /// Does a piece of work that the clock may stop; `None` where it did.
    pub(super) fn within<T>(&self, limit: Duration, work: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
        let interrupt = self.interrupt.borrow().clone();
        let (watched, deadline) = (interrupt.clone(), Instant::now() + limit);
        let stop = move || watched.is_raised() || Instant::now() > deadline;
        self.conn.progress_handler(super::INSTRUCTIONS, Some(stop))?;
        let result = work();
        self.set_interrupt(interrupt.clone())?;
        match result {
            Err(error) if error.is_cancelled() && !interrupt.is_raised() => Ok(None),
            other => other.map(Some),
        }
    }
}

/// The next matches behind a position, in the store's order.
fn page(layout: &Layout, filter: &Compiled, range: ScanRange, reached: &Advance) -> Query {
    let mut query = layout.select_only(&layout.order);
    query.push(" AND ").append(&condition(filter));
    if let Some(beyond) = reached.beyond(&layout.order) {
        query.push(" AND ").append(&beyond);
    }
    limit_to(layout, ScanRange { after: None, ..range }, &mut query);
    query.push(" ORDER BY ").push(&layout.order.join(", "));
    query.push(" LIMIT ").bind(i64::try_from(PAGE).unwrap_or(i64::MAX));
    query
}
