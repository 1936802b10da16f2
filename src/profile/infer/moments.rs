//! Which values are moments, and in which of the many ways they are written.
//!
//! Text says by itself how it is written, and most numbers do by their range. Three sorts of numbers do not: seconds
//! since 2001 lie where Unix seconds of the eighties and nineties do, days since 1899 are like any other number, and
//! what is negative was before 1970. They are believed where a column of them counts up from row to row.

use rusqlite::types::{Value, ValueRef};

use super::measure::{self, ratio, text};
use crate::codec::{Format, decode};

/// The share of the values that must be moments.
const NEARLY_ALL: f32 = 0.9;

/// The share of the steps from row to row along which a clock goes on.
pub(super) const STEADY: f32 = 0.75;

/// How values are moments, if nearly all of them are; by what they are, whatever their order.
pub(in crate::profile) fn time_format(values: &[&Value]) -> Option<Format> {
    let first = values.first()?;
    let moments = values.iter().filter(|value| is_moment(value));
    if ratio(moments.count(), values.len()) < NEARLY_ALL {
        return None;
    }
    match first {
        Value::Text(_) => Some(text_format(values)),
        Value::Integer(number) => decode::likely_unit(*number),
        #[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
        Value::Real(number) => decode::likely_unit(*number as i64),
        _ => None,
    }
}

/// The same for a column whose rows are in the order in which they were written: numbers that only their order tells,
/// too.
pub(super) fn of_column(values: &[&Value]) -> Option<Format> {
    let numbers: Option<Vec<f64>> = values.iter().map(|value| number(value)).collect();
    let Some(numbers) = numbers.filter(|numbers| numbers.len() > 2) else { return time_format(values) };
    let within = |low: f64, high: f64| {
        ratio(numbers.iter().filter(|it| (low..high).contains(*it)).count(), numbers.len()) >= NEARLY_ALL
    };
    let real = values.iter().any(|value| matches!(value, Value::Real(_)));
    // Unix seconds of the years 1974 to 1999, when there was no SQLite: seconds since 2001 up to 2030.
    if within(1.3e8, 9.3e8) && counts(values) {
        return Some(Format::CoreData);
    }
    if real && within(36_500.0, 62_000.0) && counts(values) {
        return Some(Format::OleDate);
    }
    if within(f64::MIN, 0.0) && counts(values) {
        return before_1970(&numbers);
    }
    // A large number may be anything: a moment that is one lies in the years in which there is SQLite.
    let modern =
        |format: &Format| values.iter().filter(|value| is_modern_at(value, *format)).count() * 10 >= values.len() * 9;
    time_format(values).filter(modern)
}

fn before_1970(numbers: &[f64]) -> Option<Format> {
    let furthest = numbers.iter().copied().fold(0.0, f64::min);
    match -furthest {
        1e7..2.3e9 => Some(Format::UnixSeconds),
        1e10..2.3e12 => Some(Format::UnixMillis),
        1e13..2.3e15 => Some(Format::UnixMicros),
        1e16..2.3e18 => Some(Format::UnixNanos),
        _ => None,
    }
}

/// Whether they go up from most rows to the next, as a clock does and amounts do not: in a table without row numbers the
/// rows of a stream lie together, and time starts again with each.
fn counts(values: &[&Value]) -> bool {
    let different: std::collections::HashSet<String> = values.iter().map(|value| text(value)).collect();
    measure::ascending(values) > STEADY && different.len() * 2 > values.len()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        #[allow(clippy::cast_precision_loss, reason = "only its size is looked at")]
        Value::Integer(number) => Some(*number as f64),
        Value::Real(number) => Some(*number),
        _ => None,
    }
}

fn is_moment(value: &Value) -> bool {
    // A date alone says on which day something is due, not when it happened.
    let dated = !matches!(value, Value::Text(text) if text.len() < 16 && !text.bytes().all(|it| it.is_ascii_digit()));
    dated && decode::timestamp(ValueRef::from(value), Format::Auto).is_some_and(|moment| moment.utc.is_some())
}

/// The share of the steps from row to row along which time does not go back, where texts are moments: with offsets, or in
/// the form of mail, they do not sort as time does.
pub(super) fn ascending(values: &[&Value]) -> Option<f32> {
    let moment = |value: &&Value| match value {
        Value::Text(_) => decode::timestamp(ValueRef::from(*value), Format::Auto).and_then(|moment| moment.utc),
        _ => None,
    };
    let moments: Option<Vec<_>> = values.iter().map(moment).collect();
    let moments = moments.filter(|moments| moments.len() > 1)?;
    let up = moments.windows(2).filter(|pair| matches!(pair, [a, b] if a <= b)).count();
    Some(ratio(up, moments.len() - 1))
}

/// One form for all of them, or each by what it looks like: only texts of one form sort as time does.
fn text_format(values: &[&Value]) -> Format {
    let texts =
        || values.iter().filter_map(|value| if let Value::Text(text) = value { Some(text.as_str()) } else { None });
    let divided_by = |mark: &str| texts().all(|text| text.get(10..11) == Some(mark) && text.get(4..5) == Some("-"));
    if divided_by(" ") {
        return Format::Sqlite;
    }
    if divided_by("T") || divided_by("t") {
        return Format::Iso8601;
    }
    let number = texts().next().and_then(|text| text.parse().ok());
    number.and_then(decode::likely_unit).unwrap_or_default()
}

/// Whether moments that are numbers all lie in the years in which there is SQLite, or long before.
pub(super) fn is_modern(values: &[Value], format: Format) -> bool {
    values.iter().filter(|value| !matches!(value, Value::Null)).all(|value| is_modern_at(value, format))
}

fn is_modern_at(value: &Value, format: Format) -> bool {
    let moment = decode::timestamp(ValueRef::from(value), format).and_then(|moment| moment.utc);
    let year = |moment: chrono::DateTime<chrono::Utc>| chrono::Datelike::year(&moment);
    moment.is_none_or(|moment| (2_000..2_070).contains(&year(moment)) || (1_900..1_970).contains(&year(moment)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[Value]) -> Option<Format> {
        of_column(&values.iter().collect::<Vec<_>>())
    }

    #[test]
    fn numbers_that_only_their_order_tells_must_go_up() {
        let seconds = |by: f64| (0..20).map(|n| Value::Real(790_000_000.5 + f64::from(n) * by)).collect::<Vec<_>>();
        assert_eq!(of(&seconds(60.0)), Some(Format::CoreData));
        let days = |by: f64| (0..20).map(|n| Value::Real(46_095.25 + f64::from(n) * by)).collect::<Vec<_>>();
        assert_eq!((of(&days(0.1)), of(&days(-0.1))), (Some(Format::OleDate), None));
        let old: Vec<Value> = (0..20).map(|n| Value::Integer(-400_000_000 + n * 90)).collect();
        assert_eq!(of(&old), Some(Format::UnixSeconds));
        let amounts: Vec<Value> = [500, -20, 900, -4].into_iter().map(Value::Integer).collect();
        assert_eq!(of(&amounts), None);
    }

    #[test]
    fn texts_of_one_form_say_which_and_others_are_read_one_by_one() {
        let texts = |texts: &[&str]| of(&texts.iter().map(|it| Value::Text((*it).to_owned())).collect::<Vec<_>>());
        assert_eq!(texts(&["2026-03-01T08:00:00Z", "2026-03-01T09:00:00+02:00"]), Some(Format::Iso8601));
        assert_eq!(texts(&["2026-03-01 08:00:00", "2026-03-01 09:00:00.5"]), Some(Format::Sqlite));
        assert_eq!(texts(&["20260301T080000Z", "20260301T080100Z"]), Some(Format::Auto));
        assert_eq!(texts(&["Sun, 01 Mar 2026 08:00:00 +0000"]), Some(Format::Auto));
        assert_eq!(texts(&["2026-03-01", "2026-03-02"]), None);
    }
}
