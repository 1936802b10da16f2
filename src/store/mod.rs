//! The built-in event store: an append-only log of events in one SQLite file.
//!
//! A library in its own right: an application needs nothing else of this crate to keep its events. [`EventStore`] is
//! one connection to one file. An event belongs to a stream, which is all that happened to one aggregate, and has two
//! places: its *version* in the stream and its *position* in the whole store, both from 1. A writer says which version
//! it has seen, and gets a conflict instead of writing on top of what it has not.
//!
//! ```
//! use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
//! use eventscope::store::EventStore;
//! use eventscope::ErrorKind;
//! use serde_json::json;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("bank.db");
//! let mut store = EventStore::create(&path)?;
//! let account = StreamName::new("account", "acc-7");
//!
//! let opened = NewEvent::new("account.opened", json!({"owner": "Ada"}));
//! let mut deposited = NewEvent::new("account.deposited", json!({"amount": 250}));
//! deposited.actor = Some("ada".to_owned());
//! deposited.actor_type = Some("user".to_owned());
//! let appended = store.append(&account, ExpectedVersion::NoStream, &[opened, deposited])?;
//! assert_eq!((appended.versions, appended.positions), (1..3, 1..3));
//! assert!(appended.timestamp.is_some(), "the store says when");
//!
//! // Somebody who has only seen version 1 is told so, and nothing is written.
//! let withdrawn = NewEvent::new("account.withdrawn", json!({"amount": 300}));
//! let late = store.append(&account, ExpectedVersion::Exactly(1), &[withdrawn]).unwrap_err();
//! assert!(matches!(late.kind(), ErrorKind::Conflict { actual: Some(2), .. }));
//!
//! assert_eq!(store.read_stream(&account, 1, None)?.len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # From a new file to a projection
//!
//! An application in whole: it creates its store, decides through an aggregate, and reads from a table of its own that
//! is folded from the log and can be made anew from it at any time.
//!
//! ```
//! use eventscope::event::{Event, NewEvent};
//! use eventscope::store::{Aggregate, EventStore, Projection, Repository, SnapshotPolicy, rusqlite::Connection};
//! use eventscope::{Error, Result};
//! use serde::{Deserialize, Serialize};
//! use serde_json::json;
//!
//! // What has to be known of an account in order to decide: the state that its events are folded into.
//! #[derive(Default, Serialize, Deserialize)]
//! struct Account {
//!     balance: i64,
//! }
//!
//! impl Aggregate for Account {
//!     const TYPE: &'static str = "account";
//!
//!     fn apply(&mut self, event: &Event) -> Result<()> {
//!         let amount = event.data.to_json()["amount"].as_i64().unwrap_or(0);
//!         match event.event_type.as_str() {
//!             "account.deposited" => self.balance += amount,
//!             "account.withdrawn" => self.balance -= amount,
//!             _ => {}
//!         }
//!         Ok(())
//!     }
//! }
//!
//! // What is asked often: a table of balances.
//! struct Balances;
//!
//! impl Projection for Balances {
//!     fn name(&self) -> &str {
//!         "balances"
//!     }
//!     fn create(&mut self, tables: &Connection) -> Result<()> {
//!         let sql = "CREATE TABLE IF NOT EXISTS balances (account TEXT PRIMARY KEY, balance INTEGER NOT NULL)";
//!         Ok(tables.execute_batch(sql)?)
//!     }
//!     fn clear(&mut self, tables: &Connection) -> Result<()> {
//!         Ok(tables.execute_batch("DROP TABLE IF EXISTS balances")?)
//!     }
//!     fn apply(&mut self, tables: &Connection, event: &Event) -> Result<()> {
//!         let amount = event.data.to_json()["amount"].as_i64().unwrap_or(0);
//!         let change = if event.event_type == "account.withdrawn" { -amount } else { amount };
//!         let sql = "INSERT INTO balances VALUES (?1, ?2) \
//!                    ON CONFLICT DO UPDATE SET balance = balance + excluded.balance";
//!         tables.execute(sql, (&event.stream.aggregate_id, change))?;
//!         Ok(())
//!     }
//! }
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("bank.db");
//! // A new file; `EventStore::open` from the second start on.
//! let mut store = EventStore::create(&path)?;
//!
//! // Commands: load, decide, save. Where somebody else was quicker, up to three times.
//! let mut accounts = Repository::<Account>::new(&mut store, SnapshotPolicy::every(100));
//! accounts.update("acc-7", 3, |account| account.record(NewEvent::new("account.deposited", json!({"amount": 250}))))?;
//! let refused = accounts.update("acc-7", 3, |account| {
//!     if account.state().balance < 300 {
//!         return Err(Error::bad_input("there is not enough on the account"));
//!     }
//!     account.record(NewEvent::new("account.withdrawn", json!({"amount": 300})))
//! });
//! assert!(refused.is_err(), "and nothing was written");
//! accounts.update("acc-7", 3, |account| account.record(NewEvent::new("account.withdrawn", json!({"amount": 40}))))?;
//!
//! // Queries: bring the projection up to date, then read its table on any connection.
//! assert_eq!(store.project(&mut Balances)?, 2);
//! let balance: i64 = Connection::open(&path)?.query_row(
//!     "SELECT balance FROM balances WHERE account = 'acc-7'",
//!     [],
//!     |row| row.get(0),
//! )?;
//! assert_eq!(balance, 210);
//!
//! // The table had a mistake? Correct `apply`, and fold the log anew.
//! store.rebuild(&mut Balances)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to go on
//!
//! | to | see |
//! | --- | --- |
//! | read by type, time, cause, correlation, backwards, a page at a time | [`Query`], [`EventStore::events`] |
//! | append to several streams at once | [`EventStore::transaction`] |
//! | process a command once, though it comes twice | [`EventStore::append_command`] |
//! | have many callers share a commit, and each repeat safely what it wants | [`EventStore::append_requests`] |
//! | write code for whatever store there is | [`Store`] |
//! | have types of your own that are folded from their streams | [`Aggregate`], [`Repository`], [`SnapshotPolicy`] |
//! | have events that are types of your own | [`to_event`], [`from_event`] |
//! | have only data stored that fits its JSON Schema | [`EventStore::register_schema`], [`EventStore::misfits`] |
//! | have everybody name events in the same way | [`Naming`] |
//! | store data as MessagePack | [`Encoding`] |
//! | hear of events as they are committed | [`Subscription`] |
//! | fold events into tables of your own | [`Projection`] |
//! | prove that nothing was changed | [`EventStore::create_chained`], [`EventStore::verify`] |
//! | take events out as lines of JSON, and in again | [`EventStore::export`], [`EventStore::import`] |
//! | move closed streams or old events out of the way | [`EventStore::plan_archive`], [`EventStore::archive`] |
//! | make a backup, see figures | [`EventStore::backup`], [`EventStore::statistics`] |
//!
//! # What it promises
//!
//! - An append is one transaction: all of its events are there, with versions and positions that follow each other,
//!   or none. Once it has returned, they survive a power cut ([`Durability`]).
//! - Events are never changed, never deleted and never replaced: triggers in the file refuse UPDATE, DELETE and INSERT OR
//!   REPLACE to every program. Only what is recorded as being in an archive leaves the file, and is read there as before.
//!   Who can write to the file can also take its triggers away: where that matters, keep a hash chain, which shows it
//!   ([`EventStore::create_chained`]).
//! - What the file asks of its events, every writer is held to: the schemas of their data, the names of their types.
//! - The store says when: moments are UTC, and never go back as positions go on, whatever the clock does.
//! - A file that is not of this format, or of a newer version of it, is refused and left as it is.
//!
//! # The format
//!
//! SQLite in WAL mode with [`APPLICATION_ID`] in its header and the tables of `migrations/`: `events` and `streams`,
//! `commands`, `snapshots`, `checkpoints`, `chain`, `event_schemas` and `settings`, and `archives` and `archived`, which
//! say what lies in which archive: a file of the same format that is read through its store alone.
//! Data and metadata are JSON text; numbers keep their digits, so that `8.00` stays `8.00`. A blob is MessagePack, which
//! data is written in where the store is [told to](EventStore::set_encoding).

mod aggregate;
mod append;
mod archive;
mod chain;
mod command;
mod commit_signal;
mod connection;
mod contract;
mod course;
mod encoding;
mod event_schema;
mod event_store;
mod exchange;
mod id;
mod insert;
mod line;
mod naming;
mod ndjson;
mod operation;
mod placing;
#[cfg(feature = "postgres")]
pub mod postgres;
mod projection;
mod query;
mod read;
mod repository;
mod request;
mod requests;
mod row;
mod rules;
mod schema;
mod settings;
mod snapshot;
mod stored_settings;
mod subscription;
mod transaction;
mod typed;
mod validation;
mod verify;

pub use aggregate::{Aggregate, Root};
pub use append::{ACTOR_TYPES, Appended, SOURCES, append_in, check_in};
pub use archive::{
    Archive, ArchivePlan, ArchiveProgress, ArchiveSelection, Archived, PlannedStream, Restored, archives_of,
};
pub use command::{Command, Processed};
pub use contract::Store;
pub use encoding::Encoding;
pub use event_schema::{EventSchema, Misfit};
pub use event_store::{Durability, EventStore};
pub use id::new_event_id;
pub use naming::Naming;
pub use ndjson::ndjson_line;
pub use operation::Statistics;
pub use placing::Places;
pub use projection::Projection;
pub use query::{Events, Query, StreamVersion};
pub use repository::{Repository, SnapshotPolicy};
pub use request::{Answered, Entry, Refusal, Request};
pub use schema::{APPLICATION_ID, SCHEMA_VERSION, migrate_file, schema_of_file};
pub use snapshot::Snapshot;
pub use subscription::Subscription;
pub use transaction::Transaction;
pub use typed::{from_event, to_event};
pub use verify::{Fault, Verification};
#[cfg(feature = "inspect")]
pub(crate) use {
    line::{FIELDS as LINE_FIELDS, Line},
    ndjson::{line_break_free, moment as moment_text, number_or_text, raw as raw_json},
};

/// The SQLite library that projections write their tables with, in the version that the store uses.
pub use rusqlite;
