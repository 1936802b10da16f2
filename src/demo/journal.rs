//! Writes down what happens in the shop: at which moment, by whom, and caused by what.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use serde_json::{Value, json};

use super::catalogue::By;
use super::chance::Chance;
use crate::error::Result;
use crate::event::{ExpectedVersion, NewEvent, StreamName};
use crate::store::Transaction;

/// A moment of the shop's time, in microseconds since 1970.
pub(super) type Moment = i64;

pub(super) const SECOND: Moment = 1_000_000;
pub(super) const MINUTE: Moment = 60 * SECOND;
pub(super) const HOUR: Moment = 60 * MINUTE;
pub(super) const DAY: Moment = 24 * HOUR;

/// What another event can be caused by: an event, or, where it has no id, a request from outside.
#[derive(Clone, Default)]
pub(super) struct Cause {
    event: Option<String>,
    correlation: String,
}

impl Cause {
    /// A request from outside, which nothing in the shop caused.
    pub(super) fn request(chance: &mut Chance) -> Self {
        Self { event: None, correlation: format!("req-{:06x}", chance.bits() & 0x00FF_FFFF) }
    }

    /// The same event seen from another request: a person who acts on it later.
    pub(super) fn later(&self, chance: &mut Chance) -> Self {
        Self { event: self.event.clone(), ..Self::request(chance) }
    }
}

/// What an event says: its type, its schema version and its data.
pub(super) struct Said {
    event_type: &'static str,
    schema_version: u32,
    data: Value,
}

/// An event in the current shape of its type, which is its first.
pub(super) fn said(event_type: &'static str, data: Value) -> Said {
    Said { event_type, schema_version: 1, data }
}

impl Said {
    pub(super) fn in_version(self, schema_version: u32) -> Self {
        Self { schema_version, ..self }
    }
}

/// The open log of the shop.
pub(super) struct Journal<'store> {
    transaction: &'store Transaction<'store>,
    clock: Arc<AtomicI64>,
    now: Moment,
    ids: Chance,
}

impl<'store> Journal<'store> {
    /// A journal whose moments are told to the store through `clock`.
    pub(super) fn new(transaction: &'store Transaction<'store>, clock: Arc<AtomicI64>) -> Self {
        Self { transaction, clock, now: 0, ids: Chance::new(0x5109) }
    }

    pub(super) fn set_time(&mut self, moment: Moment) {
        self.now = self.now.max(moment);
    }

    pub(super) fn now(&self) -> Moment {
        self.now
    }

    /// Appends to a stream, a moment later than what was written before, and answers with the last event as a cause.
    pub(super) fn write(&mut self, stream: &StreamName, by: By, cause: &Cause, facts: Vec<Said>) -> Result<Cause> {
        self.now += self.ids.between(900, 14_000);
        self.clock.store(self.now, Ordering::Relaxed);
        let metadata = self.metadata(by);
        let mut events: Vec<NewEvent> = Vec::with_capacity(facts.len());
        for fact in facts {
            let caused_by = events.last().map_or(cause.event.clone(), |event| event.id.clone());
            events.push(self.event(by, cause, caused_by, fact, &metadata));
        }
        self.transaction.append(stream, ExpectedVersion::Any, &events)?;
        let last = events.pop().and_then(|event| event.id);
        Ok(Cause { event: last, correlation: cause.correlation.clone() })
    }

    fn event(&mut self, by: By, cause: &Cause, caused_by: Option<String>, fact: Said, metadata: &Value) -> NewEvent {
        NewEvent {
            id: Some(self.id()),
            event_type: fact.event_type.to_owned(),
            schema_version: Some(fact.schema_version.to_string()),
            actor: Some(by.actor.to_owned()),
            actor_type: Some(by.actor_type.to_owned()),
            source: Some(by.source.to_owned()),
            causation_id: caused_by,
            correlation_id: Some(cause.correlation.clone()),
            data: fact.data.into(),
            metadata: metadata.into(),
        }
    }

    /// A version 7 UUID of the shop's time whose random part is not random.
    fn id(&mut self) -> String {
        let mut random = [0; 10];
        let bits = self.ids.bits().to_be_bytes().into_iter().chain(self.ids.bits().to_be_bytes());
        random.iter_mut().zip(bits).for_each(|(place, byte)| *place = byte);
        let millis = u64::try_from(self.now / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
    }

    fn metadata(&mut self, by: By) -> Value {
        if by.handler.is_empty() {
            let (address, session) = (self.ids.between(2, 250), self.ids.bits() & 0xFFFF_FFFF);
            return json!({"ip": format!("203.0.113.{address}"), "session": format!("s-{session:08x}")});
        }
        json!({"handler": by.handler, "host": format!("shop-{}", self.ids.between(1, 3))})
    }
}

/// The moment as the store's clock tells it.
pub(super) fn told(moment: Moment) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp_micros(moment).unwrap_or_default()
}
