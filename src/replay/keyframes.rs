//! States on the way through a stream, from which others are folded: bounded in bytes, and thinned as the stream grows.

use super::state::State;

/// After how many events the first keyframes are kept; the distance doubles whenever they outgrow their bytes.
const FIRST_DISTANCE: usize = 32;

/// How many bytes of state may be copied for each event that is folded. A larger state is kept less often, so that
/// folding past what events leave alone costs the same however large that is.
const COPIED: usize = 128;

/// States at even distances, within a number of bytes.
#[derive(Debug)]
pub(crate) struct Keyframes {
    limit: usize,
    distance: usize,
    bytes: usize,
    /// After how many events, which state, how many bytes.
    frames: Vec<(usize, State, usize)>,
}

impl Keyframes {
    /// Keyframes of at most so many bytes, roughly.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, distance: FIRST_DISTANCE, bytes: 0, frames: Vec::new() }
    }

    /// Keeps the state after so many events where its turn has come.
    pub(crate) fn offer(&mut self, events: usize, state: &State) {
        if !events.is_multiple_of(self.distance) {
            return;
        }
        let bytes = state.size();
        if bytes > self.limit {
            return;
        }
        while bytes / COPIED > self.distance {
            self.thin();
        }
        if !events.is_multiple_of(self.distance) {
            return;
        }
        self.frames.push((events, state.clone(), bytes));
        self.bytes += bytes;
        while self.bytes > self.limit {
            self.thin();
        }
    }

    fn thin(&mut self) {
        self.distance *= 2;
        let distance = self.distance;
        self.frames.retain(|(events, ..)| events.is_multiple_of(distance));
        self.bytes = self.frames.iter().map(|(_, _, bytes)| bytes).sum();
    }

    /// The last one that is after at most so many events.
    pub(crate) fn nearest(&self, events: usize) -> Option<(usize, &State)> {
        let count = self.frames.partition_point(|(after, ..)| *after <= events);
        self.frames.get(count.checked_sub(1)?).map(|(after, state, _)| (*after, state))
    }
}
