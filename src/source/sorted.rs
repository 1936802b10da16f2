//! Sorts the store, or what a filter keeps of it, by a column: the order is made here, from short transactions, since
//! one long sort in SQLite would hold its lock all the while.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::Source;
use super::layout::{Columns, Layout};
use super::scan::ScanRange;
use super::value::Stored;
use super::walk::Found;
use crate::codec::{Format, decode};
use crate::error::Result;
use crate::event::{Column, Position};
use crate::filter::Compiled;
use crate::profile::Field;

/// What is read of an event to sort by a column.
fn columns(key: Column) -> Columns {
    match key {
        Column::Position => Columns::POSITION,
        Column::Time => Columns::TIMESTAMP,
        Column::Stream => Columns::AGGREGATE_ID,
        Column::Version => Columns::VERSION,
        Column::Type => Columns::EVENT_TYPE,
        Column::Data => Columns::DATA,
        Column::EventId => Columns::EVENT_ID,
        Column::SchemaVersion => Columns::SCHEMA_VERSION,
        Column::Actor => Columns::ACTOR,
        Column::Source => Columns::SOURCE,
        Column::Correlation => Columns::CORRELATION,
        Column::Causation => Columns::CAUSATION,
    }
}

/// How much of a payload takes part in sorting, in bytes.
const PREFIX: usize = 64;

impl Source {
    /// The positions of the events that a filter keeps, ascending by a column; what has equal values stays in the order
    /// of the store. `on` is told how many events were read so far, and may break off; then the answer is what was read.
    pub fn sorted(
        &self,
        filter: &Compiled,
        key: Column,
        on: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Vec<Position>> {
        filter.require_no_effects()?;
        let layout = self.layout()?;
        let mut order = Order::default();
        let extra = expressions(layout, key);
        let counted = key == Column::Version && !layout.has_versions();
        let mut failed = None;
        self.walk(filter, ScanRange::default(), &extra, &mut |step| {
            let positions = step.found.iter().map(|(position, _)| *position);
            let versions = if counted { self.versions_at(positions) } else { Ok(Vec::new()) };
            match versions {
                Err(error) => failed = Some(error),
                Ok(versions) if counted => order.extend(versions.into_iter().map(Stored::from), step.found),
                Ok(_) => step.found.into_iter().for_each(|(position, values)| {
                    order.push(comparable(layout, key, values), position);
                }),
            }
            if failed.is_some() { ControlFlow::Break(()) } else { on(step.scanned) }
        })?;
        failed.map_or_else(|| Ok(order.positions()), Err)
    }
}

/// What is read to sort by. Of a payload only the beginning.
fn expressions(layout: &Layout, key: Column) -> Vec<String> {
    let column = |column| layout.column(column).unwrap_or("NULL").to_owned();
    match key {
        Column::Stream => vec![column(Columns::AGGREGATE_TYPE), column(Columns::AGGREGATE_ID)],
        Column::Data => vec![format!("substr({}, 1, {PREFIX})", column(Columns::DATA))],
        _ => vec![column(columns(key))],
    }
}

/// The value to compare: moments and ids as what they mean.
fn comparable(layout: &Layout, key: Column, mut values: Vec<Stored>) -> Stored {
    let mapping = &layout.mapping;
    match (key, values.as_slice()) {
        (Column::Time, [value]) => {
            let format = mapping.timestamp.as_ref().map_or(Format::Auto, |field| field.format);
            let moment = decode::timestamp(value.as_ref(), format).and_then(|timestamp| timestamp.utc);
            if let Some(nanos) = moment.and_then(|utc| utc.timestamp_nanos_opt()) {
                return nanos.into();
            }
        }
        (Column::Stream, [kind, id]) => {
            let name = layout.stream_name(
                decode::text(kind.as_ref(), format_of(mapping.aggregate_type.as_ref())),
                decode::text(id.as_ref(), format_of(mapping.aggregate_id.as_ref())),
            );
            // A byte that sorts before any other keeps `a` before `a-b`, whatever the ids are.
            return Stored::text(format!("{}\0{}", name.aggregate_type, name.aggregate_id));
        }
        (Column::Version, [value]) => return value.to_integer().unwrap_or_default().into(),
        _ => {}
    }
    values.pop().unwrap_or_default()
}

fn format_of(field: Option<&Field>) -> Format {
    field.map_or(Format::Auto, |field| field.format)
}

/// Positions by value: NULL, then numbers, then text, then bytes. A text that occurs often is kept once.
#[derive(Default)]
struct Order {
    nulls: Vec<Position>,
    numbers: Vec<(i64, Position)>,
    others: Vec<(u32, Position)>,
    distinct: HashMap<Stored, u32>,
}

impl Order {
    #[expect(clippy::cast_possible_truncation, reason = "reals sort by their whole part, and saturate")]
    fn push(&mut self, value: Stored, position: Position) {
        match value {
            Stored::Null => self.nulls.push(position),
            Stored::Integer(number) => self.numbers.push((number, position)),
            Stored::Real(number) => self.numbers.push((number.floor() as i64, position)),
            Stored::Text(_) | Stored::Blob(_) => {
                let next = u32::try_from(self.distinct.len()).unwrap_or(u32::MAX);
                self.others.push((*self.distinct.entry(value).or_insert(next), position));
            }
        }
    }

    fn extend(&mut self, values: impl Iterator<Item = Stored>, found: Vec<Found>) {
        for (value, (position, _)) in values.zip(found) {
            self.push(value, position);
        }
    }

    /// Positions are pushed in the order of the store, which stable sorts keep among equals.
    fn positions(mut self) -> Vec<Position> {
        let mut values: Vec<(Stored, u32)> = self.distinct.into_iter().collect();
        values.sort_unstable_by(|(left, _), (right, _)| left.compare(right));
        let mut ranks = vec![0_u32; values.len()];
        for (rank, (_, number)) in (0..).zip(&values) {
            if let Some(place) = ranks.get_mut(*number as usize) {
                *place = rank;
            }
        }
        self.numbers.sort_by_key(|(number, _)| *number);
        self.others.sort_by_key(|(number, _)| ranks.get(*number as usize).copied());
        let numbers = self.numbers.into_iter().map(|(_, position)| position);
        let others = self.others.into_iter().map(|(_, position)| position);
        self.nulls.into_iter().chain(numbers).chain(others).collect()
    }
}
