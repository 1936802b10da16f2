//! The column that the names of streams are read off, where type and id stand in one: an index on it groups the events
//! of streams as well as one on the names would.

use super::Source;
use super::layout::Layout;
use super::versions::stream_columns;
use crate::error::Result;
use crate::profile::schema::{find, quoted};

impl Source {
    /// A column with an index from which both the type and the id of a stream follow, and nothing else.
    pub(super) fn stream_key(&self, layout: &Layout) -> Result<Option<String>> {
        let Some(table) = find(self.schema(), &layout.mapping.from).filter(|_| layout.is_one_table()) else {
            return Ok(None);
        };
        let indexed =
            table.indexes.iter().filter(|index| !index.partial).filter_map(|index| index.columns.first()?.as_deref());
        let names = stream_columns(layout).join(", ");
        for column in indexed {
            let column = quoted(column);
            // What is asked of a table that has this column alone is an error where it takes another.
            let alone = format!("SELECT {names} FROM (SELECT {column} FROM {} LIMIT 0)", quoted(&table.name));
            if self.conn.prepare(&alone).is_ok() {
                let mut grouped = layout.select_only(std::slice::from_ref(&column));
                grouped.push(" GROUP BY ").push(&column);
                if grouped.is_indexed(&self.conn)? {
                    return Ok(Some(column));
                }
            }
        }
        Ok(None)
    }
}
