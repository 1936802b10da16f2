//! SQLite's binary JSON, as `jsonb()` writes it (<https://sqlite.org/jsonb.html>).
//!
//! Read by hand and not with SQLite's `json()`, since a payload may lie under another layer, and a malformed one must
//! say where it is wrong.

use serde_json::{Map, Number, Value, json};

use super::json;
use crate::codec::marks::{FLOAT, MAX_DEPTH, map, too_deep};

/// Reads bytes that are one JSONB element and nothing more; else says why not.
pub(in crate::codec) fn read(bytes: &[u8]) -> Result<Value, String> {
    let (kind, body, rest) = element(bytes)?;
    if rest.is_empty() { value(kind, body, 0) } else { Err(format!("{} bytes follow the first element", rest.len())) }
}

/// The type, the body and what follows of the element at the start: four bits of type and four of size, where a size
/// from 12 on says how many bytes of big-endian size follow.
fn element(bytes: &[u8]) -> Result<(u8, &[u8], &[u8]), String> {
    let early = || "it ends too early".to_owned();
    let (head, rest) = bytes.split_first().ok_or_else(early)?;
    let (size, rest) = match head >> 4 {
        small @ 0..=11 => (usize::from(small), rest),
        large => {
            let (digits, rest) = rest.split_at_checked(1 << (large - 12)).ok_or_else(early)?;
            let size = digits.iter().fold(0_u64, |size, digit| size << 8 | u64::from(*digit));
            (usize::try_from(size).map_err(|_| early())?, rest)
        }
    };
    let (body, rest) = rest.split_at_checked(size).ok_or_else(early)?;
    Ok((head & 15, body, rest))
}

fn value(kind: u8, body: &[u8], depth: usize) -> Result<Value, String> {
    match kind {
        0..=2 if !body.is_empty() => Err("null, true or false has a body".to_owned()),
        0 => Ok(Value::Null),
        1 => Ok(Value::Bool(true)),
        2 => Ok(Value::Bool(false)),
        3 | 5 => number(body),
        4 | 6 => number5(body),
        7..=10 => text(kind, body).map(Value::String),
        11 | 12 if depth == MAX_DEPTH => Err(too_deep()),
        11 => array(body, depth),
        12 => object(body, depth),
        _ => Err(format!("{kind} is a type for the future")),
    }
}

fn array(mut body: &[u8], depth: usize) -> Result<Value, String> {
    let mut items = Vec::new();
    while !body.is_empty() {
        let (kind, item, rest) = element(body)?;
        items.push(value(kind, item, depth + 1)?);
        body = rest;
    }
    Ok(Value::Array(items))
}

fn object(mut body: &[u8], depth: usize) -> Result<Value, String> {
    let mut fields: Vec<(Value, Value)> = Vec::new();
    while !body.is_empty() {
        let (kind, label, rest) = element(body)?;
        let label = text(kind, label)?;
        let (kind, field, rest) = element(rest)?;
        fields.push((Value::String(label), value(kind, field, depth + 1)?));
        body = rest;
    }
    if fields.is_empty() { Ok(Value::Object(Map::new())) } else { Ok(map(fields)) }
}

fn text(kind: u8, body: &[u8]) -> Result<String, String> {
    let raw = std::str::from_utf8(body).map_err(|_| "a text is not UTF-8".to_owned())?;
    match kind {
        7 | 10 => Ok(raw.to_owned()),
        8 => json::unescape(body),
        9 => unescape5(raw),
        _ => Err("a label is no text".to_owned()),
    }
}

/// JSON5 adds escapes to JSON's: `\'`, `\v`, `\0`, `\x41`, and a line break that continues the line.
fn unescape5(raw: &str) -> Result<String, String> {
    let (mut plain, mut rest) = (String::with_capacity(raw.len()), raw);
    while let Some(at) = rest.find('\\') {
        plain.push_str(rest.get(..at).unwrap_or_default());
        let escape = rest.get(at + 1..).unwrap_or_default();
        let letter = escape.chars().next().ok_or_else(|| "an escape is not complete".to_owned())?;
        let after = escape.get(letter.len_utf8()..).unwrap_or_default();
        rest = match letter {
            'v' | '0' | '\'' => {
                plain.push_str(match letter {
                    'v' => "\\u000b",
                    '0' => "\\u0000",
                    _ => "'",
                });
                after
            }
            'x' => {
                plain.push_str("\\u00");
                after
            }
            '\r' => after.strip_prefix('\n').unwrap_or(after),
            '\n' | '\u{2028}' | '\u{2029}' => after,
            other => {
                plain.extend(['\\', other]);
                after
            }
        };
    }
    plain.push_str(rest);
    json::unescape(plain.as_bytes())
}

fn digits(body: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(body).map_err(|_| "a number is not made of digits".to_owned())
}

fn number(body: &[u8]) -> Result<Value, String> {
    let digits = digits(body)?;
    digits.parse::<Number>().map(Value::Number).map_err(|_| format!("`{digits}` is no number"))
}

/// JSON5's numbers: hexadecimal, a sign before, a point at either end, and the infinities that SQLite writes as 9e999.
fn number5(body: &[u8]) -> Result<Value, String> {
    let raw = digits(body)?;
    let (sign, size) = raw.strip_prefix('-').map_or(("", raw.strip_prefix('+').unwrap_or(raw)), |size| ("-", size));
    match size {
        "Infinity" => return Ok(json!({FLOAT: format!("{sign}inf")})),
        "NaN" => return Ok(json!({FLOAT: "NaN"})),
        _ => {}
    }
    if let Some(hex) = size.strip_prefix("0x").or_else(|| size.strip_prefix("0X")) {
        let plain = u64::from_str_radix(hex, 16).map_err(|_| format!("`{raw}` is no number"))?;
        return number(format!("{sign}{plain}").as_bytes());
    }
    let whole = if size.starts_with('.') { "0" } else { "" };
    let point = size.find(".e").or_else(|| size.find(".E")).or_else(|| size.ends_with('.').then(|| size.len() - 1));
    let (before, after) = size.split_at_checked(point.map_or(size.len(), |at| at + 1)).unwrap_or((size, ""));
    let fraction = if point.is_some() { "0" } else { "" };
    number(format!("{sign}{whole}{before}{fraction}{after}").as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What SQLite itself makes of a JSON or JSON5 text.
    fn jsonb(text: &str) -> Vec<u8> {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.query_row("SELECT jsonb(?1)", [text], |row| row.get(0)).unwrap()
    }

    #[test]
    fn what_sqlite_writes_is_read() {
        let long = format!("{{\"text\":\"{}\",\"list\":[{}0]}}", "x".repeat(70_000), "1,".repeat(300));
        for text in [
            r#"{"a":1,"b":[true,false,null,-1.5e3,"x"],"c":{"d":"é\n\u0041\"\\"}}"#,
            r#"[{},[],"",0]"#,
            "123456789012345678901234567890",
            "10.10",
            &long,
        ] {
            assert_eq!(read(&jsonb(text)).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
    }

    #[test]
    fn json5_is_read() {
        let text = r"{a: 0x1F, b: +.5, c: 5., d: -Infinity, e: 'it\'s \x41\v\0 \
more', f: 5.e3, g: -0xff, h: -.5}";
        let value = read(&jsonb(text)).unwrap();
        assert_eq!(value["a"], json!(31));
        assert_eq!(value["b"].to_string(), "0.5");
        assert_eq!(value["c"].to_string(), "5.0");
        assert!(value["d"] == json!({"$float": "-inf"}) || value["d"].to_string().starts_with("-9"), "{value}");
        assert_eq!(value["e"], json!("it's A\u{b}\u{0} more"));
        assert_eq!(value["f"].to_string(), "5.0e+3");
        assert_eq!(value["g"], json!(-255));
        assert_eq!(value["h"].to_string(), "-0.5");
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for bytes in [
            b"".as_slice(),
            b"\x1c",
            b"\x2c\x00\x00",
            b"\x1b\x27",
            b"\x10\x00",
            b"\x0d",
            b"\xfb\xff\xff\xff\xff",
            b"\x00\x00",
            b"\x17\xff",
            b"\x13x",
        ] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
        let deep = (0..10_000).fold(vec![0x0b], |inner, _| {
            let size = u32::try_from(inner.len()).unwrap();
            [[0xeb].as_slice(), &size.to_be_bytes(), &inner].concat()
        });
        assert_eq!(read(&deep), Err(too_deep()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }

        #[test]
        fn any_text_comes_back(text: String, key: String) {
            let document = json!({"key": key, "text": text});
            prop_assert_eq!(read(&jsonb(&document.to_string())).unwrap(), document);
        }
    }
}
