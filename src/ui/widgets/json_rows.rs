//! A document laid out flat: one row for each value that is open to view, built once and not in every frame.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::session::Change;

/// The longest text of a value or of a preview, in characters. What is cut off is in the file and one copy away.
const LONGEST: usize = 300;
/// The longest preview of what a closed container holds, in characters.
const PREVIEW: usize = 60;
/// How many values an outermost container may hold to start out open.
const OPENS_AT_FIRST: usize = 100;
/// How deep a document is laid out; deeper ones come from no library and would end the program's stack.
const DEEPEST: usize = 256;

/// What a value is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Null,
    Container,
}

/// What the selected event did to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Added,
    Changed,
    Removed,
}

/// One row of the tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TreeRow {
    /// The JSON Pointer of the value.
    pub(super) path: String,
    /// Its key, or its index in an array.
    pub(super) key: String,
    /// How deep it lies, from 0.
    pub(super) depth: usize,
    pub(super) kind: Kind,
    /// The value as text: a scalar as JSON, a container as the number of its values.
    pub(super) text: String,
    /// A glance at what a closed container holds.
    pub(super) preview: String,
    /// Whether it is open; `None` where there is nothing to open.
    pub(super) open: Option<bool>,
    pub(super) mark: Option<Mark>,
    /// The value before, where it changed.
    pub(super) before: Option<String>,
    /// Who set it.
    pub(super) by: Option<String>,
}

impl TreeRow {
    /// The row's accessible name.
    pub(super) fn name(&self) -> String {
        if self.key.is_empty() { self.text.clone() } else { format!("{}: {}", self.key, self.text) }
    }

    /// What more there is to say about it: what happened to it, and through whom.
    pub(super) fn description(&self) -> String {
        let mark = match (self.mark, &self.before) {
            (Some(Mark::Added), _) => "added".to_owned(),
            (Some(Mark::Removed), _) => "removed".to_owned(),
            (Some(Mark::Changed), Some(before)) => format!("changed from {before}"),
            (Some(Mark::Changed), None) => "changed".to_owned(),
            (None, _) => String::new(),
        };
        let parts = [Some(mark).filter(|mark| !mark.is_empty()), self.by.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// What is known of the values beside the values: what the selected event did to them, and who set them.
#[derive(Clone, Copy)]
pub struct Notes<'a> {
    /// What the selected event changed.
    pub changes: &'a [Change],
    /// Who last set the value at a JSON Pointer, in few words: `v2 order.line_added`.
    pub by: Told<'a>,
    /// Whether the values have a history to ask for.
    pub asks: bool,
    /// What makes the value at a JSON Pointer, and on what evidence: shown on hover.
    pub why: Option<Told<'a>>,
}

/// What is told of the value at a JSON Pointer.
type Told<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Which containers a person opened or closed, by JSON Pointer.
pub(super) type Openings = HashMap<String, bool>;

/// Lays `root` out.
pub(super) fn flatten(root: &Value, openings: &Openings, notes: Option<&Notes<'_>>) -> Vec<TreeRow> {
    let mut layout = Layout { rows: Vec::new(), openings, notes, changes: BTreeMap::new(), removed: HashMap::new() };
    if let Some(notes) = notes {
        layout.index(notes.changes);
    }
    if size(root).is_some() {
        layout.children("", 0, root);
    } else {
        layout.value("", "", 0, root);
    }
    layout.rows
}

struct Layout<'a> {
    rows: Vec<TreeRow>,
    openings: &'a Openings,
    notes: Option<&'a Notes<'a>>,
    /// The changes by their paths, in order, so that those beneath a path lie together.
    changes: BTreeMap<&'a str, &'a Change>,
    /// The removed values by the path of what held them.
    removed: HashMap<&'a str, Vec<&'a Change>>,
}

impl<'a> Layout<'a> {
    fn index(&mut self, changes: &'a [Change]) {
        for change in changes {
            self.changes.insert(&change.path, change);
            if let (None, Some((parent, _))) = (&change.after, change.path.rsplit_once('/')) {
                self.removed.entry(parent).or_default().push(change);
            }
        }
    }

    fn children(&mut self, path: &str, depth: usize, container: &Value) {
        match container {
            Value::Object(map) => {
                for (key, value) in map {
                    self.value(&format!("{path}/{}", escaped(key)), key, depth, value);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    self.value(&format!("{path}/{index}"), &index.to_string(), depth, value);
                }
            }
            _ => {}
        }
        for change in self.removed.get(path).cloned().unwrap_or_default() {
            self.removed_row(change, depth);
        }
    }

    fn value(&mut self, path: &str, key: &str, depth: usize, value: &Value) {
        let change = self.change_of(path, depth);
        let open = self.opening(path, depth, value, change.is_some());
        let closed_container = open == Some(false);
        self.rows.push(TreeRow {
            path: path.to_owned(),
            key: key.to_owned(),
            depth,
            kind: kind(value),
            text: text(value),
            preview: if closed_container { preview(value) } else { String::new() },
            open,
            mark: change.map(mark),
            before: change.and_then(|change| change.before.as_ref()).map(text),
            by: self.notes.and_then(|notes| (notes.by)(path)),
        });
        if open == Some(true) {
            self.children(path, depth + 1, value);
        }
    }

    /// The change of the value itself; one of the whole document is told of each of its outermost values.
    fn change_of(&self, path: &str, depth: usize) -> Option<&'a Change> {
        let whole = || self.changes.get("").copied().filter(|change| depth == 0 && change.before.is_none());
        self.changes.get(path).copied().or_else(whole)
    }

    fn removed_row(&mut self, change: &Change, depth: usize) {
        let Some(before) = &change.before else { return };
        let key = change.path.rsplit_once('/').map_or("", |(_, key)| key);
        self.rows.push(TreeRow {
            path: change.path.clone(),
            key: key.replace("~1", "/").replace("~0", "~"),
            depth,
            kind: kind(before),
            text: if size(before).is_some() { preview(before) } else { text(before) },
            preview: String::new(),
            open: None,
            mark: Some(Mark::Removed),
            before: None,
            by: self.notes.and_then(|notes| (notes.by)(&change.path)),
        });
    }

    /// Whether a value is open: as a person chose, else where it is small and outermost or something changed beneath.
    fn opening(&self, path: &str, depth: usize, value: &Value, changed_itself: bool) -> Option<bool> {
        let size = size(value).filter(|size| *size > 0 || self.removed.contains_key(path))?;
        if depth >= DEEPEST {
            return None;
        }
        let at_first = (depth == 0 && size <= OPENS_AT_FIRST && !changed_itself) || self.changes_beneath(path);
        Some(self.openings.get(path).copied().unwrap_or(at_first))
    }

    fn changes_beneath(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.changes.range(below.as_str()..).next().is_some_and(|(path, _)| path.starts_with(&below))
    }
}

/// The paths of all containers in `value`, whose own path is `path`.
pub(super) fn containers(path: &str, value: &Value, depth: usize, into: &mut Vec<String>) {
    if size(value).is_none() || depth >= DEEPEST {
        return;
    }
    into.push(path.to_owned());
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                containers(&format!("{path}/{}", escaped(key)), value, depth + 1, into);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                containers(&format!("{path}/{index}"), value, depth + 1, into);
            }
        }
        _ => {}
    }
}

fn mark(change: &Change) -> Mark {
    match (&change.before, &change.after) {
        (None, _) => Mark::Added,
        (_, None) => Mark::Removed,
        _ => Mark::Changed,
    }
}

/// A key as a JSON Pointer writes it (RFC 6901).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::String(_) => Kind::Text,
        Value::Number(_) | Value::Bool(_) => Kind::Number,
        Value::Null => Kind::Null,
        Value::Array(_) | Value::Object(_) => Kind::Container,
    }
}

/// How many values a container holds.
fn size(value: &Value) -> Option<usize> {
    match value {
        Value::Array(items) => Some(items.len()),
        Value::Object(map) => Some(map.len()),
        _ => None,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text, LONGEST),
        Value::Array(items) => format!("[{}]", items.len()),
        Value::Object(map) => format!("{{{}}}", map.len()),
        scalar => scalar.to_string(),
    }
}

/// A string as JSON, cut before it is escaped: what is not seen need not be worked on.
fn quoted(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", Value::from(text.get(..end).unwrap_or_default())),
        None => Value::from(text).to_string(),
    }
}

/// `{ qty: 2, price: 8.00 }`, as far as it goes.
fn preview(value: &Value) -> String {
    let mut line = String::new();
    write_preview(value, &mut line);
    match line.char_indices().nth(PREVIEW) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

fn write_preview(value: &Value, line: &mut String) {
    match value {
        Value::Object(map) if map.is_empty() => line.push_str("{}"),
        Value::Object(map) => {
            line.push_str("{ ");
            write_all(map.iter().map(|(key, value)| (Some(key.as_str()), value)), line);
            line.push_str(" }");
        }
        Value::Array(items) => {
            line.push('[');
            write_all(items.iter().map(|value| (None, value)), line);
            line.push(']');
        }
        Value::String(text) => line.push_str(&quoted(text, PREVIEW)),
        scalar => line.push_str(&scalar.to_string()),
    }
}

fn write_all<'v>(values: impl Iterator<Item = (Option<&'v str>, &'v Value)>, line: &mut String) {
    for (index, (key, value)) in values.enumerate() {
        if line.len() > 4 * PREVIEW {
            return;
        }
        line.push_str(if index > 0 { ", " } else { "" });
        if let Some(key) = key {
            line.extend(key.chars().take(PREVIEW));
            line.push_str(": ");
        }
        write_preview(value, line);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(rows: &[TreeRow]) -> Vec<String> {
        rows.iter().map(|row| format!("{}{}", "  ".repeat(row.depth), row.name())).collect()
    }

    #[test]
    fn outermost_containers_start_open_and_numbers_keep_their_digits() {
        let value: Value = serde_json::from_str(
            r#"{"sku":"cup","price":{"amount":8.00,"more":{"a":1}},"big":12345678901234567890123}"#,
        )
        .unwrap();
        let rows = flatten(&value, &Openings::new(), None);
        assert_eq!(
            names(&rows),
            ["sku: \"cup\"", "price: {2}", "  amount: 8.00", "  more: {1}", "big: 12345678901234567890123"]
        );
        assert_eq!(rows[3].preview, "{ a: 1 }");
        assert_eq!(rows[3].path, "/price/more");
    }

    #[test]
    fn a_change_opens_what_holds_it_and_a_removed_value_stays_in_view() {
        let value = json!({"lines": {"a": {"qty": 3}}, "total": 26});
        let change =
            |path: &str, before: Option<Value>, after: Option<Value>| Change { path: path.into(), before, after };
        let changes = [
            change("/lines/a/qty", Some(json!(1)), Some(json!(3))),
            change("/lines/b", Some(json!({"qty": 1})), None),
            change("/total", None, Some(json!(26))),
        ];
        let by = |path: &str| (path == "/total").then(|| "this event".to_owned());
        let notes = Notes { changes: &changes, by: &by, asks: false, why: None };
        let rows = flatten(&value, &Openings::new(), Some(&notes));
        assert_eq!(names(&rows), ["lines: {1}", "  a: {1}", "    qty: 3", "  b: { qty: 1 }", "total: 26"]);
        assert_eq!(rows[2].description(), "changed from 1");
        assert_eq!(rows[3].mark, Some(Mark::Removed));
        assert_eq!(rows[4].description(), "added; this event");
    }

    #[test]
    fn a_choice_outlives_the_rule() {
        let value = json!({"a": {"b": 1}});
        let openings = Openings::from([("/a".to_owned(), false)]);
        assert_eq!(names(&flatten(&value, &openings, None)), ["a: {1}"]);
    }

    #[test]
    fn a_key_with_a_slash_has_an_escaped_path() {
        let rows = flatten(&json!({"a/b~c": 1}), &Openings::new(), None);
        assert_eq!(rows[0].path, "/a~1b~0c");
        assert_eq!(json!({"a/b~c": 1}).pointer(&rows[0].path), Some(&json!(1)));
    }

    #[test]
    fn a_long_string_is_cut_and_a_scalar_document_is_one_row() {
        let rows = flatten(&json!("x".repeat(1_000_000)), &Openings::new(), None);
        assert_eq!(rows.len(), 1);
        assert!(rows[0].name().len() < 400);
    }
}
