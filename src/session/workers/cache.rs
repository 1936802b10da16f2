//! Kept answers by key: what panels ask for one by one, kept while it is looked at.

use std::cell::RefCell;
use std::hash::Hash;
use std::sync::Arc;

use crate::error::Result;

use super::lru::Lru;
use crate::session::Loading;

/// Answers by key. Looking at one that is missing or outdated asks for it.
pub(in crate::session) struct AnswerCache<K, V> {
    held: RefCell<Lru<K, Loading<V>>>,
    /// What is being read, and whether what it reads has changed since it was asked.
    asked: RefCell<Lru<K, bool>>,
}

impl<K: Clone + Eq + Hash, V: Clone> AnswerCache<K, V> {
    /// An empty cache for at most `capacity` answers.
    pub(in crate::session) fn new(capacity: usize) -> Self {
        Self { held: RefCell::new(Lru::new(capacity)), asked: RefCell::new(Lru::new(capacity)) }
    }

    /// The answer to `key` as far as it is known; `ask` has it read where it is not.
    pub(in crate::session) fn get_or_ask(&self, key: &K, ask: impl FnOnce()) -> Loading<V> {
        let held = self.held.borrow_mut().get(key).cloned().unwrap_or_default();
        if held.is_loading() {
            self.asked.borrow_mut().insert_if_absent(key, false);
            ask();
        }
        held
    }

    /// Whether the answer to `key` is known.
    pub(in crate::session) fn has(&self, key: &K) -> bool {
        self.held.borrow_mut().get(key).is_some_and(|held| !held.is_loading())
    }

    /// Keeps an answer. One that was cancelled says nothing.
    pub(in crate::session) fn insert(&self, key: K, answer: Result<V>) {
        let outgrown = self.asked.borrow_mut().remove(&key).unwrap_or(false);
        let held = match answer {
            Ok(value) if outgrown => Loading::Stale(value),
            Ok(value) => Loading::Ready(value),
            Err(error) if error.is_cancelled() => return,
            Err(error) => Loading::Failed(Arc::new(error)),
        };
        self.held.borrow_mut().insert(key, held);
    }

    /// Lets every answer be asked for again; the old ones stay until the new ones are there.
    pub(in crate::session) fn mark_stale(&self) {
        self.held.borrow_mut().retain(|_, held| {
            let (Loading::Ready(value) | Loading::Stale(value)) = held else { return false };
            *held = Loading::Stale(value.clone());
            true
        });
    }

    /// The same where nobody stops what is being read: of that, too, what comes is outdated.
    pub(in crate::session) fn outgrow(&self) {
        self.mark_stale();
        self.asked.borrow_mut().iter_mut().for_each(|(_, outgrown)| *outgrown = true);
    }

    /// Changes every answer in place.
    pub(in crate::session) fn change_all(&self, mut change: impl FnMut(&K, &mut Loading<V>)) {
        for (key, held) in self.held.borrow_mut().iter_mut() {
            change(key, held);
        }
    }

    /// Changes an answer in place, where there is one.
    pub(in crate::session) fn change(&self, key: &K, change: impl FnOnce(&mut Loading<V>)) {
        if let Some(held) = self.held.borrow_mut().get(key) {
            change(held);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use crate::error::Error;

    use super::*;

    #[test]
    fn an_answer_that_ages_stays_while_it_is_asked_for_again() {
        let cache = AnswerCache::new(4);
        let asked = Cell::new(0);
        let look = || cache.get_or_ask(&1, || asked.set(asked.get() + 1));
        assert!(matches!(look(), Loading::Missing));
        cache.insert(1, Ok("one"));
        assert!(matches!(look(), Loading::Ready("one")));
        assert_eq!(asked.get(), 1);
        cache.mark_stale();
        assert!(matches!(look(), Loading::Stale("one")));
        assert_eq!(asked.get(), 2);
        cache.insert(1, Err(Error::bad_input("no")));
        assert!(matches!(look(), Loading::Failed(_)));
    }

    #[test]
    fn an_answer_that_was_being_read_when_the_file_grew_is_asked_for_again() {
        let cache = AnswerCache::new(4);
        let asked = Cell::new(0);
        let look = || cache.get_or_ask(&1, || asked.set(asked.get() + 1));
        look();
        cache.outgrow();
        cache.insert(1, Ok("as it was"));
        assert!(matches!(look(), Loading::Stale("as it was")));
        assert_eq!(asked.get(), 2);
        cache.insert(1, Ok("as it is"));
        assert!(matches!(look(), Loading::Ready("as it is")));
        assert_eq!(asked.get(), 2);
    }
}
