//! The questions to a stream's history, and what is found.

use std::sync::Arc;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::event::{StreamName, Version};
use crate::model::Condition;
use crate::replay::Moment;
use crate::replay::probe::{Truth, ValueAt};
use crate::session::one_line;

/// The longest text of a value that is kept: the value itself is in the state at its version.
const LONGEST: usize = 200;

/// A question to the history of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// Every value that the place at a JSON Pointer had.
    Values(String),
    /// Where each of these conditions was met.
    Hits(Vec<Condition>),
}

/// A question, and the stream that it is put to.
pub(in crate::session) type AskKey = (StreamName, Question);

/// What the worker found: the generation of the question, the question, and more findings to it.
pub(in crate::session) type AskAnswer = (u64, AskKey, Result<MoreFindings>);

/// Findings that go on from the `from`th.
#[derive(Debug)]
pub(in crate::session) struct MoreFindings {
    pub(in crate::session) from: usize,
    pub(in crate::session) found: Found,
    pub(in crate::session) folded: u64,
    pub(in crate::session) complete: bool,
    pub(in crate::session) limited: bool,
}

/// What was found so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// The findings, in the order of the stream.
    pub found: Found,
    /// How many events were folded.
    pub folded: u64,
    /// Whether every event of the stream was.
    pub complete: bool,
    /// Whether there are so many findings that the rest was left.
    pub limited: bool,
    /// Whether a person stopped it.
    pub stopped: bool,
}

/// The findings of one question.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Values.
    Values(Vec<ValueStep>),
    /// Where conditions were met.
    Hits(Vec<Hit>),
}

/// A value that a place had, and the event that gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueStep {
    /// The event.
    pub moment: Moment,
    /// The value from then on, as far as a line goes; `None` where the event removed it.
    pub text: Option<String>,
    /// The value where it is a number.
    pub number: Option<f64>,
}

/// A version at which a condition was met.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Which of the conditions.
    pub condition: usize,
    /// The event.
    pub moment: Moment,
    /// Whether the condition holds from then on; always so for an event type.
    pub truth: Truth,
    /// What the condition looks at, before the event; `None` where that is not one place, or nothing was there.
    pub before: Option<String>,
    /// The same after the event.
    pub after: Option<String>,
}

impl Default for Found {
    fn default() -> Self {
        Self::Values(Vec::new())
    }
}

impl Found {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Hits(hits) => hits.len(),
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Findings {
    /// The values, where those were asked for.
    #[must_use]
    pub fn values(&self) -> &[ValueStep] {
        match &self.found {
            Found::Values(values) => values,
            Found::Hits(_) => &[],
        }
    }

    /// Where the conditions were met, where that was asked for.
    #[must_use]
    pub fn hits(&self) -> &[Hit] {
        match &self.found {
            Found::Hits(hits) => hits,
            Found::Values(_) => &[],
        }
    }

    /// Whether nothing more is looked for.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.complete || self.limited || self.stopped
    }

    /// Takes more findings in; whether they go on from what is here.
    pub(super) fn go_on(&mut self, more: MoreFindings) -> bool {
        let MoreFindings { from, found, folded, complete, limited } = more;
        match (&mut self.found, found) {
            (Found::Values(known), Found::Values(more)) if from == known.len() => known.extend(more),
            (Found::Hits(known), Found::Hits(more)) if from == known.len() => known.extend(more),
            (known, more) if from == 0 => *known = more,
            _ => return false,
        }
        (self.folded, self.complete, self.limited) = (folded, complete, limited);
        true
    }
}

impl From<ValueAt> for ValueStep {
    fn from(ValueAt { moment, value }: ValueAt) -> Self {
        let number = value.as_ref().and_then(Value::as_f64).filter(|number| number.is_finite());
        Self { moment, text: value.as_ref().map(line), number }
    }
}

/// A value as one line of JSON, as far as that goes.
pub(super) fn line(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        // What is not seen need not be written out.
        Value::String(text) => one_line(&Value::from(cut(text)).to_string()),
        Value::Array(items) if items.len() > LONGEST => format!("[{} values]", items.len()),
        Value::Object(map) if map.len() > LONGEST => format!("{{{} values}}", map.len()),
        Value::Array(_) | Value::Object(_) => one_line(&value.to_string()),
    }
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

/// Why a condition cannot be used, in words; nothing where it can.
///
/// # Errors
/// What is wrong with it, and at which character.
pub fn check_condition(condition: &Condition) -> Result<()> {
    match condition {
        Condition::When(text) => crate::replay::Predicate::compile(text).map(|_| ()),
        Condition::Type(text) if text.trim().is_empty() => Err(Error::bad_input("an event type has at least a letter")),
        Condition::Type(_) => Ok(()),
    }
}

/// Where a condition stands at a version: the last time that it was met up to then.
#[must_use]
pub fn standing(findings: &Arc<Findings>, condition: usize, version: Version) -> Option<&Hit> {
    let hits = findings.hits();
    let until = hits.partition_point(|hit| hit.moment.version <= version);
    hits.get(..until)?.iter().rev().find(|hit| hit.condition == condition)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn more(from: usize, versions: std::ops::Range<i64>) -> MoreFindings {
        let at = |version| ValueAt { moment: Moment { version, ..Moment::default() }, value: Some(json!(version)) };
        let found = Found::Values(versions.map(at).map(ValueStep::from).collect());
        MoreFindings { from, found, folded: 10, complete: false, limited: false }
    }

    #[test]
    fn findings_go_on_or_begin_anew_and_a_gap_is_refused() {
        let mut findings = Findings::default();
        assert!(findings.go_on(more(0, 0..3)));
        assert!(findings.go_on(more(3, 3..5)));
        assert_eq!(findings.values().len(), 5);
        assert!(!findings.go_on(more(9, 9..10)));
        assert!(findings.go_on(more(0, 7..8)));
        assert_eq!(findings.values()[0].text.as_deref(), Some("7"));
    }

    #[test]
    fn a_value_is_one_line_however_large() {
        assert_eq!(line(&json!("a\nb")), "\"a\\nb\"");
        assert!(line(&json!("x".repeat(100_000))).len() < 1000);
        assert_eq!(line(&json!(vec![1; 5000])), "[5000 values]");
    }

    #[test]
    fn a_condition_that_cannot_be_read_says_where() {
        assert!(check_condition(&Condition::When(".a <".into())).unwrap_err().to_string().contains("character"));
        assert!(check_condition(&Condition::When(".a < 0".into())).is_ok());
        assert!(check_condition(&Condition::Type(" ".into())).is_err());
    }
}
