//! Whether two states say the same, however their numbers are written.
//!
//! A snapshot was written by the application, a state by the reducers: one may hold `8.0` where the other has `8.00` or
//! `8`. That is the same number, while everything else must be equal to the letter.

use serde_json::Value;

use super::change::{self, Change};

/// Whether two documents are equal, numbers by their value: `8`, `8.0` and `80e-1` are alike.
///
/// Numbers are compared by all of their digits: 9007199254740993 is not 9007199254740992.
#[must_use]
pub fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || Decimal::read(a.as_str()) == Decimal::read(b.as_str()),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| alike(a, b)))
        }
        (a, b) => a == b,
    }
}

/// What has to change in `expected` to give `found`, leaving out what is merely written in another way.
#[must_use]
pub fn differences(expected: &Value, found: &Value) -> Vec<Change> {
    let mut changes = change::diff(expected, found);
    changes.retain(|change| match (&change.before, &change.after) {
        (Some(before), Some(after)) => !alike(before, after),
        _ => true,
    });
    changes
}

/// A number by its value: its sign, its digits without zeros at either end, and the place of the last of them.
#[derive(Debug, PartialEq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads a number of JSON. `None` where the exponent is beyond all bounds.
    fn read(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i64 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
        let all = format!("{whole}{fraction}");
        let kept = all.trim_end_matches('0');
        let dropped = i64::try_from(all.len() - kept.len()).ok()?;
        let digits = kept.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(dropped)?;
        Some(Self { negative, digits, exponent })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_are_alike_by_value() {
        for (a, b) in
            [("8", "8.0"), ("8.00", "80e-1"), ("0", "-0.0"), ("1e3", "1000"), ("1E+2", "100"), ("0.10", "1e-1")]
        {
            assert!(alike(&number(a), &number(b)), "{a} and {b}");
        }
        for (a, b) in
            [("8", "-8"), ("9007199254740993", "9007199254740992"), ("0.1", "0.10000000000000001"), ("1", "10")]
        {
            assert!(!alike(&number(a), &number(b)), "{a} and {b}");
        }
    }

    #[test]
    fn everything_else_is_equal_to_the_letter() {
        assert!(alike(&json!({"a": [1, {"b": null}]}), &json!({"a": [1, {"b": null}]})));
        assert!(!alike(&json!({"a": "8"}), &json!({"a": 8})));
        assert!(!alike(&json!({"a": null}), &json!({})));
        assert!(!alike(&json!([1, 2]), &json!([2, 1])));
        let found = differences(
            &json!({"a": 1, "b": 2, "c": [1]}),
            &serde_json::from_str(r#"{"a":1.0,"b":3,"c":[]}"#).unwrap(),
        );
        let paths: Vec<_> = found.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["/b", "/c/0"]);
    }
}
