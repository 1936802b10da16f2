//! Which events are gathered: the last ones, some streams, some types, a span of time, or all; in words, and as a
//! condition that the server understands.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::catalogue::{Column, Relation};
use super::connection::{identifier, literal};
use super::value::Kind;
use crate::error::{Error, ErrorKind, Result};
use crate::profile::{Field, GatherSpec, Profile};

/// How many events are gathered where nothing else is said.
pub const USUAL: u64 = 100_000;

/// Which events are gathered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The table of events, with or without its schema. None: the one that looks most like it.
    pub table: Option<String>,
    /// How many, the last ones of those that the rest lets through.
    pub last: Last,
    /// Only those of these streams.
    pub streams: Vec<String>,
    /// Only those of these types; `*` stands for any text.
    pub types: Vec<String>,
    /// Only those from this moment on.
    #[serde(with = "moments")]
    pub after: Option<DateTime<Utc>>,
    /// Only those before this moment.
    #[serde(with = "moments")]
    pub before: Option<DateTime<Utc>>,
}

/// Moments as they are kept: in microseconds since 1970.
mod moments {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(moment: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        moment.map(|moment| moment.timestamp_micros()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.and_then(DateTime::from_timestamp_micros))
    }
}

/// How many events at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Last {
    /// [`USUAL`], and all where streams, types or times are named.
    #[default]
    Usual,
    /// So many.
    Events(u64),
    /// All.
    All,
}

impl Wanted {
    /// How many at most.
    #[must_use]
    pub fn most(&self) -> Option<u64> {
        let is_narrow =
            !self.streams.is_empty() || !self.types.is_empty() || self.after.is_some() || self.before.is_some();
        match self.last {
            Last::Events(most) => Some(most),
            Last::Usual if !is_narrow => Some(USUAL),
            Last::Usual | Last::All => None,
        }
    }

    /// Whether rows may be missing between others because they were not asked for.
    pub(super) fn is_filtered(&self) -> bool {
        !self.streams.is_empty() || !self.types.is_empty() || self.after.is_some() || self.before.is_some()
    }

    /// What it is, in words, as the beginning or the middle of a sentence.
    #[must_use]
    pub fn in_words(&self) -> String {
        let count = match self.most() {
            Some(most) => format!("the last {} events", with_commas(most)),
            None => "all events".to_owned(),
        };
        let named = |one: &str, many: &str, names: &[String]| match names {
            [] => None,
            [only] => Some(format!("{one} {only}")),
            names => Some(format!("{many} {}", names.join(", "))),
        };
        let moment = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let parts = [
            named("of the stream", "of the streams", &self.streams),
            named("of the type", "of the types", &self.types),
            self.after.map(|after| format!("from {} on", moment(after))),
            self.before.map(|before| format!("before {}", moment(before))),
        ];
        parts.into_iter().flatten().fold(count, |text, part| format!("{text} {part}"))
    }

    /// The condition on the events' table, without the last ones; empty where there is none.
    ///
    /// # Errors
    /// Unsupported where what is named is in no column that the server could choose by; bad input where no value of that
    /// column is written like this.
    pub(super) fn condition(&self, table: &Relation, profile: Option<&Profile>) -> Result<Vec<String>> {
        let spec = profile
            .and_then(|profile| profile.gather.as_ref())
            .map(|gather| gather.in_schema(&identifier(&table.schema)));
        let spec = spec.unwrap_or_default();
        let mut all: Vec<String> = spec.filter.iter().map(|filter| format!("({filter})")).collect();
        let choice = Choice { table, profile, spec: &spec };
        if !self.streams.is_empty() {
            let each = self.streams.iter().map(|name| choice.stream(name)).collect::<Result<Vec<_>>>()?;
            all.push(format!("({})", each.join(" OR ")));
        }
        if !self.types.is_empty() {
            let each = self.types.iter().map(|name| choice.event_type(name)).collect::<Result<Vec<_>>>()?;
            all.push(format!("({})", each.join(" OR ")));
        }
        if let Some(after) = self.after {
            all.push(format!("{} >= {}", choice.moment()?, instant(after)));
        }
        if let Some(before) = self.before {
            all.push(format!("{} < {}", choice.moment()?, instant(before)));
        }
        Ok(all)
    }
}

/// A number as a person reads it.
fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let first = (digits.len() - 1) % 3 + 1;
    let (head, tail) = digits.split_at(first);
    let tail = tail.as_bytes().chunks(3).map(String::from_utf8_lossy);
    tail.fold(head.to_owned(), |text, part| format!("{text},{part}"))
}

fn instant(moment: DateTime<Utc>) -> String {
    format!("{}::timestamptz", literal(&moment.to_rfc3339_opts(SecondsFormat::Micros, true)))
}

/// What events can be chosen by.
struct Choice<'c> {
    table: &'c Relation,
    profile: Option<&'c Profile>,
    spec: &'c GatherSpec,
}

impl Choice<'_> {
    fn column(&self, field: impl Fn(&Profile) -> Option<&Field>) -> Option<&Column> {
        plain_column(self.table, &field(self.profile?)?.sql)
    }

    /// A stream is named by its id, or by its type and its id with a slash between them.
    fn stream(&self, name: &str) -> Result<String> {
        let parts = name.split_once('/').filter(|(kind, id)| !kind.is_empty() && !id.is_empty());
        if let Some(sql) = &self.spec.stream {
            let names = std::iter::once(name).chain(parts.map(|(_, id)| id));
            let names: Vec<String> = names.map(literal).collect();
            return Ok(format!("({sql}) IN ({})", names.join(", ")));
        }
        let id = self.column(|profile| profile.events.aggregate_id.as_ref());
        let id = id.ok_or_else(|| self.refusal("the stream", "--stream"))?;
        let whole = equal(id, name);
        let Some((kind, rest)) = parts else { return Ok(whole) };
        let of_kind = self.column(|profile| profile.events.aggregate_type.as_ref());
        let of_kind = of_kind.map_or_else(String::new, |column| format!(" AND {}", equal(column, kind)));
        Ok(format!("({whole} OR {}{of_kind})", equal(id, rest)))
    }

    fn event_type(&self, name: &str) -> Result<String> {
        let column = || self.column(|profile| profile.events.event_type.as_ref());
        let sql = match (&self.spec.event_type, column()) {
            (Some(sql), _) => format!("({sql})"),
            (None, Some(column)) if !name.contains('*') => return Ok(equal(column, name)),
            (None, Some(column)) => format!("{}::text", identifier(&column.name)),
            (None, None) => return Err(self.refusal("the event's type", "--type")),
        };
        Ok(if name.contains('*') {
            format!("{sql} LIKE {} ESCAPE '\\'", literal(&pattern(name)))
        } else {
            format!("{sql} = {}", literal(name))
        })
    }

    fn moment(&self) -> Result<String> {
        if let Some(sql) = &self.spec.timestamp {
            return Ok(format!("({sql})"));
        }
        let column = self.column(|profile| profile.events.timestamp.as_ref());
        match column.map(|column| (column.base.as_str(), identifier(&column.name))) {
            Some(("timestamptz", name)) => Ok(name),
            // Times without a zone are read as UTC, as everywhere here.
            Some(("timestamp" | "date", name)) => Ok(format!("({name} AT TIME ZONE 'UTC')")),
            Some(("text" | "varchar" | "bpchar", name)) => Ok(format!("({name}::timestamptz)")),
            _ => Err(self.refusal("the time", "--after and --before")),
        }
    }

    fn refusal(&self, what: &str, option: &str) -> Error {
        let message = format!("{} has no column of its own for {what}", self.table.full_name());
        Error::new(ErrorKind::Unsupported, message)
            .with_hint(format!("Gather without {option}, and filter what was gathered. --last N makes it less."))
    }
}

/// The column that an expression of a profile is, with or without the name of its table.
pub(super) fn plain_column<'t>(table: &'t Relation, sql: &str) -> Option<&'t Column> {
    let name = sql.trim();
    let name = name.rsplit_once('.').filter(|(before, _)| is_word(before)).map_or(name, |(_, name)| name);
    table.column(name.trim_matches('"'))
}

fn is_word(text: &str) -> bool {
    text.trim_matches('"').chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// That a column is what somebody typed: in the column's own type, so that an index serves.
fn equal(column: &Column, text: &str) -> String {
    let name = identifier(&column.name);
    match (column.base.as_str(), column.kind) {
        ("uuid", _) if uuid::Uuid::parse_str(text).is_err() => "false".to_owned(),
        ("uuid", _) => format!("{name} = {}::uuid", literal(text)),
        (_, Kind::Integer | Kind::Large) if text.parse::<i64>().is_err() => "false".to_owned(),
        (_, Kind::Integer | Kind::Large) => format!("{name} = {text}"),
        ("text" | "varchar", _) => format!("{name} = {}", literal(text)),
        _ => format!("{name}::text = {}", literal(text)),
    }
}

/// A pattern of `LIKE` for one in which `*` stands for any text.
fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '*' => pattern.push('%'),
            '%' | '_' | '\\' => pattern.extend(['\\', letter]),
            other => pattern.push(other),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_in_words() {
        let wanted = Wanted { types: vec!["order.*".to_owned()], ..Wanted::default() };
        assert_eq!(wanted.in_words(), "all events of the type order.*");
        assert_eq!(Wanted::default().in_words(), "the last 100,000 events");
        let wanted = Wanted {
            last: Last::Events(1_234_567),
            streams: vec!["a".to_owned(), "b".to_owned()],
            after: DateTime::from_timestamp(0, 0),
            ..Wanted::default()
        };
        assert_eq!(wanted.in_words(), "the last 1,234,567 events of the streams a, b from 1970-01-01T00:00:00Z on");
    }

    #[test]
    fn patterns_take_only_stars_for_any_text() {
        assert_eq!(pattern("a_b*%"), "a\\_b%\\%");
    }
}
