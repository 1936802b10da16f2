//! Protocol Buffers without their schema (<https://protobuf.dev/programming-guides/encoding/>): a message is an object
//! of its field numbers, and the form of each value tells its wire type.
//!
//! A varint is a number, a text or a message of its own is a text or an object, other bytes are `$binary`, and the fixed
//! types `$fixed32` and `$fixed64`. A field that comes again is a list.
//!
//! Nearly any few bytes are a message of some kind, so each reading comes with the evidence for it.

use serde_json::map::Entry;
use serde_json::{Map, Value, json};

use crate::codec::evidence::{self, Bits};
use crate::codec::marks::{MAX_DEPTH, binary, float, float32, number, too_deep};
use crate::codec::text;

/// Where there is this much evidence against a message, the rest of it is not read: it may be 100 MB of something else.
const HOPELESS: Bits = -40.0;

/// After this many fields there must be evidence enough.
const PATIENCE: usize = 10_000;

/// The most that the numbers and the order of a message's fields count: a run of one byte has an order, too.
const MOST_ORDER: Bits = 8.0;

/// Reads bytes that are one message and nothing more; else says why not.
pub(in crate::codec) fn read(bytes: &[u8]) -> Result<Value, String> {
    message(bytes, 0, Bits::NEG_INFINITY).map(|(message, _)| Value::Object(message))
}

/// Reads bytes that may be one message, with the evidence that they are.
pub(in crate::codec) fn weigh(bytes: &[u8]) -> Result<(Value, Bits), String> {
    message(bytes, 0, HOPELESS).map(|(message, bits)| (Value::Object(message), bits))
}

/// The bytes of each occurrence of a field of texts, messages or bytes; `None` where the whole is no message.
pub(crate) fn items(mut bytes: &[u8], field: u32) -> Option<Vec<&[u8]>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (number, wire) = key(&mut bytes).ok()?;
        match wire {
            0 => drop(varint(&mut bytes).ok()?),
            1 => drop(take::<8>(&mut bytes).ok()?),
            2 => {
                let body = body(&mut bytes).ok()?;
                if number == field {
                    found.push(body);
                }
            }
            5 => drop(take::<4>(&mut bytes).ok()?),
            _ => return None,
        }
    }
    Some(found)
}

fn message(mut bytes: &[u8], depth: usize, floor: Bits) -> Result<(Map<String, Value>, Bits), String> {
    if depth == MAX_DEPTH {
        return Err(too_deep());
    }
    let (mut fields, mut count, mut numbers, mut contents, mut last) = (Map::new(), 0_usize, 0.0, 0.0, 0);
    while !bytes.is_empty() {
        let key = key(&mut bytes)?;
        let (value, bits) = content(key.1, &mut bytes, depth)?;
        numbers = MOST_ORDER.min(numbers + size(key.0) + order(last, key.0));
        contents += bits;
        count += 1;
        let hopeless = count > PATIENCE && floor.is_finite() && numbers + contents < evidence::ENOUGH;
        if hopeless || numbers + contents < floor {
            return Err("what would be its fields makes no sense".to_owned());
        }
        last = key.0;
        add(&mut fields, key.0, value);
    }
    Ok((fields, numbers + contents))
}

/// Writers put fields in order, beginning with a low one.
fn order(last: u32, field: u32) -> Bits {
    match (last, field) {
        (0, 1) => 5.0,
        (0, 2..=4) => 3.0,
        (0, _) => 0.0,
        _ if field == last || field == last + 1 => 2.0,
        _ if field > last => 1.0,
        _ => -2.0,
    }
}

/// The number of a field and its wire type.
fn key(bytes: &mut &[u8]) -> Result<(u32, u64), String> {
    let key = varint(bytes)?;
    let field = u32::try_from(key >> 3).ok().filter(|field| (1..1 << 29).contains(field));
    Ok((field.ok_or_else(|| "a field number is out of range".to_owned())?, key & 7))
}

/// Low numbers are the usual ones.
fn size(field: u32) -> Bits {
    match field {
        1..=15 => 2.0,
        16..=127 => 0.0,
        _ => -4.0,
    }
}

fn content(wire: u64, bytes: &mut &[u8], depth: usize) -> Result<(Value, Bits), String> {
    match wire {
        0 => Ok((number(&varint(bytes)?.cast_signed().to_string()), 0.0)),
        1 => Ok((fixed64(take(bytes)?), -1.0)),
        2 => delimited(bytes, depth),
        5 => Ok((fixed32(take(bytes)?), -1.0)),
        3 | 4 => Err("it has groups, which nobody writes".to_owned()),
        other => Err(format!("{other} is no wire type")),
    }
}

fn varint(bytes: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or_else(|| "it ends within a number".to_owned())?;
        *bytes = rest;
        if shift == 63 && *byte > 1 {
            return Err("a number has more than 64 bits".to_owned());
        }
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a number does not end".to_owned())
}

fn take<const SIZE: usize>(bytes: &mut &[u8]) -> Result<[u8; SIZE], String> {
    let (taken, rest) = bytes.split_first_chunk().ok_or_else(|| "it ends within a number".to_owned())?;
    *bytes = rest;
    Ok(*taken)
}

fn fixed64(bytes: [u8; 8]) -> Value {
    json!({"$fixed64": format!("{:016x}", u64::from_le_bytes(bytes)), "integer": i64::from_le_bytes(bytes),
        "double": float(f64::from_le_bytes(bytes))})
}

fn fixed32(bytes: [u8; 4]) -> Value {
    json!({"$fixed32": format!("{:08x}", u32::from_le_bytes(bytes)), "integer": i32::from_le_bytes(bytes),
        "float": float32(f32::from_le_bytes(bytes))})
}

/// A text, a message or bytes, after their length.
fn delimited(bytes: &mut &[u8], depth: usize) -> Result<(Value, Bits), String> {
    let body = body(bytes)?;
    let bits = if bytes.is_empty() { 8.0 } else { evidence::fits(body.len() + bytes.len()) };
    let (value, more) = body_of(body, depth);
    Ok((value, bits + more))
}

/// As many bytes as the number before them says.
fn body<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let length = varint(bytes)?;
    let parts = usize::try_from(length).ok().and_then(|length| bytes.split_at_checked(length));
    let (body, rest) = parts.ok_or_else(|| "it ends within a text or a message".to_owned())?;
    *bytes = rest;
    Ok(body)
}

fn body_of(body: &[u8], depth: usize) -> (Value, Bits) {
    let readable = text::readable(body);
    // A message in a text's place: field 1 with a length is a line break and a character.
    let inner =
        if readable.is_none() || body.starts_with(b"\n") { message(body, depth + 1, HOPELESS).ok() } else { None };
    match (inner, readable) {
        (Some((fields, bits)), None) if bits > 0.0 => (Value::Object(fields), bits),
        (Some((fields, bits)), Some(_)) if bits >= evidence::ENOUGH => (Value::Object(fields), bits),
        (_, Some(text)) => (Value::from(text), evidence::of_text(text)),
        _ => (binary(body), if body.len() == 16 { 0.0 } else { -4.0 }),
    }
}

fn add(fields: &mut Map<String, Value>, field: u32, value: Value) {
    match fields.entry(field.to_string()) {
        Entry::Vacant(place) => {
            place.insert(value);
        }
        Entry::Occupied(mut place) => match place.get_mut() {
            Value::Array(items) => items.push(value),
            first => *first = Value::Array(vec![first.take(), value]),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(bytes: &[u8]) -> Value {
        read(bytes).unwrap()
    }

    #[test]
    fn fields_are_shown_by_number_and_wire_type() {
        assert_eq!(shown(b"\x08\x96\x01"), json!({"1": 150}));
        assert_eq!(shown(b"\x12\x07testing"), json!({"2": "testing"}));
        assert_eq!(shown(b"\x1a\x03\x08\x96\x01"), json!({"3": {"1": 150}}));
        assert_eq!(shown(b"\x08\x01\x08\x02\x12\x00"), json!({"1": [1, 2], "2": ""}));
        assert_eq!(shown(b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), json!({"1": -1}));
        assert_eq!(shown(b"\x0a\x02\xff\xfe"), json!({"1": {"$binary": "fffe"}}));
        assert_eq!(shown(b"\x0d\x00\x00\x80\x3f")["1"]["$fixed32"], json!("3f800000"));
        assert_eq!(shown(b"\x0d\x00\x00\x80\x3f")["1"]["float"].to_string(), "1.0");
        assert_eq!(shown(b"\x09\x00\x00\x00\x00\x00\x00\xf0\x3f")["1"]["double"].to_string(), "1.0");
    }

    #[test]
    fn a_message_that_looks_like_text_is_a_message() {
        let text = "thirty-two characters, no more..";
        let inner = [b"\n ".as_slice(), text.as_bytes()].concat();
        assert_eq!(shown(&[b"\x12\x22".as_slice(), &inner].concat()), json!({"2": {"1": text}}));
        assert_eq!(shown(b"\x12\x07\nplain\n"), json!({"2": "\nplain\n"}));
    }

    #[test]
    fn the_occurrences_of_one_field_are_taken_out() {
        let batch = b"\x0a\x02\x08\x01\x10\x05\x0a\x00\x1d\0\0\0\0\x21\0\0\0\0\0\0\0\0\x0a\x02\x08\x02";
        assert_eq!(items(batch, 1).unwrap(), [b"\x08\x01".as_slice(), b"", b"\x08\x02"]);
        assert_eq!(items(batch, 9).unwrap(), [b""; 0]);
        assert_eq!(items(&batch[..batch.len() - 1], 1), None);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for bytes in [
            b"\x00".as_slice(),
            b"\x08",
            b"\x0a\x05ab",
            b"\x0b\x0c",
            b"\x0e",
            b"\x09\x01",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            b"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
        ] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
        let deep = (0..10_000).fold(b"\x08\x01".to_vec(), |inner, _| {
            let mut length = inner.len();
            let mut message = vec![0x0a];
            while length > 127 {
                message.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
                length >>= 7;
            }
            message.push(u8::try_from(length).unwrap());
            message.extend(inner);
            message
        });
        // What is too deep stays bytes.
        assert!(shown(&deep).to_string().contains("$binary"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = (read(&bytes), items(&bytes, 1));
        }
    }
}
