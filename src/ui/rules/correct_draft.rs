//! What a person says is right in the state, while they say it.

use serde_json::Value;

use crate::event::{StreamName, Version};
use crate::model::Correction;
use crate::replay::jq_word::is_word;
use crate::session::{Corrections, Told};

/// How many versions one correction may be for.
const VERSIONS: usize = 50;

/// The longest value that stands in a line with others, in characters.
const LONGEST: usize = 40;

/// The corrections of one place, and the one that is being typed.
#[derive(Debug, Default)]
pub struct CorrectDraft {
    corrections: Corrections,
    /// Whether something is missing, so that its place has to be typed.
    pub(super) missing: bool,
    pub(super) place: String,
    pub(super) value: String,
    pub(super) versions: String,
    /// What stands at the place now, as text.
    pub(super) now: String,
}

impl CorrectDraft {
    /// Begins with a place of the shown state. What was said of the same member of the same stream stays.
    pub fn begin(&mut self, stream: &StreamName, version: Version, correction: &Correction, state: &Value) {
        let (pointer, missing) = match correction {
            Correction::Value(pointer) | Correction::NoState(pointer) => (pointer.clone(), false),
            Correction::Missing(pointer) => (beside(pointer), true),
        };
        let now = state.pointer(&pointer).filter(|_| !missing);
        let no_state = matches!(correction, Correction::NoState(_));
        let before = std::mem::take(&mut self.corrections);
        let member = |pointer: &str| pointer.split('/').nth(1).map(str::to_owned);
        let same = before.told.iter().all(|told| !missing && member(&told.pointer) == member(&pointer));
        let goes_on = !no_state && before.no_state.is_empty() && before.stream == *stream && same;
        *self = Self {
            corrections: if goes_on {
                before
            } else {
                Corrections { stream: stream.clone(), ..Corrections::default() }
            },
            missing,
            place: if missing { written(&pointer) } else { pointer.clone() },
            value: now.map(plain).unwrap_or_default(),
            versions: version.to_string(),
            now: now.map(Value::to_string).unwrap_or_default(),
        };
        if no_state {
            self.corrections.no_state.push(pointer);
        }
    }

    /// What was said so far.
    pub(super) fn corrections(&self) -> &Corrections {
        &self.corrections
    }

    /// Whether it is about a place that is no state.
    pub(super) fn is_no_state(&self) -> bool {
        !self.corrections.no_state.is_empty()
    }

    /// The place, a JSON Pointer; or why it is none.
    pub(super) fn pointer(&self) -> Result<String, &'static str> {
        if self.missing {
            read_place(&self.place).ok_or("Type a place first, such as .balance.")
        } else {
            Ok(self.place.clone())
        }
    }

    /// The versions that are typed: `3`, `3, 7`, `3-9`; or why they are none.
    pub(super) fn typed_versions(&self) -> Result<Vec<Version>, &'static str> {
        read_versions(&self.versions).ok_or("Type a version, several, or a range of them: 3, 7-9.")
    }

    /// Takes what is typed as right.
    pub(super) fn tell(&mut self) {
        let (Ok(pointer), Ok(versions)) = (self.pointer(), self.typed_versions()) else { return };
        let stream = self.corrections.stream.clone();
        let value = Some(read_value(&self.value));
        for version in versions {
            self.say(Told { stream: stream.clone(), version, pointer: pointer.clone(), value: value.clone() });
        }
    }

    /// Takes one thing as right. What was said of the same place at the same version goes.
    pub(super) fn say(&mut self, told: Told) {
        self.corrections.told.retain(|known| {
            known.stream != told.stream || known.version != told.version || known.pointer != told.pointer
        });
        self.corrections.told.push(told);
    }

    /// Takes back what was said.
    pub(super) fn take_back(&mut self, index: usize) {
        if index < self.corrections.told.len() {
            self.corrections.told.remove(index);
        }
    }

    /// The place as a person reads it.
    pub(super) fn title(&self) -> String {
        match self.corrections.no_state.first() {
            Some(pointer) => format!("{} is no state", written(pointer)),
            None if self.missing => "Something is missing".to_owned(),
            None => format!("Correct {}", written(&self.place)),
        }
    }
}

/// The place that holds another one, for something that is missing beside it.
fn beside(pointer: &str) -> String {
    pointer.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned() + "/"
}

/// A pointer as jq writes a path.
pub(super) fn written(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        let step = if is_word(&part) {
            format!(".{part}")
        } else if part.parse::<u64>().is_ok() {
            format!("[{part}]")
        } else {
            format!("[{}]", Value::from(part))
        };
        path += &step;
    }
    if path.starts_with('[') { format!(".{path}") } else { path }
}

/// A path as a person types it, `.a.b`, `a.b`, `.a["b c"]`, `/a/b`, as a JSON Pointer.
fn read_place(text: &str) -> Option<String> {
    let text = text.trim();
    if text.starts_with('/') {
        return Some(text.to_owned()).filter(|pointer| !pointer.ends_with('/'));
    }
    let (mut pointer, mut rest) = (String::new(), text);
    while !rest.is_empty() {
        rest = rest.trim_start_matches('.');
        let (part, after) = if let Some(inner) = rest.strip_prefix('[') {
            if inner.starts_with('"') {
                let mut values = serde_json::Deserializer::from_str(inner).into_iter::<String>();
                let key = values.next()?.ok()?;
                let after = inner.get(values.byte_offset()..)?;
                (key, after.strip_prefix(']')?)
            } else {
                let (index, after) = inner.split_once(']')?;
                (index.parse::<u64>().ok()?.to_string(), after)
            }
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            (key.to_owned(), after)
        };
        if part.is_empty() {
            return None;
        }
        pointer.push('/');
        pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
        rest = after;
    }
    (!pointer.is_empty()).then_some(pointer)
}

fn read_versions(text: &str) -> Option<Vec<Version>> {
    let mut versions = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (from, to) = match part.split_once(['-', '–']).filter(|(from, _)| !from.is_empty()) {
            Some((from, to)) => (from.trim().parse::<Version>().ok()?, to.trim().parse::<Version>().ok()?),
            None => (part.parse().ok()?, part.parse().ok()?),
        };
        versions.extend((from..=to).take(VERSIONS));
    }
    versions.truncate(VERSIONS);
    (!versions.is_empty()).then_some(versions)
}

/// A value as far as it fits into a line.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What is typed as a value: JSON where it is some, else text.
pub(super) fn read_value(text: &str) -> Value {
    serde_json::from_str(text.trim()).unwrap_or_else(|_| Value::from(text.trim()))
}

/// A value as a person would type it: text without its quotes, unless it would then be read as something else.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if read_value(text) == *value => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        for (text, pointer) in [
            (".balance", "/balance"),
            ("owner.name", "/owner/name"),
            (".lines[\"a/b\"].qty", "/lines/a~1b/qty"),
            (".items[2]", "/items/2"),
            ("/a/b", "/a/b"),
        ] {
            assert_eq!(read_place(text).as_deref(), Some(pointer));
            assert_eq!(read_place(&written(pointer)).as_deref(), Some(pointer), "{}", written(pointer));
        }
        assert_eq!([read_place(""), read_place("."), read_place(".a["), read_place("/")], [None, None, None, None]);
    }

    #[test]
    fn versions_are_read_one_by_one_and_in_ranges() {
        assert_eq!(read_versions("3, 7-9"), Some(vec![3, 7, 8, 9]));
        assert_eq!(read_versions("-1"), Some(vec![-1]));
        assert_eq!([read_versions(""), read_versions("a"), read_versions("9-3")], [None, None, None]);
        assert_eq!(read_versions("1-1000000").map(|all| all.len()), Some(VERSIONS));
    }

    #[test]
    fn a_value_is_json_or_text() {
        assert_eq!([read_value("3.50").to_string(), read_value("open").to_string()], ["3.50", "\"open\""]);
        assert_eq!([plain(&json!("open")), plain(&json!("3")), plain(&json!(null))], ["open", "\"3\"", "null"]);
    }

    #[test]
    fn what_was_said_of_a_place_stays_while_one_says_more_of_it() {
        let (stream, state) = (StreamName::new("account", "a"), json!({"balance": 1, "owner": "x"}));
        let mut draft = CorrectDraft::default();
        draft.begin(&stream, 3, &Correction::Value("/balance".into()), &state);
        assert_eq!((draft.value.as_str(), draft.title().as_str()), ("1", "Correct .balance"));
        draft.value = "75".to_owned();
        draft.versions = "3, 4".to_owned();
        draft.tell();
        draft.begin(&stream, 5, &Correction::Value("/balance".into()), &state);
        assert_eq!(draft.corrections().told.len(), 2);
        draft.tell();
        draft.take_back(0);
        assert_eq!(draft.corrections().told.len(), 2);
        draft.begin(&stream, 5, &Correction::NoState("/owner".into()), &state);
        assert_eq!((draft.corrections().told.len(), draft.is_no_state()), (0, true));
        draft.begin(&stream, 5, &Correction::Missing("/owner".into()), &state);
        assert!(draft.pointer().is_err() && !draft.is_no_state());
        draft.place = ".limit".to_owned();
        assert_eq!(draft.pointer().as_deref(), Ok("/limit"));
    }
}
