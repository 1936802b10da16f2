//! Moments written as text: ISO 8601 and its relatives, as databases really hold them.
//!
//! By hand, since a histogram reads one for every event: a list of `strftime` patterns tried one after another costs
//! ten times as much.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

/// The moment that a text names; UTC where it names no offset.
///
/// Read are `2026-03-14`, `2026-03-14T12:04`, seconds, fractions of any length after `.`, `,` or a space, and `Z`,
/// `UTC`, `+01`, `+0100`, `+01:00` or Go's `+0100 CET m=+0.1` after them, and the rest of a hybrid logical clock; the
/// compact form `20260314T120401Z`; and mail's `Sat, 14 Mar 2026 12:04:01 +0100`.
pub(super) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return DateTime::parse_from_rfc2822(text).ok().map(|moment| moment.to_utc());
    }
    if let Some(moment) = compact(text) {
        return Some(moment);
    }
    let mut rest = text;
    let date = date(&mut rest)?;
    if rest.is_empty() {
        return Some(date.and_hms_opt(0, 0, 0)?.and_utc());
    }
    rest = rest.strip_prefix(['T', 't', ' '])?;
    let time = time(&mut rest, date)?;
    let offset = offset(rest.trim_start())?;
    Some(time.checked_sub_signed(offset)?.and_utc())
}

/// Digits alone, with a `T` between the day and the time unless there are fourteen of them.
fn compact(text: &str) -> Option<DateTime<Utc>> {
    let mut rest = text;
    let year = i32::try_from(digits(&mut rest, 4)?).ok().filter(|year| (1_900..2_200).contains(year))?;
    let day = NaiveDate::from_ymd_opt(year, digits(&mut rest, 2)?, digits(&mut rest, 2)?)?;
    let divided = rest.strip_prefix('T');
    rest = divided.unwrap_or(rest);
    let (hour, minute, second) = (digits(&mut rest, 2)?, digits(&mut rest, 2)?, digits(&mut rest, 2)?);
    if divided.is_none() && rest.starts_with(|next: char| next.is_ascii_digit()) {
        return None;
    }
    let time = day.and_hms_nano_opt(hour, minute, second.min(59), fraction(&mut rest))?;
    Some(time.checked_sub_signed(offset(rest.trim_start())?)?.and_utc())
}

fn date(rest: &mut &str) -> Option<NaiveDate> {
    let year = digits(rest, 4)?;
    *rest = rest.strip_prefix('-')?;
    let month = digits(rest, 2)?;
    *rest = rest.strip_prefix('-')?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, digits(rest, 2)?)
}

fn time(rest: &mut &str, date: NaiveDate) -> Option<NaiveDateTime> {
    let hour = digits(rest, 2)?;
    *rest = rest.strip_prefix(':')?;
    let minute = digits(rest, 2)?;
    let second = match rest.strip_prefix(':') {
        Some(after) => {
            *rest = after;
            digits(rest, 2)?
        }
        None => 0,
    };
    // A leap second is the last second of its minute, as SQLite and most libraries have it.
    date.and_hms_nano_opt(hour, minute, second.min(59), fraction(rest))
}

/// The nanoseconds after the seconds. Digits beyond the ninth are too small to matter.
fn fraction(rest: &mut &str) -> u32 {
    let Some(after) = rest.strip_prefix(['.', ',', ' ']) else { return 0 };
    let length = after.bytes().take_while(u8::is_ascii_digit).count();
    let Some((digits, remaining)) = after.split_at_checked(length).filter(|(digits, _)| !digits.is_empty()) else {
        return 0;
    };
    *rest = remaining;
    (0..9).fold(0, |nanos, place| nanos * 10 + digits.as_bytes().get(place).map_or(0, |digit| u32::from(digit - b'0')))
}

/// The offset from UTC: what remains of the text.
fn offset(rest: &str) -> Option<TimeDelta> {
    let sign = match rest.as_bytes().first() {
        None => return Some(TimeDelta::zero()),
        Some(b'Z' | b'z') if rest.len() == 1 || is_clock(rest) => return Some(TimeDelta::zero()),
        Some(b'U') if rest == "UTC" => return Some(TimeDelta::zero()),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let mut rest = rest.get(1..)?;
    let hours = digits(&mut rest, 2)?;
    rest = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = digits(&mut rest, 2).unwrap_or(0);
    // Go's `time.String()` adds the zone's name and the monotonic clock.
    let ends = rest.is_empty() || rest.starts_with(' ');
    ends.then(|| TimeDelta::minutes(sign * (i64::from(hours) * 60 + i64::from(minutes))))
}

/// Whether a hybrid logical clock goes on after the time: `Z-0001-a1b2c3d4e5f60718`, a counter and the writer's name.
fn is_clock(rest: &str) -> bool {
    let mut parts = rest.split('-').skip(1);
    let counter = parts.next().is_some_and(|it| it.len() == 4 && it.bytes().all(|byte| byte.is_ascii_hexdigit()));
    counter && parts.next().is_some_and(|it| it.len() >= 8 && it.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// A number of exactly so many digits.
fn digits(rest: &mut &str, count: usize) -> Option<u32> {
    let (head, tail) = rest.split_at_checked(count)?;
    if !head.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    *rest = tail;
    head.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_databases_hold() {
        for (text, utc) in [
            ("2026-03-14T12:04:01.912345Z", "2026-03-14 12:04:01.912345 UTC"),
            ("2026-03-14T12:04:01.912Z", "2026-03-14 12:04:01.912 UTC"),
            ("2026-03-14T12:04:01+00:00", "2026-03-14 12:04:01 UTC"),
            ("2026-03-14T12:04:01.5+02:00", "2026-03-14 10:04:01.500 UTC"),
            ("2026-03-14T12:04:01-0730", "2026-03-14 19:34:01 UTC"),
            ("2026-03-14 12:04:01", "2026-03-14 12:04:01 UTC"),
            ("2026-03-14 12:04:01.000001", "2026-03-14 12:04:01.000001 UTC"),
            ("2026-03-14 12:04:01.1234567Z", "2026-03-14 12:04:01.123456700 UTC"),
            ("2026-03-14 12:04:01 001000", "2026-03-14 12:04:01.001 UTC"),
            ("2026-03-14 12:04:01.123456789 +0000 UTC", "2026-03-14 12:04:01.123456789 UTC"),
            ("2026-03-14 12:04:01.1 +0100 CET m=+0.3", "2026-03-14 11:04:01.100 UTC"),
            ("2026-03-14 12:04:01+00:00", "2026-03-14 12:04:01 UTC"),
            ("2026-03-14 12:04:01 UTC", "2026-03-14 12:04:01 UTC"),
            ("2026-03-14T12:04", "2026-03-14 12:04:00 UTC"),
            ("2026-03-14", "2026-03-14 00:00:00 UTC"),
            ("2026-03-14T12:04:01.912Z-001F-a1b2c3d4e5f60718", "2026-03-14 12:04:01.912 UTC"),
            ("20260314T120401Z", "2026-03-14 12:04:01 UTC"),
            ("20260314T120401.5+0200", "2026-03-14 10:04:01.500 UTC"),
            ("20260314120401", "2026-03-14 12:04:01 UTC"),
            ("Sat, 14 Mar 2026 12:04:01 +0100", "2026-03-14 11:04:01 UTC"),
        ] {
            assert_eq!(parse(text).map(|moment| moment.to_string()).as_deref(), Some(utc), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "soon",
            "202603141204011",
            "20261314T120401Z",
            "2026-13-01",
            "2026-03-14X12:04",
            "2026-03-14T12:04:01 later",
            "12:04:01",
            "2026-03-1é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
