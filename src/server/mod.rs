//! PostgreSQL servers: where one is, and a connection to it that only reads.
//!
//! Nothing is made on the server and nothing changed: every transaction is read-only and short, with a time limit.

mod address;
mod connection;
mod engine;
mod explain;
mod host;
mod password_file;
mod service_file;
mod surroundings;
mod tls;

pub use address::Address;
pub use connection::{Connected, Server, Stopper};
pub use engine::{Engine, EngineKind};
pub use tls::TlsMode;
