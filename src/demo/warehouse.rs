//! The stock of the shop: what lies there, what is promised, and the deliveries that fill it up.

use serde_json::json;

use super::catalogue::{BLUE_CUP, By, CHECKOUT, IMPORT, ITEMS, Item, OFFICE, TAKE_ON_SHIPPING};
use super::chance::Chance;
use super::journal::{Cause, DAY, Journal, Moment, said};
use crate::error::Result;
use crate::event::StreamName;

/// What the shop's software believes to have of one item.
struct Shelf {
    item: &'static Item,
    stream: StreamName,
    on_hand: i64,
    reserved: i64,
    delivery_due: Option<Moment>,
}

pub(super) struct Warehouse {
    shelves: Vec<Shelf>,
    /// The supplier of the blue cup delivers nothing between these moments.
    strike: std::ops::Range<Moment>,
}

impl Warehouse {
    pub(super) fn new(strike: std::ops::Range<Moment>) -> Self {
        let shelf = |item: &'static Item| Shelf {
            item,
            stream: StreamName::new("stock", item.sku),
            on_hand: 0,
            reserved: 0,
            delivery_due: None,
        };
        Self { shelves: ITEMS.iter().map(shelf).collect(), strike }
    }

    fn find(&mut self, sku: &str) -> Option<&mut Shelf> {
        self.shelves.iter_mut().find(|shelf| shelf.item.sku == sku)
    }

    /// Promises some of an item to an order, where the software believes that there are enough.
    pub(super) fn reserve(
        &mut self,
        journal: &mut Journal<'_>,
        sku: &str,
        order: &str,
        qty: i64,
        cause: &Cause,
    ) -> Result<bool> {
        let Some(place) = self.find(sku).filter(|place| place.on_hand - place.reserved >= qty) else {
            return Ok(false);
        };
        place.reserved += qty;
        journal.write(
            &place.stream,
            CHECKOUT,
            cause,
            vec![said("stock.reserved", json!({"order": order, "qty": qty}))],
        )?;
        Ok(true)
    }

    /// Takes a promise back. Nothing here asks whether it has been taken back before: that is the shop's defect.
    pub(super) fn release(
        &mut self,
        journal: &mut Journal<'_>,
        (sku, order, qty): (&str, &str, i64),
        by: By,
        cause: &Cause,
    ) -> Result<()> {
        let Some(place) = self.find(sku) else { return Ok(()) };
        place.reserved -= qty;
        journal.write(&place.stream, by, cause, vec![said("stock.released", json!({"order": order, "qty": qty}))])?;
        Ok(())
    }

    /// Takes an item out when its parcel's label is printed.
    pub(super) fn take(
        &mut self,
        journal: &mut Journal<'_>,
        sku: &str,
        order: &str,
        qty: i64,
        cause: &Cause,
    ) -> Result<()> {
        let Some(place) = self.find(sku) else { return Ok(()) };
        place.reserved -= qty;
        place.on_hand -= qty;
        let fact = said("stock.shipped", json!({"order": order, "qty": qty}));
        journal.write(&place.stream, TAKE_ON_SHIPPING, cause, vec![fact])?;
        Ok(())
    }

    /// The first day's counting.
    pub(super) fn open(&mut self, journal: &mut Journal<'_>, chance: &mut Chance) -> Result<()> {
        let request = Cause::request(chance);
        for shelf in &mut self.shelves {
            shelf.on_hand = shelf.item.batch;
            let fact = said("stock.counted", json!({"counted": shelf.on_hand, "expected": 0, "by": "mira"}));
            journal.write(&shelf.stream, OFFICE, &request, vec![fact])?;
        }
        Ok(())
    }

    /// The morning: deliveries that are due come in, and what runs low is ordered.
    pub(super) fn morning(&mut self, journal: &mut Journal<'_>, chance: &mut Chance) -> Result<()> {
        let (today, request, strike) = (journal.now(), Cause::request(chance), self.strike.clone());
        for shelf in &mut self.shelves {
            if shelf.delivery_due.is_some_and(|due| due <= today) {
                shelf.receive(journal, chance, &request)?;
            }
            let on_strike = shelf.item.sku == BLUE_CUP && strike.contains(&today);
            let low = shelf.on_hand - shelf.reserved < shelf.item.batch / 2;
            if low && shelf.delivery_due.is_none() && !on_strike {
                shelf.delivery_due = Some(today + chance.between(1, 3) * DAY);
            }
        }
        Ok(())
    }

    /// The weekly count of what really lies there, held against what the software expected.
    pub(super) fn count(&mut self, journal: &mut Journal<'_>, chance: &mut Chance) -> Result<()> {
        let request = Cause::request(chance);
        for shelf in &mut self.shelves {
            let counted = shelf.on_hand.max(0);
            let fact = said("stock.counted", json!({"counted": counted, "expected": shelf.on_hand, "by": "mira"}));
            journal.write(&shelf.stream, OFFICE, &request, vec![fact])?;
            shelf.on_hand = counted;
        }
        Ok(())
    }
}

impl Shelf {
    fn receive(&mut self, journal: &mut Journal<'_>, chance: &mut Chance, request: &Cause) -> Result<()> {
        self.delivery_due = None;
        self.on_hand += self.item.batch;
        let delivery = format!("dn-{:05}", chance.between(10_000, 99_999));
        let data = json!({"qty": self.item.batch, "delivery": delivery, "supplier": "Kiln & Sons"});
        journal.write(&self.stream, IMPORT, request, vec![said("stock.received", data)])?;
        Ok(())
    }
}
