//! A path into a document: `lines[0].sku`.

use std::fmt;

use serde_json::Value;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// The member of an object with this name.
    Key(String),
    /// The item of an array at this place, counted from 0.
    Index(u32),
    /// Any item of an array.
    Each,
}

/// A path into a document; the empty path is the document itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path {
    /// The steps, from the root.
    pub segments: Vec<Segment>,
}

impl Path {
    /// Whether a value at this path is as `test` wants it.
    pub fn any(&self, document: &Value, test: &mut dyn FnMut(&Value) -> bool) -> bool {
        any_at(&self.segments, document, test)
    }

    /// The same path for SQLite's JSON functions (<https://www.sqlite.org/json1.html#path_arguments>); `None` where a
    /// it leads to any item of an array, or a key has characters that SQLite's paths and JSON's escapes write differently.
    #[must_use]
    pub fn to_sql(&self) -> Option<String> {
        let steps: Option<Vec<String>> = self.segments.iter().map(segment_to_sql).collect();
        Some(format!("${}", steps?.concat()))
    }
}

fn any_at(segments: &[Segment], value: &Value, test: &mut dyn FnMut(&Value) -> bool) -> bool {
    let Some((first, rest)) = segments.split_first() else { return test(value) };
    let found = match (first, value) {
        (Segment::Key(key), Value::Object(members)) => members.get(key),
        (Segment::Index(index), Value::Array(items)) => usize::try_from(*index).ok().and_then(|at| items.get(at)),
        (Segment::Each, Value::Array(items)) => return items.iter().any(|item| any_at(rest, item, test)),
        _ => None,
    };
    found.is_some_and(|found| any_at(rest, found, test))
}

fn segment_to_sql(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Key(key) => {
            let plain = key.chars().all(|char| char.is_ascii() && !char.is_control() && !"\"\\".contains(char));
            plain.then(|| format!(".\"{key}\""))
        }
        Segment::Index(index) => Some(format!("[{index}]")),
        Segment::Each => None,
    }
}

/// Characters that end a bare key.
pub(super) fn ends_key(char: char) -> bool {
    char.is_whitespace() || ".[]:=!<>\"()".contains(char)
}

/// `.lines[0].sku`: with the dot that joins it to what it is a path into.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Index(index) => write!(f, "[{index}]"),
            Segment::Each => f.write_str("[]"),
            Segment::Key(key) if !key.is_empty() && !key.contains(ends_key) => write!(f, ".{key}"),
            Segment::Key(key) => write!(f, ".\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\"")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_finds_members_and_items() {
        let document = json!({"lines": [{"sku": "cup"}], "0": 1});
        let path = Path { segments: vec![Segment::Key("lines".into()), Segment::Index(0), Segment::Key("sku".into())] };
        let find = |path: &Path| {
            let mut found = None;
            path.any(&document, &mut |value| {
                found = Some(value.clone());
                true
            });
            found
        };
        assert_eq!(find(&path), Some(json!("cup")));
        assert_eq!(path.to_string(), ".lines[0].sku");
        assert_eq!(path.to_sql().as_deref(), Some(r#"$."lines"[0]."sku""#));
        assert_eq!(find(&Path { segments: vec![Segment::Index(0)] }), None);
        assert_eq!(find(&Path::default()).as_ref(), Some(&document));
        let each = Path { segments: vec![Segment::Key("lines".into()), Segment::Each, Segment::Key("sku".into())] };
        assert_eq!((find(&each), each.to_string().as_str()), (Some(json!("cup")), ".lines[].sku"));
        assert_eq!(each.to_sql(), None);
    }
}
