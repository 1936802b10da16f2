//! One field of a mapping: an SQL expression, and how the value that it gives is written.
//!
//! In TOML a field is the expression alone, or a table:
//!
//! ```toml
//! event_type = "message_type"
//! timestamp  = { sql = "created", format = "sqlite" }
//! data       = { sql = "body", encoding = ["base64", "messagepack"], unwrap = "/payload" }
//! state      = { sql = "state", codec = "CASE serializer WHEN 1 THEN 'json' WHEN 2 THEN 'gzip,json' END" }
//! ```

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::{Codec, Encoding, Format, Unwrap};

/// Where one canonical field comes from, and how its value is written.
///
/// The expression is read with the table or join of [`Mapping::from`](super::Mapping::from) in scope. Put it in
/// parentheses when composing SQL: it may be any expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// An SQL expression; most often a column.
    pub sql: String,
    /// How an id or a moment is written. It says nothing about payloads.
    pub format: Format,
    /// How a payload is written. It says nothing about ids and moments.
    pub encoding: Encoding,
    /// Where each row says for itself how its payload is written: an SQL expression for the names of the layers,
    /// outermost first, with commas between them. Where it gives NULL or no such names, `encoding` holds.
    pub codec: Option<String>,
}

impl Field {
    /// A field whose value is found out value by value.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), ..Self::default() }
    }

    /// The same field with a format.
    #[must_use]
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// The same field with an encoding.
    #[must_use]
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }
}

/// The table form of a field in TOML.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    sql: String,
    #[serde(default, skip_serializing_if = "is_default")]
    format: Format,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "layers")]
    encoding: Vec<Codec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    codec: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    unwrap: Unwrap,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::new(&self.sql) {
            return serializer.serialize_str(&self.sql);
        }
        FieldTable {
            sql: self.sql.clone(),
            format: self.format,
            encoding: self.encoding.layers.clone(),
            codec: self.codec.clone(),
            unwrap: self.encoding.unwrap.clone(),
        }
        .serialize(serializer)
    }
}

// By hand rather than `untagged`, whose errors do not say what is wrong inside.
impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldVisitor;

        impl<'de> Visitor<'de> for FieldVisitor {
            type Value = Field;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an SQL expression, or a table { sql, format, encoding, codec, unwrap }")
            }

            fn visit_str<E: serde::de::Error>(self, sql: &str) -> Result<Field, E> {
                filled(Field::new(sql))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
                let table = FieldTable::deserialize(MapAccessDeserializer::new(map))?;
                let encoding = Encoding { layers: table.encoding, unwrap: table.unwrap };
                filled(Field { sql: table.sql, format: table.format, encoding, codec: table.codec })
            }
        }

        deserializer.deserialize_any(FieldVisitor)
    }
}

/// Refuses an empty expression: it would only fail later, as a syntax error in SQL that nobody wrote.
fn filled<E: serde::de::Error>(field: Field) -> Result<Field, E> {
    if field.sql.trim().is_empty() {
        return Err(E::custom("the SQL expression is empty; leave the field out instead"));
    }
    Ok(field)
}

/// One layer is written as a word, several as a list.
mod layers {
    use std::fmt;

    use serde::de::value::{SeqAccessDeserializer, StrDeserializer};
    use serde::de::{SeqAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Codec;

    pub(super) fn serialize<S: Serializer>(layers: &[Codec], serializer: S) -> Result<S::Ok, S::Error> {
        match layers {
            [one] => one.serialize(serializer),
            several => several.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Codec>, D::Error> {
        struct LayersVisitor;

        impl<'de> Visitor<'de> for LayersVisitor {
            type Value = Vec<Codec>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an encoding, or a list of them, outermost first")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Vec<Codec>, E> {
                if word == "auto" {
                    return Ok(Vec::new());
                }
                Codec::deserialize(StrDeserializer::new(word)).map(|layer| vec![layer])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<Codec>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list))
            }
        }

        deserializer.deserialize_any(LayersVisitor)
    }
}
