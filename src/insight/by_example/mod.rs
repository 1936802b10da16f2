//! What a person corrects in a state, and the rules that make it so: the best first, each with what else it would change.
//!
//! Only what the rules do to the corrected member of the state is learnt anew. Whatever else they do stays as it is
//! written, whoever wrote it.

mod evidence;
mod preview;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::event::{Event, StreamName, Version};
use crate::learn::{Agreement, Explanation, Learner};
use crate::replay::{Fold, Reducers, RulesFile, amended, as_filter};
use crate::source::Source;

pub use preview::{Doubt, StreamChanges};

/// How many explanations are offered.
const MOST: usize = 4;

/// How many events of the store, and of one stream, are looked at.
const EVENTS: usize = 20_000;
const OF_STREAM: usize = 5_000;

/// How many streams are learnt from.
const STREAMS: usize = 60;

/// How many events one statement reads.
const PAGE: usize = 500;

/// A payload of more bytes than that is left unread.
const LARGE: u64 = 1 << 20;

/// What a person says of one place of a state, at one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The stream.
    pub stream: StreamName,
    /// The version.
    pub version: Version,
    /// The place, a JSON Pointer.
    pub pointer: String,
    /// What stands there; `None` where nothing does.
    pub value: Option<Value>,
}

/// What a person corrects in one member of the state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corrections {
    /// The stream that is looked at.
    pub stream: StreamName,
    /// What is right.
    pub told: Vec<Told>,
    /// The places that are no part of the state.
    pub no_state: Vec<String>,
}

impl Corrections {
    /// The member of the state that all of it is about.
    #[must_use]
    pub fn member(&self) -> Option<String> {
        let mut pointers = self.told.iter().map(|told| &told.pointer).chain(&self.no_state);
        pointers.find_map(|pointer| member_of(pointer))
    }
}

/// The outermost key of a pointer.
fn member_of(pointer: &str) -> Option<String> {
    let first = pointer.strip_prefix('/')?.split('/').next()?;
    Some(first.replace("~1", "/").replace("~0", "~"))
}

/// One way in which it would be as a person says.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// What the event types do, in a few words: `Deposited`, `balance`, `+ amount`.
    pub effects: Vec<ProposedEffect>,
    /// The rules that are other, by event type, as they were and as they would be.
    pub rules: BTreeMap<String, (Option<String>, String)>,
    /// The state before the first event, where that is other.
    pub initial: Option<Value>,
    /// How many of the corrections it makes so.
    pub explained: Agreement,
    /// What it changes, in the stream that is looked at and in others.
    pub changes: Vec<StreamChanges>,
}

/// What one event type does to one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedEffect {
    /// The event type.
    pub event_type: String,
    /// The place; `*` stands for any key.
    pub pointer: String,
    /// What it does: `+ amount`.
    pub effect: String,
}

/// What there is to propose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposals {
    /// The ways, the best first.
    pub list: Vec<Proposal>,
    /// Where the first two come out differently: a person knows which is right.
    pub doubt: Option<Doubt>,
}

/// Looks for rules that make it as a person says. `reducers` are those in use, and `text` is the file that they would be
/// written in.
///
/// # Errors
/// What reading failed with; [`crate::ErrorKind::Cancelled`] where `progress` stopped it.
pub fn by_example(
    source: &Source,
    reducers: &Reducers,
    text: &str,
    corrections: &Corrections,
    progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Proposals> {
    if corrections.member().is_none() {
        return Ok(Proposals::default());
    }
    source.leave_unread(Some(LARGE));
    let streams = read(source, corrections, progress);
    source.leave_unread(None);
    propose(&streams?, reducers, text, corrections, &mut || progress(0))
}

/// The events by stream, the one that is looked at first.
type Streams = [(StreamName, Vec<Event>)];

fn read(
    source: &Source,
    corrections: &Corrections,
    progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Vec<(StreamName, Vec<Event>)>> {
    let mut streams: Vec<(StreamName, Vec<Event>)> = Vec::new();
    let told = corrections.told.iter().map(|told| &told.stream);
    for stream in std::iter::once(&corrections.stream).chain(told) {
        if streams.iter().all(|(known, _)| known != stream) {
            let events = source.read_stream(stream, Version::MIN, None)?.take(OF_STREAM).collect::<Result<_>>()?;
            streams.push((stream.clone(), events));
        }
    }
    let whole = streams.len();
    let (mut last, mut count) = (None, 0);
    while count < EVENTS {
        let page = source.events_after(last, PAGE)?;
        last = page.last().map(|event| event.position).or(last);
        count += page.len();
        if progress(count).is_break() {
            return Err(stopped());
        }
        let ended = page.len() < PAGE;
        for event in page.into_iter().filter(|event| event.stream.aggregate_type == corrections.stream.aggregate_type) {
            match streams.iter_mut().position(|(known, _)| *known == event.stream) {
                Some(at) if at < whole => {}
                Some(at) => streams.iter_mut().skip(at).take(1).for_each(|(_, events)| events.push(event.clone())),
                None if streams.len() < STREAMS => streams.push((event.stream.clone(), vec![event])),
                None => {}
            }
        }
        if ended {
            break;
        }
    }
    // The store's order need not be that of its streams.
    streams.iter_mut().skip(whole).for_each(|(_, events)| events.sort_by_key(|event| event.version));
    Ok(streams)
}

fn stopped() -> Error {
    Error::new(crate::ErrorKind::Cancelled, "looking for rules was stopped")
}

/// The same from events that were read: each stream's in its order.
///
/// # Errors
/// [`crate::ErrorKind::BadInput`] where `text` is no reducers file; [`crate::ErrorKind::Cancelled`] where `progress`
/// stopped it.
pub fn propose(
    streams: &[(StreamName, Vec<Event>)],
    reducers: &Reducers,
    text: &str,
    corrections: &Corrections,
    progress: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Proposals> {
    let Some(member) = corrections.member() else { return Ok(Proposals::default()) };
    let member = member.as_str();
    let draft = Draft { reducers, text, corrections, member, types: types(streams, member) };
    let mut list: Vec<(Proposal, Reducers)> = Vec::new();
    if corrections.told.is_empty() {
        list.extend(draft.without()?);
    } else {
        let mut learner = Learner::new();
        for event in streams.iter().flat_map(|(_, events)| events) {
            learner.event(event);
        }
        for known in evidence::of(streams, reducers, corrections, member) {
            learner.evidence(known);
        }
        let found = learner.explanations(&corrections.stream.aggregate_type, MOST, progress)?;
        for explanation in found {
            list.extend(
                draft.proposal(&explanation)?.filter(|(one, _)| list.iter().all(|(known, _)| known.rules != one.rules)),
            );
        }
    }
    preview::count(streams, reducers, corrections, &mut list, progress)?;
    // What explains more comes first, and of those as good the learner's order stands.
    list.sort_by_key(|(proposal, _)| proposal.explained.of - proposal.explained.agree);
    preview::drop_alike(streams, &mut list);
    let doubt = preview::doubt(streams, corrections, member, &list);
    Ok(Proposals { list: list.into_iter().map(|(proposal, _)| proposal).collect(), doubt })
}

/// The event types of some streams, and whether their data has a member of a name.
fn types(streams: &Streams, member: &str) -> BTreeMap<String, bool> {
    let mut types: BTreeMap<String, bool> = BTreeMap::new();
    for event in streams.iter().flat_map(|(_, events)| events) {
        let says = event.data.value().is_some_and(|data| data.get(member).is_some());
        *types.entry(event.event_type.clone()).or_default() |= says;
    }
    types
}

/// Makes proposals of explanations.
struct Draft<'a> {
    reducers: &'a Reducers,
    text: &'a str,
    corrections: &'a Corrections,
    member: &'a str,
    types: BTreeMap<String, bool>,
}

impl Draft<'_> {
    /// The rules with what an explanation says in place of what they do to the member; `None` where they are no others.
    fn proposal(&self, explanation: &Explanation) -> Result<Option<(Proposal, Reducers)>> {
        let learnt: BTreeMap<&str, &str> = explanation
            .rules
            .iter()
            .filter_map(|(event_type, rule)| Some((event_type.as_str(), rule.as_deref()?)))
            .collect();
        let effects = explanation.leaves.iter().flat_map(|leaf| {
            leaf.effects.iter().map(|effect| ProposedEffect {
                event_type: effect.event_type.clone(),
                pointer: leaf.pointer.clone(),
                effect: effect.effect.clone(),
            })
        });
        let initial = explanation.initial.as_deref().and_then(|initial| serde_json::from_str::<Value>(initial).ok());
        let initial = initial.as_ref().and_then(|initial| initial.get(self.member)).cloned();
        self.with(&learnt, initial.as_ref(), effects.collect())
    }

    /// The rules without the places that are no part of the state.
    fn without(&self) -> Result<Option<(Proposal, Reducers)>> {
        let top = self.corrections.no_state.iter().any(|pointer| pointer.matches('/').count() == 1);
        if top {
            return self.with(&BTreeMap::new(), None, Vec::new());
        }
        let places: Vec<String> = self.corrections.no_state.iter().map(|pointer| path(pointer)).collect();
        let mut rules = BTreeMap::new();
        for event_type in self.types.keys() {
            let before = self.written(event_type);
            let touches = amended(before.as_deref(), self.member, None, true).is_some();
            if let Some(rule) = before.as_deref().and_then(as_filter).filter(|_| touches) {
                rules.insert(event_type.clone(), (before, format!("{rule}\n| del({})", places.join(", "))));
            }
        }
        self.finished(rules, None, Vec::new())
    }

    fn written(&self, event_type: &str) -> Option<String> {
        let aggregate_type = &self.corrections.stream.aggregate_type;
        self.reducers.written(aggregate_type, event_type).map(|rule| rule.text.to_string())
    }

    fn with(
        &self,
        learnt: &BTreeMap<&str, &str>,
        initial: Option<&Value>,
        effects: Vec<ProposedEffect>,
    ) -> Result<Option<(Proposal, Reducers)>> {
        let mut rules = BTreeMap::new();
        for (event_type, says) in &self.types {
            let before = self.written(event_type);
            let after = amended(before.as_deref(), self.member, learnt.get(event_type.as_str()).copied(), *says);
            if let Some(after) = after.filter(|after| before.as_ref() != Some(after)) {
                rules.insert(event_type.clone(), (before, after));
            }
        }
        let mut first = self.reducers.initial(&self.corrections.stream.aggregate_type);
        let before = first.get(self.member).cloned();
        if let (Value::Object(members), true) = (&mut first, before.as_ref() != initial) {
            match initial {
                Some(initial) => drop(members.insert(self.member.to_owned(), initial.clone())),
                None => drop(members.shift_remove(self.member)),
            }
            return self.finished(rules, Some(first), effects);
        }
        self.finished(rules, None, effects)
    }

    fn finished(
        &self,
        rules: BTreeMap<String, (Option<String>, String)>,
        initial: Option<Value>,
        effects: Vec<ProposedEffect>,
    ) -> Result<Option<(Proposal, Reducers)>> {
        if rules.is_empty() && initial.is_none() {
            return Ok(None);
        }
        let aggregate_type = &self.corrections.stream.aggregate_type;
        let mut file = RulesFile::parse(self.text)?;
        for (event_type, (_, rule)) in &rules {
            file.set_rule(aggregate_type, event_type, Some(rule))?;
        }
        if let Some(initial) = &initial {
            file.set_initial(aggregate_type, Some(initial))?;
        }
        let reducers = Reducers::parse(&file.text(), "the proposed rules")?;
        let proposal = Proposal { effects, rules, initial, explained: Agreement::default(), changes: Vec::new() };
        Ok(Some((proposal, reducers)))
    }
}

/// A JSON Pointer as a path of jq.
fn path(pointer: &str) -> String {
    let step = |part: &str| format!("[{}]", Value::from(part.replace("~1", "/").replace("~0", "~")));
    format!(".{}", pointer.split('/').skip(1).map(step).collect::<String>())
}

/// A fold of a stream from its beginning.
fn fold(reducers: &Reducers, stream: &StreamName) -> Fold {
    Fold::new(reducers, &stream.aggregate_type)
}

#[cfg(test)]
mod tests;
