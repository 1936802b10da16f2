//! What a person changes in the rules of one aggregate type.

use std::collections::BTreeMap;

use crate::event::Position;

/// A part of the rules that is written by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RulePart {
    /// The state before the first event, as JSON.
    Initial,
    /// The rule for an event type.
    Rule(String),
    /// What turns the data of an event type's old schema version into that of the next.
    Upcast(String, u64),
}

/// A part of the rules that is begun with a text.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleStart {
    /// An event whose stream is of the aggregate type that the rules are for.
    pub event: Position,
    /// The part.
    pub part: RulePart,
    /// What it begins with.
    pub text: String,
}

/// What is to be other in a reducers file, for one aggregate type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleEdits {
    /// The aggregate type; empty where the streams of a database have none.
    pub aggregate_type: String,
    /// The rules by event type; without one the event type has no rule of its own.
    pub rules: BTreeMap<String, Option<String>>,
    /// The state before the first event as JSON, where that is changed; nothing but blanks is an empty state.
    pub initial: Option<String>,
    /// The upcasters by event type and by the schema version that they take; without a text there is none.
    pub upcasts: BTreeMap<(String, u64), Option<String>>,
}

impl RuleEdits {
    /// Nothing is changed yet.
    #[must_use]
    pub fn new(aggregate_type: impl Into<String>) -> Self {
        Self { aggregate_type: aggregate_type.into(), ..Self::default() }
    }

    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.initial.is_none() && self.upcasts.is_empty()
    }

    /// Changes a part; no text takes it away.
    pub fn set(&mut self, part: RulePart, text: Option<String>) {
        match part {
            RulePart::Initial => self.initial = Some(text.unwrap_or_default()),
            RulePart::Rule(event_type) => drop(self.rules.insert(event_type, text)),
            RulePart::Upcast(event_type, from) => drop(self.upcasts.insert((event_type, from), text)),
        }
    }

    /// Every part that is changed and not taken away, with its text.
    pub fn written(&self) -> impl Iterator<Item = (RulePart, &str)> {
        let initial = self.initial.iter().map(|text| (RulePart::Initial, text.as_str()));
        let rules = self.rules.iter();
        let rules = rules.filter_map(|(name, text)| Some((RulePart::Rule(name.clone()), text.as_deref()?)));
        let upcasts = self.upcasts.iter();
        let upcasts =
            upcasts.filter_map(|((name, from), text)| Some((RulePart::Upcast(name.clone(), *from), text.as_deref()?)));
        initial.chain(rules).chain(upcasts)
    }
}

/// What a person says of a place in the state that is not right, by its JSON Pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Correction {
    /// It has another value.
    Value(String),
    /// It is no part of the state.
    NoState(String),
    /// Something is missing there, or beside it.
    Missing(String),
}
