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
        let most = evolve.ahead();
        if most <= 1 && self.waiting.is_empty() && self.failed.is_none() {
            return self.events.next();
        }
        if self.waiting.is_empty() {
            if let Some(error) = self.failed.take() {
                return Some(Err(error));
            }
            self.fill(most);
            if let Err(error) = evolve.foresee(self.waiting.make_contiguous()) {
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
