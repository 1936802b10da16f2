//! The demo's shop through its own reducers: every event folds, and the tour finds what it is sent to find.

use std::collections::BTreeMap;

use eventscope::demo;
use eventscope::event::{Event, StreamName};
use eventscope::replay::{Fold, Outcome, Reducers};
use eventscope::store::{EventStore, Query};
use serde_json::Value;

fn shop() -> (tempfile::TempDir, EventStore, Reducers) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    demo::create(&path).unwrap();
    let rules = std::fs::read_to_string(folder.path().join("shop.reducers.toml")).unwrap();
    let reducers = Reducers::parse(&rules, "shop.reducers.toml").unwrap();
    let store = EventStore::open(&path).unwrap();
    (folder, store, reducers)
}

/// The states of a stream, by version from 1.
fn states(store: &EventStore, reducers: &Reducers, stream: &StreamName) -> Vec<(Event, Value)> {
    let mut fold = Fold::new(reducers, &stream.aggregate_type);
    let events = store.read_stream(stream, 1, None).unwrap();
    let stepped = events.into_iter().map(|event| {
        let step = fold.step(&event);
        assert_eq!(step.outcome, Outcome::Applied, "{} at {} of {stream}", event.event_type, event.version);
        (event, fold.state())
    });
    stepped.collect()
}

#[test]
fn every_event_of_the_shop_has_a_rule_that_works() {
    let (_folder, store, reducers) = shop();
    let mut last_states = BTreeMap::<String, usize>::new();
    for found in store.streams(None, usize::MAX).unwrap() {
        let (_, last) = states(&store, &reducers, &found.stream).pop().unwrap();
        if let Some(status) = last["status"].as_str() {
            *last_states.entry(format!("{} {status}", found.stream.aggregate_type)).or_default() += 1;
        }
    }
    for expected in ["order delivered", "order cancelled", "order shipped", "payment captured", "payment expired"] {
        assert!(last_states.contains_key(expected), "{last_states:?}");
    }
}

#[test]
fn the_two_shapes_of_an_order_fold_to_one() {
    let (_folder, store, reducers) = shop();
    let placed = Query { event_type: Some("order.placed".into()), ..Query::default() };
    let mut shapes = BTreeMap::new();
    for event in store.events(placed).map(Result::unwrap) {
        let (_, state) = states(&store, &reducers, &event.stream).swap_remove(1);
        assert!(state["total"].to_string().contains('.'), "money keeps its decimals: {state}");
        let address = state["ship_to"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        shapes.entry(event.schema_version.unwrap()).or_insert_with(|| address);
    }
    assert_eq!(shapes.len(), 2);
    assert_eq!(shapes["1"], shapes["2"]);
    assert_eq!(shapes["1"], ["name", "street", "postcode", "city", "country"]);
}

#[test]
fn the_tour_finds_the_order_whose_cups_were_released_twice() {
    let (_folder, store, reducers) = shop();
    let states = states(&store, &reducers, &StreamName::new("stock", "sku-cup-blue"));
    let below = states.iter().find(|(_, state)| state["on_hand"].as_i64() < Some(0)).unwrap();
    assert_eq!((below.0.event_type.as_str(), below.0.version), ("stock.shipped", 160));
    // From here on what is reserved is less than the reservations that are open.
    let gap = states.iter().find(|(_, state)| {
        let open: i64 = state["reservations"].as_object().unwrap().values().filter_map(Value::as_i64).sum();
        state["reserved"].as_i64() != Some(open)
    });
    let (event, _) = gap.unwrap();
    assert_eq!((event.event_type.as_str(), event.version), ("stock.released", 154));
    let order = event.data.value().unwrap()["order"].as_str().unwrap();
    assert_eq!(order, "ord-000297");
    // Its two causes are the order's cancelling and, before that, its payment's expiring.
    let released = states.iter().filter(|(event, _)| event.version == 153 || event.version == 154);
    let causes =
        released.map(|(event, _)| store.event(event.causation_id.as_deref().unwrap()).unwrap().unwrap().event_type);
    assert_eq!(causes.collect::<Vec<_>>(), ["payment.expired", "order.cancelled"]);
}
