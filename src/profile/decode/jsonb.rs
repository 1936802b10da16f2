//! SQLite's own binary JSON (<https://sqlite.org/jsonb.html>) as JSON.

use serde_json::{Number, Value};

use super::marks::map;

/// The nesting that `serde_json` allows, too.
const MAX_DEPTH: usize = 128;

/// Whether the bytes are an array or object of JSONB by its header: its length is exactly that of the rest. Anything
/// else is not worth guessing: one byte can be JSONB.
pub(super) fn looks_like_jsonb(bytes: &[u8]) -> bool {
    header(bytes).is_some_and(|(kind, payload, rest)| matches!(kind, 11 | 12) && rest.is_empty() && !payload.is_empty())
}

/// Reads bytes that are one JSONB element and nothing more; else says why not.
pub(super) fn read(bytes: &[u8]) -> Result<Value, String> {
    match element(bytes, 0) {
        Some((value, [])) => Ok(value),
        Some((_, rest)) => Err(format!("{} bytes follow the first element", rest.len())),
        None => Err("an element is malformed or nested too deeply".to_owned()),
    }
}

/// An element's kind, its payload, and what follows it. The upper half of the first byte is the payload's length, or
/// from 12 on says how many bytes after it hold the length.
fn header(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let width = match first >> 4 {
        12 => 1,
        13 => 2,
        14 => 4,
        15 => 8,
        _ => 0,
    };
    let (digits, rest) = rest.split_at_checked(width)?;
    let long = digits.iter().fold(0_u64, |length, digit| length << 8 | u64::from(*digit));
    let length = if width == 0 { usize::from(first >> 4) } else { usize::try_from(long).ok()? };
    let (payload, rest) = rest.split_at_checked(length)?;
    Some((first & 15, payload, rest))
}

fn element(bytes: &[u8], depth: usize) -> Option<(Value, &[u8])> {
    let (kind, payload, rest) = header(bytes)?;
    let text = || std::str::from_utf8(payload).ok();
    let value = match kind {
        0 => Value::Null,
        1 => Value::Bool(true),
        2 => Value::Bool(false),
        3 | 5 => Value::Number(text()?.parse().ok()?),
        4 | 6 => Value::Number(json5_number(text()?)?),
        7 | 10 => Value::String(text()?.to_owned()),
        // Escapes of JSON; those that only JSON5 has are rare and left as they stand.
        8 | 9 => serde_json::from_str(&format!("\"{}\"", text()?))
            .unwrap_or_else(|_| Value::String(text().unwrap_or_default().to_owned())),
        11 => Value::Array(children(payload, depth)?),
        12 => object(children(payload, depth)?)?,
        _ => return None,
    };
    Some((value, rest))
}

fn children(mut payload: &[u8], depth: usize) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    while !payload.is_empty() {
        let (value, rest) = element(payload, depth + 1).filter(|_| depth < MAX_DEPTH)?;
        found.push(value);
        payload = rest;
    }
    Some(found)
}

fn object(children: Vec<Value>) -> Option<Value> {
    let mut children = children.into_iter();
    let mut entries = Vec::new();
    while let Some(key) = children.next() {
        entries.push((Value::String(key.as_str()?.to_owned()), children.next()?));
    }
    Some(map(entries))
}

/// JSON5 has hexadecimal integers, and fractions without a digit on one side of the point.
fn json5_number(text: &str) -> Option<Number> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.trim_start_matches('+')), |digits| ("-", digits));
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return format!("{sign}{}", u64::from_str_radix(hex, 16).ok()?).parse().ok();
    }
    let lead = if digits.starts_with('.') { "0" } else { "" };
    let full = digits.replace(".e", ".0e").replace(".E", ".0E");
    let trail = if full.ends_with('.') { "0" } else { "" };
    format!("{sign}{lead}{full}{trail}").parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;

    fn stored(json: &str) -> Vec<u8> {
        let conn = Connection::open_in_memory().unwrap();
        conn.query_row("SELECT jsonb(?1)", [json], |row| row.get(0)).unwrap()
    }

    #[test]
    fn what_sqlite_writes_reads_back() {
        let long = "x".repeat(70_000);
        for json in [
            r#"{"a":[1,-2.50,1e-400,true,false,null],"b\n":"tab\t \u00e9 \"q\"","":{}}"#,
            &format!("[\"{long}\", {{\"k\": \"{}\"}}]", &long[..300]),
            "[123456789012345678901234567890]",
        ] {
            let bytes = stored(json);
            assert!(looks_like_jsonb(&bytes));
            assert_eq!(read(&bytes).unwrap(), serde_json::from_str::<Value>(json).unwrap());
        }
        let json5 = read(&stored("{a: 0x1F, b: .5, c: 5., d: +1, e: -.5}")).unwrap();
        assert_eq!(json5.to_string(), r#"{"a":31,"b":0.5,"c":5.0,"d":1,"e":-0.5}"#);
    }

    #[test]
    fn depth_and_lies_are_refused() {
        let deep = (0..200).fold(vec![0x0b], |inner, _| {
            let mut outer = vec![0xdb];
            outer.extend(u16::try_from(inner.len()).unwrap().to_be_bytes());
            outer.extend(inner);
            outer
        });
        assert!(read(&deep).is_err());
        assert!(read(b"\xfb\xff\xff\xff\xff\xff\xff\xff\xff").is_err());
        assert!(read(b"\x1c\x00").is_err(), "a key without a value that is no text");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = (read(&bytes), looks_like_jsonb(&bytes));
        }
    }
}
