//! Where the hits of a filter that was left lie among the rows that are shown instead: marks beside the scrollbar.

use std::cell::RefCell;
use std::sync::Arc;

use roaring::RoaringTreemap;

use crate::error::Result;
use crate::filter::Filter;
use crate::source::Source;

use super::row_set::key;

/// Into how many stretches the rows are divided; each is marked where a hit is in it.
const STRETCHES: u64 = 400;

/// The index of rows knows the place of every row of this number.
const ANCHORS: u64 = 1_000;

/// The hits of a filter that was left.
pub(super) struct Hits {
    /// The filter.
    pub(super) filter: Filter,
    /// The events that it lets through.
    pub(super) set: Arc<RoaringTreemap>,
    /// The marks of the hits among the rows of the answer with this number.
    pub(super) marked: RefCell<Option<(u64, Arc<[f32]>)>>,
}

/// The stretches of so many rows: how wide each is, and where they begin.
fn stretches(rows: u64, step: u64) -> (u64, impl Iterator<Item = u64>) {
    let width = rows.div_ceil(STRETCHES).next_multiple_of(step).max(1);
    (width, (0..rows).step_by(usize::try_from(width).unwrap_or(usize::MAX)))
}

/// How far down the middle of a stretch is, from 0 to 1.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a place on a scrollbar")]
fn middle(begin: u64, width: u64, rows: u64) -> f32 {
    let end = (begin + width).min(rows);
    ((begin + end) as f64 / 2.0 / rows.max(1) as f64) as f32
}

/// The marks of hits among some events.
pub(super) fn among(events: &RoaringTreemap, hits: &RoaringTreemap) -> Arc<[f32]> {
    let (both, rows) = (events & hits, events.len());
    let (width, begins) = stretches(rows, 1);
    let has = |begin: &u64| {
        let (first, last) = (events.select(*begin), events.select((*begin + width).min(rows) - 1));
        first.zip(last).is_some_and(|(first, last)| both.range_cardinality(first..=last) > 0)
    };
    begins.filter(has).map(|begin| middle(begin, width, rows)).collect()
}

/// The marks of hits among all events of the store.
pub(super) fn among_all(source: &Source, hits: &RoaringTreemap, rows: u64) -> Result<Arc<[f32]>> {
    let (width, begins) = stretches(rows, if rows > STRETCHES * ANCHORS { ANCHORS } else { 1 });
    let mut marks = Vec::new();
    for begin in begins {
        source.check()?;
        let position = |row: u64| Ok::<_, crate::Error>(source.moment_of_row(row)?.map(|(position, _)| key(position)));
        let Some(first) = position(begin)? else { break };
        let end = begin + width;
        let next = if end < rows { position(end)? } else { None };
        let found = match next {
            Some(next) => hits.range_cardinality(first..next),
            None => hits.range_cardinality(first..),
        };
        if found > 0 {
            marks.push(middle(begin, width, rows));
        }
    }
    Ok(marks.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_marked_where_they_lie_among_the_rows() {
        let events: RoaringTreemap = (0..100_u64).map(|row| 10 * row).collect();
        let hits: RoaringTreemap = [0, 500, 501, 990].into_iter().collect();
        let marks = among(&events, &hits);
        assert_eq!(marks.len(), 3, "what is not among the rows is not marked");
        assert!(marks[0] < 0.01 && (marks[1] - 0.505).abs() < 0.001 && marks[2] > 0.99, "{marks:?}");
        assert!(among(&RoaringTreemap::new(), &hits).is_empty());
        let many: RoaringTreemap = (0..1_000_000_u64).collect();
        assert_eq!(among(&many, &many).len(), 400);
    }
}
