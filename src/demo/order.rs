//! One order of the demo's shop: what it holds, and what its events say.

use serde_json::{Value, json};

use super::catalogue::{Customer, money};
use super::journal::{Cause, Said, said};
use crate::event::StreamName;

/// A line of an order.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) sku: &'static str,
    pub(super) qty: i64,
    pub(super) cents: i64,
}

/// How an order is paid for, and whether the money comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Payment {
    Card,
    CardAtSecondTry,
    Transfer,
    TransferThatNeverComes,
}

impl Payment {
    pub(super) fn method(self) -> &'static str {
        match self {
            Self::Card | Self::CardAtSecondTry => "card",
            Self::Transfer | Self::TransferThatNeverComes => "transfer",
        }
    }
}

pub(super) struct Order {
    /// Its place among the orders, from 0.
    pub(super) number: usize,
    pub(super) id: String,
    pub(super) payment_id: String,
    pub(super) customer: &'static Customer,
    pub(super) payment: Payment,
    pub(super) lines: Vec<Line>,
    pub(super) discount: i64,
    /// The event that the next step is caused by.
    pub(super) cause: Cause,
    pub(super) paid: bool,
}

impl Order {
    pub(super) fn stream(&self) -> StreamName {
        StreamName::new("order", &self.id)
    }

    pub(super) fn payment_stream(&self) -> StreamName {
        StreamName::new("payment", &self.payment_id)
    }

    /// What is to be paid, in cents, rounded down to the customer's good.
    pub(super) fn total(&self) -> i64 {
        let sum: i64 = self.lines.iter().map(|line| line.qty * line.cents).sum();
        sum * (100 - self.discount) / 100
    }

    /// The shape of `order.placed` changed once: the address was one text before it had parts.
    pub(super) fn placed(&self, schema_version: u32) -> Said {
        let Customer { id, name, street, postcode, city, .. } = self.customer;
        let data = if schema_version == 1 {
            json!({"customer": id, "name": name, "address": format!("{street}, {postcode} {city}"), "channel": "web"})
        } else {
            let ship_to = json!({"name": name, "street": street, "postcode": postcode, "city": city, "country": "DE"});
            json!({"customer": id, "ship_to": ship_to, "channel": "web", "currency": "EUR"})
        };
        said("order.placed", data).in_version(schema_version)
    }

    /// Adds a line. The shape of its event changed too: the price had no currency.
    pub(super) fn add(&mut self, sku: &'static str, qty: i64, cents: i64, schema_version: u32) -> Said {
        let name = format!("L{}", self.lines.len() + 1);
        self.lines.push(Line { name: name.clone(), sku, qty, cents });
        let price = match schema_version {
            1 => money(cents),
            _ => json!({"amount": money(cents), "currency": "EUR"}),
        };
        let data = json!({"line": name, "sku": sku, "qty": qty, "price": price, "total": money(self.total())});
        said("order.line_added", data).in_version(schema_version)
    }

    /// Takes a line off.
    pub(super) fn remove(&mut self, name: &str, reason: &str) -> Said {
        self.lines.retain(|line| line.name != name);
        said("order.line_removed", json!({"line": name, "reason": reason, "total": money(self.total())}))
    }

    pub(super) fn discounted(&mut self, code: &str, percent: i64) -> Said {
        self.discount = percent;
        let data = json!({"code": code, "percent": percent, "total": money(self.total())});
        said("order.discount_applied", data)
    }

    /// The total with its currency, as payments say it.
    pub(super) fn amount(&self) -> Value {
        json!({"amount": money(self.total()), "currency": "EUR"})
    }
}
