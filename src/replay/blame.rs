//! Which event last set a value: an index of the places that each event changed.

use std::collections::HashMap;
use std::sync::Arc;

use super::change::{self, Change};
use super::occasions::Occasions;
use crate::event::Version;

/// Up to how many events a part of the index is copied when it has to grow while somebody looks at it.
const SMALL: usize = 256;

/// Which event last set what, seen from one version of a stream. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Blame {
    parts: Vec<Arc<Part>>,
    /// How many events of the stream count.
    events: usize,
}

impl Blame {
    /// The last version that set this place (a JSON Pointer) or anything around it, and so made it what it is.
    ///
    /// `None` for what was so before the first event, and for places that never were.
    #[must_use]
    pub fn last_set(&self, pointer: &str) -> Option<Version> {
        self.last(pointer, false)
    }

    /// The last version that set this place, anything around it, or anything in it.
    #[must_use]
    pub fn last_touched(&self, pointer: &str) -> Option<Version> {
        self.last(pointer, true)
    }

    /// Every version that set this place, anything around it or anything in it, the oldest first.
    #[must_use]
    pub fn history(&self, pointer: &str) -> Vec<Version> {
        let mut versions = Vec::new();
        for (part, events) in self.visible() {
            let mut touched: Vec<u32> = Vec::new();
            part.walk(pointer, |touches| touched.extend(touches.before(events)), true);
            touched.sort_unstable();
            touched.dedup();
            versions.extend(touched.into_iter().filter_map(|event| part.version(event)));
        }
        versions
    }

    fn last(&self, pointer: &str, beneath: bool) -> Option<Version> {
        let visible: Vec<_> = self.visible().collect();
        visible.into_iter().rev().find_map(|(part, events)| {
            let mut last: Option<u32> = None;
            part.walk(pointer, |touches| last = last.max(touches.last_before(events)), beneath);
            last.and_then(|event| part.version(event))
        })
    }

    /// The parts that hold events that count, each with how many of its events do.
    fn visible(&self) -> impl Iterator<Item = (&Part, usize)> {
        let mut left = self.events;
        self.parts.iter().map_while(move |part| {
            let events = left.min(part.versions.len());
            left -= events;
            (events > 0).then_some((&**part, events))
        })
    }
}

/// The index while it grows.
#[derive(Debug, Default)]
pub(crate) struct Touches {
    finished: Vec<Arc<Part>>,
    growing: Arc<Part>,
}

impl Touches {
    /// Notes the changes of the next event.
    pub(crate) fn push(&mut self, version: Version, changes: &[Change]) {
        let mut next = self.next(version);
        for change in changes {
            next.touch(&change.path);
        }
        next.done();
    }

    /// Takes in the next event, once it is [done](Touching::done).
    pub(crate) fn next(&mut self, version: Version) -> Touching<'_> {
        // What somebody still looks at is copied while that is cheap, and left as it is from then on.
        if self.growing.versions.len() >= SMALL && Arc::get_mut(&mut self.growing).is_none() {
            self.finished.push(std::mem::take(&mut self.growing));
        }
        let part = Arc::make_mut(&mut self.growing);
        // A part of four thousand million events would not fit in memory.
        let event = u32::try_from(part.versions.len()).unwrap_or(u32::MAX);
        Touching { part, version, event }
    }

    /// What is known, seen from after the first `events` events.
    pub(crate) fn blame(&self, events: usize) -> Blame {
        let growing = std::iter::once(&self.growing);
        Blame { parts: self.finished.iter().chain(growing).cloned().collect(), events }
    }
}

/// The next event of an index while its changes are noted.
pub(crate) struct Touching<'t> {
    part: &'t mut Part,
    version: Version,
    event: u32,
}

impl Touching<'_> {
    /// The event changed a place, a JSON Pointer.
    pub(crate) fn touch(&mut self, path: &str) {
        self.part.touch_all(path, self.event);
    }

    /// The event is known.
    pub(crate) fn done(self) {
        self.part.versions.push(self.version);
    }
}

/// How many ways to places are kept, so that events which touch the same ones need not look up each key.
const WAYS: usize = 256;

/// The index of a run of events: a tree of the places that they touched.
#[derive(Clone, Debug)]
struct Part {
    /// The version of each event, by its number in this part.
    versions: Versions,
    places: Vec<Place>,
    /// Of some pointers the places that lead to theirs, and that itself.
    ways: HashMap<Box<str>, Box<[u32]>>,
}

/// One place, and the numbers of the events that touched it.
#[derive(Clone, Debug, Default)]
struct Place {
    inner: HashMap<Box<str>, u32>,
    set: Occasions,
    beneath: Occasions,
}

impl Default for Part {
    fn default() -> Self {
        Self { versions: Versions::default(), places: vec![Place::default()], ways: HashMap::new() }
    }
}

impl Part {
    fn version(&self, event: u32) -> Option<Version> {
        self.versions.get(event as usize)
    }

    fn touch_all(&mut self, path: &str, event: u32) {
        let Self { places, ways, .. } = self;
        if let Some((place, above)) = ways.get(path).and_then(|way| way.split_last()) {
            for above in above {
                touch(places, *above, event, true);
            }
            touch(places, *place, event, false);
            return;
        }
        let (mut place, mut way) = (0, Vec::new());
        for key in change::keys(path) {
            self.touch(place, event, true);
            way.push(place);
            place = self.inner(place, &key);
        }
        self.touch(place, event, false);
        way.push(place);
        if self.ways.len() < WAYS {
            self.ways.insert(path.into(), way.into());
        }
    }

    fn touch(&mut self, place: u32, event: u32, beneath: bool) {
        touch(&mut self.places, place, event, beneath);
    }

    fn inner(&mut self, place: u32, key: &str) -> u32 {
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let Some(place) = self.places.get_mut(place as usize) else { return 0 };
        if let Some(inner) = place.inner.get(key) {
            return *inner;
        }
        place.inner.insert(key.into(), next);
        self.places.push(Place::default());
        next
    }

    /// Shows the touches of each place on the way to `pointer`, its own included, and those beneath it if asked for.
    fn walk(&self, pointer: &str, mut show: impl FnMut(&Occasions), beneath: bool) {
        let mut place = self.places.first();
        let mut keys = change::keys(pointer);
        while let Some(here) = place {
            show(&here.set);
            let Some(key) = keys.next() else {
                if beneath {
                    show(&here.beneath);
                }
                return;
            };
            place = here.inner.get(key.as_str()).and_then(|inner| self.places.get(*inner as usize));
        }
    }
}

fn touch(places: &mut [Place], place: u32, event: u32, beneath: bool) {
    let Some(place) = places.get_mut(place as usize) else { return };
    let touches = if beneath { &mut place.beneath } else { &mut place.set };
    touches.push(event);
}

/// The versions of events, which count in most streams.
#[derive(Clone, Debug, Default)]
struct Versions {
    first: Version,
    /// How many count from the first on.
    counted: usize,
    /// Those after them.
    rest: Vec<Version>,
}

impl Versions {
    fn len(&self) -> usize {
        self.counted + self.rest.len()
    }

    fn push(&mut self, version: Version) {
        if self.counted == 0 {
            self.first = version;
        }
        if self.rest.is_empty() && self.counts(self.counted) == Some(version) {
            self.counted += 1;
        } else {
            self.rest.push(version);
        }
    }

    fn counts(&self, at: usize) -> Option<Version> {
        Version::try_from(at).ok().and_then(|at| self.first.checked_add(at))
    }

    fn get(&self, at: usize) -> Option<Version> {
        match at.checked_sub(self.counted) {
            None => self.counts(at),
            Some(at) => self.rest.get(at).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_that_were_pushed() {
        for list in [vec![], vec![7], vec![3, 4, 5], vec![3, 4, 6, 7, 5], vec![1, 1], vec![Version::MAX, 1]] {
            let mut versions = Versions::default();
            for version in &list {
                versions.push(*version);
            }
            assert_eq!(versions.len(), list.len());
            assert_eq!((0..=list.len()).map_while(|at| versions.get(at)).collect::<Vec<_>>(), list);
        }
    }

    #[test]
    fn more_places_than_ways_are_kept_are_blamed_all_the_same() {
        let mut touches = Touches::default();
        for event in 0..3_i64 {
            let mut next = touches.next(event + 10);
            for place in (0..WAYS * 2).filter(|place| place % 3 == usize::try_from(event).unwrap()) {
                next.touch(&format!("/a/{place}"));
            }
            next.done();
        }
        let blame = touches.blame(3);
        for place in 0..WAYS * 2 {
            let version = i64::try_from(place % 3).unwrap() + 10;
            assert_eq!(blame.last_set(&format!("/a/{place}")), Some(version));
        }
        assert_eq!(blame.history("/a"), [10, 11, 12]);
        assert_eq!(touches.blame(2).last_touched("/a"), Some(11));
    }
}
