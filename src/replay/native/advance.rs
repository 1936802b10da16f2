//! Rules of common forms where nobody asks what was there before: no document is made of what they change.

use jaq_json::Val;

use super::{Done, Native, Work, get, same};
use crate::replay::bounds::Bounds;
use crate::replay::change::{Change, compare};
use crate::replay::evolve::Touched;
use crate::replay::fact::Fact;
use crate::replay::{state, val};

impl Native {
    /// Changes a state of so many bytes in place, as [`Self::apply`] does, and says how many it has then. `touched` hears of
    /// each place that is changed. `None` leaves it as it was.
    pub(crate) fn advance(
        &self,
        state: &mut Val,
        fact: &Fact<'_>,
        (bytes, bounds): (usize, Bounds),
        touched: Option<Touched<'_>>,
    ) -> Option<usize> {
        let mut work = Work { state, fact, done: Vec::with_capacity(4) };
        let grown = work.run(&self.0).and_then(|()| work.grown(bytes, bounds.memory, touched));
        if grown.is_none() {
            work.undo();
        }
        grown
    }
}

/// What a change comes to.
enum Came {
    /// To nothing.
    Nothing,
    /// To another value: so many bytes now, so many before.
    One(usize, usize),
    /// To changes within.
    Several(Vec<Change>),
}

impl Work<'_> {
    /// How large the state is after what was done; `None` where jq is to do it, as in [`Work::changes`].
    fn grown(&self, bytes: usize, memory: usize, touched: Option<Touched<'_>>) -> Option<usize> {
        let mut left = (memory, memory);
        let (mut added, mut removed, mut places) = (0_usize, 0_usize, Vec::new());
        for (at, done) in self.done.iter().enumerate() {
            let earlier = self.done.get(..at).unwrap_or_default();
            if earlier.iter().any(|other| other.is_of(done)) {
                continue;
            }
            if earlier.iter().any(|other| other.lies_within(done) || done.lies_within(other)) {
                return None;
            }
            match self.came(done, &mut left)? {
                Came::Nothing => {}
                Came::One(after, before) => {
                    (added, removed) = (added + after, removed + before);
                    if touched.is_some() {
                        places.push(done.path()?);
                    }
                }
                Came::Several(changes) => {
                    for change in changes {
                        added += change.after.as_ref().map_or(0, state::size);
                        removed += change.before.as_ref().map_or(0, state::size);
                        places.push(change.path);
                    }
                }
            }
        }
        let grown = bytes.saturating_add(added).saturating_sub(removed);
        if added > removed && grown > memory {
            return None;
        }
        if let Some(touched) = touched {
            for place in &places {
                touched(place);
            }
        }
        Some(grown)
    }

    /// `left`: how many bytes what was there before, and what is there now, may still take written out.
    fn came(&self, done: &Done, left: &mut (usize, usize)) -> Option<Came> {
        let after = get(self.state, &done.way, &done.key);
        if let (Some(before), Some(after)) = (&done.before, after) {
            if same(before, after) {
                return Some(Came::Nothing);
            }
            if !is_leaf(before) || !is_leaf(after) {
                let before = val::to_json_within(before, &mut left.0).ok()?;
                let after = val::to_json_within(after, &mut left.1).ok()?;
                let mut changes = Vec::new();
                compare(&mut done.path()?, &before, &after, &mut changes);
                return Some(Came::Several(changes));
            }
        }
        let fits = |value: Option<&Val>, left: &mut usize| value.is_none_or(|value| val::fits(value, left));
        // What cannot be written is for jq to refuse.
        if !fits(done.before.as_ref(), &mut left.0) || !fits(after, &mut left.1) {
            return None;
        }
        match (&done.before, after) {
            (None, None) => Some(Came::Nothing),
            (Some(before), Some(after)) if val::same_leaf(before, after) => Some(Came::Nothing),
            (before, after) => Some(Came::One(after.map_or(0, val::size), before.as_ref().map_or(0, val::size))),
        }
    }
}

impl Done {
    fn keys(&self) -> impl Iterator<Item = &Val> {
        self.way.iter().chain([&self.key])
    }

    fn is_of(&self, other: &Self) -> bool {
        self.key == other.key && self.way == other.way
    }

    fn lies_within(&self, other: &Self) -> bool {
        self.way.len() > other.way.len() && self.keys().zip(other.keys()).all(|(a, b)| a == b)
    }
}

fn is_leaf(value: &Val) -> bool {
    !matches!(value, Val::Obj(_) | Val::Arr(_))
}
