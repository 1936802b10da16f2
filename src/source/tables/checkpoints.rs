//! How far the readers of the events have come, and how far that is behind the last event.

use crate::codec::{Format, decode};
use crate::error::Result;
use crate::event::Position;
use crate::profile::schema::{Table, quoted};
use crate::profile::{Checkpoints, Role, quotes};
use crate::source::Source;
use crate::source::bound::{Side, bound};
use crate::source::query::Query;
use crate::source::value::Stored;

/// How many readers of one table are listed.
const READERS: i64 = 200;
/// How a column that holds a position is called where the profile does not say which it is.
const POSITIONS: [&str; 7] =
    ["position", "global_position", "last_position", "checkpoint", "sequence", "last_sequence", "notification_id"];

/// One reader of the events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The table that says it.
    pub table: String,
    /// The reader's name.
    pub name: String,
    /// The position up to which it has read; `None` where that is written in a way that nothing here can read.
    pub position: Option<Position>,
    /// How many events come after that; `None` where the position is unknown, or lies beyond the last event: then it is
    /// one of another store.
    pub behind: Option<u64>,
}

impl Source {
    /// Every checkpoint that the profile knows a table for, in the order of tables and names.
    pub fn checkpoints(&self) -> Result<Vec<Checkpoint>> {
        let Some(profile) = self.detection().map(|detection| &detection.profile) else { return Ok(Vec::new()) };
        let last = self.last_position()?;
        let mut found = Vec::new();
        for table in self.shared.tables.iter().filter(|table| self.role(table) == Some(Role::Checkpoints)) {
            let Some(known) = profile.tables.checkpoints_of(&table.name) else { continue };
            for (name, position) in self.readers(table, known)? {
                let behind = position.map(|position| self.behind(position, last)).transpose()?.flatten();
                found.push(Checkpoint { table: table.name.clone(), name, position, behind });
            }
        }
        Ok(found)
    }

    /// The names and positions in a table. A row without a name is none of a reader.
    fn readers(&self, table: &Table, of: &Checkpoints) -> Result<Vec<(String, Option<Position>)>> {
        let from = quoted(&table.name);
        // The table may be that of another version of the library.
        let holds = |sql: &String| quotes::refusal(&self.conn, &format!("SELECT ({sql}) FROM {from}")).is_none();
        let known = |sql: &Option<String>| sql.clone().filter(holds);
        let name = known(&of.name).or_else(|| first_name(table)).unwrap_or_else(|| "rowid".to_owned());
        let position = known(&of.position).or_else(|| position_column(table)).unwrap_or_else(|| "NULL".to_owned());
        let mut query = Query::new(format!("SELECT ({name}), ({position}) FROM {from}"));
        query.push(" ORDER BY 1 LIMIT ").bind(READERS);
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if let Some(name) = decode::text(row.get_ref(0)?, Format::Auto) {
                found.push((name, Stored::from(row.get_ref(1)?).to_integer()));
            }
        }
        Ok(found)
    }

    /// How many events come after a position.
    fn behind(&self, position: Position, last: Option<Position>) -> Result<Option<u64>> {
        let layout = self.layout()?;
        let Some(last) = last.filter(|last| *last >= position) else {
            return Ok(last.is_none().then_some(0).filter(|_| position <= 0));
        };
        if !layout.has_positions() {
            return Ok(u64::try_from(last - position).ok());
        }
        let unbroken = self.rows().unbroken_ends().is_some_and(|(first, end)| end == last && position >= first - 1);
        if unbroken {
            return Ok(u64::try_from(last - position).ok());
        }
        let mut query = layout.select_only(&["count(*)".to_owned()]);
        query.push(" AND ").append(&bound(&layout.order, Side::After, &[Stored::Integer(position)]));
        Ok(self.one(&query)?.and_then(|count| count.as_integer()).map(i64::unsigned_abs))
    }
}

/// The column that names the reader: the first of the primary key, else the first of all.
fn first_name(table: &Table) -> Option<String> {
    let key = table.primary_key().first().map(|column| quoted(&column.name));
    key.or_else(|| table.columns.first().map(|column| quoted(&column.name)))
}

fn position_column(table: &Table) -> Option<String> {
    POSITIONS.iter().find_map(|name| table.column(name)).map(|column| quoted(&column.name))
}
