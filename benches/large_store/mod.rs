//! A large store for benchmarks, made with the store itself and kept in `target/`, so that only the first run makes it;
//! or the one that the environment's `DATABASE` names, such as one that `eventscope demo FILE --events N` has made.

use std::path::{Path, PathBuf};

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{EventStore, Query};
use serde_json::json;

/// Events of one append.
const BATCH: u64 = 100;
/// Appends of one transaction.
const TRANSACTION: u64 = 100;

/// How many events: the environment's `EVENTS`, else a million.
fn events_wanted() -> u64 {
    std::env::var("EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000)
}

/// The database, made if it is not there, and how many events it has.
pub fn database() -> (PathBuf, u64) {
    if let Some(path) = std::env::var_os("DATABASE").map(PathBuf::from) {
        let events = EventStore::open_read_only(&path).unwrap().count(&Query::default()).unwrap();
        return (path, events);
    }
    let events = events_wanted();
    (made(events), events)
}

/// The database of so many events, made if it is not there.
fn made(events: u64) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/large-{events}.db"));
    if path.exists() {
        return path;
    }
    let unfinished = path.with_extension("unfinished");
    drop(std::fs::remove_file(&unfinished));
    let mut store = EventStore::create(&unfinished).unwrap();
    let batches: Vec<u64> = (0..events.div_ceil(BATCH)).collect();
    for together in batches.chunks(usize::try_from(TRANSACTION).unwrap()) {
        store
            .transaction(|transaction| {
                for batch in together {
                    let stream = StreamName::new("order", format!("ord-{:06}", batch * 7919 % (events / 1_000).max(1)));
                    let events: Vec<NewEvent> = (0..BATCH).map(|index| event(batch * BATCH + index)).collect();
                    transaction.append(&stream, ExpectedVersion::Any, &events)?;
                }
                Ok::<_, eventscope::Error>(())
            })
            .unwrap();
    }
    drop(store);
    std::fs::rename(&unfinished, &path).unwrap();
    path
}

fn event(number: u64) -> NewEvent {
    const TYPES: [&str; 4] = ["order.placed", "order.line_added", "payment.taken", "stock.reserved"];
    let event_type = TYPES.get(usize::try_from(number % 4).unwrap()).unwrap();
    let data = json!({
        "customer": format!("c-{}", number % 997), "total": number % 1_000, "currency": "EUR",
        "lines": [{"sku": format!("sku-{}", number % 53), "qty": number % 7}], "note": "left at the door",
    });
    NewEvent { correlation_id: Some(format!("req-{}", number / 12)), ..NewEvent::new(*event_type, data) }
}
