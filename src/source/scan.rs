//! Finds the events that a filter keeps: a batch of positions at a time, in short transactions.

use std::ops::ControlFlow;

use super::Source;
use super::layout::{Columns, Layout};
use super::query::Query;
use crate::error::Result;
use crate::event::Position;
use crate::filter::{Compiled, Condition, Field, NumberField, Root, Term};

/// Into how many parts a range is divided at most.
const MOST_PARTS: u64 = 1_000;

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
        if self.scan_by_index(filter, range, on)? { Ok(()) } else { self.scan_all(filter, range, on) }
    }

    /// The same, looking at every event: for ranges that [`divide`](Self::divide) gave.
    pub fn scan_all(
        &self,
        filter: &Compiled,
        range: ScanRange,
        on: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
    ) -> Result<()> {
        filter.require_no_effects()?;
        self.walk(filter, range, &[], &mut |step| {
            let positions = step.found.into_iter().map(|(position, _)| position).collect();
            on(ScanBatch { positions, scanned: step.scanned, last: step.last })
        })
    }

    /// Divides a range into parts that several readers can scan at the same time, each no longer than `most` events
    /// where positions have no gaps; the range itself where that is not worth it, or events are only found by walking
    /// over those before them.
    pub fn divide(&self, range: ScanRange, most: u64) -> Result<Vec<ScanRange>> {
        if !self.layout()?.has_positions() {
            return Ok(vec![range]);
        }
        let Some((first, last)) = self.ends(range)? else { return Ok(vec![range]) };
        let span = last.abs_diff(first);
        // Gaps may be anywhere: a few parts too many even them out.
        let parts = span.div_ceil(most.max(1)).clamp(1, MOST_PARTS);
        let width = span.div_ceil(parts).max(1);
        let ends = (1..parts).filter_map(|part| first.checked_add_unsigned(part * width)).take_while(|end| *end < last);
        let ends: Vec<Position> = ends.collect();
        let begins = std::iter::once(range.after).chain(ends.iter().copied().map(Some));
        let through = ends.iter().copied().map(Some).chain([range.through]);
        Ok(begins.zip(through).map(|(after, through)| ScanRange { after, through }).collect())
    }

    /// The first and the last position in a range; `None` where it has no event.
    fn ends(&self, range: ScanRange) -> Result<Option<(Position, Position)>> {
        let layout = self.layout()?;
        let end = |direction: &str| -> Result<Option<Position>> {
            let mut query = layout.select_only(&layout.order);
            limit_to(layout, range, &mut query);
            query.push(" ORDER BY ").push(&layout.order.join(", ")).push(direction).push(" LIMIT 1");
            // Texts of digits are sorted in an order of their own.
            Ok(self.one(&query)?.and_then(|position| position.as_integer()))
        };
        Ok(end("")?.zip(end(" DESC")?))
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
    columns_of(filter.residual.terms())
}

fn columns_of(terms: &[Term]) -> Columns {
    let columns = terms.iter().map(|term| match &term.condition {
        Condition::Matches { field, .. } => field_columns(*field),
        Condition::Number { field, .. } | Condition::Range { field, .. } => match field {
            NumberField::Version => Columns::VERSION,
            NumberField::Position => Columns::POSITION,
        },
        Condition::After(_) | Condition::Before(_) => Columns::TIMESTAMP,
        Condition::PathMatches { root, .. } | Condition::Compare { root, .. } => match root {
            Root::Data => Columns::DATA,
            Root::Metadata => Columns::METADATA,
        },
        Condition::Text(_) | Condition::Regex(_) => Columns::DATA,
        Condition::Group(filters) => {
            filters.iter().map(|filter| columns_of(&filter.terms)).fold(Columns::NONE, Columns::with)
        }
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
