//! One mark for each event of a stream: what is known of its history without its states.

mod times;

use std::ops::Range;
use std::sync::Arc;

use self::times::Times;
use super::evolve::Outcome;
use crate::event::{Position, TimestampRef, Version};

/// How many marks are shared at a time.
const CHUNK: usize = 4096;

/// Among how many names and outcomes those of a mark are looked for.
const RECENT: usize = 64;

/// Stands for what a mark does not have. Of a chunk's names there are at most twice as many as it has marks.
const NONE: u16 = u16::MAX;

/// One event of a stream, as a timeline shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark<'m> {
    /// The event's version.
    pub version: Version,
    /// The event's position in the whole store.
    pub position: Position,
    /// The event's type.
    pub event_type: &'m str,
    /// When it was recorded.
    pub timestamp: Option<TimestampRef<'m>>,
    /// The version of the event type's own shape.
    pub schema_version: Option<&'m str>,
    /// Whether its rule did its work.
    pub outcome: &'m Outcome,
    /// In how many places it changed the state.
    pub changed: usize,
}

/// The marks of a stream, in its order.
///
/// Cheap to clone, however many there are: whoever folds goes on adding to them while others look at what there was.
#[derive(Clone, Debug)]
pub struct Marks {
    /// All full but the last.
    chunks: Vec<Arc<Chunk>>,
    length: usize,
    /// Whether versions never fall; a damaged store may have them in any order.
    ascending: bool,
}

/// Marks that follow each other. What many of them have alike is kept once.
#[derive(Clone, Debug, Default)]
struct Chunk {
    lines: Vec<Line>,
    names: Vec<Box<str>>,
    times: Times,
    outcomes: Vec<Outcome>,
}

/// What is a mark's own, and where in its chunk the rest is.
#[derive(Clone, Copy, Debug)]
struct Line {
    version: Version,
    position: Position,
    changed: u32,
    event_type: u16,
    schema_version: u16,
    time: u16,
    outcome: u16,
}

impl Chunk {
    fn get(&self, index: usize) -> Option<Mark<'_>> {
        self.lines.get(index).map(|line| self.mark(line))
    }

    fn mark(&self, line: &Line) -> Mark<'_> {
        let name = |at: u16| self.names.get(usize::from(at)).map(|name| &**name);
        Mark {
            version: line.version,
            position: line.position,
            event_type: name(line.event_type).unwrap_or_default(),
            timestamp: self.times.get(usize::from(line.time)),
            schema_version: name(line.schema_version),
            outcome: self.outcomes.get(usize::from(line.outcome)).unwrap_or(&Outcome::Applied),
            changed: line.changed as usize,
        }
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = Mark<'_>> {
        self.lines.iter().map(|line| self.mark(line))
    }

    fn push(&mut self, mark: &Mark<'_>) {
        let before = self.lines.last().copied();
        let event_type = self.name(mark.event_type, before.map(|line| line.event_type));
        let schema_version =
            mark.schema_version.map_or(NONE, |name| self.name(name, before.map(|line| line.schema_version)));
        // Events that were appended together have one time.
        let time = mark.timestamp.and_then(|time| self.times.place(time)).map_or(NONE, place);
        let outcome = known(&self.outcomes, |known| known == mark.outcome).unwrap_or_else(|| {
            self.outcomes.push(mark.outcome.clone());
            self.outcomes.len() - 1
        });
        self.lines.push(Line {
            version: mark.version,
            position: mark.position,
            changed: u32::try_from(mark.changed).unwrap_or(u32::MAX),
            event_type,
            schema_version,
            time,
            outcome: place(outcome),
        });
    }

    fn name(&mut self, name: &str, before: Option<u16>) -> u16 {
        let is_it = |at: usize| self.names.get(at).is_some_and(|known| **known == *name);
        if let Some(before) = before.filter(|before| is_it(usize::from(*before))) {
            return before;
        }
        place(known(&self.names, |known| **known == *name).unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        }))
    }

    fn begins_with(&self, other: &Self) -> bool {
        self.lines.len() >= other.lines.len() && self.iter().zip(other.iter()).all(|(ours, theirs)| ours == theirs)
    }
}

/// Where something is, unless that was long ago: then it is kept once more.
fn known<T>(all: &[T], is_it: impl Fn(&T) -> bool) -> Option<usize> {
    all.iter().enumerate().rev().take(RECENT).find(|(_, one)| is_it(one)).map(|(at, _)| at)
}

/// A place within a chunk.
fn place(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(NONE)
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
    pub fn get(&self, index: usize) -> Option<Mark<'_>> {
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)
    }

    /// The mark of the first event.
    #[must_use]
    pub fn first(&self) -> Option<Mark<'_>> {
        self.get(0)
    }

    /// The mark of the last event.
    #[must_use]
    pub fn last(&self) -> Option<Mark<'_>> {
        self.get(self.length.checked_sub(1)?)
    }

    /// All of them, in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        self.range(0..self.length)
    }

    /// Those of a range of events, as far as there are any.
    #[must_use]
    pub fn range(&self, range: Range<usize>) -> Iter<'_> {
        let end = range.end.min(self.length);
        Iter { marks: self, range: range.start.min(end)..end }
    }

    /// How many marks, from the first on, meet a condition that holds for none after the first for which it does not.
    pub fn partition_point(&self, holds: impl Fn(Mark<'_>) -> bool) -> usize {
        let full = self.chunks.partition_point(|chunk| chunk.iter().next_back().is_some_and(&holds));
        let rest = self.chunks.get(full).map_or(0, |chunk| chunk.lines.partition_point(|line| holds(chunk.mark(line))));
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
        same && self.chunks.get(full.len()).is_some_and(|ours| Arc::ptr_eq(ours, last) || ours.begins_with(last))
    }

    /// Adds the mark of the next event.
    pub fn push(&mut self, mark: Mark<'_>) {
        self.ascending &= self.last().is_none_or(|last| last.version <= mark.version);
        self.length += 1;
        if let Some(chunk) = self.chunks.last_mut().filter(|chunk| chunk.lines.len() < CHUNK) {
            let chunk = Arc::make_mut(chunk);
            chunk.push(&mark);
            if chunk.lines.len() == CHUNK {
                chunk.times.shrink();
            }
        } else {
            let mut chunk = Chunk::default();
            chunk.push(&mark);
            self.chunks.push(Arc::new(chunk));
        }
    }
}

/// Marks, in their order.
#[derive(Clone, Debug)]
pub struct Iter<'m> {
    marks: &'m Marks,
    range: Range<usize>,
}

impl<'m> Iterator for Iter<'m> {
    type Item = Mark<'m>;

    fn next(&mut self) -> Option<Mark<'m>> {
        self.marks.get(self.range.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.marks.get(self.range.next_back()?)
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'m> IntoIterator for &'m Marks {
    type Item = Mark<'m>;
    type IntoIter = Iter<'m>;

    fn into_iter(self) -> Iter<'m> {
        self.iter()
    }
}

impl<'m> FromIterator<Mark<'m>> for Marks {
    fn from_iter<I: IntoIterator<Item = Mark<'m>>>(marks: I) -> Self {
        let mut all = Self::default();
        marks.into_iter().for_each(|mark| all.push(mark));
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::Timestamp;

    fn mark(version: Version) -> Mark<'static> {
        Mark {
            version,
            position: version,
            event_type: "t",
            timestamp: None,
            schema_version: None,
            outcome: &Outcome::Applied,
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
            let marks: Marks = list.iter().copied().collect();
            prop_assert_eq!(marks.len(), count);
            prop_assert!(marks.iter().eq(list.iter().copied()));
            prop_assert_eq!((marks.first(), marks.last()), (list.first().copied(), list.last().copied()));
            prop_assert_eq!(marks.until(asked), list.partition_point(|mark| mark.version <= asked));
            prop_assert_eq!(marks.index_of(asked), list.iter().position(|mark| mark.version == asked));
            prop_assert!(marks.range(count / 2..count + 9).eq(list[count / 2..].iter().copied()));
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

    #[test]
    fn what_marks_have_alike_is_given_to_each() {
        let time = |stored: &str| Timestamp { stored: stored.into(), utc: None };
        let (times, failed) = ([time("one"), time("two")], Outcome::Failed("why".into()));
        let list: Vec<_> = (0..9000_usize)
            .map(|number| Mark {
                event_type: ["a", "b", "c"][number % 3],
                timestamp: times.get(number / 7 % 3).map(Timestamp::by_ref),
                schema_version: [None, Some("1"), Some("a")][number / 5 % 3],
                outcome: [&Outcome::Applied, &failed, &Outcome::Unhandled][number / 11 % 3],
                changed: number,
                ..mark(1)
            })
            .collect();
        let marks: Marks = list.iter().copied().collect();
        assert!(marks.iter().eq(list.iter().copied()));
        assert!(marks.iter().rev().eq(list.iter().rev().copied()));
    }
}
