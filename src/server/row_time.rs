//! The time at which a server says that a row was written. Whoever knows the highest of all that could be read at one
//! moment finds by it what is committed later, whichever key that has.

use serde::{Deserialize, Serialize};

use super::catalogue::Relation;
use super::connection::{Reading, identifier};
use super::engine::Engine;
use crate::error::{ErrorKind, Result};

/// How many rows of the highest keys the first time is taken from. One that is too low is a little work, not an error:
/// rows that are in the file already come again.
const NEWEST: usize = 1_000;

/// A time as the server writes it: nanoseconds, and digits that count what happened in one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct RowTime {
    nanoseconds: u64,
    counted: String,
}

impl RowTime {
    /// Reads one; `None` where it is something else.
    fn parse(text: &str) -> Option<Self> {
        let (whole, counted) = text.split_once('.').unwrap_or((text, ""));
        let are_digits = counted.bytes().all(|byte| byte.is_ascii_digit());
        let nanoseconds = whole.parse().ok().filter(|_| are_digits)?;
        Some(Self { nanoseconds, counted: counted.trim_end_matches('0').to_owned() })
    }

    /// That of a row, which is the last field of its line.
    pub(super) fn of_line(line: &[u8]) -> Option<Self> {
        let field = line.rsplit(|byte| *byte == b'\t').next()?;
        Self::parse(std::str::from_utf8(field).ok()?)
    }

    /// The condition that a row was written later.
    pub(super) fn before(&self, column: &str) -> String {
        let counted = if self.counted.is_empty() { "0" } else { &self.counted };
        format!("{column} > '{}.{counted}'::decimal", self.nanoseconds)
    }
}

/// The column in which the server says it of a table's rows, where it does.
pub(super) fn column(engine: &Engine, table: &Relation, rows: impl FnOnce(&str) -> bool) -> Option<&'static str> {
    let column = engine.kind.row_time()?;
    rows(&format!("SELECT {column} FROM {} LIMIT 1", table.in_sql())).then_some(column)
}

/// A time that is not higher than that of any row which is committed from now on: the highest of the last rows by a key.
/// `None` where the server does not tell it in time.
pub(super) fn newest(reading: &mut Reading<'_>, table: &Relation, key: &str, column: &str) -> Result<Option<RowTime>> {
    let said = in_time(reading.value(&newest_in_sql(&table.in_sql(), key, column)))?;
    Ok(said.map(|said| said.as_deref().and_then(RowTime::parse).unwrap_or_default()))
}

fn newest_in_sql(table: &str, key: &str, column: &str) -> String {
    let key = identifier(key);
    format!(
        "SELECT max(written) FROM (SELECT {column} AS written FROM {table} ORDER BY {key} DESC LIMIT {NEWEST}) AS last"
    )
}

/// What came of a statement; `None` where it took too long.
pub(super) fn in_time<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), ErrorKind::Busy) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn times_are_in_the_order_of_their_numbers() {
        let time = |text| RowTime::parse(text).unwrap();
        let rising = ["0", "999.9", "1000", "1700000000000000000.0000000002", "1700000000000000000.0000000010"];
        assert!(rising.windows(2).all(|pair| time(pair[0]) < time(pair[1])), "{rising:?}");
        assert_eq!(time("5"), time("5.0000000000"));
        let none = ["", "x", "-1", "1.x", "1'; --", "1e9", "NaN"].map(RowTime::parse);
        assert!(none.iter().all(Option::is_none), "{none:?}");
    }

    #[test]
    fn a_line_says_it_last() {
        assert_eq!(RowTime::of_line(b"1\torder-1\t1700.0000000001"), RowTime::parse("1700.0000000001"));
        assert_eq!(RowTime::of_line(b"1\torder-1\t\\N"), None);
    }

    #[test]
    fn statements_keep_every_digit() {
        let time = RowTime::parse("1700000000000000000.0000000002").unwrap();
        let condition = time.before("crdb_internal_mvcc_timestamp");
        assert_eq!(condition, "crdb_internal_mvcc_timestamp > '1700000000000000000.0000000002'::decimal");
        assert_eq!(RowTime::default().before("t"), "t > '0.0'::decimal");
        assert_eq!(
            newest_in_sql("\"public\".\"log\"", "position", "t"),
            "SELECT max(written) FROM (SELECT t AS written FROM \"public\".\"log\" ORDER BY \"position\" DESC LIMIT 1000) AS last"
        );
    }

    #[test]
    fn a_look_that_takes_too_long_ends_nothing() {
        assert_eq!(in_time(Ok(1)).unwrap(), Some(1));
        assert_eq!(in_time::<u8>(Err(Error::new(ErrorKind::Busy, "too long"))).unwrap(), None);
        assert!(in_time::<u8>(Err(Error::new(ErrorKind::Io, "cut"))).is_err());
    }
}
