//! What a person noted in a database: bookmarks, and the places of a state that are to be seen at every version.

use serde::{Deserialize, Serialize};

use super::bookmark::Bookmark;
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

/// A place in the state of the streams of an aggregate type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PinnedPath {
    /// The aggregate type; empty where the streams of a database have none.
    pub aggregate_type: String,
    /// The place, as a JSON Pointer.
    pub pointer: String,
}

impl Noted {
    /// The versions of a stream that have a bookmark, in the order in which they were set.
    pub fn bookmarks(&self, stream: &StreamName) -> impl Iterator<Item = Version> {
        self.bookmarks_of(stream).map(Bookmark::version)
    }

    /// The bookmarks in a stream, in the order in which they were set.
    pub fn bookmarks_of(&self, stream: &StreamName) -> impl Iterator<Item = &Bookmark> {
        self.bookmarks.iter().filter(|bookmark| bookmark.is_of(stream))
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

    /// Every bookmark, in the order in which they were set.
    #[must_use]
    pub fn all_bookmarks(&self) -> &[Bookmark] {
        &self.bookmarks
    }

    /// What is noted on bookmarks: the stream, the version, and the note.
    pub fn notes(&self) -> impl Iterator<Item = (StreamName, Version, String)> {
        self.bookmarks.iter().map(|bookmark| (bookmark.stream(), bookmark.version(), bookmark.note.clone()))
    }

    /// The bookmark at a version of a stream.
    #[must_use]
    pub fn bookmark(&self, stream: &StreamName, version: Version) -> Option<&Bookmark> {
        self.bookmarks.iter().find(|bookmark| bookmark.is_at(stream, version))
    }

    /// Sets a bookmark, in the place of one that is there already. Whether there was room for it: none goes for another
    /// one, as there may be a note on it.
    pub fn keep_bookmark(&mut self, bookmark: Bookmark) -> bool {
        if let Some(kept) = self.bookmarks.iter_mut().find(|kept| kept.is_like(&bookmark)) {
            *kept = bookmark;
            return true;
        }
        let has_room = self.bookmarks.len() < NOTED_LIMIT;
        if has_room {
            self.bookmarks.push(bookmark);
        }
        has_room
    }

    /// Takes away the bookmark at this one's version of its stream. Whether there was one.
    pub fn remove_bookmark(&mut self, bookmark: &Bookmark) -> bool {
        let before = self.bookmarks.len();
        self.bookmarks.retain(|kept| !kept.is_like(bookmark));
        self.bookmarks.len() < before
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
            let bookmark = Bookmark::new(stream, version);
            if !noted.remove_bookmark(&bookmark) {
                assert!(noted.keep_bookmark(bookmark));
            }
        }
        assert_eq!(noted.bookmarks(&cup).collect::<Vec<_>>(), [9, 4], "set twice is taken away");
        assert_eq!(noted.bookmark_from(&cup, 4, true), Some(9));
        assert_eq!(noted.bookmark_from(&cup, 4, false), None);
        assert_eq!(noted.bookmark_from(&cup, 99, false), Some(9));
    }

    #[test]
    fn a_note_is_changed_in_its_place_and_none_goes_for_another_bookmark() {
        let cup = StreamName::new("stock", "cup");
        let mut noted = Noted::default();
        for version in 1.. {
            if !noted.keep_bookmark(Bookmark::new(&cup, version)) {
                break;
            }
        }
        assert_eq!(noted.all_bookmarks().len(), NOTED_LIMIT);
        let with_note = |note: &str| Bookmark::new(&cup, 7).of_event(70, "t").with_note(note);
        assert!(noted.keep_bookmark(with_note("wrong")) && noted.keep_bookmark(with_note("right")));
        assert_eq!(noted.all_bookmarks().get(6), Some(&with_note("right")));
        assert_eq!(noted.bookmark(&cup, 7).map(|bookmark| bookmark.note.as_str()), Some("right"));
        assert_eq!(noted.bookmark(&StreamName::new("stock", "pot"), 7), None);
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
