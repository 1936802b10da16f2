//! The different short values at a path, as long as they are few.

use serde_json::Value;

use crate::insight::node::Look;

/// How many different values are kept to tell an enumeration.
const MOST: usize = 16;
/// The longest text, in bytes, that is kept.
const LONGEST: usize = 80;
/// How many are kept as examples where there are too many to be an enumeration.
pub(super) const EXAMPLES: usize = 3;

/// A value that was found.
#[derive(Clone, Debug)]
struct Found {
    value: Value,
    /// How often; only right as long as all values are kept.
    count: u64,
    /// The first event that has it, by its number among those of its type.
    first: u64,
}

impl Found {
    fn comes_before(&self, other: &Self) -> bool {
        let by_text = || self.value.to_string().cmp(&other.value.to_string());
        self.first.cmp(&other.first).then_with(by_text).is_lt()
    }
}

/// The values, in the order of the events that have them first, those of one event by their text: so they are the same
/// whether they were found in one pass or in several that were merged.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    found: Vec<Found>,
    overflowed: bool,
}

impl Values {
    /// Takes in a scalar of an event. Events come in the order of their numbers.
    pub(super) fn see<N>(&mut self, look: &Look<'_, N>, event: u64) {
        let is_settled =
            self.overflowed && self.found.len() >= EXAMPLES && self.found.last().is_some_and(|last| last.first < event);
        if is_settled {
            return;
        }
        if let Some(known) = self.found.iter_mut().find(|known| look.is(&known.value)) {
            known.count += 1;
        } else if matches!(look, Look::Text(text) if text.len() > LONGEST) {
            self.overflow();
        } else {
            self.add(Found { value: look.scalar(), count: 1, first: event });
        }
    }

    /// Takes in what was found of other events, or of the same ones at another path.
    pub(super) fn merge(&mut self, other: Self) {
        for theirs in other.found {
            match self.found.iter().position(|known| known.value == theirs.value) {
                None => self.add(theirs),
                Some(place) => {
                    let mine = self.found.remove(place);
                    let (count, first) = (mine.count + theirs.count, mine.first.min(theirs.first));
                    self.add(Found { count, first, ..mine });
                }
            }
        }
        if other.overflowed {
            self.overflow();
        }
    }

    fn add(&mut self, new: Found) {
        let place = self.found.partition_point(|known| known.comes_before(&new));
        self.found.insert(place, new);
        if self.overflowed || self.found.len() > MOST {
            self.overflow();
        }
    }

    /// There are too many, or one is too long: from now on only examples are kept.
    fn overflow(&mut self) {
        self.overflowed = true;
        self.found.truncate(EXAMPLES);
    }

    /// Counts events from another one on.
    pub(super) fn shift(&mut self, by: u64) {
        self.found.iter_mut().for_each(|found| found.first += by);
    }

    /// All of them with how often they are there; `None` where there are too many.
    pub(super) fn all(&self) -> Option<impl ExactSizeIterator<Item = (&Value, u64)>> {
        (!self.overflowed).then(|| self.found.iter().map(|found| (&found.value, found.count)))
    }

    /// The first of them.
    pub(super) fn examples(&self) -> impl Iterator<Item = &Value> {
        self.found.iter().map(|found| &found.value).take(EXAMPLES)
    }
}
