//! What folds: the rules of a file, or anything else that turns events into states, such as the application itself.

use std::fmt::Debug;
use std::sync::Arc;

use super::change::Change;
use super::state::State;
use crate::error::Result;
use crate::event::{Brief, Event, StreamName};

/// Folds the events of one stream after the other into states.
///
/// [`super::Fold`] does so by the rules of a file. Timelines, keyframes and probes work over this trait, so that
/// whatever else can take an event and tell the state after it has them all.
///
/// An error ends the fold: nothing more can be asked, as when a process has died. A rule that fails on one event is no
/// error but an [`Outcome::Failed`], and leaves the state as it was.
pub trait Evolve: Debug + Send {
    /// Goes to the state of a stream before its first event, or to one that this evolver, or [another](Self::another)
    /// of its kind, gave before.
    fn begin(&mut self, stream: &StreamName, from: Option<&State>) -> Result<()>;

    /// Whether of an event it looks at nothing but the type and the data, so that all else can be left empty.
    fn reads_data_alone(&self) -> bool {
        false
    }

    /// How many of the events that come next it likes to see before they are applied, where it works ahead.
    fn ahead(&self) -> Option<usize> {
        None
    }

    /// Sees the events that come next. Each is still applied, in this order, unless the fold ends before.
    fn foresee(&mut self, events: &[Event]) -> Result<()> {
        let _ = events;
        Ok(())
    }

    /// Takes the next event of the stream, with what it changes in place of what `changes` held: see [`Applied`]. Who
    /// folds many events keeps that list from one to the next, so that none asks for memory for it.
    fn apply_into(&mut self, event: &Event, changes: &mut Vec<Change>) -> Result<Outcome>;

    /// Takes the next event of the stream.
    ///
    /// # Errors
    /// Those of [`Self::apply_into`].
    fn apply(&mut self, event: &Event) -> Result<Applied> {
        let mut changes = Vec::new();
        let outcome = self.apply_into(event, &mut changes)?;
        Ok(Applied { changes, outcome })
    }

    /// Takes the next event of the stream where nobody asks what it changed: often that is less work. It may take the
    /// event's data out of it.
    ///
    /// # Errors
    /// Those of [`Self::apply_into`].
    fn advance(&mut self, event: &mut Event) -> Result<Outcome> {
        self.apply_into(event, &mut Vec::new())
    }

    /// Takes the next event of the stream by what was read of it, where it [reads data alone](Self::reads_data_alone):
    /// that is the least work. `touched` hears of each place that it changes, a JSON Pointer, in any order.
    ///
    /// `None`: it needs the event itself for that, and has done nothing.
    fn advance_by(&mut self, brief: &Brief<'_>, touched: Option<Touched<'_>>) -> Option<Outcome> {
        let _ = (brief, touched);
        None
    }

    /// The state after the events taken so far.
    fn state(&self) -> &State;

    /// What makes the state of events of a type.
    fn maker(&self, event_type: &str) -> Maker {
        let _ = event_type;
        Maker::Application
    }

    /// One more of the same kind, which folds on its own and has not begun.
    fn another(&self) -> Result<Box<dyn Evolve>>;
}

/// What hears of the places that an event changes.
pub type Touched<'t> = &'t mut dyn FnMut(&str);

/// What became of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// What it changed in the state, in the order in which [`super::change::apply`] takes it. An evolver that is not
    /// told what changed compares the states: see [`State::changes_to`].
    pub changes: Vec<Change>,
    /// Whether its rule did its work.
    pub outcome: Outcome,
}

/// Whether the rule for an event did its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did; the state may still be as it was.
    Applied,
    /// The rule says to leave the state alone.
    Ignored,
    /// There is no rule for this event type, or the guess can make nothing of its data. The state is as it was.
    Unhandled,
    /// The rule failed, and why. The state is as it was.
    Failed(Arc<str>),
}

/// What says which state an event leads to: how far the state is to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The guess: the event's data is merged into the state.
    Guess,
    /// A rule of the user's, by the pattern for event types that it stands under.
    Rule(Arc<str>),
    /// Nothing: there is no rule for the type, and the state stays as it was.
    Nothing,
    /// The application's own code.
    Application,
}
