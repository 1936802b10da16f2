//! What PHP's `serialize()` writes, as JSON (<https://www.php.net/manual/en/function.serialize.php>; the grammar is that
//! of PHP's own `var_unserializer.re`). Objects are shown with the name of their class and never made.

use serde_json::{Map, Value, json};

use crate::codec::marks::{FLOAT, MAX_DEPTH, TYPE, binary, number, text, too_deep};

/// Whether the bytes begin as a list, an object, a text or an enumeration does.
pub(in crate::codec) fn begins(bytes: &[u8]) -> bool {
    matches!(bytes, [b'a' | b'O' | b's' | b'E' | b'C', b':', b'0'..=b'9', ..])
}

/// Reads bytes that are one serialised value and nothing more; else says why not.
pub(in crate::codec) fn read(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = Reader { bytes, at: 0, depth: 0 };
    let value = reader.value()?;
    match reader.bytes.len() - reader.at {
        0 => Ok(value),
        rest => Err(format!("{rest} bytes follow the first value")),
    }
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

    fn expect(&mut self, mark: &[u8]) -> Result<(), String> {
        if !self.rest().starts_with(mark) {
            return Err(self.fault(&format!("`{}` was expected", mark.escape_ascii())));
        }
        self.at += mark.len();
        Ok(())
    }

    /// The text up to an ending, which is taken, too.
    fn until(&mut self, end: u8) -> Result<&'a str, String> {
        // Numbers are short; a search to the end of a long value would be paid again and again.
        let rest = self.rest().get(..64).unwrap_or(self.rest());
        let length = memchr::memchr(end, rest).ok_or_else(|| self.fault("a number does not end"))?;
        let digits = std::str::from_utf8(rest.get(..length).unwrap_or_default());
        let digits = digits.map_err(|_| self.fault("this is no number"))?;
        self.at += length + 1;
        Ok(digits)
    }

    fn count(&mut self) -> Result<usize, String> {
        let digits = self.until(b':')?;
        digits.parse().map_err(|_| self.fault("this is no count"))
    }

    fn value(&mut self) -> Result<Value, String> {
        let kind = self.rest().get(..2).unwrap_or_default();
        self.at += kind.len();
        match kind {
            b"N;" => Ok(Value::Null),
            b"b:" => Ok(Value::Bool(self.until(b';')? == "1")),
            b"i:" => self.integer(),
            b"d:" => self.float(),
            b"s:" => self.string(b"\"", b"\";").map(text),
            b"S:" => self.escaped(),
            b"a:" => self.nested(Self::array),
            b"O:" => self.nested(Self::object),
            b"C:" => self.custom(),
            b"E:" => self.string(b"\"", b"\";").map(|case| json!({TYPE: String::from_utf8_lossy(case)})),
            b"r:" | b"R:" => Ok(json!({"$reference": number(self.until(b';')?)})),
            _ => Err(self.fault("this is no value")),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        if self.depth == MAX_DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn integer(&mut self) -> Result<Value, String> {
        let digits = self.until(b';')?;
        digits.parse::<i64>().map(Value::from).map_err(|_| self.fault("this is no integer"))
    }

    fn float(&mut self) -> Result<Value, String> {
        match self.until(b';')? {
            "NAN" => Ok(json!({FLOAT: "NaN"})),
            "INF" => Ok(json!({FLOAT: "inf"})),
            "-INF" => Ok(json!({FLOAT: "-inf"})),
            digits if digits.parse::<f64>().is_ok() => Ok(number(digits)),
            _ => Err(self.fault("this is no number")),
        }
    }

    /// Bytes after their length, between two marks.
    fn string(&mut self, open: &[u8], close: &[u8]) -> Result<&'a [u8], String> {
        let length = self.count()?;
        self.expect(open)?;
        let bytes = self.rest().get(..length).ok_or_else(|| self.fault("a text ends too early"))?;
        self.at += length;
        self.expect(close)?;
        Ok(bytes)
    }

    /// The form of PHP 6 that some extensions still write: a byte may be `\` and two hexadecimal digits.
    fn escaped(&mut self) -> Result<Value, String> {
        let length = self.count()?;
        self.expect(b"\"")?;
        let mut plain = Vec::new();
        while plain.len() < length {
            let (taken, byte) = match self.rest() {
                [b'\\', high, low, ..] => (3, hex_byte(*high, *low).ok_or_else(|| self.fault("an escape is wrong"))?),
                [byte, ..] => (1, *byte),
                [] => return Err(self.fault("a text ends too early")),
            };
            plain.push(byte);
            self.at += taken;
        }
        self.expect(b"\";")?;
        Ok(text(&plain))
    }

    fn array(&mut self) -> Result<Value, String> {
        let entries = self.entries()?;
        let list = entries
            .iter()
            .enumerate()
            .all(|(index, (key, _))| matches!(key, Key::Index(at) if i64::try_from(index) == Ok(*at)));
        if list {
            return Ok(Value::Array(entries.into_iter().map(|(_, value)| value).collect()));
        }
        Ok(Value::Object(entries.into_iter().map(|(key, value)| (key.into_name(), value)).collect()))
    }

    fn object(&mut self) -> Result<Value, String> {
        let class = self.string(b"\"", b"\":")?;
        let entries = self.entries()?;
        let mut fields = Map::from_iter([(TYPE.to_owned(), Value::from(String::from_utf8_lossy(class)))]);
        for (key, value) in entries {
            let name = key.into_name();
            // A private field of a parent class may have the name of one of its child: both are shown.
            let plain = visible(&name);
            let name =
                if fields.contains_key(plain) { name.replace('\0', " ").trim().to_owned() } else { plain.to_owned() };
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }

    /// `{key value key value}` after the number of pairs.
    fn entries(&mut self) -> Result<Vec<(Key, Value)>, String> {
        let count = self.count()?;
        self.expect(b"{")?;
        let mut entries = Vec::new();
        for _ in 0..count {
            entries.push((self.key()?, self.value()?));
        }
        self.expect(b"}")?;
        Ok(entries)
    }

    fn key(&mut self) -> Result<Key, String> {
        match self.value()? {
            Value::Number(index) => index.as_i64().map(Key::Index).ok_or_else(|| self.fault("this is no key")),
            Value::String(name) => Ok(Key::Name(name)),
            other @ Value::Object(_) => Ok(Key::Name(other.to_string())),
            _ => Err(self.fault("this is no key")),
        }
    }

    /// An object with a format of its own: `C:5:"Class":3:{…}`.
    fn custom(&mut self) -> Result<Value, String> {
        let class = self.string(b"\"", b"\":")?;
        let inner = self.string(b"{", b"}")?;
        let data = std::str::from_utf8(inner).map_or_else(|_| binary(inner), Value::from);
        Ok(json!({TYPE: String::from_utf8_lossy(class), "data": data}))
    }
}

enum Key {
    Index(i64),
    Name(String),
}

impl Key {
    fn into_name(self) -> String {
        match self {
            Self::Index(index) => index.to_string(),
            Self::Name(name) => name,
        }
    }
}

/// The name of a field without its mark: `\0*\0name` is protected, `\0Class\0name` private.
fn visible(name: &str) -> &str {
    name.strip_prefix('\0').and_then(|rest| rest.split_once('\0')).map_or(name, |(_, plain)| plain)
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_of_every_kind_are_shown() {
        let cases: [(&[u8], &str); 14] = [
            (b"N;", "null"),
            (b"b:1;", "true"),
            (b"i:-7;", "-7"),
            (b"d:0.1;", "0.1"),
            (b"d:1.0E+25;", "1.0e+25"),
            (b"d:-INF;", r#"{"$float":"-inf"}"#),
            ("s:6:\"Łódź\";".as_bytes(), ""),
            (b"s:2:\"\xff\x00\";", r#"{"$binary":"ff00"}"#),
            (b"S:2:\"\\41b\";", r#""Ab""#),
            (b"a:2:{i:0;s:1:\"a\";i:1;a:0:{}}", r#"["a",[]]"#),
            (b"a:2:{s:1:\"b\";i:1;i:7;N;}", r#"{"b":1,"7":null}"#),
            (b"E:11:\"Suit:Hearts\";", r#"{"$type":"Suit:Hearts"}"#),
            (b"a:2:{i:0;O:8:\"stdClass\":0:{}i:1;r:2;}", r#"[{"$type":"stdClass"},{"$reference":2}]"#),
            (b"C:3:\"Bag\":5:{a\"b}c}", r#"{"$type":"Bag","data":"a\"b}c"}"#),
        ];
        for (bytes, shown) in cases {
            match read(bytes) {
                Ok(value) => assert_eq!(value.to_string(), shown),
                Err(why) => assert!(shown.is_empty(), "{why}"),
            }
        }
        assert_eq!(read("s:7:\"Łódź\";".as_bytes()).unwrap(), json!("Łódź"));
    }

    #[test]
    fn objects_show_their_class_and_fields_of_any_visibility() {
        let bytes = b"O:9:\"App\\Event\":4:{s:2:\"id\";i:1;s:7:\"\0*\0name\";s:1:\"x\";s:13:\"\0App\\Base\0key\";N;s:6:\"\0A\0key\";i:2;}";
        let shown = json!({"$type": "App\\Event", "id": 1, "name": "x", "key": null, "A key": 2});
        assert_eq!(read(bytes).unwrap(), shown);
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for text in
            ["", "a", "a:1:{}", "a:99999999999:{", "s:5:\"abc\";", "i:1", "i:x;", "b:1;b:1;", "O:1:\"A\"", "a:1:{N;N;}"]
        {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(read("a:1:{i:0;".repeat(10_000).as_bytes()), Err(too_deep()));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r#"[aOsibdNCERrS:;"{}0-9\\x]{0,40}"#, bytes: Vec<u8>) {
            let _ = (read(text.as_bytes()), read(&bytes));
        }
    }
}
