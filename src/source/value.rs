//! A value as SQLite stores it, owned. Text is bytes: a database may hold text that is no UTF-8.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

/// A stored value. The order is SQLite's own, with the collation BINARY: NULL, numbers, text, blobs
/// (<https://www.sqlite.org/datatype3.html#sort_order>).
#[derive(Clone, Debug, Default)]
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

/// Reals are equal where their bits are: SQLite stores no NaN, and what is read back is what was written.
impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Integer(left), Self::Integer(right)) => left == right,
            (Self::Real(left), Self::Real(right)) => left.to_bits() == right.to_bits(),
            (Self::Text(left), Self::Text(right)) | (Self::Blob(left), Self::Blob(right)) => left == right,
            _ => false,
        }
    }
}

impl Eq for Stored {}

impl Hash for Stored {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rank().hash(state);
        match self {
            Self::Null => {}
            Self::Integer(value) => value.hash(state),
            Self::Real(value) => value.to_bits().hash(state),
            Self::Text(bytes) | Self::Blob(bytes) => bytes.hash(state),
        }
    }
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

/// The value as a person reads it: text as it is, bytes as an SQL literal, `NULL`.
impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Real(value) => write!(f, "{value:?}"),
            Self::Text(bytes) => f.write_str(&String::from_utf8_lossy(bytes)),
            Self::Blob(bytes) => {
                f.write_str("X'")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02X}"))?;
                f.write_str("'")
            }
        }
    }
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
