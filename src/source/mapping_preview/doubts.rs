//! What is odd about the first events that a mapping gives: numbers that are none, versions that stand twice, times and
//! payloads that cannot be read. All of it can be opened; hardly any of it is what was meant.

use std::collections::HashSet;
use std::hash::Hash;

use super::super::value::Stored;
use super::{Fault, Sampled};
use crate::event::{Decoded, Event};
use crate::profile::Mapping;

/// What is odd, field by field.
pub(super) fn about(mapping: &Mapping, sampled: &[Sampled], shown: &[Event]) -> Vec<Fault> {
    if sampled.is_empty() {
        return vec![match &mapping.filter {
            Some(_) => Fault::doubt("where", "No row passes this condition."),
            None => Fault::doubt("table", "It has no rows, so there is nothing to show."),
        }];
    }
    [
        positions(mapping, sampled),
        streams(mapping, sampled),
        versions(mapping, sampled),
        types(mapping, sampled),
        times(mapping, sampled),
        payloads("data", shown, |event| event.data.decoded()),
        mapping.metadata.as_ref().and_then(|_| payloads("metadata", shown, |event| event.metadata.decoded())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn positions(mapping: &Mapping, sampled: &[Sampled]) -> Option<Fault> {
    mapping.position.as_ref()?;
    let numbers = "A position numbers the events of the whole store.";
    let fault = no_numbers(sampled.iter().map(|row| &row.position)).map(|words| format!("{words} {numbers}"));
    let fault = fault.or_else(|| {
        let twice = twice(sampled.iter().map(|row| row.event.position))?;
        Some(format!("{twice} stands twice among the first {} rows. {numbers}", sampled.len()))
    });
    fault.map(|words| Fault::doubt("position", words))
}

fn streams(mapping: &Mapping, sampled: &[Sampled]) -> Option<Fault> {
    mapping.aggregate_id.as_ref()?;
    let empty = sampled.iter().filter(|row| row.event.stream.aggregate_id.is_empty()).count();
    (empty > 0).then(|| Fault::doubt("aggregate_id", format!("It is empty in {}.", of(empty, sampled.len()))))
}

fn versions(mapping: &Mapping, sampled: &[Sampled]) -> Option<Fault> {
    mapping.version.as_ref()?;
    let fault = no_numbers(sampled.iter().map(|row| &row.version));
    let fault = fault.map(|words| format!("{words} A version numbers the events of one stream."));
    let fault = fault.or_else(|| {
        let (stream, version) = twice(sampled.iter().map(|row| (&row.event.stream, row.event.version)))?;
        Some(format!(
            "Version {version} of {stream} stands twice among the first {} rows. Either this is not the version, or \
             the aggregate id is not what tells streams apart.",
            sampled.len()
        ))
    });
    fault.map(|words| Fault::doubt("version", words))
}

fn types(mapping: &Mapping, sampled: &[Sampled]) -> Option<Fault> {
    mapping.event_type.as_ref()?;
    let empty = sampled.iter().filter(|row| row.event.event_type.is_empty()).count();
    (empty > 0).then(|| Fault::doubt("event_type", format!("It is empty in {}.", of(empty, sampled.len()))))
}

fn times(mapping: &Mapping, sampled: &[Sampled]) -> Option<Fault> {
    mapping.timestamp.as_ref()?;
    let moments = || sampled.iter().filter_map(|row| row.event.timestamp.as_ref());
    if moments().next().is_none() {
        return Some(Fault::doubt("timestamp", format!("It is empty in {}.", of(sampled.len(), sampled.len()))));
    }
    let unread = || moments().filter(|moment| moment.utc.is_none());
    let example = unread().next()?;
    let words = of(unread().count(), sampled.len());
    Some(Fault::doubt("timestamp", format!("No moment in {words}, such as {}. Try another format.", example.stored)))
}

fn payloads(field: &'static str, shown: &[Event], decoded: impl Fn(&Event) -> &Decoded) -> Option<Fault> {
    if shown.iter().all(|event| *decoded(event) == Decoded::Missing) {
        return Some(Fault::doubt(field, format!("It is empty in {}.", of(shown.len(), shown.len()))));
    }
    let unread = shown.iter().filter(|event| matches!(decoded(event), Decoded::Opaque { .. })).count();
    let hint = "Try another encoding; encrypted data stays unreadable.";
    (unread > 0).then(|| Fault::doubt(field, format!("It could not be decoded in {}. {hint}", of(unread, shown.len()))))
}

/// That values which should be whole numbers are none, with the first of them.
pub(super) fn no_numbers<'a>(values: impl Iterator<Item = &'a Stored> + Clone) -> Option<String> {
    let mut odd = values.clone().filter(|value| value.to_integer().is_none());
    let first = odd.next()?;
    let words = of(1 + odd.count(), values.count());
    Some(match first {
        Stored::Null => format!("It is empty in {words}."),
        other => format!("No whole number in {words}, such as {}.", shortened(&other.to_string())),
    })
}

fn shortened(text: &str) -> String {
    let mut letters = text.chars();
    let beginning: String = letters.by_ref().take(40).collect();
    if letters.next().is_some() { format!("{beginning}…") } else { beginning }
}

/// The first thing that comes a second time.
fn twice<T: Eq + Hash + Copy>(mut things: impl Iterator<Item = T>) -> Option<T> {
    let mut seen = HashSet::new();
    things.find(|thing| !seen.insert(*thing))
}

pub(super) fn of(count: usize, all: usize) -> String {
    if count == all { format!("each of the first {all} rows") } else { format!("{count} of the first {all} rows") }
}
