//! What a person noted in a database: bookmarks, and the places of a state that are to be seen at every version.

use serde::{Deserialize, Serialize};

use super::invariant::InvariantRule;
use crate::event::{StreamName, Version};

/// How many of each may be noted in one database.
pub const NOTED_LIMIT: usize = 500;

/// What is noted in one database, remembered from run to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Noted {
    bookmarks: Vec<Bookmark>,
    pinned: Vec<PinnedPath>,
    invariants: Vec<InvariantRule>,
}

/// A version of a stream to come back to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bookmark {
    aggregate_type: String,
    aggregate_id: String,
    version: Version,
}

/// A place in the state of the streams of an aggregate type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PinnedPath {
    /// The aggregate type; empty where the streams of a database have none.
    pub aggregate_type: String,
    /// The place, as a JSON Pointer.
    pub pointer: String,
}

impl Bookmark {
    /// One at a version of a stream.
    #[must_use]
    pub fn new(stream: &StreamName, version: Version) -> Self {
        let StreamName { aggregate_type, aggregate_id } = stream.clone();
        Self { aggregate_type, aggregate_id, version }
    }

    fn is_of(&self, stream: &StreamName) -> bool {
        self.aggregate_type == stream.aggregate_type && self.aggregate_id == stream.aggregate_id
    }
}

impl Noted {
    /// The versions of a stream that have a bookmark, in the order in which they were set.
    pub fn bookmarks(&self, stream: &StreamName) -> impl Iterator<Item = Version> {
        self.bookmarks.iter().filter(|bookmark| bookmark.is_of(stream)).map(|bookmark| bookmark.version)
    }

    /// The next bookmark of a stream after a version, or the last one before it.
    #[must_use]
    pub fn bookmark_from(&self, stream: &StreamName, version: Version, forward: bool) -> Option<Version> {
        if forward {
            self.bookmarks(stream).filter(|at| *at > version).min()
        } else {
            self.bookmarks(stream).filter(|at| *at < version).max()
        }
    }

    /// Sets a bookmark, or takes it away. The oldest one goes where there are too many.
    pub fn turn_bookmark(&mut self, bookmark: Bookmark) {
        turn(&mut self.bookmarks, bookmark);
    }

    /// The places that are pinned in the states of an aggregate type, as JSON Pointers.
    pub fn pinned(&self, aggregate_type: &str) -> impl Iterator<Item = &str> {
        self.pinned.iter().filter(move |path| path.aggregate_type == aggregate_type).map(|path| path.pointer.as_str())
    }

    /// Pins a place, or lets it go.
    pub fn turn_pinned(&mut self, path: PinnedPath) {
        turn(&mut self.pinned, path);
    }

    /// What must hold, save what is kept with the reducers.
    #[must_use]
    pub fn invariants(&self) -> &[InvariantRule] {
        &self.invariants
    }

    /// Adds an invariant that is not there yet.
    pub fn add_invariant(&mut self, rule: InvariantRule) {
        if !self.invariants.contains(&rule) && self.invariants.len() < NOTED_LIMIT {
            self.invariants.push(rule);
        }
    }

    /// Takes an invariant away.
    pub fn remove_invariant(&mut self, rule: &InvariantRule) {
        self.invariants.retain(|other| other != rule);
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn turn<T: PartialEq>(noted: &mut Vec<T>, one: T) {
    let before = noted.len();
    noted.retain(|other| *other != one);
    if noted.len() == before {
        noted.push(one);
        if noted.len() > NOTED_LIMIT {
            noted.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookmarks_are_walked_along_within_their_stream() {
        let (cup, pot) = (StreamName::new("stock", "cup"), StreamName::new("stock", "pot"));
        let mut noted = Noted::default();
        for (stream, version) in [(&cup, 9), (&cup, 3), (&pot, 5), (&cup, 3), (&cup, 4)] {
            noted.turn_bookmark(Bookmark::new(stream, version));
        }
        assert_eq!(noted.bookmarks(&cup).collect::<Vec<_>>(), [9, 4], "set twice is taken away");
        assert_eq!(noted.bookmark_from(&cup, 4, true), Some(9));
        assert_eq!(noted.bookmark_from(&cup, 4, false), None);
        assert_eq!(noted.bookmark_from(&cup, 99, false), Some(9));
    }

    #[test]
    fn a_pinned_place_is_of_its_type() {
        let mut noted = Noted::default();
        let path = |kind: &str| PinnedPath { aggregate_type: kind.into(), pointer: "/total".into() };
        noted.turn_pinned(path("order"));
        assert_eq!(noted.pinned("order").collect::<Vec<_>>(), ["/total"]);
        assert_eq!(noted.pinned("stock").count(), 0);
        noted.turn_pinned(path("order"));
        assert!(noted.is_empty());
    }
}
