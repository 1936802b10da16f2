//! How the events spread over time, and those that a filter keeps among them.
//!
//! Most stores are logs: the further down, the later. Whether this one is, is seen from samples across it; if so, the
//! edge of each bar is found by bisection, a few hundred look-ups in all, however long the store. Where single events lie
//! out of order between two samples, an edge is off by as many. A short store, or one that is no log, is read through
//! once with only its times.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::Result;
use crate::event::{Event, Position, Timestamp};
use crate::filter::{Field, Filter, NumberField, Op, Term, compile};
use crate::source::Source;
use crate::source::layout::Columns;

use super::statistics::hear;

/// Up to how many events a store is simply read through.
const SHORT: u64 = 50_000;

/// How many events across the store tell whether it is in the order of time.
const SAMPLES: u64 = 256;

/// Up to how many event types are told apart: more colours than that are not.
pub const FEW_TYPES: usize = 12;

/// How many moments are told apart while a store is read through; neighbours are put together beyond that.
const MOMENTS: usize = 65_536;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The widths that a bar may have, in milliseconds: those that people count time in.
const WIDTHS: [i64; 36] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    91 * DAY,
    182 * DAY,
    365 * DAY,
    1826 * DAY,
    3652 * DAY,
];

/// One bar: a stretch of time and how much happened in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The first moment in it, in milliseconds since 1970 (UTC).
    pub from: i64,
    /// The first moment after it.
    pub to: i64,
    /// How many events there are.
    pub all: u64,
    /// How many of them the filter keeps.
    pub matching: u64,
}

/// How the events spread over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Bars of equal width without gaps, oldest first; empty where no event has a time.
    pub buckets: Vec<Bucket>,
    /// How many events have no time that can be read, as far as they were looked at.
    pub undated: u64,
    /// How many events of each type there are in each bar; empty where there are many types, or it is not known.
    pub kinds: Vec<Kind>,
    /// The first and the last event of each bar, where the store is a log.
    ends: Vec<Option<(Position, Position)>>,
}

/// The events of one type over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The event type.
    pub event_type: Arc<str>,
    /// How many events there are in each bar.
    pub counts: Vec<u64>,
}

/// How many of the events between two positions, both included, a filter keeps.
pub type Matching<'a> = &'a dyn Fn(Position, Position) -> u64;

impl Histogram {
    /// Spreads the events of a store over at most `bars` bars.
    ///
    /// `matching` counts the events that a filter keeps; without one none are counted. `progress` hears of what is known
    /// so far, and may break it off. The source's index of keys is completed first where it is not.
    ///
    /// # Errors
    /// What reading failed with; [`crate::ErrorKind::Cancelled`] where `progress` or the source's interrupt stopped it.
    pub fn gather(
        source: &Source,
        bars: usize,
        matching: Option<Matching<'_>>,
        progress: &mut dyn FnMut(&Self) -> ControlFlow<()>,
    ) -> Result<Self> {
        source.complete_rows()?;
        let rows = source.rows().rows();
        let matching = matching.unwrap_or(&|_, _| 0);
        if rows > SHORT
            && let Some(log) = Log::look(source, rows)?
        {
            return log.spread(bars, matching, progress);
        }
        let mut moments = Moments::default();
        let walked = source.skim(Columns::TIMESTAMP.with(Columns::EVENT_TYPE), &mut |events| {
            for event in events {
                moments.take(event, matching);
            }
            progress(&moments.spread(bars))
        })?;
        hear(walked)?;
        Ok(moments.spread(bars))
    }

    /// How many events of each of these types there are in each bar, where an index tells; else `None`. Bars that are as
    /// they are in `before` are not counted again.
    ///
    /// # Errors
    /// What reading failed with.
    pub fn kinds_by_index(
        &self,
        source: &Source,
        types: &[Arc<str>],
        before: Option<&Self>,
    ) -> Result<Option<Vec<Kind>>> {
        let Some(mapping) = source.mapping().filter(|_| self.ends.len() == self.buckets.len()) else { return Ok(None) };
        let mut kinds = Vec::new();
        for event_type in types {
            let known = before.and_then(|before| before.kinds.iter().find(|kind| kind.event_type == *event_type));
            let mut counts = Vec::new();
            for (index, (bucket, ends)) in self.buckets.iter().zip(&self.ends).enumerate() {
                let same = before
                    .and_then(|before| before.buckets.get(index))
                    .is_some_and(|other| (other.from, other.to, other.all) == (bucket.from, bucket.to, bucket.all));
                let count = match (known.filter(|_| same).and_then(|known| known.counts.get(index)), ends) {
                    (Some(count), _) => *count,
                    (None, None) => 0,
                    (None, Some((first, last))) => {
                        let position = |op, value| Term::number(NumberField::Position, op, value);
                        let terms = vec![
                            Term::field(Field::Type, event_type.to_string()),
                            position(Op::AtLeast, *first),
                            position(Op::AtMost, *last),
                        ];
                        let Some(count) = source.count_by_index(&compile(&Filter { terms }, mapping))? else {
                            return Ok(None);
                        };
                        count
                    }
                };
                counts.push(count);
            }
            kinds.push(Kind { event_type: Arc::clone(event_type), counts });
        }
        Ok(Some(kinds))
    }

    /// Empty bars for the time between two moments, both included.
    fn empty(first: i64, last: i64, bars: usize) -> Self {
        let width = width(first, last, bars);
        let from = first.div_euclid(width) * width;
        let starts =
            std::iter::successors(Some(from), |start| start.checked_add(width)).take_while(|start| *start <= last);
        let bucket = |from: i64| Bucket { from, to: from.saturating_add(width), all: 0, matching: 0 };
        Self { buckets: starts.map(bucket).collect(), ..Self::default() }
    }
}

/// The narrowest width at which a time takes no more than so many bars.
fn width(first: i64, last: i64, bars: usize) -> i64 {
    let bars = i64::try_from(bars.max(1)).unwrap_or(i64::MAX);
    let fits = |width: &i64| last.div_euclid(*width).saturating_sub(first.div_euclid(*width)) < bars;
    let longest = last.saturating_sub(first).div_euclid(bars).saturating_add(1).saturating_mul(2);
    WIDTHS.into_iter().find(fits).unwrap_or(longest)
}

fn milliseconds(time: Option<&Timestamp>) -> Option<i64> {
    time.and_then(|time| time.utc).map(|utc| utc.timestamp_millis())
}

/// The times of a store that is read through: how many events at each moment, coarser the more moments there are.
#[derive(Default)]
struct Moments {
    counts: BTreeMap<i64, (u64, u64)>,
    /// The same of each type, as long as there are few.
    kinds: BTreeMap<String, BTreeMap<i64, u64>>,
    many_types: bool,
    /// A moment is 2 to this many milliseconds long.
    scale: u32,
    undated: u64,
}

impl Moments {
    fn take(&mut self, event: &Event, matching: Matching<'_>) {
        let Some(time) = milliseconds(event.timestamp.as_ref()) else {
            self.undated += 1;
            return;
        };
        let count = self.counts.entry(time >> self.scale).or_default();
        count.0 += 1;
        count.1 += matching(event.position, event.position);
        self.take_kind(&event.event_type, time >> self.scale);
        if self.counts.len() > MOMENTS {
            self.coarsen();
        }
    }

    fn take_kind(&mut self, event_type: &str, moment: i64) {
        if self.many_types {
            return;
        }
        if let Some(kind) = self.kinds.get_mut(event_type) {
            *kind.entry(moment).or_default() += 1;
        } else if self.kinds.len() < FEW_TYPES {
            self.kinds.insert(event_type.to_owned(), BTreeMap::from([(moment, 1)]));
        } else {
            self.many_types = true;
            self.kinds.clear();
        }
    }

    fn coarsen(&mut self) {
        self.scale += 1;
        for kind in self.kinds.values_mut() {
            let mut coarser: BTreeMap<i64, u64> = BTreeMap::new();
            for (moment, count) in std::mem::take(kind) {
                *coarser.entry(moment >> 1).or_default() += count;
            }
            *kind = coarser;
        }
        let mut coarser: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
        for (moment, (all, matching)) in std::mem::take(&mut self.counts) {
            let count = coarser.entry(moment >> 1).or_default();
            count.0 += all;
            count.1 += matching;
        }
        self.counts = coarser;
    }

    fn spread(&self, bars: usize) -> Histogram {
        let ends = (self.counts.first_key_value(), self.counts.last_key_value());
        let (Some((first, _)), Some((last, _))) = ends else {
            return Histogram { undated: self.undated, ..Histogram::default() };
        };
        let mut histogram = Histogram::empty(first << self.scale, last << self.scale, bars);
        histogram.undated = self.undated;
        histogram.kinds =
            self.kinds.iter().map(|(name, moments)| self.kind(name, moments, &histogram.buckets)).collect();
        let mut buckets = histogram.buckets.iter_mut().peekable();
        for (moment, (all, matching)) in &self.counts {
            let time = moment << self.scale;
            while buckets.next_if(|bucket| bucket.to <= time).is_some() {}
            if let Some(bucket) = buckets.peek_mut() {
                bucket.all += all;
                bucket.matching += matching;
            }
        }
        histogram
    }

    /// The events of one type in these bars.
    fn kind(&self, name: &str, moments: &BTreeMap<i64, u64>, buckets: &[Bucket]) -> Kind {
        let mut counts = vec![0; buckets.len()];
        let mut bars = buckets.iter().zip(&mut counts).peekable();
        for (moment, count) in moments {
            while bars.next_if(|(bucket, _)| bucket.to <= moment << self.scale).is_some() {}
            if let Some((_, bar)) = bars.peek_mut() {
                **bar += count;
            }
        }
        Kind { event_type: name.into(), counts }
    }
}

/// A store in which events come in the order of their times.
pub(super) struct Log<'s> {
    source: &'s Source,
    /// Rows across the store and their times: the first and the last row are among them.
    samples: Vec<(u64, i64)>,
}

impl<'s> Log<'s> {
    /// Looks at rows across the store; `None` where a time is missing or earlier than the one before.
    pub(super) fn look(source: &'s Source, rows: u64) -> Result<Option<Self>> {
        let Some(last) = rows.checked_sub(1) else { return Ok(None) };
        let step = (rows / SAMPLES).max(1);
        let mut samples: Vec<(u64, i64)> = Vec::new();
        for row in (0..last).step_by(usize::try_from(step).unwrap_or(usize::MAX)).chain([last]) {
            let found = source.moment_of_row(row)?;
            let Some(time) = found.and_then(|(_, time)| milliseconds(time.as_ref())) else { return Ok(None) };
            if samples.last().is_some_and(|(_, before)| *before > time) {
                return Ok(None);
            }
            samples.push((row, time));
        }
        Ok(Some(Self { source, samples }))
    }

    fn spread(
        &self,
        bars: usize,
        matching: Matching<'_>,
        progress: &mut dyn FnMut(&Histogram) -> ControlFlow<()>,
    ) -> Result<Histogram> {
        let (Some((_, first)), Some((last_row, last))) = (self.samples.first(), self.samples.last()) else {
            return Ok(Histogram::default());
        };
        let mut histogram = Histogram::empty(*first, *last, bars);
        let mut row = 0;
        for index in 0..histogram.buckets.len() {
            let Some(bucket) = histogram.buckets.get_mut(index) else { break };
            let next = if bucket.to > *last { last_row + 1 } else { self.first_row_from(bucket.to)?.max(row) };
            bucket.all = next - row;
            let mut ends = None;
            if bucket.all > 0 {
                let position =
                    |row| Ok::<_, crate::Error>(self.source.moment_of_row(row)?.map(|(position, _)| position));
                if let (Some(from), Some(to)) = (position(row)?, position(next - 1)?) {
                    bucket.matching = matching(from, to);
                    ends = Some((from, to));
                }
            }
            histogram.ends.push(ends);
            row = next;
            hear(progress(&histogram))?;
        }
        Ok(histogram)
    }

    /// The first row whose time is not before a moment, by bisection between the two samples around it.
    pub(super) fn first_row_from(&self, moment: i64) -> Result<u64> {
        let after = self.samples.partition_point(|(_, time)| *time < moment);
        let row = |index: Option<usize>| index.and_then(|index| self.samples.get(index)).map(|(row, _)| *row);
        let mut low = row(after.checked_sub(1)).map_or(0, |row| row + 1);
        let mut high = row(Some(after)).unwrap_or(low);
        while low < high {
            let middle = low + (high - low) / 2;
            let time = self.source.moment_of_row(middle)?.and_then(|(_, time)| milliseconds(time.as_ref()));
            if time.is_some_and(|time| time < moment) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(position: Position, time: i64) -> Event {
        let utc = chrono::DateTime::from_timestamp_millis(time);
        Event { position, timestamp: Some(Timestamp { stored: "".into(), utc }), ..Event::default() }
    }

    fn moments(times: &[i64]) -> Moments {
        let mut moments = Moments::default();
        for (position, time) in (1..).zip(times) {
            moments.take(&event(position, *time), &|from, to| u64::from(from == to && from % 2 == 0));
        }
        moments
    }

    #[test]
    fn bars_have_widths_that_people_count_in() {
        assert_eq!(width(0, 99, 100), 1);
        assert_eq!(width(0, 100, 100), 2);
        assert_eq!(width(0, DAY, 60), 30 * MINUTE);
        assert_eq!(width(5, 5, 10), 1);
        assert!(width(i64::MIN, i64::MAX, 10) > 3652 * DAY);
        for (first, last) in [(0, 1), (-5, 12_345_678), (1_700_000_000_000, 1_800_000_000_000)] {
            let histogram = Histogram::empty(first, last, 50);
            assert!(histogram.buckets.len() <= 50);
            assert!(histogram.buckets.first().unwrap().from <= first && histogram.buckets.last().unwrap().to > last);
        }
    }

    #[test]
    fn every_event_is_in_one_bar() {
        let histogram = moments(&[1_500, 0, 999, 1_000, 1_000, 3_999]).spread(4);
        let counts: Vec<_> =
            histogram.buckets.iter().map(|bucket| (bucket.from, bucket.all, bucket.matching)).collect();
        assert_eq!(counts, [(0, 2, 1), (1_000, 3, 1), (2_000, 0, 0), (3_000, 1, 1)]);
    }

    #[test]
    fn what_has_no_time_is_counted_apart() {
        let mut none = Moments::default();
        none.take(&Event::default(), &|_, _| 0);
        assert_eq!(none.spread(10), Histogram { undated: 1, ..Histogram::default() });
    }

    #[test]
    fn few_types_are_told_apart_and_many_are_not() {
        let of = |types: i64| {
            let mut moments = Moments::default();
            for number in 0..40 {
                let event_type = format!("t{}", number % types);
                moments.take(&Event { event_type, ..event(number, number * 100) }, &|_, _| 0);
            }
            moments.coarsen();
            moments.spread(4)
        };
        let histogram = of(2);
        assert_eq!(histogram.kinds.len(), 2);
        for (index, bucket) in histogram.buckets.iter().enumerate() {
            assert_eq!(histogram.kinds.iter().map(|kind| kind.counts[index]).sum::<u64>(), bucket.all);
        }
        assert_eq!(of(13).kinds, []);
    }

    #[test]
    fn many_moments_are_put_together() {
        let times: Vec<_> = (0..200_000).map(|n| n * 7).collect();
        let moments = moments(&times);
        assert!(moments.counts.len() <= MOMENTS);
        let histogram = moments.spread(20);
        assert_eq!(histogram.buckets.iter().map(|bucket| bucket.all).sum::<u64>(), 200_000);
        assert_eq!(histogram.buckets.iter().map(|bucket| bucket.matching).sum::<u64>(), 100_000);
    }
}
