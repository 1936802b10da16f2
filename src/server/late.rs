//! Takes in rows that were committed late, behind a higher number that is in the file already.

use super::connection::Server;
use super::gathering::{Gathering, has_identity};
use super::key::{Key, Place};
use super::watermark::Way;
use crate::error::Result;
use crate::source::Interrupt;

/// How many missing ranges one statement asks for.
const RANGES: usize = 500;

/// Looks once more at all that may have come late, and settles what can come no more.
pub(super) fn take_in(gathering: &mut Gathering, server: &mut Server, interrupt: &Interrupt) -> Result<()> {
    let way = Way::of(server, &gathering.chosen.table, gathering.state.key.column())?;
    let passed = passed(gathering, server, way)?;
    let gaps = gaps(gathering, gathering.state.settled)?;
    look(gathering, server, interrupt, &gaps)?;
    settle(gathering, passed);
    Ok(())
}

/// Up to where nothing can come any more once it was looked at again: it is asked before that look, which then sees all
/// that the transactions wrote that are over.
pub(super) fn passed(gathering: &mut Gathering, server: &mut Server, way: Way) -> Result<Option<Place>> {
    let mut reading = server.reading()?;
    if let Some(mark) = &gathering.state.watermark {
        return Ok(way.is_passed(mark, &mut reading)?.then_some(mark.place));
    }
    gathering.state.watermark = Some(way.mark(gathering.state.reached, &mut reading)?);
    Ok(None)
}

/// Nothing comes any more up to a place.
pub(super) fn settle(gathering: &mut Gathering, place: Option<Place>) {
    if let Some(place) = place {
        gathering.state.settled = gathering.state.settled.max(place);
        gathering.state.watermark = None;
    }
}

/// The ranges behind a place in which rows may be missing.
pub(super) fn gaps(gathering: &Gathering, after: Place) -> Result<Vec<(Place, Place)>> {
    let reached = gathering.state.reached;
    if after >= reached {
        return Ok(Vec::new());
    }
    match gathering.state.key.row_number() {
        // Where not all rows are asked for, there is no telling which number is missing.
        Some(column) if !gathering.state.wanted.is_filtered() => {
            gathering.local.gaps(&gathering.chosen.table, column, after, reached)
        }
        _ => Ok(vec![(after.saturating_add(1), reached)]),
    }
}

/// Asks for the rows in some ranges, and takes in those that are new. Answers how many they are.
pub(super) fn look(
    gathering: &mut Gathering,
    server: &mut Server,
    interrupt: &Interrupt,
    gaps: &[(Place, Place)],
) -> Result<u64> {
    let mut new = 0;
    // Rows that nothing tells apart cannot be asked for twice.
    if !has_identity(&gathering.chosen, &gathering.state.key) || matches!(gathering.state.key, Key::None) {
        return Ok(0);
    }
    for some in gaps.chunks(RANGES) {
        let within = |(from, until): &(Place, Place)| gathering.state.key.between(from.saturating_sub(1), *until);
        let ranges: Vec<String> = some.iter().filter_map(within).map(|range| format!("({range})")).collect();
        let state = gathering.state.clone();
        new += gathering.take(server, interrupt, &[format!("({})", ranges.join(" OR "))], state)?;
    }
    Ok(new)
}
