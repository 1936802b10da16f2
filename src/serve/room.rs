//! How much of what is read is held at a time: so many events, and no more bytes of them than there is room for.

use crate::error::Result;
use crate::event::Event;

/// How many bytes of events a page has at most, unless its first is longer: eight of the longest that are taken in.
pub(super) const PAGE: usize = 8 << 20;

/// How many events are read together: with them, what one is too much is known.
const STEP: usize = 64;

/// What an event takes beside its payloads, about.
const AROUND: usize = 512;

/// Events that were read.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) events: Vec<Event>,
    /// Whether there may be more of them.
    pub(super) has_more: bool,
}

/// Reads events until there are `limit`, or no more, or they take `room` bytes. `next` answers with the next ones behind
/// the last that there is, at most so many as it is told; fewer where there are no more.
pub(super) fn fill(
    limit: usize,
    room: usize,
    mut next: impl FnMut(Option<&Event>, usize) -> Result<Vec<Event>>,
) -> Result<Filled> {
    let (mut filled, mut taken) = (Filled::default(), 0);
    loop {
        let wanted = STEP.min(limit - filled.events.len());
        let read = next(filled.events.last(), wanted)?;
        let is_end = read.len() < wanted;
        for event in read {
            let bytes = bytes_of(&event);
            if !filled.events.is_empty() && taken + bytes > room {
                filled.has_more = true;
                return Ok(filled);
            }
            taken += bytes;
            filled.events.push(event);
        }
        if is_end {
            return Ok(filled);
        }
        if filled.events.len() >= limit {
            filled.has_more = true;
            return Ok(filled);
        }
    }
}

fn bytes_of(event: &Event) -> usize {
    AROUND + event.data.raw.len() + event.metadata.raw.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Payload;

    /// Events of so many bytes each, from position 1 on.
    fn read(sizes: &[usize], limit: usize, room: usize) -> (Vec<i64>, bool) {
        let events: Vec<Event> = sizes
            .iter()
            .zip(1..)
            .map(|(bytes, position)| Event {
                position,
                data: Payload::json(json!("x".repeat(*bytes))),
                ..Event::default()
            })
            .collect();
        let next = |last: Option<&Event>, wanted: usize| {
            let behind = last.map_or(0, |last| usize::try_from(last.position).unwrap());
            Ok(events.iter().skip(behind).take(wanted).cloned().collect())
        };
        let filled = fill(limit, room, next).unwrap();
        (filled.events.iter().map(|event| event.position).collect(), filled.has_more)
    }

    #[test]
    fn a_page_ends_with_its_limit_or_its_room_or_the_events() {
        assert_eq!(read(&[1; 5], 9, 1 << 20), (vec![1, 2, 3, 4, 5], false));
        assert_eq!(read(&[1; 5], 3, 1 << 20), (vec![1, 2, 3], true));
        assert_eq!(read(&[1; 200], 150, 1 << 20), ((1..=150).collect(), true));
        assert_eq!(read(&[1_000; 5], 9, 4_000), (vec![1, 2], true));
        assert_eq!(read(&[9_000, 1], 9, 4_000), (vec![1], true), "one that is too long by itself comes alone");
        assert_eq!(read(&[1, 9_000, 1], 9, 4_000), (vec![1], true));
        assert_eq!(read(&[], 9, 4_000), (vec![], false));
    }
}
