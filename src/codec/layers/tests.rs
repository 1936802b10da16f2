//! What bytes decode to, layer by layer, and what they must not be taken for.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::codec::readers::compressed::tests::pack;

fn document(encodings: &[&'static str]) -> Decoded {
    Decoded::Document { value: json!({"a": 1}), encodings: encodings.to_vec() }
}

fn encodings(decoded: &Decoded) -> String {
    match decoded {
        Decoded::Missing => "missing".to_owned(),
        Decoded::Document { encodings, .. } => encodings.join("+"),
        Decoded::Text(_) => "text".to_owned(),
        Decoded::Unread { .. } => "unread".to_owned(),
        Decoded::Opaque { .. } => "opaque".to_owned(),
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn every_format_is_recognised() {
    for (bytes, is_text, expected) in [
        (b"{\"a\":1}".as_slice(), true, "json"),
        (b" 42 ", true, "json"),
        (b"{\"a\":\"\xff\"}", true, "json"),
        (b"\x81\xa1a\x01", false, "messagepack"),
        (b"\x92\xa2ab\x01", false, "messagepack"),
        (b"\xa1\x61\x61\x01", false, "cbor"),
        (b"\xa1\x61\x61\xd8\x2a\x45\x00\x01\x02\x03\x04", false, "cbor"),
        (b"\xbf\x62id\x01\xff", false, "cbor"),
        (b"\x6c\x27id\x23\x34\x32", false, "jsonb"),
        (b"\x7c\x27id\x37abc", false, "jsonb"),
        (b"\x8c\x27id\x47\x41bcd", false, "jsonb"),
        (b"---\n:a: 1\n", true, "yaml"),
        (b"a:1:{s:1:\"a\";i:1;}", true, "php"),
        (b"O:1:\"A\":1:{s:4:\"\0A\0a\";i:1;}", true, "php"),
        (b"<a b='1'>c</a>", true, "xml"),
        (b"\x08\x01\x12\x08Reserved", false, "protobuf"),
        (b"\x0a\x0c\x08\x01\x12\x06\x08\x81\xdf\xed\xca\x06\x18\x02", false, "protobuf"),
        (b"\n\tnine byte", false, "protobuf"),
        (b"eyJhIjoxfQ==", true, "base64+json"),
        (b"eJyrVkpUsjKsBQAIKgIJ", true, "base64+zlib+json"),
        (b"k8s\0\x0a\x10\x0a\x02v1\x12\x0aDeployment", false, "k8s+protobuf"),
        (b"k8s\0{\"a\":1}", false, "k8s+json"),
        (&utf16("{\"a\":\"\u{142}\"}"), false, "utf16+json"),
    ] {
        assert_eq!(encodings(&decode_auto(bytes, is_text)), expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn what_is_text_stays_text() {
    for text in [
        "",
        "plain words",
        "key: value",
        "key: value\nother: 2",
        "- a\n- b",
        "--- a line",
        "---",
        "true story",
        "a:b",
        "s:trange",
        "N;",
        "i:7;",
        "password",
        "aGVsbG8gd29ybGQ=",
        "deadbeefdeadbeef",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "<3",
        "<p>one<br></p>",
        "550e8400-e29b-41d4-a716-446655440000",
        "NaN",
        "Łódź\n日本",
        "{broken",
        "[1,2",
        "\n  indent",
        "K7abc",
        ", and",
        "lower case",
    ] {
        for is_text in [true, false] {
            assert_eq!(decode_auto(text.as_bytes(), is_text), Decoded::Text(text.to_owned()), "{text}");
        }
    }
    let coloured = "\u{1b}[31mred letters on a terminal\u{1b}[0m";
    assert_eq!(decode_auto(coloured.as_bytes(), true), Decoded::Text(coloured.to_owned()));
}

#[test]
fn what_says_too_little_stays_opaque() {
    for bytes in [
        [8; 1_000].as_slice(),
        b"\x80",
        b"\x0c",
        b"\x93\x01\x02\x03",
        b"\x02\x00\x00\x00",
        b"\x0a\x00\x00\x00",
        b"\rPlain bolt v6",
        b"\x08\x96\x01",
        b"\x01\x00",
        b"\x00",
        b"\xff\xff\xff\xff",
        b"\x08SKU-0001\x10\xc3\x85ngstr\xc3\xb6m ruler\x03\x06\x009Z9\x02\x05\x03heavyeco",
        b"\x1a01M7XXHQTZDG1WBE52ZRJV1CNB\x00",
        b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s.",
    ] {
        assert_eq!(encodings(&decode_auto(bytes, false)), "opaque", "{}", bytes.escape_ascii());
    }
}

#[test]
fn compression_is_taken_off_and_may_be_stacked() {
    for codec in [Codec::Zlib, Codec::Gzip, Codec::Zstd, Codec::Lz4] {
        assert_eq!(decode_auto(&pack(codec, b"{\"a\":1}"), false), document(&[codec.name(), "json"]));
        assert_eq!(decode_auto(&pack(codec, b"\x81\xa1a\x01"), false), document(&[codec.name(), "messagepack"]));
        assert_eq!(decode_auto(&pack(codec, b"words"), false), Decoded::Text("words".to_owned()));
    }
    let twice = pack(Codec::Zlib, &pack(Codec::Gzip, b"{\"a\":1}"));
    assert_eq!(decode_as(&[Codec::Json], &twice, false), document(&["zlib", "gzip", "json"]));
    let bomb = (0..20).fold(b"{\"a\":1}".to_vec(), |inner, _| pack(Codec::Zlib, &inner));
    assert_eq!(encodings(&decode_auto(&bomb, false)), "opaque");
}

#[test]
fn declared_layers_come_first_and_a_wrong_declaration_does_no_harm() {
    let base64 = [Codec::Base64, Codec::MessagePack];
    for text in ["gaFhAQ==", "gaFhAQ", "gaFh\nAQ=="] {
        assert_eq!(decode_as(&base64, text.as_bytes(), false), document(&["base64", "messagepack"]));
    }
    assert_eq!(decode_as(&base64, b"{\"a\":1}", false), document(&["json"]));
    assert_eq!(decode_as(&[Codec::Brotli], b"\x0b\x03\x80{\"a\":1}\x03", false), document(&["brotli", "json"]));
    assert_eq!(decode_as(&[Codec::Yaml], b"a: 1\n", false), document(&["yaml"]));
    assert_eq!(decode_as(&[Codec::Utf16], &utf16("{\"a\":1}"), false), document(&["utf16", "json"]));
    assert_eq!(decode_as(&[Codec::Text], b"{\"a\":1}", false), Decoded::Text("{\"a\":1}".to_owned()));
    assert_eq!(decode_as(&[], b"{\"a\":1}", false), document(&["json"]));
    let seven = Decoded::Document { value: json!(-7), encodings: vec!["integer"] };
    assert_eq!(decode_as(&[Codec::Integer], b"\xf9\xff\xff\xff", false), seven);
    let opaque = decode_as(&[Codec::Opaque], b"{\"a\":1}", false);
    assert!(matches!(opaque, Decoded::Opaque { tried } if tried.len() == 1));
}

#[test]
fn opaque_bytes_say_what_was_tried() {
    let Decoded::Opaque { tried } = decode_auto(&[0xc1, 0xff, 0x00, 0x9d], false) else { panic!("readable") };
    for codec in ["messagepack: ", "cbor: ", "protobuf: ", "jsonb: "] {
        assert!(tried.iter().any(|line| line.starts_with(codec)), "{codec} {tried:?}");
    }
    let mut broken = pack(Codec::Zlib, b"{\"a\":1}");
    broken.truncate(8);
    let Decoded::Opaque { tried } = decode_auto(&broken, false) else { panic!("readable") };
    assert!(tried.iter().any(|line| line.starts_with("zlib: ")), "{tried:?}");
    let Decoded::Opaque { tried } = decode_auto(b"\xac\xed\x00\x05sr\x00", false) else { panic!("readable") };
    assert!(tried[0].contains("Java"), "{tried:?}");
}

/// Measures, with a fixed seed, how often bytes without any meaning are taken for a document.
#[test]
fn random_bytes_are_hardly_ever_a_document() {
    const ROUNDS: usize = 2_000;
    let mut state = 7_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    let mut wrong = 0;
    for length in 1..=64 {
        for _ in 0..ROUNDS {
            let bytes: Vec<u8> = std::iter::repeat_with(&mut next).take(length).collect();
            let decoded = decode_auto(&bytes, false);
            wrong += usize::from(matches!(&decoded, Decoded::Document { value, .. } if !value.is_number()));
        }
    }
    assert!(wrong * 2_000 < 64 * ROUNDS, "{wrong} of {}", 64 * ROUNDS);
}

#[test]
fn depth_and_size_are_survived() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    assert_eq!(encodings(&decode_auto(deep.as_bytes(), true)), "json");
    let objects = "{\"a\":".repeat(10_000) + "1" + &"}".repeat(10_000);
    assert_eq!(encodings(&decode_auto(objects.as_bytes(), true)), "json");
    let long = format!("[\"{}\"]", "x\\n".repeat(4_000_000));
    assert_eq!(encodings(&decode_auto(long.as_bytes(), true)), "json");
    assert_eq!(encodings(&decode_auto(&vec![0x91; 1_000_000], false)), "opaque");
    assert_eq!(encodings(&decode_auto(&vec![0x0a; 1_000_000], false)), "text");
}

/// The beginnings that lead into each reader.
const MARKS: [&[u8]; 16] = [
    b"",
    b"{\"a\":",
    b"[",
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"\x78\x9c",
    b"a:2:{",
    b"O:1:\"A\":",
    b"<a",
    b"---\n",
    b"\xff\xfe",
    b"\x82\xa1a",
    b"\xa2\x61",
    b"\x0a\x04",
    b"\x4c\x17",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_panic(mark in 0..MARKS.len(), bytes: Vec<u8>, is_text: bool, first in 0..Codec::ALL.len(), second in 0..Codec::ALL.len()) {
        let bytes = [MARKS[mark], &bytes].concat();
        let _ = decode_auto(&bytes, is_text);
        let _ = decode_as(&[Codec::ALL[first]], &bytes, is_text);
        let _ = decode_as(&[Codec::ALL[first], Codec::ALL[second]], &bytes, is_text);
    }

    #[test]
    fn json_written_by_anyone_is_read_back(key: String, text: String, number: i64, truth: bool) {
        let value = json!({key: [text, number, {"ok": truth}]});
        let expected = Decoded::Document { value: value.clone(), encodings: vec!["json"] };
        prop_assert_eq!(decode_auto(value.to_string().as_bytes(), true), expected);
    }

    #[test]
    fn other_encoders_are_read_back(key in "[a-z]{2,8}", text in "[a-zA-Zł ]{0,40}", number: u32, truth: bool) {
        let value = json!({key: text, "number": number, "list": [truth, null, {"x": -1}]});
        let mut cbor = Vec::new();
        ciborium::into_writer(&plain(&value), &mut cbor).unwrap();
        prop_assert_eq!(decode_auto(&cbor, false), Decoded::Document { value: value.clone(), encodings: vec!["cbor"] });
        let mut packed = Vec::new();
        rmpv::encode::write_value(&mut packed, &packable(&value)).unwrap();
        prop_assert_eq!(decode_auto(&packed, false), Decoded::Document { value, encodings: vec!["messagepack"] });
    }
}

/// The value with numbers that any encoder takes for numbers: `serde_json` keeps them as text.
fn plain(value: &Value) -> ciborium::Value {
    match value {
        Value::Null => ciborium::Value::Null,
        Value::Bool(truth) => ciborium::Value::Bool(*truth),
        Value::Number(number) => ciborium::Value::from(number.as_i64().unwrap()),
        Value::String(text) => ciborium::Value::from(text.as_str()),
        Value::Array(items) => ciborium::Value::Array(items.iter().map(plain).collect()),
        Value::Object(fields) => {
            ciborium::Value::Map(fields.iter().map(|(key, value)| (key.as_str().into(), plain(value))).collect())
        }
    }
}

fn packable(value: &Value) -> rmpv::Value {
    match value {
        Value::Null => rmpv::Value::Nil,
        Value::Bool(truth) => (*truth).into(),
        Value::Number(number) => number.as_i64().unwrap().into(),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => rmpv::Value::Array(items.iter().map(packable).collect()),
        Value::Object(fields) => {
            rmpv::Value::Map(fields.iter().map(|(key, value)| (key.as_str().into(), packable(value))).collect())
        }
    }
}
