//! The last question that was put to a worker, and its answer: one that is asked once, and can be stopped.

use std::cell::RefCell;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::session::Loading;

/// A question of a kind of which only the last one is of interest.
pub(super) struct Held<K, T>(RefCell<Option<Question<K, T>>>);

struct Question<K, T> {
    key: K,
    /// The worker's generation in which it was asked; `None` before it was.
    asked: Option<u64>,
    answer: Loading<T>,
}

impl<K, T> Default for Held<K, T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<K: Clone + PartialEq, T: Clone> Held<K, T> {
    /// The answer as far as it is known. `leave` gives up the question before; where `goes_on` says that it was of the
    /// same thing, its answer stands in. `ask` puts the question, once, and says in which generation.
    pub(super) fn answer(
        &self,
        key: &K,
        goes_on: impl FnOnce(&K) -> bool,
        leave: impl FnOnce(),
        ask: impl FnOnce() -> u64,
    ) -> Loading<T> {
        let mut held = self.0.borrow_mut();
        let mut question = match held.take() {
            Some(question) if question.key == *key => question,
            before => {
                leave();
                let before = before.filter(|before| goes_on(&before.key));
                let before = before.and_then(|before| before.answer.value().cloned());
                Question { key: key.clone(), asked: None, answer: before.map_or(Loading::Missing, Loading::Stale) }
            }
        };
        if question.answer.is_loading() && question.asked.is_none() {
            question.asked = Some(ask());
        }
        let answer = question.answer.clone();
        *held = Some(question);
        answer
    }

    /// Lets the question be asked anew; its answer stands in until then.
    pub(super) fn mark_stale(&self) {
        if let Some(question) = &mut *self.0.borrow_mut() {
            question.asked = None;
            question.answer = question.answer.value().cloned().map_or(Loading::Missing, Loading::Stale);
        }
    }

    /// Forgets the question.
    pub(super) fn forget(&self) {
        self.0.take();
    }

    /// Takes in an answer. What was cancelled while it was asked for was stopped by a person: it is not asked again by
    /// itself.
    pub(super) fn take(&self, key: &K, generation: u64, answer: Result<T>) {
        let mut held = self.0.borrow_mut();
        let Some(question) = held.as_mut().filter(|known| known.key == *key && known.asked == Some(generation)) else {
            return;
        };
        question.answer = match answer {
            Ok(answer) => Loading::Ready(answer),
            Err(error) if error.is_cancelled() => {
                let stopped = Error::bad_input("this was stopped before it was done");
                Loading::Failed(Arc::new(stopped.with_hint("Change something to have it done again.")))
            }
            Err(error) => Loading::Failed(Arc::new(error)),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_question_is_asked_once_and_what_was_stopped_is_not_asked_again() {
        let held: Held<u32, u32> = Held::default();
        let (asked, left) = (Cell::new(0_u64), Cell::new(0));
        let look = |key: u32| {
            let ask = || {
                asked.set(asked.get() + 1);
                asked.get()
            };
            held.answer(&key, |before| before % 10 == key % 10, || left.set(left.get() + 1), ask)
        };
        assert!(matches!(look(1), Loading::Missing));
        assert!(matches!(look(1), Loading::Missing));
        assert_eq!((asked.get(), left.get()), (1, 1));
        held.take(&1, 1, Ok(7));
        assert!(matches!(look(1), Loading::Ready(7)));
        assert!(matches!(look(11), Loading::Stale(7)), "it is of the same thing");
        held.take(&11, 1, Ok(8));
        assert!(matches!(look(11), Loading::Stale(7)), "that was an answer to another question");
        held.take(&11, 2, Err(Error::new(ErrorKind::Cancelled, "stopped")));
        assert!(matches!(look(11), Loading::Failed(_)));
        assert_eq!(asked.get(), 2, "it is not asked again");
        held.mark_stale();
        assert!(matches!(look(11), Loading::Missing));
        assert!(matches!(look(2), Loading::Missing));
        held.forget();
        assert!(matches!(look(2), Loading::Missing));
        assert_eq!(asked.get(), 5);
    }
}
