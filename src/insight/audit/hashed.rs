//! Tables whose keys are hashes already.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A set of hashes.
pub(super) type HashedSet = HashSet<u64, BuildHasherDefault<Hashed>>;
/// Values by hashes.
pub(super) type HashedMap<V> = HashMap<u64, V, BuildHasherDefault<Hashed>>;

/// Takes a hash as it is.
#[derive(Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// A table that is being filled, beside those that other readers filled.
#[derive(Default)]
pub(super) struct Tables<T> {
    pub(super) own: T,
    others: Vec<T>,
}

impl<T> Tables<T> {
    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.own).chain(&self.others)
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut T> {
        std::iter::once(&mut self.own).chain(&mut self.others)
    }

    pub(super) fn into_all(self) -> impl Iterator<Item = T> {
        std::iter::once(self.own).chain(self.others)
    }

    pub(super) fn add(&mut self, other: T) {
        self.others.push(other);
    }
}
