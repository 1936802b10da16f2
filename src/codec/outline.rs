//! Where the values of a large JSON document are, found in one walk over its bytes: what a tree shows of it is read from
//! the bytes themselves.
//!
//! A document of 100 MB takes a gigabyte as a value of this program. An outline takes a few bytes for every container of
//! more than 4 KiB, and any depth: nothing here recurses.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use memchr::memchr2;

/// A smaller container is walked over again whenever it is opened.
const KEPT: usize = 4 << 10;
/// Of how many values of a container one place is kept.
const EVERY: usize = 1_000;

/// A JSON document, and where its larger containers are.
#[derive(Debug)]
pub struct Outline {
    bytes: Arc<[u8]>,
    root: Node,
    kept: HashMap<usize, Container>,
}

/// A container that is worth remembering.
#[derive(Debug)]
struct Container {
    end: usize,
    count: usize,
    /// Where every 1,000th value, or its key, begins.
    marks: Vec<usize>,
}

/// One value: from its first byte to behind its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    start: usize,
    end: usize,
}

/// A value in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its key as JSON writes it, without its quotes; `None` in an array.
    pub key: Option<Range<usize>>,
    /// Its place in the container, from 0.
    pub index: usize,
    /// The value.
    pub node: Node,
}

impl Outline {
    /// Walks over a document.
    ///
    /// # Errors
    /// Why it is no JSON, with the byte at which that shows.
    pub fn read(bytes: Arc<[u8]>) -> Result<Self, String> {
        let mut walk = Walk { bytes: &bytes, at: 0, open: Vec::new(), kept: HashMap::new() };
        let root = walk.document()?;
        let kept = walk.kept;
        Ok(Self { bytes, root, kept })
    }

    /// The document.
    #[must_use]
    pub fn root(&self) -> Node {
        self.root
    }

    /// All of its bytes.
    #[must_use]
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// The bytes of a value, as they are stored.
    #[must_use]
    pub fn json(&self, node: Node) -> &[u8] {
        self.slice(node.start..node.end)
    }

    /// A part of the document.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// Whether it holds values: `Some(true)` for an object, `Some(false)` for an array.
    #[must_use]
    pub fn is_object(&self, node: Node) -> Option<bool> {
        match self.bytes.get(node.start) {
            Some(b'{') => Some(true),
            Some(b'[') => Some(false),
            _ => None,
        }
    }

    /// How many values a container holds.
    #[must_use]
    pub fn count(&self, node: Node) -> usize {
        if self.is_object(node).is_none() {
            return 0;
        }
        match self.kept.get(&node.start) {
            Some(container) => container.count,
            None => self.walk_children(node, 0).count(),
        }
    }

    /// Some values of a container, by their places in it.
    #[must_use]
    pub fn children(&self, of: Node, range: Range<usize>) -> Vec<Child> {
        if self.is_object(of).is_none() {
            return Vec::new();
        }
        self.walk_children(of, range.start).skip_while(|child| child.index < range.start).take(range.len()).collect()
    }

    /// The values of a container from a place at or before `from` on.
    fn walk_children(&self, of: Node, from: usize) -> Children<'_> {
        let marked = self.kept.get(&of.start).and_then(|container| {
            let mark = (from / EVERY).checked_sub(1)?.min(container.marks.len().checked_sub(1)?);
            Some(((mark + 1) * EVERY, *container.marks.get(mark)?))
        });
        let (index, at) = marked.unwrap_or((0, of.start + 1));
        Children { outline: self, object: self.is_object(of) == Some(true), index, at }
    }

    /// Where a value that begins at `at` ends.
    fn end_of(&self, at: usize) -> usize {
        match self.bytes.get(at) {
            Some(b'{' | b'[') => match self.kept.get(&at) {
                Some(container) => container.end,
                None => self.end_of_container(at),
            },
            Some(b'"') => end_of_string(&self.bytes, at).unwrap_or(self.bytes.len()),
            _ => end_of_word(&self.bytes, at),
        }
    }

    fn end_of_container(&self, mut at: usize) -> usize {
        let mut depth = 0_usize;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => {
                    at = end_of_string(&self.bytes, at).unwrap_or(self.bytes.len());
                    continue;
                }
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        at
    }
}

/// The values of a container, one after the other. The document was checked when it was outlined.
struct Children<'a> {
    outline: &'a Outline,
    object: bool,
    index: usize,
    at: usize,
}

impl Iterator for Children<'_> {
    type Item = Child;

    fn next(&mut self) -> Option<Child> {
        let bytes = &self.outline.bytes;
        self.at = past_space(bytes, self.at);
        if bytes.get(self.at) == Some(&b',') {
            self.at = past_space(bytes, self.at + 1);
        }
        if matches!(bytes.get(self.at), None | Some(b'}' | b']')) {
            return None;
        }
        let mut key = None;
        if self.object {
            let end = end_of_string(bytes, self.at).ok()?;
            key = Some(self.at + 1..end.saturating_sub(1));
            self.at = past_space(bytes, past_space(bytes, end) + 1);
        }
        let node = Node { start: self.at, end: self.outline.end_of(self.at) };
        let child = Child { key, index: self.index, node };
        self.at = node.end.max(self.at + 1);
        self.index += 1;
        Some(child)
    }
}

/// The walk that finds out where everything is.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    open: Vec<Open>,
    kept: HashMap<usize, Container>,
}

/// A container that the walk is in.
struct Open {
    start: usize,
    object: bool,
    count: usize,
    marks: Vec<usize>,
}

impl Walk<'_> {
    fn document(&mut self) -> Result<Node, String> {
        self.at = past_space(self.bytes, if self.bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 });
        let start = self.at;
        self.value()?;
        while !self.open.is_empty() {
            self.step()?;
        }
        let end = self.at;
        self.at = past_space(self.bytes, self.at);
        if self.at < self.bytes.len() {
            Err(self.fault("something follows the document"))
        } else {
            Ok(Node { start, end })
        }
    }

    /// Takes one value of the innermost container, or its end.
    fn step(&mut self) -> Result<(), String> {
        self.at = past_space(self.bytes, self.at);
        let byte = self.bytes.get(self.at).copied();
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        if byte == Some(if open.object { b'}' } else { b']' }) {
            return self.close();
        }
        if open.count > 0 {
            if byte != Some(b',') {
                return Err(self.fault("a comma was expected"));
            }
            self.at = past_space(self.bytes, self.at + 1);
        }
        if open.count > 0 && open.count.is_multiple_of(EVERY) {
            open.marks.push(self.at);
        }
        open.count += 1;
        if open.object {
            if self.bytes.get(self.at) != Some(&b'"') {
                return Err(self.fault("a key was expected"));
            }
            self.at = past_space(self.bytes, end_of_string(self.bytes, self.at)?);
            if self.bytes.get(self.at) != Some(&b':') {
                return Err(self.fault("a colon was expected"));
            }
            self.at = past_space(self.bytes, self.at + 1);
        }
        self.value()
    }

    /// Takes a value; of a container only its beginning.
    fn value(&mut self) -> Result<(), String> {
        match self.bytes.get(self.at) {
            Some(byte @ (b'{' | b'[')) => {
                self.open.push(Open { start: self.at, object: *byte == b'{', count: 0, marks: Vec::new() });
                self.at += 1;
            }
            Some(b'"') => self.at = end_of_string(self.bytes, self.at)?,
            _ => {
                let end = end_of_word(self.bytes, self.at);
                if end == self.at {
                    return Err(self.fault("a value was expected"));
                }
                self.at = end;
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        self.at += 1;
        let Some(open) = self.open.pop() else { return Err(self.fault("nothing is open")) };
        if self.at - open.start > KEPT {
            let container = Container { end: self.at, count: open.count, marks: open.marks };
            self.kept.insert(open.start, container);
        }
        Ok(())
    }

    fn fault(&self, what: &str) -> String {
        format!("{what} at byte {}", self.at)
    }
}

fn past_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Where a text ends whose first quote is at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> Result<usize, String> {
    let mut from = at + 1;
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(found) = memchr2(b'"', b'\\', rest) else { return Err(format!("a text has no end at byte {at}")) };
        if rest.get(found) == Some(&b'"') {
            return Ok(from + found + 1);
        }
        from += found + 2;
    }
}

/// Where a number or a word such as `null` ends.
fn end_of_word(bytes: &[u8], at: usize) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    at + bytes.get(at..).unwrap_or_default().iter().take_while(|byte| is_part(byte)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn outline(json: &str) -> Outline {
        Outline::read(json.as_bytes().into()).unwrap()
    }

    /// What the outline says a document is, put together again from its parts.
    fn rebuilt(outline: &Outline, node: Node) -> Value {
        let text = std::str::from_utf8(outline.json(node)).unwrap();
        let children = outline.children(node, 0..usize::MAX);
        assert_eq!(children.len(), outline.count(node));
        match outline.is_object(node) {
            None => serde_json::from_str(text).unwrap(),
            Some(false) => Value::Array(children.iter().map(|child| rebuilt(outline, child.node)).collect()),
            Some(true) => {
                let key = |child: &Child| {
                    let key = std::str::from_utf8(outline.slice(child.key.clone().unwrap())).unwrap();
                    serde_json::from_str(&format!("\"{key}\"")).unwrap()
                };
                Value::Object(children.iter().map(|child| (key(child), rebuilt(outline, child.node))).collect())
            }
        }
    }

    #[test]
    fn any_part_of_a_long_list_is_found() {
        let items: Vec<String> =
            (0..12_345).map(|number| format!("{{\"n\": {number}, \"t\": \"a,]}}\\\"\"}}")).collect();
        let json = format!(" {{\"items\" : [{}], \"end\": null}} ", items.join(" ,\n"));
        let outline = outline(&json);
        let fields = outline.children(outline.root(), 0..10);
        assert_eq!(fields.len(), 2);
        let items = fields[0].node;
        assert_eq!(outline.count(items), 12_345);
        for at in [0, 999, 1_000, 1_001, 5_678, 12_344] {
            let found = outline.children(items, at..at + 1).pop().unwrap();
            assert_eq!(found.index, at);
            assert_eq!(outline.json(found.node), format!("{{\"n\": {at}, \"t\": \"a,]}}\\\"\"}}").as_bytes());
        }
        assert_eq!(outline.children(items, 12_344..99_999).len(), 1);
        assert!(outline.children(items, 12_345..99_999).is_empty());
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        let outline = outline(&deep);
        let mut node = outline.root();
        for _ in 0..10_000 {
            node = outline.children(node, 0..1)[0].node;
        }
        assert_eq!(outline.count(node), 1);
    }

    #[test]
    fn what_is_no_document_is_refused_with_its_place() {
        for (json, fault) in [
            ("{\"a\" 1}", "a colon was expected at byte 5"),
            ("[1 2]", "a comma was expected at byte 3"),
            ("[1]]", "something follows the document at byte 3"),
            ("{1:2}", "a key was expected at byte 1"),
            ("[", "a value was expected at byte 1"),
            ("[\"a", "a text has no end at byte 1"),
        ] {
            assert_eq!(Outline::read(json.as_bytes().into()).unwrap_err(), fault, "{json}");
        }
    }

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::vec((".*", inner), 0..8)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_outline_finds_what_a_parser_finds(document in documents(), pretty: bool) {
            let json = if pretty { format!("{document:#}") } else { document.to_string() };
            let outline = outline(&json);
            prop_assert_eq!(rebuilt(&outline, outline.root()), document);
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            if let Ok(outline) = Outline::read(bytes.into()) {
                let _ = outline.children(outline.root(), 0..10);
            }
        }
    }
}
