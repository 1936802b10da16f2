//! How much of what there is: events and bytes by type, stream, actor, day and hour, and the largest of each.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::ControlFlow;

use chrono::{Datelike as _, NaiveDate, Timelike as _};

use crate::error::Result;
use crate::event::{Event, Position, StreamName};
use crate::source::Source;
use crate::source::layout::Columns;

use super::gather::{Gather, gather};

/// How many of the largest are kept.
const LARGEST: usize = 20;
/// How many types, actors and streams are counted apart.
const MOST: usize = 1_000_000;
/// The bounds of the lengths of streams and of the sizes of payloads are powers of this.
const BASE: u64 = 2;

/// Events, and the bytes of their data and metadata as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many events.
    pub events: u64,
    /// How many bytes.
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.join(Self { events: 1, bytes });
    }

    fn join(&mut self, other: Self) {
        self.events += other.events;
        self.bytes += other.bytes;
    }
}

/// An event that is named for its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Large {
    /// The bytes of its data and metadata.
    pub bytes: u64,
    /// Its position.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// Its type.
    pub event_type: String,
}

/// What a store holds, counted in one pass.
#[derive(Clone, Debug, Default)]
pub struct Extent {
    /// Everything.
    pub total: Amount,
    /// By event type.
    pub types: HashMap<String, Amount>,
    /// By stream.
    pub streams: HashMap<StreamName, Amount>,
    /// By actor; none for events without one.
    pub actors: HashMap<String, Amount>,
    /// By day, in UTC.
    pub days: BTreeMap<NaiveDate, Amount>,
    /// By hour of the day, in UTC.
    pub hours: [Amount; 24],
    /// How many payloads have a size of up to 2 to the power of the key, in bytes.
    pub sizes: BTreeMap<u32, u64>,
    /// The largest events, the largest first.
    pub largest: Vec<Large>,
}

impl Extent {
    /// Counts what a store holds. `progress` hears of how many events were counted, and may stop it.
    ///
    /// # Errors
    /// Those of reading; [`Cancelled`](crate::ErrorKind::Cancelled) where `progress` or the source's interrupt stopped
    /// it.
    pub fn gather(source: &Source, progress: &mut dyn FnMut(u64) -> ControlFlow<()>) -> Result<Self> {
        gather(source, Self::default(), progress)
    }

    /// How many streams have up to 2 to the power of the key events.
    #[must_use]
    pub fn stream_lengths(&self) -> BTreeMap<u32, u64> {
        let mut lengths = BTreeMap::new();
        self.streams.values().for_each(|amount| *lengths.entry(power(amount.events)).or_default() += 1);
        lengths
    }

    /// How many events there are on a day between the first and the last, on average; `None` without readable times.
    #[must_use]
    pub fn per_day(&self) -> Option<f64> {
        let (first, last) = (self.days.keys().next()?, self.days.keys().next_back()?);
        let days = last.num_days_from_ce() - first.num_days_from_ce() + 1;
        let events: u64 = self.days.values().map(|amount| amount.events).sum();
        #[allow(clippy::cast_precision_loss, reason = "an average")]
        Some(events as f64 / f64::from(days.max(1)))
    }

    fn add_large(&mut self, bytes: u64, large: impl FnOnce() -> Large) {
        if self.largest.len() < LARGEST || self.largest.last().is_some_and(|least| least.bytes < bytes) {
            let place = self.largest.partition_point(|large| large.bytes >= bytes);
            self.largest.insert(place, large());
            self.largest.truncate(LARGEST);
        }
    }
}

impl Gather for Extent {
    fn columns(&self) -> Columns {
        let columns = [Columns::EVENT_TYPE, Columns::TIMESTAMP, Columns::ACTOR, Columns::DATA, Columns::METADATA];
        columns.into_iter().fold(Columns::STREAM, Columns::with)
    }

    fn see(&mut self, event: &Event) {
        let bytes = (event.data.raw.len() + event.metadata.raw.len()) as u64;
        self.total.add(bytes);
        count(&mut self.types, &event.event_type, bytes);
        count(&mut self.streams, &event.stream, bytes);
        if let Some(actor) = &event.actor {
            count(&mut self.actors, actor, bytes);
        }
        if let Some(utc) = event.timestamp.as_ref().and_then(|time| time.utc) {
            self.days.entry(utc.date_naive()).or_default().add(bytes);
            if let Some(hour) = self.hours.get_mut(utc.hour() as usize) {
                hour.add(bytes);
            }
        }
        *self.sizes.entry(power(bytes)).or_default() += 1;
        self.add_large(bytes, || Large {
            bytes,
            position: event.position,
            stream: event.stream.clone(),
            event_type: event.event_type.clone(),
        });
    }

    fn join(&mut self, later: Self) {
        self.total.join(later.total);
        join(&mut self.types, later.types);
        join(&mut self.streams, later.streams);
        join(&mut self.actors, later.actors);
        later.days.into_iter().for_each(|(day, amount)| self.days.entry(day).or_default().join(amount));
        self.hours.iter_mut().zip(later.hours).for_each(|(mine, theirs)| mine.join(theirs));
        later.sizes.into_iter().for_each(|(power, count)| *self.sizes.entry(power).or_default() += count);
        later.largest.into_iter().for_each(|large| self.add_large(large.bytes, || large));
    }

    /// Where there are more of a kind than are counted apart, which of them are is told by the order of the store.
    fn untold(&self) -> Option<Self> {
        let most = self.types.len().max(self.streams.len()).max(self.actors.len());
        (most >= MOST).then(Self::default)
    }

    fn told(&mut self, anew: Self) {
        *self = anew;
    }
}

/// The least power that reaches a number.
fn power(number: u64) -> u32 {
    number.max(1).next_power_of_two().ilog(BASE)
}

fn count<K: Clone + Eq + Hash>(counts: &mut HashMap<K, Amount>, key: &K, bytes: u64) {
    let is_full = counts.len() >= MOST;
    match counts.get_mut(key) {
        Some(amount) => amount.add(bytes),
        None if is_full => {}
        None => drop(counts.insert(key.clone(), Amount { events: 1, bytes })),
    }
}

/// Takes in what was counted of other events.
fn join<K: Eq + Hash>(counts: &mut HashMap<K, Amount>, later: HashMap<K, Amount>) {
    for (key, amount) in later {
        counts.entry(key).or_default().join(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_counted_up_to_powers_of_two() {
        assert_eq!([0, 1, 2, 3, 4, 5, 1024, 1025].map(power), [0, 0, 1, 2, 2, 3, 10, 11]);
    }
}
