//! A small shop's history, from which tests make databases of any form: `temp.story` holds its events, one a row, and a
//! form is a script that inserts from there.

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params};
use std::io::Write as _;

/// The kinds of streams, with their event types; the first opens a stream, the last closes it.
const KINDS: [(&str, [&str; 5]); 3] = [
    ("order", ["placed", "line_added", "paid", "shipped", "cancelled"]),
    ("account", ["opened", "deposited", "withdrawn", "frozen", "closed"]),
    ("task", ["created", "assigned", "renamed", "commented", "completed"]),
];
const ACTORS: [&str; 3] = ["anna", "bert", "carla"];
const STREAMS: usize = 12;
/// 2026-01-05T08:00:00Z in microseconds.
const START: i64 = 1_767_600_000_000_000;

/// A database with `temp.story` and the functions that forms call: `messagepack`, `cbor` and `zlib` of a JSON text.
pub fn connection() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    add_functions(&conn);
    conn.execute_batch(
        "CREATE TEMP TABLE story (n INTEGER PRIMARY KEY, kind TEXT, kind_name TEXT, sno INTEGER, sid TEXT, v INTEGER, type TEXT,
           dotted TEXT, at INTEGER, iso TEXT, data TEXT, meta TEXT, actor TEXT, corr TEXT, cause TEXT, eid TEXT, eid7 TEXT)",
    )
    .unwrap();
    let mut versions = [0_usize; STREAMS];
    let (mut random, mut at, mut cause) = (7_u64, START, None::<String>);
    for n in 1..=130_i64 {
        let stream = usize::try_from(next(&mut random)).unwrap() % STREAMS;
        versions[stream] += 1;
        at += i64::try_from(next(&mut random) % 90_000_000_000).unwrap();
        cause = Some(tell(&conn, n, stream, versions[stream], at, cause.as_deref()));
    }
    conn
}

/// Adds one event, and gives its id.
fn tell(conn: &Connection, n: i64, stream: usize, version: usize, at: i64, cause: Option<&str>) -> String {
    let (kind, types) = KINDS[stream % 3];
    let what = types[match version {
        1 => 0,
        version => 1 + (version + stream) % 4,
    }];
    let data = match what {
        "placed" | "opened" | "created" => {
            serde_json::json!({"name": format!("The {kind} {stream}"), "owner": ACTORS[stream % 3], "tags": ["new"]})
        }
        "line_added" | "deposited" | "withdrawn" => serde_json::json!({"sku": format!("sku-{n}"), "amount": n * 5}),
        "assigned" | "renamed" => serde_json::json!({"to": format!("somebody {n}")}),
        _ => serde_json::json!({"reason": format!("because of {n}"), "final": what.ends_with("ed")}),
    };
    let (actor, corr) = (ACTORS[(version * 7 + stream) % 3], uuid(1_000 + n as u64 / 3));
    let meta = serde_json::json!({"actor": actor, "correlation_id": corr, "causation_id": cause});
    let moment = chrono::DateTime::from_timestamp_micros(at).unwrap();
    let eid = uuid(n as u64);
    conn.execute(
        "INSERT INTO temp.story VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        params![
            n,
            kind,
            pascal(kind),
            stream as i64,
            uuid(5_000 + stream as u64),
            version as i64,
            pascal(kind) + &pascal(what),
            format!("{kind}.{what}"),
            at,
            moment.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            data.to_string(),
            meta.to_string(),
            actor,
            corr,
            cause,
            eid,
            uuid7(at, n as u64),
        ],
    )
    .unwrap();
    eid
}

fn pascal(words: &str) -> String {
    words.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The next of a run of numbers that look like chance and are always the same (Knuth's generator).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

fn uuid(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let high = u128::from(next(&mut state)) << 96 | u128::from(next(&mut state)) << 64;
    let low = u128::from(next(&mut state)) << 32 | u128::from(next(&mut state));
    uuid::Builder::from_random_bytes((high | low).to_be_bytes()).into_uuid().to_string()
}

fn uuid7(at: i64, seed: u64) -> String {
    let mut state = seed;
    let bytes = u128::from(next(&mut state)).to_be_bytes();
    let random: [u8; 10] = bytes[6..].try_into().unwrap();
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(at / 1_000).unwrap(), &random).into_uuid().to_string()
}

fn add_functions(conn: &Connection) {
    let add = |name: &str, encode: fn(&str) -> Vec<u8>| {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        conn.create_scalar_function(name, 1, flags, move |context| Ok(encode(&context.get::<String>(0)?))).unwrap();
    };
    add("messagepack", |text| {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &packed(&serde_json::from_str(text).unwrap())).unwrap();
        bytes
    });
    add("cbor", |text| {
        let mut bytes = Vec::new();
        ciborium::into_writer(&plain(&serde_json::from_str(text).unwrap()), &mut bytes).unwrap();
        bytes
    });
    add("zlib", |text| {
        let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(text.as_bytes()).unwrap();
        writer.finish().unwrap()
    });
}

fn packed(value: &serde_json::Value) -> rmpv::Value {
    use serde_json::Value;
    match value {
        Value::Null => rmpv::Value::Nil,
        Value::Bool(it) => (*it).into(),
        Value::Number(it) => it.as_i64().unwrap().into(),
        Value::String(it) => it.as_str().into(),
        Value::Array(it) => rmpv::Value::Array(it.iter().map(packed).collect()),
        Value::Object(it) => rmpv::Value::Map(it.iter().map(|(key, it)| (key.as_str().into(), packed(it))).collect()),
    }
}

fn plain(value: &serde_json::Value) -> ciborium::Value {
    use serde_json::Value;
    match value {
        Value::Null => ciborium::Value::Null,
        Value::Bool(it) => (*it).into(),
        Value::Number(it) => it.as_i64().unwrap().into(),
        Value::String(it) => it.as_str().into(),
        Value::Array(it) => ciborium::Value::Array(it.iter().map(plain).collect()),
        Value::Object(it) => {
            ciborium::Value::Map(it.iter().map(|(key, it)| (key.as_str().into(), plain(it))).collect())
        }
    }
}
