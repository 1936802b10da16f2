//! How events caused one another: the trace of an event, or its whole correlation, laid out as a tree and as lanes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{Position, StreamName, Timestamp, Version};
use crate::insight::{self, Trace, TraceBasis, TraceMark, TraceNode};
use crate::session::Loading;
use crate::session::workers::cache::AnswerCache;
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{CancelToken, Worker};
use crate::source::Source;

/// How many traces are kept.
const KEPT: usize = 4;
/// More of a payload than this many bytes is not read: only what surrounds it is looked at.
const PAYLOAD: u64 = 64;

/// Whose causes are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CausesOf {
    /// The event.
    pub event: Position,
    /// Whether all that shares its correlation is wanted, rather than what caused it and what it caused.
    pub whole: bool,
}

/// Events and how they caused one another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CauseTree {
    /// The events, each behind its cause, and those of one cause in the order of the store.
    pub nodes: Vec<CauseNode>,
    /// The streams that they are in, in the order in which they come in.
    pub lanes: Vec<Lane>,
    /// Whether this is a guess: the store knows no causes, and the events were written at the same time.
    pub is_guess: bool,
    /// Whether there are more events.
    pub is_truncated: bool,
    /// Whether the event asked for has a correlation id.
    pub has_correlation: bool,
}

/// An event of a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct CauseNode {
    /// Its place in the whole store.
    pub position: Position,
    /// Its place in its stream.
    pub version: Version,
    /// What happened.
    pub event_type: Arc<str>,
    /// When.
    pub timestamp: Option<Timestamp>,
    /// Its stream, by its place among the lanes.
    pub lane: usize,
    /// How many causes stand above it.
    pub depth: usize,
    /// Its cause, by its place among the nodes.
    pub cause: Option<usize>,
    /// What is wrong with its cause.
    pub mark: Option<TraceMark>,
    /// Where it stands between the first and the last of them, from 0 to 1, by time.
    pub by_time: f32,
    /// The same by the order of the store, each as far from the next.
    pub by_order: f32,
}

/// The events of one stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The stream.
    pub stream: StreamName,
    /// Its events, by their places among the nodes, in the order of the store.
    pub nodes: Vec<usize>,
}

/// The generation of the question, the question, and its answer.
pub(in crate::session) type CausesAnswer = (u64, CausesOf, Result<Arc<CauseTree>>);

/// The traces that a panel asks for.
pub(in crate::session) struct Causes {
    worker: Worker<CausesOf>,
    kept: AnswerCache<CausesOf, Arc<CauseTree>>,
}

impl Causes {
    /// Starts the worker.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<CausesAnswer>, jobs: &Jobs) -> Result<Self> {
        let (mut reader, jobs) = (Reader::new(origin), jobs.clone());
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "causes",
            1,
            move |of: CausesOf, context| {
                let token = &context.token;
                let found = reader.source(token).and_then(|source| find(source, of, &jobs, token)).map(Arc::new);
                sent.send((token.generation(), of, found));
            },
            move |of, generation, error| told.send((generation, of, Err(error))),
        )?;
        Ok(Self { worker, kept: AnswerCache::new(KEPT) })
    }

    /// How events caused one another.
    pub(in crate::session) fn of(&self, of: CausesOf) -> Loading<Arc<CauseTree>> {
        self.kept.get_or_ask(&of, || self.worker.submit(of))
    }

    /// Lets everything be found again.
    pub(in crate::session) fn mark_stale(&self) {
        self.worker.cancel();
        self.kept.mark_stale();
    }

    /// Leaves a question unanswered.
    pub(in crate::session) fn stopped(&self, of: CausesOf) {
        self.kept.insert(of, Err(Error::bad_input("looking for the causes was stopped")));
    }

    /// Takes in what was found.
    pub(in crate::session) fn take(&self, (generation, of, found): CausesAnswer) {
        if generation == self.worker.generation() {
            self.kept.insert(of, found);
        }
    }
}

fn find(source: &Source, of: CausesOf, jobs: &Jobs, token: &CancelToken) -> Result<CauseTree> {
    source.leave_unread(Some(PAYLOAD));
    let _running = jobs.begin(Subject::Causes(of), "Looking for causes", None, token);
    let none = || Error::not_found(format!("there is no event at position {}", of.event));
    let event = source.event(of.event)?.ok_or_else(none)?;
    let trace = match event.correlation_id.as_ref().filter(|_| of.whole) {
        Some(id) => insight::correlated(source, id)?,
        None => insight::trace(source, &event)?,
    };
    Ok(CauseTree { has_correlation: event.correlation_id.is_some(), ..laid_out(trace) })
}

fn laid_out(trace: Trace) -> CauseTree {
    let mut tree = CauseTree {
        is_guess: trace.basis == TraceBasis::SameTime,
        is_truncated: trace.truncated,
        ..CauseTree::default()
    };
    let mut order: Vec<usize> = (0..trace.nodes.len()).collect();
    order.sort_by_key(|node| trace.nodes.get(*node).map(|node| node.event.position));
    let mut lanes: HashMap<StreamName, usize> = HashMap::new();
    let mut places = vec![0; trace.nodes.len()];
    for (place, node) in order.iter().enumerate() {
        let Some(stream) = trace.nodes.get(*node).map(|node| &node.event.stream) else { continue };
        let lane = *lanes.entry(stream.clone()).or_insert_with(|| {
            tree.lanes.push(Lane { stream: stream.clone(), nodes: Vec::new() });
            tree.lanes.len() - 1
        });
        if let Some(lane) = tree.lanes.get_mut(lane) {
            lane.nodes.push(*node);
        }
        if let Some(known) = places.get_mut(*node) {
            *known = place;
        }
    }
    let millis = |node: &TraceNode| Some(node.event.timestamp.as_ref()?.utc?.timestamp_millis());
    let times = || trace.nodes.iter().filter_map(millis);
    let (first, last) = (times().min().unwrap_or_default(), times().max().unwrap_or_default());
    let last_place = trace.nodes.len().saturating_sub(1);
    for (node, place) in trace.nodes.into_iter().zip(places) {
        let by_time = millis(&node).map_or(0.0, |at| share(at.saturating_sub(first), last.saturating_sub(first)));
        let wide = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let TraceNode { event, depth, cause, mark } = node;
        let lane = lanes.get(&event.stream).copied().unwrap_or_default();
        tree.nodes.push(CauseNode {
            position: event.position,
            version: event.version,
            event_type: event.event_type.into(),
            timestamp: event.timestamp,
            lane,
            depth,
            cause,
            mark,
            by_time,
            by_order: share(wide(place), wide(last_place)),
        });
    }
    tree
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a place among some pixels")]
fn share(part: i64, of: i64) -> f32 {
    (part as f64 / of.max(1) as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    #[test]
    fn each_stream_is_a_lane_and_each_event_has_its_place() {
        let node = |position: Position, stream: &str, seconds: i64, cause: Option<usize>| {
            let utc = chrono::DateTime::from_timestamp(seconds, 0);
            let event = Event {
                position,
                stream: StreamName::new("a", stream),
                timestamp: Some(Timestamp { stored: "".into(), utc }),
                ..Event::default()
            };
            TraceNode { event, depth: usize::from(cause.is_some()), cause, mark: None }
        };
        let nodes = vec![node(1, "one", 100, None), node(9, "two", 200, Some(0)), node(5, "one", 110, Some(0))];
        let tree = laid_out(Trace { nodes, basis: TraceBasis::Causes, truncated: false });
        let lanes: Vec<_> =
            tree.lanes.iter().map(|lane| (lane.stream.aggregate_id.as_str(), &lane.nodes[..])).collect();
        assert_eq!(lanes, [("one", &[0, 2][..]), ("two", &[1][..])]);
        let places: Vec<_> = tree.nodes.iter().map(|node| (node.by_time, node.by_order, node.lane)).collect();
        assert_eq!(places, [(0.0, 0.0, 0), (1.0, 1.0, 1), (0.1, 0.5, 0)]);
    }
}
