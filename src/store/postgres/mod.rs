//! The built-in event store on a `PostgreSQL` server, for those whose events outgrow one file or one machine.
//!
//! [`PostgresStore`] does what [`EventStore`](super::EventStore) does, as the trait [`Store`](super::Store) says; it has no
//! archive, no hash chain and no MessagePack. The tables are those of `migrations/postgres/`, in a schema `eventscope`.
//!
//! # Order
//!
//! Whoever appends holds one row, in which the log ends, from the first statement of the transaction to its commit. So
//! positions are given in the order of commits and without gaps, and moments never go back: a reader that has seen a
//! position never misses one before it, however slow a writer is, and needs to know nothing of transactions that are under
//! way. What it costs: appends of several connections are committed one after the other, each with a wait for the disk of
//! its own. Callers that share a commit, by [`Store::append_requests`](super::Store::append_requests) as the service does, share that wait.
//!
//! Readers take no locks and hold up nobody.
//!
//! # Other servers of this protocol
//!
//! The statements are plain: no advisory locks, no notifications, no sequences, no types of the server's own. Where triggers
//! or unique indexes over all streams cannot be, the step `0006_guards` is left out, and the rights of the roles
//! ([`PostgresStore::grant`]) keep others from changing events. A transaction that the server asks to be repeated is
//! repeated.

mod checkpoints;
mod commands;
mod import;
mod plan;
mod postgres_store;
mod query;
mod row;
mod schema;
mod schemas;
mod session;
mod snapshots;
mod transaction;
mod verify;
mod writing;

/// The client library, in the version that the store uses.
pub use postgres;
pub use postgres_store::PostgresStore;
pub use schema::POSTGRES_SCHEMA_VERSION;
pub use session::Dial;
pub use transaction::{PostgresProjection, PostgresTransaction};
