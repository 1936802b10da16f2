//! Hashes of as many ids as a store has, each in its eight bytes and little more.
//!
//! They are put down as they come, in parts by their first bits, and a part is sorted when it is looked at: a hash table
//! of ten million takes twice the memory, and three times while it grows.

use crate::event::Position;

/// Of ten million hashes, one part fits in what a core keeps near it.
const PARTS: usize = 1 << PART_BITS;
const PART_BITS: u32 = 10;
/// How many lie in one place.
const BLOCK: usize = 256;
/// How many come at least before those are left out again that are there.
const FRESH: usize = 8;

/// What is kept by a hash.
pub(super) trait Hashed: Copy + Ord {
    /// The hash, which comes first in the order.
    fn hash(self) -> u64;
}

impl Hashed for u64 {
    fn hash(self) -> u64 {
        self
    }
}

/// Something at an event.
impl Hashed for (u64, Position) {
    fn hash(self) -> u64 {
        self.0
    }
}

/// What is kept by its hash, in no order until it is looked at.
pub(super) struct Hashes<T> {
    parts: Vec<Part<T>>,
}

impl<T> Default for Hashes<T> {
    fn default() -> Self {
        Self { parts: (0..PARTS).map(|_| Part::default()).collect() }
    }
}

impl<T: Hashed> Hashes<T> {
    /// Keeps one more.
    pub(super) fn push(&mut self, entry: T) {
        if let Some(part) = self.part(entry) {
            part.push(entry);
        }
    }

    /// Keeps one more, unless one of this hash that is before it in the order is there: for those that come again and
    /// again.
    pub(super) fn push_once(&mut self, entry: T) {
        if let Some(part) = self.part(entry) {
            part.push_once(entry);
        }
    }

    /// Takes in all of another one.
    pub(super) fn append(&mut self, other: Self) {
        for (part, more) in self.parts.iter_mut().zip(other.parts) {
            part.append(more);
        }
    }

    /// All that are kept, part by part, in order.
    pub(super) fn into_sorted(self) -> impl Iterator<Item = Vec<T>> {
        self.parts.into_iter().map(Part::into_sorted)
    }

    /// Of each hash the first one, part by part, in order.
    pub(super) fn into_once(self) -> impl Iterator<Item = Vec<T>> {
        self.parts.into_iter().map(|part| once(part.into_sorted()))
    }

    fn part(&mut self, entry: T) -> Option<&mut Part<T>> {
        let number = usize::try_from(entry.hash() >> (u64::BITS - PART_BITS)).ok()?;
        self.parts.get_mut(number)
    }
}

/// One part. It grows block by block and hands its blocks on as they are: what is copied to a larger place leaves the
/// smaller one empty, and of many parts such places are as much again.
struct Part<T> {
    full: Vec<Vec<T>>,
    last: Vec<T>,
    /// At how many those are left out next that came again.
    thinned_at: usize,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { full: Vec::new(), last: Vec::new(), thinned_at: FRESH }
    }
}

impl<T: Hashed> Part<T> {
    fn push(&mut self, entry: T) {
        if self.last.len() == BLOCK {
            self.full.push(std::mem::replace(&mut self.last, Vec::with_capacity(BLOCK)));
        }
        self.last.push(entry);
    }

    fn push_once(&mut self, entry: T) {
        if self.len() >= self.thinned_at {
            let thinned = once(std::mem::take(self).into_sorted());
            self.thinned_at = thinned.len() + (thinned.len() / 4).max(FRESH);
            self.extend(thinned);
        }
        self.push(entry);
    }

    fn append(&mut self, other: Self) {
        self.full.extend(other.full);
        self.extend(other.last);
    }

    fn extend(&mut self, more: Vec<T>) {
        for entry in more {
            self.push(entry);
        }
    }

    fn into_sorted(self) -> Vec<T> {
        let mut all = Vec::with_capacity(self.len());
        all.extend(self.full.into_iter().chain([self.last]).flatten());
        all.sort_unstable();
        all
    }

    fn len(&self) -> usize {
        self.full.len() * BLOCK + self.last.len()
    }
}

/// Of those that are sorted, the first one of each hash.
fn once<T: Hashed>(mut sorted: Vec<T>) -> Vec<T> {
    sorted.dedup_by_key(|entry| entry.hash());
    sorted
}

/// Some of the hashes that were met last: most of what is asked for again is asked for soon.
pub(super) struct Recent(Vec<u64>);

impl Recent {
    /// Keeps at most so many.
    pub(super) fn of(most: usize) -> Self {
        Self(vec![0; most.max(1)])
    }

    /// Whether it was met. That it was not says nothing.
    pub(super) fn has(&self, hash: u64) -> bool {
        self.0.get(self.slot(hash)) == Some(&hash)
    }

    /// Meets one.
    pub(super) fn meet(&mut self, hash: u64) {
        let slot = self.slot(hash);
        if let Some(met) = self.0.get_mut(slot) {
            *met = hash;
        }
    }

    fn slot(&self, hash: u64) -> usize {
        usize::try_from(hash % self.0.len() as u64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Numbers that are spread as hashes are.
    fn spread(number: u64) -> u64 {
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    #[test]
    fn all_are_kept_and_come_in_order() {
        let (mut hashes, mut later) = (Hashes::default(), Hashes::default());
        let numbers: Vec<u64> = (0..20_000).map(|number| spread(number % 15_000)).collect();
        numbers[..12_000].iter().for_each(|number| hashes.push(*number));
        numbers[12_000..].iter().for_each(|number| later.push(*number));
        hashes.append(later);
        let mut expected = numbers;
        expected.sort_unstable();
        assert_eq!(hashes.into_sorted().flatten().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_comes_again_is_kept_once_with_the_first_event() {
        let mut hashes = Hashes::default();
        let mut expected = BTreeMap::new();
        for position in 0..200_000_i64 {
            let hash = spread(position.unsigned_abs() % 3_000);
            hashes.push_once((hash, position));
            expected.entry(hash).or_insert(position);
        }
        let kept: usize = hashes.parts.iter().map(|part| part.full.len() * BLOCK + part.last.capacity()).sum();
        assert!(kept < 3_000 * 16, "{kept} places for 3,000 hashes");
        assert_eq!(hashes.into_once().flatten().collect::<BTreeMap<_, _>>(), expected);
    }

    #[test]
    fn what_was_met_last_is_known() {
        let mut recent = Recent::of(64);
        let met: BTreeSet<u64> = (1..1_000).map(spread).collect();
        for hash in &met {
            recent.meet(*hash);
            assert!(recent.has(*hash));
        }
        assert!((1_000..2_000).map(spread).all(|hash| !recent.has(hash)));
    }
}
