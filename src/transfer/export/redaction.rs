//! What is replaced by pseudonyms before events leave the house: values at a path, fields of the envelope, and whatever has
//! a pattern. The same value gets the same pseudonym everywhere in an export, and with the same key in every export.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use hmac_sha256::HMAC;
use regex::Regex;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::event::{Decoded, Event, Payload};
use crate::filter::{Condition, Field, Filter, Path, Root, Segment};
use crate::source::Replace;

/// What a pseudonym begins with.
const PREFIX: &str = "redacted-";

/// Patterns by name: those of the audit for personal data, without their check digits. What looks like one goes.
const PATTERNS: [(&str, &str); 3] = [
    ("email", r"[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+"),
    ("iban", r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}\b"),
    ("card", r"\b[0-9](?:[ -]?[0-9]){12,18}\b"),
];

/// What is replaced. The default replaces nothing.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    places: Vec<(Root, Path)>,
    fields: Vec<Field>,
    patterns: Vec<Regex>,
    key: Vec<u8>,
}

impl Redaction {
    /// Reads rules: `data.customer.email`, `metadata.ip`, a field of the envelope such as `actor` or `stream`, `email`,
    /// `iban`, `card`, or `/expression/`. Without a key, pseudonyms are others each time.
    ///
    /// # Errors
    /// Which rule cannot be read, and why.
    pub fn parse<'r>(rules: impl IntoIterator<Item = &'r str>, key: Option<&str>) -> Result<Self> {
        let key = key.map_or_else(by_chance, |key| key.as_bytes().to_vec());
        let mut redaction = Self { key, ..Self::default() };
        for rule in rules {
            redaction.add(rule).map_err(|reason| {
                Error::bad_input(format!("the rule {rule} for what is redacted: {reason}")).with_hint(
                    "A rule is a path such as data.customer.email, a field such as actor or stream, email, iban, card, \
                     or an expression between slashes.",
                )
            })?;
        }
        Ok(redaction)
    }

    /// Reads rules with spaces between them; within slashes a space belongs to the expression.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_line(line: &str, key: Option<&str>) -> Result<Self> {
        Self::parse(split(line), key)
    }

    /// Whether nothing is replaced.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.fields.is_empty() && self.patterns.is_empty()
    }

    fn add(&mut self, rule: &str) -> std::result::Result<(), String> {
        if let Some(inner) = rule.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|it| !it.is_empty())
        {
            self.patterns.push(Regex::new(inner).map_err(|error| error.to_string())?);
        } else if let Some((_, pattern)) = PATTERNS.iter().find(|(name, _)| *name == rule) {
            self.patterns.push(Regex::new(pattern).map_err(|error| error.to_string())?);
        } else if let Some(field) = Field::by_name(rule) {
            let is_kept = matches!(field, Field::Type | Field::Aggregate | Field::Schema);
            if is_kept {
                return Err(format!("the {} says what kind of event it is", field.name()));
            }
            self.fields.push(field);
        } else {
            self.places.push(place(rule)?);
        }
        Ok(())
    }

    /// The event with what is to be replaced replaced.
    #[must_use]
    pub fn of<'e>(&self, event: &'e Event) -> Cow<'e, Event> {
        if self.is_empty() {
            return Cow::Borrowed(event);
        }
        let mut event = event.clone();
        let all = |field| self.fields.contains(&field);
        event.stream.aggregate_id = self.text(&event.stream.aggregate_id, all(Field::Stream));
        let optional = [
            (Field::Id, &mut event.id),
            (Field::Actor, &mut event.actor),
            (Field::ActorType, &mut event.actor_type),
            (Field::Source, &mut event.source),
            (Field::Correlation, &mut event.correlation_id),
            (Field::Causation, &mut event.causation_id),
        ];
        for (field, value) in optional {
            // An id that is a cause elsewhere stays the same one.
            let is_id = matches!(field, Field::Id | Field::Causation) && (all(Field::Id) || all(Field::Causation));
            if let Some(text) = value {
                *text = self.text(text, all(field) || is_id);
            }
        }
        event.data = self.payload(event.data, Root::Data);
        event.metadata = self.payload(event.metadata, Root::Metadata);
        Cow::Owned(event)
    }

    /// A text that somebody wrote about an event, without what has a pattern that is to be replaced.
    pub(super) fn of_text(&self, text: &str) -> String {
        self.text(text, false)
    }

    fn payload(&self, payload: Payload, root: Root) -> Payload {
        match payload.decoded() {
            Decoded::Document { value, .. } => {
                let mut document = value.clone();
                for (_, path) in self.places.iter().filter(|(of, _)| *of == root) {
                    self.at(&path.segments, &mut document);
                }
                if !self.patterns.is_empty() {
                    self.everywhere(&mut document);
                }
                if document == *value { payload } else { Payload::json(document) }
            }
            Decoded::Text(text) => {
                let replaced = self.text(text, false);
                if replaced == *text { payload } else { Payload::json(Value::String(replaced)) }
            }
            Decoded::Missing | Decoded::Unread { .. } | Decoded::Opaque { .. } => payload,
        }
    }

    /// Replaces what lies at a path.
    fn at(&self, segments: &[Segment], value: &mut Value) {
        let Some((first, rest)) = segments.split_first() else { return self.whole(value) };
        match (first, value) {
            (Segment::Key(key), Value::Object(members)) => {
                if let Some(member) = members.get_mut(key) {
                    self.at(rest, member);
                }
            }
            (Segment::Index(index), Value::Array(items)) => {
                if let Some(item) = usize::try_from(*index).ok().and_then(|index| items.get_mut(index)) {
                    self.at(rest, item);
                }
            }
            (Segment::Each, Value::Array(items)) => items.iter_mut().for_each(|item| self.at(rest, item)),
            _ => {}
        }
    }

    /// Replaces a value with all that is within it. A truth value tells one of two, so nothing is left of it.
    fn whole(&self, value: &mut Value) {
        match value {
            Value::Null => {}
            Value::Bool(_) => *value = Value::Null,
            Value::Number(number) => *value = Value::from(self.number(&number.to_string())),
            Value::String(text) => *text = self.pseudonym(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.whole(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.whole(member)),
        }
    }

    /// Replaces what has a pattern, in keys and values.
    fn everywhere(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                let replaced = self.text(text, false);
                *text = replaced;
            }
            Value::Number(number) => {
                let text = number.to_string();
                if self.patterns.iter().any(|pattern| pattern.is_match(&text)) {
                    *value = Value::from(self.number(&text));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.everywhere(item)),
            Value::Object(members) => {
                for (key, mut member) in std::mem::take(members) {
                    self.everywhere(&mut member);
                    insert(members, self.text(&key, false), member);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// A text, wholly replaced or where it has a pattern.
    fn text(&self, text: &str, wholly: bool) -> String {
        if wholly {
            return self.pseudonym(text);
        }
        let mut replaced = Cow::Borrowed(text);
        for pattern in &self.patterns {
            let next = pattern.replace_all(&replaced, |found: &regex::Captures<'_>| {
                found.get(0).map(|found| self.pseudonym(found.as_str())).unwrap_or_default()
            });
            if let Cow::Owned(next) = next {
                replaced = Cow::Owned(next);
            }
        }
        replaced.into_owned()
    }

    fn digest(&self, text: &str) -> [u8; 32] {
        HMAC::mac(text.as_bytes(), &self.key)
    }

    fn pseudonym(&self, text: &str) -> String {
        if text.is_empty() || text.starts_with(PREFIX) {
            return text.to_owned();
        }
        self.digest(text).iter().take(6).fold(PREFIX.to_owned(), |mut out, byte| {
            // Writing to a text cannot fail.
            let _ = write!(out, "{byte:02x}");
            out
        })
    }

    /// A number for a number, so that what reads it still can.
    fn number(&self, text: &str) -> u32 {
        let [a, b, c, ..] = self.digest(text);
        u32::from_be_bytes([0, a, b, c])
    }
}

impl Replace for Redaction {
    fn event<'e>(&self, event: &'e Event) -> Cow<'e, Event> {
        self.of(event)
    }

    fn is_left_in(&self, text: &str) -> bool {
        self.of_text(text) != text
    }
}

/// Puts a member in; one whose key became another's stands behind it.
fn insert(members: &mut Map<String, Value>, mut key: String, member: Value) {
    while members.contains_key(&key) {
        key.push('_');
    }
    members.insert(key, member);
}

/// The path that a rule names, as the filter reads it.
fn place(rule: &str) -> std::result::Result<(Root, Path), String> {
    let filter = Filter::parse(&format!("has:{rule}")).map_err(|error| error.message)?;
    match filter.terms.into_iter().map(|term| term.condition).collect::<Vec<_>>().as_slice() {
        [Condition::PathMatches { root, path, .. }] if !path.segments.is_empty() => Ok((*root, path.clone())),
        _ => Err("it is no path into data or metadata".to_owned()),
    }
}

/// Rules with spaces between them.
fn split(line: &str) -> Vec<&str> {
    let (mut rules, mut rest) = (Vec::new(), line.trim_start());
    while !rest.is_empty() {
        // An expression ends with a slash that a space or nothing follows.
        let end = match rest.strip_prefix('/') {
            Some(inner) => inner.find("/ ").map_or(rest.len(), |at| at + 2),
            None => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let (rule, more) = rest.split_at(end);
        rules.push(rule.trim_end());
        rest = more.trim_start();
    }
    rules
}

/// A key that nobody knows.
fn by_chance() -> Vec<u8> {
    // Each state is keyed by chance of the system's; what it says of nothing tells as much as 64 bits of it.
    (0..4).flat_map(|_| RandomState::new().build_hasher().finish().to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::StreamName;

    fn event(data: Value) -> Event {
        Event {
            stream: StreamName::new("order", "ada@example.org"),
            actor: Some("ada".to_owned()),
            data: Payload::json(data),
            ..Event::default()
        }
    }

    fn redacted(rules: &str, data: Value) -> Event {
        Redaction::parse_line(rules, Some("key")).unwrap().of(&event(data)).into_owned()
    }

    #[test]
    fn what_lies_at_a_path_is_replaced_by_the_same_each_time() {
        let data =
            json!({"customer": {"mail": "a@b.de", "age": 41, "gold": true}, "lines": [{"sku": "x"}, {"sku": "x"}]});
        let found = redacted("data.customer data.lines[].sku", data).data.to_json();
        let sku = found["lines"][0]["sku"].as_str().unwrap();
        assert!(sku.starts_with("redacted-") && found["lines"][1]["sku"] == sku);
        assert!(found["customer"]["mail"].as_str().unwrap().starts_with("redacted-"));
        assert!(found["customer"]["age"].is_u64() && found["customer"]["age"] != 41);
        assert_eq!(found["customer"]["gold"], Value::Null);
        let other = Redaction::parse_line("data.customer", Some("other")).unwrap();
        let data = json!({"customer": {"mail": "a@b.de"}});
        assert_ne!(other.of(&event(data)).data.to_json()["customer"]["mail"], found["customer"]["mail"]);
    }

    #[test]
    fn what_has_a_pattern_is_replaced_wherever_it_stands() {
        let data = json!({"note": "write to ada@example.org, or bob@example.org", "ada@example.org": 1, "n": 4_111_111_111_111_111_u64});
        let found = redacted("email card /secret \\d+/", data);
        let text = found.data.to_json().to_string();
        assert!(!text.contains("example.org") && !text.contains("4111111111111111"), "{text}");
        assert!(text.contains("write to redacted-"));
        // It is the same pseudonym in the data and in the name of the stream.
        let pseudonym = &found.stream.aggregate_id;
        assert!(pseudonym.starts_with("redacted-") && text.matches(pseudonym.as_str()).count() == 2, "{text}");
        assert_eq!(found.actor.as_deref(), Some("ada"));
    }

    #[test]
    fn fields_of_the_envelope_are_replaced_and_others_stay() {
        let found = redacted("actor stream", json!({"a": 1}));
        assert!(found.actor.unwrap().starts_with("redacted-"));
        assert!(found.stream.aggregate_id.starts_with("redacted-") && found.stream.aggregate_type == "order");
        assert_eq!(found.data.to_json(), json!({"a": 1}));
    }

    #[test]
    fn rules_are_read_from_a_line_and_what_is_none_is_said() {
        assert_eq!(split(" data.a  /x y/ email /z/"), ["data.a", "/x y/", "email", "/z/"]);
        assert!(Redaction::parse_line("", None).unwrap().is_empty());
        for wrong in ["/(/", "type", "nonsense", "data", "data..a"] {
            assert!(Redaction::parse_line(wrong, None).is_err(), "{wrong}");
        }
        let (one, two) = (Redaction::parse_line("actor", None).unwrap(), Redaction::parse_line("actor", None).unwrap());
        assert_ne!(one.pseudonym("ada"), two.pseudonym("ada"), "nobody can look names up");
    }
}
