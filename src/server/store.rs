//! Event stores of this program on a server: made and opened by an address. They alone are written to.

use std::sync::Arc;

use super::address::Address;
use super::connection::dial;
use super::explain::explain;
use super::tls::TlsMode;
use crate::error::Result;
use crate::store::postgres::{Dial, PostgresStore};

/// Makes an event store in a database that holds none.
///
/// # Errors
/// As [`PostgresStore::create`], and where the address cannot be reached.
pub fn create_store(address: &Address) -> Result<PostgresStore> {
    PostgresStore::create(&address.place(), dialled(address)).map_err(|error| at(address, error))
}

/// Opens an event store to write to it.
///
/// # Errors
/// As [`PostgresStore::open`], and where the address cannot be reached.
pub fn open_store(address: &Address) -> Result<PostgresStore> {
    PostgresStore::open(&address.place(), dialled(address)).map_err(|error| at(address, error))
}

/// Opens an event store to read it.
///
/// # Errors
/// As [`PostgresStore::open_read_only`], and where the address cannot be reached.
pub fn open_store_read_only(address: &Address) -> Result<PostgresStore> {
    PostgresStore::open_read_only(&address.place(), dialled(address)).map_err(|error| at(address, error))
}

fn dialled(address: &Address) -> Dial {
    let address = address.clone();
    Arc::new(move || {
        let connector = match address.tls_mode() {
            TlsMode::Disable => None,
            _ => Some(address.tls.connector()?),
        };
        dial(&address, connector.as_ref()).map_err(|error| explain(address.place(), error))
    })
}

fn at(address: &Address, error: crate::error::Error) -> crate::error::Error {
    let place = address.place();
    if error.to_string().starts_with(&place) { error } else { error.context(place) }
}
