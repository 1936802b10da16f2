//! Finds streams by name through an index that begins with the aggregate type, also where only the id is known.
//!
//! No index may lead with the id alone, but there are few aggregate types: they are found one after the other, each by
//! one look-up of the next larger one ("loose index scan"), and then the id is looked up beside each.

use std::collections::HashSet;

use super::Source;
use super::layout::{Columns, Layout};
use super::query::Query;
use super::value::Stored;
use super::versions::stream_columns;
use crate::codec::Format;
use crate::error::Result;
use crate::event::StreamName;
use crate::filter::compile::stored_forms;
use crate::profile::Field;

/// With more types than this, looking beside each would take longer than it is worth.
const TYPES: usize = 200;

/// A stream as the database has it: its name, and the stored values of type and id.
pub(super) struct StoredStream {
    pub name: StreamName,
    pub kind: Stored,
    pub id: Stored,
}

impl Source {
    /// The streams that a name may mean, `ID` or `TYPE/ID`; `None` where no index leads to them.
    pub(super) fn streams_by_name(&self, text: &str) -> Result<Option<Vec<StoredStream>>> {
        let layout = self.layout()?;
        let (Some(kind), Some(id)) = (layout.column(Columns::AGGREGATE_TYPE), layout.column(Columns::AGGREGATE_ID))
        else {
            return Ok(None);
        };
        let Some(types) = self.types_of_streams(layout, kind)? else { return Ok(None) };
        let mut found = Vec::new();
        for values in candidates(layout, text, &types) {
            let mut query = layout.select_only(&stream_columns(layout));
            query.push(" AND ").append(&is([kind, id], [&values.0, &values.1])).push(" LIMIT 1");
            if found.is_empty() && !query.seeks_by_two(&self.conn)? {
                return Ok(None);
            }
            found.extend(self.stored_stream(&query)?);
        }
        Ok(Some(found))
    }

    /// The conditions that a row is of each of the streams that these names may mean; `None` where no index leads to
    /// them.
    pub(super) fn in_streams(&self, names: &[String]) -> Result<Option<Vec<Query>>> {
        let layout = self.layout()?;
        let columns = [Columns::AGGREGATE_TYPE, Columns::AGGREGATE_ID];
        let columns = columns.map(|column| layout.column(column).unwrap_or("NULL"));
        let (mut seen, mut conditions) = (HashSet::new(), Vec::new());
        for name in names {
            let Some(streams) = self.streams_by_name(name)? else { return Ok(None) };
            for StoredStream { kind, id, .. } in streams {
                if seen.insert((kind.clone(), id.clone())) {
                    conditions.push(is(columns, [&kind, &id]));
                }
            }
        }
        Ok(Some(conditions))
    }

    /// The stored aggregate types, NULL included; `None` where no index gives them or they are many.
    fn types_of_streams(&self, layout: &Layout, kind: &str) -> Result<Option<Vec<Stored>>> {
        let mut types = Vec::new();
        let mut last: Option<Stored> = None;
        while types.len() <= TYPES {
            let mut query = layout.select_only(&[format!("min({kind})")]);
            if let Some(last) = &last {
                query.push(" AND ").push(kind).push(" > ").bind(last.clone());
            }
            if types.len() < 2 && !query.finds_by_index(&self.conn)? {
                return Ok(None);
            }
            match self.one(&query)?.filter(|value| !value.is_null()) {
                Some(value) => types.push(value),
                None => break,
            }
            last = types.last().cloned();
        }
        let mut none = layout.select_only(&["1".to_owned()]);
        none.push(" AND ").push(kind).push(" IS NULL LIMIT 1");
        if self.one(&none)?.is_some() {
            types.push(Stored::Null);
        }
        Ok((types.len() <= TYPES).then_some(types))
    }

    fn stored_stream(&self, query: &Query) -> Result<Option<StoredStream>> {
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (kind, id) = (Stored::from(row.get_ref(0)?), Stored::from(row.get_ref(1)?));
        Ok(Some(StoredStream { name: self.layout()?.stream_at(row, 0)?, kind, id }))
    }
}

/// Every pair of stored type and id that a name may mean.
fn candidates(layout: &Layout, text: &str, types: &[Stored]) -> Vec<(Stored, Stored)> {
    let (kind, id) = (layout.mapping.aggregate_type.as_ref(), layout.mapping.aggregate_id.as_ref());
    let mut pairs = pairs(types, &forms(text, id, &layout.log_name));
    for (at, _) in text.match_indices('/').filter(|(at, _)| *at > 0) {
        let (Some(of), Some(rest)) = (text.get(..at), text.get(at + 1..)) else { continue };
        pairs.extend(self::pairs(&forms(of, kind, ""), &forms(rest, id, &layout.log_name)));
    }
    pairs
}

fn pairs(kinds: &[Stored], ids: &[Stored]) -> Vec<(Stored, Stored)> {
    kinds.iter().flat_map(|kind| ids.iter().map(|id| (kind.clone(), id.clone()))).collect()
}

/// The values that a name may be stored as; NULL, too, where it stands for the missing one.
fn forms(text: &str, field: Option<&Field>, missing: &str) -> Vec<Stored> {
    let format = field.map_or(Format::Auto, |field| field.format);
    let stored = stored_forms(text, format).into_iter().map(Stored::from);
    stored.chain((text == missing).then_some(Stored::Null)).collect()
}

/// The condition that two columns hold two values.
fn is(columns: [&str; 2], values: [&Stored; 2]) -> Query {
    let mut query = Query::new("(");
    for (at, (column, value)) in columns.into_iter().zip(values).enumerate() {
        query.push(if at > 0 { " AND " } else { "" }).push(column);
        query.push(if value.is_null() { " IS " } else { " = " }).bind(value.clone());
    }
    query.push(")");
    query
}
