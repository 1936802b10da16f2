//! How events caused one another: from the ids that they name as their cause and their correlation, or, where a store has
//! neither, a guess from those that were written together.

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::event::{Event, Position};
use crate::filter::{Condition, Field, Filter, Pattern, Term, compile};
use crate::source::Source;

/// How many events a trace has at most.
const MOST: usize = 10_000;
/// How many ids are looked for at once.
const AT_ONCE: usize = 200;
/// How many events on either side are looked at for those that were written together with one.
const NEIGHBOURS: i64 = 100;

/// Events and how they caused one another.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The events, each behind its cause, and those of one cause in the order of the store.
    pub nodes: Vec<TraceNode>,
    /// What the trace is made from.
    pub basis: TraceBasis,
    /// Whether there are more events than the 10,000 that it holds.
    pub truncated: bool,
}

/// An event of a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceNode {
    /// The event.
    pub event: Event,
    /// How many causes stand above it in the trace.
    pub depth: usize,
    /// The node of its cause, by its place in the trace.
    pub cause: Option<usize>,
    /// What is wrong with its cause.
    pub mark: Option<TraceMark>,
}

/// What is wrong with an event's cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceMark {
    /// It names one that is no event of the store; it may be a command.
    Missing,
    /// It is caused by one of its own effects.
    Loop,
}

/// What a trace is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceBasis {
    /// The ids that events name as their cause.
    Causes,
    /// A guess: the store knows no causes, and these events have the same time.
    SameTime,
}

/// The causes of an event, as far back as they are in the store, and everything that it caused.
///
/// # Errors
/// Those of reading. Without indexes on the ids, each step looks at the whole store.
pub fn trace(source: &Source, event: &Event) -> Result<Trace> {
    let knows_causes = source.mapping().is_some_and(|mapping| mapping.causation_id.is_some());
    if !knows_causes {
        return match &event.correlation_id {
            Some(correlation) => correlated(source, correlation),
            None => written_together(source, event),
        };
    }
    let mut events = vec![event.clone()];
    let mut known: HashSet<Position> = HashSet::from([event.position]);
    let mut wanted = event.causation_id.clone();
    while let Some(id) = wanted.take() {
        let found = find(source, Field::Id, std::slice::from_ref(&id))?;
        for cause in found.into_iter().take(1).filter(|cause| known.insert(cause.position)) {
            wanted.clone_from(&cause.causation_id);
            events.push(cause);
        }
        if events.len() >= MOST {
            break;
        }
    }
    let mut level: Vec<String> = event.id.iter().cloned().collect();
    let mut truncated = events.len() >= MOST;
    while !level.is_empty() && !truncated {
        let mut next = Vec::new();
        for ids in level.chunks(AT_ONCE) {
            for effect in find(source, Field::Causation, ids)? {
                if known.insert(effect.position) {
                    next.extend(effect.id.clone());
                    events.push(effect);
                }
            }
        }
        truncated = events.len() >= MOST;
        level = next;
    }
    events.truncate(MOST);
    Ok(Trace { nodes: tree(events), basis: TraceBasis::Causes, truncated })
}

/// The events of one correlation, as the tree of their causes.
///
/// # Errors
/// As [`trace`].
pub fn correlated(source: &Source, correlation: &str) -> Result<Trace> {
    let mut events = find(source, Field::Correlation, &[correlation.to_owned()])?;
    let truncated = events.len() > MOST;
    events.truncate(MOST);
    Ok(Trace { nodes: tree(events), basis: TraceBasis::Causes, truncated })
}

/// The events around one that have the same time: of one transaction, perhaps.
fn written_together(source: &Source, event: &Event) -> Result<Trace> {
    let around = event.position.saturating_sub(NEIGHBOURS)..=event.position.saturating_add(NEIGHBOURS);
    let mut events = source.events_at(&around.collect::<Vec<_>>())?;
    let time = event.timestamp.as_ref().map(|time| &time.stored);
    let is_same = |other: &Event| time.is_some() && other.timestamp.as_ref().map(|time| &time.stored) == time;
    events.retain(|other| other.position == event.position || is_same(other));
    let node = |event| TraceNode { event, depth: 0, cause: None, mark: None };
    Ok(Trace { nodes: events.into_iter().map(node).collect(), basis: TraceBasis::SameTime, truncated: false })
}

fn find(source: &Source, field: Field, ids: &[String]) -> Result<Vec<Event>> {
    let Some(mapping) = source.mapping() else { return Ok(Vec::new()) };
    let patterns = ids.iter().map(Pattern::literal).collect();
    let filter = Filter { terms: vec![Term::new(Condition::Matches { field, patterns })] };
    let mut positions = source.find(&compile(&filter, mapping))?;
    positions.truncate(MOST + 1);
    source.events_at(&positions)
}

/// Lays events out behind their causes.
fn tree(mut events: Vec<Event>) -> Vec<TraceNode> {
    events.sort_by_key(|event| event.position);
    events.dedup_by_key(|event| event.position);
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (place, event) in events.iter().enumerate() {
        if let Some(id) = &event.id {
            places.entry(id).or_insert(place);
        }
    }
    let cause_of = |event: &Event| event.causation_id.as_deref().and_then(|id| places.get(id)).copied();
    let causes: Vec<Option<usize>> = events.iter().map(cause_of).collect();
    let mut effects: Vec<Vec<usize>> = vec![Vec::new(); events.len()];
    for (place, cause) in causes.iter().enumerate() {
        if let Some(effects) = cause.and_then(|cause| effects.get_mut(cause)) {
            effects.push(place);
        }
    }
    let mut laid: Vec<(usize, usize, Option<usize>, Option<TraceMark>)> = Vec::new();
    let mut seen = vec![false; events.len()];
    let roots = (0..events.len()).filter(|place| causes.get(*place).copied().flatten().is_none());
    // What no root leads to stands in a loop, which is entered at its first event.
    for (start, in_loop) in roots.map(|root| (root, false)).chain((0..events.len()).map(|place| (place, true))) {
        let mut stack = vec![(start, 0, None)];
        while let Some((place, depth, cause)) = stack.pop() {
            let Some(is_seen) = seen.get_mut(place).filter(|is_seen| !**is_seen) else { continue };
            *is_seen = true;
            let names_cause = events.get(place).is_some_and(|event| event.causation_id.is_some());
            let mark = match cause {
                Some(_) => None,
                None if in_loop => Some(TraceMark::Loop),
                None => names_cause.then_some(TraceMark::Missing),
            };
            let own = laid.len();
            laid.push((place, depth, cause, mark));
            let next = effects.get(place).into_iter().flatten().rev();
            stack.extend(next.map(|effect| (*effect, depth + 1, Some(own))));
        }
    }
    let mut events: Vec<Option<Event>> = events.into_iter().map(Some).collect();
    laid.into_iter()
        .filter_map(|(place, depth, cause, mark)| {
            let event = events.get_mut(place)?.take()?;
            Some(TraceNode { event, depth, cause, mark })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(position: Position, cause: Option<&str>) -> Event {
        Event { position, id: Some(format!("e{position}")), causation_id: cause.map(str::to_owned), ..Event::default() }
    }

    fn laid(events: &[(Position, Option<&str>)]) -> Vec<(Position, usize, Option<TraceMark>)> {
        let events = events.iter().map(|(position, cause)| event(*position, *cause)).collect();
        tree(events).into_iter().map(|node| (node.event.position, node.depth, node.mark)).collect()
    }

    #[test]
    fn effects_stand_behind_their_causes() {
        let events = [(4, Some("e2")), (1, None), (3, Some("e1")), (2, Some("e1")), (5, Some("e3"))];
        assert_eq!(laid(&events), [(1, 0, None), (2, 1, None), (4, 2, None), (3, 1, None), (5, 2, None)]);
    }

    #[test]
    fn loops_and_causes_that_are_not_there_are_marked() {
        let events = [(1, Some("nobody")), (2, Some("e3")), (3, Some("e2")), (4, Some("e4"))];
        let (missing, is_loop) = (Some(TraceMark::Missing), Some(TraceMark::Loop));
        assert_eq!(laid(&events), [(1, 0, missing), (2, 0, is_loop), (3, 1, None), (4, 0, is_loop)]);
    }
}
