//! The least and the largest of the numbers at a path.

use serde_json::Number;

use crate::insight::node::number;

/// Two numbers with their sizes.
#[derive(Clone, Debug)]
pub(super) struct Range {
    least: (f64, Number),
    most: (f64, Number),
}

impl Range {
    /// That of one number.
    pub(super) fn of(digits: &str) -> Option<Self> {
        let (size, number) = (size(digits), number(digits)?);
        Some(Self { least: (size, number.clone()), most: (size, number) })
    }

    /// Takes in a number.
    pub(super) fn widen(&mut self, digits: &str) {
        let size = size(digits);
        if is_before((size, digits), &self.least)
            && let Some(number) = number(digits)
        {
            self.least = (size, number);
        }
        if is_behind((size, digits), &self.most)
            && let Some(number) = number(digits)
        {
            self.most = (size, number);
        }
    }

    /// Takes in another range.
    pub(super) fn merge(&mut self, other: Self) {
        if is_before((other.least.0, other.least.1.as_str()), &self.least) {
            self.least = other.least;
        }
        if is_behind((other.most.0, other.most.1.as_str()), &self.most) {
            self.most = other.most;
        }
    }

    /// Its ends.
    pub(super) fn ends(&self) -> (&Number, &Number) {
        (&self.least.1, &self.most.1)
    }
}

/// The size of a number; 0 for one that is too large for a float, as `serde_json` has it.
fn size(digits: &str) -> f64 {
    digits.parse::<f64>().ok().filter(|size| size.is_finite()).unwrap_or_default()
}

/// Of numbers of one size that are written in several ways the one is named that is first by its text, in whatever
/// order they come.
fn is_before((size, digits): (f64, &str), than: &(f64, Number)) -> bool {
    size < than.0 || (size <= than.0 && digits < than.1.as_str())
}

fn is_behind((size, digits): (f64, &str), than: &(f64, Number)) -> bool {
    size > than.0 || (size >= than.0 && digits < than.1.as_str())
}
