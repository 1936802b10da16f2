//! The application's own code as a reducer: a process that folds, and the lines of JSON that are spoken with it.
//!
//! [`ReducerProcess::start`] runs a command line that a person chose; [`ReducerProcess::fold`] hands it the events of a
//! stream and tells the state after each. The process is never waited for event by event: what it is told and what it
//! answers are two streams of lines, so that its speed is that of its code.
//!
//! It goes with whoever started it, however that ended: see `guard`. Code that fails is a failure at an event.
//!
//! # The protocol, version 1
//!
//! A line of JSON each way, UTF-8, each ended by a line feed. Told, with `op` as the first member:
//!
//! | line | answer |
//! | --- | --- |
//! | `{"op":"hello","protocol":1}` | `{"protocol":1,"name":"…"}`, and what it wants: `"stored":true`, `"resume":true` |
//! | `{"op":"begin","stream":{"aggregate_type":"…","aggregate_id":"…"},"state":…}` | none |
//! | `{"op":"apply","event":{…}}` | none |
//! | `{"op":"state"}` | `{"state":…}` |
//!
//! `begin` starts a stream: at its first event, or where there is a `state`, at that one. `state` asks for the state after
//! what was applied; with `"more":true` other questions follow, and the answer may wait in a buffer. A process whose states are
//! not enough to go on from (an object of a class) says `"resume":true`: it is asked by `"resume":true` in some `state`,
//! answers `{"state":…,"resume":…}`, and that is what a later `begin` has in `state`. With `"stored":true` each event also has
//! `stored`: the data as it stands in the database, a text, or `{"base64":"…"}` where it is none.
//!
//! What fails is answered with `{"error":"…","op":"…"}`: a `state` has this in place of its answer, a `begin` and an `apply` in
//! addition, before what follows is answered. The state is then what the failure left, and the next line is read as ever. The process ends when its standard input does. Its standard error is shown to the person.

mod adapters;
mod batch;
mod channel;
mod conversation;
mod evolve;
mod guard;
mod reducer;
mod running;
#[cfg(test)]
mod tests;
mod wire;

pub use adapters::Adapter;
pub use channel::Said;
pub use conversation::{Answered, Point};
pub use evolve::{ProcessFold, StopSwitch};
pub use reducer::ReducerProcess;
pub use running::{Launch, Limits};
