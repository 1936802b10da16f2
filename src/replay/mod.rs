//! Folds the events of a stream into states, and tells what each of them changed.
//!
//! Pure: no database, no window. [`Reducers`] say what an event does to a state; a [`Fold`] takes events one by one and
//! answers each with a [`Step`]: the [`Change`]s it caused. A [`Timeline`] folds a whole stream once, remembers a mark
//! for each version and a few states on the way, and then gives the state at any version, with its [`Blame`].
//!
//! ```
//! use eventscope::event::{Event, Payload};
//! use eventscope::replay::{Fold, Reducers};
//! use serde_json::json;
//!
//! let rules = r#"
//!     [aggregate."account"]
//!     initial = '{"balance": 0}'
//!     [aggregate."account".on]
//!     "account.deposited" = '.balance += $event.data.amount'
//! "#;
//! let reducers = Reducers::parse(rules, "bank.reducers.toml")?;
//! let mut fold = Fold::new(&reducers, "account");
//! let event = Event {
//!     version: 1,
//!     event_type: "account.deposited".into(),
//!     data: Payload::json(json!({"amount": 25})),
//!     ..Event::default()
//! };
//! let step = fold.step(&event);
//! assert_eq!(step.changes[0].path, "/balance");
//! assert_eq!(fold.state(), json!({"balance": 25}));
//! # Ok::<(), eventscope::Error>(())
//! ```

pub mod change;

mod blame;
mod document;
mod fold;
mod jq;
mod merge;
mod pattern;
mod reducers;
mod rule_text;
mod state;
#[cfg(test)]
mod tests;
mod timeline;
mod val;

pub use blame::Blame;
pub use change::Change;
pub use fold::{Fold, Outcome, Step};
pub use merge::merge_patch;
pub use reducers::Reducers;
pub use timeline::{Limits, Mark, StateAt, Timeline};
