//! YAML as JSON, as Ruby and others write payloads. Ruby's symbols are texts; what has a tag of its own keeps it:
//! `{"$tag": ["!ruby/object:Money", …]}`.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Number, Value, json};

use super::marks::{TAG, float, map};

/// The nesting that `serde_json` allows, too.
const MAX_DEPTH: usize = 128;
/// How many values aliases may repeat in all: an end for a bomb.
const MAX_REPEATED: usize = 100_000;

/// Whether a text begins as a YAML document with a marker does. Without one nearly any text is YAML.
pub(super) fn looks_like_yaml(bytes: &[u8]) -> bool {
    bytes.starts_with(b"---\n") || bytes.starts_with(b"--- ")
}

/// Reads text that is one YAML document; else says why not.
pub(super) fn read(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        reader.take(event)?;
    }
    reader.documents.pop().filter(|_| reader.documents.is_empty()).ok_or_else(|| "it is not one document".to_owned())
}

/// A list or map that is not complete.
struct Open<'a> {
    anchor: usize,
    tag: Option<Cow<'a, Tag>>,
    is_map: bool,
    /// The items of a list; the keys and values of a map in turns.
    items: Vec<Value>,
}

#[derive(Default)]
struct Reader<'a> {
    open: Vec<Open<'a>>,
    anchors: HashMap<usize, Value>,
    repeated: usize,
    documents: Vec<Value>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, event: Event<'a>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = tagged(tag.as_deref(), scalar(&text, style, tag.as_deref()));
                self.put(anchor, value);
            }
            Event::SequenceStart(anchor, tag) => self.begin(anchor, tag, false)?,
            Event::MappingStart(anchor, tag) => self.begin(anchor, tag, true)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned().unwrap_or(Value::Null);
                self.repeated += size(&value);
                if self.repeated > MAX_REPEATED {
                    return Err("its aliases repeat too much".to_owned());
                }
                self.put(0, value);
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, anchor: usize, tag: Option<Cow<'a, Tag>>, is_map: bool) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err("it is nested too deeply".to_owned());
        }
        self.open.push(Open { anchor, tag, is_map, items: Vec::new() });
        Ok(())
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let value = if open.is_map { paired(open.items) } else { Value::Array(open.items) };
        self.put(open.anchor, tagged(open.tag.as_deref(), value));
    }

    fn put(&mut self, anchor: usize, value: Value) {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(value),
            None => self.documents.push(value),
        }
    }
}

fn paired(items: Vec<Value>) -> Value {
    let mut items = items.into_iter();
    let mut entries = Vec::new();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        entries.push((key, value));
    }
    map(entries)
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(object) => 1 + object.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// A plain word by the core schema of YAML 1.2, and a symbol by Ruby's; whatever is quoted is text.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    if style != ScalarStyle::Plain || tag.is_some() {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => float(false, "NaN"),
        ".inf" | ".Inf" | ".INF" => float(false, "inf"),
        "-.inf" | "-.Inf" | "-.INF" => float(false, "-inf"),
        _ => text.parse::<Number>().map_or_else(|_| Value::String(symbol(text).to_owned()), Value::Number),
    }
}

/// The name of a Ruby symbol: `:sku` is `sku`.
fn symbol(text: &str) -> &str {
    let word = |name: &&str| name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !name.contains(' ');
    text.strip_prefix(':').filter(word).unwrap_or(text)
}

/// A value with its tag, unless the tag only says what the value is anyway.
fn tagged(tag: Option<&Tag>, value: Value) -> Value {
    let Some(tag) = tag else { return value };
    let name = format!("{}{}", tag.handle, tag.suffix);
    let plain = tag.is_yaml_core_schema()
        || ["ruby/hash", "ruby/sym", "ruby/string"].iter().any(|it| tag.suffix.starts_with(it));
    if plain { value } else { json!({TAG: [name, value]}) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ruby_writes_reads_as_what_it_meant() {
        let text = "---\n:sku: SKU-1\n:n: 12345678901234567890123\n:price: 10.10\n:open: true\n:none:\n:state: :placed\n\
                    :text: '007'\n:at: 2026-01-05 08:00\ntags:\n- a\n- b\n:hash: !ruby/hash:Some::Hash\n  x: 1\n\
                    :money: !ruby/object:Money\n  cents: 5\n";
        let read = read(text.as_bytes()).unwrap();
        let json = r#"{"sku":"SKU-1","n":12345678901234567890123,"price":10.10,"open":true,"none":null,"state":"placed",
            "text":"007","at":"2026-01-05 08:00","tags":["a","b"],"hash":{"x":1},"money":{"$tag":["!ruby/object:Money",{"cents":5}]}}"#;
        assert_eq!(read, serde_json::from_str::<Value>(json).unwrap());
    }

    #[test]
    fn bombs_and_depth_end() {
        let mut bomb = "--- \na: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (one, next) in ["ab", "bc", "cd", "de", "ef", "fg", "gh"].iter().map(|it| it.split_at(1)) {
            bomb.push_str(&format!("X: &X [{}]\n", ["*Y"; 9].join(", ")).replace('X', next).replace('Y', one));
        }
        assert!(read(bomb.as_bytes()).is_err());
        assert!(read(("--- ".to_owned() + &"[".repeat(5000)).as_bytes()).is_err());
        assert!(read(b"--- \n\xff").is_err());
        assert!(read(b"--- 1\n--- 2\n").is_err());
    }
}
