//! `eventscope verify`: whether an event store is as it was written.

use serde_json::json;

use crate::error::{Error, ErrorKind, Result};
use crate::store::{EventStore, Fault, Verification};

use super::arguments::Store;
use super::output::{Outcome, Output};
use super::own_store;

/// Verifies the store; what is wrong is named, and a plain no.
pub(super) fn run(arguments: &Store) -> Outcome {
    let (found, last_hash) = match own_store::address(&arguments.file)? {
        Some(address) => (own_store::open_at(&address, false)?.verify(&mut |_| {})?, None),
        None => in_file(arguments)?,
    };
    let mut output = Output::new(arguments.json);
    if arguments.json {
        output.document(&json!({
            "ok": found.fault.is_none(),
            "events": found.events,
            "chained": found.chained,
            "last_hash": last_hash,
            "fault": found.fault.as_ref().map(|fault| json!({"position": fault.position, "reason": fault.reason})),
        }))?;
    } else if found.fault.is_none() {
        output.line(&in_order(&found, last_hash.as_deref()))?;
    }
    output.finish()?;
    found.fault.map_or(Ok(()), |fault| Err(broken(&own_store::place(&arguments.file), &fault).into()))
}

fn in_file(arguments: &Store) -> Result<(Verification, Option<String>)> {
    let store = super::open_store(&arguments.file)?;
    let damage = store.integrity_check()?;
    if damage.is_empty() { looked_at(&store) } else { Ok((unread(&damage), None)) }
}

fn looked_at(store: &EventStore) -> Result<(Verification, Option<String>)> {
    Ok((store.verify()?, store.last_hash()?))
}

/// The finding where SQLite itself cannot read the file.
fn unread(damage: &[String]) -> Verification {
    let reason = format!("the file is damaged: {}", damage.join("; "));
    Verification { events: 0, chained: false, fault: Some(Fault { position: 0, reason }) }
}

fn in_order(found: &Verification, last_hash: Option<&str>) -> String {
    let events = found.events;
    match last_hash {
        Some(hash) => format!("{events} events are in order, and their hash chain holds; its last hash is {hash}"),
        None => format!("{events} events are in order; the store keeps no hash chain"),
    }
}

fn broken(file: &str, fault: &Fault) -> Error {
    Error::new(ErrorKind::Database, format!("{file} is broken at position {}: {}", fault.position, fault.reason))
        .with_hint("What is before that position is in order. Compare it with a backup.")
}
