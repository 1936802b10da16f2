//! A shelf of answers by key: what panels ask for one by one, kept while it is looked at.

use std::cell::RefCell;
use std::hash::Hash;
use std::sync::Arc;

use crate::error::Result;

use super::Loading;
use super::cache::Cache;

/// Answers by key. Looking at one that is missing or outdated asks for it.
pub(super) struct Shelf<K, V> {
    held: RefCell<Cache<K, Loading<V>>>,
}

impl<K: Clone + Eq + Hash, V: Clone> Shelf<K, V> {
    /// An empty shelf for at most `capacity` answers.
    pub(super) fn new(capacity: usize) -> Self {
        Self { held: RefCell::new(Cache::new(capacity)) }
    }

    /// The answer to `key` as far as it is known; `ask` has it read where it is not.
    pub(super) fn look(&self, key: &K, ask: impl FnOnce()) -> Loading<V> {
        let held = self.held.borrow_mut().get(key).cloned().unwrap_or_default();
        if held.is_loading() {
            ask();
        }
        held
    }

    /// Whether the answer to `key` is known.
    pub(super) fn knows(&self, key: &K) -> bool {
        self.held.borrow_mut().get(key).is_some_and(|held| !held.is_loading())
    }

    /// Puts an answer on the shelf. One that was withdrawn says nothing.
    pub(super) fn put(&self, key: K, answer: Result<V>) {
        let held = match answer {
            Ok(value) => Loading::Ready(value),
            Err(error) if error.is_cancelled() => return,
            Err(error) => Loading::Failed(Arc::new(error)),
        };
        self.held.borrow_mut().insert(key, held);
    }

    /// Lets every answer be asked for again; the old ones stay until the new ones are there.
    pub(super) fn age(&self) {
        self.held.borrow_mut().retain(|_, held| {
            let (Loading::Ready(value) | Loading::Stale(value)) = held else { return false };
            *held = Loading::Stale(value.clone());
            true
        });
    }

    /// Changes every answer in place.
    pub(super) fn change_all(&self, mut change: impl FnMut(&K, &mut Loading<V>)) {
        for (key, held) in self.held.borrow_mut().iter_mut() {
            change(key, held);
        }
    }

    /// Changes an answer in place, where there is one.
    pub(super) fn change(&self, key: &K, change: impl FnOnce(&mut Loading<V>)) {
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
        let shelf = Shelf::new(4);
        let asked = Cell::new(0);
        let look = || shelf.look(&1, || asked.set(asked.get() + 1));
        assert!(matches!(look(), Loading::Missing));
        shelf.put(1, Ok("one"));
        assert!(matches!(look(), Loading::Ready("one")));
        assert_eq!(asked.get(), 1);
        shelf.age();
        assert!(matches!(look(), Loading::Stale("one")));
        assert_eq!(asked.get(), 2);
        shelf.put(1, Err(Error::bad_input("no")));
        assert!(matches!(look(), Loading::Failed(_)));
    }
}
