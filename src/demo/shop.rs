//! The shop's month: a queue of what happens when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::chance::Chance;
use super::desk::Desk;
use super::journal::{DAY, HOUR, Journal, Moment, SECOND};
use super::order::Order;
use crate::error::Result;

/// Midnight of 2 March 2026, a Monday, in UTC.
const FIRST_DAY: Moment = 1_772_409_600 * SECOND;
const DAYS: i64 = 26;
const ORDERS_A_DAY: std::ops::Range<i64> = 9..18;

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

    fn next(&mut self) -> Option<(Moment, Step)> {
        self.0.pop().map(|Reverse(planned)| planned)
    }
}

/// Lives through the month.
pub(super) fn run(journal: Journal<'_>, mut chance: Chance) -> Result<()> {
    let mut calendar = Calendar::default();
    for day in 0..DAYS {
        plan_day(&mut calendar, &mut chance, day);
    }
    let mut desk = Desk::new(journal, chance, calendar);
    let mut orders = Vec::new();
    desk.open(FIRST_DAY + 5 * HOUR)?;
    while let Some((moment, step)) = desk.calendar.next() {
        if moment < FIRST_DAY + DAYS * DAY {
            desk.journal.set_time(moment);
            happen(&mut desk, &mut orders, step)?;
        }
    }
    Ok(())
}

fn plan_day(calendar: &mut Calendar, chance: &mut Chance, day: i64) {
    let midnight = FIRST_DAY + day * DAY;
    calendar.plan(midnight + 6 * HOUR, Step::Morning);
    let sunday = day % 7 == 6;
    if sunday {
        calendar.plan(midnight + 23 * HOUR, Step::Count);
    }
    for _ in 0..chance.between(ORDERS_A_DAY.start, ORDERS_A_DAY.end) {
        calendar.plan(midnight + chance.between(7 * HOUR, 22 * HOUR), Step::Place);
    }
}

fn happen(desk: &mut Desk<'_>, orders: &mut Vec<Order>, step: Step) -> Result<()> {
    match step {
        Step::Morning => desk.morning(),
        Step::Count => desk.count(),
        Step::Place => {
            orders.extend(desk.place(orders.len())?);
            Ok(())
        }
        Step::Order(step, number) => match orders.get_mut(number) {
            Some(order) => desk.happen(step, order),
            None => Ok(()),
        },
    }
}
