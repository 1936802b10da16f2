//! What proposed rules come to: how many corrections they make so, what else they change, and where two of them differ.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde_json::Value;

use super::{Corrections, Proposal, Streams, fold, stopped};
use crate::error::Result;
use crate::event::{Event, StreamName, Version};
use crate::learn::Agreement;
use crate::replay::change::{Change, diff};
use crate::replay::{Fold, Reducers};

/// In how many other streams it is looked.
const OTHERS: usize = 3;

/// How many changes of one stream are shown.
const SHOWN: usize = 4;

/// How many events of one stream are folded.
const EVENTS: usize = 2_000;

/// How many places are named.
const PLACES: usize = 6;

/// What proposed rules change in one stream.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamChanges {
    /// The stream.
    pub stream: StreamName,
    /// How many of its versions were looked at.
    pub versions: u64,
    /// At how many of them the state is another.
    pub changed: u64,
    /// The places that are others, as JSON Pointers.
    pub places: Vec<String>,
    /// The first versions at which something is another, each with one change.
    pub first: Vec<(Version, Change)>,
}

/// Where two explanations come out differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// The stream.
    pub stream: StreamName,
    /// The version.
    pub version: Version,
    /// The place.
    pub pointer: String,
    /// What the proposals give there, each value once, with the first proposal that gives it.
    pub answers: Vec<(usize, Option<Value>)>,
}

/// Says of each proposal what it comes to.
pub(super) fn count(
    streams: &Streams,
    reducers: &Reducers,
    corrections: &Corrections,
    list: &mut [(Proposal, Reducers)],
    progress: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<()> {
    for (proposal, rules) in list {
        if progress().is_break() {
            return Err(stopped());
        }
        proposal.explained = explained(streams, corrections, rules);
        for (stream, events) in looked_at(streams, corrections, proposal) {
            proposal.changes.push(changes(stream, events, reducers, rules, corrections));
        }
    }
    Ok(())
}

/// The stream that a person looks at, and others in which the most of the changed rules have something to do.
fn looked_at<'s>(
    streams: &'s Streams,
    corrections: &Corrections,
    proposal: &Proposal,
) -> Vec<(&'s StreamName, &'s [Event])> {
    let met = |events: &[Event]| {
        let types: BTreeSet<&str> = events.iter().map(|event| &*event.event_type).collect();
        types.into_iter().filter(|event_type| proposal.rules.contains_key(*event_type)).count()
    };
    let all = || streams.iter().map(|(stream, events)| (stream, events.as_slice()));
    let mut others: Vec<_> = all().filter(|(stream, _)| **stream != corrections.stream).collect();
    others.sort_by_key(|(_, events)| std::cmp::Reverse(met(events)));
    let own = all().filter(|(stream, _)| **stream == corrections.stream);
    own.chain(others.into_iter().take(OTHERS)).collect()
}

fn explained(streams: &Streams, corrections: &Corrections, rules: &Reducers) -> Agreement {
    let mut explained = Agreement::default();
    for (stream, events) in streams {
        let told: Vec<_> = corrections.told.iter().filter(|told| told.stream == *stream).collect();
        if told.is_empty() {
            continue;
        }
        let mut fold = fold(rules, stream);
        for event in events {
            fold.step(event);
            for told in told.iter().filter(|told| told.version == event.version) {
                let state = fold.state();
                let agrees = match (state.pointer(&told.pointer), &told.value) {
                    (Some(got), Some(wanted)) => crate::replay::alike(got, wanted),
                    (got, wanted) => got.is_none() && wanted.is_none(),
                };
                explained.of += 1;
                explained.agree += usize::from(agrees);
            }
        }
    }
    explained
}

fn changes(
    stream: &StreamName,
    events: &[Event],
    now: &Reducers,
    then: &Reducers,
    corrections: &Corrections,
) -> StreamChanges {
    let mut found =
        StreamChanges { stream: stream.clone(), versions: 0, changed: 0, places: Vec::new(), first: Vec::new() };
    let (mut now, mut then) = (fold(now, stream), fold(then, stream));
    for event in events.iter().take(EVENTS) {
        now.step(event);
        then.step(event);
        found.versions += 1;
        let told = |pointer: &str| {
            let mut told = corrections.told.iter();
            told.any(|told| told.stream == *stream && told.version == event.version && told.pointer == pointer)
        };
        let changes: Vec<Change> =
            diff(&now.state(), &then.state()).into_iter().filter(|change| !told(&change.path)).collect();
        let Some(first) = changes.first() else { continue };
        found.changed += 1;
        if found.first.len() < SHOWN {
            found.first.push((event.version, first.clone()));
        }
        for change in &changes {
            if found.places.len() < PLACES && !found.places.contains(&change.path) {
                found.places.push(change.path.clone());
            }
        }
    }
    found
}

/// Where the first proposal and another one that is as good come out differently, in the stream that is looked at first.
pub(super) fn doubt(
    streams: &Streams,
    corrections: &Corrections,
    member: &str,
    list: &[(Proposal, Reducers)],
) -> Option<Doubt> {
    let (first, _) = list.first()?;
    let as_good: Vec<&Reducers> =
        list.iter().take_while(|(proposal, _)| proposal.explained == first.explained).map(|(_, rules)| rules).collect();
    (1..as_good.len()).find_map(|other| doubt_between(streams, corrections, member, &as_good, other))
}

fn doubt_between(
    streams: &Streams,
    corrections: &Corrections,
    member: &str,
    rules: &[&Reducers],
    other: usize,
) -> Option<Doubt> {
    let top = format!("/{}", member.replace('~', "~0").replace('/', "~1"));
    for (stream, events) in streams {
        let mut folds: Vec<Fold> = rules.iter().map(|rules| fold(rules, stream)).collect();
        for event in events.iter().take(EVENTS) {
            for fold in &mut folds {
                fold.step(event);
            }
            let states: Vec<Value> = folds.iter().map(Fold::state).collect();
            let (Some(a), Some(b)) = (states.first(), states.get(other)) else { return None };
            let Some(pointer) = first_difference(a, b, &top) else { continue };
            let pointer = whole_list(&[a, b], &pointer);
            let told = corrections.told.iter();
            let mut told = told.filter(|told| told.stream == *stream && told.version == event.version);
            if told.any(|told| told.pointer == pointer) {
                continue;
            }
            return Some(Doubt {
                stream: stream.clone(),
                version: event.version,
                answers: answers(&states, &pointer),
                pointer,
            });
        }
    }
    None
}

/// Drops those that come to the same as one before them in every stream that is known.
pub(super) fn drop_alike(streams: &Streams, list: &mut Vec<(Proposal, Reducers)>) {
    let mut kept: Vec<(Proposal, Reducers)> = Vec::new();
    for (proposal, rules) in list.drain(..) {
        if !kept.iter().any(|(_, known)| is_alike(streams, known, &rules)) {
            kept.push((proposal, rules));
        }
    }
    *list = kept;
}

fn is_alike(streams: &Streams, a: &Reducers, b: &Reducers) -> bool {
    streams.iter().all(|(stream, events)| {
        let (mut a, mut b) = (fold(a, stream), fold(b, stream));
        events.iter().take(EVENTS).all(|event| {
            a.step(event);
            b.step(event);
            crate::replay::alike(&a.state(), &b.state())
        })
    })
}

/// A place, or the list that it is in: an element says little without the others.
fn whole_list(states: &[&Value], pointer: &str) -> String {
    let mut ways = pointer.match_indices('/').map(|(at, _)| pointer.get(..at).unwrap_or_default());
    let is_list = |way: &&str| states.iter().any(|state| state.pointer(way).is_some_and(Value::is_array));
    ways.find(is_list).unwrap_or(pointer).to_owned()
}

fn first_difference(a: &Value, b: &Value, top: &str) -> Option<String> {
    match (a.pointer(top), b.pointer(top)) {
        (None, None) => None,
        (Some(a), Some(b)) => diff(a, b).first().map(|change| format!("{top}{}", change.path)),
        _ => Some(top.to_owned()),
    }
}

/// Each value once, with the first proposal that gives it.
fn answers(states: &[Value], pointer: &str) -> Vec<(usize, Option<Value>)> {
    let mut answers: Vec<(usize, Option<Value>)> = Vec::new();
    for (index, state) in states.iter().enumerate() {
        let value = state.pointer(pointer).cloned();
        if answers.iter().all(|(_, known)| *known != value) {
            answers.push((index, value));
        }
    }
    answers
}
