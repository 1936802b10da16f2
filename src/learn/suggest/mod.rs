//! Suggests reducers from the events alone: from their types, their fields, and how their values behave.
//!
//! Precision goes before completeness: what belongs to the event alone is no state. The first event of a stream is the
//! beginning, and what it says is state; a later field of the same name replaces it; an event that happens once to a
//! stream adds what it says; one that happens again and again does so only where its words say what it does: add to a
//! number or take from it, add a thing that has a key or remove it, or change what has the same name.
//!
//! Where the events say much that nothing comes of, as memos, fees and channels are that turn up in events of all
//! kinds, less is believed: what another event confirms, and what a first event says of its own that no other speaks of.

mod collections;
mod confirmed;
mod draft;
mod fields;
mod lists;
mod marks;
mod numbers;
mod told;

use super::effect::Effect;
use super::expression::Expr;
use super::facts::{Facts, Field};
use super::found::{Found, described};
use super::node::Node;
use super::tally::Tally;
use super::verbs;
use super::words::{is_beginning, words};
use draft::Draft;
use fields::{is_container, is_part_of_name, mentions, styled};

pub(super) use fields::Strays;

/// What the events of one aggregate type suggest; nothing where they suggest nothing.
pub(super) fn suggest(aggregate_type: &str, facts: &Facts, strays: &Strays) -> Option<Found> {
    let root = state(aggregate_type, facts, strays)?;
    let mut found = described(aggregate_type, facts, &root, &Tally::default(), &Tally::default());
    found.aggregate.suggested = true;
    Some(found)
}

/// The state that the events of one aggregate type suggest.
pub(super) fn state(aggregate_type: &str, facts: &Facts, strays: &Strays) -> Option<Node> {
    let mut draft = Draft::new(aggregate_type, facts, strays);
    if draft.strays.are_many() {
        draft.confirmed();
        draft.told();
        draft.lists();
        draft.filed();
        draft.held_things();
        draft.listed_things();
        draft.counterparts();
        draft.flags();
        draft.toggles();
        draft.unspoken();
        draft.contained();
    } else {
        draft.beginnings();
        draft.contained();
        draft.told();
        draft.flags();
        draft.toggles();
        draft.lists();
        draft.filed();
        draft.said_of_things();
        draft.collections();
        draft.changes();
        draft.amounts();
        draft.status();
    }
    draft.finish()
}

impl Draft<'_> {
    /// What the first events of streams say is state.
    fn beginnings(&mut self) {
        for kind in self.beginning_kinds() {
            for (index, field) in self.members(kind) {
                let Some(name) = self.begun_name(field) else { continue };
                self.effect(&name, kind, Effect::Set(Expr::Field(index)));
            }
        }
    }

    /// What a field of a first event is called in the state: `initial_title` is the title, unless a later event is about
    /// that and says it in other words.
    fn begun_name(&self, field: &Field) -> Option<String> {
        let parts = words(field.name());
        if is_part_of_name(field) || is_container(field.name()) || self.is_placed(&parts) {
            return None;
        }
        let Some((first, rest)) = parts.split_first().filter(|(first, rest)| is_beginning(first) && !rest.is_empty())
        else {
            return Some(field.name().to_owned());
        };
        let stem = field.name().get(first.len()..)?.trim_start_matches(['_', '-', ' ']);
        let told = self.others().into_iter().filter_map(|kind| self.kind(kind));
        let open = told.into_iter().any(|kind| mentions(&kind.event_type, &rest.join("_")));
        (!open).then(|| styled(&rest.join("_"), stem).to_string())
    }

    /// Whether a later event says the same in parts: `address_city` is the `city` of `address_moved`, and the state may
    /// have an address with a city.
    fn is_placed(&self, parts: &[String]) -> bool {
        self.others().into_iter().any(|kind| {
            let Some(subject) = self.subject_of(kind).filter(|subject| !subject.is_empty()) else { return false };
            let rest = parts.strip_prefix(subject.as_slice()).unwrap_or_default();
            !rest.is_empty() && self.members(kind).iter().any(|(_, field)| words(field.name()) == rest)
        })
    }

    /// A later field of the same name replaces what was; what happens once adds what it says.
    fn changes(&mut self) {
        for kind in self.others() {
            let Some(known) = self.kind(kind) else { continue };
            let adds = verbs::direction(&known.event_type) != 0 && !verbs::assigns(&known.event_type);
            let (once, otherwise) = (self.habit(kind).once, verbs::says(&known.event_type));
            // What a thing's new state comes with, and to whom it is given, it has from then on.
            let marks = verbs::becomes(&known.event_type).is_some() && self.is_about_all(kind);
            let given = verbs::assigns(&known.event_type) && !self.has_key(kind);
            for (index, field) in self.members(kind) {
                let name = field.name().to_owned();
                let is_known = self.leaves.contains_key(&*name);
                let counted = adds && field.counts();
                // What a change that happens again and again is about, its type says.
                let says = once || marks || given || otherwise && mentions(&known.event_type, &name);
                if !counted && (is_known || says && (marks || !adds)) {
                    self.effect(&name, kind, Effect::Set(Expr::Field(index)));
                }
            }
        }
    }
}
