//! Questions to a stream's history, answered while it is folded once.
//!
//! A [`Probe`] sees each step of a fold and keeps what it finds; whoever folds takes the findings whenever it likes. As
//! probes combine (a tuple or a `Vec` of them is one), any number of questions costs one pass. A new question is a new
//! file here.

mod blame_index;
mod drift;
mod effects;
mod fidelity;
mod history;
mod invariants;
mod moment;
mod shadow;
mod watches;

use std::ops::ControlFlow;

pub use blame_index::BlameIndex;
pub use drift::{Compared, SnapshotDrift, Stored};
pub use effects::{Effect, Effects};
pub use fidelity::{Fidelity, TypeFidelity};
pub use history::{ValueAt, ValueHistory};
pub use invariants::{Invariant, Invariants, Violation};
pub use moment::Moment;
pub use watches::{Flip, Truth, Watches};

use super::ahead::Ahead;
use super::change::Change;
use super::evolve::Evolve;
use super::evolve::Outcome;
use super::state::State;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, StreamName};

/// After how many events, at the latest, whoever folds may take findings or stop.
const PROGRESS: u64 = 256;

/// What a probe sees of one event, once it is folded.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The event.
    pub event: &'a Event,
    /// What it changed.
    pub changes: &'a [Change],
    /// Whether its rule did its work.
    pub outcome: &'a Outcome,
    /// The state after it.
    pub state: &'a State,
}

/// A question to a stream's history.
///
/// States are lent, never copied: a state is changed in place where it can be, so the one before an event is to be seen
/// only until the event is folded. What was there before is in the changes, too.
pub trait Probe {
    /// A stream begins; the state is the one before its first event.
    fn begin(&mut self, stream: &StreamName, state: &State) {
        let _ = (stream, state);
    }

    /// An event is about to be folded into a state.
    fn before(&mut self, event: &Event, state: &State) {
        let _ = (event, state);
    }

    /// An event was folded.
    fn after(&mut self, seen: &Seen<'_>);

    /// The stream is at its end, or as far as it is folded.
    fn end(&mut self, state: &State) {
        let _ = state;
    }

    /// Whether nothing that may come in this stream adds to the findings: a pass need not go on for this probe.
    fn is_done(&self) -> bool {
        false
    }
}

/// A probe that keeps what it finds.
pub trait Finds: Probe {
    /// One thing that it finds.
    type Finding;

    /// What was found since it was asked last, in the order in which it was found.
    fn take(&mut self) -> Vec<Self::Finding>;
}

/// Folds one more event and shows it to a probe, with its changes in place of what `changes` held, as
/// [`Evolve::apply_into`] has it.
///
/// # Errors
/// What the evolver fails with.
pub fn step(
    evolve: &mut dyn Evolve,
    event: &Event,
    changes: &mut Vec<Change>,
    probe: &mut (impl Probe + ?Sized),
) -> Result<Outcome> {
    probe.before(event, evolve.state());
    let outcome = evolve.apply_into(event, changes)?;
    probe.after(&Seen { event, changes, outcome: &outcome, state: evolve.state() });
    Ok(outcome)
}

/// Folds a stream from its beginning and shows it to a probe, until it or the probe is at its end. Returns the number of
/// events folded.
///
/// `on` hears of that number from time to time, with the probe, whose findings it may take; it may stop the pass.
///
/// # Errors
/// What reading an event or the evolver failed with; [`ErrorKind::Cancelled`] if `on` stopped it.
pub fn pass<P: Probe>(
    evolve: &mut dyn Evolve,
    stream: &StreamName,
    events: impl IntoIterator<Item = Result<Event>>,
    probe: &mut P,
    mut on: impl FnMut(u64, &mut P) -> ControlFlow<()>,
) -> Result<u64> {
    evolve.begin(stream, None)?;
    probe.begin(stream, evolve.state());
    let (mut folded, mut changes) = (0_u64, Vec::new());
    let mut events = Ahead::new(events.into_iter());
    while !probe.is_done() {
        let Some(event) = events.next(evolve) else { break };
        let outcome = step(evolve, &event?, &mut changes, probe)?;
        folded += 1;
        // A rule that fails may have run for long first.
        let slow = matches!(outcome, Outcome::Failed(_));
        if (slow || folded.is_multiple_of(PROGRESS)) && on(folded, probe).is_break() {
            return Err(Error::new(ErrorKind::Cancelled, "the replay was stopped"));
        }
    }
    probe.end(evolve.state());
    Ok(folded)
}

/// Nothing is asked: the fold alone.
impl Probe for () {
    fn after(&mut self, _: &Seen<'_>) {}
}

impl<P: Probe + ?Sized> Probe for &mut P {
    fn begin(&mut self, stream: &StreamName, state: &State) {
        (**self).begin(stream, state);
    }

    fn before(&mut self, event: &Event, state: &State) {
        (**self).before(event, state);
    }

    fn after(&mut self, seen: &Seen<'_>) {
        (**self).after(seen);
    }

    fn end(&mut self, state: &State) {
        (**self).end(state);
    }

    fn is_done(&self) -> bool {
        (**self).is_done()
    }
}

impl<P: Probe + ?Sized> Probe for Box<P> {
    fn begin(&mut self, stream: &StreamName, state: &State) {
        (**self).begin(stream, state);
    }

    fn before(&mut self, event: &Event, state: &State) {
        (**self).before(event, state);
    }

    fn after(&mut self, seen: &Seen<'_>) {
        (**self).after(seen);
    }

    fn end(&mut self, state: &State) {
        (**self).end(state);
    }

    fn is_done(&self) -> bool {
        (**self).is_done()
    }
}

/// All of them, each seeing every step.
impl<P: Probe> Probe for Vec<P> {
    fn begin(&mut self, stream: &StreamName, state: &State) {
        for probe in self {
            probe.begin(stream, state);
        }
    }

    fn before(&mut self, event: &Event, state: &State) {
        for probe in self {
            probe.before(event, state);
        }
    }

    fn after(&mut self, seen: &Seen<'_>) {
        for probe in self {
            probe.after(seen);
        }
    }

    fn end(&mut self, state: &State) {
        for probe in self {
            probe.end(state);
        }
    }

    fn is_done(&self) -> bool {
        self.iter().all(Probe::is_done)
    }
}

/// Both of them, each seeing every step.
impl<A: Probe, B: Probe> Probe for (A, B) {
    fn begin(&mut self, stream: &StreamName, state: &State) {
        self.0.begin(stream, state);
        self.1.begin(stream, state);
    }

    fn before(&mut self, event: &Event, state: &State) {
        self.0.before(event, state);
        self.1.before(event, state);
    }

    fn after(&mut self, seen: &Seen<'_>) {
        self.0.after(seen);
        self.1.after(seen);
    }

    fn end(&mut self, state: &State) {
        self.0.end(state);
        self.1.end(state);
    }

    fn is_done(&self) -> bool {
        self.0.is_done() && self.1.is_done()
    }
}
