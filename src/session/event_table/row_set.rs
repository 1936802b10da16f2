//! Which events the rows of a table are, without holding the events: all of them, a compressed set, or a sorted list.
//!
//! A row is counted from the oldest (or smallest) event; the other direction is arithmetic. Rows of a set that grows at
//! its end keep their number, so what was read of them stays good.

use std::ops::Range;

use roaring::RoaringTreemap;

use crate::event::Position;

/// The events of an answer, in its ascending order.
#[derive(Clone, Debug)]
pub(in crate::session) enum RowSet {
    /// The first so many events of the store.
    All(u64),
    /// The events at these positions, in the order of the store.
    Matches(RoaringTreemap),
    /// The events at these positions, in this order.
    Sorted(Vec<Position>),
}

impl RowSet {
    /// How many rows there are.
    pub(in crate::session) fn len(&self) -> u64 {
        match self {
            Self::All(rows) => *rows,
            Self::Matches(set) => set.len(),
            Self::Sorted(list) => list.len() as u64,
        }
    }

    /// Adds rows at the end.
    pub(in crate::session) fn extend(&mut self, positions: &[Position]) {
        match self {
            Self::All(rows) => *rows += positions.len() as u64,
            Self::Matches(set) => set.extend(positions.iter().copied().map(key)),
            Self::Sorted(list) => list.extend(positions),
        }
    }

    /// Whether rows that are added all come behind those that are there.
    pub(in crate::session) fn is_grown_by(&self, positions: &[Position]) -> bool {
        match self {
            Self::Matches(set) => {
                let last = set.max();
                last.is_none_or(|last| positions.iter().all(|position| key(*position) > last))
            }
            Self::All(_) | Self::Sorted(_) => true,
        }
    }

    /// The positions as a compressed set; `None` where the store itself counts them.
    pub(in crate::session) fn to_set(&self) -> Option<RoaringTreemap> {
        match self {
            Self::All(_) => None,
            Self::Matches(set) => Some(set.clone()),
            Self::Sorted(list) => Some(list.iter().copied().map(key).collect()),
        }
    }

    /// The positions of some rows; `None` where the store itself counts them.
    pub(in crate::session) fn positions(&self, rows: Range<u64>) -> Option<Vec<Position>> {
        match self {
            Self::All(_) => None,
            Self::Matches(set) => Some(rows.map_while(|row| set.select(row)).map(position).collect()),
            Self::Sorted(list) => Some(slice(list, &rows).to_vec()),
        }
    }

    /// The row of a position: `Some(None)` where it is not among them, `None` where only the store knows.
    #[expect(clippy::option_option, reason = "whether the answer is known, and then whether there is one")]
    pub(in crate::session) fn row_of(&self, at: Position) -> Option<Option<u64>> {
        match self {
            Self::All(_) => None,
            Self::Matches(set) => Some(set.contains(key(at)).then(|| set.rank(key(at)) - 1)),
            Self::Sorted(list) => Some(list.iter().position(|known| *known == at).map(|row| row as u64)),
        }
    }
}

/// Which answer of a filter is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterAnswer {
    /// Its number: another question has another one.
    pub number: u64,
    /// How many events it lets through.
    pub events: u64,
    /// Whether all of them are found.
    pub complete: bool,
}

/// The events that a filter lets through.
#[derive(Clone, Debug)]
pub struct FilterMatches(RoaringTreemap);

impl FilterMatches {
    pub(super) fn new(set: RoaringTreemap) -> Self {
        Self(set)
    }

    /// Whether the event at a position is among them.
    #[must_use]
    pub fn contains(&self, position: Position) -> bool {
        self.0.contains(key(position))
    }
}

impl RowSet {
    /// How many rows come before a position; `None` where they are not in the order of the store, or only it knows.
    pub(super) fn rows_before(&self, at: Position) -> Option<u64> {
        match self {
            Self::Matches(set) => Some(set.rank(key(at)) - u64::from(set.contains(key(at)))),
            Self::All(_) | Self::Sorted(_) => None,
        }
    }
}

fn slice<'a>(list: &'a [Position], rows: &Range<u64>) -> &'a [Position] {
    let place = |row: u64| usize::try_from(row).map_or(list.len(), |row| row.min(list.len()));
    list.get(place(rows.start)..place(rows.end)).unwrap_or_default()
}

/// A position as a number without a sign, in the same order: the set holds no others.
pub(in crate::session) fn key(position: Position) -> u64 {
    position.cast_unsigned() ^ (1 << 63)
}

fn position(key: u64) -> Position {
    (key ^ (1 << 63)).cast_signed()
}

/// The row on screen of an ascending row, and the other way round.
pub(in crate::session) fn turned(row: u64, rows: u64, descending: bool) -> Option<u64> {
    if row >= rows {
        return None;
    }
    Some(if descending { rows - 1 - row } else { row })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_counts_like_a_list(mut list in prop::collection::vec(any::<i64>(), 0..60), cut in 0_usize..60) {
            list.sort_unstable();
            list.dedup();
            let mut set = RowSet::Matches(RoaringTreemap::new());
            let (first, rest) = list.split_at(cut.min(list.len()));
            set.extend(first);
            set.extend(rest);
            prop_assert_eq!(set.len(), list.len() as u64);
            prop_assert_eq!(set.positions(0..u64::MAX), Some(list.clone()));
            let sorted = RowSet::Sorted(list.clone());
            prop_assert_eq!(set.positions(3..9), sorted.positions(3..9));
            for (row, position) in list.iter().enumerate() {
                prop_assert_eq!(set.row_of(*position), Some(Some(row as u64)));
                prop_assert_eq!(sorted.row_of(*position), Some(Some(row as u64)));
                prop_assert_eq!(set.rows_before(*position), Some(row as u64));
            }
        }
    }

    #[test]
    fn turning_twice_is_nothing() {
        assert_eq!(turned(0, 5, true), Some(4));
        assert_eq!(turned(4, 5, true), Some(0));
        assert_eq!(turned(3, 5, false), Some(3));
        assert_eq!(turned(5, 5, true), None);
    }
}
