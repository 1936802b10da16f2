//! Looks for a text in a document: in its keys and in its values, in the order in which they stand.

use std::any::Any;
use std::sync::Arc;

use serde_json::Value;

/// How many places are found; more say that the text is too short.
const LIMIT: usize = 10_000;

/// How deep a document is searched; deeper ones are not laid out either.
const DEEPEST: usize = 256;

/// A search, and what it found in the document that was searched last.
#[derive(Default)]
pub struct TreeSearch {
    needle: String,
    owner: Option<Arc<dyn Any + Send + Sync>>,
    found: Vec<String>,
    current: Option<usize>,
    /// Counts how often a place was to be brought into view.
    request: u64,
}

impl std::fmt::Debug for TreeSearch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TreeSearch")
            .field("needle", &self.needle)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl TreeSearch {
    /// What is looked for, to be typed into.
    pub fn needle_mut(&mut self) -> &mut String {
        // What was found is looked for anew: the text may be another one.
        self.owner = None;
        &mut self.needle
    }

    /// What is looked for; empty for nothing.
    #[must_use]
    pub fn needle(&self) -> &str {
        &self.needle
    }

    /// Searches a document, unless it is the one that was searched last. Where the place that was shown last is found in
    /// it too, that stays.
    pub fn search(&mut self, owner: &Arc<dyn Any + Send + Sync>, value: &Value) {
        if self.owner.as_ref().is_some_and(|known| std::ptr::addr_eq(Arc::as_ptr(known), Arc::as_ptr(owner))) {
            return;
        }
        let shown = self.current.and_then(|current| self.found.get(current).cloned());
        self.found.clear();
        if !self.needle.is_empty() {
            search(value, &mut String::new(), 0, &self.needle, &mut self.found);
        }
        let still = shown.as_ref().and_then(|shown| self.found.iter().position(|found| found == shown));
        let first = (!self.found.is_empty()).then_some(0);
        self.current = still.or(first);
        if still.is_none() {
            self.request += 1;
        }
        self.owner = Some(Arc::clone(owner));
    }

    /// Goes on to the next place, or back to the one before; round at the ends.
    pub fn go(&mut self, forward: bool) {
        let Some(last) = self.found.len().checked_sub(1) else { return };
        let next = match (self.current, forward) {
            (None, _) => 0,
            (Some(current), true) => {
                if current >= last {
                    0
                } else {
                    current + 1
                }
            }
            (Some(current), false) => current.checked_sub(1).unwrap_or(last),
        };
        self.current = Some(next);
        self.request += 1;
    }

    /// Which place is shown, counted from 1, and how many there are.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        (self.current.map_or(0, |current| current + 1), self.found.len())
    }

    /// Whether there may be more than were looked for.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.found.len() >= LIMIT
    }

    /// What a tree is to show of it; nothing while nothing is looked for.
    #[must_use]
    pub fn find(&self) -> Option<Find<'_>> {
        let current = self.current.and_then(|current| self.found.get(current)).map(String::as_str);
        (!self.needle.is_empty()).then_some(Find { needle: &self.needle, current, request: self.request })
    }
}

/// What is looked for in a tree.
#[derive(Clone, Copy, Debug)]
pub struct Find<'a> {
    /// The text.
    pub needle: &'a str,
    /// The place that is to be in view, as a JSON Pointer.
    pub current: Option<&'a str>,
    /// The number of the request to bring it into view: each is met once.
    pub request: u64,
}

fn search(value: &Value, path: &mut String, depth: usize, needle: &str, found: &mut Vec<String>) {
    if depth >= DEEPEST || found.len() >= LIMIT {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let length = path.len();
                path.push('/');
                path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                one(key, value, path, depth, needle, found);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                let length = path.len();
                path.push('/');
                path.push_str(&index.to_string());
                one("", value, path, depth, needle, found);
                path.truncate(length);
            }
        }
        _ if depth == 0 && holds(value, needle) => found.push(path.clone()),
        _ => {}
    }
}

fn one(key: &str, value: &Value, path: &mut String, depth: usize, needle: &str, found: &mut Vec<String>) {
    if found.len() < LIMIT && (contains(key, needle) || holds(value, needle)) {
        found.push(path.clone());
    }
    search(value, path, depth + 1, needle, found);
}

/// Whether a value that holds no others has the text.
fn holds(value: &Value, needle: &str) -> bool {
    match value {
        Value::String(text) => contains(text, needle),
        Value::Array(_) | Value::Object(_) => false,
        scalar => contains(&scalar.to_string(), needle),
    }
}

/// Whether a text has another in it, in small letters or capitals.
#[must_use]
pub(super) fn contains(text: &str, needle: &str) -> bool {
    if text.is_ascii() && needle.is_ascii() {
        let (text, needle) = (text.as_bytes(), needle.as_bytes());
        return needle.is_empty() || text.windows(needle.len()).any(|part| part.eq_ignore_ascii_case(needle));
    }
    text.to_lowercase().contains(&needle.to_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn searched(value: &Value, needle: &str) -> TreeSearch {
        let mut search = TreeSearch::default();
        search.needle_mut().push_str(needle);
        let owner: Arc<dyn Any + Send + Sync> = Arc::new(());
        search.search(&owner, value);
        search
    }

    #[test]
    fn keys_and_values_are_found_in_order_and_gone_through_in_a_circle() {
        let value = json!({"a/b": {"Total": 3}, "lines": ["total", {"x": "grand TOTAL"}, 7], "n": 37});
        let mut search = searched(&value, "total");
        assert_eq!(search.found, ["/a~1b/Total", "/lines/0", "/lines/1/x"]);
        assert!(search.found.iter().all(|path| value.pointer(path).is_some()));
        let mut seen = vec![search.find().unwrap().current.unwrap().to_owned()];
        for forward in [true, true, true, false] {
            search.go(forward);
            seen.push(search.find().unwrap().current.unwrap().to_owned());
        }
        assert_eq!(seen, ["/a~1b/Total", "/lines/0", "/lines/1/x", "/a~1b/Total", "/lines/1/x"]);
        assert_eq!(searched(&value, "7").found, ["/lines/2", "/n"]);
        assert_eq!(searched(&json!("whole"), "HOL").found, [""]);
    }

    #[test]
    fn in_the_next_state_the_same_place_stays_shown() {
        let mut search = searched(&json!({"a": 1, "b": 1}), "1");
        search.go(true);
        let owner: Arc<dyn Any + Send + Sync> = Arc::new(0_u8);
        search.search(&owner, &json!({"0": 1, "a": 1, "b": 1}));
        assert_eq!(search.count(), (3, 3));
        let request = search.find().unwrap().request;
        let owner: Arc<dyn Any + Send + Sync> = Arc::new(1_u8);
        search.search(&owner, &json!({"a": 1}));
        assert_eq!((search.count(), search.find().unwrap().request), ((1, 1), request + 1));
    }

    #[test]
    fn letters_with_accents_are_found_in_either_case() {
        assert!(contains("Grüße", "GRÜ") && contains("ABC", "bc") && !contains("abc", "abcd"));
    }
}
