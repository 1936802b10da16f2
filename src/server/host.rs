//! A server among those that an address names.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// Its name, or the folder of its socket.
    pub(super) name: String,
    /// Its number, where that is said beside the name.
    pub(super) number: Option<IpAddr>,
    pub(super) port: u16,
}

impl Host {
    /// Whether its name is that of a folder with the socket of a server on this machine.
    pub(super) fn is_socket(&self) -> bool {
        self.number.is_none() && Path::new(&self.name).is_absolute()
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.is_socket() { "localhost" } else { &self.name };
        if name.contains(':') { write!(f, "[{name}]:{}", self.port) } else { write!(f, "{name}:{}", self.port) }
    }
}
