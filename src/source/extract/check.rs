//! What was written, read again and held against the original, event by event.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use super::super::{Choice, Mode, OpenOptions, Source};
use super::{Replace, unsupported};
use crate::error::Result;
use crate::event::{Event, Position};

/// How many events are compared at once.
const AT_ONCE: usize = 256;

/// Whether the copy, read through the same profile, has just these events, with what is to be replaced replaced.
///
/// # Errors
/// `Unsupported`, with the first event that is other.
pub(super) fn same(source: &Source, copy: &Path, positions: &[Position], replace: Option<&dyn Replace>) -> Result<()> {
    let Some(detection) = source.detection() else { return Ok(()) };
    let profile = Some(Choice::Profile(Arc::clone(&detection.profile)));
    let options = OpenOptions { profile, mode: Mode::Frozen, ..OpenOptions::default() };
    let copy = Source::open(copy, &options).map_err(|error| error.context("reading the copy"))?;
    let other = |what: &str| unsupported(source, what);
    let count = copy.count()?;
    if count > positions.len() as u64 {
        let along = "a row of it holds several events, and some that the filter leaves out would come along";
        return Err(other(along));
    }
    if count != positions.len() as u64 {
        return Err(other(&format!("of {} events the copy has {count}", positions.len())));
    }
    let layout = source.layout()?;
    let (numbered, versioned) = (layout.has_positions(), layout.has_versions());
    for (chunk, begin) in positions.chunks(AT_ONCE).zip((1..).step_by(AT_ONCE)) {
        let theirs: Vec<Position> = if numbered { chunk.to_vec() } else { (begin..).take(chunk.len()).collect() };
        let (originals, copies) = (source.events_at(chunk)?, copy.events_at(&theirs)?);
        let alike = |(original, copied): (&Event, &Event)| match replace.map(|replace| replace.event(original)) {
            Some(Cow::Owned(replaced)) if replaced != *original => {
                says_the_same(&replaced, copied, numbered, versioned)
            }
            _ => is_same(original, copied, numbered, versioned),
        };
        if originals.len() != copies.len() || !originals.iter().zip(&copies).all(alike) {
            let first = originals.iter().zip(&copies).find(|both| !alike(*both));
            let at = first.map(|(original, _)| original.position).or(chunk.first().copied()).unwrap_or_default();
            return Err(other(&format!("the event at position {at} is another one in the copy")));
        }
    }
    Ok(())
}

/// The same of an event whose payloads are not stored yet as they are to be.
fn says_the_same(replaced: &Event, copied: &Event, numbered: bool, versioned: bool) -> bool {
    let is_said =
        copied.data.to_json() == replaced.data.to_json() && copied.metadata.to_json() == replaced.metadata.to_json();
    let replaced = Event { data: copied.data.clone(), metadata: copied.metadata.clone(), ..replaced.clone() };
    is_said && is_same(&replaced, copied, numbered, versioned)
}

/// Whether both say the same. What the store does not say but is counted, positions or versions, is other in a part of it.
fn is_same(original: &Event, copied: &Event, numbered: bool, versioned: bool) -> bool {
    let mut copied = copied.clone();
    if !numbered {
        copied.position = original.position;
    }
    if !versioned {
        copied.version = original.version;
    }
    *original == copied
}
