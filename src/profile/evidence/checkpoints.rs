//! Whether a table says how far readers of the events have come: a few names, each with a position that the log has.

use rusqlite::Connection;

use super::super::infer::{plain, words};
use super::super::schema::Table;
use super::super::tables::Checkpoints;
use super::log::Log;
use super::rows::Rows;

/// A store has no more readers than that.
const READERS: usize = 60;
/// What the column of a position is called.
const POSITIONS: [&str; 7] = ["position", "sequence", "checkpoint", "offset", "seq", "cursor", "progress"];

/// The table as checkpoints; `None` where it is none.
pub(super) fn of(conn: &Connection, table: &Table, log: &Log<'_>) -> rusqlite::Result<Option<Checkpoints>> {
    let Some((first, last)) = log.positions()? else { return Ok(None) };
    let Some(rows) = Rows::ids(conn, table)?.filter(|rows| rows.values.len() <= READERS) else { return Ok(None) };
    let all = |holds: &dyn Fn(usize) -> bool| (0..rows.values.len()).all(holds);
    let column =
        |holds: &dyn Fn(usize, usize) -> bool| (0..table.columns.len()).find(|column| all(&|row| holds(row, *column)));
    let is_named = |column: usize| {
        let name = table.columns.get(column).map(|column| words(&column.name)).unwrap_or_default();
        name.iter().any(|word| POSITIONS.contains(&word.as_str()))
    };
    let position = column(&|row, column| {
        // A reader that has read nothing yet is before the first event.
        let within = |position: i64| position == 0 || (first - 1..=last).contains(&position);
        is_named(column) && rows.integer(row, column).is_some_and(within)
    });
    let name = column(&|row, column| {
        let text = rows.text(row, column);
        text.is_some_and(|text| text.starts_with(char::is_alphabetic) && text.len() < 120)
    });
    let (Some(position), Some(name)) = (position, name) else { return Ok(None) };
    let names: std::collections::HashSet<_> = (0..rows.values.len()).map(|row| rows.text(row, name)).collect();
    let sql = |place: usize| table.columns.get(place).map(|column| plain(&column.name));
    let told_apart = names.len() == rows.values.len();
    Ok(told_apart.then(|| Checkpoints { table: table.name.clone(), name: sql(name), position: sql(position) }))
}
