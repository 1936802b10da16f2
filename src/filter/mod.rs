//! The filter language: what a person types to see only some events, and what it becomes in SQL.
//!
//! ```text
//! type:order.*            the event type; `*` stands for any text, and a comma for "or": type:a,b
//! stream:order/ord-71     the aggregate's id, or TYPE/ID
//! aggregate:order         the aggregate's type
//! id: actor: actor_type: source: correlation: causation: schema:
//! version>3 position>=100 = != < <= > >=
//! after:2026-03-14        at or after that moment (UTC unless it says otherwise); before: is strictly before
//! data.total>100          a value inside the data; metadata.user:ann* one inside the metadata; lines[0].sku
//! "two words"             text in the data, in any case of A to Z; bare words are text too
//! changed:/lines/*/qty    what the event did to the state: it changed this place; changed:none, it changed nothing
//! failed:* unhandled:*    its rule failed, with a message like this; no rule is for it, of a type like this
//! -type:order.placed      not: everything can be negated; an event without the field is kept
//! ```
//!
//! The terms of a filter are all required. [`Filter`] is the syntax tree: it parses and prints back. [`Filter::keeps`]
//! decides about one decoded event; [`compile()`] turns the same meaning into SQL, and names what SQL cannot say.
//!
//! ```
//! use eventscope::filter::Filter;
//! let filter = Filter::parse("type:order.* data.total>100 -actor:import")?;
//! assert_eq!(filter.terms.len(), 3);
//! assert_eq!(filter.to_string(), "type:order.* data.total>100 -actor:import");
//! # Ok::<(), eventscope::filter::ParseError>(())
//! ```

mod check;
pub mod compile;
mod glob;
mod moment;
mod parse;
mod path;
mod print;
mod term;

pub use compile::{Compiled, Residual, compile};
pub use glob::{Pattern, Piece};
pub use moment::Moment;
pub use parse::ParseError;
pub use path::{Path, Segment};
pub use term::{Condition, Effect, EffectKind, Field, Filter, NumberField, Op, Operand, Root, Term};

#[cfg(test)]
mod tests;
