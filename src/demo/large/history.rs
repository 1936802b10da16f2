//! The history as an iterator: one command after the other, in the order of their moments.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::chance::Chance;
use super::super::journal::Moment;
use super::context::{Cause, Latest};
use super::plan::{self, Planned};
use super::{Size, shape};
use crate::event::{Json, NewEvent, StreamName};

/// What is appended to one stream at one moment.
pub struct Command {
    /// In microseconds since 1970.
    pub(super) moment: Moment,
    pub(super) stream: StreamName,
    pub(super) events: Vec<NewEvent>,
}

impl Command {
    /// How many events it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

/// All commands, oldest first.
pub struct History {
    streams: Vec<Stream>,
    /// When each stream is next written to, by its index.
    next: BinaryHeap<Reverse<(Moment, usize)>>,
    latest: Latest,
    chance: Chance,
}

struct Stream {
    planned: Planned,
    version: u64,
}

impl History {
    /// A history of a size.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let mut chance = Chance::new(size.seed);
        let planned = if size.events == 0 { Vec::new() } else { plan::streams(size, &mut chance) };
        let next = planned.iter().enumerate().map(|(index, stream)| Reverse((stream.start, index))).collect();
        let streams = planned.into_iter().map(|planned| Stream { planned, version: 0 }).collect();
        Self { streams, next, latest: Latest::default(), chance }
    }
}

impl Iterator for History {
    type Item = Command;

    fn next(&mut self) -> Option<Command> {
        let Reverse((moment, index)) = self.next.pop()?;
        let stream = self.streams.get_mut(index)?;
        let command = command(stream, moment, &mut self.latest, &mut self.chance);
        if stream.version < stream.planned.length {
            let gap = stream.planned.gap.max(2);
            let pause = self.chance.between(gap / 2, gap + gap / 2).max(1);
            self.next.push(Reverse((moment + pause, index)));
        }
        Some(command)
    }
}

fn command(stream: &mut Stream, moment: Moment, latest: &mut Latest, chance: &mut Chance) -> Command {
    let planned = &stream.planned;
    let left = planned.length - stream.version;
    let at_once = i64::try_from(planned.at_once).unwrap_or(1);
    let count = u64::try_from(chance.between(at_once / 2, at_once + at_once / 2 + 1)).unwrap_or(1).clamp(1, left);
    let context = latest.context(moment, chance);
    let mut events: Vec<NewEvent> = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
    for _ in 0..count {
        stream.version += 1;
        let fact = planned.kind.fact(stream.version, planned.length, chance);
        let schema_version = fact.schema_version(plan::hundredth(moment));
        let data = shape::data(fact, schema_version, stream.version, chance);
        events.push(NewEvent {
            id: Some(id(moment, chance)),
            event_type: fact.event_type().to_owned(),
            schema_version: Some(schema_version.to_string()),
            actor: Some(context.actor.to_owned()),
            actor_type: Some(context.actor_type.to_owned()),
            source: Some(context.source.to_owned()),
            causation_id: events.last().map_or(context.cause.event.clone(), |event| event.id.clone()),
            correlation_id: Some(context.cause.correlation.clone()),
            data: Json::text(data).unwrap_or_else(|_| serde_json::Value::Null.into()),
            metadata: context.metadata.clone(),
        });
    }
    let event = events.last().and_then(|event| event.id.clone());
    latest.remember(Cause { event, correlation: context.cause.correlation });
    let stream = StreamName::new(planned.kind.aggregate_type(), planned.kind.id(planned.number));
    Command { moment, stream, events }
}

/// A version 7 UUID of a moment whose random part is not random.
fn id(moment: Moment, chance: &mut Chance) -> String {
    let mut random = [0; 10];
    let bits = chance.bits().to_be_bytes().into_iter().chain(chance.bits().to_be_bytes());
    random.iter_mut().zip(bits).for_each(|(place, byte)| *place = byte);
    let millis = u64::try_from(moment / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}
