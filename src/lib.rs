//! Eventscope: an inspector and time-travel debugger for event-sourced SQLite databases.
//!
//! The program is this library and a thin binary. The layers, from the ground up; an arrow means "is used by":
//!
//! ```text
//! event, error -> document -> store, codec -> profile -> filter -> source -> insight -> session -> app, cli -> main
//! event -> replay -> insight        event -> model -> ui -> app        session -> ui
//! replay -> process -> session, cli
//! store -> demo -> app, cli          source, store -> transfer -> session, cli; store -> session
//! ```
//!
//! | layer | what it does | never imports |
//! | --- | --- | --- |
//! | [`event`], [`error`] | the vocabulary | eframe, threads |
//! | [`document`] | documents that are not JSON text, as JSON and back | rusqlite, egui, threads |
//! | [`store`] | the built-in event store, a library in its own right | egui, threads |
//! | [`demo`] | a small shop's database, written with the store | egui, threads |
//! | [`codec`] | what stored bytes say, and the way back | egui, threads; rusqlite only where a value of it goes in or out |
//! | [`profile`] | what the tables of a database mean | egui, threads |
//! | [`filter`] | the filter language | egui, threads; its syntax no rusqlite |
//! | [`source`] | reads any database through a profile, and appends through it | egui, threads |
//! | [`transfer`] | takes the events of any database over into the store | egui, threads |
//! | [`replay`] | folds streams into states and changes | rusqlite, egui |
//! | [`process`] | the application's own code as a reducer: a process that folds | rusqlite, egui |
//! | [`insight`] | asks questions of the whole store | egui, threads |
//! | [`session`] | an open database: workers, caches, jobs | egui |
//! | [`model`] | what a person can do and see | rusqlite, threads, eframe |
//! | [`ui`] | paints panels and returns commands | rusqlite, files, threads, dialogs, `app` |
//! | [`app`] | wires it together in a window | rusqlite |
//! | [`cli`] | the verbs of the command line | egui, eframe |

pub mod app;
pub mod cli;
pub mod codec;
pub mod demo;
pub mod document;
pub mod error;
pub mod event;
pub mod filter;
pub mod insight;
pub mod model;
pub mod process;
pub mod profile;
pub mod replay;
pub mod session;
pub mod source;
pub mod store;
pub mod transfer;
pub mod ui;

pub use error::{Error, ErrorKind, Result};
