//! Finds reducers: from states that are known, or, where none are, from the names and habits of the events.
//!
//! Many stores keep states beside their events: snapshots, and read models, tables whose rows are what the streams came
//! to. A reducer that turns the events into these is a small program, and can be found. A [`Learner`] is given the
//! events and the [`Evidence`], and answers with a [`Learnt`]: a reducers file in ordinary jq, and on how much evidence
//! each of its rules stands. Pure: no database, no window, no threads.
//!
//! How it goes: the states are taken apart into leaves, records, maps and lists (`shape`); each leaf is a machine of
//! its own, to which each event type does one thing (`effect`, `candidates`); the search (`search`) takes the
//! explanation that needs the fewest bits; what it gives is held against the streams that were held out (`study`)
//! and written as jq (`jq`). Where nothing is known, `suggest` looks at names alone.
//!
//! ```
//! use eventscope::event::{Event, Payload, StreamName};
//! use eventscope::learn::{Evidence, Learner};
//! use serde_json::json;
//! use std::ops::ControlFlow;
//!
//! let mut learner = Learner::new();
//! for stream in 0..6_i64 {
//!     let name = StreamName::new("account", stream.to_string());
//!     for (version, amount) in [(1, 10 + stream), (2, 7 * stream)] {
//!         learner.event(&Event {
//!             stream: name.clone(),
//!             version,
//!             event_type: "Deposited".into(),
//!             data: Payload::json(json!({"amount": amount})),
//!             ..Event::default()
//!         });
//!     }
//!     learner.evidence(Evidence::snapshot(name, 2, json!({"balance": 10 + stream + 7 * stream})));
//! }
//! let learnt = learner.learn(&mut || ControlFlow::Continue(()))?;
//! assert!(learnt.reducers.contains(".balance += $event.data.amount"));
//! assert_eq!(learnt.aggregates[0].leaves[0].pointer, "/balance");
//! # Ok::<(), eventscope::Error>(())
//! ```

// Costs are bits, and bits are estimates: no digit of a count that gets lost in a float changes what is learnt.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_possible_wrap)]

mod before;
mod candidates;
mod derived;
mod effect;
mod evidence;
mod explanations;
mod expression;
mod facts;
mod file;
mod found;
mod jq;
mod learner;
mod machine;
mod node;
mod search;
mod shape;
mod shapes;
mod study;
mod suggest;
mod tally;
mod value;
mod verbs;
mod words;

pub use evidence::{Aggregate, Agreement, At, Effect, Evidence, Known, Leaf, Learnt, Unexplained};
pub use explanations::Explanation;
pub use learner::Learner;

#[cfg(test)]
mod tests;
