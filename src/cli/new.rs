//! `eventscope new`: makes an empty event store, in a file or on a server.

use serde_json::json;

use crate::error::{Error, Result};
use crate::store::EventStore;

use super::arguments::New;
use super::output::{Outcome, Output};
use super::own_store::{self, Address};

/// Makes the store.
pub(super) fn run(arguments: &New) -> Outcome {
    let place = match own_store::address(&arguments.file)? {
        Some(address) => on_server(&address, arguments)?,
        None => in_file(arguments)?,
    };
    let mut output = Output::new(arguments.json);
    if arguments.json {
        output.document(&json!({"file": place}))?;
    } else {
        output.line(&format!("made an empty event store: {place}"))?;
    }
    output.finish()
}

fn in_file(arguments: &New) -> Result<String> {
    if !arguments.writers.is_empty() || !arguments.readers.is_empty() {
        return Err(Error::bad_input("--writer and --reader are for stores on a server")
            .with_hint("Who may read or write a file the system says."));
    }
    EventStore::create(&arguments.file)?;
    Ok(arguments.file.display().to_string())
}

/// Makes a store on a server, and answers with where, without a password. Where it is there already only the rights are
/// given.
#[cfg(feature = "postgres")]
fn on_server(address: &Address, arguments: &New) -> Result<String> {
    let New { writers, readers, .. } = arguments;
    let mut store = match crate::server::create_store(address) {
        Err(_) if !(writers.is_empty() && readers.is_empty()) => crate::server::open_store(address)?,
        made => made?,
    };
    for (roles, is_writer) in [(writers, true), (readers, false)] {
        for role in roles {
            store.grant(role, is_writer)?;
        }
    }
    Ok(address.to_string())
}

#[cfg(not(feature = "postgres"))]
fn on_server(address: &Address, _: &New) -> Result<String> {
    match *address {}
}
