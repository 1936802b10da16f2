//! Moments: text in the forms of ISO 8601, and numbers in the units that databases count in.

use chrono::{DateTime, Utc};
use rusqlite::types::ValueRef;

use crate::event::Timestamp;

use super::iso;
use crate::codec::Format;

/// .NET's ticks at 1970-01-01.
const TICKS_AT_EPOCH: i64 = 621_355_968_000_000_000;
/// Microseconds from 1601 to 1970.
const WEBKIT_AT_EPOCH: i64 = 11_644_473_600_000_000;
/// Seconds from 1970 to 2001.
const CORE_DATA_EPOCH: i64 = 978_307_200;
/// Days from 30 December 1899 to 1970.
const OLE_DAYS_AT_EPOCH: f64 = 25_569.0;
/// Milliseconds from the start of the Julian day numbers to 1970-01-01.
const JULIAN_EPOCH_MILLIS: f64 = 210_866_760_000_000.0;

/// The moment that a value holds, with the stored text; `None` for NULL. A value that cannot be read as a moment keeps
/// its text and has no UTC time.
///
/// Text is read in any of the forms of ISO 8601 whatever the format says, since columns mix them; the format decides
/// what a number counts. Without one the plausible range decides: every unit has a range of its own for the years from
/// 1973 to 2286.
#[must_use]
pub fn timestamp(value: ValueRef<'_>, format: Format) -> Option<Timestamp> {
    let stored = super::text(value, Format::Text)?;
    let utc = match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => from_integer(number, format),
        ValueRef::Real(number) => from_real(number, format),
        ValueRef::Text(_) | ValueRef::Blob(_) => iso::parse(&stored).or_else(|| from_digits(&stored, format)),
    };
    Some(Timestamp { stored: stored.into(), utc })
}

/// A number that is stored as text.
fn from_digits(text: &str, format: Format) -> Option<DateTime<Utc>> {
    let text = text.trim();
    match text.parse::<i64>() {
        Ok(number) => from_integer(number, format),
        Err(_) => from_real(text.parse().ok()?, format),
    }
}

fn from_integer(number: i64, format: Format) -> Option<DateTime<Utc>> {
    match format {
        Format::UnixSeconds => DateTime::from_timestamp(number, 0),
        Format::UnixMillis => DateTime::from_timestamp_millis(number),
        Format::UnixMicros => DateTime::from_timestamp_micros(number),
        Format::UnixNanos => Some(DateTime::from_timestamp_nanos(number)),
        Format::DotnetTicks => ticks(number),
        Format::Webkit => DateTime::from_timestamp_micros(number.checked_sub(WEBKIT_AT_EPOCH)?),
        Format::Filetime => filetime(number),
        Format::CoreData => DateTime::from_timestamp(number.checked_add(CORE_DATA_EPOCH)?, 0),
        #[allow(clippy::cast_precision_loss, reason = "a day's number has five digits")]
        Format::OleDate => ole(number as f64),
        #[allow(clippy::cast_precision_loss, reason = "a Julian day number has seven digits")]
        Format::JulianDay => julian(number as f64),
        _ => from_integer(number, likely_unit(number)?),
    }
}

/// The unit in which a number is a moment between 1973 and 2286; ticks are told from nanoseconds by theirs lying
/// between 1904 and 2126, where nanoseconds would lie in the eighties. What counts from 1601 does so for the years from
/// 1997 to 2076; as nanoseconds that would be 1973 and 1974. Seconds since 2001 and days since 1899 are like other
/// numbers, and only read where a profile says so.
pub(crate) fn likely_unit(number: i64) -> Option<Format> {
    match number {
        100_000_000..10_000_000_000 => Some(Format::UnixSeconds),
        100_000_000_000..10_000_000_000_000 => Some(Format::UnixMillis),
        100_000_000_000_000..10_000_000_000_000_000 => Some(Format::UnixMicros),
        12_500_000_000_000_000..15_000_000_000_000_000 => Some(Format::Webkit),
        600_000_000_000_000_000..670_000_000_000_000_000 => Some(Format::DotnetTicks),
        125_000_000_000_000_000..150_000_000_000_000_000 => Some(Format::Filetime),
        100_000_000_000_000_000.. => Some(Format::UnixNanos),
        2_400_000..2_600_000 => Some(Format::JulianDay),
        _ => None,
    }
}

fn from_real(number: f64, format: Format) -> Option<DateTime<Utc>> {
    if !number.is_finite() {
        return None;
    }
    match format {
        // A real holds seconds to about a quarter of a microsecond: more digits would be noise.
        Format::UnixSeconds => DateTime::from_timestamp_micros(rounded(number * 1e6)),
        Format::JulianDay => julian(number),
        #[allow(clippy::cast_precision_loss, reason = "the offset has nine digits")]
        Format::CoreData => DateTime::from_timestamp_micros(rounded((number + CORE_DATA_EPOCH as f64) * 1e6)),
        Format::OleDate => ole(number),
        Format::UnixMillis => DateTime::from_timestamp_micros(rounded(number * 1e3)),
        Format::UnixMicros | Format::UnixNanos | Format::DotnetTicks | Format::Webkit | Format::Filetime => {
            from_integer(rounded(number), format)
        }
        _ => from_real(number, likely_unit(rounded(number))?),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the cast saturates, and what is out of range is no moment")]
fn rounded(number: f64) -> i64 {
    number.round() as i64
}

fn ticks(number: i64) -> Option<DateTime<Utc>> {
    let since_epoch = number.checked_sub(TICKS_AT_EPOCH)?;
    let nanos = u32::try_from(since_epoch.rem_euclid(10_000_000) * 100).ok()?;
    DateTime::from_timestamp(since_epoch.div_euclid(10_000_000), nanos)
}

fn filetime(number: i64) -> Option<DateTime<Utc>> {
    ticks(number.checked_add(TICKS_AT_EPOCH - WEBKIT_AT_EPOCH * 10)?)
}

/// To the millisecond: a real has no more.
fn ole(days: f64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(rounded((days - OLE_DAYS_AT_EPOCH) * 86_400_000.0))
}

/// To the millisecond, as SQLite itself reads a Julian day.
fn julian(days: f64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(rounded(days * 86_400_000.0 - JULIAN_EPOCH_MILLIS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(value: ValueRef<'_>, format: Format) -> Option<String> {
        timestamp(value, format)?.utc.map(|moment| moment.to_string())
    }

    #[test]
    fn every_unit_is_told_by_its_range() {
        let moment = Some("2026-03-14 12:04:01 UTC".to_owned());
        for number in [1_773_489_841, 1_773_489_841_000, 1_773_489_841_000_000, 1_773_489_841_000_000_000] {
            assert_eq!(utc(ValueRef::Integer(number), Format::Auto), moment, "{number}");
        }
        assert_eq!(utc(ValueRef::Integer(TICKS_AT_EPOCH + 17_734_898_410_000_000), Format::Auto), moment);
        assert_eq!(utc(ValueRef::Real(2_461_114.002_789_351_6), Format::Auto), moment);
        assert_eq!(utc(ValueRef::Real(1_773_489_841.25), Format::Auto).unwrap(), "2026-03-14 12:04:01.250 UTC");
        assert_eq!(utc(ValueRef::Text(b"1773489841"), Format::Auto), moment);
    }

    #[test]
    fn what_counts_from_other_years_is_read() {
        let moment = "2026-03-14 12:04:01 UTC";
        let webkit = 1_773_489_841_000_000 + WEBKIT_AT_EPOCH;
        for (number, format) in [
            (webkit, Format::Auto),
            (webkit, Format::Webkit),
            (webkit * 10, Format::Auto),
            (webkit * 10, Format::Filetime),
            (795_182_641, Format::CoreData),
        ] {
            assert_eq!(utc(ValueRef::Integer(number), format).as_deref(), Some(moment), "{number} {format:?}");
        }
        assert_eq!(utc(ValueRef::Real(795_182_641.5), Format::CoreData).unwrap(), "2026-03-14 12:04:01.500 UTC");
        assert_eq!(utc(ValueRef::Real(46_095.5), Format::OleDate).unwrap(), "2026-03-14 12:00:00 UTC");
        assert_eq!(utc(ValueRef::Integer(-86_400), Format::UnixSeconds).unwrap(), "1969-12-31 00:00:00 UTC");
    }

    #[test]
    fn a_declared_unit_holds_for_any_year() {
        assert_eq!(utc(ValueRef::Integer(60), Format::UnixSeconds).unwrap(), "1970-01-01 00:01:00 UTC");
        assert_eq!(
            utc(ValueRef::Integer(638_031_836_488_595_513), Format::DotnetTicks).unwrap()[..19],
            *"2022-11-04 18:34:08"
        );
        assert_eq!(utc(ValueRef::Integer(60), Format::Auto), None);
    }

    #[test]
    fn the_stored_text_is_kept_whether_it_is_a_moment_or_not() {
        for text in ["2026-03-14 12:04:01 001000", "yesterday"] {
            assert_eq!(&*timestamp(ValueRef::Text(text.as_bytes()), Format::Auto).unwrap().stored, text);
        }
        assert_eq!(timestamp(ValueRef::Null, Format::Auto), None);
    }
}
