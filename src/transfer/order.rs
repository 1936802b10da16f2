//! The order in which a database's events are taken over: the store's own, or, where it has none, that of their
//! moments; and within a stream always the stream's own.

use std::collections::HashMap;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::event::{Event, Position, StreamName, Version};
use crate::filter::Compiled;
use crate::source::Source;
use crate::source::layout::Columns;

/// The positions of all events that are to be taken over, in their order.
pub(super) struct Order {
    positions: Vec<Position>,
    /// Whether that is the order of the positions themselves, and they outlive the adding of events.
    pub(super) is_by_position: bool,
}

/// An event before it is read: where it stands, and what decides where it goes.
struct Place {
    position: Position,
    /// The number of its stream.
    stream: usize,
    version: Version,
    moment: Option<DateTime<Utc>>,
}

impl Order {
    /// Finds the order of the events that a filter keeps. `on` is told how many events were looked at.
    pub(super) fn of(source: &Source, compiled: &Compiled, on: &mut dyn FnMut(u64)) -> Result<Self> {
        if source.mapping().is_none() {
            return Ok(Self { positions: Vec::new(), is_by_position: true });
        }
        let has_positions = source.keeps_positions();
        if !has_positions {
            // So that a page of them is found without counting from the beginning.
            source.complete_rows()?;
        }
        let mut places = places(source, compiled, on)?;
        if !has_positions {
            places.sort_by_key(|place| place.moment);
        }
        let moved = follow_streams(&mut places);
        let positions = places.into_iter().map(|place| place.position).collect();
        Ok(Self { positions, is_by_position: has_positions && !moved })
    }

    /// How many events there are.
    pub(super) fn total(&self) -> u64 {
        self.positions.len() as u64
    }

    /// Gives the events to `on`, at most `batch` at a time, with how many of them all were given by then. `after`
    /// leaves out those up to a position, where the order is that of positions.
    pub(super) fn each_batch(
        &self,
        source: &Source,
        after: Option<Position>,
        batch: usize,
        on: &mut dyn FnMut(&[Event], u64) -> Result<()>,
    ) -> Result<()> {
        let passed = match after {
            Some(after) => self.positions.partition_point(|position| *position <= after),
            None => 0,
        };
        let mut given = passed as u64;
        for positions in self.positions.get(passed..).unwrap_or_default().chunks(batch) {
            let events = source.events_at(positions)?;
            given += positions.len() as u64;
            on(&events, given)?;
        }
        Ok(())
    }
}

/// Looks at every event, without its payload, in the order of the store.
fn places(source: &Source, compiled: &Compiled, on: &mut dyn FnMut(u64)) -> Result<Vec<Place>> {
    let everything = compiled.sql == "1" && compiled.residual.is_empty();
    let kept = if everything { None } else { Some(source.find(compiled)?) };
    let (mut places, mut streams, mut seen) = (Vec::new(), HashMap::<StreamName, usize>::new(), 0);
    let mut failure = None;
    let wanted = Columns::STREAM.with(Columns::VERSION).with(Columns::TIMESTAMP);
    let _ = source.skim(wanted, &mut |events| {
        let mut events = events.to_vec();
        if let Err(error) = source.fill_versions(&mut events) {
            failure = Some(error);
            return ControlFlow::Break(());
        }
        seen += events.len() as u64;
        for event in events {
            if kept.as_ref().is_some_and(|kept| kept.binary_search(&event.position).is_err()) {
                continue;
            }
            let next = streams.len();
            let stream = *streams.entry(event.stream).or_insert(next);
            let moment = event.timestamp.and_then(|timestamp| timestamp.utc);
            places.push(Place { position: event.position, stream, version: event.version, moment });
        }
        on(seen);
        ControlFlow::Continue(())
    })?;
    failure.map_or(Ok(places), Err)
}

/// Brings the events of each stream into the order of their versions, among the places that the stream has; says
/// whether that moved any.
fn follow_streams(places: &mut [Place]) -> bool {
    let mut slots: HashMap<usize, Vec<usize>> = HashMap::new();
    for stream in out_of_order(places) {
        slots.insert(stream, Vec::new());
    }
    for (slot, place) in places.iter().enumerate() {
        if let Some(slots) = slots.get_mut(&place.stream) {
            slots.push(slot);
        }
    }
    for slots in slots.values() {
        let mut ordered: Vec<(Version, Position, Option<DateTime<Utc>>)> = slots
            .iter()
            .filter_map(|slot| places.get(*slot))
            .map(|place| (place.version, place.position, place.moment))
            .collect();
        ordered.sort_by_key(|(version, ..)| *version);
        for (slot, (version, position, moment)) in slots.iter().zip(ordered) {
            if let Some(place) = places.get_mut(*slot) {
                (place.version, place.position, place.moment) = (version, position, moment);
            }
        }
    }
    !slots.is_empty()
}

/// The streams whose versions do not ascend.
fn out_of_order(places: &[Place]) -> Vec<usize> {
    let mut last: HashMap<usize, Version> = HashMap::new();
    let mut found = Vec::new();
    for place in places {
        let before = last.insert(place.stream, place.version);
        if before.is_some_and(|before| before > place.version) {
            found.push(place.stream);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(position: Position, stream: usize, version: Version) -> Place {
        Place { position, stream, version, moment: None }
    }

    fn positions(places: &[Place]) -> Vec<Position> {
        places.iter().map(|place| place.position).collect()
    }

    #[test]
    fn a_stream_keeps_its_places_and_fills_them_in_its_own_order() {
        let mut places = [place(1, 0, 3), place(2, 1, 1), place(3, 0, 1), place(4, 1, 2), place(5, 0, 2)];
        assert!(follow_streams(&mut places));
        assert_eq!(positions(&places), [3, 2, 5, 4, 1]);
    }

    #[test]
    fn a_store_whose_streams_are_in_order_stays_as_it_is() {
        let mut places = [place(4, 0, 1), place(5, 1, 7), place(6, 0, 1), place(9, 0, 5)];
        assert!(!follow_streams(&mut places));
        assert_eq!(positions(&places), [4, 5, 6, 9]);
    }
}
