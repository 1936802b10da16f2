//! What libraries write into PostgreSQL themselves is read as they wrote it.

use std::path::Path;
use std::process::Command;

use eventscope::server::Wanted;
use serde_json::Value;

use super::gathering::{gathered, open};
use super::server::{OWNER, PASSWORD, database};

/// Python with the library and its client, where `tests/postgres/install` has made it.
fn python() -> Option<std::path::PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/postgres/venv/bin/python");
    let works = Command::new(&python).args(["-c", "import eventsourcing, psycopg"]).output();
    works.is_ok_and(|output| output.status.success()).then_some(python)
}

#[test]
fn pythons_eventsourcing_is_read_as_it_wrote() {
    let Some(database) = database("python") else { return };
    let Some(python) = python() else {
        println!("left out, for want of eventsourcing and psycopg for Python: tests/postgres/install");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres/shop.py");
    let output = Command::new(python)
        .arg(script)
        .env("PERSISTENCE_MODULE", "eventsourcing.postgres")
        .env("POSTGRES_HOST", "127.0.0.1")
        .env("POSTGRES_PORT", database.port.to_string())
        .env("POSTGRES_DBNAME", &database.name)
        .env("POSTGRES_USER", OWNER)
        .env("POSTGRES_PASSWORD", PASSWORD)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut written: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let balances = written.pop().unwrap();
    assert_eq!(written.len(), 7 + 7 * 20);

    let (_folder, file, slice) = gathered(&database, &Wanted::default());
    assert_eq!((slice.table.as_str(), slice.events), ("public.shop_events", 147));
    let source = open(&file);
    assert_eq!(source.detection().unwrap().profile.name, "eventsourcing-server");
    let events = source.page_at(0, 1_000).unwrap();
    assert_eq!(events.len(), written.len());
    let mut folded = std::collections::BTreeMap::new();
    for (event, written) in events.iter().zip(&written) {
        assert_eq!(Some(event.position), written["position"].as_i64());
        assert_eq!(Some(event.stream.aggregate_id.as_str()), written["stream"].as_str());
        assert_eq!(Some(event.version), written["version"].as_i64());
        let topic = written["topic"].as_str().unwrap();
        assert!(topic.ends_with(&*event.event_type), "{topic}: {}", event.event_type);
        let data = event.data.to_json();
        assert_eq!(data, written["data"]);
        assert!(event.timestamp.as_ref().is_some_and(|moment| moment.utc.is_some()), "{event:?}");
        let balance: &mut i64 = folded.entry(event.stream.aggregate_id.clone()).or_default();
        let amount = |name: &str| data[name].as_i64().unwrap_or_default();
        *balance += amount("balance_cents");
        *balance += if topic.ends_with("FundsWithdrawn") { -amount("amount_cents") } else { amount("amount_cents") };
    }
    assert_eq!(serde_json::to_value(folded).unwrap(), balances);
}
