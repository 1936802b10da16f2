//! What a stored value means: payloads, ids and moments. Nothing here fails or panics, whatever the bytes are: what
//! cannot be read is said to be unreadable, and the stored bytes are always kept.

mod iso;
mod time;
mod waiting;

use std::borrow::Cow;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use serde_json::Value;

use crate::event::{Decoded, Meaning, Payload, StorageClass, Wrapped};

use crate::codec::marks::hex;
use crate::codec::{self, Codec, Encoding, Format, Unwrap, readable};

pub(crate) use time::likely_unit;
pub use time::timestamp;
pub(crate) use waiting::Declared;

/// What is said of a document that was taken out of an envelope.
const ENVELOPE: &str = "envelope";

/// The data or metadata that a value holds.
#[must_use]
pub fn payload(value: ValueRef<'_>, encoding: &Encoding) -> Payload {
    let (storage, raw): (StorageClass, Arc<[u8]>) = match value {
        ValueRef::Null => return Payload::default(),
        ValueRef::Integer(number) => (StorageClass::Integer, number.to_string().into_bytes().into()),
        ValueRef::Real(number) => (StorageClass::Real, real_text(number).into_bytes().into()),
        ValueRef::Text(bytes) => (StorageClass::Text, bytes.into()),
        ValueRef::Blob(bytes) => (StorageClass::Blob, bytes.into()),
    };
    let decoded = decoded(&raw, storage, encoding);
    Payload::new(raw, storage, decoded)
}

fn decoded(raw: &[u8], storage: StorageClass, encoding: &Encoding) -> Decoded {
    let is_text = storage != StorageClass::Blob;
    let decoded = match encoding.layers.as_slice() {
        [] => codec::decode_auto(raw, is_text),
        declared => codec::decode_as(declared, raw, is_text),
    };
    unwrap(decoded, &encoding.unwrap)
}

/// The data or metadata that a value holds, where `names` is what the field's own
/// [codec](crate::profile::Field::codec) says of this row.
#[must_use]
pub fn payload_named(value: ValueRef<'_>, names: ValueRef<'_>, encoding: &Encoding) -> Payload {
    match names.as_str().ok().and_then(Codec::chain) {
        Some(layers) => payload(value, &Encoding { layers, unwrap: encoding.unwrap.clone() }),
        None => payload(value, encoding),
    }
}

/// The payload with the values of its document as they are, where a library wrapped them so as to say their types.
#[must_use]
pub fn plain(payload: Payload) -> Payload {
    let (raw, storage) = (Arc::clone(&payload.raw), payload.storage);
    let Meaning { decoded, wrapped } = plain_meaning(payload.into_decoded(), &raw);
    let payload = Payload::new(raw, storage, decoded);
    match wrapped {
        Some(wrapped) => payload.taken_from(wrapped),
        None => payload,
    }
}

/// What a document means without what a library wrapped its values in; `raw` is what it was read from.
fn plain_meaning(decoded: Decoded, raw: &[u8]) -> Meaning {
    let Decoded::Document { value, encodings } = decoded else { return decoded.into() };
    let is_yaml = encodings.contains(&Codec::Yaml.name());
    // To look for a few names in the text is quicker than to walk over the document.
    let is_json = encodings.iter().all(|name| [Codec::Json.name(), ENVELOPE].contains(name));
    let plain = if is_json && !codec::may_hold_wrapped(raw) { None } else { codec::unwrapped(&value, is_yaml) };
    match plain {
        Some(plain) => Meaning {
            decoded: Decoded::Document { value: plain.value, encodings },
            wrapped: Some(Arc::new(Wrapped { document: value, types: plain.types })),
        },
        None => Decoded::Document { value, encodings }.into(),
    }
}

/// The text of an id, a name or a number; `None` for NULL.
///
/// Text is as it is stored. Bytes that are no readable text are a UUID where there are 16 of them, and hexadecimal
/// digits otherwise, if the format does not say it better: some libraries write UUIDs as blobs, and PHP's database
/// layer stores raw bytes as text.
#[must_use]
pub fn text(value: ValueRef<'_>, format: Format) -> Option<String> {
    borrowed_text(value, format).map(Cow::into_owned)
}

/// The same, borrowed where it is stored as it is said.
#[must_use]
pub fn borrowed_text(value: ValueRef<'_>, format: Format) -> Option<Cow<'_, str>> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => number.to_string().into(),
        ValueRef::Real(number) => real_text(number).into(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes_text(bytes, format),
    })
}

/// A real as the shortest text that reads back as the same number: `0.1`, `1.0`, `1e300`.
fn real_text(number: f64) -> String {
    format!("{number:?}")
}

fn bytes_text(bytes: &[u8], format: Format) -> Cow<'_, str> {
    let uuid = <[u8; 16]>::try_from(bytes).ok();
    let said = match (format, uuid, readable(bytes)) {
        (Format::Uuid, Some(id), _) | (Format::Auto, Some(id), None) => uuid::Uuid::from_bytes(id).to_string(),
        (Format::Guid, Some(id), _) => uuid::Uuid::from_bytes_le(id).to_string(),
        (Format::Ulid, Some(_), _) => codec::id::ulid(bytes).unwrap_or_else(|| hex(bytes)),
        (Format::Hex, ..) => hex(bytes),
        (_, _, Some(text)) => return Cow::Borrowed(text),
        _ => hex(bytes),
    };
    Cow::Owned(said)
}

fn unwrap(decoded: Decoded, how: &Unwrap) -> Decoded {
    let Decoded::Document { value, mut encodings } = decoded else { return decoded };
    let inner = match how {
        Unwrap::None => None,
        Unwrap::Tagged => tagged(&value),
        Unwrap::Pointer(pointer) => value.pointer(pointer).cloned(),
    };
    match inner {
        Some(value) => {
            encodings.push(ENVELOPE);
            Decoded::Document { value, encodings }
        }
        None => Decoded::Document { value, encodings },
    }
}

/// What an externally tagged value carries: `{"Tag": inner}` or, for a tag that carries nothing, `"Tag"`.
fn tagged(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(Value::Null),
        Value::Object(object) if object.len() == 1 => object.values().next().cloned(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn decoded(bytes: &[u8]) -> Decoded {
        payload(ValueRef::Blob(bytes), &Encoding::default()).into_decoded()
    }

    #[test]
    fn numbers_keep_their_digits() {
        let text = br#"{"big":123456789012345678901234567890,"price":10.10,"tiny":1e-400}"#;
        let payload = payload(ValueRef::Text(text), &Encoding::of(Codec::Json));
        assert_eq!(payload.value().unwrap().to_string().as_bytes(), text);
        assert_eq!(&*payload.raw, text);
    }

    #[test]
    fn what_json_cannot_hold_is_marked() {
        for (text, value) in [
            ("{\"a\": NaN}", json!({"a": {"$float": "NaN"}})),
            ("\"\\ud800\"", json!("\\ud800")),
            ("{\"a\":1,\"a\":2}", json!({"a": 2, "$duplicates": {"a": [1]}})),
        ] {
            let found = payload(ValueRef::Text(text.as_bytes()), &Encoding::of(Codec::Json));
            assert_eq!(found.value(), Some(&value), "{text}");
            assert_eq!(&*found.raw, text.as_bytes());
        }
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        let found = payload(ValueRef::Text(deep.as_bytes()), &Encoding::of(Codec::Json));
        assert!(found.value().unwrap().to_string().contains("{\"$deep\":\"[["));
    }

    #[test]
    fn what_is_no_json_is_shown_as_the_text_that_it_is() {
        for text in ["{broken", "", "\tA: 1 b"] {
            let found = payload(ValueRef::Text(text.as_bytes()), &Encoding::of(Codec::Json));
            assert_eq!(*found.decoded(), Decoded::Text(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_value_of_another_kind_than_declared_is_read_as_what_it_is() {
        let found = payload(ValueRef::Blob(b"\x81\xa1a\x01"), &Encoding::of(Codec::Json));
        assert_eq!(*found.decoded(), Decoded::Document { value: json!({"a": 1}), encodings: vec!["messagepack"] });
        assert_eq!(payload(ValueRef::Integer(-7), &Encoding::default()).value(), Some(&json!(-7)));
    }

    #[test]
    fn opaque_bytes_say_what_was_tried() {
        let Decoded::Opaque { tried } = decoded(&[0xc1, 0xff, 0x00, 0x9d]) else { panic!("not opaque") };
        assert!(tried.iter().any(|line| line.starts_with("json: ")), "{tried:?}");
        assert!(tried.iter().any(|line| line.starts_with("messagepack: ")), "{tried:?}");
    }

    #[test]
    fn envelopes_are_opened_and_the_raw_bytes_kept() {
        let tagged = Encoding { layers: vec![Codec::Json], unwrap: Unwrap::Tagged };
        let renamed = payload(ValueRef::Text(br#"{"ItemRenamed":{"name":"x"}}"#), &tagged);
        assert_eq!(renamed.value(), Some(&json!({"name": "x"})));
        assert_eq!(&*renamed.raw, br#"{"ItemRenamed":{"name":"x"}}"#);
        assert_eq!(payload(ValueRef::Text(b"\"AccountFrozen\""), &tagged).value(), Some(&Value::Null));
        let pointer = Encoding { layers: vec![], unwrap: Unwrap::Pointer("/payload".into()) };
        let wrapped = payload(ValueRef::Text(br#"{"class":"C","payload":[1]}"#), &pointer);
        assert_eq!(wrapped.value(), Some(&json!([1])));
        assert_eq!(payload(ValueRef::Text(br#"{"other":1}"#), &pointer).value(), Some(&json!({"other": 1})));
    }

    #[test]
    fn wrapped_values_are_shown_plain_and_written_as_they_were() {
        let text = br#"{"amount":{"_type_":"decimal_str","_data_":"8.00"},"qty":2}"#;
        let stored = payload(ValueRef::Blob(text), &Encoding::of(Codec::Json));
        let plain = plain(stored.clone());
        assert_eq!(plain.value(), Some(&json!({"amount": "8.00", "qty": 2})));
        assert_eq!(plain.wrapped().unwrap().types["/amount"], "decimal_str");
        assert_eq!((&*plain.raw, plain.to_stored_json()), (text.as_slice(), stored.to_json()));
        assert_eq!(plain.json_text(), None);
        let untouched = super::plain(payload(ValueRef::Text(b"{\"a\":1}"), &Encoding::default()));
        assert!(untouched.wrapped().is_none() && untouched.to_stored_json() == json!({"a": 1}));
    }

    #[test]
    fn a_row_may_name_its_codec() {
        let json = Encoding::of(Codec::Json);
        let named = |names: ValueRef<'_>| payload_named(ValueRef::Blob(b"7\0\0\0"), names, &json).into_decoded();
        let number = Decoded::Document { value: json!(55), encodings: vec!["integer"] };
        assert_eq!(named(ValueRef::Text(b"integer")), number);
        for other in [ValueRef::Null, ValueRef::Text(b"bitcode"), ValueRef::Integer(1)] {
            assert_eq!(named(other), payload(ValueRef::Blob(b"7\0\0\0"), &json).into_decoded());
        }
    }

    #[test]
    fn ids_of_every_kind_become_text() {
        let bytes: Vec<u8> = (0x80..0x90).collect();
        let big = "80818283-8485-8687-8889-8a8b8c8d8e8f";
        assert_eq!(text(ValueRef::Blob(&bytes), Format::Auto).as_deref(), Some(big));
        assert_eq!(text(ValueRef::Text(&bytes), Format::Auto).as_deref(), Some(big));
        let little = "83828180-8584-8786-8889-8a8b8c8d8e8f";
        assert_eq!(text(ValueRef::Blob(&bytes), Format::Guid).as_deref(), Some(little));
        assert_eq!(text(ValueRef::Blob(&bytes), Format::Ulid).as_deref(), Some("40G6187145GT3RH2CAHE68V3MF"));
        assert_eq!(text(ValueRef::Blob(b"sixteen letters!"), Format::Auto).as_deref(), Some("sixteen letters!"));
        assert_eq!(text(ValueRef::Blob(&[0, 255]), Format::Auto).as_deref(), Some("00ff"));
        assert_eq!(text(ValueRef::Text("60b6f34f85".as_bytes()), Format::Uuid).as_deref(), Some("60b6f34f85"));
        assert_eq!(text(ValueRef::Null, Format::Auto), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_raw_is_what_was_stored(bytes: Vec<u8>, codec in 0..=Codec::ALL.len()) {
            let layers = Codec::ALL.get(codec).map(|codec| vec![*codec]).unwrap_or_default();
            let encoding = Encoding { layers, unwrap: Unwrap::Tagged };
            for value in [ValueRef::Blob(&bytes), ValueRef::Text(&bytes)] {
                prop_assert_eq!(&*payload(value, &encoding).raw, bytes.as_slice());
                let _ = (text(value, Format::Uuid), timestamp(value, Format::Auto));
            }
        }

        #[test]
        fn no_number_panics(integer: i64, real: f64) {
            for format in [Format::Auto, Format::UnixSeconds, Format::UnixMillis, Format::UnixMicros,
                           Format::UnixNanos, Format::JulianDay, Format::DotnetTicks] {
                let _ = timestamp(ValueRef::Integer(integer), format);
                let _ = timestamp(ValueRef::Real(real), format);
            }
        }
    }
}
