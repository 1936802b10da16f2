//! Payloads of every encoding, read out of a database as the application left them; and those that nothing should survive.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use eventscope::event::{Decoded, Event, StorageClass};
use eventscope::profile::Profile;
use eventscope::source::{Choice, OpenOptions, Source};
use proptest::prelude::*;
use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use rusqlite::{Connection, ToSql};
use serde_json::{Value, json};

use super::profiles::forms;

/// Bytes, to be stored as text whatever they are, as PHP's database layer does.
struct AsText<'a>(&'a [u8]);

impl ToSql for AsText<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0)))
    }
}

const PROFILE: &str = "name = 'log'\ntitle = 'Log'\n[events]\nfrom = 'log'\nposition = 'id'\nevent_type = \"'stored'\"\n\
    data = { sql = 'body', codec = 'codec' }\n";

fn log(folder: &Path) -> Connection {
    let conn = Connection::open(folder.join("log.db")).unwrap();
    conn.execute_batch("CREATE TABLE log (id INTEGER PRIMARY KEY, codec TEXT, body)").unwrap();
    conn
}

fn read(folder: &Path) -> Vec<Event> {
    let profile = Choice::Profile(Arc::new(Profile::parse(PROFILE).unwrap()));
    let source =
        Source::open(folder.join("log.db"), &OpenOptions { profile: Some(profile), ..OpenOptions::default() }).unwrap();
    source.page_at(0, usize::MAX).unwrap()
}

/// Each value stored and read back: the raw bytes must be those that were stored.
fn stored(values: &[(Option<&str>, Stored)]) -> Vec<Event> {
    let folder = tempfile::tempdir().unwrap();
    let conn = log(folder.path());
    for (codec, value) in values {
        conn.execute("INSERT INTO log (codec, body) VALUES (?1, ?2)", (codec, value)).unwrap();
    }
    drop(conn);
    let events = read(folder.path());
    for ((_, value), event) in values.iter().zip(&events) {
        if let Stored::Blob(bytes) = value {
            assert_eq!((&*event.data.raw, event.data.storage), (bytes.as_slice(), StorageClass::Blob));
        }
        if let Stored::Text(text) = value {
            assert_eq!((&*event.data.raw, event.data.storage), (text.as_bytes(), StorageClass::Text));
        }
    }
    events
}

fn packed(pack: impl FnOnce(&mut Vec<u8>)) -> Stored {
    let mut bytes = Vec::new();
    pack(&mut bytes);
    Stored::Blob(bytes)
}

fn blob(bytes: &[u8]) -> Stored {
    Stored::Blob(bytes.to_vec())
}

fn text(text: &str) -> Stored {
    Stored::Text(text.to_owned())
}

const JSON: &[u8] = br#"{"sku":"SKU-1","qty":3}"#;

#[test]
fn every_encoding_is_found_out_and_named() {
    let document = json!({"sku": "SKU-1", "qty": 3});
    let zlib = packed(|bytes| {
        let mut encoder = flate2::write::ZlibEncoder::new(bytes, flate2::Compression::default());
        encoder.write_all(JSON).unwrap();
        encoder.finish().unwrap();
    });
    let gzip = packed(|bytes| {
        let mut encoder = flate2::write::GzEncoder::new(bytes, flate2::Compression::default());
        encoder.write_all(JSON).unwrap();
        encoder.finish().unwrap();
    });
    let lz4 = packed(|bytes| {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(bytes);
        encoder.write_all(JSON).unwrap();
        encoder.finish().unwrap();
    });
    let zstd = Stored::Blob(ruzstd::encoding::compress_to_vec(JSON, ruzstd::encoding::CompressionLevel::Fastest));
    let cbor = packed(|bytes| {
        let map = vec![("sku".into(), "SKU-1".into()), ("qty".into(), 3.into())];
        ciborium::into_writer(&ciborium::Value::Map(map), bytes).unwrap();
    });
    let messagepack = packed(|bytes| {
        let map = vec![("sku".into(), "SKU-1".into()), ("qty".into(), 3.into())];
        rmpv::encode::write_value(bytes, &rmpv::Value::Map(map)).unwrap();
    });
    let utf16 = String::from_utf8_lossy(JSON).encode_utf16().flat_map(u16::to_be_bytes).collect();
    let values = [
        (None, text(std::str::from_utf8(JSON).unwrap()), "json"),
        (None, blob(JSON), "json"),
        (None, messagepack, "messagepack"),
        (None, cbor, "cbor"),
        (None, text("---\n:sku: SKU-1\n:qty: 3\n"), "yaml"),
        (None, blob(b"a:2:{s:3:\"sku\";s:5:\"SKU-1\";s:3:\"qty\";i:3;}"), "php"),
        (None, zlib, "zlib+json"),
        (None, gzip, "gzip+json"),
        (None, zstd, "zstd+json"),
        (None, lz4, "lz4+json"),
        // `printf '{"sku":"SKU-1","qty":3}' | brotli -q 0`: one uncompressed meta-block, then the empty last one.
        (Some("brotli"), blob(&[b"\x0b\x0b\x80".as_slice(), JSON, b"\x03"].concat()), "brotli+json"),
        (None, text("eyJza3UiOiJTS1UtMSIsInF0eSI6M30="), "base64+json"),
        (None, Stored::Blob(utf16), "utf16+json"),
    ];
    let rows: Vec<_> = values.iter().map(|(codec, value, _)| (*codec, value.clone())).collect();
    for (event, (_, _, expected)) in stored(&rows).iter().zip(&values) {
        let Decoded::Document { value, encodings } = event.data.decoded() else { panic!("{expected}: {event:?}") };
        assert_eq!((value, encodings.join("+").as_str()), (&document, *expected));
    }
}

#[test]
fn formats_with_more_than_json_has_are_marked() {
    let folder = tempfile::tempdir().unwrap();
    let conn = log(folder.path());
    conn.execute("INSERT INTO log (body) VALUES (jsonb('{\"a\":[1.50,null,\"ł\"]}'))", []).unwrap();
    let rows = [
        // DAG-CBOR: a link is the tag 42 around a CID, after a zero.
        (None, blob(b"\xa1\x64link\xd8\x2a\x45\x00\x01\x71\x12\x20")),
        (None, text("<Order id='7'><sku>SKU-1</sku></Order>")),
        (Some("protobuf"), blob(b"\x08\x96\x01\x12\x07testing\x1a\x02\x08\x01")),
        (Some("integer"), blob(b"\xf9\xff\xff\xff")),
        (None, Stored::Integer(-7)),
        (None, Stored::Real(0.1)),
    ];
    for (codec, value) in &rows {
        conn.execute("INSERT INTO log (codec, body) VALUES (?1, ?2)", (codec, value)).unwrap();
    }
    let events = read(folder.path());
    let values: Vec<Value> = events.iter().map(|event| event.data.to_json()).collect();
    assert_eq!(values[0].to_string(), r#"{"a":[1.50,null,"ł"]}"#);
    assert_eq!(values[1], json!({"link": {"$tag": [42, {"$binary": "0001711220"}]}}));
    assert!(values[2].to_string().contains("SKU-1"), "{}", values[2]);
    assert_eq!(values[3], json!({"1": 150, "2": "testing", "3": {"1": 1}}));
    assert_eq!(values[4..6], [json!(-7), json!(-7)]);
    assert_eq!((values[6].to_string().as_str(), events[6].data.storage), ("0.1", StorageClass::Real));
}

#[test]
fn what_other_readers_refuse_round_or_hide_is_shown_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let conn = log(folder.path());
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let bodies: [&[u8]; 8] = [
        br#"{"big":123456789012345678901234567890,"price":10.10,"tiny":1e-400}"#,
        br#"{"a":1,"a":2}"#,
        br#"{"a":NaN}"#,
        br#"["\ud800"]"#,
        b"[\"caf\xe9\"]",
        deep.as_bytes(),
        b"\xc1\xff\x00 no text at all \x9d",
        b"a text with \0 in the midst of it, and more",
    ];
    for body in bodies {
        conn.execute("INSERT INTO log (body) VALUES (?1)", [AsText(body)]).unwrap();
    }
    let events = read(folder.path());
    for (event, body) in events.iter().zip(bodies) {
        assert_eq!((&*event.data.raw, event.data.storage), (body, StorageClass::Text));
    }
    let shown = |row: usize| events[row].data.to_json().to_string();
    assert_eq!(shown(0).as_bytes(), bodies[0]);
    assert_eq!(shown(1), r#"{"a":2,"$duplicates":{"a":[1]}}"#);
    assert_eq!(shown(2), r#"{"a":{"$float":"NaN"}}"#);
    assert_eq!(shown(3), r#"["\\ud800"]"#);
    assert_eq!(shown(4), "[\"caf\u{fffd}\"]");
    assert!(shown(5).contains("$deep"));
    assert!(matches!(events[6].data.decoded(), Decoded::Opaque { tried } if !tried.is_empty()));
    assert!(matches!(events[7].data.decoded(), Decoded::Text(text) if text.contains('\0')));
}

#[test]
fn a_hundred_megabytes_are_survived() {
    const SIZE: usize = 100_000_000;
    let folder = tempfile::tempdir().unwrap();
    let conn = log(folder.path());
    conn.execute("INSERT INTO log (body) VALUES (zeroblob(?1))", [100_000_000]).unwrap();
    conn.execute(
        "INSERT INTO log (body) VALUES ('[\"' || replace(hex(zeroblob(?1)), '00', 'xy') || '\"]')",
        [50_000_000],
    )
    .unwrap();
    drop(conn);
    let events = read(folder.path());
    assert_eq!((events[0].data.raw.len(), events[1].data.raw.len()), (SIZE, SIZE + 4));
    assert!(matches!(events[0].data.decoded(), Decoded::Opaque { .. }));
    assert_eq!(events[1].data.value().unwrap()[0].as_str().unwrap().len(), SIZE);
}

/// A database may hold its text as UTF-16; what is read is the same.
#[test]
fn databases_in_utf16_read_like_others() {
    let folder = tempfile::tempdir().unwrap();
    for (name, script) in forms::FORMS {
        let open = |encoding: &str| {
            let path = folder.path().join(format!("{name}-{encoding}.db"));
            let conn = Connection::open(&path).unwrap();
            conn.execute_batch(&format!("PRAGMA encoding = '{encoding}';")).unwrap();
            conn.execute_batch(script).unwrap();
            let now: String = conn.query_row("PRAGMA encoding", [], |row| row.get(0)).unwrap();
            assert_eq!(now, encoding);
            drop(conn);
            Source::open(path, &OpenOptions::default()).unwrap()
        };
        let plain = open("UTF-8");
        for encoding in ["UTF-16le", "UTF-16be"] {
            let wide = open(encoding);
            assert_eq!(wide.detection(), plain.detection(), "{name} {encoding}");
            assert_eq!(wide.page_at(0, 1_000).unwrap(), plain.page_at(0, 1_000).unwrap(), "{name} {encoding}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any bytes, stored as text or as a blob, under any name of a codec: nothing fails, and what is raw is what was stored.
    #[test]
    fn any_bytes_are_read_and_none_is_changed(
        rows in prop::collection::vec((any::<Vec<u8>>(), any::<bool>(), "(json|zlib|php|yaml|cbor|k8s|utf16|nobody|base64,gzip){0,1}"), 1..40)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let conn = log(folder.path());
        for (bytes, as_text, codec) in &rows {
            let stored: &dyn ToSql = if *as_text { &AsText(bytes) } else { bytes };
            conn.execute("INSERT INTO log (codec, body) VALUES (?1, ?2)", (codec, stored)).unwrap();
        }
        drop(conn);
        for (event, (bytes, as_text, _)) in read(folder.path()).iter().zip(&rows) {
            let storage = if *as_text { StorageClass::Text } else { StorageClass::Blob };
            prop_assert_eq!((&*event.data.raw, event.data.storage), (bytes.as_slice(), storage));
        }
    }
}
