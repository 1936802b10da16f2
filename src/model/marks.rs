//! What is marked on the timeline, and which part of a long one is in view.

use serde::{Deserialize, Serialize};

/// What can be marked on the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkKind {
    /// The type of each event, by its colour.
    Types,
    /// Whether an event changed the state.
    Changes,
    /// The events that the filter lets through.
    Filter,
    /// Where watches are met.
    Watches,
    /// Where the database stores a snapshot.
    Snapshots,
    /// Where a person set a bookmark.
    Bookmarks,
}

impl MarkKind {
    /// Every kind, in the order of its menu.
    pub const ALL: [Self; 6] =
        [Self::Types, Self::Changes, Self::Filter, Self::Watches, Self::Snapshots, Self::Bookmarks];

    /// What it is called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Types => "event types",
            Self::Changes => "changes",
            Self::Filter => "what the filter shows",
            Self::Watches => "watches",
            Self::Snapshots => "snapshots",
            Self::Bookmarks => "bookmarks",
        }
    }

    /// What it looks like.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::Types => "Each event in the colour of its type.",
            Self::Changes => "High where an event changed the state, low where it changed nothing.",
            Self::Filter => "A line below the events that the filter lets through.",
            Self::Watches => "A triangle where a watch begins to hold, a hollow one where it ceases to.",
            Self::Snapshots => {
                "A diamond where a snapshot is stored, a hollow one where it is not what the events give."
            }
            Self::Bookmarks => "A flag where you set a bookmark, in the table of events, too.",
        }
    }
}

/// Which kinds of marks are shown: all of them, but for those that were switched off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkKinds {
    hidden: Vec<MarkKind>,
}

impl MarkKinds {
    /// Whether a kind is shown.
    #[must_use]
    pub fn shows(&self, kind: MarkKind) -> bool {
        !self.hidden.contains(&kind)
    }

    /// Switches a kind on or off.
    pub fn toggle(&mut self, kind: MarkKind) {
        if self.shows(kind) {
            self.hidden.push(kind);
        } else {
            self.hidden.retain(|hidden| *hidden != kind);
        }
    }
}

/// The fewest events that a part of the timeline shows.
const NEAREST: f64 = 6.0;

/// The part of a timeline that is in view, from one event to another, both counted from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    start: f64,
    end: f64,
}

impl Span {
    /// The whole of a timeline of so many events.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "events are far fewer than 2^52")]
    pub fn whole(count: usize) -> Self {
        Self { start: 0.0, end: count.saturating_sub(1) as f64 }
    }

    /// The first place in view.
    #[must_use]
    pub fn start(self) -> f64 {
        self.start
    }

    /// The last place in view.
    #[must_use]
    pub fn end(self) -> f64 {
        self.end
    }

    /// How far it is from the first place to the last.
    #[must_use]
    pub fn length(self) -> f64 {
        self.end - self.start
    }

    /// The part that shows `factor` times as much, with the event at `around` where it was; `None` for the whole.
    #[must_use]
    pub fn zoomed(self, factor: f64, around: f64, count: usize) -> Option<Self> {
        let whole = Self::whole(count);
        let length = self.length().max(f64::MIN_POSITIVE);
        let wanted = (length * factor).max(NEAREST.min(whole.end));
        let share = ((around - self.start) / length).clamp(0.0, 1.0);
        let start = around.clamp(self.start, self.end) - share * wanted;
        Self { start, end: start + wanted }.within(count)
    }

    /// The part that lies this many events further on; `None` for the whole.
    #[must_use]
    pub fn moved(self, by: f64, count: usize) -> Option<Self> {
        Self { start: self.start + by, end: self.end + by }.within(count)
    }

    /// The part as long as this one, moved as little as it takes to show an event with some room beside it.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "events are far fewer than 2^52")]
    pub fn showing(self, index: usize, count: usize) -> Option<Self> {
        let (at, room) = (index as f64, self.length() * 0.1);
        let by = if at < self.start {
            at - room - self.start
        } else if at > self.end {
            at + room - self.end
        } else {
            0.0
        };
        self.moved(by, count)
    }

    /// The same part of a timeline of so many events; `None` where that is all of it.
    #[must_use]
    pub fn within(self, count: usize) -> Option<Self> {
        let whole = Self::whole(count);
        let length = self.length();
        if length >= whole.end {
            return None;
        }
        let start = self.start.clamp(0.0, whole.end - length);
        Some(Self { start, end: start + length })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_part_lies_within_the_whole_and_keeps_its_length_as_it_moves(
            count in 10_usize..1_000_000,
            steps in prop::collection::vec((0.2_f64..5.0, 0.0_f64..1.0, -2.0_f64..2.0), 1..12),
        ) {
            let whole = Span::whole(count);
            let mut span = whole;
            for (factor, around, by) in steps {
                let at = span.start() + around * span.length();
                span = span.zoomed(factor, at, count).unwrap_or(whole);
                let moved = span.moved(by * span.length(), count).unwrap_or(whole);
                prop_assert!((moved.length() - span.length()).abs() < 1e-6 * whole.end());
                span = moved;
                prop_assert!(span.start() >= 0.0 && span.end() <= whole.end() + 1e-6);
                prop_assert!(span.length() >= NEAREST.min(whole.end()) - 1e-6);
            }
        }

        #[test]
        fn what_is_zoomed_at_stays_where_it_is(count in 1_000_usize..1_000_000, around in 0.3_f64..0.7) {
            let whole = Span::whole(count);
            let at = around * whole.end();
            let near = whole.zoomed(0.1, at, count).unwrap();
            let share = (at - near.start()) / near.length();
            prop_assert!((share - around).abs() < 1e-6);
        }

        #[test]
        fn an_event_is_brought_into_view(count in 100_usize..100_000, index in 0_usize..100_000) {
            let index = index % count;
            let near = Span::whole(count).zoomed(0.1, 0.0, count).unwrap();
            let showing = near.showing(index, count).unwrap();
            #[expect(clippy::cast_precision_loss, reason = "a test")]
            let at = index as f64;
            prop_assert!(showing.start() <= at + 1e-6 && at <= showing.end() + 1e-6);
            if near.start() <= at && at <= near.end() {
                prop_assert_eq!(showing, near);
            }
        }
    }

    #[test]
    fn a_kind_is_switched_off_and_on() {
        let mut kinds = MarkKinds::default();
        assert!(MarkKind::ALL.into_iter().all(|kind| kinds.shows(kind)));
        kinds.toggle(MarkKind::Types);
        assert!(!kinds.shows(MarkKind::Types) && kinds.shows(MarkKind::Watches));
        kinds.toggle(MarkKind::Types);
        assert_eq!(kinds, MarkKinds::default());
    }

    #[test]
    fn few_events_are_always_whole() {
        assert_eq!(Span::whole(4).zoomed(0.5, 1.0, 4), None);
        assert_eq!(Span::whole(0).zoomed(0.5, 0.0, 0), None);
    }
}
