//! Which event last set each place, learned step by step.

use super::{Probe, Seen};
use crate::event::StreamName;
use crate::event::Version;
use crate::replay::blame::{Blame, Touches, Touching};
use crate::replay::change::Change;
use crate::replay::state::State;

/// Learns which event set what, and answers for any number of events seen so far.
#[derive(Debug, Default)]
pub struct BlameIndex {
    touches: Touches,
}

impl BlameIndex {
    /// What is known, seen from after the first `events` events.
    #[must_use]
    pub fn blame(&self, events: usize) -> Blame {
        self.touches.blame(events)
    }

    /// Takes in the next event, place by place.
    pub(crate) fn next(&mut self, version: Version) -> Touching<'_> {
        self.touches.next(version)
    }

    /// Notes what the next event changed.
    pub(crate) fn note(&mut self, version: Version, changes: &[Change]) {
        self.touches.push(version, changes);
    }
}

impl Probe for BlameIndex {
    fn begin(&mut self, _: &StreamName, _: &State) {
        self.touches = Touches::default();
    }

    fn after(&mut self, seen: &Seen<'_>) {
        self.note(seen.event.version, seen.changes);
    }
}
