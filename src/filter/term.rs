//! The syntax tree of a filter: terms, each a condition that may be negated.

use serde_json::Value;

use super::glob::Pattern;
use super::moment::Moment;
use super::path::Path;
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
    /// The data holds this text, in any case of A to Z.
    Text(String),
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

/// A kind of thing that an event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EffectKind {
    /// It changed a place, or nothing.
    Changed,
    /// Its rule failed, with a message that matches.
    Failed,
    /// There is no rule for its type, which matches.
    Unhandled,
}

impl EffectKind {
    /// Every kind, in the order in which a reader meets them.
    pub const ALL: [Self; 3] = [Self::Changed, Self::Failed, Self::Unhandled];

    /// The word that names it in a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Failed => "failed",
            Self::Unhandled => "unhandled",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A field of the envelope that is matched as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The event type.
    Type,
    /// The aggregate's id, or `TYPE/ID`.
    Stream,
    /// The aggregate's type.
    Aggregate,
    /// The event's own id.
    Id,
    /// The schema version, as stored.
    Schema,
    /// The actor.
    Actor,
    /// The kind of actor.
    ActorType,
    /// The source.
    Source,
    /// The correlation id.
    Correlation,
    /// The causation id.
    Causation,
}

impl Field {
    /// Every field, in the order in which a reader meets them.
    pub const ALL: [Self; 10] = [
        Self::Type,
        Self::Stream,
        Self::Aggregate,
        Self::Id,
        Self::Schema,
        Self::Actor,
        Self::ActorType,
        Self::Source,
        Self::Correlation,
        Self::Causation,
    ];

    /// The word that names it in a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Stream => "stream",
            Self::Aggregate => "aggregate",
            Self::Id => "id",
            Self::Schema => "schema",
            Self::Actor => "actor",
            Self::ActorType => "actor_type",
            Self::Source => "source",
            Self::Correlation => "correlation",
            Self::Causation => "causation",
        }
    }

    /// The field of a name, or of the longer name that databases use.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let short = match name {
            "event_type" => "type",
            "aggregate_type" => "aggregate",
            "aggregate_id" => "stream",
            "event_id" => "id",
            "schema_version" => "schema",
            "correlation_id" => "correlation",
            "causation_id" => "causation",
            other => other,
        };
        Self::ALL.into_iter().find(|field| field.name() == short)
    }
}

/// A field of the envelope that is compared as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberField {
    /// The place in the stream.
    Version,
    /// The place in the whole store.
    Position,
}

impl NumberField {
    /// The word that names it in a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Position => "position",
        }
    }
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Op {
    /// How it is written, in a filter and in SQL.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether values that compare as `ordering` meet it.
    #[must_use]
    pub fn allows(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

/// Which payload a path leads into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// The event's data.
    Data,
    /// The event's metadata.
    Metadata,
}

impl Root {
    /// The word that names it in a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Metadata => "metadata",
        }
    }
}

/// What a value inside a payload is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A number, digit by digit as typed. It compares by value with numbers, and with strings that are numbers:
    /// many stores write amounts as strings.
    Number(String),
    /// A text. It compares byte by byte with strings, and with the words `true`, `false` and `null`.
    Text(String),
}

impl Filter {
    /// Whether it keeps every event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
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
            let Condition::Number { field, op, value } = &term.condition else { continue };
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

    /// The opposite term.
    #[must_use]
    pub fn negated(mut self) -> Self {
        self.negated = !self.negated;
        self
    }
}
