//! The earliest and the latest of stored times. Most are told apart as they are stored; only where two are written in
//! different ways are both read as moments.

use std::cmp::Ordering;

use rusqlite::types::ValueRef;

use super::value::Stored;
use crate::codec::{Format, decode};
use crate::event::Timestamp;

/// The earliest and the latest of the times that it was shown. One that cannot be read as a moment is neither, unless
/// there is no other.
#[derive(Clone, Debug)]
pub(crate) struct Ends {
    format: Format,
    first: Option<End>,
    last: Option<End>,
}

#[derive(Clone, Debug)]
struct End {
    stored: Stored,
    form: Option<Form>,
}

/// How a time is written: those that are written alike sort as their moments do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A number of units that the format names.
    Number,
    /// A date and a time of so many bytes in all (RFC 3339, section 5.6), with what stands between the two, in UTC or
    /// without a zone.
    Text { length: usize, between: u8, is_utc: bool },
}

impl Ends {
    /// Those of no times yet, which are stored in a format.
    pub(crate) fn new(format: Format) -> Self {
        Self { format, first: None, last: None }
    }

    /// Takes in one more time.
    pub(crate) fn take(&mut self, value: ValueRef<'_>) {
        if value == ValueRef::Null {
            return;
        }
        let form = form(value, self.format);
        let format = self.format;
        let is_beyond = |end: &Option<End>, side: Ordering| {
            end.as_ref().is_none_or(|end| lies((value, form), side, (end.stored.as_ref(), end.form), format))
        };
        if is_beyond(&self.first, Ordering::Less) {
            self.first = Some(End { stored: Stored::from(value), form });
        }
        if is_beyond(&self.last, Ordering::Greater) {
            match (&mut self.last, value) {
                (Some(End { stored: Stored::Text(bytes), form: before }), ValueRef::Text(text))
                    if bytes.len() == text.len() =>
                {
                    bytes.copy_from_slice(text);
                    *before = form;
                }
                (last, _) => *last = Some(End { stored: Stored::from(value), form }),
            }
        }
    }

    /// Takes in what others took in of other times.
    pub(crate) fn join(&mut self, other: &Self) {
        for end in [&other.first, &other.last].into_iter().flatten() {
            self.take(end.stored.as_ref());
        }
    }

    /// The earliest and the latest.
    pub(crate) fn times(&self) -> [Option<Timestamp>; 2] {
        [&self.first, &self.last]
            .map(|end| end.as_ref().and_then(|end| decode::timestamp(end.stored.as_ref(), self.format)))
    }
}

/// Whether one time lies on a side of another. One that cannot be read as a moment gives way to each that can.
fn lies(
    this: (ValueRef<'_>, Option<Form>),
    side: Ordering,
    other: (ValueRef<'_>, Option<Form>),
    format: Format,
) -> bool {
    if this.1.is_some() && this.1 == other.1 {
        return match (this.0, other.0) {
            (ValueRef::Text(this), ValueRef::Text(other)) => this.cmp(other) == side,
            (ValueRef::Integer(this), ValueRef::Integer(other)) => this.cmp(&other) == side,
            _ => false,
        };
    }
    let moment = |value| decode::timestamp(value, format).and_then(|time| time.utc);
    match (moment(this.0), moment(other.0)) {
        (Some(this), Some(other)) => this.cmp(&other) == side,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// How a time is written; `None` where only reading it tells when it is.
fn form(value: ValueRef<'_>, format: Format) -> Option<Form> {
    match value {
        // Where the unit is guessed, a larger number may be of a smaller unit.
        ValueRef::Integer(number) => {
            let is_moment = decode::timestamp(ValueRef::Integer(number), format).is_some_and(|time| time.utc.is_some());
            (names_unit(format) && is_moment).then_some(Form::Number)
        }
        ValueRef::Text(text) => text_form(text),
        _ => None,
    }
}

/// Whether a format names the unit that its numbers count.
fn names_unit(format: Format) -> bool {
    matches!(
        format,
        Format::UnixSeconds
            | Format::UnixMillis
            | Format::UnixMicros
            | Format::UnixNanos
            | Format::Webkit
            | Format::Filetime
            | Format::CoreData
    )
}

fn text_form(text: &[u8]) -> Option<Form> {
    let (date_and_time, rest) = text.split_at_checked(19)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, between @ (b'T' | b' '), h1, h2, b':', n1, n2, b':', s1, s2] =
        date_and_time
    else {
        return None;
    };
    let number = |tens: &u8, ones: &u8| {
        (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + ones - b'0')
    };
    let year = number(y1, y2).zip(number(y3, y4)).is_some();
    // Every month has 28 days; the others are left to a calendar.
    let day = (1..=12).contains(&number(m1, m2)?) && (1..=28).contains(&number(d1, d2)?);
    let time = number(h1, h2)? < 24 && number(n1, n2)? < 60 && number(s1, s2)? < 60;
    let (fraction, is_utc) = rest.strip_suffix(b"Z").map_or((rest, false), |fraction| (fraction, true));
    let plain = match fraction {
        [] => true,
        [b'.', digits @ ..] => !digits.is_empty() && digits.len() <= 9 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    (year && day && time && plain).then_some(Form::Text { length: text.len(), between: *between, is_utc })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Ends {
        fn take_all(&mut self, values: &[Stored]) {
            for value in values {
                self.take(value.as_ref());
            }
        }
    }

    fn of(values: &[Stored], format: Format) -> [Option<Timestamp>; 2] {
        let mut ends = Ends::new(format);
        ends.take_all(values);
        ends.times()
    }

    /// Each is read as a moment.
    fn plainly(values: &[Stored], format: Format) -> [Option<i64>; 2] {
        let moments = || {
            let moment = |value: &Stored| Some(decode::timestamp(value.as_ref(), format)?.utc?.timestamp_micros());
            values.iter().filter_map(moment)
        };
        [moments().min(), moments().max()]
    }

    fn micros(times: [Option<Timestamp>; 2]) -> [Option<i64>; 2] {
        times.map(|time| Some(time?.utc?.timestamp_micros()))
    }

    fn any_time() -> impl Strategy<Value = Stored> {
        let digits = |most: u8| (0..=most).prop_map(|number| format!("{number:02}"));
        let text = (
            (digits(14), digits(32), digits(24), digits(60)),
            prop::sample::select(vec!["T", " ", "t"]),
            prop::sample::select(vec!["", ".1", ".10", ".123456", "."]),
            prop::sample::select(vec!["", "Z", "+02:00", "-11:00", "z"]),
        );
        let text = text.prop_map(|((month, day, hour, minute), between, fraction, zone)| {
            Stored::text(format!("2025-{month}-{day}{between}{hour}:{minute}:07{fraction}{zone}"))
        });
        prop_oneof![
            8 => text,
            1 => any::<i64>().prop_map(Stored::Integer),
            1 => (1_000_000_000_i64..2_000_000_000).prop_map(Stored::Integer),
            1 => Just(Stored::text("never")),
            1 => Just(Stored::Null),
        ]
    }

    proptest! {
        #[test]
        fn the_ends_are_those_of_the_moments(
            values in prop::collection::vec(any_time(), 0..12),
            format in prop::sample::select(vec![Format::Auto, Format::Iso8601, Format::UnixSeconds, Format::UnixMillis]),
        ) {
            prop_assert_eq!(micros(of(&values, format)), plainly(&values, format));
            let (before, behind) = values.split_at(values.len() / 2);
            let mut ends = Ends::new(format);
            ends.take_all(before);
            let mut others = Ends::new(format);
            others.take_all(behind);
            ends.join(&others);
            prop_assert_eq!(micros(ends.times()), plainly(&values, format));
        }
    }

    #[test]
    fn a_time_that_cannot_be_read_is_told_where_there_is_no_other() {
        let [first, last] = of(&[Stored::text("never"), Stored::text("soon")], Format::Auto);
        assert_eq!(first.map(|time| time.stored.to_string()).as_deref(), Some("never"));
        assert!(last.is_some_and(|time| time.utc.is_none()));
        assert_eq!(of(&[Stored::Null], Format::Auto), [None, None]);
    }
}
