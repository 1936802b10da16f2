//! Which streams of the whole store break an invariant, and at which version first: found by folding stream after stream.

use std::ops::ControlFlow;

use crate::error::{ErrorKind, Result};
use crate::event::{StreamName, Version};
use crate::replay::probe::{self, Invariant, Invariants, Violation};
use crate::replay::{Evolve, Finds as _};
use crate::source::Source;

/// What was found since the last time.
#[derive(Clone, Debug, Default)]
pub struct ViolationBatch {
    /// The violations: one for each stream and invariant.
    pub found: Vec<Violation>,
    /// How many streams were looked through, the present one included.
    pub streams: u64,
    /// How many events were folded.
    pub events: u64,
}

/// Holds every stream that one of the invariants is about against them, until `on` breaks it off. Says whether it got to
/// the end. A stream is left as soon as it has broken every invariant.
///
/// # Errors
/// Those of reading and of the evolver.
pub fn violations(
    source: &Source,
    rules: &[Invariant],
    evolver: &mut dyn FnMut(&StreamName) -> Box<dyn Evolve>,
    on: &mut dyn FnMut(ViolationBatch) -> ControlFlow<()>,
) -> Result<bool> {
    // Events are read from another connection than that which lists the streams.
    let list = source.reopen()?;
    let (mut streams, mut events) = (0, 0);
    let mut ended = Ok(ControlFlow::Continue(()));
    list.streams(&mut |stream| {
        if rules.iter().any(|rule| rule.is_about(&stream.name)) {
            streams += 1;
            ended = one(source, rules, &stream.name, evolver, (streams, &mut events), on);
        } else {
            ended = source.check().map(|()| ControlFlow::Continue(()));
        }
        if matches!(ended, Ok(ControlFlow::Continue(()))) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    ended.map(|flow| flow.is_continue())
}

fn one(
    source: &Source,
    rules: &[Invariant],
    stream: &StreamName,
    evolver: &mut dyn FnMut(&StreamName) -> Box<dyn Evolve>,
    (streams, events): (u64, &mut u64),
    on: &mut dyn FnMut(ViolationBatch) -> ControlFlow<()>,
) -> Result<ControlFlow<()>> {
    let mut evolve = evolver(stream);
    let mut invariants = Invariants::new(rules.to_vec());
    let before = *events;
    let history = source.read_history(stream, Version::MIN, None)?;
    let passed = probe::pass(&mut *evolve, stream, history, &mut invariants, |count, invariants| {
        *events = before + count;
        on(ViolationBatch { found: invariants.take(), streams, events: *events })
    });
    match passed {
        Ok(count) => *events = before + count,
        Err(error) if *error.kind() == ErrorKind::Cancelled => {
            source.check()?;
            return Ok(ControlFlow::Break(()));
        }
        Err(error) => return Err(error),
    }
    source.check()?;
    Ok(on(ViolationBatch { found: invariants.take(), streams, events: *events }))
}
