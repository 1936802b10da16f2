//! A place in a document as jq writes it.

use std::fmt::Write as _;

use serde_json::Value;

use crate::replay::jq_word::is_word;

/// A JSON Pointer as a path of jq: `.lines[0]["a-b"].qty`; `.` for the whole document. Only the document tells an index
/// from a key that is a number.
#[must_use]
pub fn jq_path(root: &Value, pointer: &str) -> String {
    let mut path = String::new();
    let mut at = Some(root);
    for part in pointer.split('/').skip(1) {
        let key = part.replace("~1", "/").replace("~0", "~");
        // Writing to a String cannot fail.
        let _ = match (at, key.parse::<usize>()) {
            (Some(Value::Array(_)), Ok(index)) => write!(path, "{}[{index}]", if path.is_empty() { "." } else { "" }),
            _ if is_word(&key) => write!(path, ".{key}"),
            _ => write!(path, "{}[{}]", if path.is_empty() { "." } else { "" }, Value::from(key.as_str())),
        };
        at = at.and_then(|value| value.pointer(&format!("/{part}")));
    }
    if path.is_empty() { ".".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn indices_words_and_other_keys_are_written_as_jq_reads_them() {
        let state = json!({"lines": [{"a-b": {"qty": 1}}], "7": {"x/y": 2}});
        for (pointer, path) in [
            ("", "."),
            ("/lines/0/a-b/qty", ".lines[0][\"a-b\"].qty"),
            ("/7/x~1y", ".[\"7\"][\"x/y\"]"),
            ("/gone/0", ".gone[\"0\"]"),
        ] {
            assert_eq!(jq_path(&state, pointer), path);
        }
        let predicate = format!("{} == 1", jq_path(&state, "/lines/0/a-b/qty"));
        let predicate = crate::replay::Predicate::compile(&predicate).unwrap();
        assert_eq!(predicate.output(&state, None), Ok(json!(true)));
    }
}
