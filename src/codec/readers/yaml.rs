//! YAML as JSON, with the symbols and classes that Ruby writes.
//!
//! A key that is a symbol, `:name`, is shown as `name`; a value that is one keeps its colon. Classes are shown and never
//! made: `!ruby/object:Money` on a map becomes its `$type`, on anything else a `$tag`.

use std::collections::HashMap;

use base64::Engine as _;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value, json};

use crate::codec::marks::{FLOAT, MAX_DEPTH, TAG, TYPE, binary, map, too_deep};

/// The most values that aliases may add: each may repeat what others repeat, so a few lines can stand for billions.
const MAX_REPEATED: usize = 1_000_000;

/// Whether the text says that it is YAML: it begins with the mark of a document, as Ruby writes it. Nearly any other
/// text would be YAML, too.
pub(in crate::codec) fn begins(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"---").is_some_and(|rest| matches!(rest.first(), Some(b'\n' | b'\r' | b' ')))
}

/// Reads a text that is one YAML document; else says why not.
pub(in crate::codec) fn read(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        builder.take(event)?;
    }
    builder.document.ok_or_else(|| "there is no document".to_owned())
}

/// A sequence or a map that is not at its end.
struct Open {
    anchor: usize,
    tag: Option<String>,
    /// The items; for a map keys and values in turn.
    items: Vec<Value>,
    is_map: bool,
}

/// What an alias stands for, and what it costs to repeat it.
struct Anchored {
    value: Value,
    values: usize,
    depth: usize,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchored: HashMap<usize, Anchored>,
    repeated: usize,
    document: Option<Value>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_key = self.open.last().is_some_and(|open| open.is_map && open.items.len().is_multiple_of(2));
                let value = scalar(&text, style, tag.as_deref(), is_key);
                self.finish(anchor, value)
            }
            Event::SequenceStart(anchor, tag) => self.start(anchor, tag.as_deref(), false),
            Event::MappingStart(anchor, tag) => self.start(anchor, tag.as_deref(), true),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(anchor),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn start(&mut self, anchor: usize, tag: Option<&Tag>, is_map: bool) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep());
        }
        self.open.push(Open { anchor, tag: tag.and_then(class), items: Vec::new(), is_map });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let open = self.open.pop().ok_or_else(|| "a collection ends that did not begin".to_owned())?;
        let value = if open.is_map { mapping(open.items) } else { Value::Array(open.items) };
        self.finish(open.anchor, classed(value, open.tag))
    }

    /// Puts a value where it belongs.
    fn finish(&mut self, anchor: usize, value: Value) -> Result<(), String> {
        if anchor > 0 {
            let (values, depth) = measure(&value);
            self.repeated(values)?;
            self.anchored.insert(anchor, Anchored { value: value.clone(), values, depth });
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(value),
            None if self.document.is_some() => return Err("several documents follow each other".to_owned()),
            None => self.document = Some(value),
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize) -> Result<(), String> {
        let anchored =
            self.anchored.get(&anchor).ok_or_else(|| "an alias stands within what it stands for".to_owned())?;
        if self.open.len() + anchored.depth > MAX_DEPTH {
            return Err(too_deep());
        }
        let (value, values) = (anchored.value.clone(), anchored.values);
        self.repeated(values)?;
        self.finish(0, value)
    }

    fn repeated(&mut self, values: usize) -> Result<(), String> {
        self.repeated += values;
        if self.repeated > MAX_REPEATED { Err("its aliases repeat too much".to_owned()) } else { Ok(()) }
    }
}

/// How many values there are, and how deep.
fn measure(value: &Value) -> (usize, usize) {
    let inner: Vec<(usize, usize)> = match value {
        Value::Array(items) => items.iter().map(measure).collect(),
        Value::Object(fields) => fields.values().map(measure).collect(),
        _ => return (1, 0),
    };
    inner.into_iter().fold((1, 1), |(all, deepest), (values, depth)| (all + values, deepest.max(depth + 1)))
}

fn mapping(items: Vec<Value>) -> Value {
    let mut pairs = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        pairs.push((key, value));
    }
    map(pairs)
}

/// The name of a tag that is not one of YAML's own.
fn class(tag: &Tag) -> Option<String> {
    (!tag.is_yaml_core_schema()).then(|| format!("{}{}", tag.handle, tag.suffix))
}

fn classed(value: Value, class: Option<String>) -> Value {
    match (value, class) {
        (value, None) => value,
        (Value::Object(fields), Some(class)) if !fields.contains_key(TYPE) => {
            let first = (TYPE.to_owned(), Value::String(class));
            Value::Object(std::iter::once(first).chain(fields).collect::<Map<_, _>>())
        }
        (value, Some(class)) => json!({TAG: [class, value]}),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, is_key: bool) -> Value {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() => match tag.suffix.as_str() {
            "binary" => bytes(text),
            "str" => Value::from(text),
            _ => plain(text, is_key),
        },
        // Ruby's mark for bytes is one of its own.
        Some(tag) if tag.suffix == "binary" => bytes(text),
        Some(tag) if matches!(tag.suffix.as_str(), "ruby/symbol" | "ruby/sym") => symbol(text, is_key),
        Some(tag) => classed(Value::from(text), class(tag)),
        None if style == ScalarStyle::Plain => plain(text, is_key),
        None => Value::from(text),
    }
}

/// A text without quotes is what YAML's core schema says; a number that JSON cannot write stays text.
fn plain(text: &str, is_key: bool) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => json!({FLOAT: "NaN"}),
        ".inf" | ".Inf" | ".INF" => json!({FLOAT: "inf"}),
        "-.inf" | "-.Inf" | "-.INF" => json!({FLOAT: "-inf"}),
        _ => match text.strip_prefix(':').filter(|name| !name.is_empty()) {
            Some(name) => symbol(name, is_key),
            None => text.parse().map_or_else(|_| Value::from(text), Value::Number),
        },
    }
}

/// Ruby quotes the name of a symbol that is not a word: `:"two words"`.
fn symbol(name: &str, is_key: bool) -> Value {
    let name = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name);
    if is_key { Value::from(name) } else { Value::String(format!(":{name}")) }
}

fn bytes(text: &str) -> Value {
    let digits: String = text.split_whitespace().collect();
    let decoded = base64::engine::general_purpose::STANDARD.decode(digits);
    decoded.map_or_else(|_| Value::from(text), |bytes| binary(&bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_ruby_writes_is_read() {
        let text = "---\n:sku: SKU-1\n:tags:\n- heavy\n- :fragile\nweight_g: 8149\n:limit:\n:price: '678.14'\n:at: 2026-03-14 \
            12:04:01.000000000 Z\n:\"two words\": -44.257521\n:ok: true\n:code: '007'\n:long: 00012\n:empty: {}\n";
        let shown = r#"{"sku":"SKU-1","tags":["heavy",":fragile"],"weight_g":8149,"limit":null,"price":"678.14","at":"2026-03-14 12:04:01.000000000 Z","two words":-44.257521,"ok":true,"code":"007","long":"00012","empty":{}}"#;
        assert_eq!(read(text.as_bytes()).unwrap().to_string(), shown);
    }

    #[test]
    fn classes_are_shown_and_never_made() {
        let text = "--- !ruby/object:Money\nfractional: !ruby/object:BigDecimal 18:0.1e2\nbag: !ruby/array:Bag\n- 1\nraw: \
            !binary |-\n  AP8=\nsym: !ruby/symbol a b\n";
        let shown = json!({"$type": "!ruby/object:Money", "fractional": {"$tag": ["!ruby/object:BigDecimal", "18:0.1e2"]},
            "bag": {"$tag": ["!ruby/array:Bag", [1]]}, "raw": {"$binary": "00ff"}, "sym": ":a b"});
        assert_eq!(read(text.as_bytes()).unwrap(), shown);
        assert_eq!(read(b"--- !!binary AP8=").unwrap(), json!({"$binary": "00ff"}));
    }

    #[test]
    fn aliases_are_followed_but_not_for_ever() {
        assert_eq!(read(b"---\na: &x {b: 1}\nc: *x\n").unwrap(), json!({"a": {"b": 1}, "c": {"b": 1}}));
        assert!(read(b"--- &x\n- *x\n").is_err());
        let mut bomb = "---\na0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
        let mut chain = "---\na0: &a0 [x]\n".to_owned();
        for level in 1..1_000 {
            let before = format!("*a{}", level - 1);
            bomb.extend([format!("a{level}: &a{level} [{}]\n", [before.as_str(); 8].join(", "))]);
            chain.extend([format!("a{level}: &a{level} [{before}]\n")]);
        }
        assert_eq!(read(bomb.as_bytes()), Err("its aliases repeat too much".to_owned()));
        assert_eq!(read(chain.as_bytes()), Err(too_deep()));
    }

    #[test]
    fn what_is_no_single_document_is_refused() {
        for text in ["", "---\n- [\n", "---\na: b: c\n", "--- a\n--- b\n", "---\n\t- x: \"\n"] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(("---\n".to_owned() + &"[".repeat(10_000)).as_bytes()).is_err());
        assert!(read(("---\n".to_owned() + &"- ".repeat(10_000)).as_bytes()).is_err());
        assert!(!begins(b"----") && !begins(b"--- ".get(..3).unwrap()) && begins(b"---\n") && begins(b"--- x"));
    }

    #[test]
    fn distinct_keys_that_become_one_are_both_shown() {
        assert_eq!(read(b"---\n:a: 1\na: 2\n").unwrap(), json!({"$map": [["a", 1], ["a", 2]]}));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[-:a&*!|>{}\\[\\]\"'# \n\t0.~]{0,40}", other: String) {
            let _ = (read(text.as_bytes()), read(other.as_bytes()));
        }
    }
}
