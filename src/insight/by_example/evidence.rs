//! What is known of the corrected member: what a person says, and, where it has parts, what its other parts are by the
//! rules as they are.

use serde_json::Value;

use super::{Corrections, Streams, Told, fold};
use crate::learn::{At, Evidence, Known};
use crate::replay::Reducers;

/// In how many other streams the rules as they are are believed, and how much: what a person says goes far before it.
const STREAMS: usize = 12;
const BELIEVED: f32 = 0.1;

/// How many parts of one state are believed.
const PARTS: usize = 40;

/// At how many versions before a correction the rules as they are are believed, and how much.
const VERSIONS: usize = 8;
const PASSED: f32 = 0.3;

/// Everything that is known of the member.
pub(super) fn of(streams: &Streams, reducers: &Reducers, corrections: &Corrections, member: &str) -> Vec<Evidence> {
    let top = format!("/{}", member.replace('~', "~0").replace('/', "~1"));
    let mut evidence = if corrections.told.iter().any(|told| told.pointer != top) {
        whole(streams, reducers, corrections, &top)
    } else {
        let example =
            |told: &Told| Evidence::example(told.stream.clone(), told.version, &told.pointer, told.value.clone());
        corrections.told.iter().map(example).collect()
    };
    evidence.extend(passed(streams, reducers, corrections, &top));
    evidence
}

/// What a person has gone by without a word: who corrects a version has mostly seen those before it.
fn passed(streams: &Streams, reducers: &Reducers, corrections: &Corrections, top: &str) -> Vec<Evidence> {
    let Some((stream, events)) = streams.iter().find(|(stream, _)| *stream == corrections.stream) else {
        return Vec::new();
    };
    let told: Vec<_> = corrections.told.iter().filter(|told| told.stream == *stream).collect();
    let Some(last) = told.iter().map(|told| told.version).max() else { return Vec::new() };
    let mut fold = fold(reducers, stream);
    let mut passed = Vec::new();
    for event in events.iter().take_while(|event| event.version <= last) {
        fold.step(event);
        let state = fold.state();
        let mut here = told.iter().filter(|told| told.version == event.version).peekable();
        let is_told = here.peek().is_some();
        let differs = |told: &&Told| match (state.pointer(&told.pointer), &told.value) {
            (Some(got), Some(wanted)) => !crate::replay::alike(got, wanted),
            (got, wanted) => got.is_some() != wanted.is_some(),
        };
        if here.any(differs) {
            // What comes after it is wrong because this is.
            break;
        }
        if !is_told {
            let known = Known::Value { pointer: top.to_owned(), value: state.pointer(top).cloned() };
            let (at, source) = (At::Version(event.version), "rules".to_owned());
            passed.push(Evidence { stream: stream.clone(), at, known, source, weight: PASSED });
        }
    }
    passed.split_off(passed.len().saturating_sub(VERSIONS))
}

/// The member as the rules give it with what a person says in it. A part of which the rules give nothing around it is all
/// that is known there.
fn whole(streams: &Streams, reducers: &Reducers, corrections: &Corrections, top: &str) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    let mut ends = Vec::new();
    // Whether something is there that the rules do not know of, or is not there that they give.
    let mut otherwise = false;
    for (stream, events) in streams {
        let mut fold = fold(reducers, stream);
        let mut told_of = false;
        for event in events {
            fold.step(event);
            let told = corrections.told.iter().filter(|told| told.stream == *stream && told.version == event.version);
            let told: Vec<&Told> = told.collect();
            if told.is_empty() {
                continue;
            }
            let mut state = fold.state();
            otherwise |= told.iter().any(|told| state.pointer(&told.pointer).is_some() != told.value.is_some());
            let (alone, within): (Vec<&Told>, Vec<&Told>) = told.into_iter().partition(|told| is_alone(&state, told));
            let example = |pointer: &str, value| Evidence::example(stream.clone(), event.version, pointer, value);
            evidence.extend(alone.iter().map(|told| example(&told.pointer, told.value.clone())));
            for told in &within {
                put(&mut state, &told.pointer, told.value.clone());
            }
            if !within.is_empty() {
                evidence.push(example(top, state.pointer(top).cloned()));
            }
            told_of = true;
        }
        let last = fold.state().pointer(top).cloned().zip(events.last());
        ends.extend(last.filter(|_| !told_of).map(|(value, event)| (stream, event.version, value)));
    }
    for (stream, version, value) in ends.into_iter().take(STREAMS) {
        let places = if otherwise { parts(top, &value) } else { vec![(top.to_owned(), value)] };
        evidence.extend(places.into_iter().map(|(pointer, value)| {
            let known = Known::Value { pointer, value: Some(value) };
            let (at, source) = (At::Version(version), "rules".to_owned());
            Evidence { stream: stream.clone(), at, known, source, weight: BELIEVED }
        }));
    }
    evidence
}

/// Whether the rules give nothing around a place, so that what else there is is not known.
fn is_alone(state: &Value, told: &Told) -> bool {
    let Some((parent, _)) = told.pointer.rsplit_once('/').filter(|(parent, _)| !parent.is_empty()) else {
        return false;
    };
    let listed = parent.split('/').chain(told.pointer.rsplit('/').take(1)).any(|key| key.parse::<usize>().is_ok());
    let empty = |members: &Value| members.as_object().is_some_and(serde_json::Map::is_empty);
    !listed && state.pointer(parent).is_none_or(|around| around.is_null() || empty(around))
}

/// The parts of a value that are known although others may be missing; of lists there are none.
fn parts(pointer: &str, value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(members) => {
            let inner = |(key, value): (&String, &Value)| {
                parts(&format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), value)
            };
            members.iter().flat_map(inner).take(PARTS).collect()
        }
        Value::Array(_) => Vec::new(),
        other => vec![(pointer.to_owned(), other.clone())],
    }
}

/// Puts a value into a document; objects that are missing on the way are made.
fn put(document: &mut Value, pointer: &str, value: Option<Value>) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    let key = key.replace("~1", "/").replace("~0", "~");
    if document.pointer(parent).is_none_or(Value::is_null) && value.is_some() && !parent.is_empty() {
        // What comes first in something that is not there is in a list.
        let holds = if key == "0" { Value::Array(Vec::new()) } else { Value::Object(serde_json::Map::new()) };
        put(document, parent, Some(holds));
    }
    match (document.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => drop(members.insert(key, value)),
        (Some(Value::Object(members)), None) => drop(members.shift_remove(&key)),
        (Some(Value::Array(items)), value) => {
            let Ok(at) = key.parse::<usize>() else { return };
            match value {
                Some(value) if at >= items.len() => items.push(value),
                Some(value) => items.iter_mut().skip(at).take(1).for_each(|item| *item = value.clone()),
                None if at < items.len() => drop(items.remove(at)),
                None => {}
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_put_in_with_what_holds_it() {
        let mut document = json!({"a": null, "list": [1, 2]});
        put(&mut document, "/a/b/c", Some(json!(1)));
        put(&mut document, "/list/1", Some(json!(3)));
        put(&mut document, "/list/9", Some(json!(4)));
        put(&mut document, "/list/0", None);
        put(&mut document, "/none/x", None);
        assert_eq!(document, json!({"a": {"b": {"c": 1}}, "list": [3, 4]}));
    }
}
