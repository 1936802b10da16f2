//! Pages of events: by row, by key, and by position.

use std::collections::HashMap;

use super::Source;
use super::bound::{Side, bound, from};
use super::keys::RowKey;
use super::layout::{Columns, Layout};
use super::query::Query;
use super::value::Stored;
use crate::error::Result;
use crate::event::{Event, Position};

/// How many positions one statement asks for.
const AT_ONCE: usize = 500;

impl Source {
    /// The events of `limit` rows, from a row on, counted from 0. Where the index does not reach yet, the rows between
    /// are walked over.
    pub fn page_at(&self, row: u64, limit: usize) -> Result<Vec<Event>> {
        let key = self.rows().locate(row).unwrap_or_default();
        let skip = row.saturating_sub(key.row);
        self.page(&key, skip, limit)
    }

    /// The events of `limit` rows, from the row that lies `skip` rows after a key. A key without values is the
    /// beginning.
    pub fn page(&self, key: &RowKey, skip: u64, limit: usize) -> Result<Vec<Event>> {
        let layout = self.layout()?;
        let stretches = from(&layout.order, &key.values);
        let query = |stretch: &Query| {
            let mut query = layout.select_within(Columns::ALL, &[], self.most.get());
            query.push(" AND ").append(stretch).push(" ORDER BY ").push(&layout.order.join(", "));
            query
        };
        let mut events = Vec::new();
        if let [only] = stretches.as_slice() {
            events = self.limited(query(only), skip, limit)?;
        } else {
            // How many rows a stretch has is only known when they are read.
            let most = usize::try_from(skip).unwrap_or(usize::MAX).saturating_add(limit);
            for stretch in &stretches {
                events.extend(self.limited(query(stretch), 0, most - events.len())?);
            }
            events.drain(..events.len().min(most - limit));
        }
        if !layout.has_positions() {
            number(&mut events, key.row + skip);
        }
        self.fill_versions(&mut events)?;
        Ok(events)
    }

    /// The events with these positions, in the order in which they were asked for; positions that no event has are
    /// left out.
    pub fn events_at(&self, positions: &[Position]) -> Result<Vec<Event>> {
        let layout = self.layout()?;
        let mut found = HashMap::with_capacity(positions.len());
        if layout.has_positions() {
            for chunk in positions.chunks(AT_ONCE) {
                self.check()?;
                let events = self.at_positions(layout, chunk)?;
                found.extend(events.into_iter().map(|event| (event.position, event)));
            }
        } else {
            for run in runs(positions) {
                self.check()?;
                let events = self.page_at(run.start, usize::try_from(run.end - run.start).unwrap_or(usize::MAX))?;
                found.extend(events.into_iter().map(|event| (event.position, event)));
            }
        }
        if found.len() == positions.len() {
            return Ok(positions.iter().filter_map(|position| found.remove(position)).collect());
        }
        // Some are gone, or were asked for more than once.
        Ok(positions.iter().filter_map(|position| found.get(position).cloned()).collect())
    }

    /// The event at a position.
    pub fn event(&self, position: Position) -> Result<Option<Event>> {
        Ok(self.events_at(&[position])?.pop())
    }

    /// The events after a position in the store's order, at most `limit`: what was appended since. `None` is the
    /// beginning.
    pub fn events_after(&self, position: Option<Position>, limit: usize) -> Result<Vec<Event>> {
        let layout = self.layout()?;
        let Some(position) = position else { return self.page_at(0, limit) };
        if !layout.has_positions() {
            return self.page_at(u64::try_from(position).unwrap_or_default(), limit);
        }
        let mut query = layout.select_within(Columns::ALL, &[], self.most.get());
        query.push(" AND ").append(&bound(&layout.order, Side::After, &[position.into()]));
        query.push(" ORDER BY ").push(&layout.order.join(", "));
        let mut events = self.limited(query, 0, limit)?;
        self.fill_versions(&mut events)?;
        Ok(events)
    }

    fn limited(&self, mut query: Query, skip: u64, limit: usize) -> Result<Vec<Event>> {
        query.push(" LIMIT ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
        query.push(" OFFSET ").bind(i64::try_from(skip).unwrap_or(i64::MAX));
        self.read_events(&query, Columns::ALL)
    }

    fn at_positions(&self, layout: &Layout, positions: &[Position]) -> Result<Vec<Event>> {
        let mut query = layout.select_within(Columns::ALL, &[], self.most.get());
        query.push(" AND ").push(&layout.order.join(", ")).push(" IN (");
        // A list of one length is one statement in the cache, so short lists are filled up with their last member.
        let padding = positions.last().map_or(0, |last| {
            let wanted = if positions.len() == 1 { 1 } else { positions.len().next_power_of_two().min(AT_ONCE) };
            query.bind_list(positions.iter().copied().chain(std::iter::repeat(*last)).take(wanted).map(Stored::from));
            wanted
        });
        if padding == 0 {
            return Ok(Vec::new());
        }
        query.push(")");
        let mut events = self.read_events(&query, Columns::ALL)?;
        self.fill_versions(&mut events)?;
        Ok(events)
    }

    /// The events of a statement that begins with [`Layout::select`].
    pub(super) fn read_events(&self, query: &Query, columns: Columns) -> Result<Vec<Event>> {
        let layout = self.layout()?;
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            events.push(layout.event_with(row, columns, self.payloads.get())?);
        }
        Ok(events)
    }
}

/// Gives events that follow each other their ordinals.
fn number(events: &mut [Event], first_row: u64) {
    for (event, row) in events.iter_mut().zip(first_row..) {
        event.position = Position::try_from(row + 1).unwrap_or(Position::MAX);
    }
}

/// Ordinals as ranges of rows, so that neighbours are read together.
fn runs(positions: &[Position]) -> Vec<std::ops::Range<u64>> {
    let mut rows: Vec<u64> =
        positions.iter().filter_map(|position| u64::try_from(position.checked_sub(1)?).ok()).collect();
    rows.sort_unstable();
    rows.dedup();
    let mut runs: Vec<std::ops::Range<u64>> = Vec::new();
    for row in rows {
        match runs.last_mut().filter(|run| run.end == row) {
            Some(run) => run.end += 1,
            None => runs.push(row..row + 1),
        }
    }
    runs
}
