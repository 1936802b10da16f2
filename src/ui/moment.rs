//! Recorded times as a person reads them, in the one way that was chosen.

use chrono::{DateTime, Local, TimeDelta, Utc};

use crate::event::TimestampRef;
use crate::model::TimeMode;

/// A recorded time with its date: `2026-03-14 12:04:01.912 UTC`. The stored text where it is no readable moment.
#[must_use]
pub fn full<'t>(timestamp: impl Into<TimestampRef<'t>>, mode: TimeMode) -> String {
    let timestamp = timestamp.into();
    let Some(utc) = timestamp.utc else { return timestamp.stored.to_string() };
    match mode {
        TimeMode::Utc => utc.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string(),
        TimeMode::Local => utc.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S%.3f %:z").to_string(),
        TimeMode::Relative => relative(utc, Utc::now()),
    }
}

/// A recorded time within its day: `12:04:01.912`.
#[must_use]
pub fn clock<'t>(timestamp: impl Into<TimestampRef<'t>>, mode: TimeMode) -> String {
    let timestamp = timestamp.into();
    let Some(utc) = timestamp.utc else { return timestamp.stored.to_string() };
    match mode {
        TimeMode::Utc => utc.format("%H:%M:%S%.3f").to_string(),
        TimeMode::Local => utc.with_timezone(&Local).format("%H:%M:%S%.3f").to_string(),
        TimeMode::Relative => relative(utc, Utc::now()),
    }
}

/// How long before `now` a moment was, in its largest unit: `3 days ago`.
#[must_use]
pub fn relative(moment: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let past = now.signed_duration_since(moment);
    if past < TimeDelta::zero() {
        return format!("in {}", largest_unit(-past));
    }
    if past < TimeDelta::seconds(1) {
        return "just now".to_owned();
    }
    format!("{} ago", largest_unit(past))
}

fn largest_unit(delta: TimeDelta) -> String {
    let units = [
        (delta.num_days() / 365, "year"),
        (delta.num_days() / 30, "month"),
        (delta.num_days(), "day"),
        (delta.num_hours(), "hour"),
        (delta.num_minutes(), "minute"),
    ];
    let (number, unit) = units.into_iter().find(|(number, _)| *number > 0).unwrap_or((delta.num_seconds(), "second"));
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Timestamp;

    #[test]
    fn the_largest_unit_is_named() {
        let now = DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap();
        let before = |seconds| relative(now - TimeDelta::seconds(seconds), now);
        assert_eq!(before(0), "just now");
        assert_eq!(before(1), "1 second ago");
        assert_eq!(before(3 * 86_400 + 5), "3 days ago");
        assert_eq!(before(-120), "in 2 minutes");
    }

    #[test]
    fn a_time_that_cannot_be_read_is_shown_as_stored() {
        let odd = Timestamp { stored: "yesterday".into(), utc: None };
        assert_eq!(full(&odd, TimeMode::Utc), "yesterday");
        assert_eq!(clock(&odd, TimeMode::Relative), "yesterday");
    }
}
