//! Some events from all over a store: a first picture of what is in it, before everything was read.

use crate::error::Result;
use crate::event::Event;
use crate::source::Source;

/// How many events are looked at in one place of the store, and in how many places.
const RUN: usize = 100;
const RUNS: u64 = 40;

/// A payload of more bytes than that is left unread.
const LARGE: u64 = 64 << 10;

/// How much of a store a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// How many events were looked at.
    pub events: u64,
    /// Of how many.
    pub of: u64,
}

impl Sampled {
    /// How many there are in all, where there were so many in the sample, as far as one can tell.
    #[must_use]
    pub fn estimate(self, number: u64) -> u64 {
        let all = u128::from(number) * u128::from(self.of) / u128::from(self.events.max(1));
        u64::try_from(all).unwrap_or(u64::MAX)
    }
}

/// Gives some events from all over a store to `on`, in its order. `None` where there is no need of a sample, since the
/// store is short, or it is not known yet how many events there are.
pub(super) fn sample(source: &Source, on: &mut dyn FnMut(&Event)) -> Result<Option<Sampled>> {
    let of = source.rows().rows();
    let run = RUN as u64;
    if of <= run * RUNS {
        return Ok(None);
    }
    source.leave_unread(Some(LARGE));
    let mut events = 0;
    for place in 0..RUNS {
        let row = (of - run) / (RUNS - 1) * place;
        let page = source.page_at(row, RUN)?;
        events += page.len() as u64;
        page.iter().for_each(&mut *on);
    }
    Ok(Some(Sampled { events, of }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_a_sample_stands_for_all_of_its_kind() {
        let sampled = Sampled { events: 4_000, of: 10_000_000 };
        assert_eq!(sampled.estimate(4_000), 10_000_000);
        assert_eq!(sampled.estimate(1_000), 2_500_000);
        assert_eq!(Sampled { events: 0, of: 0 }.estimate(0), 0);
    }
}
