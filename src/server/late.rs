//! Takes in rows that were committed late, behind a higher number that is in the file already.

use super::connection::Server;
use super::gathering::{Gathering, has_identity};
use super::key::{Key, Place};
use super::local::State;
use super::row_time::in_time;
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
    // What takes too long this time is looked for the next time: the time that is remembered stays.
    look_by_time(gathering, server, interrupt, way)?;
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
        new += gathering.take(server, interrupt, &[format!("({})", ranges.join(" OR "))], state, None)?;
    }
    Ok(new)
}

/// Asks for the rows among those that were passed which were written since the last time, and takes in those that are
/// new. Answers whether the server did it in the time that a statement may take.
pub(super) fn look_by_time(
    gathering: &mut Gathering,
    server: &mut Server,
    interrupt: &Interrupt,
    way: Way,
) -> Result<bool> {
    let Some(column) = way.row_time else { return Ok(true) };
    let mut state = gathering.state.clone();
    if state.row_time.is_none() {
        state.row_time = way.newest(server, &gathering.chosen.table, state.key.column())?;
        if state.row_time.is_none() {
            return Ok(false);
        }
    }
    let conditions = written_since(&state, column);
    in_time(gathering.take(server, interrupt, &conditions, state, Some(column))).map(|new| new.is_some())
}

/// What holds of the rows that may have come since, behind the place that was reached: those beyond it are read by their
/// key.
fn written_since(state: &State, column: &str) -> Vec<String> {
    let range = state.key.between(state.left_out.unwrap_or(Place::MIN), state.reached);
    range.into_iter().chain(state.row_time.as_ref().map(|time| time.before(column))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::row_time::RowTime;
    use crate::server::wanted::Wanted;

    #[test]
    fn only_rows_that_were_passed_and_are_wanted_are_asked_for_by_time() {
        let key = Key::Number { column: "position".to_owned(), unique: true, indexed: true };
        let mut state = State::new(1, Wanted::default(), key, 100, 900);
        (state.reached, state.row_time) = (700, Some(RowTime::default()));
        let all = written_since(&state, "t").join(" AND ");
        assert_eq!(
            all,
            "\"position\" > '-9223372036854775808'::bigint AND \"position\" <= '700'::bigint AND t > '0.0'::decimal"
        );
        state.left_out = Some(100);
        let last = written_since(&state, "t").join(" AND ");
        assert!(last.starts_with("\"position\" > '100'::bigint AND \"position\" <= '700'::bigint AND"), "{last}");
    }
}
