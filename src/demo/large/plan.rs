//! How many events each stream has, and when they happen.

use super::super::chance::Chance;
use super::super::journal::{DAY, HOUR, MINUTE, Moment};
use super::Size;
use super::kind::Kind;

/// Midnight of 1 January 2023, in UTC.
const FIRST_DAY: Moment = 1_672_531_200 * 1_000_000;

/// How long the history is, but for what ends later.
const SPAN: Moment = 3 * 365 * DAY;

/// How many events the longest stream has where there are enough.
const LONGEST: u64 = 1_000_000;

/// The longest stream never has more than one event of so many.
const SHARE: u64 = 2;

/// From how many events on a stream lives as long as the history.
const LONG: u64 = 200;

/// A stream that is yet to happen.
pub(super) struct Planned {
    pub(super) kind: Kind,
    /// Which of its kind it is.
    pub(super) number: u64,
    pub(super) length: u64,
    pub(super) start: Moment,
    /// The time between two of its commands, on the whole.
    pub(super) gap: Moment,
    /// How many events one of its commands has, on the whole.
    pub(super) at_once: u64,
}

/// How far through the history a moment is, in hundredths.
pub(super) fn hundredth(moment: Moment) -> i64 {
    moment.saturating_sub(FIRST_DAY) / (SPAN / 100)
}

/// All streams, the first to begin first.
pub(super) fn streams(size: Size, chance: &mut Chance) -> Vec<Planned> {
    let mut planned: Vec<Planned> =
        lengths(size).into_iter().enumerate().map(|(rank, length)| stream(rank, length, chance)).collect();
    planned.sort_by_key(|stream| stream.start);
    // Ids are given out as streams begin, as applications do.
    let mut given = [0; Kind::COUNT];
    for stream in &mut planned {
        if let Some(number) = given.get_mut(stream.kind.index()) {
            *number += 1;
            stream.number = *number;
        }
    }
    planned
}

fn stream(rank: usize, length: u64, chance: &mut Chance) -> Planned {
    let kind = Kind::of(rank, length, chance);
    let at_once = match length {
        0..LONG => 6,
        LONG..3_000 => 12,
        3_000..100_000 => 24,
        _ => 100,
    };
    let commands = Moment::try_from(length.div_ceil(at_once)).unwrap_or(Moment::MAX).max(1);
    let (start, gap) = if length < LONG {
        let pace = [5 * MINUTE, HOUR, 12 * HOUR, 2 * DAY];
        let pace = pace.get(usize::try_from(chance.between(0, 4)).unwrap_or(0)).copied().unwrap_or(HOUR);
        (chance.between(0, SPAN), pace)
    } else {
        let start = chance.between(0, SPAN / 20);
        (start, (SPAN - start) / commands)
    };
    Planned { kind, number: 0, length, start: FIRST_DAY + start, gap, at_once }
}

/// The lengths of the streams, the longest first: by Zipf's law the second has half as many events as the first, the
/// third a third.
fn lengths(size: Size) -> Vec<u64> {
    let longest = if size.streams == 1 { size.events } else { LONGEST.min(size.events / SHARE) };
    let natural = share(size.events, size.streams, 1);
    // There may be fewer events than a long first stream would leave the others.
    let first = if size.events / SHARE >= LONGEST || size.streams == 1 { longest } else { natural.min(longest) };
    let mut lengths = vec![first.max(1)];
    let rest = size.events.saturating_sub(first.max(1));
    lengths.extend((2..=size.streams).map(|rank| share_of_rest(rest, size.streams, rank).max(1)));
    settle(&mut lengths, size.events);
    lengths
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn share(events: u64, streams: u64, rank: u64) -> u64 {
    (events as f64 / (rank as f64 * harmonic(streams))) as u64
}

/// What a stream gets of the events that the first one leaves.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn share_of_rest(rest: u64, streams: u64, rank: u64) -> u64 {
    (rest as f64 / (rank as f64 * (harmonic(streams) - 1.0))) as u64
}

/// The sum of `1/rank`, by its well-known approximation.
#[allow(clippy::cast_precision_loss)]
fn harmonic(streams: u64) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    let streams = streams as f64;
    if streams < 2.0 { 1.0 } else { streams.ln() + EULER + 0.5 / streams }
}

/// Adds and takes away until there are as many events as are wanted: what rounding left.
fn settle(lengths: &mut [u64], events: u64) {
    let mut sum: u64 = lengths.iter().sum();
    while sum != events {
        let before = sum;
        // The first is as long as was said.
        let first = usize::from(lengths.len() > 1);
        for length in lengths.iter_mut().skip(first) {
            if sum < events {
                *length += 1;
                sum += 1;
            } else if sum > events && *length > 1 {
                let excess = (*length - 1).min(sum - events).min(length.div_ceil(10));
                *length -= excess;
                sum -= excess;
            }
        }
        if sum == before {
            if let Some(length) = lengths.first_mut() {
                *length = (*length + events).saturating_sub(sum).max(1);
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_stream_has_a_million_events_where_there_are_two() {
        let lengths = lengths(Size::of(2_000_000, None, 1));
        assert_eq!((lengths.len(), lengths[0]), (20_000, 1_000_000));
        assert!(lengths[1] > 2 * lengths[3] * 9 / 10 && lengths[1] < 2 * lengths[3] * 11 / 10);
    }

    proptest! {
        #[test]
        fn lengths_come_to_the_events_that_are_wanted(events in 1_u64..300_000, streams in 1_u64..3_000) {
            let size = Size::of(events, Some(streams), 1);
            let lengths = lengths(size);
            prop_assert_eq!(lengths.iter().sum::<u64>(), events);
            prop_assert_eq!(lengths.len() as u64, size.streams);
            prop_assert!(lengths.iter().all(|length| *length > 0));
        }
    }
}
