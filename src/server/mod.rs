//! PostgreSQL servers: where one is, and a connection to it that only reads.
//!
//! Nothing is made on the server and nothing changed: every transaction is read-only and short, with a time limit. Only the
//! event stores of this program are written to, by [`crate::store::postgres`]: `store` makes and opens them.

mod address;
mod connection;
mod engine;
mod explain;
mod host;
mod password_file;
mod service_file;
mod store;
mod surroundings;
mod tls;

pub use address::Address;
pub use connection::{Connected, Server, Stopper};
pub use engine::{Engine, EngineKind};
pub use store::{create_store, open_store, open_store_read_only};
pub use tls::TlsMode;
