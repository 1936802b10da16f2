//! Which column says when an event happened.

use super::super::field::Field;
use super::columns::{Search, at_home};
use super::fields::Choice;
use super::moments::{STEADY, is_modern};
use super::names::{self, rank};
use super::relation::Candidate;
use super::values::text;
use crate::codec::Format;

impl Search<'_> {
    pub(super) fn timestamp(&mut self) -> Option<Choice> {
        if self.relation.rows == 0 {
            return self.promised(names::TIMESTAMP, 3.0);
        }
        let home = self.home.clone();
        let (candidate, worth) = self.best(|candidate| {
            let (shape, named) = (&candidate.shape, rank(names::TIMESTAMP, &candidate.name));
            let Some(format) = shape.moment.filter(|_| !is_of_life(candidate)) else { return 0.0 };
            // Numbers are more often something else: without a name they must be of our time and count up.
            let counts = shape.ascending > STEADY && shape.distinct * 4 > shape.present;
            if !shape.text && (!is_modern(&candidate.values, format) || named < 1.0 && !counts) {
                return 0.0;
            }
            let foreign = if at_home(home.as_deref(), candidate) { 0.0 } else { 3.0 };
            (1.0 + named + 2.0 * shape.ascending + shape.coverage - foreign).max(0.1)
        })?;
        let format = candidate.shape.moment.unwrap_or(Format::Auto);
        let why = format!("The values of {} are moments.", candidate.name);
        let choice = Choice::new(Field::new(&candidate.sql).with_format(format), 0.55 + worth / 22.0, why);
        Some(self.with_fraction(candidate, choice))
    }

    /// Seconds whose fraction is in a column of its own, of the same name and more.
    fn with_fraction(&self, seconds: &Candidate, choice: Choice) -> Choice {
        let belongs =
            |it: &Candidate| it.name != seconds.name && it.name.starts_with(&seconds.name) && it.shape.integer;
        let fraction = self.free().map(|(_, it)| it).find(|it| belongs(it));
        let (Some(fraction), Format::UnixSeconds) = (fraction, choice.field.format) else { return choice };
        let most = fraction.values.iter().filter_map(|value| text(value).parse::<i64>().ok()).max().unwrap_or(0);
        let (factor, format) = match most {
            ..1_000 => (1_000, Format::UnixMillis),
            1_000..1_000_000 => (1_000_000, Format::UnixMicros),
            _ => (1_000_000_000, Format::UnixNanos),
        };
        let sql = format!("{} * {factor} + {}", seconds.sql, fraction.sql);
        let why = format!("{} holds the fraction of the seconds in {}.", fraction.name, seconds.name);
        Choice::new(Field::new(sql).with_format(format), choice.confidence, why)
    }
}

/// Whether a moment is one of the row's life: named so, unless every row has one and they are in the order of the rows.
fn is_of_life(candidate: &Candidate) -> bool {
    let shape = &candidate.shape;
    let last = names::is_last_change(&candidate.name);
    let steady = shape.ascending > 0.98 && shape.coverage > 0.99 && shape.distinct * 2 > shape.present;
    names::changes(&candidate.name) && (last || !steady)
}
