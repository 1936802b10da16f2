//! What PHP's `serialize()` writes, as JSON (<https://www.php.net/manual/en/function.serialize.php>). Nothing is made
//! of it but a document: objects keep their class as a tag, `{"$tag": ["DateTimeImmutable", …]}`.

use serde_json::{Number, Value, json};

use super::marks::{TAG, binary, float, map};

/// The nesting that `serde_json` allows, too.
const MAX_DEPTH: usize = 128;

/// Whether the bytes begin as an array or object does; scalars look like too much else.
pub(super) fn looks_like_php(bytes: &[u8]) -> bool {
    matches!(bytes, [b'a' | b'O', b':', digit, ..] if digit.is_ascii_digit())
}

/// Reads bytes that are one serialised value and nothing more; else says why not.
pub(super) fn read(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = Reader { rest: bytes };
    match reader.value(0) {
        Some(value) if reader.rest.is_empty() => Ok(value),
        Some(_) => Err(format!("{} bytes follow the first value", reader.rest.len())),
        None => Err(format!("it is malformed or nested too deeply at byte {}", bytes.len() - reader.rest.len())),
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let kind = self.take(2)?;
        match kind {
            b"N;" => Some(Value::Null),
            b"b:" => Some(Value::Bool(self.until(b';')? == "1")),
            b"i:" => self.until(b';')?.parse::<Number>().ok().map(Value::Number),
            b"d:" => Some(real(self.until(b';')?)),
            b"s:" => {
                let text = self.string()?;
                self.expect(b";")?;
                Some(text_or_bytes(text))
            }
            b"a:" => self.entries(depth).map(list_or_map),
            b"O:" => {
                let class = String::from_utf8_lossy(self.string()?).into_owned();
                self.expect(b":")?;
                Some(json!({TAG: [class, map(self.entries(depth)?)]}))
            }
            // An enum's case, a class that writes its own text, and references to a value that came before.
            b"E:" => {
                let case = String::from_utf8_lossy(self.string()?).into_owned();
                self.expect(b";")?;
                Some(Value::String(case))
            }
            b"r:" | b"R:" => Some(json!({"$reference": self.until(b';')?.parse::<u64>().ok()?})),
            _ => None,
        }
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(head)
    }

    fn expect(&mut self, bytes: &[u8]) -> Option<()> {
        (self.take(bytes.len())? == bytes).then_some(())
    }

    fn until(&mut self, end: u8) -> Option<&'a str> {
        let length = self.rest.iter().position(|byte| *byte == end)?;
        let text = std::str::from_utf8(self.take(length)?).ok()?;
        self.take(1)?;
        Some(text)
    }

    /// A string's length in bytes, and its bytes between quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.until(b':')?.parse().ok()?;
        self.expect(b"\"")?;
        let bytes = self.take(length)?;
        self.expect(b"\"")?;
        Some(bytes)
    }

    fn entries(&mut self, depth: usize) -> Option<Vec<(Value, Value)>> {
        let count: usize = self.until(b':')?.parse().ok()?;
        self.expect(b"{")?;
        let mut entries = Vec::new();
        for _ in 0..count {
            let key = match self.value(depth + 1)? {
                Value::Number(number) => Value::String(number.to_string()),
                Value::String(name) => Value::String(property(&name).to_owned()),
                other => other,
            };
            entries.push((key, self.value(depth + 1)?));
        }
        self.expect(b"}")?;
        Some(entries)
    }
}

/// A property's name without what marks it as private or protected: its class or `*` between NUL bytes.
fn property(name: &str) -> &str {
    name.strip_prefix('\0').and_then(|rest| rest.split_once('\0')).map_or(name, |(_, name)| name)
}

/// PHP has one type for both; a list is what is numbered from 0 without a gap.
fn list_or_map(entries: Vec<(Value, Value)>) -> Value {
    let numbered = entries.iter().enumerate().all(|(place, (key, _))| key.as_str() == Some(place.to_string().as_str()));
    if numbered { Value::Array(entries.into_iter().map(|(_, value)| value).collect()) } else { map(entries) }
}

fn real(text: &str) -> Value {
    float(!matches!(text, "NAN" | "INF" | "-INF"), text)
}

fn text_or_bytes(bytes: &[u8]) -> Value {
    std::str::from_utf8(bytes).map_or_else(|_| binary(bytes), Value::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_of_value_is_read() {
        let stored = b"a:7:{s:3:\"sku\";s:8:\"\xc5\x81\xc3\xb3d\xc5\xba;\";s:1:\"n\";i:-5;s:1:\"p\";d:10.1;s:2:\"ok\";b:1;s:4:\"none\";N;\
            s:4:\"tags\";a:2:{i:0;s:1:\"a\";i:1;s:1:\"b\";}s:2:\"at\";O:8:\"DateTime\":2:{s:4:\"date\";s:3:\"now\";s:7:\"\0*\0zone\";i:3;}}";
        let json = r#"{"sku":"Łódź;","n":-5,"p":10.1,"ok":true,"none":null,"tags":["a","b"],
            "at":{"$tag":["DateTime",{"date":"now","zone":3}]}}"#;
        assert_eq!(read(stored).unwrap(), serde_json::from_str::<Value>(json).unwrap());
        assert_eq!(read(b"a:1:{i:7;E:11:\"Suit:Hearts\";}").unwrap(), json!({"7": "Suit:Hearts"}));
        assert_eq!(read(b"a:1:{i:0;s:2:\"\xff\x00\";}").unwrap(), json!([{"$binary": "ff00"}]));
        assert_eq!(read(b"d:NAN;").unwrap(), json!({"$float": "NAN"}));
    }

    #[test]
    fn what_is_cut_off_or_too_deep_is_refused() {
        for bytes in [&b"a:1:{i:0;"[..], b"s:9:\"abc\";", b"i:1;i:2;", b"O:3:\"A\":0:{}", b"a:99999999999999999999:{}"]
        {
            assert!(read(bytes).is_err());
        }
        assert!(read("a:1:{i:0;".repeat(5000).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, head in "[aOsdibNErR:;0-9{}\"]{0,40}") {
            let _ = (read(&bytes), read(head.as_bytes()));
        }
    }
}
