//! A value as SQLite stores it, owned. Text is bytes: a database may hold text that is no UTF-8.

use std::cmp::Ordering;

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

/// A stored value. The order is SQLite's own, with the collation BINARY: NULL, numbers, text, blobs
/// (<https://www.sqlite.org/datatype3.html#sort_order>).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stored {
    /// No value.
    #[default]
    Null,
    /// A 64-bit signed integer.
    Integer(i64),
    /// A 64-bit float.
    Real(f64),
    /// Text, in the bytes of the file.
    Text(Box<[u8]>),
    /// Bytes.
    Blob(Box<[u8]>),
}

impl Stored {
    /// A text value.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().as_bytes().into())
    }

    /// The integer, where it is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer that the value stands for: itself, a real without a fraction, or digits.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "reals beyond the range are refused before")]
    pub fn to_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Real(value) if value.fract() == 0.0 && value.abs() < 9e18 => Some(*value as i64),
            Self::Text(bytes) | Self::Blob(bytes) => std::str::from_utf8(bytes).ok()?.trim().parse().ok(),
            Self::Null | Self::Real(_) => None,
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// The value as rusqlite borrows it.
    #[must_use]
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Real(value) => ValueRef::Real(*value),
            Self::Text(bytes) => ValueRef::Text(bytes),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Integer(_) | Self::Real(_) => 1,
            Self::Text(_) => 2,
            Self::Blob(_) => 3,
        }
    }

    /// The order in which SQLite sorts.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "only a whole number beside a float is rounded, to sort it")]
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => left.cmp(right),
            (Self::Integer(left), Self::Real(right)) => (*left as f64).total_cmp(right),
            (Self::Real(left), Self::Integer(right)) => left.total_cmp(&(*right as f64)),
            (Self::Real(left), Self::Real(right)) => left.total_cmp(right),
            (Self::Text(left), Self::Text(right)) | (Self::Blob(left), Self::Blob(right)) => left.cmp(right),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// Compares keys of several values, the first that differs deciding.
pub(super) fn compare_keys(left: &[Stored], right: &[Stored]) -> Ordering {
    let unequal = left.iter().zip(right).map(|(left, right)| left.compare(right)).find(|order| order.is_ne());
    unequal.unwrap_or_else(|| left.len().cmp(&right.len()))
}

impl From<ValueRef<'_>> for Stored {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(value) => Self::Integer(value),
            ValueRef::Real(value) => Self::Real(value),
            ValueRef::Text(bytes) => Self::Text(bytes.into()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.into()),
        }
    }
}

impl From<Value> for Stored {
    fn from(value: Value) -> Self {
        Self::from(ValueRef::from(&value))
    }
}

impl From<i64> for Stored {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl ToSql for Stored {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn values_sort_as_sqlite_sorts_them() {
        let values = [
            Stored::Null,
            Stored::Real(-1.5),
            Stored::Integer(0),
            Stored::Real(0.5),
            Stored::Integer(2),
            Stored::text(""),
            Stored::text("B"),
            Stored::text("a"),
            Stored::Text([b'a', 0xff].into()),
            Stored::Blob([0].into()),
        ];
        let conn = Connection::open_in_memory().unwrap();
        for pair in values.windows(2) {
            let [left, right] = pair else { unreachable!() };
            assert!(left.compare(right).is_lt(), "{left:?} before {right:?}");
            let first: bool = conn
                .query_row(
                    "SELECT x IS ?1 FROM (SELECT ?1 AS x UNION ALL SELECT ?2) ORDER BY x LIMIT 1",
                    [left, right],
                    |row| row.get(0),
                )
                .unwrap();
            assert!(first, "{left:?} before {right:?} in SQLite");
        }
    }
}
