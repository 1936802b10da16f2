//! A state while it is thought up: its leaves and maps, and what the events say of them.

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::super::effect::Effect;
use super::super::facts::{Facts, Field, Kind};
use super::super::node::{Entries, Node, Record};
use super::super::search::Leaf;
use super::fields::{Habit, Strays, habit, is_circumstance, is_everywhere, is_member};

/// A state while it is thought up.
pub(super) struct Draft<'f> {
    pub(super) aggregate_type: &'f str,
    pub(super) facts: &'f Facts,
    /// For each leaf of the state what each kind of event does to it.
    pub(super) leaves: IndexMap<Arc<str>, Vec<Effect>>,
    pub(super) maps: IndexMap<Arc<str>, Entries>,
    pub(super) habits: Vec<Habit>,
    /// The kinds that are accounted for as entries.
    pub(super) entered: HashSet<usize>,
    /// The fields that say how events came about.
    pub(super) strays: &'f Strays,
}

impl<'f> Draft<'f> {
    pub(super) fn new(aggregate_type: &'f str, facts: &'f Facts, strays: &'f Strays) -> Self {
        let habits = (0..facts.kinds.len()).map(|kind| habit(facts, kind)).collect();
        let (leaves, maps) = (IndexMap::new(), IndexMap::new());
        Self { aggregate_type, facts, leaves, maps, habits, entered: HashSet::new(), strays }
    }

    pub(super) fn kind(&self, kind: usize) -> Option<&'f Kind> {
        self.facts.kinds.get(kind)
    }

    pub(super) fn habit(&self, kind: usize) -> Habit {
        self.habits.get(kind).copied().unwrap_or_default()
    }

    pub(super) fn effect(&mut self, leaf: &str, kind: usize, effect: Effect) {
        let effects = self.leaves.entry(leaf.into()).or_insert_with(|| vec![Effect::Keep; self.facts.kinds.len()]);
        if let Some(place) = effects.get_mut(kind) {
            *place = effect;
        }
    }

    /// The members of a kind's data that may be state: those that are not in every event, and no id of the stream.
    pub(super) fn members(&self, kind: usize) -> Vec<(usize, &'f Field)> {
        let Some(known) = self.kind(kind) else { return Vec::new() };
        let fields = known.fields.iter().enumerate();
        let state = |(index, field): &(usize, &Field)| {
            is_member(field)
                && !is_circumstance(field)
                && !self.strays.has(field)
                && !is_everywhere(self.facts, &field.path)
                && !self.is_envelope(kind, *index)
        };
        fields.filter(state).collect()
    }

    /// Whether a field is the stream's own id, or the name of its type in the program.
    pub(super) fn is_envelope(&self, kind: usize, field: usize) -> bool {
        let mut events =
            self.facts.streams.iter().flat_map(|(name, events)| events.iter().map(move |event| (name, event)));
        let mut seen = 0;
        let own = !self.aggregate_type.is_empty();
        let alike = events.all(|(name, event)| {
            let Some(fact) = self.facts.events.get(*event).filter(|fact| fact.kind == kind) else { return true };
            seen += 1;
            let Some(text) = fact.value(field).as_text() else { return false };
            text == name.aggregate_id
                || (own && text != self.aggregate_type && text.ends_with(self.aggregate_type) && text.contains(':'))
        });
        seen > 0 && alike
    }

    /// The kinds that neither begin streams nor are accounted for.
    pub(super) fn others(&self) -> Vec<usize> {
        (0..self.facts.kinds.len()).filter(|kind| !self.habit(*kind).begins && !self.entered.contains(kind)).collect()
    }

    pub(super) fn beginning_kinds(&self) -> Vec<usize> {
        (0..self.facts.kinds.len()).filter(|kind| self.habit(*kind).begins).collect()
    }

    /// Sets a leaf with every event that begins a stream.
    pub(super) fn begin(&mut self, leaf: &str, effect: &Effect) {
        for kind in self.beginning_kinds() {
            self.effect(leaf, kind, effect.clone());
        }
    }

    /// The place of a member of a kind's data by its path.
    pub(super) fn member_like(&self, kind: usize, path: &[Arc<str>]) -> Option<usize> {
        let fields = &self.kind(kind)?.fields;
        fields.iter().position(|field| is_member(field) && field.path == path)
    }

    pub(super) fn finish(self) -> Option<Node> {
        let leaves = self.leaves.into_iter().map(|(name, effects)| (name, Node::Leaf(leaf(effects))));
        let mut members: Vec<(Arc<str>, Node)> = leaves.collect();
        members.extend(self.maps.into_iter().map(|(name, entries)| (name, Node::Entries(entries))));
        (!members.is_empty()).then_some(Node::Record(Record { members, base: None }))
    }
}

pub(super) fn leaf(effects: Vec<Effect>) -> Leaf {
    let inputs = effects.len();
    Leaf { effects, ..Leaf::idle(inputs) }
}
