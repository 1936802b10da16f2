//! An entry of an index as bytes that are in the same order as the entry in its index.

use rusqlite::types::ValueRef;

/// What stands before a value, in the order of <https://sqlite.org/datatype3.html#sort_order>.
const NULL: u8 = 1;
const NUMBER: u8 = 2;
const TEXT: u8 = 3;
const BLOB: u8 = 4;

/// An entry: the values of its columns, and the number of its row.
#[derive(Default)]
pub(super) struct Key {
    bytes: Vec<u8>,
    /// Where the columns end.
    columns: usize,
    has_null: bool,
}

impl Key {
    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.has_null = false;
    }

    /// The value of the next column.
    pub(super) fn put(&mut self, value: ValueRef<'_>, descends: bool) {
        let start = self.bytes.len();
        match value {
            ValueRef::Null => {
                self.has_null = true;
                self.bytes.push(NULL);
            }
            ValueRef::Integer(number) => self.put_integer(number),
            ValueRef::Real(number) => self.put_number(number, 0),
            ValueRef::Text(text) => self.put_bytes(TEXT, text),
            ValueRef::Blob(bytes) => self.put_bytes(BLOB, bytes),
        }
        if descends {
            self.bytes.iter_mut().skip(start).for_each(|byte| *byte = !*byte);
        }
    }

    /// The number of the row, behind the last column.
    pub(super) fn end(&mut self, rowid: ValueRef<'_>) {
        self.columns = self.bytes.len();
        let has_null = self.has_null;
        self.put(rowid, false);
        self.has_null = has_null;
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it belongs behind another one.
    pub(super) fn is_behind(&self, other: &Self) -> bool {
        self.bytes > other.bytes
    }

    /// Whether its columns hold what those of another one do. NULL is never the same as anything.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        !self.has_null && self.bytes.get(..self.columns) == other.bytes.get(..other.columns)
    }

    /// Integers and reals are in one order, and there are integers between two reals: each is the nearest real, and what
    /// is between.
    fn put_integer(&mut self, number: i64) {
        #[allow(clippy::cast_precision_loss, reason = "what is lost is put behind it")]
        let nearest = number as f64;
        // The largest integer's nearest real is none, and is cut to that integer, which is nowhere else in the order.
        #[allow(clippy::cast_possible_truncation, reason = "a real that an integer was made to is whole, and in range")]
        let between = number.wrapping_sub(nearest as i64);
        // Reals of this size lie 1,024 apart.
        self.put_number(nearest, i16::try_from(between).unwrap_or_default());
    }

    fn put_number(&mut self, real: f64, between: i16) {
        // There are two zeros, which are the same.
        let bits = (real + 0.0).to_bits();
        // Of what is below zero, that is less of which there is more.
        let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
        self.bytes.push(NUMBER);
        self.bytes.extend_from_slice(&ordered.to_be_bytes());
        self.bytes.extend_from_slice(&(between.cast_unsigned() ^ 1 << 15).to_be_bytes());
    }

    /// Ends with what is before every byte that may follow; where that is in it, it is marked.
    fn put_bytes(&mut self, kind: u8, bytes: &[u8]) {
        self.bytes.push(kind);
        let mut rest = bytes;
        while let Some(at) = memchr::memchr(0, rest) {
            let (before, behind) = rest.split_at(at);
            self.bytes.extend_from_slice(before);
            self.bytes.extend_from_slice(&[0, u8::MAX]);
            rest = behind.get(1..).unwrap_or_default();
        }
        self.bytes.extend_from_slice(rest);
        self.bytes.extend_from_slice(&[0, 0]);
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use rusqlite::types::Value;

    use super::*;

    fn key(value: &Value, descends: bool) -> Key {
        let mut key = Key::default();
        key.put(value.into(), descends);
        key.end(ValueRef::Integer(7));
        key
    }

    #[test]
    fn keys_are_in_the_order_in_which_sqlite_has_their_values() {
        let numbers =
            [i64::MIN, i64::MIN + 1, -9_007_199_254_740_993, -1, 0, 1, 9_007_199_254_740_993, i64::MAX - 1, i64::MAX];
        let reals =
            [-1e300, -9.3e18, -9_007_199_254_740_992.0, -1.5, -0.0, 5e-324, 1.0, 9_007_199_254_740_994.0, 9.3e18];
        let texts = ["", "\0", "\0\0", "\0a", "a", "a\0", "a\0b", "aa", "é", "\u{10ffff}"];
        let mut values = vec![Value::Null];
        values.extend(numbers.map(Value::Integer));
        values.extend(reals.map(Value::Real));
        values.extend(texts.map(|text| Value::Text(text.to_owned())));
        values.extend(texts.map(|text| Value::Blob(text.as_bytes().to_vec())));
        let conn = Connection::open_in_memory().unwrap();
        let compare =
            "SELECT CASE WHEN ?1 IS ?2 THEN 0 ELSE (SELECT value IS ?2 FROM (SELECT ?1 AS value UNION ALL SELECT ?2)
                       ORDER BY value LIMIT 1) * 2 - 1 END";
        let mut statement = conn.prepare(compare).unwrap();
        for left in &values {
            for right in &values {
                let order: i64 = statement.query_row([left, right], |row| row.get(0)).unwrap();
                assert_eq!(key(left, false).is_behind(&key(right, false)), order > 0, "{left:?} {right:?}");
                assert_eq!(key(left, true).is_behind(&key(right, true)), order < 0, "{left:?} {right:?} down");
                let is_same = order == 0 && *left != Value::Null;
                assert_eq!(key(left, false).repeats(&key(right, false)), is_same, "{left:?} {right:?} again");
            }
        }
    }
}
