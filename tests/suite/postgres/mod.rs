//! Event stores on a PostgreSQL server: a real one, which the tests start and stop.
#![allow(clippy::print_stdout)]

mod connecting;
#[cfg(feature = "window")]
mod dialogs;
mod following;
mod forms;
mod gathering;
#[cfg(feature = "window")]
mod opened;
#[cfg(feature = "cli")]
mod own_store;
mod reading_verbs;
mod refusing;
#[cfg(feature = "serve")]
mod served;
pub mod server;
#[cfg(feature = "cli")]
mod verbs;
mod written;
