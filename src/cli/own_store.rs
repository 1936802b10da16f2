//! The event stores that verbs write to: in a file, or on a server that a URL names.

use std::path::Path;

#[cfg(not(feature = "postgres"))]
use crate::error::Error;
use crate::error::Result;
use crate::store::Store;

/// Opens the event store of a verb.
pub(super) fn open(file: &Path) -> Result<Box<dyn Store>> {
    match address(file)? {
        Some(address) => open_at(&address, true),
        None => Ok(Box::new(super::open_store(file)?)),
    }
}

/// Where a store on a server is.
#[cfg(feature = "postgres")]
pub(super) type Address = crate::server::Address;

/// No server is known to this build.
#[cfg(not(feature = "postgres"))]
pub(super) enum Address {}

/// The server that a URL names; none where the text names a file.
#[cfg(feature = "postgres")]
pub(super) fn address(file: &Path) -> Result<Option<Address>> {
    match file.to_str().filter(|text| Address::is_meant(text)) {
        Some(url) => Address::parse(url).map(Some),
        None => Ok(None),
    }
}

/// The same where this build knows no servers.
#[cfg(not(feature = "postgres"))]
pub(super) fn address(file: &Path) -> Result<Option<Address>> {
    let is_url = file.to_str().is_some_and(|text| text.starts_with("postgres://") || text.starts_with("postgresql://"));
    if is_url {
        return Err(Error::bad_input("this build of the program knows no servers")
            .with_hint("Build it with `--features postgres`."));
    }
    Ok(None)
}

/// Opens the store at an address.
#[cfg(feature = "postgres")]
pub(super) fn open_at(address: &Address, may_write: bool) -> Result<Box<dyn Store>> {
    use crate::server::{open_store, open_store_read_only};
    Ok(Box::new(if may_write { open_store(address)? } else { open_store_read_only(address)? }))
}

/// There is no such address.
#[cfg(not(feature = "postgres"))]
pub(super) fn open_at(address: &Address, _: bool) -> Result<Box<dyn Store>> {
    match *address {}
}

/// What a store is called, without a password.
#[cfg(feature = "postgres")]
pub(super) fn place(file: &Path) -> String {
    match address(file) {
        Ok(Some(address)) => address.to_string(),
        _ => file.display().to_string(),
    }
}

/// What a store is called.
#[cfg(not(feature = "postgres"))]
pub(super) fn place(file: &Path) -> String {
    file.display().to_string()
}
