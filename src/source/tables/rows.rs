//! Rows of a table by number, exact at any length: a sparse index of keys as for the events, built in the background and
//! usable while it grows. Values that are large are not read for it: see [`Glimpse`].

use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError};

use super::{key_columns, without_columns};
use crate::error::{Error, Result};
use crate::event::StorageClass;
use crate::profile::schema::{Table, quoted};
use crate::source::Source;
use crate::source::bound::{Side, bound, from};
use crate::source::keys::{KeyBatch, RowIndex, Stretch, key_of};
use crate::source::layout::rowid_name;
use crate::source::query::Query;
use crate::source::value::Stored;

/// A table of at most so many rows is sorted by any column: it takes a blink. A longer one only where an index has the
/// order already.
const SORTED_AT_ONCE: u64 = 50_000;
/// A table of at most so many rows is counted after each write to the file while it is looked at: it takes a fraction of
/// a second in a worker. In a longer one rows that went are noticed where somebody looks.
const COUNTED_AGAIN: u64 = 2_000_000;
/// How much of a large value is read to be glanced at.
const BEGINNING: usize = 1_024;
/// Two result columns for each column are as many as SQLite allows in a statement.
const MOST_COLUMNS: usize = 900;

/// The order in which a table's rows are numbered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TableOrder {
    /// The table.
    pub table: String,
    /// The column to sort by, smallest first; the rows' key decides between equals and where there is none.
    pub column: Option<usize>,
}

/// One row, whose large values were left unread.
#[derive(Clone, Debug, PartialEq)]
pub struct GlancedRow {
    /// Its rowid or primary key; empty for a view.
    pub key: Vec<Stored>,
    /// Its values, column by column.
    pub values: Vec<Glimpse>,
}

/// A value, or as much of it as was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Glimpse {
    /// The value.
    Whole(Stored),
    /// A value that is larger than what was asked for.
    Large {
        /// Text or blob.
        storage: StorageClass,
        /// Its size.
        bytes: u64,
        /// How it begins; empty where it would have to be read whole for that.
        beginning: Arc<[u8]>,
    },
}

impl Source {
    /// How many rows of a table are known, and whether these are all.
    #[must_use]
    pub fn table_rows(&self, order: &TableOrder) -> KeyBatch {
        let indexes = self.shared.table_rows.read().unwrap_or_else(PoisonError::into_inner);
        let index = indexes.get(order);
        KeyBatch { rows: index.map_or(0, RowIndex::rows), complete: index.is_some_and(RowIndex::is_complete) }
    }

    /// Numbers the rows of a table, or those that came since, in short transactions. `on` is told of each step, and can
    /// break off; what was found stays, for all readers of the same file.
    pub fn index_table(&self, order: &TableOrder, on: &mut dyn FnMut(KeyBatch) -> ControlFlow<()>) -> Result<()> {
        let table = self.table(&order.table)?;
        let ordering = ordering(table, order.column);
        if ordering.is_empty() {
            let rows = self.table_len(&table.name)?;
            self.change_table_rows(order, |index| *index = RowIndex::counted(rows));
        }
        loop {
            self.check()?;
            let known = self.table_rows(order);
            if ordering.is_empty() || self.extend_table(table, &ordering, order)? {
                let _ = on(KeyBatch { complete: true, ..self.table_rows(order) });
                return Ok(());
            }
            if on(KeyBatch { complete: false, ..self.table_rows(order) }).is_break() {
                return Ok(());
            }
            debug_assert!(self.table_rows(order).rows >= known.rows, "an index only grows");
        }
    }

    /// Forgets how the rows of a table are numbered, for one that was changed other than at its end. A long table keeps
    /// its numbers unless `all`: only its end need be looked at anew where [they still hold](Self::table_rows_hold).
    pub fn forget_table_rows(&self, order: &TableOrder, all: bool) {
        let mut indexes = self.shared.table_rows.write().unwrap_or_else(PoisonError::into_inner);
        indexes.retain(|known, index| known != order || !all && index.rows() > SORTED_AT_ONCE);
    }

    /// Whether the numbers of a table's rows hold after a write to the file, as far as that is quickly found out: no row
    /// came or went among those around the one that is looked at; nor, in a table that is soon counted, elsewhere.
    pub fn table_rows_hold(&self, order: &TableOrder, looked_at: Option<u64>) -> Result<bool> {
        let table = self.table(&order.table)?;
        let ordering = ordering(table, order.column);
        let (known, stretch) = {
            let indexes = self.shared.table_rows.read().unwrap_or_else(PoisonError::into_inner);
            let Some(index) = indexes.get(order) else { return Ok(true) };
            let stretch = looked_at.and_then(|row| index.stretch(row));
            (KeyBatch { rows: index.rows(), complete: index.is_complete() }, stretch)
        };
        if known.complete && known.rows <= COUNTED_AGAIN && self.table_len(&table.name)? != known.rows {
            return Ok(false);
        }
        let Some(Stretch { from, to, rows }) = stretch.filter(|_| known.complete) else { return Ok(true) };
        let mut query = Query::new(format!("SELECT count(*) FROM {} WHERE ", quoted(&table.name)));
        query.append(&bound(&ordering, Side::From, &from));
        if let Some(to) = to {
            // A NULL among the values makes the answer NULL; it is before everything else.
            query.push(" AND (").append(&bound(&ordering, Side::From, &to)).push(") IS NOT TRUE");
        }
        let count = self.one(&query)?.and_then(|count| count.as_integer()).unwrap_or_default();
        Ok(count.unsigned_abs() == rows)
    }

    /// At most `limit` rows of a table from a row on, counted from 0. Values of more than `most` bytes are left unread.
    ///
    /// Where the index does not reach yet, and for views, the rows between are walked over.
    pub fn table_glance(&self, order: &TableOrder, row: u64, limit: usize, most: u64) -> Result<Vec<GlancedRow>> {
        let table = self.table(&order.table)?;
        let ordering = ordering(table, order.column);
        let anchor = {
            let indexes = self.shared.table_rows.read().unwrap_or_else(PoisonError::into_inner);
            indexes.get(order).and_then(|index| index.locate(row)).unwrap_or_default()
        };
        let select = glance(table, most)?;
        let stretches = from(&ordering, &anchor.values);
        let mut skip = row.saturating_sub(anchor.row);
        let mut page = Vec::new();
        for (at, stretch) in stretches.iter().enumerate() {
            let rows = |query: Query, skip: u64, limit: usize| {
                let mut query = query;
                query.push(" WHERE ").append(stretch);
                if !ordering.is_empty() {
                    query.push(" ORDER BY ").push(&ordering.join(", "));
                }
                query.push(" LIMIT ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
                query.push(" OFFSET ").bind(i64::try_from(skip).unwrap_or(i64::MAX));
                query
            };
            let read = self.glanced(table, &rows(select.clone(), skip, limit - page.len()))?;
            if read.is_empty() && skip > 0 && at + 1 < stretches.len() {
                // The rows that are passed over end in a later stretch: how many this one has is counted.
                let key = Query::new(format!("SELECT {} FROM {}", ordering.join(", "), quoted(&table.name)));
                let passed = self.counted(&rows(key, 0, usize::try_from(skip).unwrap_or(usize::MAX)))?;
                skip = skip.saturating_sub(passed);
            } else if !read.is_empty() {
                skip = 0;
            }
            page.extend(read);
            if page.len() >= limit {
                break;
            }
        }
        Ok(page)
    }

    /// How many rows a query selects.
    fn counted(&self, query: &Query) -> Result<u64> {
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut count = 0;
        while rows.next()?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    /// Which columns a table can be sorted by: those whose order an index has, or all where the table is short.
    pub fn sortable(&self, name: &str) -> Result<Vec<bool>> {
        let table = self.table(name)?;
        if key_columns(table).is_empty() {
            return Ok(vec![false; table.columns.len()]);
        }
        let known = self.table_rows(&TableOrder { table: table.name.clone(), column: None });
        let short = known.complete && known.rows <= SORTED_AT_ONCE;
        (0..table.columns.len())
            .map(|column| {
                let mut query = Query::new(format!("SELECT 1 FROM {}", quoted(&table.name)));
                query.push(" ORDER BY ").push(&ordering(table, Some(column)).join(", "));
                Ok(short || query.is_indexed(&self.conn)?)
            })
            .collect()
    }

    fn extend_table(&self, table: &Table, ordering: &[String], order: &TableOrder) -> Result<bool> {
        let (from, last) = {
            let indexes = self.shared.table_rows.read().unwrap_or_else(PoisonError::into_inner);
            let index = indexes.get(order);
            (index.map_or(0, RowIndex::rows), index.and_then(RowIndex::last).map(<[Stored]>::to_vec))
        };
        let query = Query::new(format!("SELECT {} FROM {} WHERE 1", ordering.join(", "), quoted(&table.name)));
        let step = self.walk_keys(&query, ordering, from, last.as_deref())?;
        let complete = step.complete;
        self.change_table_rows(order, |index| {
            // Another reader may have done this step meanwhile.
            if index.rows() == from {
                index.add(step);
            }
        });
        Ok(complete)
    }

    fn change_table_rows(&self, order: &TableOrder, change: impl FnOnce(&mut RowIndex)) {
        let mut indexes = self.shared.table_rows.write().unwrap_or_else(PoisonError::into_inner);
        change(indexes.entry(order.clone()).or_default());
    }

    fn glanced(&self, table: &Table, query: &Query) -> Result<Vec<GlancedRow>> {
        let key = key_columns(table).len();
        let mut page = Vec::new();
        {
            let mut statement = query.prepare(&self.conn)?;
            let limited = statement.column_count() > key + table.columns.len();
            let mut rows = query.rows(&mut statement)?;
            while let Some(row) = rows.next()? {
                let value = |column: usize| -> rusqlite::Result<Glimpse> {
                    if !limited {
                        return Ok(Glimpse::Whole(Stored::from(row.get_ref(key + column)?)));
                    }
                    let size = row.get_ref(key + 2 * column + 1)?.as_str_or_null().ok().flatten().and_then(large);
                    Ok(size.unwrap_or(Glimpse::Whole(Stored::from(row.get_ref(key + 2 * column)?))))
                };
                let values = (0..table.columns.len()).map(value).collect::<rusqlite::Result<_>>()?;
                page.push(GlancedRow { key: key_of(row, 0, key)?, values });
            }
        }
        for row in &mut page {
            self.begin(table, row);
        }
        Ok(page)
    }

    /// Reads how the large values of a row begin, where that does not mean to read them whole.
    fn begin(&self, table: &Table, row: &mut GlancedRow) {
        let ([Stored::Integer(rowid)], Some(_)) = (row.key.as_slice(), rowid_name(table)) else { return };
        for (column, value) in table.columns.iter().zip(&mut row.values) {
            if let Glimpse::Large { beginning, .. } = value
                && let Ok(blob) = self.conn.blob_open("main", table.name.as_str(), column.name.as_str(), *rowid, true)
            {
                let mut bytes = vec![0; BEGINNING.min(blob.len())];
                let read = blob.read_at(&mut bytes, 0).unwrap_or_default();
                *beginning = bytes.get(..read).unwrap_or_default().into();
            }
        }
    }
}

/// The expressions that number a table's rows; none for a view, whose rows have only the order in which they come.
fn ordering(table: &Table, column: Option<usize>) -> Vec<String> {
    let key = key_columns(table);
    let first = column.and_then(|column| table.columns.get(column)).map(|column| quoted(&column.name));
    let first = first.filter(|first| !key.is_empty() && key.first() != Some(first));
    first.into_iter().chain(key).collect()
}

/// `SELECT` of keys and columns. Beside each column stands what it is where it is larger than `most`, and then it is not
/// read: SQLite knows a value's type and size from the row's header (<https://sqlite.org/lang_corefunc.html#octet_length>).
fn glance(table: &Table, most: u64) -> Result<Query> {
    let limited = table.columns.len() <= MOST_COLUMNS;
    let mut listed = key_columns(table);
    for column in &table.columns {
        let name = quoted(&column.name);
        if limited {
            listed.push(format!("CASE WHEN octet_length({name}) > {most} THEN NULL ELSE {name} END"));
            listed.push(format!(
                "CASE WHEN octet_length({name}) > {most} THEN typeof({name}) || ' ' || octet_length({name}) END"
            ));
        } else {
            listed.push(name);
        }
    }
    if listed.is_empty() || table.columns.is_empty() {
        return Err(without_columns(table));
    }
    Ok(Query::new(format!("SELECT {} FROM {}", listed.join(", "), quoted(&table.name))))
}

/// What is said of a value that was left unread: `text 104857600`.
fn large(said: &str) -> Option<Glimpse> {
    let (kind, bytes) = said.split_once(' ')?;
    let storage = if kind == "blob" { StorageClass::Blob } else { StorageClass::Text };
    Some(Glimpse::Large { storage, bytes: bytes.parse().ok()?, beginning: Arc::default() })
}

impl Source {
    /// The number of the row with a key, in the order of keys.
    pub(super) fn table_row_number(&self, table: &Table, key: &[Stored]) -> Result<u64> {
        let ordering = ordering(table, None);
        if key.len() != ordering.len() || ordering.is_empty() {
            return Err(Error::bad_input(format!("this is no key of a row of {}", table.name)));
        }
        let order = TableOrder { table: table.name.clone(), column: None };
        // Only a rowid is sure to be compared here as SQLite compares it: a column may have a collation of its own.
        let by_number = matches!(key, [Stored::Integer(_)]) && rowid_name(table).is_some();
        let anchor = {
            let indexes = self.shared.table_rows.read().unwrap_or_else(PoisonError::into_inner);
            indexes.get(&order).filter(|_| by_number).and_then(|index| index.at_or_before(key)).unwrap_or_default()
        };
        let mut query = Query::new(format!("SELECT count(*) FROM {} WHERE ", quoted(&table.name)));
        query.push("(").push(&ordering.join(", ")).push(") < (").bind_list(key.iter().cloned()).push(")");
        if !anchor.values.is_empty() {
            query.push(" AND ").append(&bound(&ordering, Side::From, &anchor.values));
        }
        let before = self.one(&query)?.and_then(|count| count.as_integer()).unwrap_or_default();
        Ok(anchor.row + before.unsigned_abs())
    }
}
