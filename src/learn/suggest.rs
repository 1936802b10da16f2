//! Suggests reducers from the events alone: from their types, their fields, and how their values behave.
//!
//! Precision goes before completeness: what belongs to the event alone is no state. The first event of a stream is the
//! beginning, and what it says is state; a later field of the same name replaces it; an event that happens once to a
//! stream adds what it says; one that happens again and again does so only where its words say what it does: add to a
//! number or take from it, add a thing that has a key or remove it, or change what has the same name.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::effect::Effect;
use super::expression::Expr;
use super::facts::{Facts, Field, Kind, Root};
use super::found::{Found, described};
use super::machine::Input;
use super::node::{Entries, Node, Record};
use super::search::Leaf;
use super::tally::Tally;
use super::value::V;
use super::verbs;
use super::words::{agreement, words};

/// What the events of one aggregate type suggest; nothing where they suggest nothing.
pub(super) fn suggest(aggregate_type: &str, facts: &Facts) -> Option<Found> {
    let mut draft = Draft::new(aggregate_type, facts);
    draft.beginnings();
    draft.collections();
    draft.changes();
    draft.amounts();
    draft.status();
    let root = draft.finish()?;
    let mut found = described(aggregate_type, facts, &root, &Tally::default(), &Tally::default());
    found.aggregate.suggested = true;
    Some(found)
}

/// A state while it is thought up.
struct Draft<'f> {
    aggregate_type: &'f str,
    facts: &'f Facts,
    /// For each leaf of the state what each kind of event does to it.
    leaves: IndexMap<Arc<str>, Vec<Effect>>,
    maps: IndexMap<Arc<str>, Entries>,
    habits: Vec<Habit>,
    /// The kinds that are accounted for as entries.
    entered: HashSet<usize>,
}

/// How a kind of event behaves.
#[derive(Clone, Copy, Default)]
struct Habit {
    /// It begins most of the streams that it occurs in.
    begins: bool,
    /// It happens to hardly any stream twice.
    once: bool,
}

impl<'f> Draft<'f> {
    fn new(aggregate_type: &'f str, facts: &'f Facts) -> Self {
        let habits = (0..facts.kinds.len()).map(|kind| habit(facts, kind)).collect();
        let (leaves, maps) = (IndexMap::new(), IndexMap::new());
        Self { aggregate_type, facts, leaves, maps, habits, entered: HashSet::new() }
    }

    fn kind(&self, kind: usize) -> Option<&'f Kind> {
        self.facts.kinds.get(kind)
    }

    fn habit(&self, kind: usize) -> Habit {
        self.habits.get(kind).copied().unwrap_or_default()
    }

    fn effect(&mut self, leaf: &str, kind: usize, effect: Effect) {
        let effects = self.leaves.entry(leaf.into()).or_insert_with(|| vec![Effect::Keep; self.facts.kinds.len()]);
        if let Some(place) = effects.get_mut(kind) {
            *place = effect;
        }
    }

    /// The members of a kind's data that may be state: those that are not in every event, and no id of the stream.
    fn members(&self, kind: usize) -> Vec<(usize, &'f Field)> {
        let Some(known) = self.kind(kind) else { return Vec::new() };
        let fields = known.fields.iter().enumerate();
        let state = |(index, field): &(usize, &Field)| {
            is_member(field) && !is_circumstance(field) && !self.is_everywhere(field) && !self.is_envelope(kind, *index)
        };
        fields.filter(state).collect()
    }

    /// Whether all kinds of events have a field of this name: it surrounds events, as their time does.
    fn is_everywhere(&self, field: &Field) -> bool {
        let has = |kind: &Kind| kind.fields.iter().any(|other| is_member(other) && other.path == field.path);
        self.facts.kinds.len() > 2 && self.facts.kinds.iter().all(has)
    }

    /// Whether a field is the stream's own id, or the name of its type in the program.
    fn is_envelope(&self, kind: usize, field: usize) -> bool {
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

    /// What the first events of streams say is state.
    fn beginnings(&mut self) {
        for kind in self.beginning_kinds() {
            for (index, field) in self.members(kind) {
                let name = field.name().to_owned();
                self.effect(&name, kind, Effect::Set(Expr::Field(index)));
            }
        }
    }

    /// A later field of the same name replaces what was; what happens once adds what it says.
    fn changes(&mut self) {
        for kind in self.others() {
            let Some(known) = self.kind(kind) else { continue };
            let adds = verbs::direction(&known.event_type) != 0;
            let says = self.habit(kind).once || verbs::changes(&known.event_type);
            for (index, field) in self.members(kind) {
                let name = field.name().to_owned();
                let is_known = self.leaves.contains_key(&*name);
                let counted = adds && field.counts();
                if !counted && (is_known || says && !adds) {
                    self.effect(&name, kind, Effect::Set(Expr::Field(index)));
                }
            }
        }
    }

    /// The kinds that neither begin streams nor are accounted for.
    fn others(&self) -> Vec<usize> {
        (0..self.facts.kinds.len()).filter(|kind| !self.habit(*kind).begins && !self.entered.contains(kind)).collect()
    }

    /// Numbers that some events add to and others take from.
    fn amounts(&mut self) {
        let later: Vec<usize> = (0..self.facts.kinds.len()).filter(|kind| !self.habit(*kind).begins).collect();
        for kind in later {
            let Some(known) = self.kind(kind) else { continue };
            let direction = verbs::direction(&known.event_type);
            let counts: Vec<_> = self.members(kind).into_iter().filter(|(_, field)| field.counts()).collect();
            let [(index, field)] = counts.as_slice() else { continue };
            if direction == 0 {
                continue;
            }
            let effect = |expr| if direction > 0 { Effect::Add(expr) } else { Effect::Subtract(expr) };
            if let Some(target) = self.target(field, &known.event_type) {
                self.effect(&target, kind, effect(Expr::Field(*index)));
            }
        }
    }

    /// The number that an amount goes to: one that shares its name or unit, or the balance where there is talk of money.
    fn target(&self, field: &Field, event_type: &str) -> Option<Arc<str>> {
        let mut numbers: Vec<(f32, Arc<str>)> = Vec::new();
        for (name, effects) in &self.leaves {
            let counts = effects.iter().enumerate().any(|(kind, effect)| match effect {
                Effect::Set(Expr::Field(index)) => {
                    self.kind(kind).and_then(|kind| kind.fields.get(*index)).is_some_and(Field::counts)
                }
                _ => false,
            });
            let shared = agreement(field.name(), name).max(0.9 * agreement(event_type, name));
            if counts && shared > 0.0 {
                numbers.push((shared, name.clone()));
            }
        }
        numbers.sort_by(|a, b| b.0.total_cmp(&a.0));
        match numbers.as_slice() {
            [(_, only)] => return Some(only.clone()),
            [(best, name), (next, _), ..] if best > next => return Some(name.clone()),
            _ => {}
        }
        if verbs::is_of_money(event_type) {
            return Some(styled("balance", field.name()));
        }
        None
    }

    /// Past-tense types that happen once set a status, where no field does.
    fn status(&mut self) {
        let named =
            |name: &str| words(name).last().is_some_and(|last| matches!(last.as_str(), "status" | "state" | "phase"));
        if self.leaves.keys().any(|name| named(name)) {
            return;
        }
        let kinds: Vec<(usize, String)> = self
            .others()
            .into_iter()
            .filter(|kind| self.habit(*kind).once && !self.has_key(*kind))
            .filter_map(|kind| Some((kind, verbs::becomes(&self.kind(kind)?.event_type)?)))
            .collect();
        let like = self.leaves.keys().next().cloned().unwrap_or_else(|| "status".into());
        let name = styled("status", &like);
        for (kind, state) in kinds {
            self.effect(&name, kind, Effect::Set(Expr::Constant(V::text(&state))));
        }
    }

    fn has_key(&self, kind: usize) -> bool {
        self.members(kind).iter().any(|(_, field)| is_key(field))
    }

    /// Things that have keys: added by one kind of event, changed and removed by others that name the same keys.
    fn collections(&mut self) {
        for kind in self.others() {
            let Some(known) = self.kind(kind) else { continue };
            if verbs::direction(&known.event_type) <= 0 {
                continue;
            }
            let keys: Vec<_> = self.members(kind).into_iter().filter(|(_, field)| is_key(field)).collect();
            let Some((key, field)) = keys.first().copied() else { continue };
            let partners = self.partners(kind, key);
            if partners.is_empty() && !self.is_fresh(kind, key) {
                continue;
            }
            self.collect(kind, key, field, &partners);
        }
    }

    /// The kinds that take away what this one adds: most of the keys that they name were named by it before.
    fn partners(&self, kind: usize, key: usize) -> Vec<(usize, usize)> {
        let mut partners = Vec::new();
        for other in self.others().into_iter().filter(|other| *other != kind) {
            let Some(known) = self.kind(other) else { continue };
            if verbs::direction(&known.event_type) > 0 {
                continue;
            }
            let Some(name) = self.kind(kind).and_then(|kind| kind.fields.get(key)).map(|field| &field.path) else {
                continue;
            };
            let Some(field) = known.fields.iter().position(|field| field.root == Root::Data && field.path == *name)
            else {
                continue;
            };
            if self.follows(kind, key, other, field) {
                partners.push((other, field));
            }
        }
        partners
    }

    /// Whether nearly all keys of one kind were named by another before, in the same stream.
    fn follows(&self, kind: usize, key: usize, other: usize, field: usize) -> bool {
        let (mut all, mut known) = (0_usize, 0_usize);
        for (_, events) in &self.facts.streams {
            let mut named = HashSet::new();
            for fact in events.iter().filter_map(|event| self.facts.events.get(*event)) {
                if fact.kind == kind {
                    named.extend(fact.value(key).as_key());
                } else if fact.kind == other {
                    all += 1;
                    known += usize::from(fact.value(field).as_key().is_some_and(|key| named.contains(&key)));
                }
            }
        }
        all > 0 && known * 10 >= all * 9
    }

    /// Whether each event of a kind names another key of its stream, and streams have several.
    fn is_fresh(&self, kind: usize, key: usize) -> bool {
        let (mut events_of_kind, mut keys) = (0_usize, 0_usize);
        for (_, events) in &self.facts.streams {
            let facts =
                events.iter().filter_map(|event| self.facts.events.get(*event)).filter(|fact| fact.kind == kind);
            let named: Vec<_> = facts.filter_map(|fact| fact.value(key).as_key()).collect();
            events_of_kind += named.len();
            keys += named.into_iter().collect::<HashSet<_>>().len();
        }
        events_of_kind > 1 && keys == events_of_kind && !self.habit(kind).once
    }

    fn collect(&mut self, kind: usize, key: usize, field: &Field, partners: &[(usize, usize)]) {
        let Some(known) = self.kind(kind) else { return };
        let others: Vec<(usize, &Field)> = self.members(kind).into_iter().filter(|(index, _)| *index != key).collect();
        let amount = match others.as_slice() {
            [(index, field)] if field.counts() => Some(*index),
            _ => None,
        };
        let held = amount.filter(|_| verbs::deed(&known.event_type).is_some() && !partners.is_empty());
        let name = if held.is_some() {
            verbs::deed(&known.event_type).map(str::to_owned)
        } else {
            verbs::things(&known.event_type, self.aggregate_type)
        };
        let Some(name) = name.map(|name| styled(&name, field.name())) else { return };
        if others.is_empty() || self.leaves.contains_key(&name) || self.maps.contains_key(&name) {
            return;
        }
        let entries = match held {
            Some(amount) => self.held(kind, key, amount, partners, field),
            None => Some(self.things(kind, key, &others, partners)),
        };
        let Some(entries) = entries else { return };
        self.entered.insert(kind);
        self.entered.extend(partners.iter().map(|(kind, _)| *kind));
        self.maps.insert(name, entries);
    }

    /// Amounts by key, gone at zero, with their sum under the name of the deed.
    fn held(
        &mut self,
        kind: usize,
        key: usize,
        amount: usize,
        partners: &[(usize, usize)],
        like: &Field,
    ) -> Option<Entries> {
        let path = &self.kind(kind)?.fields.get(amount)?.path;
        let mut inputs = vec![(kind, key, Effect::Add(Expr::Field(amount)))];
        let mut moves = vec![(kind, Effect::Add(Expr::Field(amount)))];
        for (other, field) in partners {
            let known = self.kind(*other)?;
            let amount = known.fields.iter().position(|field| field.root == Root::Data && field.path == *path)?;
            inputs.push((*other, *field, Effect::Drain(Expr::Field(amount), true)));
            moves.push((*other, Effect::Subtract(Expr::Field(amount))));
        }
        let verb = verbs::verb(&self.kind(kind)?.event_type)?;
        let total = styled(&verb, like.name());
        for (kind, effect) in moves {
            self.effect(&total, kind, effect);
        }
        for kind in self.beginning_kinds() {
            self.effect(&total, kind, Effect::Set(Expr::Constant(V::Int(0))));
        }
        let effects = inputs.iter().map(|(_, _, effect)| effect.clone()).collect();
        Some(self.entries(&inputs, Node::Leaf(leaf(effects))))
    }

    /// Objects by key.
    fn things(&self, kind: usize, key: usize, others: &[(usize, &Field)], partners: &[(usize, usize)]) -> Entries {
        let mut inputs = vec![(kind, key, Effect::Keep)];
        inputs.extend(partners.iter().map(|(other, field)| (*other, *field, Effect::Delete)));
        let mut members = Vec::new();
        for (index, field) in others {
            let effects = inputs.iter().map(|(of, _, _)| self.entry_effect(*of, kind, *index, field));
            members.push((Arc::from(field.name()), Node::Leaf(leaf(effects.collect()))));
        }
        self.entries(&inputs, Node::Record(Record { members, base: None }))
    }

    /// What a kind does to a member of an entry: the adding one sets it, a removing one deletes it, another changes it.
    fn entry_effect(&self, of: usize, adding: usize, index: usize, field: &Field) -> Effect {
        let Some(known) = self.kind(of) else { return Effect::Keep };
        if of == adding {
            return Effect::Set(Expr::Field(index));
        }
        if verbs::direction(&known.event_type) < 0 {
            return Effect::Delete;
        }
        let same = known.fields.iter().position(|other| other.root == Root::Data && other.path == field.path);
        same.map_or(Effect::Keep, |index| Effect::Set(Expr::Field(index)))
    }

    fn beginning_kinds(&self) -> Vec<usize> {
        (0..self.facts.kinds.len()).filter(|kind| self.habit(*kind).begins).collect()
    }

    fn entries(&self, inputs: &[(usize, usize, Effect)], entry: Node) -> Entries {
        let mut routes = vec![Vec::new(); self.facts.kinds.len()];
        for (place, (kind, field, _)) in inputs.iter().enumerate() {
            if let Some(routes) = routes.get_mut(*kind) {
                routes.push((Some(*field), place));
            }
        }
        let mut base = Leaf::idle(self.facts.kinds.len());
        for kind in self.beginning_kinds() {
            if let Some(effect) = base.effects.get_mut(kind) {
                *effect = Effect::Set(Expr::Constant(V::empty_object()));
            }
        }
        let known = inputs.iter().map(|(kind, field, _)| Input { kind: *kind, keys: vec![Some(*field)] });
        Entries {
            list: None,
            base,
            inputs: known.collect(),
            routes,
            entry: Box::new(entry),
            guarded: vec![false; inputs.len()],
        }
    }

    fn finish(self) -> Option<Node> {
        let leaves = self.leaves.into_iter().map(|(name, effects)| (name, Node::Leaf(leaf(effects))));
        let mut members: Vec<(Arc<str>, Node)> = leaves.collect();
        members.extend(self.maps.into_iter().map(|(name, entries)| (name, Node::Entries(entries))));
        (!members.is_empty()).then_some(Node::Record(Record { members, base: None }))
    }
}

fn leaf(effects: Vec<Effect>) -> Leaf {
    let inputs = effects.len();
    Leaf { effects, ..Leaf::idle(inputs) }
}

fn habit(facts: &Facts, kind: usize) -> Habit {
    let Some(known) = facts.kinds.get(kind) else { return Habit::default() };
    let (mut streams, mut again) = (0_usize, 0_usize);
    for (_, events) in &facts.streams {
        let count =
            events.iter().filter(|event| facts.events.get(**event).is_some_and(|fact| fact.kind == kind)).count();
        streams += usize::from(count > 0);
        again += usize::from(count > 1);
    }
    let begins = known.first * 10 >= known.count * 9 && known.count > 0;
    Habit { begins, once: begins || (streams > 0 && again * 50 <= streams) }
}

/// A member of the data itself.
fn is_member(field: &Field) -> bool {
    field.root == Root::Data && field.path.len() == 1
}

/// Whether a field tells how an event came about, and not what it is about.
fn is_circumstance(field: &Field) -> bool {
    const CIRCUMSTANCES: [&str; 26] = [
        "memo",
        "note",
        "comment",
        "reason",
        "channel",
        "device",
        "request id",
        "trace id",
        "correlation id",
        "causation id",
        "command id",
        "event id",
        "message id",
        "user agent",
        "ip",
        "ip address",
        "client",
        "via",
        "trigger",
        "retries",
        "attempt",
        "attempts",
        "batch",
        "event version",
        "schema version",
        "occurred at",
    ];
    let name = words(field.name()).join(" ");
    CIRCUMSTANCES.contains(&name.as_str()) || field.path.first().is_some_and(|name| name.starts_with('_'))
}

/// Whether a field looks like one that names things.
fn is_key(field: &Field) -> bool {
    let last = words(field.name()).pop().unwrap_or_default();
    let keys: BTreeSet<&str> = ["id", "key", "uuid", "sku", "code", "no", "number", "ref"].into();
    keys.contains(last.as_str()) && field.lists + field.objects == 0
}

/// A name as the events write theirs.
fn styled(name: &str, like: &str) -> Arc<str> {
    let parts = words(name);
    let capital = |part: &String| {
        part.chars().next().into_iter().flat_map(char::to_uppercase).chain(part.chars().skip(1)).collect::<String>()
    };
    if like.starts_with(char::is_uppercase) {
        return parts.iter().map(capital).collect::<String>().into();
    }
    if like.contains(char::is_uppercase) {
        let mut parts = parts.iter();
        let first = parts.next().cloned().unwrap_or_default();
        return (first + &parts.map(capital).collect::<String>()).into();
    }
    name.into()
}
