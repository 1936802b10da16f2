//! The way back from a stream: the rows of the store's other tables that name it.

use super::key_columns;
use super::links::forms;
use crate::codec::Format;
use crate::error::Result;
use crate::event::StreamName;
use crate::filter::compile::stored_forms;
use crate::profile::Role;
use crate::profile::schema::{Table, quoted};
use crate::source::Source;
use crate::source::keys::key_of;
use crate::source::query::Query;
use crate::source::value::Stored;

/// How many rows of a table are told for one column.
const ROWS: usize = 20;
/// A table of at most so many rows is walked over; a longer one is asked only through its indexes.
const WALKED: u64 = 200_000;

/// A row that names a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The table.
    pub table: String,
    /// What the table is for.
    pub role: Option<Role>,
    /// The column that names it.
    pub column: String,
    /// The row, counted from 0 in the order of the table's key.
    pub row: u64,
}

impl Source {
    /// The rows that name a stream, in the tables that are part of the event store and in those of `also`; of each
    /// column the first 20. Tables that are neither are not read.
    pub fn mentions(&self, stream: &StreamName, also: &[String]) -> Result<Vec<Mention>> {
        let mut found = Vec::new();
        for table in &self.shared.tables {
            let role = self.role(table);
            let wanted = role.map_or_else(|| also.contains(&table.name), |role| role != Role::Events);
            if wanted && !key_columns(table).is_empty() {
                self.mentions_in(table, role, stream, &mut found)?;
            }
        }
        Ok(found)
    }

    fn mentions_in(
        &self,
        table: &Table,
        role: Option<Role>,
        stream: &StreamName,
        found: &mut Vec<Mention>,
    ) -> Result<()> {
        let mut short = Query::new(format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT ", quoted(&table.name)));
        short.bind(i64::try_from(WALKED + 1).unwrap_or(i64::MAX)).push(")");
        let walked =
            self.one(&short)?.and_then(|count| count.as_integer()).unwrap_or_default().unsigned_abs() <= WALKED;
        for column in &table.columns {
            self.check()?;
            if !self.may_name(&column.name, &column.declared_type, stream) {
                continue;
            }
            let query = self.mention_query(table, &column.name, stream);
            if !walked && !query.finds_by_index(&self.conn)? {
                continue;
            }
            for key in self.keys_of(&query, key_columns(table).len())? {
                let row = self.table_row_number(table, &key)?;
                found.push(Mention { table: table.name.clone(), role, column: column.name.clone(), row });
            }
        }
        Ok(())
    }

    /// Whether a column may hold a stream's id. A bare number is one only where the column is called as in the events.
    fn may_name(&self, column: &str, declared_type: &str, stream: &StreamName) -> bool {
        let id = self.mapping().and_then(|mapping| mapping.aggregate_id.as_ref());
        let called = id.is_some_and(|field| field.sql.trim_matches('"').eq_ignore_ascii_case(column));
        let bare = stream.aggregate_id.bytes().all(|byte| byte.is_ascii_digit());
        let kind = declared_type.to_ascii_uppercase();
        let number = ["INT", "REAL", "FLOA", "DOUB", "NUM", "DEC", "BOOL", "DATE", "TIME"];
        called || !bare && !number.iter().any(|word| kind.contains(word))
    }

    fn mention_query(&self, table: &Table, column: &str, stream: &StreamName) -> Query {
        let key = key_columns(table).join(", ");
        let mut query = Query::new(format!("SELECT {key} FROM {} WHERE {} IN (", quoted(&table.name), quoted(column)));
        query.bind_list(stored_names(stream)).push(")");
        let kind = self.mapping().and_then(|mapping| mapping.aggregate_type.as_ref());
        let kind = kind.and_then(|field| table.column(field.sql.trim_matches('"')));
        if let Some(kind) = kind.filter(|kind| !kind.name.eq_ignore_ascii_case(column)) {
            let name = quoted(&kind.name);
            query.push(" AND (").push(&name).push(" IS NULL OR ").push(&name).push(" = ");
            query.bind(Stored::text(&stream.aggregate_type)).push(")");
        }
        query.push(" ORDER BY ").push(&key).push(" LIMIT ").bind(i64::try_from(ROWS).unwrap_or(i64::MAX));
        query
    }

    fn keys_of(&self, query: &Query, length: usize) -> Result<Vec<Vec<Stored>>> {
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            keys.push(key_of(row, 0, length)?);
        }
        Ok(keys)
    }
}

/// The values that may name a stream: its id in every form, and its whole name.
fn stored_names(stream: &StreamName) -> Vec<Stored> {
    let mut texts = forms(&Stored::text(&stream.aggregate_id));
    if !stream.aggregate_type.is_empty() {
        texts.push(stream.to_string());
        texts.push(format!("{}-{}", stream.aggregate_type, stream.aggregate_id));
    }
    let mut values: Vec<Stored> = Vec::new();
    for text in texts {
        for value in stored_forms(&text, Format::Auto).into_iter().map(Stored::from) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    values
}
