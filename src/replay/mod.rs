//! Folds the events of a stream into states, and tells what each of them changed.
//!
//! Pure: no database, no window. From the ground up:
//!
//! | part | what it is |
//! | --- | --- |
//! | [`Evolve`] | what folds: takes an event, gives the [`Change`]s and the [`Outcome`], lends the [`State`] |
//! | [`Fold`] | the evolver that follows [`Reducers`], the rules of a file or the guess |
//! | [`Probe`] | a question: sees every step of a fold and keeps what it finds |
//! | [`probe::pass`] | folds a stream once for any number of probes |
//! | [`Timeline`] | a stream folded once, with a [`Mark`] for each version: the state at any of them, and its [`Blame`] |
//! | [`branch`] | a history that was not: a stream with events skipped, edited and inserted, and where it parts from the real one |
//! | [`mod@compare`] | what differs between any two states, the elements of arrays matched by what names them |
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
//!
//! # Asking
//!
//! Questions are values. Those that are asked together are folded together: a tuple or a `Vec` of probes is a probe.
//! Each keeps its findings until they are [taken](Finds::take), at the end or on the way, so that a long pass shows
//! what it has found. The questions there are:
//!
//! | probe | question |
//! | --- | --- |
//! | [`probe::ValueHistory`] | every value that a place had, and which event gave it |
//! | [`probe::Effects`] | which events changed a place, changed nothing, failed, or met no rule |
//! | [`probe::Watches`] | every version at which a [`Predicate`] becomes true or false |
//! | [`probe::Invariants`] | the first version of each stream that breaks a rule |
//! | [`probe::SnapshotDrift`] | whether stored states are what the events fold to |
//! | [`probe::Fidelity`] | which event types met a rule, and which rules failed |
//! | [`probe::BlameIndex`] | which event last set each place |
//!
//! ```
//! use std::ops::ControlFlow;
//! use std::sync::Arc;
//! use eventscope::event::{Event, Payload, StreamName};
//! use eventscope::replay::probe::{self, Truth, ValueHistory, Watches};
//! use eventscope::replay::{Finds, Fold, Predicate, Reducers};
//! use serde_json::json;
//!
//! let stream = StreamName::new("inventory", "widget");
//! let events = [5, -1, 2].into_iter().zip(1..).map(|(on_hand, version)| {
//!     let data = Payload::json(json!({"on_hand": on_hand}));
//!     Ok(Event { version, stream: StreamName::new("inventory", "widget"), data, ..Event::default() })
//! });
//! let mut fold = Fold::new(&Reducers::guess(), &stream.aggregate_type);
//! let watched = Arc::new(Predicate::compile(".on_hand < 0")?);
//! let mut questions = (Watches::new([watched]), ValueHistory::new("/on_hand"));
//! probe::pass(&mut fold, &stream, events, &mut questions, |_, _| ControlFlow::Continue(()))?;
//!
//! let flips: Vec<_> = questions.0.take().into_iter().map(|flip| (flip.moment.version, flip.truth)).collect();
//! assert_eq!(flips, [(2, Truth::True), (3, Truth::False)]);
//! assert_eq!(questions.1.take().len(), 3);
//! # Ok::<(), eventscope::Error>(())
//! ```

pub mod branch;
pub mod change;
pub mod compare;
pub mod fault;
pub mod probe;

mod ahead;
mod alike;
mod amend;
mod apart;
mod blame;
mod bounds;
mod document;
mod evolve;
mod fact;
mod fold;
mod jq;
pub(crate) mod jq_word;
mod keep;
mod keyframes;
mod leaves;
mod marks;
mod meet;
mod merge;
mod native;
mod occasions;
mod overlay;
mod pattern;
mod plain;
mod predicate;
mod reducers;
mod rule_text;
mod rules;
mod rules_file;
mod state;
#[cfg(test)]
mod tests;
mod timeline;
pub(crate) mod toml_text;
mod upcast;
mod val;

pub use ahead::Ahead;
pub use alike::{alike, differences};
pub use amend::{amended, as_filter};
pub use apart::{Apart, ApartField, ApartType};
pub use blame::Blame;
pub use bounds::Bounds;
pub use change::Change;
pub use evolve::{Applied, Evolve, Maker, Outcome, Touched};
pub use fold::{Fold, Step};
pub use keep::with_invariant;
pub use leaves::leaves;
pub use marks::{Iter as MarksIter, Mark, Marks};
pub use merge::merge_patch;
pub(crate) use plain::Plain;
pub use predicate::Predicate;
pub use probe::{Finds, Moment, Probe, Seen};
pub use reducers::{Reducers, WrittenRule};
pub use rule_text::Flaw;
pub use rules_file::RulesFile;
pub use state::State;
pub use timeline::{Limits, StateAt, Timeline};
