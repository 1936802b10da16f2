//! A moment as it is typed into a filter: a date, or a date and a time.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// A moment: what was typed, and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    text: String,
    means: Means,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Means {
    At(DateTime<Utc>),
    /// So long after now, whenever that is; before it where it is negative.
    FromNow(TimeDelta),
}

impl Moment {
    /// The moment that a text names: `2026`, `2026-03`, `2026-03-14`, then with `T12`, `T12:04`, `T12:04:01` or
    /// `T12:04:01.912`, then with `Z` or `+02:00`. What is missing is its beginning; without a zone it is UTC. Or `now`,
    /// or so long before or after it: `now-90s`, `now-5m`, `now-2h`, `now-7d`, `now+1w`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(distance) = text.strip_prefix("now") {
            return Some(Self { text: text.to_owned(), means: Means::FromNow(parse_distance(distance)?) });
        }
        let utc = match text.split_once(['T', 't', ' ']) {
            Some((date, time)) => with_time(parse_date(date)?, time)?,
            None => parse_date(text)?.and_time(NaiveTime::MIN).and_utc(),
        };
        Some(Self { text: text.to_owned(), means: Means::At(utc) })
    }

    /// The moment of a stored time, printed with all the digits that it needs.
    #[must_use]
    pub fn at(utc: DateTime<Utc>) -> Self {
        Self { text: utc.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true), means: Means::At(utc) }
    }

    /// The moment in UTC: of one that is told from now, what it means at this moment.
    #[must_use]
    pub fn utc(&self) -> DateTime<Utc> {
        match self.means {
            Means::At(utc) => utc,
            Means::FromNow(distance) => Utc::now().checked_add_signed(distance).unwrap_or(DateTime::<Utc>::MIN_UTC),
        }
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

/// `-2h`: nothing is no distance.
fn parse_distance(text: &str) -> Option<TimeDelta> {
    if text.is_empty() {
        return Some(TimeDelta::zero());
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let (digits, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let count = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
    let distance = match unit {
        "s" => TimeDelta::try_seconds(count),
        "m" => TimeDelta::try_minutes(count),
        "h" => TimeDelta::try_hours(count),
        "d" => TimeDelta::try_days(count),
        "w" => TimeDelta::try_weeks(count),
        _ => None,
    }?;
    match sign {
        "-" => Some(-distance),
        "+" => Some(distance),
        _ => None,
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
    fn what_is_told_from_now_moves_with_it() {
        for (text, seconds) in [("now", 0), ("now-90s", -90), ("now-5m", -300), ("now-2h", -7200), ("now+1w", 604_800)]
        {
            let moment = Moment::parse(text).unwrap();
            let away = (moment.utc() - Utc::now()).num_seconds();
            assert!((seconds - 5..=seconds).contains(&away), "{text}: {away}");
            assert_eq!((moment.text(), &moment), (text, &Moment::parse(text).unwrap()));
        }
    }

    #[test]
    fn nonsense_is_no_moment() {
        for text in [
            "now2h",
            "now-h",
            "now-2y",
            "now--2h",
            "now-99999999999999999999d",
            "",
            "yesterday",
            "2026-13-01",
            "2026-03-14T25",
            "2026-03-14Tx",
            "14.3.2026",
            "2026-03-14T12+2",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
