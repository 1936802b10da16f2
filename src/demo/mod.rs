//! A small shop's event database, written with the built-in store: orders, payments and stock of a month.
//!
//! It is the same database every time. It has what real ones have: several writers, causes and correlations, events
//! whose shape changed, and a defect whose traces are only in the history. An order that is not paid in time expires,
//! for which its stock is released, and is then cancelled, for which its stock is released again. What was released
//! twice is sold twice, until one item's stock is negative.

mod calendar;
mod catalogue;
mod chance;
mod desk;
mod journal;
pub mod large;
mod order;
mod shop;
mod warehouse;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use self::chance::Chance;
use self::journal::Journal;
use crate::error::{Error, Result};
use crate::store::EventStore;

/// The reducers and upcasters of the shop, as a reducers file.
pub const REDUCERS: &str = include_str!("../../assets/demo/shop.reducers.toml");

/// Chosen because in its month exactly one item's stock goes negative, and one order is enough to explain it.
const SEED: u64 = 34;

/// Creates the demo's database at `path`, and its reducers beside it, where the program looks for them:
/// `shop.db` gets `shop.reducers.toml`.
///
/// # Errors
/// Where there already is a file at `path`, or the folder cannot be written to.
pub fn create(path: &Path) -> Result<()> {
    let clock = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&clock);
    let mut store = EventStore::create(path)?.with_clock(move || journal::told(told.load(Ordering::Relaxed)));
    store.transaction(|transaction| shop::run(Journal::new(transaction, clock), Chance::new(SEED)))?;
    let reducers = path.with_extension("reducers.toml");
    std::fs::write(&reducers, REDUCERS)
        .map_err(|error| Error::from(error).context(format_args!("writing {}", reducers.display())))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::event::Event;

    fn shop() -> Vec<Event> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        create(&path).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("shop.reducers.toml")).unwrap(), REDUCERS);
        EventStore::open(&path).unwrap().read_all(None, usize::MAX).unwrap()
    }

    fn qty(event: &Event) -> i64 {
        let data = event.data.value().unwrap();
        data.get("qty").or(data.get("counted")).unwrap().as_i64().unwrap()
    }

    /// The least that ever lay there, by item, as the events say.
    fn lowest(events: &[Event]) -> BTreeMap<&str, i64> {
        let (mut on_hand, mut lowest) = (BTreeMap::<&str, i64>::new(), BTreeMap::new());
        for event in events.iter().filter(|event| event.stream.aggregate_type == "stock") {
            let sku = event.stream.aggregate_id.as_str();
            let now = on_hand.entry(sku).or_default();
            match event.event_type.as_str() {
                "stock.counted" => *now = qty(event),
                "stock.received" => *now += qty(event),
                "stock.shipped" => *now -= qty(event),
                _ => {}
            }
            let least = lowest.entry(sku).or_insert(i64::MAX);
            *least = (*now).min(*least);
        }
        lowest
    }

    #[test]
    fn it_is_the_same_shop_every_time() {
        let events = shop();
        assert_eq!(events, shop());
        assert!((3_000..5_000).contains(&events.len()), "{} events", events.len());
        let moments: Vec<_> = events.iter().filter_map(|event| event.timestamp.as_ref()?.utc).collect();
        assert!(moments.is_sorted() && moments.len() == events.len());
        let days = (moments[0].to_string(), moments[moments.len() - 1].to_string());
        assert!(days.0.starts_with("2026-03-02") && days.1.starts_with("2026-03-27"), "{days:?}");
    }

    #[test]
    fn every_cause_is_an_earlier_event_and_money_keeps_its_digits() {
        let events = shop();
        let mut seen = std::collections::HashSet::new();
        for event in &events {
            if let Some(cause) = &event.causation_id {
                assert!(seen.contains(cause), "{} is caused by nothing before it", event.position);
            }
            seen.insert(event.id.clone().unwrap());
        }
        let cups = events.iter().filter(|event| event.data.to_json().to_string().contains(r#""amount":8.00"#));
        assert!(cups.count() > 50);
        let shapes: std::collections::BTreeSet<_> =
            events.iter().map(|event| (event.event_type.as_str(), event.schema_version.as_deref())).collect();
        for shape in ["1", "2"] {
            assert!(shapes.contains(&("order.placed", Some(shape))));
            assert!(shapes.contains(&("order.line_added", Some(shape))));
        }
    }

    /// What the tour finds.
    #[test]
    fn only_the_blue_cups_go_negative_because_one_order_released_them_twice() {
        let events = shop();
        let lowest = lowest(&events);
        let negative: Vec<_> = lowest.iter().filter(|(_, lowest)| **lowest < 0).collect();
        assert_eq!(negative, [(&"sku-cup-blue", &-3)]);
        let counted: Vec<_> = events
            .iter()
            .filter(|event| event.event_type == "stock.counted")
            .filter(|event| event.data.value().unwrap()["expected"].as_i64() < Some(0))
            .collect();
        assert_eq!(counted.len(), 1, "one count says that something is wrong");
        let twice: Vec<_> = events
            .iter()
            .filter(|event| event.event_type == "stock.released" && event.position < counted[0].position)
            .filter(|event| event.stream.aggregate_id == "sku-cup-blue")
            .filter(|event| event.data.value().unwrap()["order"] == "ord-000297")
            .map(|event| (event.version, qty(event), event.metadata.value().unwrap()["handler"].clone()))
            .collect();
        assert_eq!(twice, [(153, 3, "release-on-expiry".into()), (154, 3, "release-on-cancel".into())]);
    }
}
