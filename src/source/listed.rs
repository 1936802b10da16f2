//! Rows in an order that no index has: their keys are listed once, and the rows then read by them, a chunk at a time. To
//! sort anew for each chunk would cost the square of a stream's length.

use std::collections::HashMap;

use super::Source;
use super::bound::equal;
use super::chunk::{Chunk, keys};
use super::keys::key_of;
use super::layout::{COLUMNS, Columns, Payloads};
use super::query::Query;
use super::value::Stored;
use crate::error::Result;

/// The keys of rows in the store's order, in the order in which they are wanted.
pub(super) struct Listed {
    /// The values of all keys, one after the other.
    values: Vec<Stored>,
    /// How many of them make a key.
    width: usize,
    next: usize,
}

impl Listed {
    /// The next keys, at most so many.
    pub(super) fn next(&mut self, most: usize) -> Vec<Vec<Stored>> {
        let from = self.next;
        self.next = (from + most * self.width).min(self.values.len());
        let values = self.values.get(from..self.next).unwrap_or_default();
        values.chunks(self.width.max(1)).map(<[Stored]>::to_vec).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.next >= self.values.len()
    }
}

impl Source {
    /// The keys that a query selects.
    pub(super) fn list(&self, query: &Query) -> Result<Listed> {
        let width = self.layout()?.order.len();
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut values = Vec::new();
        while let Some(row) = rows.next()? {
            values.extend(key_of(row, 0, width)?);
        }
        Ok(Listed { values, width, next: 0 })
    }

    /// The events with these keys in the store, in this order.
    pub(super) fn read_listed(&self, wanted: &[Vec<Stored>], payloads: Payloads) -> Result<Chunk> {
        let layout = self.layout()?;
        let length = layout.stream_order.len() + layout.order.len();
        let mut found = HashMap::with_capacity(wanted.len());
        let (plain, with_nulls): (Vec<_>, Vec<_>) = wanted.iter().partition(|key| !key.iter().any(Stored::is_null));
        let several = (!plain.is_empty()).then(|| one_of(&layout.order, &plain));
        for condition in several.into_iter().chain(with_nulls.into_iter().map(|key| equal(&layout.order, key))) {
            let mut query = layout.select_within(Columns::ALL, &keys(layout), self.most.get());
            query.push(" AND ").append(&condition);
            let mut statement = query.prepare(&self.conn)?;
            let mut rows = query.rows(&mut statement)?;
            while let Some(row) = rows.next()? {
                let key = key_of(row, COLUMNS, length)?;
                let store_key = key.get(layout.stream_order.len()..).unwrap_or_default().to_vec();
                found.insert(store_key, (layout.event_with(row, Columns::ALL, payloads)?, key));
            }
        }
        let mut chunk = Chunk::default();
        for (event, key) in wanted.iter().filter_map(|key| found.remove(key)) {
            chunk.push(layout, event, key);
        }
        Ok(chunk)
    }
}

/// The condition that a row has one of some keys, none of which holds a NULL.
fn one_of(order: &[String], keys: &[&Vec<Stored>]) -> Query {
    let mut query = Query::new(match order {
        [only] => format!("{only} IN ("),
        several => format!("({}) IN (VALUES ", several.join(", ")),
    });
    for (index, key) in keys.iter().enumerate() {
        query.push(if index > 0 { ", " } else { "" });
        if order.len() > 1 {
            query.push("(").bind_list(key.iter().cloned()).push(")");
        } else {
            query.bind_list(key.iter().cloned());
        }
    }
    query.push(")");
    query
}
