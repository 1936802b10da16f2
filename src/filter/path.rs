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
}

/// A path into a document; the empty path is the document itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path {
    /// The steps, from the root.
    pub segments: Vec<Segment>,
}

impl Path {
    /// The value at this path.
    #[must_use]
    pub fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.segments.iter().try_fold(document, |value, segment| match segment {
            Segment::Key(key) => value.as_object()?.get(key),
            Segment::Index(index) => value.as_array()?.get(usize::try_from(*index).ok()?),
        })
    }

    /// The same path for SQLite's JSON functions (<https://www.sqlite.org/json1.html#path_arguments>); `None` where a
    /// key has characters that SQLite's paths and JSON's escapes write differently.
    #[must_use]
    pub fn to_sql(&self) -> Option<String> {
        let steps: Option<Vec<String>> = self.segments.iter().map(segment_to_sql).collect();
        Some(format!("${}", steps?.concat()))
    }
}

fn segment_to_sql(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Key(key) => {
            let plain = key.chars().all(|char| char.is_ascii() && !char.is_control() && !"\"\\".contains(char));
            plain.then(|| format!(".\"{key}\""))
        }
        Segment::Index(index) => Some(format!("[{index}]")),
    }
}

/// Characters that end a bare key.
pub(super) fn ends_key(char: char) -> bool {
    char.is_whitespace() || ".[]:=!<>\"".contains(char)
}

/// `.lines[0].sku`: with the dot that joins it to what it is a path into.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Index(index) => write!(f, "[{index}]"),
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
        assert_eq!(path.find(&document), Some(&json!("cup")));
        assert_eq!(path.to_string(), ".lines[0].sku");
        assert_eq!(path.to_sql().as_deref(), Some(r#"$."lines"[0]."sku""#));
        assert_eq!(Path { segments: vec![Segment::Index(0)] }.find(&document), None);
        assert_eq!(Path::default().find(&document), Some(&document));
    }
}
