//! The times of many events, in the memory of few: their texts lie behind each other.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::event::TimestampRef;

/// Stands for a time that cannot be read as a moment, and for one that is kept apart.
const UNREAD: i64 = i64::MIN;
const APART: i64 = i64::MIN + 1;

/// Times, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    texts: String,
    /// Where each text ends; empty while all are as long.
    ends: Vec<u32>,
    /// The moments, in nanoseconds since 1970.
    nanoseconds: Vec<i64>,
    /// The moments that these do not hold: those of other centuries, and leap seconds.
    apart: BTreeMap<usize, DateTime<Utc>>,
}

impl Times {
    fn len(&self) -> usize {
        self.nanoseconds.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<TimestampRef<'_>> {
        let utc = match *self.nanoseconds.get(at)? {
            UNREAD => None,
            APART => self.apart.get(&at).copied(),
            nanoseconds => Some(DateTime::from_timestamp_nanos(nanoseconds)),
        };
        let begin = at.checked_sub(1).map_or(Some(0), |before| self.end(before))?;
        Some(TimestampRef { stored: self.texts.get(begin..self.end(at)?)?, utc })
    }

    fn end(&self, at: usize) -> Option<usize> {
        if self.ends.is_empty() {
            return self.texts.len().checked_div(self.len()).map(|length| length * (at + 1));
        }
        self.ends.get(at).map(|end| *end as usize)
    }

    /// The place of a time that comes next: that of the last one where it is the same. `None` where there is no room for
    /// its text.
    pub(super) fn place(&mut self, time: TimestampRef<'_>) -> Option<usize> {
        let last = self.len().checked_sub(1);
        if let Some(last) = last.filter(|last| self.get(*last) == Some(time)) {
            return Some(last);
        }
        let end = u32::try_from(self.texts.len().checked_add(time.stored.len())?).ok()?;
        let alike = self.ends.is_empty() && last.is_none_or(|_| self.end(0) == Some(time.stored.len()));
        if !alike {
            if self.ends.is_empty() {
                self.ends = (0..self.len()).filter_map(|at| u32::try_from(self.end(at)?).ok()).collect();
            }
            self.ends.push(end);
        }
        self.texts.push_str(time.stored);
        let nanoseconds = match time.utc {
            None => UNREAD,
            Some(utc) => held(utc).unwrap_or_else(|| {
                self.apart.insert(self.nanoseconds.len(), utc);
                APART
            }),
        };
        self.nanoseconds.push(nanoseconds);
        Some(self.len() - 1)
    }

    /// Gives back the memory that was held for more: no more come.
    pub(super) fn shrink(&mut self) {
        self.texts.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.nanoseconds.shrink_to_fit();
    }
}

/// A moment in nanoseconds since 1970, where that is all of it.
fn held(utc: DateTime<Utc>) -> Option<i64> {
    let nanoseconds = utc.timestamp_nanos_opt()?;
    (nanoseconds > APART && DateTime::from_timestamp_nanos(nanoseconds) == utc).then_some(nanoseconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utc() -> impl Strategy<Value = Option<DateTime<Utc>>> {
        let seconds = prop_oneof![-9_000_000_000_000..9_000_000_000_000_i64, 1_700_000_000..1_800_000_000_i64];
        // A second that has more than a thousand million nanoseconds is a leap second.
        (seconds, 0..2_000_000_000_u32).prop_map(|(seconds, nanos)| {
            let seconds = if nanos >= 1_000_000_000 { seconds.div_euclid(60) * 60 + 59 } else { seconds };
            DateTime::from_timestamp(seconds, nanos)
        })
    }

    proptest! {
        #[test]
        fn times_are_those_that_were_added(
            alike in prop::collection::vec(("[0-9:]{8}", utc()), 0..20),
            others in prop::collection::vec(("[0-9äß]{0,9}", utc()), 0..20),
        ) {
            let mut times = Times::default();
            let all: Vec<_> = alike.into_iter().chain(others).collect();
            let all: Vec<_> = all.iter().map(|(stored, utc)| TimestampRef { stored, utc: *utc }).collect();
            let places: Vec<_> = all.iter().map(|time| times.place(*time).unwrap()).collect();
            times.shrink();
            for (time, place) in all.iter().zip(places) {
                prop_assert_eq!(times.get(place), Some(*time));
            }
            prop_assert_eq!(times.get(times.len()), None);
        }
    }
}
