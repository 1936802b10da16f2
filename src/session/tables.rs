//! Plain tables, for databases and tables that no profile explains: rows as text.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::error::Result;
use crate::source::{Source, Stored, TableStart};

use super::texts::one_line;

/// How many rows a page of a table has.
pub(super) const PAGE: usize = 200;

/// Some rows of a table as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TablePage {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The number of the first row here, from 0.
    pub first: u64,
    /// The rows: one line of text for each column, cut where it is long.
    pub rows: Vec<Vec<String>>,
    /// How many rows the table has.
    pub total: u64,
}

/// Reads pages of tables, and remembers how long the tables are.
#[derive(Default)]
pub(super) struct TableReader {
    lengths: HashMap<String, u64>,
}

impl TableReader {
    /// The page that begins at a row. The length is counted anew with the first page only.
    pub(super) fn page(&mut self, source: &Source, name: &str, first: u64) -> Result<Arc<TablePage>> {
        let total = match self.lengths.get(name) {
            Some(length) if first > 0 => *length,
            _ => source.table_len(name)?,
        };
        self.lengths.insert(name.to_owned(), total);
        let columns = source.tables().into_iter().find(|table| table.name.eq_ignore_ascii_case(name));
        let rows = source.table_page(name, TableStart::Row(first), PAGE)?;
        let rows = rows.iter().map(|row| row.values.iter().map(|value| one_line(&text(value))).collect()).collect();
        Ok(Arc::new(TablePage { columns: columns.map(|table| table.columns).unwrap_or_default(), first, rows, total }))
    }
}

/// How a stored value is written for a person: text as it is, bytes as SQL writes them.
#[must_use]
pub fn text(value: &Stored) -> String {
    match value {
        Stored::Null => "NULL".to_owned(),
        Stored::Integer(number) => number.to_string(),
        Stored::Real(number) => number.to_string(),
        Stored::Text(text) => String::from_utf8_lossy(text).into_owned(),
        Stored::Blob(bytes) => bytes_text(bytes),
    }
}

/// Bytes as SQL writes them; of many only the first.
fn bytes_text(bytes: &[u8]) -> String {
    let shown = bytes.iter().take(64).fold(String::new(), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    if bytes.len() > 64 { format!("x'{shown}…' ({} bytes)", bytes.len()) } else { format!("x'{shown}'") }
}
