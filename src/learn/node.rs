//! A state as a tree of machines, and how an event moves it.

use std::sync::Arc;

use indexmap::IndexMap;

use super::derived::Derived;
use super::effect::Effect;
use super::facts::{Fact, Facts, Root};
use super::machine::Input;
use super::search::Leaf;
use super::value::{Members, V};

/// A part of the state.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A value that is one to the learner, whatever it holds.
    Leaf(Leaf),
    Record(Record),
    Entries(Entries),
    /// What follows from other parts of the state.
    Derived(Derived),
}

/// An object whose members are always called the same.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) members: Vec<(Arc<str>, Node)>,
    /// Whether it is there, or null, where that does not follow from its members.
    pub(super) base: Option<Leaf>,
}

/// A map whose keys come from the events, or a list whose elements are known by one of their members.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    /// The member that names an element, for a list.
    pub(super) list: Option<Arc<str>>,
    /// Whether there is a map or list, if only an empty one.
    pub(super) base: Leaf,
    /// The inputs of the entries.
    pub(super) inputs: Arc<[Input]>,
    /// For each input of the whole the inputs of the entries, with the field that names the entry; none for all of them.
    pub(super) routes: Vec<Vec<(Option<usize>, usize)>>,
    pub(super) entry: Box<Node>,
    /// For each input of the entries whether it is for entries that are there only.
    pub(super) guarded: Vec<bool>,
}

/// A part of a state at one moment.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Leaf(V),
    Record(V, Vec<Cell>),
    Entries(V, IndexMap<Arc<str>, Cell>),
    Derived,
}

impl Node {
    /// What there is before the first event.
    pub(super) fn start(&self) -> Cell {
        match self {
            Self::Leaf(leaf) => Cell::Leaf(leaf.initial.clone()),
            Self::Record(record) => {
                let base = record.base.as_ref().map(|base| base.initial.clone()).unwrap_or_default();
                Cell::Record(base, record.members.iter().map(|(_, node)| node.start()).collect())
            }
            Self::Entries(entries) => Cell::Entries(entries.base.initial.clone(), IndexMap::new()),
            Self::Derived(_) => Cell::Derived,
        }
    }

    /// Takes an event.
    pub(super) fn step(&self, cell: &mut Cell, input: usize, fact: &Fact) {
        match (self, cell) {
            (Self::Leaf(leaf), Cell::Leaf(x)) => apply(leaf, input, x, fact),
            (Self::Record(record), Cell::Record(base, cells)) => {
                if let Some(leaf) = &record.base {
                    apply(leaf, input, base, fact);
                }
                for ((_, node), cell) in record.members.iter().zip(cells) {
                    node.step(cell, input, fact);
                }
            }
            (Self::Entries(entries), Cell::Entries(base, cells)) => entries.step(base, cells, input, fact),
            _ => {}
        }
    }

    /// The value of a part, what is derived left out.
    pub(super) fn value(&self, cell: &Cell) -> V {
        match (self, cell) {
            (Self::Leaf(_), Cell::Leaf(x)) => x.clone(),
            (Self::Record(record), Cell::Record(base, cells)) => {
                let members = record.members.iter().zip(cells).filter_map(|((key, node), cell)| {
                    let value = node.value(cell);
                    (!value.is_missing()).then(|| (key.clone(), value))
                });
                let members: Members = members.collect();
                if members.is_empty() { base.clone() } else { V::Object(Arc::new(members)) }
            }
            (Self::Entries(entries), Cell::Entries(base, cells)) => entries.value(base, cells),
            _ => V::Missing,
        }
    }

    /// The value of the whole state, with what is derived.
    pub(super) fn state(&self, cell: &Cell) -> V {
        let mut state = self.value(cell);
        if let Self::Record(record) = self {
            let derived = record.members.iter().filter_map(|(key, node)| match node {
                Self::Derived(derived) => Some((key.clone(), derived.of(&state))),
                _ => None,
            });
            let derived: Vec<_> = derived.filter(|(_, value)| !value.is_missing()).collect();
            if let (false, V::Object(members)) = (derived.is_empty(), &mut state) {
                Arc::make_mut(members).extend(derived);
            }
        }
        state
    }

    /// The bits that remain to be noted.
    pub(super) fn misses(&self) -> f64 {
        match self {
            Self::Leaf(leaf) => leaf.misses,
            Self::Record(record) => {
                record.members.iter().map(|(_, node)| node.misses()).sum::<f64>()
                    + record.base.as_ref().map_or(0.0, |base| base.misses)
            }
            Self::Entries(entries) => entries.entry.misses() + entries.base.misses,
            Self::Derived(derived) => derived.misses,
        }
    }

    /// Whether an effect somewhere reads what the state was before.
    pub(super) fn reads_before(&self, facts: &Facts, kinds: &[usize]) -> bool {
        let reads = |leaf: &Leaf| {
            leaf.effects.iter().zip(kinds).any(|(effect, kind)| {
                let fields = effect.expr().map(super::expression::Expr::fields).unwrap_or_default();
                let known = |field: usize| facts.kinds.get(*kind).and_then(|kind| kind.fields.get(field));
                fields.into_iter().filter_map(known).any(|field| field.root == Root::Before)
            })
        };
        match self {
            Self::Leaf(leaf) => reads(leaf),
            Self::Record(record) => {
                record.base.as_ref().is_some_and(reads)
                    || record.members.iter().any(|(_, node)| node.reads_before(facts, kinds))
            }
            Self::Entries(entries) => {
                let inner: Vec<usize> = entries.inputs.iter().map(|input| input.kind).collect();
                reads(&entries.base) || entries.entry.reads_before(facts, &inner)
            }
            Self::Derived(_) => false,
        }
    }

    /// Whether an event removes the whole: every leaf that some event sets is deleted.
    pub(super) fn deletes(&self, input: usize) -> bool {
        match self {
            Self::Leaf(leaf) => matches!(leaf.effects.get(input), Some(Effect::Delete)),
            Self::Record(record) => {
                !record.members.is_empty()
                    && record.members.iter().all(|(_, node)| node.deletes(input) || node.is_idle())
            }
            Self::Entries(entries) => {
                matches!(entries.base.effects.get(input), Some(Effect::Delete)) || entries.clears(input)
            }
            Self::Derived(_) => true,
        }
    }

    /// Whether no event does anything to it.
    pub(super) fn is_idle(&self) -> bool {
        match self {
            Self::Leaf(leaf) => leaf.initial.is_missing() && leaf.effects.iter().all(|effect| *effect == Effect::Keep),
            Self::Record(record) => record.members.iter().all(|(_, node)| node.is_idle()),
            Self::Entries(entries) => entries.entry.is_idle(),
            Self::Derived(_) => false,
        }
    }

    /// Whether an event does anything to it.
    pub(super) fn moves(&self, input: usize) -> bool {
        let leaf_moves = |leaf: &Leaf| leaf.effects.get(input).is_some_and(|effect| *effect != Effect::Keep);
        match self {
            Self::Leaf(leaf) => leaf_moves(leaf),
            Self::Record(record) => {
                record.members.iter().any(|(_, node)| node.moves(input)) || record.base.as_ref().is_some_and(leaf_moves)
            }
            Self::Entries(entries) => {
                let routes = entries.routes.get(input).into_iter().flatten();
                leaf_moves(&entries.base) || routes.into_iter().any(|(_, inner)| entries.entry.moves(*inner))
            }
            Self::Derived(_) => false,
        }
    }

    /// Whether after an event the whole is certainly there, and complete.
    pub(super) fn sets(&self, input: usize) -> bool {
        match self {
            Self::Leaf(leaf) => matches!(leaf.effects.get(input), Some(Effect::Set(_))),
            Self::Record(record) => {
                !record.members.is_empty() && record.members.iter().all(|(_, node)| node.sets(input) || node.is_idle())
            }
            Self::Entries(entries) => matches!(entries.base.effects.get(input), Some(Effect::Set(_))),
            Self::Derived(_) => true,
        }
    }
}

impl Entries {
    /// Has events of some kinds reach every entry, as inputs after those that there are.
    pub(super) fn clear_by(&mut self, kinds: &[usize]) {
        let mut inputs = self.inputs.to_vec();
        for kind in kinds {
            if let Some(routes) = self.routes.get_mut(*kind) {
                routes.push((None, inputs.len()));
            }
            inputs.push(Input { kind: *kind, keys: vec![None] });
            self.guarded.push(false);
        }
        self.inputs = inputs.into();
    }

    /// Whether an event removes all entries.
    pub(super) fn clears(&self, input: usize) -> bool {
        let mut routes = self.routes.get(input).into_iter().flatten();
        routes.any(|(field, inner)| field.is_none() && self.entry.deletes(*inner))
    }

    fn step(&self, base: &mut V, cells: &mut IndexMap<Arc<str>, Cell>, input: usize, fact: &Fact) {
        apply(&self.base, input, base, fact);
        if base.is_nothing() && !matches!(self.base.effects.get(input), None | Some(Effect::Keep)) {
            cells.clear();
        }
        for (field, inner) in self.routes.get(input).into_iter().flatten() {
            if !self.entry.moves(*inner) {
                continue;
            }
            let Some(field) = field else {
                for cell in cells.values_mut() {
                    self.entry.step(cell, *inner, fact);
                }
                cells.retain(|_, cell| !self.entry.value(cell).is_missing());
                continue;
            };
            let Some(key) = fact.value(*field).as_key() else { continue };
            if self.guarded.get(*inner) == Some(&true) && !cells.contains_key(&key) {
                continue;
            }
            let cell = cells.entry(key.clone()).or_insert_with(|| self.entry.start());
            self.entry.step(cell, *inner, fact);
            if self.entry.value(cell).is_missing() {
                cells.shift_remove(&key);
            }
        }
    }

    fn value(&self, base: &V, cells: &IndexMap<Arc<str>, Cell>) -> V {
        if cells.is_empty() {
            return base.clone();
        }
        let values = cells.iter().map(|(key, cell)| (key.clone(), self.entry.value(cell)));
        if self.list.is_some() {
            V::List(Arc::new(values.map(|(_, value)| value).collect()))
        } else {
            V::Object(Arc::new(values.collect()))
        }
    }
}

fn apply(leaf: &Leaf, input: usize, x: &mut V, fact: &Fact) {
    if let Some(effect) = leaf.effects.get(input) {
        effect.apply(x, fact);
    }
}
