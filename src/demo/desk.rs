//! The desk of the shop: what each step of an order writes down, and what it leads to.

use serde_json::json;

use super::calendar::{self, Calendar, OrderStep, Step};
use super::catalogue::{
    By, CANCEL_ON_EXPIRY, CARRIER, CHECKOUT, CONFIRMATION, CUSTOMERS, ITEMS, OFFICE, PAYMENTS, PROVIDER, REFUNDS,
    RELEASE_ON_CANCEL, RELEASE_ON_EXPIRY, SWEEPER, WAREHOUSE, money, web,
};
use super::chance::Chance;
use super::journal::{Cause, DAY, HOUR, Journal, MINUTE, Moment, SECOND, Said, said};
use super::order::{Line, Order, Payment};
use super::warehouse::Warehouse;
use crate::error::Result;

const FIRST_ORDER: usize = 101;

/// How customers pay, and how often.
const WAYS_TO_PAY: [(Payment, i64); 4] =
    [(Payment::Card, 74), (Payment::CardAtSecondTry, 8), (Payment::Transfer, 12), (Payment::TransferThatNeverComes, 6)];

pub(super) struct Desk<'store> {
    pub(super) journal: Journal<'store>,
    pub(super) calendar: Calendar,
    chance: Chance,
    warehouse: Warehouse,
}

impl<'store> Desk<'store> {
    pub(super) fn new(journal: Journal<'store>, chance: Chance, calendar: Calendar) -> Self {
        Self { journal, calendar, chance, warehouse: Warehouse::new(calendar::STRIKE) }
    }

    pub(super) fn open(&mut self, moment: Moment) -> Result<()> {
        self.journal.set_time(moment);
        self.warehouse.open(&mut self.journal, &mut self.chance)
    }

    pub(super) fn morning(&mut self) -> Result<()> {
        self.warehouse.morning(&mut self.journal, &mut self.chance)
    }

    pub(super) fn count(&mut self) -> Result<()> {
        self.warehouse.count(&mut self.journal, &mut self.chance)
    }

    pub(super) fn happen(&mut self, step: OrderStep, order: &mut Order) -> Result<()> {
        match step {
            OrderStep::Change => self.change(order),
            OrderStep::CheckOut => self.check_out(order),
            OrderStep::Pay => self.pay(order),
            OrderStep::Retry => self.retry(order),
            OrderStep::Expire => self.expire(order),
            OrderStep::Cancel => self.cancel(order),
            OrderStep::Ship => self.ship(order),
            OrderStep::Deliver => self.deliver(order),
        }
    }

    fn plan_after(&mut self, low: Moment, high: Moment, order: &Order, step: OrderStep) {
        let moment = self.journal.now() + self.chance.between(low, high);
        self.calendar.plan(moment, Step::Order(step, order.number));
    }

    fn schema_version(&self) -> u32 {
        if self.journal.now() < calendar::NEW_SHAPES { 1 } else { 2 }
    }

    /// A customer fills a cart.
    pub(super) fn place(&mut self, number: usize) -> Result<Option<Order>> {
        let schema_version = self.schema_version();
        let Some(mut order) = self.new_order(number) else { return Ok(None) };
        let mut facts = vec![order.placed(schema_version)];
        for _ in 0..self.chance.between(1, 4) {
            facts.extend(self.another_line(&mut order, schema_version));
        }
        order.cause = self.journal.write(&order.stream(), web(order.customer), &order.cause, facts)?;
        if self.chance.percent(25) {
            self.plan_after(30 * SECOND, 5 * MINUTE, &order, OrderStep::Change);
        } else {
            self.plan_after(40 * SECOND, 9 * MINUTE, &order, OrderStep::CheckOut);
        }
        Ok(Some(order))
    }

    fn new_order(&mut self, number: usize) -> Option<Order> {
        let name = number + FIRST_ORDER;
        Some(Order {
            number,
            id: format!("ord-{name:06}"),
            payment_id: format!("pay-{name:06}"),
            customer: self.chance.weighted(&CUSTOMERS, |_| 1)?,
            payment: self.chance.weighted(&WAYS_TO_PAY, |(_, weight)| *weight)?.0,
            lines: Vec::new(),
            discount: 0,
            cause: Cause::request(&mut self.chance),
            paid: false,
        })
    }

    /// A line with an item that the order does not hold yet.
    fn another_line(&mut self, order: &mut Order, schema_version: u32) -> Option<Said> {
        let item = self.chance.weighted(&ITEMS, |item| item.popularity)?;
        if order.lines.iter().any(|line| line.sku == item.sku) {
            return None;
        }
        Some(order.add(item.sku, self.chance.between(1, 5), item.cents, schema_version))
    }

    /// The customer thinks again before paying.
    fn change(&mut self, order: &mut Order) -> Result<()> {
        let schema_version = self.schema_version();
        let second = order.lines.get(1).map(|line| line.name.clone());
        let fact = match second {
            Some(line) if self.chance.percent(50) => Some(order.remove(&line, "changed_mind")),
            _ if self.chance.percent(50) => Some(order.discounted("SPRING10", 10)),
            _ => self.another_line(order, schema_version),
        };
        if let Some(fact) = fact {
            order.cause = self.journal.write(&order.stream(), web(order.customer), &order.cause, vec![fact])?;
        }
        self.plan_after(20 * SECOND, 6 * MINUTE, order, OrderStep::CheckOut);
        Ok(())
    }

    fn check_out(&mut self, order: &mut Order) -> Result<()> {
        let request = order.cause.later(&mut self.chance);
        let data = json!({"total": money(order.total()), "method": order.payment.method()});
        let by = web(order.customer);
        let out = self.journal.write(&order.stream(), by, &request, vec![said("order.checked_out", data)])?;
        order.cause = out.clone();
        for line in order.lines.clone() {
            if !self.warehouse.reserve(&mut self.journal, line.sku, &order.id, line.qty, &out)? {
                let gone = order.remove(&line.name, "out_of_stock");
                self.journal.write(&order.stream(), CHECKOUT, &out, vec![gone])?;
            }
        }
        if order.lines.is_empty() {
            let data = json!({"reason": "nothing_left"});
            self.journal.write(&order.stream(), CHECKOUT, &out, vec![said("order.cancelled", data)])?;
        } else {
            self.ask_for_money(order, &out)?;
        }
        Ok(())
    }

    fn ask_for_money(&mut self, order: &mut Order, cause: &Cause) -> Result<()> {
        let data = json!({"order": order.id, "price": order.amount(), "method": order.payment.method()});
        let fact = said("payment.requested", data);
        order.cause = self.journal.write(&order.payment_stream(), PAYMENTS, cause, vec![fact])?;
        match order.payment {
            Payment::Card | Payment::CardAtSecondTry => self.plan_after(2 * SECOND, 40 * SECOND, order, OrderStep::Pay),
            Payment::Transfer => self.plan_after(20 * HOUR, 60 * HOUR, order, OrderStep::Pay),
            Payment::TransferThatNeverComes => self.plan_after(72 * HOUR, 74 * HOUR, order, OrderStep::Expire),
        }
        Ok(())
    }

    fn pay(&mut self, order: &mut Order) -> Result<()> {
        if order.payment == Payment::CardAtSecondTry {
            order.payment = Payment::Card;
            let fact = said("payment.declined", json!({"reason": "insufficient_funds"}));
            order.cause = self.journal.write(&order.payment_stream(), PROVIDER, &order.cause, vec![fact])?;
            self.plan_after(MINUTE, 20 * MINUTE, order, OrderStep::Retry);
        } else {
            self.paid(order)?;
        }
        Ok(())
    }

    fn paid(&mut self, order: &mut Order) -> Result<()> {
        let reference = format!("psp_{:010x}", self.chance.bits() & 0xFF_FFFF_FFFF);
        let facts = match order.payment {
            Payment::Card => vec![
                said("payment.authorised", json!({"reference": reference})),
                said("payment.captured", json!({"price": order.amount()})),
            ],
            _ => vec![said("payment.captured", json!({"price": order.amount(), "reference": reference}))],
        };
        let captured = self.journal.write(&order.payment_stream(), PROVIDER, &order.cause, facts)?;
        let data = json!({"payment": order.payment_id, "total": money(order.total())});
        order.cause =
            self.journal.write(&order.stream(), CONFIRMATION, &captured, vec![said("order.confirmed", data)])?;
        order.paid = true;
        if self.chance.percent(4) {
            self.plan_after(20 * MINUTE, 3 * HOUR, order, OrderStep::Cancel);
        } else {
            let moment = self.journal.now() + self.chance.between(4 * HOUR, 30 * HOUR);
            self.calendar.plan(packing_hours(moment), Step::Order(OrderStep::Ship, order.number));
        }
        Ok(())
    }

    fn retry(&mut self, order: &mut Order) -> Result<()> {
        let request = order.cause.later(&mut self.chance);
        let fact = said("payment.retried", json!({"method": "card"}));
        order.cause = self.journal.write(&order.payment_stream(), web(order.customer), &request, vec![fact])?;
        self.plan_after(2 * SECOND, 30 * SECOND, order, OrderStep::Pay);
        Ok(())
    }

    /// The money did not come in time. The old way: somebody in the office cancels the order. The new way, with the
    /// shop's defect in it: the payment expires, for which the stock is released, and that cancels the order, for
    /// which it is released again.
    fn expire(&mut self, order: &mut Order) -> Result<()> {
        if self.journal.now() < calendar::SWEEPER_STARTS {
            return self.cancel(order);
        }
        let sweep = order.cause.later(&mut self.chance);
        let fact = said("payment.expired", json!({"after_hours": 72}));
        let expired = self.journal.write(&order.payment_stream(), SWEEPER, &sweep, vec![fact])?;
        self.release(order, RELEASE_ON_EXPIRY, &expired)?;
        let fact = said("order.cancelled", json!({"reason": "payment_expired"}));
        order.cause = self.journal.write(&order.stream(), CANCEL_ON_EXPIRY, &expired, vec![fact])?;
        self.release(order, RELEASE_ON_CANCEL, &order.cause)?;
        Ok(())
    }

    fn release(&mut self, order: &Order, by: By, cause: &Cause) -> Result<()> {
        for Line { sku, qty, .. } in &order.lines {
            self.warehouse.release(&mut self.journal, (sku, &order.id, *qty), by, cause)?;
        }
        Ok(())
    }

    fn cancel(&mut self, order: &mut Order) -> Result<()> {
        let request = order.cause.later(&mut self.chance);
        let (by, reason) = if order.paid { (web(order.customer), "changed_mind") } else { (OFFICE, "not_paid") };
        let fact = said("order.cancelled", json!({"reason": reason}));
        order.cause = self.journal.write(&order.stream(), by, &request, vec![fact])?;
        self.release(order, RELEASE_ON_CANCEL, &order.cause)?;
        if order.paid {
            let fact = said("payment.refunded", json!({"price": order.amount()}));
            self.journal.write(&order.payment_stream(), REFUNDS, &order.cause, vec![fact])?;
        }
        Ok(())
    }

    fn ship(&mut self, order: &mut Order) -> Result<()> {
        let request = order.cause.later(&mut self.chance);
        let parcel = format!("LX-{:08}", self.chance.between(10_000_000, 99_999_999));
        let fact = said("order.shipped", json!({"carrier": "post", "parcel": parcel}));
        order.cause = self.journal.write(&order.stream(), WAREHOUSE, &request, vec![fact])?;
        for Line { sku, qty, .. } in &order.lines {
            self.warehouse.take(&mut self.journal, sku, &order.id, *qty, &order.cause)?;
        }
        self.plan_after(20 * HOUR, 70 * HOUR, order, OrderStep::Deliver);
        Ok(())
    }

    fn deliver(&mut self, order: &mut Order) -> Result<()> {
        let request = order.cause.later(&mut self.chance);
        let fact = said("order.delivered", json!({"signed_by": order.customer.name}));
        self.journal.write(&order.stream(), CARRIER, &request, vec![fact])?;
        Ok(())
    }
}

/// The same moment, or one of the next morning where nobody is at the packing table.
fn packing_hours(moment: Moment) -> Moment {
    let time = moment.rem_euclid(DAY);
    let midnight = moment - time;
    match time / HOUR {
        ..7 => midnight + 7 * HOUR + time / 4,
        7..18 => moment,
        _ => midnight + DAY + 7 * HOUR + (time - 18 * HOUR) / 3,
    }
}
