//! What is shown of an extent: totals, and the largest of each kind.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::NaiveDate;

use super::extent::{Amount, Extent, Large};
use super::gather::Gather as _;
use super::sample::{Sampled, sample};
use crate::error::Result;
use crate::event::StreamName;
use crate::source::Source;

/// What is shown of an [`Extent`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExtentSummary {
    /// Everything.
    pub total: Amount,
    /// How many streams there are; `None` where only a sample was looked at.
    pub streams_count: Option<u64>,
    /// How many events there are on a day, on average; `None` without readable times.
    pub per_day: Option<f64>,
    /// The largest event types.
    pub types: Vec<(String, Amount)>,
    /// The largest streams; none of a sample, which tells nothing of a single stream.
    pub streams: Vec<(StreamName, Amount)>,
    /// The largest actors.
    pub actors: Vec<(String, Amount)>,
    /// The days, in UTC.
    pub days: Vec<(NaiveDate, Amount)>,
    /// The hours of the day, in UTC.
    pub hours: [Amount; 24],
    /// How many payloads have a size of up to 2 to the power of the first, in bytes.
    pub sizes: Vec<(u32, u64)>,
    /// How many streams have up to 2 to the power of the first events; none of a sample.
    pub stream_lengths: Vec<(u32, u64)>,
    /// The largest events, the largest first.
    pub largest: Vec<Large>,
}

impl Extent {
    /// What is shown of it, of each kind at most so many.
    #[must_use]
    pub fn summary(&self, most: usize) -> ExtentSummary {
        ExtentSummary {
            total: self.total,
            streams_count: Some(self.streams.len() as u64),
            per_day: self.per_day(),
            types: largest(&self.types, most),
            streams: largest(&self.streams, most),
            actors: largest(&self.actors, most),
            days: self.days.iter().map(|(day, amount)| (*day, *amount)).collect(),
            hours: self.hours,
            sizes: self.sizes.iter().map(|(power, count)| (*power, *count)).collect(),
            stream_lengths: self.stream_lengths().into_iter().collect(),
            largest: self.largest.clone(),
        }
    }
}

impl ExtentSummary {
    /// What a store holds as far as a sample tells, and how large the sample was; `None` where there is no need of one.
    ///
    /// # Errors
    /// Those of reading.
    pub fn sampled(source: &Source, most: usize) -> Result<Option<(Self, Sampled)>> {
        let mut extent = Extent::default();
        let Some(sampled) = sample(source, &mut |event| extent.see(event))? else { return Ok(None) };
        Ok(Some((extent.summary(most).estimated(sampled), sampled)))
    }

    /// What this says of a sample, as of the whole.
    fn estimated(mut self, sampled: Sampled) -> Self {
        let amounts = [&mut self.total].into_iter().chain(&mut self.hours);
        let named = self.types.iter_mut().chain(&mut self.actors).map(|(_, amount)| amount);
        let days = self.days.iter_mut().map(|(_, amount)| amount);
        for amount in amounts.chain(named).chain(days) {
            amount.events = sampled.estimate(amount.events);
            amount.bytes = sampled.estimate(amount.bytes);
        }
        self.sizes.iter_mut().for_each(|(_, count)| *count = sampled.estimate(*count));
        #[allow(clippy::cast_precision_loss, reason = "an average")]
        let factor = sampled.of as f64 / sampled.events.max(1) as f64;
        self.per_day = self.per_day.map(|rate| rate * factor);
        Self { streams_count: None, streams: Vec::new(), stream_lengths: Vec::new(), ..self }
    }
}

/// The largest by events, with their names.
fn largest<K: Clone + Ord>(counts: &HashMap<K, Amount>, most: usize) -> Vec<(K, Amount)> {
    let mut all: Vec<(&K, &Amount)> = counts.iter().collect();
    let order = |(a, amount): &(&K, &Amount), (b, other): &(&K, &Amount)| {
        (Reverse(amount.events), *a).cmp(&(Reverse(other.events), *b))
    };
    if all.len() > most {
        all.select_nth_unstable_by(most, order);
        all.truncate(most);
    }
    all.sort_unstable_by(order);
    all.into_iter().map(|(key, amount)| (key.clone(), *amount)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_are_found_among_many() {
        let counts: HashMap<u64, Amount> = (0..1_000).map(|n| (n, Amount { events: n % 100, bytes: n })).collect();
        let found: Vec<_> = largest(&counts, 12).into_iter().map(|(key, amount)| (amount.events, key)).collect();
        let expected: Vec<_> = (0..10).map(|n| (99, 99 + 100 * n)).chain([(98, 98), (98, 198)]).collect();
        assert_eq!(found, expected);
        assert_eq!(largest(&counts, 5_000).len(), 1_000);
        assert_eq!(largest(&counts, 0), []);
    }

    #[test]
    fn a_sample_is_told_as_of_the_whole() {
        let amount = Amount { events: 10, bytes: 100 };
        let summary = ExtentSummary {
            total: amount,
            types: vec![("a".to_owned(), amount)],
            streams_count: Some(3),
            per_day: Some(2.0),
            ..ExtentSummary::default()
        };
        let told = summary.estimated(Sampled { events: 10, of: 1_000 });
        assert_eq!((told.total.events, told.types[0].1.bytes, told.streams_count), (1_000, 10_000, None));
        assert!((told.per_day.unwrap() - 200.0).abs() < 1e-9);
    }
}
