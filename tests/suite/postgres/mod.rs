//! Event stores on a PostgreSQL server: a real one, which the tests start and stop.
#![allow(clippy::print_stdout)]

mod connecting;
#[cfg(feature = "cli")]
mod own_store;
#[cfg(feature = "serve")]
mod served;
pub mod server;
#[cfg(feature = "cli")]
mod verbs;
