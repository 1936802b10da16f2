//! Counts what no index tells: the event types, and the ends of time, found by reading these columns of every event and
//! nothing else.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::Source;
use super::advance::Advance;
use super::ends::Ends;
use super::keys::key_of;
use super::layout::{Columns, Layout};
use super::scan::{ScanRange, limit_to};
use super::value::Stored;
use crate::codec::{Format, decode};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Timestamp;

/// How many events one statement reads.
const CHUNK: i64 = 20_000;

/// What was counted.
#[derive(Clone, Debug)]
pub struct Census {
    format: Format,
    types: HashMap<Stored, u64>,
    ends: Ends,
}

impl Census {
    fn new(layout: &Layout) -> Self {
        let format = |field: &Option<crate::profile::Field>| field.as_ref().map_or(Format::Auto, |field| field.format);
        Self {
            format: format(&layout.mapping.event_type),
            types: HashMap::new(),
            ends: Ends::new(format(&layout.mapping.timestamp)),
        }
    }

    /// The event types and how many events each has, in no order.
    #[must_use]
    pub fn types(&self) -> Vec<(String, u64)> {
        let mut types = HashMap::<String, u64>::new();
        for (value, count) in &self.types {
            *types.entry(decode::text(value.as_ref(), self.format).unwrap_or_default()).or_default() += count;
        }
        types.into_iter().collect()
    }

    /// The earliest and the latest time.
    #[must_use]
    pub fn times(&self) -> [Option<Timestamp>; 2] {
        self.ends.times()
    }

    /// Takes in what was counted of other events.
    pub fn join(&mut self, other: Self) {
        for (value, count) in other.types {
            *self.types.entry(value).or_default() += count;
        }
        self.ends.join(&other.ends);
    }

    fn count(&mut self, value: Stored, count: u64) {
        if count > 0 {
            *self.types.entry(value).or_default() += count;
        }
    }
}

impl Source {
    /// Counts the events of a range by their types, where these are wanted, and finds the ends of time, where these are;
    /// in short transactions. `on` hears of those so far after each, and may break off.
    ///
    /// # Errors
    /// What reading failed with; [`ErrorKind::Cancelled`] where `on` broke off.
    pub(crate) fn census(
        &self,
        wanted: Columns,
        range: ScanRange,
        on: &mut dyn FnMut(&Census) -> ControlFlow<()>,
    ) -> Result<Census> {
        let layout = self.layout()?;
        let column = |column| layout.column(column).filter(|_| wanted.has(column)).unwrap_or("NULL").to_owned();
        let mut columns = vec![column(Columns::EVENT_TYPE), column(Columns::TIMESTAMP)];
        columns.extend(layout.order.iter().cloned());
        let has_types = wanted.has(Columns::EVENT_TYPE);
        // Not a condition of its own: SQLite would begin each statement at the first of two such.
        let begin = range.after.filter(|_| layout.has_positions()).map(|after| vec![after.into()]);
        let (mut census, mut reached) = (Census::new(layout), Advance::from(begin));
        loop {
            self.check()?;
            let mut query = layout.select_only(&columns);
            limit_to(layout, ScanRange { after: None, ..range }, &mut query);
            if let Some(beyond) = reached.beyond(&layout.order) {
                query.push(" AND ").append(&beyond);
            }
            query.push(" ORDER BY ").push(&layout.order.join(", ")).push(" LIMIT ").bind(CHUNK);
            let (mut read, mut run) = (0, (Stored::Null, 0));
            {
                let mut statement = query.prepare(&self.conn)?;
                let mut rows = query.rows(&mut statement)?;
                while let Some(row) = rows.next()? {
                    read += 1;
                    if has_types {
                        let value = row.get_ref(0)?;
                        // Events of one type often follow each other, and there are few types.
                        if run.0.as_ref() == value {
                            run.1 += 1;
                        } else {
                            let (before, count) = std::mem::replace(&mut run, (Stored::from(value), 1));
                            census.count(before, count);
                        }
                    }
                    census.ends.take(row.get_ref(1)?);
                    if read == CHUNK {
                        reached.to(key_of(row, 2, layout.order.len())?)?;
                    }
                }
            }
            census.count(run.0, run.1);
            if on(&census).is_break() {
                return Err(Error::new(ErrorKind::Cancelled, "the work was stopped"));
            }
            if !reached.goes_on(&layout.order, read >= CHUNK) {
                return Ok(census);
            }
        }
    }
}
