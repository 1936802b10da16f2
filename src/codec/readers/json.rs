//! JSON text (RFC 8259) as it is stored: with duplicate keys, `NaN`, lone surrogates, invalid UTF-8 and any depth.
//!
//! `serde_json` refuses the last four and is silent about the first, so what it cannot read whole is read by hand.
//! Strict in everything else: text that is no JSON must stay text. Numbers keep their digits; an exponent `E5` becomes
//! `e+5`.

use memchr::memchr2;
use serde_json::map::Entry;
use serde_json::{Map, Number, Value, json};

use crate::codec::marks::{DEEP, DUPLICATES, FLOAT, MAX_DEPTH};
use crate::document::repeats_a_key;

/// Reads bytes that are one JSON value and nothing more; else says why not.
pub(in crate::codec) fn read(bytes: &[u8]) -> Result<Value, String> {
    // Some writers put a byte order mark before it.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) if !repeats_a_key(bytes, &value) => Ok(value),
        _ => read_carefully(bytes),
    }
}

/// Reads what `serde_json` refuses or hides, by hand.
fn read_carefully(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = Reader { bytes, at: 0, depth: 0 };
    let value = reader.value()?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.fault("something follows the document")),
    }
}

/// What the escapes in a JSON string stand for; `escaped` is what lies between the quotes.
pub(in crate::codec) fn unescape(escaped: &[u8]) -> Result<String, String> {
    let mut reader = Reader { bytes: escaped, at: 0, depth: 0 };
    let mut text = String::with_capacity(escaped.len());
    while let Some(length) = memchr::memchr(b'\\', reader.rest()) {
        push(&mut text, reader.take(length));
        reader.escape(&mut text)?;
    }
    push(&mut text, reader.rest());
    Ok(text)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self, what: &str) -> String {
        format!("{what} at byte {}", self.at)
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let taken = self.rest().get(..length).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    /// The next byte that is no white space, not taken.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest();
        let space = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.at += space;
        rest.get(space).copied()
    }

    fn value(&mut self) -> Result<Value, String> {
        match self.peek() {
            Some(b'{' | b'[') if self.depth == MAX_DEPTH => self.deep(),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') if !self.rest().starts_with(b"-I") => self.number(),
            Some(_) => self.word(),
            None => Err(self.fault("it ends too early")),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        self.at += 1;
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        if self.ends(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            if !self.continues(b']')? {
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut fields = Map::new();
        let mut earlier = Map::new();
        if self.ends(b'}') {
            return Ok(Value::Object(fields));
        }
        loop {
            let (key, value) = self.field()?;
            match fields.entry(key) {
                Entry::Vacant(entry) => drop(entry.insert(value)),
                Entry::Occupied(mut entry) => {
                    let replaced = entry.insert(value);
                    remember(&mut earlier, entry.key().clone(), replaced);
                }
            }
            if !self.continues(b'}')? {
                break;
            }
        }
        if !earlier.is_empty() {
            // The last one counts, as in nearly every parser; the others are not hidden.
            fields.entry(DUPLICATES).or_insert(Value::Object(earlier));
        }
        Ok(Value::Object(fields))
    }

    fn field(&mut self) -> Result<(String, Value), String> {
        if self.peek() != Some(b'"') {
            return Err(self.fault("a key was expected"));
        }
        let key = self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.fault("a colon was expected"));
        }
        self.at += 1;
        Ok((key, self.value()?))
    }

    fn ends(&mut self, close: u8) -> bool {
        let ends = self.peek() == Some(close);
        self.at += usize::from(ends);
        ends
    }

    /// Takes the comma, or the end, after an item; whether it was the comma.
    fn continues(&mut self, close: u8) -> Result<bool, String> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Err(self.fault("a comma was expected")),
            None => Err(self.fault("it ends too early")),
        }
    }

    fn number(&mut self) -> Result<Value, String> {
        let length =
            self.rest().iter().take_while(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).count();
        let digits = std::str::from_utf8(self.take(length)).unwrap_or_default();
        digits.parse::<Number>().map(Value::Number).map_err(|_| self.fault("this is no number"))
    }

    fn word(&mut self) -> Result<Value, String> {
        let word = self.rest().iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
        let value = match self.take(word) {
            b"null" => Value::Null,
            b"true" => Value::Bool(true),
            b"false" => Value::Bool(false),
            // Python and JavaScript libraries write these; alone they are just words.
            b"NaN" if self.depth > 0 => json!({FLOAT: "NaN"}),
            b"Infinity" if self.depth > 0 => json!({FLOAT: "inf"}),
            b"-Infinity" if self.depth > 0 => json!({FLOAT: "-inf"}),
            _ => return Err(self.fault("this is no value")),
        };
        Ok(value)
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(length) = memchr2(b'"', b'\\', self.rest()) else {
                return Err(self.fault("a text does not end after the quote"));
            };
            push(&mut text, self.take(length));
            if self.rest().first() == Some(&b'"') {
                self.at += 1;
                return Ok(text);
            }
            self.escape(&mut text)?;
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), String> {
        let escape = self.take(2);
        text.push(match escape.get(1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code_point(text),
            _ => return Err(self.fault("an unknown escape ends")),
        });
        Ok(())
    }

    /// A surrogate without its other half is no character: it stays the escape that it is.
    fn code_point(&mut self, text: &mut String) -> Result<(), String> {
        let digits = self.take(4);
        let unit = hexadecimal(digits).ok_or_else(|| self.fault("an unknown escape ends"))?;
        if let Some(low) = low_surrogate(unit, self.rest()) {
            self.at += 6;
            let code = 0x1_0000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
            text.extend(char::from_u32(code));
        } else if let Some(character) = char::from_u32(unit) {
            text.push(character);
        } else {
            text.push_str("\\u");
            text.push_str(&String::from_utf8_lossy(digits));
        }
        Ok(())
    }

    /// Everything up to the bracket that closes this one, as text.
    fn deep(&mut self) -> Result<Value, String> {
        let (rest, mut open, mut quoted, mut escaped) = (self.rest(), 0_usize, false, false);
        for (index, byte) in rest.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => open += 1,
                b'}' | b']' if !quoted => open -= 1,
                _ => {}
            }
            if open == 0 {
                return Ok(json!({DEEP: String::from_utf8_lossy(self.take(index + 1))}));
            }
        }
        Err(self.fault("a bracket is not closed, opened"))
    }
}

/// Adds bytes that should be UTF-8: the check alone is quicker than the search for what to replace.
fn push(text: &mut String, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(valid) => text.push_str(valid),
        Err(_) => text.push_str(&String::from_utf8_lossy(bytes)),
    }
}

fn remember(earlier: &mut Map<String, Value>, key: String, value: Value) {
    if let Value::Array(values) = earlier.entry(key).or_insert_with(|| json!([])) {
        values.push(value);
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.len() == 4 && !text.starts_with('+'))?;
    u32::from_str_radix(text, 16).ok()
}

/// The low surrogate whose escape begins `rest`, where `unit` is a high one.
fn low_surrogate(unit: u32, rest: &[u8]) -> Option<u32> {
    let digits = rest.strip_prefix(b"\\u").filter(|_| (0xd800..0xdc00).contains(&unit))?.get(..4)?;
    hexadecimal(digits).filter(|low| (0xdc00..0xe000).contains(low))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_fields_their_order() {
        let text = r#"{"z":123456789012345678901234567890,"price":10.10,"tiny":1e-400,"big":1e+5,"a":-0.0}"#;
        assert_eq!(read(text.as_bytes()).unwrap().to_string(), text);
        assert_eq!(read(b"\xef\xbb\xbf [1 , 2]\n").unwrap(), json!([1, 2]));
    }

    #[test]
    fn what_other_parsers_refuse_or_hide_is_shown() {
        let cases: [(&[u8], Value); 6] = [
            (br#"{"a":1,"b":0,"a":2,"a":3}"#, json!({"a": 3, "b": 0, "$duplicates": {"a": [1, 2]}})),
            (br"[NaN,Infinity,-Infinity]", json!([{"$float": "NaN"}, {"$float": "inf"}, {"$float": "-inf"}])),
            (br#"["\ud83d\ude00 \ud800x \uDC00"]"#, json!(["😀 \\ud800x \\uDC00"])),
            (b"[\"caf\xe9\"]", json!(["caf\u{fffd}"])),
            (br#"{"$serde_json::private::Number":"7"}"#, json!({"$serde_json::private::Number": "7"})),
            (br#"["\u00e9\n\/\u0000"]"#, json!(["é\n/\u{0}"])),
        ];
        for (bytes, value) in cases {
            assert_eq!(read(bytes).unwrap(), value);
        }
    }

    #[test]
    fn colons_in_texts_are_no_keys() {
        assert_eq!(read(br#"{"at":"12:04","a":1,"a":2}"#).unwrap()[DUPLICATES], json!({"a": [1]}));
    }

    #[test]
    fn what_is_too_deep_stays_text() {
        let deep = "[".repeat(10_000) + "\"]\\\"]\"" + &"]".repeat(10_000);
        let mut value = &read(deep.as_bytes()).unwrap();
        for _ in 0..MAX_DEPTH {
            value = &value[0];
        }
        assert_eq!(value[DEEP].as_str().unwrap(), &deep[MAX_DEPTH..deep.len() - MAX_DEPTH]);
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "[1] 2",
            "01",
            "1.",
            "+1",
            "--1",
            "NaN",
            "tru",
            "'a'",
            "\"a",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u+123\"",
            "-",
            "[1 2]",
            "{\"a\":1,}",
            "-Infinity",
            "nulls",
            "- 1",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_reads(text in r#"[\[\]{}:,"a1\\u -]{0,24}"#) {
            let theirs = serde_json::from_str::<Value>(&text).ok();
            let ours = read_carefully(text.as_bytes()).ok();
            if let Some(theirs) = theirs.filter(|_| !format!("{ours:?}").contains(DUPLICATES)) {
                prop_assert_eq!(Some(&theirs), ours.as_ref());
                prop_assert_eq!(Some(theirs), read(text.as_bytes()).ok());
            }
        }
    }
}
