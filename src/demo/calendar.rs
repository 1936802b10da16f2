//! The shop's calendar: what is yet to happen, and the days on which something changes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::journal::{DAY, Moment, SECOND};

/// Midnight of 2 March 2026, a Monday, in UTC.
pub(super) const FIRST_DAY: Moment = 1_772_409_600 * SECOND;

/// From this day on events have their second shape.
pub(super) const NEW_SHAPES: Moment = FIRST_DAY + 7 * DAY;

/// From this day on a program lets unpaid orders expire; before, somebody in the office cancelled them.
pub(super) const SWEEPER_STARTS: Moment = FIRST_DAY + 14 * DAY;

/// While its supplier is on strike no blue cup comes in.
pub(super) const STRIKE: std::ops::Range<Moment> = FIRST_DAY + 13 * DAY..FIRST_DAY + 24 * DAY;

/// Something that happens, with the number of the order that it happens to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Morning,
    Count,
    Place,
    Order(OrderStep, usize),
}

/// What happens to an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OrderStep {
    Change,
    CheckOut,
    Pay,
    Retry,
    Expire,
    Cancel,
    Ship,
    Deliver,
}

/// What is yet to happen, the earliest first.
#[derive(Default)]
pub(super) struct Calendar(BinaryHeap<Reverse<(Moment, Step)>>);

impl Calendar {
    pub(super) fn plan(&mut self, moment: Moment, step: Step) {
        self.0.push(Reverse((moment, step)));
    }

    /// The next step, and its moment.
    pub(super) fn next(&mut self) -> Option<(Moment, Step)> {
        self.0.pop().map(|Reverse(planned)| planned)
    }
}
