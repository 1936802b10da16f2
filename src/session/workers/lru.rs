//! A small cache that forgets what was not looked at for longest.

use std::collections::HashMap;
use std::hash::Hash;

/// At most `capacity` values, found by key.
pub(in crate::session) struct Lru<K, V> {
    entries: HashMap<K, (u64, V)>,
    capacity: usize,
    clock: u64,
}

impl<K: Clone + Eq + Hash, V> Lru<K, V> {
    /// An empty cache.
    pub(in crate::session) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), capacity: capacity.max(1), clock: 0 }
    }

    /// The value of a key; looking at it keeps it.
    pub(in crate::session) fn get(&mut self, key: &K) -> Option<&mut V> {
        self.clock += 1;
        let (used, value) = self.entries.get_mut(key)?;
        *used = self.clock;
        Some(value)
    }

    /// Puts a value in; the one that was not looked at for longest leaves where it is full.
    pub(in crate::session) fn insert(&mut self, key: K, value: V) {
        self.clock += 1;
        if self.entries.len() >= self.capacity && !self.entries.contains_key(&key) {
            let oldest = self.entries.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                self.entries.remove(&oldest);
            }
        }
        self.entries.insert(key, (self.clock, value));
    }

    /// Puts a value in where there is none.
    pub(in crate::session) fn insert_if_absent(&mut self, key: &K, value: V) {
        if self.get(key).is_none() {
            self.insert(key.clone(), value);
        }
    }

    /// Takes a value out.
    pub(in crate::session) fn remove(&mut self, key: &K) -> Option<V> {
        self.entries.remove(key).map(|(_, value)| value)
    }

    /// Every value with its key, in no order.
    pub(in crate::session) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().map(|(key, (_, value))| (key, value))
    }

    /// Keeps the values that `keep` says yes to.
    pub(in crate::session) fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain(|key, (_, value)| keep(key, value));
    }

    /// Forgets everything.
    pub(in crate::session) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_not_looked_at_for_longest_leaves() {
        let mut cache = Lru::new(2);
        cache.insert("a", 1);
        cache.insert("b", 2);
        assert_eq!(cache.get(&"a"), Some(&mut 1));
        cache.insert("c", 3);
        assert_eq!(cache.get(&"b"), None);
        assert_eq!(cache.get(&"a"), Some(&mut 1));
        assert_eq!(cache.get(&"c"), Some(&mut 3));
    }
}
