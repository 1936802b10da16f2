//! Values as a server writes them in `COPY … TO STDOUT`, as values of SQLite: exactly, or as the text itself
//! (<https://www.postgresql.org/docs/current/sql-copy.html>, the text format).

use std::borrow::Cow;

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whole numbers of at most eight bytes.
    Integer,
    /// Whole numbers that may be larger.
    Large,
    /// True and false, which are 1 and 0 in SQLite.
    Bool,
    /// Binary fractions.
    Real,
    Bytes,
    /// The number of a large object, where the column says so.
    Object,
    /// All else: the text that the server writes.
    Text,
}

impl Kind {
    /// Of a type's name and modifier.
    pub(super) fn of(name: &str, modifier: i32) -> Self {
        match name {
            "int2" | "int4" | "int8" => Self::Integer,
            "oid" | "lo" => Self::Object,
            "xid" | "xid8" | "cid" => Self::Large,
            // The scale is what the modifier has in its lower half.
            "numeric" if modifier >= 4 && (modifier - 4).trailing_zeros() >= 11 => Self::Large,
            "bool" => Self::Bool,
            "float4" | "float8" => Self::Real,
            "bytea" => Self::Bytes,
            _ => Self::Text,
        }
    }

    /// The type that a column of SQLite is declared with, so that what goes in comes out: a column without one changes
    /// nothing.
    pub(super) fn declared(self) -> &'static str {
        match self {
            Self::Integer => "BIGINT",
            Self::Large | Self::Object => "",
            Self::Bool => "BOOLEAN",
            // The affinity of REAL would make whole numbers of some texts and keep others.
            Self::Real => "REAL",
            Self::Bytes => "BLOB",
            Self::Text => "TEXT",
        }
    }

    /// Reads a field of a line; `None` is NULL.
    pub(super) fn read(self, field: Option<Cow<'_, [u8]>>) -> Value<'_> {
        let Some(text) = field else { return Value::Null };
        let whole = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<i64>().ok();
        match self {
            Self::Integer | Self::Large => whole(&text).map_or(Value::Text(text), Value::Integer),
            Self::Bool => Value::Integer(i64::from(*text == *b"t")),
            Self::Real => match std::str::from_utf8(&text).ok().and_then(|text| text.parse::<f64>().ok()) {
                Some(number) if number.is_finite() => Value::Real(number),
                // SQLite knows no number that is none.
                _ => Value::Text(text),
            },
            // A large object is fetched as its bytes; its number stays where it could not be.
            Self::Bytes | Self::Object => match text.strip_prefix(b"\\x").map(from_hex) {
                Some(Some(bytes)) => Value::Bytes(bytes),
                _ => whole(&text).map_or(Value::Text(text), Value::Integer),
            },
            Self::Text => Value::Text(text),
        }
    }
}

/// A value for SQLite.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'v> {
    Null,
    Integer(i64),
    Real(f64),
    /// The bytes of a text: a server may hold texts in an encoding that it does not know itself.
    Text(Cow<'v, [u8]>),
    Bytes(Vec<u8>),
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The fields of a line; `None` is NULL.
pub(super) fn fields(line: &[u8]) -> impl Iterator<Item = Option<Cow<'_, [u8]>>> {
    line.split(|byte| *byte == b'\t').map(|field| (field != b"\\N").then(|| unescaped(field)))
}

fn unescaped(field: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(b'\\', field) else { return Cow::Borrowed(field) };
    let (before, rest) = field.split_at(first);
    let mut plain = Vec::with_capacity(field.len());
    plain.extend_from_slice(before);
    let mut bytes = rest.iter().copied();
    while let Some(byte) = bytes.next() {
        let meant = if byte == b'\\' { bytes.next().map(escaped) } else { Some(byte) };
        plain.extend(meant);
    }
    Cow::Owned(plain)
}

fn escaped(letter: u8) -> u8 {
    match letter {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        other => other,
    }
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |letter: u8| char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    text.chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line: &str) -> Vec<Option<Vec<u8>>> {
        fields(line.as_bytes()).map(|field| field.map(Cow::into_owned)).collect()
    }

    #[test]
    fn escapes_and_null_are_told_from_text() {
        assert_eq!(
            line("a\\tb\t\\N\t\\\\N\t"),
            [Some(b"a\tb".to_vec()), None, Some(b"\\N".to_vec()), Some(Vec::new())]
        );
        assert_eq!(line("x\\r\\n\\\\x00"), [Some(b"x\r\n\\x00".to_vec())]);
    }

    #[test]
    fn every_kind_is_exact() {
        let read = |kind: Kind, text: &'static str| kind.read(Some(Cow::Borrowed(text.as_bytes())));
        assert_eq!(read(Kind::Integer, "-9223372036854775808"), Value::Integer(i64::MIN));
        assert_eq!(read(Kind::Large, "18446744073709551615"), Value::Text(b"18446744073709551615".as_slice().into()));
        assert_eq!(read(Kind::Bytes, "\\x00ff"), Value::Bytes(vec![0, 255]));
        assert_eq!(read(Kind::Object, "16401"), Value::Integer(16401));
        assert_eq!(read(Kind::Real, "0.1"), Value::Real(0.1));
        assert_eq!(read(Kind::Real, "NaN"), Value::Text(b"NaN".as_slice().into()));
        assert_eq!(read(Kind::Bool, "t"), Value::Integer(1));
        assert_eq!(read(Kind::Text, "1.50"), Value::Text(b"1.50".as_slice().into()));
        assert_eq!(Kind::Text.read(None), Value::Null);
    }

    #[test]
    fn a_numeric_is_whole_where_its_scale_is_none() {
        assert_eq!(Kind::of("numeric", (20 << 16) + 4), Kind::Large);
        assert_eq!(Kind::of("numeric", (20 << 16) + 2 + 4), Kind::Text);
        assert_eq!(Kind::of("numeric", -1), Kind::Text);
        assert_eq!(Kind::of("jsonb", -1), Kind::Text);
    }
}
