//! Numbers as a person reads them.

use crate::session::Count;

/// A number with thousands separators: `18,442`.
#[must_use]
pub fn grouped(number: impl Into<i128>) -> String {
    let number: i128 = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with the noun it counts, and whether it is all of them: `1 event`, `18,442 events`, `4,096+ events`.
#[must_use]
pub fn counted(count: Count, one: &str, many: &str) -> String {
    let sign = if count.complete { "" } else { "+" };
    let noun = if count.value == 1 && count.complete { one } else { many };
    format!("{}{sign} {noun}", grouped(count.value))
}

/// Bytes as a person reads them.
#[must_use]
pub fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
    let of = |unit: u64| bytes as f64 / unit as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", of(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", of(1_000_000)),
        _ => format!("{:.1} GB", of(1_000_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(-1_234_567), "-1,234,567");
        assert_eq!(grouped(i64::MIN), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn sizes_have_one_digit_behind_the_point() {
        assert_eq!([999, 1_000, 12_345_678].map(size), ["999 B", "1.0 kB", "12.3 MB"].map(str::to_owned));
    }

    #[test]
    fn a_count_says_whether_it_is_all() {
        assert_eq!(counted(Count::complete(1), "event", "events"), "1 event");
        assert_eq!(counted(Count::so_far(1), "event", "events"), "1+ events");
        assert_eq!(counted(Count::complete(1204), "stream", "streams"), "1,204 streams");
    }
}
