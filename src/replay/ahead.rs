//! Shows an evolver the events that come next, where it works ahead.

use std::collections::VecDeque;

use super::evolve::Evolve;
use crate::error::{Error, Result};
use crate::event::Event;

/// Events that are shown to an evolver, as many as it likes to see at once, before each is applied to it.
#[derive(Debug)]
pub struct Ahead<I> {
    events: I,
    waiting: VecDeque<Event>,
    /// What reading failed with after those.
    failed: Option<Error>,
}

impl<I: Iterator<Item = Result<Event>>> Ahead<I> {
    /// Events in their order.
    #[must_use]
    pub fn new(events: I) -> Self {
        Self { events, waiting: VecDeque::new(), failed: None }
    }

    /// The next event, which the evolver has seen.
    pub fn next(&mut self, evolve: &mut dyn Evolve) -> Option<Result<Event>> {
        if self.waiting.is_empty() {
            if let Some(error) = self.failed.take() {
                return Some(Err(error));
            }
            let Some(most) = evolve.ahead() else { return self.events.next() };
            self.fill(most);
            if !self.waiting.is_empty()
                && let Err(error) = evolve.foresee(self.waiting.make_contiguous())
            {
                self.waiting.clear();
                return Some(Err(error));
            }
        }
        self.waiting.pop_front().map(Ok).or_else(|| self.failed.take().map(Err))
    }

    fn fill(&mut self, most: usize) {
        while self.waiting.len() < most {
            match self.events.next() {
                Some(Ok(event)) => self.waiting.push_back(event),
                Some(Err(error)) => {
                    self.failed = Some(error);
                    return;
                }
                None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StreamName;
    use crate::replay::{Change, Outcome, State};

    /// Counts, and notes what it saw ahead.
    #[derive(Debug, Default)]
    struct Seer {
        saw: Vec<usize>,
        refuses: bool,
        state: State,
    }

    impl Evolve for Seer {
        fn begin(&mut self, _: &StreamName, _: Option<&State>) -> Result<()> {
            Ok(())
        }

        fn ahead(&self) -> Option<usize> {
            Some(3)
        }

        fn foresee(&mut self, events: &[Event]) -> Result<()> {
            self.saw.push(events.len());
            if self.refuses { Err(Error::bad_input("no")) } else { Ok(()) }
        }

        fn apply_into(&mut self, _: &Event, changes: &mut Vec<Change>) -> Result<Outcome> {
            changes.clear();
            Ok(Outcome::Applied)
        }

        fn state(&self) -> &State {
            &self.state
        }

        fn another(&self) -> Result<Box<dyn Evolve>> {
            Ok(Box::<Self>::default())
        }
    }

    fn events(versions: std::ops::Range<i64>) -> impl Iterator<Item = Result<Event>> {
        versions.map(|version| Ok(Event { version, ..Event::default() }))
    }

    #[test]
    fn every_event_is_seen_once_before_it_comes_and_an_error_comes_in_its_place() {
        let mut seer = Seer::default();
        let broken = events(0..4).chain(std::iter::once(Err(Error::bad_input("unreadable")))).chain(events(5..6));
        let mut ahead = Ahead::new(broken);
        let mut came = Vec::new();
        while let Some(event) = ahead.next(&mut seer) {
            came.push(event.map(|event| event.version).map_err(|error| error.to_string()));
        }
        let error = Err("unreadable".to_owned());
        assert_eq!(came, [Ok(0), Ok(1), Ok(2), Ok(3), error, Ok(5)]);
        assert_eq!(seer.saw, [3, 1, 1]);
    }

    #[test]
    fn what_an_evolver_refuses_to_foresee_does_not_come() {
        let mut seer = Seer { refuses: true, ..Seer::default() };
        let mut ahead = Ahead::new(events(0..2));
        assert!(ahead.next(&mut seer).unwrap().is_err());
        assert!(ahead.next(&mut seer).is_none());
    }
}
