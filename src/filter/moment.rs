//! A moment as it is typed into a filter: a date, or a date and a time.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// A moment: what was typed, and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    text: String,
    utc: DateTime<Utc>,
}

impl Moment {
    /// The moment that a text names: `2026`, `2026-03`, `2026-03-14`, then with `T12`, `T12:04`, `T12:04:01` or
    /// `T12:04:01.912`, then with `Z` or `+02:00`. What is missing is its beginning; without a zone it is UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let utc = match text.split_once(['T', 't', ' ']) {
            Some((date, time)) => with_time(parse_date(date)?, time)?,
            None => parse_date(text)?.and_time(NaiveTime::MIN).and_utc(),
        };
        Some(Self { text: text.to_owned(), utc })
    }

    /// The moment of a stored time, printed with all the digits that it needs.
    #[must_use]
    pub fn at(utc: DateTime<Utc>) -> Self {
        Self { text: utc.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true), utc }
    }

    /// The moment in UTC.
    #[must_use]
    pub fn utc(&self) -> DateTime<Utc> {
        self.utc
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let full = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        10 => text.to_owned(),
        _ => return None,
    };
    NaiveDate::parse_from_str(&full, "%Y-%m-%d").ok()
}

fn with_time(date: NaiveDate, text: &str) -> Option<DateTime<Utc>> {
    let zone_at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at_checked(zone_at)?;
    let full = match clock.len() {
        2 => format!("{clock}:00:00"),
        5 => format!("{clock}:00"),
        _ => clock.to_owned(),
    };
    let local = NaiveDateTime::new(date, NaiveTime::parse_from_str(&full, "%H:%M:%S%.f").ok()?);
    match zone {
        "" | "Z" | "z" => Some(local.and_utc()),
        _ => {
            let text = format!("{}{zone}", local.format("%Y-%m-%dT%H:%M:%S%.f"));
            DateTime::parse_from_rfc3339(&text).ok().map(|moment| moment.to_utc())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_its_beginning() {
        for (text, utc) in [
            ("2026", "2026-01-01T00:00:00+00:00"),
            ("2026-03", "2026-03-01T00:00:00+00:00"),
            ("2026-03-14", "2026-03-14T00:00:00+00:00"),
            ("2026-03-14T12", "2026-03-14T12:00:00+00:00"),
            ("2026-03-14T12:04", "2026-03-14T12:04:00+00:00"),
            ("2026-03-14T12:04:01.912345Z", "2026-03-14T12:04:01.912345+00:00"),
            ("2026-03-14T12:04:01+02:00", "2026-03-14T10:04:01+00:00"),
            ("2026-03-14 12:04-05:00", "2026-03-14T17:04:00+00:00"),
        ] {
            assert_eq!(Moment::parse(text).unwrap().utc().to_rfc3339(), utc, "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_moment() {
        for text in ["", "yesterday", "2026-13-01", "2026-03-14T25", "2026-03-14Tx", "14.3.2026", "2026-03-14T12+2"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
