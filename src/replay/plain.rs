//! Data in its plain form: the JSON of an object as it stands in its text, of which nothing is copied.
//!
//! Most events say little, and a state takes over less: to build a document of each, only to compare its values and
//! throw it away, costs more than the fold. What is not plain (an escape, an exponent, a key that comes twice) is for the
//! reader of documents, and is told by [`Plain::object`] before anything was done.

use serde_json::{Map, Value};

use super::change::{Change, compare, push_key};
use super::meet::meet;
use super::merge::PLACE;

/// How deep values may lie within each other here, and how many members an object may have.
const DEEPEST: usize = 64;
pub(super) const MEMBERS: usize = 64;

/// What names a number within `serde_json`, and no member of an object.
const NUMBER: &str = "$serde_json::private::Number";

/// A value in its text.
#[derive(Debug, PartialEq)]
pub(crate) enum Plain<'t> {
    Null,
    Bool(bool),
    Number(&'t str),
    Text(&'t str),
    Array(Vec<Plain<'t>>),
    Object(Vec<(&'t str, Plain<'t>)>),
}

impl<'t> Plain<'t> {
    /// The object that a text is, where it is a plain one.
    pub(crate) fn object(text: &'t str) -> Option<Self> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let value = reader.value().filter(|value| matches!(value, Self::Object(_)))?;
        reader.peek().is_none().then_some(value)
    }

    /// What lies at the end of some keys: null where nothing does, none where there is no object to look into.
    pub(crate) fn part(&self, way: &[String]) -> Option<&Self> {
        way.iter().try_fold(self, |value, key| match value {
            Self::Object(members) => {
                Some(members.iter().find(|(name, _)| name == key).map_or(&Self::Null, |(_, value)| value))
            }
            Self::Null => Some(value),
            _ => None,
        })
    }

    /// The document.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(members) => {
                Value::Object(members.iter().map(|(key, value)| ((*key).to_owned(), value.to_value())).collect())
            }
            scalar => scalar.scalar(),
        }
    }

    /// The document as a merge patch leaves it where there was no object before.
    pub(super) fn stripped(&self) -> Value {
        match self {
            Self::Object(members) => {
                let kept = members.iter().filter(|(_, value)| *value != Self::Null);
                Value::Object(kept.map(|(key, value)| ((*key).to_owned(), value.stripped())).collect())
            }
            other => other.to_value(),
        }
    }

    pub(super) fn scalar(&self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            // The grammar was looked at.
            Self::Number(digits) => digits.parse().map_or(Value::Null, Value::Number),
            Self::Text(text) => Value::String((*text).to_owned()),
            Self::Null | Self::Array(_) | Self::Object(_) => Value::Null,
        }
    }

    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// Whether a scalar is this one, to the digit.
    pub(super) fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(a), Value::Bool(b)) => a == b,
            (Self::Number(digits), Value::Number(number)) => number.as_str() == *digits,
            (Self::Text(a), Value::String(b)) => a == b,
            _ => false,
        }
    }
}

/// Merges a plain patch into a state, and hands out what that changed where somebody asks: see
/// [`super::merge_patch`], which does the same with a document.
pub(super) fn merge_plain(target: &mut Value, patch: &Plain<'_>, changes: Option<&mut Vec<Change>>) {
    match changes {
        Some(changes) => merge(target, patch, &mut Some(Noted { place: String::with_capacity(PLACE), changes })),
        None => merge(target, patch, &mut None),
    }
}

/// Where a merge is, and what it changed.
struct Noted<'c> {
    place: String,
    changes: &'c mut Vec<Change>,
}

impl Noted<'_> {
    fn note(&mut self, before: Option<Value>, after: Option<Value>) {
        self.changes.push(Change { path: self.place.clone(), before, after });
    }
}

fn merge(target: &mut Value, patch: &Plain<'_>, noted: &mut Option<Noted<'_>>) {
    match (target, patch) {
        (Value::Object(object), Plain::Object(members)) => {
            let mut values = members.iter();
            let met = meet(object, members.iter().map(|(key, _)| *key), |present| {
                let Some((key, value)) = values.next().filter(|(_, value)| *value != Plain::Null) else { return false };
                let length = noted.as_mut().map(|noted| push_key(&mut noted.place, key));
                merge(present, value, noted);
                if let (Some(noted), Some(length)) = (noted.as_mut(), length) {
                    noted.place.truncate(length);
                }
                true
            });
            for (key, value) in members.iter().skip(met) {
                let length = noted.as_mut().map(|noted| push_key(&mut noted.place, key));
                merge_member(object, key, value, noted);
                if let (Some(noted), Some(length)) = (noted.as_mut(), length) {
                    noted.place.truncate(length);
                }
            }
        }
        (target, patch) if patch.is_scalar() && !target.is_object() && !target.is_array() => {
            if patch.is(target) {
                return;
            }
            let after = patch.scalar();
            match noted {
                Some(noted) => {
                    let before = std::mem::replace(target, after.clone());
                    noted.note(Some(before), Some(after));
                }
                None => *target = after,
            }
        }
        (target, patch) => {
            let after = patch.stripped();
            if let Some(noted) = noted {
                compare(&mut noted.place, target, &after, noted.changes);
            }
            *target = after;
        }
    }
}

fn merge_member(object: &mut Map<String, Value>, key: &str, value: &Plain<'_>, noted: &mut Option<Noted<'_>>) {
    if *value == Plain::Null {
        if let (Some(before), Some(noted)) = (object.shift_remove(key), noted) {
            noted.note(Some(before), None);
        }
    } else if let Some(present) = object.get_mut(key) {
        merge(present, value, noted);
    } else {
        let after = value.stripped();
        if let Some(noted) = noted {
            noted.note(None, Some(after.clone()));
        }
        object.insert(key.to_owned(), after);
    }
}

/// Reads plain JSON (RFC 8259), and gives up on anything else.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space, not taken.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes().first() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    fn takes(&mut self, byte: u8) -> bool {
        let takes = self.peek() == Some(byte);
        self.at += usize::from(takes);
        takes
    }

    fn value(&mut self) -> Option<Plain<'t>> {
        match self.peek()? {
            b'{' => self.within(Self::members).map(Plain::Object),
            b'[' => self.within(Self::items).map(Plain::Array),
            b'"' => self.string().map(Plain::Text),
            b'-' | b'0'..=b'9' => self.number().map(Plain::Number),
            b't' => self.word("true", Plain::Bool(true)),
            b'f' => self.word("false", Plain::Bool(false)),
            b'n' => self.word("null", Plain::Null),
            _ => None,
        }
    }

    fn within<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.at += 1;
        self.depth += 1;
        let read = if self.depth > DEEPEST { None } else { read(self) };
        self.depth -= 1;
        read
    }

    fn members(&mut self) -> Option<Vec<(&'t str, Plain<'t>)>> {
        if self.takes(b'}') {
            return Some(Vec::new());
        }
        let mut members: Vec<(&'t str, Plain<'t>)> = Vec::with_capacity(8);
        loop {
            if self.peek() != Some(b'"') {
                return None;
            }
            let key = self.string()?;
            let twice = members.iter().any(|(known, _)| *known == key);
            if twice || key == NUMBER || members.len() == MEMBERS || !self.takes(b':') {
                return None;
            }
            members.push((key, self.value()?));
            if self.takes(b'}') {
                return Some(members);
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    fn items(&mut self) -> Option<Vec<Plain<'t>>> {
        if self.takes(b']') {
            return Some(Vec::new());
        }
        let mut items = Vec::new();
        loop {
            items.push(self.value()?);
            if self.takes(b']') {
                return Some(items);
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    /// A text without escapes and control characters.
    fn string(&mut self) -> Option<&'t str> {
        let from = self.at + 1;
        let inside = self.text.as_bytes().get(from..)?;
        let length = inside.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
        if inside.get(length) != Some(&b'"') {
            return None;
        }
        self.at = from + length + 1;
        self.text.get(from..from + length)
    }

    /// A number whose digits are written as they stand: one without an exponent.
    fn number(&mut self) -> Option<&'t str> {
        let bytes = self.bytes();
        let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let sign = usize::from(bytes.first() == Some(&b'-'));
        let whole = digits(sign);
        if whole == 0 || (whole > 1 && bytes.get(sign) == Some(&b'0')) {
            return None;
        }
        let mut length = sign + whole;
        if bytes.get(length) == Some(&b'.') {
            let fraction = digits(length + 1);
            if fraction == 0 {
                return None;
            }
            length += 1 + fraction;
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            return None;
        }
        let number = self.text.get(self.at..self.at + length)?;
        self.at += length;
        Some(number)
    }

    fn word(&mut self, word: &str, value: Plain<'t>) -> Option<Plain<'t>> {
        let is_it = self.bytes().starts_with(word.as_bytes());
        self.at += word.len();
        is_it.then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::change::tests::any_json;
    use super::super::merge::merge_patch;
    use super::*;

    proptest! {
        #[test]
        fn what_is_plain_is_what_a_reader_of_documents_reads(text in r#"[\[\]{}:,"ab01\\.eu -]{0,24}"#) {
            let text = format!("{{{text}}}");
            if let Some(plain) = Plain::object(&text) {
                prop_assert_eq!(plain.to_value().to_string(), serde_json::from_str::<Value>(&text).unwrap().to_string());
            }
        }

        #[test]
        fn documents_are_plain_unless_something_in_them_is_not(document in any_json()) {
            let document = json!({"it": document});
            let (text, spread) = (document.to_string(), serde_json::to_string_pretty(&document).unwrap());
            for text in [text, spread] {
                if !text.contains('\\') {
                    let plain = Plain::object(&text).unwrap();
                    prop_assert_eq!(plain.to_value().to_string(), document.to_string());
                }
            }
        }

        #[test]
        fn merging_from_the_text_is_merging_the_document(target in any_json(), patch in any_json()) {
            let (patch, mut expected) = (json!({"a": patch, "b": {"c": null}}), json!({"a": target, "z": 1}));
            let (mut noted, mut quiet) = (expected.clone(), expected.clone());
            let changes = merge_patch(&mut expected, &patch);
            let text = patch.to_string();
            if let Some(plain) = Plain::object(&text) {
                let mut found = Vec::new();
                merge_plain(&mut noted, &plain, Some(&mut found));
                prop_assert_eq!(noted.to_string(), expected.to_string());
                prop_assert_eq!(found, changes);
                merge_plain(&mut quiet, &plain, None);
                prop_assert_eq!(quiet.to_string(), expected.to_string());
            }
        }
    }

    #[test]
    fn what_is_not_plain_is_told() {
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":"\n"}"#,
            "{\"a\":\"\n\"}",
            r#"{"a":1e5}"#,
            r#"{"a":01}"#,
            r#"{"a":-}"#,
            r#"{"a":1.}"#,
            r#"{"a":NaN}"#,
            r#"{"a":nul}"#,
            r#"{"a":1} x"#,
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{"a":[1,]}"#,
            r#"{"$serde_json::private::Number":"7"}"#,
            "[1]",
            "7",
            "",
        ] {
            assert_eq!(Plain::object(text), None, "{text}");
        }
        assert_eq!(Plain::object(&("{\"a\":".repeat(99) + "1" + &"}".repeat(99))), None);
    }
}
