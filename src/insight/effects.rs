//! Which events of the whole store did something to the state of their stream: found by folding stream after stream.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::error::{ErrorKind, Result};
use crate::event::{Event, Position, StreamName, Version};
use crate::filter::{Condition, Field, Filter};
use crate::replay::probe::{self, Effect, Seen};
use crate::replay::{Evolve, Probe};
use crate::source::{ScanBatch, ScanRange, Source};

use super::statistics::hear;

/// After how many events of one stream, at the latest, what was found is given.
const BATCH: u64 = 4096;

/// How many events are looked at together for the streams that they are of.
const PAGE: usize = 1000;

/// Finds the events that a filter with effects keeps, stream by stream, each folded by what `evolver` gives for it, until
/// `on` breaks it off. The positions of a batch are ascending; those of the next may lie before them. `scanned` counts the
/// events that were folded. Only streams that the filter lets through are folded, and with `after` in the range only
/// those that have an event behind it.
///
/// # Errors
/// Those of reading and of the evolver; [`ErrorKind::BadInput`] where an effect cannot be read.
pub fn with_effects(
    source: &Source,
    filter: &Filter,
    evolver: &mut dyn FnMut(&StreamName) -> Box<dyn Evolve>,
    range: ScanRange,
    on: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
) -> Result<()> {
    let wanted = filter.effects().map(|(effect, negated)| {
        let (name, value) = (effect.kind.name(), effect.value.as_str());
        Effect::parse(name, value).map(|effect| (effect, negated))
    });
    let mut matching = Matching { wanted: wanted.collect::<Result<_>>()?, filter, range, found: Vec::new() };
    let mut scanned = 0;
    let broken_off = each_stream(source, filter, range, &mut |reader, stream| {
        let mut evolve = evolver(stream);
        let events = reader.read_history(stream, Version::MIN, None)?;
        let mut given = 0;
        let before = scanned;
        let passed = probe::pass(&mut *evolve, stream, events, &mut matching, |count, matching| {
            scanned = before + count;
            if count - given < BATCH {
                return ControlFlow::Continue(());
            }
            given = count;
            on(ScanBatch { positions: matching.take(), scanned, last: false })
        });
        match passed {
            Ok(count) => scanned = before + count,
            Err(error) if *error.kind() == ErrorKind::Cancelled => {
                source.check()?;
                return Ok(ControlFlow::Break(()));
            }
            Err(error) => return Err(error),
        }
        let positions = matching.take();
        source.check()?;
        Ok(on(ScanBatch { positions, scanned, last: false }))
    })?;
    if !broken_off {
        let _ = on(ScanBatch { positions: Vec::new(), scanned, last: true });
    }
    Ok(())
}

/// Gives the streams that can have matches to `each`, with what their events are read from. Whether it was broken off.
fn each_stream(
    source: &Source,
    filter: &Filter,
    range: ScanRange,
    each: &mut dyn FnMut(&Source, &StreamName) -> Result<ControlFlow<()>>,
) -> Result<bool> {
    if let Some(after) = range.after {
        for stream in streams_after(source, after)?.iter().filter(|stream| lets_through(filter, stream)) {
            if each(source, stream)?.is_break() {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(stream) = named(source, filter)? {
        return Ok(each(source, &stream)?.is_break());
    }
    // Events are read from another connection than that which lists the streams.
    let list = source.reopen()?;
    let mut ended = Ok(ControlFlow::Continue(()));
    list.streams(&mut |stream| {
        if !lets_through(filter, &stream.name) {
            return match source.check() {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    ended = Err(error);
                    ControlFlow::Break(())
                }
            };
        }
        ended = each(source, &stream.name);
        if matches!(ended, Ok(ControlFlow::Continue(()))) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    ended.map(|flow| flow.is_break())
}

/// The one stream that a filter names in full.
fn named(source: &Source, filter: &Filter) -> Result<Option<StreamName>> {
    let names = filter.terms.iter().filter(|term| !term.negated).filter_map(|term| match &term.condition {
        Condition::Matches { field: Field::Stream, patterns } => match patterns.as_slice() {
            [only] => only.as_literal(),
            _ => None,
        },
        _ => None,
    });
    for name in names {
        match source.stream_named(name) {
            Ok(stream) => return Ok(Some(stream)),
            // One that is not there, or several: all are looked through.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::BadInput) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// The streams of the events behind a position.
fn streams_after(source: &Source, after: Position) -> Result<Vec<StreamName>> {
    let (mut known, mut streams, mut reached) = (HashSet::new(), Vec::new(), after);
    loop {
        let events = source.events_after(Some(reached), PAGE)?;
        let Some(last) = events.last() else { return Ok(streams) };
        reached = last.position;
        for event in events {
            if known.insert(event.stream.clone()) {
                streams.push(event.stream);
            }
        }
    }
}

/// Whether what a filter asks of the stream lets this one through.
fn lets_through(filter: &Filter, stream: &StreamName) -> bool {
    let event = Event { stream: stream.clone(), ..Event::default() };
    let of_stream = filter
        .terms
        .iter()
        .filter(|term| matches!(term.condition, Condition::Matches { field: Field::Stream | Field::Aggregate, .. }));
    of_stream.into_iter().all(|term| term.keeps(&event))
}

/// Finds the events that a filter keeps, with what they did.
struct Matching<'f> {
    /// The effects, each with whether it must be absent.
    wanted: Vec<(Effect, bool)>,
    filter: &'f Filter,
    range: ScanRange,
    found: Vec<Position>,
}

impl Matching<'_> {
    fn take(&mut self) -> Vec<Position> {
        let mut found = std::mem::take(&mut self.found);
        found.sort_unstable();
        found
    }

    fn is_in_range(&self, position: Position) -> bool {
        self.range.after.is_none_or(|after| position > after)
            && self.range.through.is_none_or(|through| position <= through)
    }
}

impl Probe for Matching<'_> {
    fn after(&mut self, seen: &Seen<'_>) {
        let had = self.wanted.iter().all(|(effect, negated)| effect.holds(seen) != *negated);
        if had && self.is_in_range(seen.event.position) && self.filter.keeps(seen.event) {
            self.found.push(seen.event.position);
        }
    }
}

/// All positions that a filter with effects keeps, ascending. `progress` hears of how many events were folded, and may
/// stop it.
///
/// # Errors
/// As [`with_effects`]; [`ErrorKind::Cancelled`] where it was stopped.
pub fn positions_with_effects(
    source: &Source,
    filter: &Filter,
    evolver: &mut dyn FnMut(&StreamName) -> Box<dyn Evolve>,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Vec<Position>> {
    let (mut found, mut stopped): (Vec<Position>, Result<()>) = (Vec::new(), Ok(()));
    with_effects(source, filter, evolver, ScanRange::default(), &mut |batch| {
        found.extend(batch.positions);
        stopped = hear(progress(batch.scanned));
        if stopped.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    stopped?;
    found.sort_unstable();
    Ok(found)
}
