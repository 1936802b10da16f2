//! How a stored value is written: the format of an id or a moment, the layers of a payload.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Codec;

/// How an id or a moment is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Decide by each value: text as it is, 16 bytes that are no text as a UUID, numbers by their plausible range.
    #[default]
    Auto,
    /// Text as it is; bytes that are no text as hexadecimal digits.
    Text,
    /// 16 bytes, as a blob or as text, in the order of RFC 9562; shown with dashes.
    Uuid,
    /// 16 bytes in the order of .NET's `Guid.ToByteArray`: the first three groups are little-endian.
    Guid,
    /// 16 bytes, shown as a ULID is written: 26 letters of Crockford's base 32.
    Ulid,
    /// Bytes, shown as hexadecimal digits.
    Hex,
    /// ISO 8601 with `T` and an offset or `Z`: `2026-03-14T12:04:01.912345Z`.
    Iso8601,
    /// What SQLite's `datetime()` writes, with or without a fraction; UTC without saying so.
    Sqlite,
    /// Seconds since 1970, an integer or a real.
    UnixSeconds,
    /// Milliseconds since 1970.
    UnixMillis,
    /// Microseconds since 1970.
    UnixMicros,
    /// Nanoseconds since 1970.
    UnixNanos,
    /// The Julian day, a real: days since noon of 24 November 4714 BC.
    JulianDay,
    /// .NET's ticks: units of 100 ns since the start of the year 1.
    DotnetTicks,
    /// Microseconds since 1601, as `WebKit` and Chrome count.
    Webkit,
    /// Windows' `FILETIME`: units of 100 ns since 1601.
    Filetime,
    /// Seconds since 2001, an integer or a real, as Apple's Core Data counts.
    CoreData,
    /// OLE Automation's date, a real: days since 30 December 1899.
    OleDate,
}

impl Format {
    /// The formats that a moment can have.
    pub const MOMENTS: [Self; 13] = [
        Self::Auto,
        Self::Iso8601,
        Self::Sqlite,
        Self::UnixSeconds,
        Self::UnixMillis,
        Self::UnixMicros,
        Self::UnixNanos,
        Self::JulianDay,
        Self::DotnetTicks,
        Self::Webkit,
        Self::Filetime,
        Self::CoreData,
        Self::OleDate,
    ];
}

/// How a payload is written: the layers to take off, outermost first, and the envelope to open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoding {
    /// The layers, outermost first: `[base64, messagepack]`. Empty: decide by each value.
    pub layers: Vec<Codec>,
    /// The part of the document that is the payload proper.
    pub unwrap: Unwrap,
}

impl Encoding {
    /// One layer, no envelope.
    #[must_use]
    pub fn of(layer: Codec) -> Self {
        Self { layers: vec![layer], unwrap: Unwrap::None }
    }
}

/// Which part of a decoded document is the payload proper. The raw bytes are kept whole in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unwrap {
    /// The whole document.
    #[default]
    None,
    /// The value of the only key: `{"ItemRenamed": {…}}` is `{…}`, and a bare `"AccountFrozen"` is `null`. serde and
    /// aeson write enums like this.
    Tagged,
    /// What a JSON Pointer (RFC 6901) names, such as `/payload`; the whole document where it names nothing.
    Pointer(String),
}

impl Serialize for Unwrap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::None => "none",
            Self::Tagged => "tagged",
            Self::Pointer(pointer) => pointer,
        })
    }
}

impl<'de> Deserialize<'de> for Unwrap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "none" => Ok(Self::None),
            "tagged" => Ok(Self::Tagged),
            pointer if pointer.starts_with('/') => Ok(Self::Pointer(text)),
            other => Err(serde::de::Error::custom(format!(
                "`{other}` is no way to unwrap; expected `none`, `tagged` or a JSON Pointer such as `/payload`"
            ))),
        }
    }
}
