//! A document laid out flat: one row for each value that is open to view, built once and not in every frame.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::json_text::{Kind, kind, preview, size, text};
use crate::codec::visible;
use crate::session::Change;

/// How many values an outermost container may hold to start out open.
const OPENS_AT_FIRST: usize = 100;
/// How deep a document is laid out; deeper ones come from no library and would end the program's stack.
const DEEPEST: usize = 256;

/// What the selected event did to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Added,
    Changed,
    Removed,
}

/// One row of the tree.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// Whether it is only guessed.
    pub(super) guessed: bool,
}

impl TreeRow {
    /// The row's accessible name.
    pub(super) fn name(&self) -> String {
        let name = if self.key.is_empty() { self.text.clone() } else { format!("{}: {}", self.key, self.text) };
        visible(&name).into_owned()
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
        let guessed = self.guessed.then(|| "guessed".to_owned());
        let parts = [Some(mark).filter(|mark| !mark.is_empty()), self.by.clone(), guessed];
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
    /// What is known of how the values are made.
    pub made: Option<Made<'a>>,
}

/// What is known of how values are made: by which rules, and how sure that is.
#[derive(Clone, Copy)]
pub struct Made<'a> {
    /// What makes the value at a JSON Pointer, and on what evidence: shown on hover.
    pub why: Told<'a>,
    /// Whether the value at a JSON Pointer is only guessed.
    pub guessed: &'a dyn Fn(&str) -> bool,
    /// Whether a person can say what is right.
    pub corrects: bool,
}

/// What is told of the value at a JSON Pointer.
type Told<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Which containers a person opened or closed, by JSON Pointer.
pub(super) type Openings = HashMap<String, bool>;

/// Lays `root` out.
pub(super) fn flatten(root: &Value, openings: &Openings, notes: Option<&Notes<'_>>) -> Vec<TreeRow> {
    laid_out(root, openings, notes, false)
}

/// Lays out what the selected event changed, with the way to it; of the rest it is said how much there is.
pub(super) fn flatten_changes(root: &Value, openings: &Openings, notes: &Notes<'_>) -> Vec<TreeRow> {
    laid_out(root, openings, Some(notes), true)
}

/// The rows of single places, each under its name in `names`; those that a document does not have say so.
pub(super) fn flatten_places(root: &Value, places: &[(String, String)], notes: &Notes<'_>) -> Vec<TreeRow> {
    let openings = Openings::new();
    let mut layout = Layout::new(&openings, Some(notes), false);
    layout.index(notes.changes);
    for (pointer, name) in places {
        match root.pointer(pointer) {
            Some(value) => layout.place(pointer, name, value),
            None => layout.missing(pointer, name),
        }
    }
    layout.rows
}

fn laid_out(root: &Value, openings: &Openings, notes: Option<&Notes<'_>>, changes_only: bool) -> Vec<TreeRow> {
    let mut layout = Layout::new(openings, notes, changes_only);
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
    changes_only: bool,
}

impl<'a> Layout<'a> {
    fn new(openings: &'a Openings, notes: Option<&'a Notes<'a>>, changes_only: bool) -> Self {
        Self { rows: Vec::new(), openings, notes, changes: BTreeMap::new(), removed: HashMap::new(), changes_only }
    }

    fn index(&mut self, changes: &'a [Change]) {
        for change in changes {
            self.changes.insert(&change.path, change);
            if let (None, Some((parent, _))) = (&change.after, change.path.rsplit_once('/')) {
                self.removed.entry(parent).or_default().push(change);
            }
        }
    }

    fn children(&mut self, path: &str, depth: usize, container: &Value) {
        let mut left_out = 0_usize;
        match container {
            Value::Object(map) => {
                for (key, value) in map {
                    let path = format!("{path}/{}", escaped(key));
                    if self.leaves_out(&path) {
                        left_out += 1;
                    } else {
                        self.value(&path, key, depth, value);
                    }
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    let path = format!("{path}/{index}");
                    if self.leaves_out(&path) {
                        left_out += 1;
                    } else {
                        self.value(&path, &index.to_string(), depth, value);
                    }
                }
            }
            _ => {}
        }
        if left_out > 0 {
            self.left_out_row(path, depth, left_out);
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
            guessed: self.is_guessed(path),
        });
        if open == Some(true) {
            self.children(path, depth + 1, value);
        }
    }

    /// Whether a value is left out, as only what changed is shown. Of a value that is new as a whole, all is.
    fn leaves_out(&self, path: &str) -> bool {
        let above = || {
            path.match_indices('/')
                .map(|(end, _)| end)
                .any(|end| path.get(..end).is_some_and(|above| !above.is_empty() && self.changes.contains_key(above)))
        };
        self.changes_only
            && !self.changes.contains_key(path)
            && !self.changes_beneath(path)
            && !self.changes.contains_key("")
            && !above()
    }

    fn left_out_row(&mut self, path: &str, depth: usize, count: usize) {
        self.rows.push(TreeRow {
            path: format!("{path}/\u{0}left out"),
            depth,
            text: format!("{count} unchanged"),
            ..TreeRow::default()
        });
    }

    /// A place by itself, closed.
    fn place(&mut self, pointer: &str, name: &str, value: &Value) {
        let change = self.changes.get(pointer).copied();
        self.rows.push(TreeRow {
            path: pointer.to_owned(),
            key: name.to_owned(),
            kind: kind(value),
            text: text(value),
            preview: if size(value).is_some_and(|size| size > 0) { preview(value) } else { String::new() },
            mark: change.map(mark).or_else(|| self.changes_beneath(pointer).then_some(Mark::Changed)),
            before: change.and_then(|change| change.before.as_ref()).map(text),
            by: self.notes.and_then(|notes| (notes.by)(pointer)),
            ..TreeRow::default()
        });
    }

    /// A place that is not there.
    fn missing(&mut self, pointer: &str, name: &str) {
        let removed = self.changes.get(pointer).and_then(|change| change.before.as_ref());
        self.rows.push(TreeRow {
            path: pointer.to_owned(),
            key: name.to_owned(),
            kind: Kind::Null,
            text: removed.map_or_else(|| "not there".to_owned(), text),
            mark: removed.map(|_| Mark::Removed),
            ..TreeRow::default()
        });
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
            guessed: self.is_guessed(&change.path),
        });
    }

    fn is_guessed(&self, path: &str) -> bool {
        self.notes.and_then(|notes| notes.made).is_some_and(|made| (made.guessed)(path))
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
        let guessed = |path: &str| path == "/total";
        let made = Some(Made { why: &|_| None, guessed: &guessed, corrects: false });
        let notes = Notes { changes: &changes, by: &by, asks: false, made };
        let rows = flatten(&value, &Openings::new(), Some(&notes));
        assert_eq!(names(&rows), ["lines: {1}", "  a: {1}", "    qty: 3", "  b: { qty: 1 }", "total: 26"]);
        assert_eq!(rows[2].description(), "changed from 1");
        assert_eq!(rows[3].mark, Some(Mark::Removed));
        assert_eq!(rows[4].description(), "added; this event; guessed");
    }

    #[test]
    fn of_what_is_unchanged_only_the_number_is_told() {
        let value =
            json!({"a": 1, "lines": {"x": {"qty": 3, "sku": "s"}, "y": {"qty": 1}}, "b": 2, "new": {"c": {"d": 1}}});
        let change = |path: &str, after: Value| Change { path: path.into(), before: None, after: Some(after) };
        let changes = [change("/lines/x/qty", json!(3)), change("/new", json!({"c": {"d": 1}}))];
        let notes = Notes { changes: &changes, by: &|_| None, asks: false, made: None };
        let openings = Openings::from([("/new".to_owned(), true), ("/new/c".to_owned(), true)]);
        assert_eq!(
            names(&flatten_changes(&value, &openings, &notes)),
            [
                "lines: {2}",
                "  x: {2}",
                "    qty: 3",
                "    1 unchanged",
                "  1 unchanged",
                "new: {1}",
                "  c: {1}",
                "    d: 1",
                "2 unchanged"
            ]
        );
        let whole = [change("", value.clone())];
        let notes = Notes { changes: &whole, ..notes };
        let all = flatten_changes(&value, &Openings::new(), &notes);
        assert_eq!(all.iter().filter(|row| row.depth == 0).count(), 4);
    }

    #[test]
    fn a_place_by_itself_is_there_whether_or_not_the_document_has_it() {
        let value = json!({"total": 26, "lines": {"a": {"qty": 3}}});
        let changes = [
            Change { path: "/lines/a/qty".into(), before: Some(json!(1)), after: Some(json!(3)) },
            Change { path: "/gone".into(), before: Some(json!(7)), after: None },
        ];
        let notes = Notes { changes: &changes, by: &|_| None, asks: false, made: None };
        let places = ["/total", "/lines", "/gone", "/never"].map(|place| (place.to_owned(), place.replace('/', ".")));
        let rows = flatten_places(&value, &places, &notes);
        assert_eq!(names(&rows), [".total: 26", ".lines: {1}", ".gone: 7", ".never: not there"]);
        let marks: Vec<_> = rows.iter().map(|row| row.mark).collect();
        assert_eq!(marks, [None, Some(Mark::Changed), Some(Mark::Removed), None]);
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
