//! Which event last set a value: an index of the places that each event changed.

use std::collections::HashMap;
use std::sync::Arc;

use super::change::{self, Change};
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
            part.walk(pointer, |touches| touched.extend(until(touches, events)), true);
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
            part.walk(pointer, |touches| last = last.max(until(touches, events).last().copied()), beneath);
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

/// The touches by the first `events` events.
fn until(touches: &[u32], events: usize) -> &[u32] {
    let count = touches.partition_point(|event| (*event as usize) < events);
    touches.get(..count).unwrap_or_default()
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
        // What somebody still looks at is copied while that is cheap, and left as it is from then on.
        if self.growing.versions.len() >= SMALL && Arc::get_mut(&mut self.growing).is_none() {
            self.finished.push(std::mem::take(&mut self.growing));
        }
        Arc::make_mut(&mut self.growing).push(version, changes);
    }

    /// What is known, seen from after the first `events` events.
    pub(crate) fn blame(&self, events: usize) -> Blame {
        let growing = std::iter::once(&self.growing);
        Blame { parts: self.finished.iter().chain(growing).cloned().collect(), events }
    }
}

/// The index of a run of events: a tree of the places that they touched.
#[derive(Clone, Debug)]
struct Part {
    /// The version of each event, by its number in this part.
    versions: Vec<Version>,
    places: Vec<Place>,
}

/// One place, and the numbers of the events that touched it, ascending.
#[derive(Clone, Debug, Default)]
struct Place {
    inner: HashMap<Box<str>, u32>,
    set: Vec<u32>,
    beneath: Vec<u32>,
}

impl Default for Part {
    fn default() -> Self {
        Self { versions: Vec::new(), places: vec![Place::default()] }
    }
}

impl Part {
    fn version(&self, event: u32) -> Option<Version> {
        self.versions.get(event as usize).copied()
    }

    fn push(&mut self, version: Version, changes: &[Change]) {
        // A part of four thousand million events would not fit in memory.
        let event = u32::try_from(self.versions.len()).unwrap_or(u32::MAX);
        self.versions.push(version);
        for change in changes {
            let mut place = 0;
            for key in change::keys(&change.path) {
                self.touch(place, event, true);
                place = self.inner(place, &key);
            }
            self.touch(place, event, false);
        }
    }

    fn touch(&mut self, place: u32, event: u32, beneath: bool) {
        let Some(place) = self.places.get_mut(place as usize) else { return };
        let touches = if beneath { &mut place.beneath } else { &mut place.set };
        if touches.last() != Some(&event) {
            touches.push(event);
        }
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
    fn walk(&self, pointer: &str, mut show: impl FnMut(&[u32]), beneath: bool) {
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
