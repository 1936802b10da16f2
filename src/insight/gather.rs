//! What is gathered of all the events of a store: in one pass, or in stretches that several readers look at, which are
//! joined then. Both come to the same.

use std::ops::ControlFlow;

use super::statistics::hear;
use crate::error::Result;
use crate::event::Event;
use crate::source::layout::Columns;
use crate::source::{ScanRange, Source};

/// How many events are looked at before somebody is told of them.
pub(crate) const TOLD: u64 = 500;

/// What is gathered of events.
pub(crate) trait Gather: Sized + Send {
    /// What is looked at.
    fn columns(&self) -> Columns;

    /// Takes in the next event. They come in the order of the store.
    fn see(&mut self, event: &Event);

    /// Takes in what was gathered of the events that follow.
    fn join(&mut self, later: Self);

    /// What is to be gathered anew in one pass, since the stretches that were joined do not tell it.
    fn untold(&self) -> Option<Self>;

    /// Takes in what was gathered so.
    fn told(&mut self, anew: Self);
}

/// Gathers of every event of a store, in one pass. `on` hears of how many were looked at, and may stop it.
///
/// # Errors
/// Those of reading; [`Cancelled`](crate::ErrorKind::Cancelled) where `on` or the source's interrupt stopped it.
pub(crate) fn gather<G: Gather>(
    source: &Source,
    mut gathered: G,
    on: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<G> {
    let (mut seen, mut told) = (0, 0);
    let walked = source.skim_range(ScanRange::default(), gathered.columns(), &mut |events| {
        for event in events {
            gathered.see(event);
        }
        seen += events.len() as u64;
        if seen - told < TOLD {
            return ControlFlow::Continue(());
        }
        told = seen;
        on(seen)
    })?;
    if seen > told {
        hear(on(seen))?;
    }
    hear(walked)?;
    Ok(gathered)
}
