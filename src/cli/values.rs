//! How single values are written on the command line: a stream, a version, a moment, a schema.

use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::Value;

use crate::event::{ExpectedVersion, StreamName, Version};
use crate::replay::branch;

/// What a schema is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SchemaName {
    /// The event type.
    pub(super) event_type: String,
    /// The version of its shape.
    pub(super) version: u32,
}

impl FromStr for SchemaName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (event_type, version) = StreamName::split_version(text);
        let version = u32::try_from(version.unwrap_or(1)).map_err(|_| "schema versions go from 1 on".to_owned())?;
        Ok(Self { event_type: event_type.to_owned(), version })
    }
}

/// A schema and the file that it is in.
#[derive(Clone, Debug)]
pub(super) struct SchemaFile {
    /// What it is for.
    pub(super) name: SchemaName,
    /// Where it is.
    pub(super) file: PathBuf,
}

impl FromStr for SchemaFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').ok_or_else(|| "expected TYPE[@VERSION]=SCHEMA.json".to_owned())?;
        Ok(Self { name: name.parse()?, file: file.into() })
    }
}

/// A stream as it is written on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stream(pub(super) StreamName);

impl FromStr for Stream {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            Some((kind, id)) if !kind.is_empty() && !id.is_empty() => Ok(Self(StreamName::new(kind, id))),
            _ => Err("expected TYPE/ID, such as order/ord-1".to_owned()),
        }
    }
}

/// A moment as it is written on the command line: with its offset, or a day, which begins in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(pub(super) DateTime<Utc>);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day = || text.parse().ok().map(|day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc());
        let moment = DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc());
        moment.or_else(day).map(Self).ok_or_else(|| "expected 2026-01-01 or 2026-01-01T12:00:00Z".to_owned())
    }
}

/// An expected version as it is written on the command line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expect(pub(super) ExpectedVersion);

impl FromStr for Expect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text {
            "any" => ExpectedVersion::Any,
            "none" => ExpectedVersion::NoStream,
            "exists" => ExpectedVersion::StreamExists,
            number => ExpectedVersion::Exactly(
                number.parse().map_err(|_| "expected any, none, exists or a version".to_owned())?,
            ),
        }))
    }
}

/// Other data for the event of a version.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edit {
    /// The version.
    pub(super) version: Version,
    /// The data.
    pub(super) data: Value,
}

impl FromStr for Edit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected V=JSON, such as 7={\"qty\": 1}".to_owned();
        let (version, data) = text.split_once('=').ok_or_else(expected)?;
        let version = version.trim().parse().map_err(|_| expected())?;
        let data = serde_json::from_str(data).map_err(|error| format!("what follows V= is no JSON: {error}"))?;
        Ok(Self { version, data })
    }
}

/// An event to be inserted after a version.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Insertion(pub(super) branch::Insertion);

impl FromStr for Insertion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected AFTER=TYPE:JSON, such as 7=order.paid:{\"amount\": 1}".to_owned();
        let (after, event) = text.split_once('=').ok_or_else(expected)?;
        let after = after.trim().parse().map_err(|_| expected())?;
        // A type may hold colons of its own, as in Shop::Paid.
        let mut split = event.match_indices(':').filter_map(|(at, _)| Some((event.get(..at)?, event.get(at + 1..)?)));
        let read = |(event_type, data): (&str, &str)| {
            let data = serde_json::from_str(data).ok().filter(|_| !event_type.is_empty())?;
            Some(Self(branch::Insertion::new(after, event_type, data)))
        };
        split.find_map(read).ok_or_else(expected)
    }
}

/// A value that a state is said to have: `STREAM@VERSION:/POINTER=JSON`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ExpectedValue {
    /// The stream, as it was typed.
    pub(super) stream: String,
    /// The version.
    pub(super) version: Version,
    /// The place, a JSON Pointer.
    pub(super) pointer: String,
    /// The value; `None` where there is none.
    pub(super) value: Option<Value>,
}

impl FromStr for ExpectedValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "it is written STREAM@VERSION:/POINTER=JSON, such as account/7@3:/balance=120".to_owned();
        for (at, _) in text.match_indices('@') {
            let (Some(stream), Some(rest)) = (text.get(..at), text.get(at + 1..)) else { continue };
            let Some((version, place)) = rest.split_once(':') else { continue };
            let Ok(version) = version.parse() else { continue };
            let (pointer, value) = place.split_once('=').ok_or_else(form)?;
            if stream.is_empty() || !(pointer.is_empty() || pointer.starts_with('/')) {
                return Err(form());
            }
            let value = if value.is_empty() { None } else { Some(json_value(value)?) };
            return Ok(Self { stream: stream.to_owned(), version, pointer: pointer.to_owned(), value });
        }
        Err(form())
    }
}

fn json_value(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{text} is no JSON: {error}. A text stands in double quotes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_is_a_word_or_a_version() {
        let expect = |text: &str| text.parse::<Expect>().map(|expect| expect.0);
        assert_eq!(expect("none"), Ok(ExpectedVersion::NoStream));
        assert_eq!(expect("0"), Ok(ExpectedVersion::Exactly(0)));
        assert_eq!(expect("-1"), Ok(ExpectedVersion::Exactly(-1)));
        assert!(expect("soon").is_err());
    }

    #[test]
    fn a_moment_is_a_day_or_has_an_offset() {
        let moment = |text: &str| text.parse::<Moment>().map(|moment| moment.0.to_rfc3339());
        assert_eq!(moment("2026-01-01").as_deref(), Ok("2026-01-01T00:00:00+00:00"));
        assert_eq!(moment("2026-01-01T12:00:00+02:00").as_deref(), Ok("2026-01-01T10:00:00+00:00"));
        assert!(moment("2026-01-01T12:00:00").is_err() && moment("soon").is_err());
        assert!("ord-1".parse::<Stream>().is_err() && "order/".parse::<Stream>().is_err());
        assert_eq!("a/b/c".parse(), Ok(Stream(StreamName::new("a", "b/c"))));
    }

    #[test]
    fn what_is_other_in_a_branch_is_a_version_and_json() {
        let edit: Edit = r#"7={"a=b": 1}"#.parse().unwrap();
        assert_eq!((edit.version, edit.data["a=b"].as_i64()), (7, Some(1)));
        assert!("7".parse::<Edit>().is_err() && "x=1".parse::<Edit>().is_err() && "7={".parse::<Edit>().is_err());
        let inserted = |text: &str| text.parse::<Insertion>().map(|inserted| inserted.0);
        let paid = inserted(r#"-1=Shop::Paid:{"at":"12:00"}"#).unwrap();
        assert_eq!((paid.after, paid.event_type.as_str()), (-1, "Shop::Paid"));
        assert_eq!(paid.data["at"], "12:00");
        assert!(inserted("7=paid").is_err() && inserted("7=:1").is_err() && inserted("paid:1").is_err());
    }

    #[test]
    fn a_version_follows_the_last_at_sign() {
        assert_eq!(StreamName::split_version("order/ord-1@3"), ("order/ord-1", Some(3)));
        assert_eq!(StreamName::split_version("anna@example.org"), ("anna@example.org", None));
        assert_eq!(StreamName::split_version("anna@example.org@0"), ("anna@example.org", Some(0)));
        assert_eq!(StreamName::split_version("@3"), ("@3", None));
    }

    #[test]
    fn a_schema_is_named_by_type_and_version() {
        let named = |text: &str| text.parse::<SchemaName>().map(|name| (name.event_type, name.version));
        assert_eq!(named("order.placed"), Ok(("order.placed".to_owned(), 1)));
        assert_eq!(named("order.placed@2"), Ok(("order.placed".to_owned(), 2)));
        assert!(named("order.placed@-1").is_err());
        let file: SchemaFile = "order.placed@2=a=b.json".parse().unwrap();
        assert_eq!((file.name.version, file.file), (2, PathBuf::from("a=b.json")));
        assert!("order.placed".parse::<SchemaFile>().is_err());
    }

    #[test]
    fn an_expected_value_names_a_place_in_a_state() {
        let expected: ExpectedValue = "shop@x/o:1@12:/lines/L1=\"a=b\"".parse().unwrap();
        assert_eq!(
            (expected.stream.as_str(), expected.version, expected.pointer.as_str()),
            ("shop@x/o:1", 12, "/lines/L1")
        );
        assert_eq!(expected.value, Some(serde_json::json!("a=b")));
        assert_eq!("a@1:/x=".parse::<ExpectedValue>().unwrap().value, None);
        for wrong in ["a@1", "a:/x=1", "a@one:/x=1", "@1:/x=1", "a@1:x=1"] {
            assert!(wrong.parse::<ExpectedValue>().unwrap_err().contains("STREAM@VERSION"), "{wrong}");
        }
        assert!("a@1:/x=open".parse::<ExpectedValue>().unwrap_err().contains("double quotes"));
    }
}
