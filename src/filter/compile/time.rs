//! Conditions on moments. The column's own order narrows the rows down; the decoded moment decides.

use chrono::{DateTime, Days, Utc};
use rusqlite::types::Value;

use super::functions::{format_number, nanoseconds};
use super::{Part, in_parentheses};
use crate::codec::{Format, encode};
use crate::profile;

/// Which side of a moment is kept.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Bound {
    /// At the moment or after it.
    After,
    /// Before the moment.
    Before,
}

/// The condition that a column lies on a side of a moment.
///
/// `moment` decides; before it, where the column's own order is nearly that of time, a plain comparison lets an index
/// narrow the rows down. Text is compared by its date only, a day further out: any offset from UTC is less than that,
/// and dates sort alike with `T` or a space behind them. Numbers are compared one second further out, since a real is
/// rounded when read.
pub(super) fn bound(field: Option<&profile::Field>, moment: DateTime<Utc>, side: Bound) -> Part {
    let Some(field) = field else { return Part::constant(false) };
    let column = in_parentheses(field);
    let (wide, narrow) = if side == Bound::After { (">=", ">=") } else { ("<=", "<") };
    let exact = format!("moment({column}, {}) {narrow} ?", format_number(field.format));
    let nanos = Value::Integer(nanoseconds(moment));
    match nearby(field.format, moment, side) {
        Some(near) => Part::new(format!("({column} {wide} ? AND {exact})"), vec![near, nanos]),
        None => Part::new(exact, vec![nanos]),
    }
}

/// A stored value that lies a little beyond a moment; `None` where the column's order is not that of time.
fn nearby(format: Format, moment: DateTime<Utc>, side: Bound) -> Option<Value> {
    let value = match format {
        Format::Iso8601 | Format::Sqlite => Value::Text(date_beyond(moment, side)?.format("%Y-%m-%d").to_string()),
        Format::UnixSeconds
        | Format::UnixMillis
        | Format::UnixMicros
        | Format::UnixNanos
        | Format::DotnetTicks
        | Format::Webkit
        | Format::Filetime
        | Format::CoreData
        | Format::OleDate
        | Format::JulianDay => encode::timestamp(second_beyond(moment, side)?, format, None),
        Format::Auto | Format::Text | Format::Uuid | Format::Guid | Format::Ulid | Format::Hex => return None,
    };
    (value != Value::Null).then_some(value)
}

fn date_beyond(moment: DateTime<Utc>, side: Bound) -> Option<DateTime<Utc>> {
    match side {
        Bound::After => moment.checked_sub_days(Days::new(1)),
        // A date alone sorts before every moment of its day.
        Bound::Before => moment.checked_add_days(Days::new(2)),
    }
}

fn second_beyond(moment: DateTime<Utc>, side: Bound) -> Option<DateTime<Utc>> {
    let second = chrono::TimeDelta::seconds(1);
    match side {
        Bound::After => moment.checked_sub_signed(second),
        Bound::Before => moment.checked_add_signed(second),
    }
}
