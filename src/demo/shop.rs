//! The shop's month: a queue of what happens when.

use super::calendar::{Calendar, FIRST_DAY, Step};
use super::chance::Chance;
use super::desk::Desk;
use super::journal::{DAY, HOUR, Journal};
use super::order::Order;
use crate::error::Result;

const DAYS: i64 = 26;
const ORDERS_A_DAY: std::ops::Range<i64> = 9..18;

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
