//! One mark for each event of a stream: what is known of its history without its states.

use std::iter::FlatMap;
use std::ops::Range;
use std::slice;
use std::sync::Arc;

use super::evolve::Outcome;
use crate::event::{Position, Timestamp, Version};

/// How many marks are shared at a time.
const CHUNK: usize = 4096;

/// One event of a stream, as a timeline shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The event's version.
    pub version: Version,
    /// The event's position in the whole store.
    pub position: Position,
    /// The event's type.
    pub event_type: Arc<str>,
    /// When it was recorded.
    pub timestamp: Option<Timestamp>,
    /// The version of the event type's own shape.
    pub schema_version: Option<Arc<str>>,
    /// Whether its rule did its work.
    pub outcome: Outcome,
    /// In how many places it changed the state.
    pub changed: usize,
}

/// The marks of a stream, in its order.
///
/// Cheap to clone, however many there are: whoever folds goes on adding to them while others look at what there was.
#[derive(Clone, Debug)]
pub struct Marks {
    /// All full but the last.
    chunks: Vec<Arc<Vec<Mark>>>,
    length: usize,
    /// Whether versions never fall; a damaged store may have them in any order.
    ascending: bool,
}

impl Default for Marks {
    fn default() -> Self {
        Self { chunks: Vec::new(), length: 0, ascending: true }
    }
}

impl Marks {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The mark of an event, counted from 0.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Mark> {
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)
    }

    /// The mark of the first event.
    #[must_use]
    pub fn first(&self) -> Option<&Mark> {
        self.get(0)
    }

    /// The mark of the last event.
    #[must_use]
    pub fn last(&self) -> Option<&Mark> {
        self.get(self.length.checked_sub(1)?)
    }

    /// All of them, in order.
    pub fn iter(&self) -> Iter<'_> {
        self.into_iter()
    }

    /// Those of a range of events, as far as there are any.
    pub fn range(&self, range: Range<usize>) -> impl Iterator<Item = &Mark> {
        range.map_while(|index| self.get(index))
    }

    /// How many marks, from the first on, meet a condition that holds for none after the first for which it does not.
    pub fn partition_point(&self, holds: impl Fn(&Mark) -> bool) -> usize {
        let full = self.chunks.partition_point(|chunk| chunk.last().is_some_and(&holds));
        let rest = self.chunks.get(full).map_or(0, |chunk| chunk.partition_point(&holds));
        (full * CHUNK + rest).min(self.length)
    }

    /// Which mark is the last one of a version.
    #[must_use]
    pub fn index_of(&self, version: Version) -> Option<usize> {
        let index = self.until(version).checked_sub(1)?;
        (self.get(index)?.version == version).then_some(index)
    }

    /// How many events lead to a version: all up to the last one that has it or, where versions only rise, a lower one.
    #[must_use]
    pub fn until(&self, version: Version) -> usize {
        if self.ascending {
            return self.partition_point(|mark| mark.version <= version);
        }
        let behind = self.iter().rev().position(|mark| mark.version == version);
        behind.map_or(0, |behind| self.length - behind)
    }

    /// Whether these are others and what came after them. A few of the others are compared, and the rest are known to be
    /// the same.
    #[must_use]
    pub fn go_on_from(&self, others: &Self) -> bool {
        let Some((last, full)) = others.chunks.split_last() else { return true };
        let same = full.iter().zip(&self.chunks).all(|(theirs, ours)| Arc::ptr_eq(theirs, ours));
        same && self.chunks.get(full.len()).is_some_and(|ours| Arc::ptr_eq(ours, last) || ours.starts_with(last))
    }

    /// Adds the mark of the next event.
    pub fn push(&mut self, mark: Mark) {
        self.ascending &= self.last().is_none_or(|last| last.version <= mark.version);
        self.length += 1;
        match self.chunks.last_mut().filter(|chunk| chunk.len() < CHUNK) {
            Some(chunk) => Arc::make_mut(chunk).push(mark),
            None => self.chunks.push(Arc::new(vec![mark])),
        }
    }
}

/// All marks of a stream, in order.
type Iter<'m> =
    FlatMap<slice::Iter<'m, Arc<Vec<Mark>>>, slice::Iter<'m, Mark>, fn(&Arc<Vec<Mark>>) -> slice::Iter<'_, Mark>>;

impl<'m> IntoIterator for &'m Marks {
    type Item = &'m Mark;
    type IntoIter = Iter<'m>;

    fn into_iter(self) -> Iter<'m> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
}

impl FromIterator<Mark> for Marks {
    fn from_iter<I: IntoIterator<Item = Mark>>(marks: I) -> Self {
        let mut all = Self::default();
        marks.into_iter().for_each(|mark| all.push(mark));
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mark(version: Version) -> Mark {
        Mark {
            version,
            position: version,
            event_type: "t".into(),
            timestamp: None,
            schema_version: None,
            outcome: Outcome::Applied,
            changed: 0,
        }
    }

    fn marks(count: usize) -> Marks {
        (1..).take(count).map(|version| mark(version * 2)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn they_are_those_that_were_pushed(count in 0..10_000_usize, asked in 0..21_000_i64) {
            let list: Vec<_> = (1..).take(count).map(|version| mark(version * 2)).collect();
            let marks: Marks = list.iter().cloned().collect();
            prop_assert_eq!(marks.len(), count);
            prop_assert!(marks.iter().eq(list.iter()));
            prop_assert_eq!((marks.first(), marks.last()), (list.first(), list.last()));
            prop_assert_eq!(marks.until(asked), list.partition_point(|mark| mark.version <= asked));
            prop_assert_eq!(marks.index_of(asked), list.iter().position(|mark| mark.version == asked));
            prop_assert!(marks.range(count / 2..count + 9).eq(list[count / 2..].iter()));
        }
    }

    #[test]
    fn those_that_were_looked_at_stay_as_they_were() {
        for count in [0, 1, 4095, 4096, 4097] {
            let mut marks = marks(count);
            let before = marks.clone();
            marks.push(mark(1_000_000));
            assert_eq!((before.len(), marks.len()), (count, count + 1));
            assert!(marks.go_on_from(&before) && (count == 0 || !before.go_on_from(&marks)));
        }
        assert!(!marks(5000).go_on_from(&marks(4500)), "marks of another fold");
    }

    #[test]
    fn versions_in_any_order_are_found() {
        let marks: Marks = [1, 2, 2, 3, 1, 4].map(mark).into_iter().collect();
        assert_eq!([1, 2, 3, 4, 5].map(|version| marks.index_of(version)), [Some(4), Some(2), Some(3), Some(5), None]);
    }
}
