//! Events as they come in: read from the body of a request, and held against what the contract says of each field.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::problem::Problem;
use crate::event::{ExpectedVersion, Json, NewEvent, StreamName};
use crate::store::{ACTOR_TYPES, Entry, Request, SOURCES};

/// How many events a batch has at most.
pub(super) const MOST_EVENTS: usize = 1_000;

const GIVEN_BY_THE_STORE: &str = "created_at, stream_version and position are the store's to give.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    event_type: String,
    aggregate_type: String,
    aggregate_id: String,
    #[serde(borrow)]
    payload: &'a RawValue,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    version: Option<u32>,
    expected_version: Option<Value>,
}

/// The one event of a body.
pub(super) fn event(body: &[u8], key: Option<&str>) -> Result<Request, Problem> {
    let fields: Fields<'_> = serde_json::from_slice(body).map_err(|error| misread(&error))?;
    let entry = entry(fields, key.map(|key| Key { key, place: 0 }))?;
    Ok(Request { entries: vec![entry], beyond: key.map(|key| Key { key, place: 1 }.id()) })
}

/// The events of a body that is a list.
pub(super) fn events(body: &[u8], key: Option<&str>) -> Result<Request, Problem> {
    let list: Vec<&RawValue> = serde_json::from_slice(body).map_err(|error| misread(&error))?;
    if list.len() > MOST_EVENTS {
        let detail = format!("the batch has {} events, more than {MOST_EVENTS}", list.len());
        return Err(Problem::new(axum::http::StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
            .hint("Nothing was written. Send it in parts."));
    }
    let read = |(place, text): (usize, &&RawValue)| {
        let fields = serde_json::from_str(text.get()).map_err(|error| misread(&error));
        fields
            .and_then(|fields| entry(fields, key.map(|key| Key { key, place })))
            .map_err(|problem| problem.with("event", Value::from(place)))
    };
    let entries: Vec<Entry> = list.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    Ok(Request { entries, beyond: key.map(|key| Key { key, place: list.len() }.id()) })
}

/// What was said of a document that is no event, or no JSON.
pub(super) fn misread(error: &serde_json::Error) -> Problem {
    let place = format!("line {}, column {}", error.line(), error.column());
    let text = error.to_string();
    let detail = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    match error.classify() {
        Category::Data => Problem::invalid(detail).at(place).hint(format!(
            "An event has event_type, aggregate_type, aggregate_id and payload; id, metadata, version and \
             expected_version where they are wanted. {GIVEN_BY_THE_STORE}"
        )),
        _ => Problem::unreadable(format!("the body is no JSON: {detail}")).at(place),
    }
}

/// The event of these fields, with an id where the caller gave one, or something that one is made of.
fn entry(fields: Fields<'_>, key: Option<Key<'_>>) -> Result<Entry, Problem> {
    let id = fields.id.as_deref().map(canonical_id).transpose()?;
    let id = match (id, key) {
        (Some(_), Some(_)) => {
            return Err(Problem::invalid("both an id and an Idempotency-Key say which request this is")
                .at("id")
                .hint("Give one of them: an id is enough to repeat a request safely."));
        }
        (id, key) => id.or_else(|| key.map(Key::id)),
    };
    if fields.version == Some(0) {
        return Err(Problem::invalid("versions of an event's schema go from 1 on").at("version"));
    }
    let metadata = fields.metadata.filter(|text| text.get() != "null").map(metadata).transpose()?;
    let (metadata, around) = metadata.unwrap_or_default();
    let event = NewEvent {
        id,
        schema_version: fields.version.map(|version| version.to_string()),
        metadata,
        ..around.into_event(fields.event_type, fields.payload)
    };
    let stream = StreamName::new(fields.aggregate_type, fields.aggregate_id);
    let expected = fields.expected_version.as_ref().map(expected).transpose()?.unwrap_or_default();
    Ok(Entry { stream, expected, event })
}

/// What the metadata say that the store has a column for.
#[derive(Default)]
struct Around {
    actor: Option<String>,
    actor_type: Option<String>,
    source: Option<String>,
    causation_id: Option<String>,
    correlation_id: Option<String>,
}

impl Around {
    fn into_event(self, event_type: String, payload: &RawValue) -> NewEvent {
        NewEvent {
            actor: self.actor,
            actor_type: self.actor_type,
            source: self.source,
            causation_id: self.causation_id,
            correlation_id: self.correlation_id,
            ..NewEvent::new(event_type, payload.to_owned())
        }
    }
}

fn metadata(text: &RawValue) -> Result<(Json, Around), Problem> {
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(text.get()) else {
        let detail = "the metadata are no object, or are nested too deeply";
        return Err(Problem::invalid(detail).at("metadata").hint("Give an object, or leave them out."));
    };
    let member = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
    let known = |name: &str, words: &[&str]| member(name).filter(|word| words.contains(&word.as_str()));
    let around = Around {
        actor: member("actor"),
        actor_type: known("actor_type", &ACTOR_TYPES),
        source: known("source", &SOURCES),
        causation_id: member("causation_id"),
        correlation_id: member("correlation_id"),
    };
    // No metadata and empty ones are given as the same.
    let json = if members.is_empty() { Json::default() } else { Json::Text(text.to_owned()) };
    Ok((json, around))
}

/// A UUID in the one form that it is stored in, so that no two events have the same one.
pub(super) fn canonical_id(text: &str) -> Result<String, Problem> {
    Uuid::try_parse(text).map(|id| id.hyphenated().to_string()).map_err(|_| {
        Problem::invalid(format!("`{}` is no UUID", shortened(text)))
            .at("id")
            .hint("Leave it out, and the store makes one.")
    })
}

fn shortened(text: &str) -> &str {
    text.char_indices().nth(60).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn expected(value: &Value) -> Result<ExpectedVersion, Problem> {
    let wrong = || {
        Problem::invalid(format!("{} is no expected version", shortened(&value.to_string())))
            .at("expected_version")
            .hint("Use \"any\", \"none\", \"exists\", or the stream's last version, from 1 on.")
    };
    match value {
        Value::String(word) if word == "any" => Ok(ExpectedVersion::Any),
        Value::String(word) if word == "none" => Ok(ExpectedVersion::NoStream),
        Value::String(word) if word == "exists" => Ok(ExpectedVersion::StreamExists),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Ok(ExpectedVersion::NoStream),
            Some(version) if version > 0 => Ok(ExpectedVersion::Exactly(version)),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

/// What the caller calls a request, and which of its events it is about.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) key: &'a str,
    pub(super) place: usize,
}

impl Key<'_> {
    /// The id of the event: always the same one, so that the request is known again when it is repeated (RFC 9562, 5.8).
    pub(super) fn id(self) -> String {
        let mut hash = hmac_sha256::Hash::new();
        hash.update(b"eventscope idempotency key\0");
        hash.update(self.key.as_bytes());
        hash.update([0]);
        hash.update((self.place as u64).to_be_bytes());
        let [bytes @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = hash.finalize();
        uuid::Builder::from_custom_bytes(bytes).into_uuid().hyphenated().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(body: &str) -> String {
        let problem = event(body.as_bytes(), None).unwrap_err();
        format!("{} {problem:?}", problem.status().as_u16())
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let body = r#"{"event_type":"a","aggregate_type":"b","aggregate_id":"c","payload":{},"colour":1}"#;
        let problem = problem(body);
        assert!(problem.starts_with("422") && problem.contains("unknown field `colour`"), "{problem}");
    }

    #[test]
    fn what_is_no_json_is_another_mistake_than_what_is_no_event() {
        assert!(problem("{").starts_with("400"));
        let missing = problem(r#"{"event_type":"a"}"#);
        assert!(missing.starts_with("422") && missing.contains("missing field `aggregate_type`"), "{missing}");
    }

    #[test]
    fn a_key_always_makes_the_same_id_for_the_same_place() {
        let id = |key, place| Key { key, place }.id();
        assert_eq!(id("a", 0), id("a", 0));
        assert_ne!(id("a", 0), id("a", 1));
        assert_ne!(id("a", 0), id("b", 0));
        assert_eq!(Uuid::parse_str(&id("a", 0)).unwrap().get_version_num(), 8);
    }

    #[test]
    fn expected_versions_are_words_or_numbers() {
        let read = |text: &str| expected(&serde_json::from_str(text).unwrap());
        assert_eq!(read("\"none\"").unwrap(), ExpectedVersion::NoStream);
        assert_eq!(read("7").unwrap(), ExpectedVersion::Exactly(7));
        for wrong in ["-1", "1.5", "\"7\"", "[]", "99999999999999999999"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
