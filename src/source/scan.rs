//! Finds the events that a filter keeps: a batch of positions at a time, in short transactions.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::Source;
use super::layout::{Columns, Layout};
use super::query::Query;
use crate::error::Result;
use crate::event::Position;
use crate::filter::{Compiled, Condition, Field, NumberField, Root};

/// How long the way through an index may take before a walk over the store is made instead, and how many events it may
/// find.
const SHORTCUT: Duration = Duration::from_millis(60);
const SHORTCUT_MATCHES: usize = 100_000;

/// The part of the store that a scan covers. The default is all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanRange {
    /// Only events after this position.
    pub after: Option<Position>,
    /// Only events up to this position, itself included.
    pub through: Option<Position>,
}

/// What a scan has found since its last batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanBatch {
    /// The positions of the events that are kept, ascending.
    pub positions: Vec<Position>,
    /// How many events of the range have been looked at so far, in all batches.
    pub scanned: u64,
    /// Whether this is the last batch.
    pub last: bool,
}

impl Source {
    /// Finds the events that a filter keeps, in the order of the store, until `on` breaks off. Another reader may scan
    /// another range meanwhile. The last batch says so, unless the scan was broken off.
    ///
    /// Where an index leads straight to few matches, all come in one batch.
    pub fn scan(
        &self,
        filter: &Compiled,
        range: ScanRange,
        on: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
    ) -> Result<()> {
        filter.require_no_effects()?;
        if let Some(positions) = self.shortcut(filter, range)? {
            let scanned = self.events_in(range)?;
            let _ = on(ScanBatch { positions, scanned, last: true });
            return Ok(());
        }
        self.walk(filter, range, &[], &mut |step| {
            let positions = step.found.into_iter().map(|(position, _)| position).collect();
            on(ScanBatch { positions, scanned: step.scanned, last: step.last })
        })
    }

    /// All positions that a filter keeps; for filters that keep few.
    pub fn find(&self, filter: &Compiled) -> Result<Vec<Position>> {
        let mut found = Vec::new();
        self.scan(filter, ScanRange::default(), &mut |batch| {
            found.extend(batch.positions);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    fn events_in(&self, range: ScanRange) -> Result<u64> {
        if range == ScanRange::default() {
            return self.count_with_index();
        }
        let layout = self.layout()?;
        let mut query = layout.select_only(&["count(*)".to_owned()]);
        limit_to(layout, range, &mut query);
        Ok(self.one(&query)?.and_then(|count| count.as_integer()).unwrap_or_default().unsigned_abs())
    }

    /// The matches through an index, where there is one that leads straight to them and they are few; else `None`.
    fn shortcut(&self, filter: &Compiled, range: ScanRange) -> Result<Option<Vec<Position>>> {
        let layout = self.layout()?;
        if filter.sql == "1" || !layout.has_positions() {
            return Ok(None);
        }
        let columns = needed(filter).with(Columns::POSITION);
        let mut query = layout.select(columns, &[]);
        query.push(" AND ").append(&condition(filter));
        limit_to(layout, range, &mut query);
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
    fn within<T>(&self, limit: Duration, work: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
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

/// The SQL of a filter with its parameters.
pub(super) fn condition(filter: &Compiled) -> Query {
    let mut query = Query::new("(");
    query.push(&filter.sql).push(")");
    query.with_values(filter.params.iter().cloned())
}

/// Adds the bounds of a range; positions must be the store's own.
pub(super) fn limit_to(layout: &Layout, range: ScanRange, query: &mut Query) {
    let Some(position) = layout.column(Columns::POSITION) else { return };
    if let Some(after) = range.after {
        query.push(" AND ").push(position).push(" > ").bind(after);
    }
    if let Some(through) = range.through {
        query.push(" AND ").push(position).push(" <= ").bind(through);
    }
}

/// The columns that the residual of a filter looks at.
pub(super) fn needed(filter: &Compiled) -> Columns {
    let columns = filter.residual.terms().iter().map(|term| match &term.condition {
        Condition::Matches { field, .. } => field_columns(*field),
        Condition::Number { field: NumberField::Version, .. } => Columns::VERSION,
        Condition::Number { field: NumberField::Position, .. } => Columns::POSITION,
        Condition::After(_) | Condition::Before(_) => Columns::TIMESTAMP,
        Condition::PathMatches { root, .. } | Condition::Compare { root, .. } => match root {
            Root::Data => Columns::DATA,
            Root::Metadata => Columns::METADATA,
        },
        Condition::Text(_) => Columns::DATA,
        Condition::Effect(_) => Columns::NONE,
    });
    columns.fold(Columns::NONE, Columns::with)
}

fn field_columns(field: Field) -> Columns {
    match field {
        Field::Type => Columns::EVENT_TYPE,
        Field::Stream => Columns::STREAM,
        Field::Aggregate => Columns::AGGREGATE_TYPE,
        Field::Id => Columns::EVENT_ID,
        Field::Schema => Columns::SCHEMA_VERSION,
        Field::Actor => Columns::ACTOR,
        Field::ActorType => Columns::ACTOR_TYPE,
        Field::Source => Columns::SOURCE,
        Field::Correlation => Columns::CORRELATION,
        Field::Causation => Columns::CAUSATION,
    }
}
