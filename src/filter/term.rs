//! The syntax tree of a filter: terms, each a condition that may be negated.

use serde_json::Value;

use super::glob::Pattern;
use super::moment::Moment;
use super::path::Path;
use super::regex::Regex;
use super::words::{EffectKind, Field, NumberField, Op, Operand, Root};
use crate::event::StreamName;

/// A filter: every term is required. The empty filter keeps every event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// The terms, in the order in which they were typed.
    pub terms: Vec<Term>,
}

/// One condition, or its opposite.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// Keep the events that do *not* meet the condition, also those without the field.
    pub negated: bool,
    /// What is asked.
    pub condition: Condition,
}

/// What a term asks of an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// A field of the envelope matches one of the patterns.
    Matches {
        /// Which field.
        field: Field,
        /// The patterns; one of them is enough.
        patterns: Vec<Pattern>,
    },
    /// The version or position compares with a number.
    Number {
        /// Which of the two.
        field: NumberField,
        /// How it compares.
        op: Op,
        /// With what.
        value: i64,
    },
    /// Recorded at this moment or after it.
    After(Moment),
    /// Recorded before this moment.
    Before(Moment),
    /// A value inside the data or metadata matches one of the patterns: a string, or the text of a number, `true`,
    /// `false` or `null`. An object or array only matches `*`.
    PathMatches {
        /// Data or metadata.
        root: Root,
        /// Where in it.
        path: Path,
        /// The patterns; one of them is enough.
        patterns: Vec<Pattern>,
    },
    /// A value inside the data or metadata compares with an operand: see [`Operand`].
    Compare {
        /// Data or metadata.
        root: Root,
        /// Where in it.
        path: Path,
        /// How it compares.
        op: Op,
        /// With what.
        operand: Operand,
    },
    /// The version or position is one of these, both ends included.
    Range {
        /// Which of the two.
        field: NumberField,
        /// The smallest.
        from: i64,
        /// The largest.
        to: i64,
    },
    /// The data holds this text, in any case of A to Z.
    Text(String),
    /// The data matches a regular expression.
    Regex(Regex),
    /// One of these filters keeps the event. A single one only stands here to be negated.
    Group(Vec<Filter>),
    /// The event did something to the state of its stream. Only who folds the stream can tell.
    Effect(Effect),
}

/// What an event did to the state of its stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Effect {
    /// What kind of thing.
    pub kind: EffectKind,
    /// For what was changed the place, a JSON Pointer in which `*` stands for any run of characters of a key, or `none`;
    /// else a pattern.
    pub value: String,
}

impl Filter {
    /// Whether it keeps every event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it asks what events did, in groups, too.
    pub(super) fn asks_effects(&self) -> bool {
        self.terms.iter().any(|term| match &term.condition {
            Condition::Effect(_) => true,
            Condition::Group(filters) => filters.iter().any(Self::asks_effects),
            _ => false,
        })
    }

    /// The effects that it asks for, each with whether it is to be absent.
    pub fn effects(&self) -> impl Iterator<Item = (&Effect, bool)> {
        self.terms.iter().filter_map(|term| match &term.condition {
            Condition::Effect(effect) => Some((effect, term.negated)),
            _ => None,
        })
    }

    /// Whether it asks what events did: then streams have to be folded to answer it.
    #[must_use]
    pub fn has_effects(&self) -> bool {
        self.effects().next().is_some()
    }

    /// The same filter without what it asks of effects.
    #[must_use]
    pub fn without_effects(mut self) -> Self {
        self.terms.retain(|term| !matches!(term.condition, Condition::Effect(_)));
        self
    }

    /// The same filter with one more term; its double and its opposite go.
    #[must_use]
    pub fn with(mut self, term: Term) -> Self {
        self.terms.retain(|other| other.condition != term.condition);
        self.terms.push(term);
        self
    }

    /// The same filter with this value of its field alone: other terms about the field go.
    #[must_use]
    pub fn only(mut self, term: Term) -> Self {
        self.terms.retain(|other| match (&other.condition, &term.condition) {
            (Condition::Matches { field, .. }, Condition::Matches { field: only, .. }) => field != only,
            (other, only) => other != only,
        });
        self.terms.push(term);
        self
    }

    /// The same filter without the term at `index`.
    #[must_use]
    pub fn without(mut self, index: usize) -> Self {
        if index < self.terms.len() {
            self.terms.remove(index);
        }
        self
    }

    /// Whether its terms contradict each other so plainly that no event can be kept, whatever the database: two
    /// terms that are opposites, or a version or position in no range.
    #[must_use]
    pub fn matches_nothing(&self) -> bool {
        self.has_opposites() || self.range_is_empty(NumberField::Version) || self.range_is_empty(NumberField::Position)
    }

    fn has_opposites(&self) -> bool {
        self.terms.iter().any(|term| {
            term.negated && self.terms.iter().any(|other| !other.negated && other.condition == term.condition)
        })
    }

    fn range_is_empty(&self, wanted: NumberField) -> bool {
        let (mut low, mut high) = (i128::from(i64::MIN), i128::from(i64::MAX));
        for term in self.terms.iter().filter(|term| !term.negated) {
            let (field, op, value) = match &term.condition {
                Condition::Number { field, op, value } => (field, op, value),
                Condition::Range { field, from, to } if *field == wanted => {
                    (low, high) = (low.max(i128::from(*from)), high.min(i128::from(*to)));
                    continue;
                }
                _ => continue,
            };
            if *field != wanted {
                continue;
            }
            let value = i128::from(*value);
            match op {
                Op::Equal => (low, high) = (low.max(value), high.min(value)),
                Op::Less => high = high.min(value - 1),
                Op::AtMost => high = high.min(value),
                Op::Greater => low = low.max(value + 1),
                Op::AtLeast => low = low.max(value),
                Op::NotEqual => {}
            }
        }
        low > high
    }
}

impl Term {
    /// A term that requires a condition.
    #[must_use]
    pub fn new(condition: Condition) -> Self {
        Self { negated: false, condition }
    }

    /// Requires one of the filters to keep the event.
    #[must_use]
    pub fn any(filters: Vec<Filter>) -> Self {
        let mut flat = Vec::new();
        for mut filter in filters {
            match filter.terms.as_mut_slice() {
                // Alternatives in alternatives are no more than that.
                [Self { negated: false, condition: Condition::Group(inner) }] => flat.append(inner),
                _ => flat.push(filter),
            }
        }
        Self::new(Condition::Group(flat))
    }

    /// Requires a filter, which is not empty, not to keep the event.
    #[must_use]
    pub fn none(mut filter: Filter) -> Self {
        match filter.terms.pop() {
            Some(only) if filter.terms.is_empty() => only.negated(),
            Some(last) => {
                filter.terms.push(last);
                Self { negated: true, condition: Condition::Group(vec![filter]) }
            }
            None => Self { negated: true, condition: Condition::Group(vec![filter]) },
        }
    }

    /// The terms that it is made of, where it is a group of one filter; else itself.
    pub(super) fn opened(self) -> Vec<Self> {
        match self.condition {
            Condition::Group(mut filters) if !self.negated && filters.len() == 1 => {
                filters.pop().map(|only| only.terms).unwrap_or_default()
            }
            condition => vec![Self { condition, ..self }],
        }
    }

    /// Requires a field to be exactly `value`; a `*` in it is an asterisk.
    pub fn field(field: Field, value: impl Into<String>) -> Self {
        Self::new(Condition::Matches { field, patterns: vec![Pattern::literal(value)] })
    }

    /// Requires the event to be of this stream.
    #[must_use]
    pub fn stream(stream: &StreamName) -> Self {
        Self::field(Field::Stream, stream.to_string())
    }

    /// Requires the version or position to compare with a number.
    #[must_use]
    pub fn number(field: NumberField, op: Op, value: i64) -> Self {
        Self::new(Condition::Number { field, op, value })
    }

    /// Requires text in the data.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Condition::Text(text.into()))
    }

    /// Requires the value at a path to be this one. `None` for an object or array, which have no operand.
    #[must_use]
    pub fn path(root: Root, path: Path, value: &Value) -> Option<Self> {
        let operand = match value {
            Value::Number(number) => Operand::Number(number.to_string()),
            Value::String(text) => Operand::Text(text.clone()),
            Value::Bool(_) | Value::Null => Operand::Text(value.to_string()),
            Value::Object(_) | Value::Array(_) => return None,
        };
        Some(Self::new(Condition::Compare { root, path, op: Op::Equal, operand }))
    }

    /// Requires that there is something at a path.
    #[must_use]
    pub fn has(root: Root, path: Path) -> Self {
        Self::new(Condition::PathMatches {
            root,
            path,
            patterns: vec![Pattern::from_pieces([super::glob::Piece::Any])],
        })
    }

    /// The opposite term.
    #[must_use]
    pub fn negated(mut self) -> Self {
        self.negated = !self.negated;
        self
    }
}
