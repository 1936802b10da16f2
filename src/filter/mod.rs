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
//! version:1..10           from 1 to 10; version:5.. and position:..99 have one end
//! after:now-2h            told from now, in s, m, h, d or w
//! data.lines[].sku:A-5*   any item of a list
//! has:data.error          there is such a value, or has:actor such a field
//! data.tier='gold'        quotes of either kind, for a value with spaces, or a number that is a text
//! /refund(ed)?/           a regular expression over the data; /refund/i in any case
//! (a or b) not (c d)      one of them; neither both
//! ```
//!
//! The terms of a filter are all required; `or` binds less than the space between them. [`Filter`] is the syntax tree: it parses and prints back. [`Filter::keeps`]
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
mod cursor;
mod escapes;
mod fault;
mod glob;
mod moment;
mod parse;
mod path;
mod print;
mod regex;
mod search;
mod sieve;
mod term;
mod words;

pub use compile::{Compiled, Residual, compile};
pub use fault::ParseError;
pub use glob::{Pattern, Piece};
pub use moment::Moment;
pub use path::{Path, Segment};
pub use regex::Regex;
pub use term::{Condition, Effect, Filter, Term};
pub use words::{EffectKind, Field, NumberField, Op, Operand, Root};

#[cfg(test)]
mod tests;
