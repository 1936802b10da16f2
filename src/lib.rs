//! Eventscope: an inspector and time-travel debugger for event-sourced SQLite databases.
//!
//! The program is this library and a thin binary. The layers, from the ground up; an arrow means "is used by":
//!
//! ```text
//! event, error -> document -> store, codec -> profile -> filter -> source -> insight -> session -> app, cli -> main
//! event -> replay -> insight        event -> model -> ui -> app        session -> ui
//! replay -> process -> session, cli  event, error, replay -> learn -> insight, cli
//! store, source -> serve -> cli          store, source -> server -> cli
//! store -> demo -> app, cli          source, store -> transfer -> session, cli; store -> session
//! ```
//!
//! | layer | what it does | never imports | comes with |
//! | --- | --- | --- | --- |
//! | `event`, `error` | the vocabulary | eframe, threads | |
//! | `document` | documents that are not JSON text, as JSON and back | rusqlite, egui, threads | |
//! | `store` | the built-in event store, a library in its own right | egui, threads | |
//! | `codec` | what stored bytes say, and the way back | egui, threads; rusqlite only where a value of it goes in or out | `inspect` |
//! | `profile` | what the tables of a database mean | egui, threads | `inspect` |
//! | `filter` | the filter language | egui, threads; its syntax no rusqlite | `inspect` |
//! | `source` | reads any database through a profile, and appends through it | egui, threads | `inspect` |
//! | `server` | finds event stores on a PostgreSQL server, and gathers them into local files; opens the program's own there | egui | `postgres` |
//! | `transfer` | takes the events of any database over into the store | egui, threads | `inspect` |
//! | `replay` | folds streams into states and changes | rusqlite, egui | `inspect` |
//! | `learn` | finds reducers from evidence, examples and names | rusqlite, egui, threads | `inspect` |
//! | `insight` | asks questions of the whole store | egui, threads | `inspect` |
//! | `process` | the application's own code as a reducer: a process that folds | rusqlite, egui | `inspect` |
//! | `session` | an open database: workers, caches, jobs | egui | `session` |
//! | `model` | what a person can do and see | rusqlite, egui, threads | `session` |
//! | `demo` | a small shop's database, written with the store | egui, threads | `cli` |
//! | `serve` | the store over HTTP, and what it publishes | egui, eframe | `serve` |
//! | `cli` | the verbs of the command line | egui, eframe | `cli` |
//! | `ui` | paints panels and returns commands | rusqlite, files, threads, dialogs, `app` | `window` |
//! | `app` | wires it together in a window | rusqlite | `window` |
//!
//! # As a library
//!
//! Each feature stands for a use and pulls in only what that needs. Without any there is the event store: [`store`] has
//! complete examples. `window`, `serve` and `postgres` are the default; take the store alone with
//! `eventscope = { version = "0.1", default-features = false, features = ["bundled"] }`.
//!
//! | feature | is for |
//! | --- | --- |
//! | | an application that keeps its events in the built-in [`store`] |
//! | `bundled` | the same with SQLite compiled in, rather than that of the system |
//! | `schemas` | having the store hold data against JSON Schemas, and names against expressions of one's own |
//! | `inspect` | reading the event database of any library: profiles, filters, states, statistics |
//! | `parquet` | exporting events as Apache Parquet, too |
//! | `session` | a program of one's own around an open database, with workers in the background |
//! | `cli` | the program without a window, for servers and build machines |
//! | `serve` | the store as a service over HTTP, which publishes to Redis |
//! | `postgres` | opening the event stores of a PostgreSQL server as if they were files |
//! | `window` | the program |
//!
//! With `inspect` and all that builds on it, numbers keep every digit and objects the order of their keys: it switches
//! `arbitrary_precision` and `preserve_order` of `serde_json` on, for the whole build. The store alone leaves
//! `serde_json` as it finds it, and is exact where JSON goes in and out as text: see [`event::Json`].
//!
//! # What is kept
//!
//! [`store`], [`event`] and [`error`] are public for good: what is in them changes only with a new minor version while
//! the major one is 0, and then only for a reason that the release notes give. The format of the store's files is kept
//! for longer: each version reads and migrates those of all before it. The other modules are public because other
//! tools may be built on them, and because a module that can be called can be tested; they may change with any version.

pub mod document;
pub mod error;
pub mod event;
pub mod store;

#[cfg(feature = "inspect")]
pub mod codec;
#[cfg(feature = "inspect")]
pub mod filter;
#[cfg(feature = "inspect")]
#[cfg_attr(
    not(feature = "session"),
    allow(dead_code, reason = "only a session looks at a store in stretches, and joins them")
)]
pub mod insight;
#[cfg(feature = "inspect")]
pub mod learn;
#[cfg(feature = "inspect")]
pub mod process;
#[cfg(feature = "inspect")]
pub mod profile;
#[cfg(feature = "inspect")]
pub mod replay;
#[cfg(feature = "inspect")]
pub mod source;
#[cfg(feature = "inspect")]
pub mod transfer;

#[cfg(feature = "session")]
pub mod model;
#[cfg(feature = "session")]
pub mod session;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod demo;

#[cfg(feature = "serve")]
pub mod serve;

#[cfg(feature = "postgres")]
pub mod server;

#[cfg(feature = "window")]
pub mod app;
#[cfg(feature = "window")]
pub mod ui;

pub use error::{Error, ErrorKind, Result};
