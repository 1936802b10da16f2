//! How ids, types, moments and documents are written.

use std::io::Write as _;

use chrono::{DateTime, FixedOffset, Utc};
use rusqlite::types::Value;
use serde_json::{Map, Value as Json, json};

use super::Chance;

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// How streams are named, all of a log's in the same way.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Ids {
    Uuid,
    Bytes,
    Hex,
    Prefixed,
    Slug,
    Key,
    Number,
    Large,
    Path,
    Spaced,
}

pub const IDS: [Ids; 12] = [
    Ids::Uuid,
    Ids::Uuid,
    Ids::Bytes,
    Ids::Hex,
    Ids::Prefixed,
    Ids::Prefixed,
    Ids::Slug,
    Ids::Key,
    Ids::Number,
    Ids::Large,
    Ids::Path,
    Ids::Spaced,
];

impl Ids {
    pub fn declared(self) -> &'static str {
        match self {
            Self::Bytes => "BLOB",
            Self::Number | Self::Large => "INTEGER",
            _ => "TEXT",
        }
    }

    /// The names of so many streams of some kinds.
    pub fn make(self, chance: &mut Chance, streams: usize, kinds: &[(String, Vec<String>)]) -> Vec<Value> {
        let mut one = |n: usize| {
            let kind = &kinds[n % kinds.len()].0;
            match self {
                Self::Uuid => text(chance.uuid().to_string()),
                Self::Bytes => Value::Blob(chance.uuid().as_bytes().to_vec()),
                Self::Hex => text(chance.hex()),
                Self::Prefixed => {
                    text(format!("{kind}-{}", if n.is_multiple_of(2) { n.to_string() } else { chance.hex() }))
                }
                Self::Slug => text(format!("{}{n}", chance.word())),
                Self::Key => text(format!("{}{}", chance.hex(), chance.hex())),
                Self::Number => Value::Integer(n as i64 + 1),
                Self::Large => Value::Integer(9_007_199_254_740_993 + n as i64 * 7_919),
                Self::Path => text(format!("/{kind}/{}", n + 100)),
                Self::Spaced => text(format!("{} {} {n}", chance.word(), chance.word())),
            }
        };
        (0..streams).map(&mut one).collect()
    }
}

/// How types are written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Types {
    Pascal,
    Dotted,
    Bare,
    Snake,
    Upper,
    Class,
    Phrase,
    Versioned,
    Colon,
    Code,
    Letter,
    Crud,
    One,
    Many,
}

pub const TYPES: [Types; 17] = [
    Types::Pascal,
    Types::Pascal,
    Types::Dotted,
    Types::Dotted,
    Types::Bare,
    Types::Bare,
    Types::Snake,
    Types::Upper,
    Types::Class,
    Types::Phrase,
    Types::Versioned,
    Types::Colon,
    Types::Code,
    Types::Letter,
    Types::Crud,
    Types::Crud,
    Types::Many,
];

impl Types {
    pub fn declared(self) -> &'static str {
        if self == Self::Code { "INTEGER" } else { "TEXT" }
    }

    /// The type of an event of a thing: the `what`th of its kind, the `version`th of its stream. `choice` is the same for
    /// a whole log.
    pub fn make(self, choice: u64, kind: (usize, &str), what: (usize, &str), version: i64, row: usize) -> Value {
        let capital = |word: &str| -> String {
            word.split(' ')
                .map(|word| {
                    let mut letters = word.chars();
                    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
                })
                .collect()
        };
        let (noun, verb) = (kind.1, what.1);
        let snake = verb.replace(' ', "_");
        match self {
            Self::Pascal => text(capital(noun) + &capital(verb)),
            Self::Dotted => text(format!("{noun}.{snake}")),
            Self::Bare => text(snake),
            Self::Snake => text(format!("{noun}_{snake}")),
            Self::Upper => text(format!("{noun}_{snake}").to_uppercase()),
            Self::Class => text(format!("App\\{}\\Events\\{}", capital(noun), capital(verb))),
            Self::Phrase => text(format!("{} was {verb}", capital(noun))),
            Self::Versioned => text(format!("com.example.{noun}.{snake}/v{}", 1 + what.0 % 2)),
            Self::Colon => text(format!("{noun}:{snake}")),
            Self::Code => {
                let base = [0, 1, 1_000, 30_000][(choice % 4) as usize];
                Value::Integer(base + (kind.0 * 10 + what.0) as i64)
            }
            Self::Letter => {
                let letters =
                    [["+", "~", "-"], ["I", "U", "D"], ["c", "u", "d"], ["N", "M", "X"]][(choice % 4) as usize];
                text(letters[if version == 0 { 0 } else { 1 + usize::from(what.0 % 4 == 3) }])
            }
            Self::Crud => {
                let words = [
                    ["create", "update", "destroy"],
                    ["created", "updated", "deleted"],
                    ["INSERT", "UPDATE", "DELETE"],
                    ["add", "modify", "remove"],
                    ["put", "patch", "delete"],
                ][(choice % 5) as usize];
                text(words[if version == 0 { 0 } else { 1 + usize::from(what.0 % 4 == 3) }])
            }
            Self::One => text(capital(noun) + "Changed"),
            Self::Many => text(format!("{noun}.{row}.{snake}")),
        }
    }
}

/// How moments are written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Times {
    IsoMillis,
    IsoSeconds,
    IsoMicros,
    Offsets,
    Sqlite,
    SqliteFraction,
    Zoneless,
    Compact,
    Rfc2822,
    Seconds,
    Millis,
    Micros,
    Nanos,
    RealSeconds,
    DigitsText,
    Julian,
    Ole,
    Webkit,
    Filetime,
    CoreData,
    Ticks,
}

pub const TIMES: [Times; 27] = [
    Times::IsoMillis,
    Times::IsoMillis,
    Times::IsoSeconds,
    Times::IsoMicros,
    Times::Offsets,
    Times::Sqlite,
    Times::Sqlite,
    Times::Sqlite,
    Times::SqliteFraction,
    Times::Zoneless,
    Times::Compact,
    Times::Rfc2822,
    Times::Seconds,
    Times::Seconds,
    Times::Millis,
    Times::Millis,
    Times::Micros,
    Times::Nanos,
    Times::RealSeconds,
    Times::DigitsText,
    Times::Julian,
    Times::Ole,
    Times::Webkit,
    Times::Filetime,
    Times::CoreData,
    Times::CoreData,
    Times::Ticks,
];

impl Times {
    pub fn declared(self) -> &'static str {
        match self {
            Self::Seconds | Self::Millis | Self::Micros | Self::Nanos | Self::Webkit | Self::Filetime | Self::Ticks => {
                "INTEGER"
            }
            Self::RealSeconds | Self::Julian | Self::Ole | Self::CoreData => "REAL",
            _ => "TEXT",
        }
    }

    /// Whether moments of long before 1970 can be told from other numbers.
    pub fn reaches_back(self) -> bool {
        matches!(self, Self::IsoMillis | Self::Sqlite | Self::Seconds | Self::Millis | Self::Micros | Self::Ticks)
    }

    pub fn make(self, at: i64, row: usize) -> Value {
        let moment: DateTime<Utc> = DateTime::from_timestamp_micros(at).unwrap();
        let written = |pattern: &str| text(moment.format(pattern).to_string());
        match self {
            Self::IsoMillis => written("%Y-%m-%dT%H:%M:%S%.3fZ"),
            Self::IsoSeconds => written("%Y-%m-%dT%H:%M:%SZ"),
            Self::IsoMicros => written("%Y-%m-%dT%H:%M:%S%.6f+00:00"),
            Self::Offsets => {
                let hours = [0, 3_600, 7_200, -18_000, 19_800][row % 5];
                text(moment.with_timezone(&FixedOffset::east_opt(hours).unwrap()).to_rfc3339())
            }
            Self::Sqlite => written("%Y-%m-%d %H:%M:%S"),
            Self::SqliteFraction => written("%Y-%m-%d %H:%M:%S%.6f"),
            Self::Zoneless => written("%Y-%m-%dT%H:%M:%S"),
            Self::Compact => written("%Y%m%dT%H%M%SZ"),
            Self::Rfc2822 => text(moment.to_rfc2822()),
            Self::Seconds => Value::Integer(at.div_euclid(1_000_000)),
            Self::Millis => Value::Integer(at.div_euclid(1_000)),
            Self::Micros => Value::Integer(at),
            Self::Nanos => Value::Integer(at * 1_000 + 123),
            Self::RealSeconds => Value::Real(at as f64 / 1e6),
            Self::DigitsText => text(at.div_euclid(1_000).to_string()),
            Self::Julian => Value::Real(at as f64 / 86_400e6 + 2_440_587.5),
            Self::Ole => Value::Real(at as f64 / 86_400e6 + 25_569.0),
            Self::Webkit => Value::Integer(at + 11_644_473_600_000_000),
            Self::Filetime => Value::Integer((at + 11_644_473_600_000_000) * 10),
            Self::CoreData => Value::Real(at as f64 / 1e6 - 978_307_200.0),
            Self::Ticks => Value::Integer(at * 10 + 621_355_968_000_000_000),
        }
    }
}

/// How documents are written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Payloads {
    Json,
    JsonBytes,
    Cbor,
    MessagePack,
    Yaml,
    PlainYaml,
    Mixed,
    Zlib,
    Bytes,
    Prose,
    Pairs,
}

pub const PAYLOADS: [Payloads; 20] = [
    Payloads::Json,
    Payloads::Json,
    Payloads::Json,
    Payloads::Json,
    Payloads::Json,
    Payloads::Json,
    Payloads::Json,
    Payloads::JsonBytes,
    Payloads::JsonBytes,
    Payloads::Cbor,
    Payloads::Cbor,
    Payloads::MessagePack,
    Payloads::MessagePack,
    Payloads::Yaml,
    Payloads::PlainYaml,
    Payloads::Mixed,
    Payloads::Zlib,
    Payloads::Bytes,
    Payloads::Prose,
    Payloads::Pairs,
];

impl Payloads {
    pub fn declared(self) -> &'static str {
        match self {
            Self::JsonBytes | Self::Cbor | Self::MessagePack | Self::Zlib | Self::Bytes => "BLOB",
            _ => "TEXT",
        }
    }

    pub fn make(self, chance: &mut Chance, data: &Map<String, Json>) -> Value {
        let json = Json::Object(data.clone()).to_string();
        match self {
            Self::JsonBytes => Value::Blob(json.into_bytes()),
            Self::Cbor => {
                let mut bytes = Vec::new();
                ciborium::into_writer(&cbor(&Json::Object(data.clone())), &mut bytes).unwrap();
                Value::Blob(bytes)
            }
            Self::MessagePack => {
                let mut bytes = Vec::new();
                rmpv::encode::write_value(&mut bytes, &messagepack(&Json::Object(data.clone()))).unwrap();
                Value::Blob(bytes)
            }
            Self::Yaml => text(format!("---\n{}", yaml(data, ":"))),
            Self::PlainYaml => text(yaml(data, "")),
            Self::Mixed if chance.percent(40) => text(format!("{} {}", chance.word(), chance.word())),
            Self::Json | Self::Mixed => text(json),
            Self::Zlib => {
                let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
                packer.write_all(json.as_bytes()).unwrap();
                Value::Blob(packer.finish().unwrap())
            }
            Self::Bytes => {
                let length = chance.between(18, 60);
                Value::Blob((0..length).map(|_| (chance.bits() % 256) as u8).collect())
            }
            Self::Prose => text(format!("{} the {} of {}.", chance.word(), chance.word(), chance.between(1, 900))),
            Self::Pairs => {
                let pairs: Vec<String> =
                    data.iter().map(|(key, value)| format!("{key}={}", value.to_string().replace('"', ""))).collect();
                text(pairs.join("&"))
            }
        }
    }
}

fn yaml(data: &Map<String, Json>, mark: &str) -> String {
    let lines: Vec<String> = data.iter().map(|(key, value)| format!("{mark}{key}: {value}\n")).collect();
    lines.concat()
}

fn cbor(value: &Json) -> ciborium::Value {
    match value {
        Json::Object(map) => {
            ciborium::Value::Map(map.iter().map(|(key, value)| (key.clone().into(), cbor(value))).collect())
        }
        Json::Array(list) => ciborium::Value::Array(list.iter().map(cbor).collect()),
        Json::String(text) => text.clone().into(),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| number.as_f64().unwrap_or_default().into(), ciborium::Value::from)
        }
        Json::Bool(value) => (*value).into(),
        Json::Null => ciborium::Value::Null,
    }
}

fn messagepack(value: &Json) -> rmpv::Value {
    match value {
        Json::Object(map) => {
            rmpv::Value::Map(map.iter().map(|(key, value)| (key.as_str().into(), messagepack(value))).collect())
        }
        Json::Array(list) => rmpv::Value::Array(list.iter().map(messagepack).collect()),
        Json::String(text) => text.as_str().into(),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| number.as_f64().unwrap_or_default().into(), rmpv::Value::from)
        }
        Json::Bool(value) => (*value).into(),
        Json::Null => rmpv::Value::Nil,
    }
}

/// What surrounds an event.
pub fn surroundings(chance: &mut Chance, actor: &str) -> Map<String, Json> {
    let mut found = Map::new();
    found.insert("correlationId".to_owned(), json!(chance.uuid().to_string()));
    found.insert("user".to_owned(), json!(actor));
    found
}

/// The text by which values are compared.
pub fn said(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => format!("{number:?}"),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
    }
}

/// The bytes of a value as they are stored.
pub fn stored(value: &Value) -> Vec<u8> {
    match value {
        Value::Text(text) => text.clone().into_bytes(),
        Value::Blob(bytes) => bytes.clone(),
        other => said(other).into_bytes(),
    }
}
