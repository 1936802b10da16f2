//! Turns a filter into SQL over the expressions of a mapping.
//!
//! What SQL can say becomes SQL alone, with the help of the functions that [`install`] adds. What it cannot say, such as
//! a version that is counted or a path into an encoded payload, is left to the [`Residual`], which decides on the
//! decoded event.

#[cfg(test)]
mod agreement;
mod functions;
mod payload;
mod text;
mod time;

use rusqlite::types::Value;

use super::glob::Pattern;
use super::term::{Condition, Filter, Term};
use super::words::{Field, NumberField};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::profile::{self, Mapping};

pub use functions::install;
pub(crate) use text::stored_forms;

/// A filter for one kind of database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compiled {
    /// A condition for a `WHERE`, with a `?` for each parameter. Never empty: `1` keeps all rows. It may call the
    /// functions of [`install`] and of [`profile::functions`].
    pub sql: String,
    /// The parameters, in order.
    pub params: Vec<Value>,
    /// What remains to be checked on each event that the condition keeps.
    pub residual: Residual,
    /// Whether the filter also asks what events did to the state, which neither SQL nor an event by itself can say.
    pub asks_effects: bool,
    /// The names, `ID` or `TYPE/ID`, of the streams that all kept events are of, where the filter names them in full.
    pub streams: Option<Vec<String>>,
}

/// The part of a filter that is decided on decoded events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Residual {
    terms: Vec<Term>,
}

impl Compiled {
    /// An error where the filter asks for more than reading events can tell.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where it asks what events did to the state.
    pub fn require_no_effects(&self) -> Result<()> {
        if !self.asks_effects {
            return Ok(());
        }
        let message = "the filter asks what events did to the state, and no state is folded here";
        Err(Error::new(ErrorKind::Unsupported, message)
            .with_hint("Leave out changed:, failed: and unhandled:; lists of events answer them."))
    }
}

impl Residual {
    /// Whether there is nothing to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The terms to check.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether the event is kept.
    #[must_use]
    pub fn keeps(&self, event: &Event) -> bool {
        self.terms.iter().all(|term| term.keeps(event))
    }
}

/// A condition in SQL: true for exactly the events that meet it; false or NULL for the others.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    sql: String,
    params: Vec<Value>,
}

impl Part {
    fn new(sql: impl Into<String>, params: Vec<Value>) -> Self {
        Self { sql: sql.into(), params }
    }

    fn constant(truth: bool) -> Self {
        Self::new(if truth { "1" } else { "0" }, Vec::new())
    }

    /// True where one of the parts is; `None` where one of them is not known in SQL.
    fn any(parts: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let parts: Vec<Self> = parts.into_iter().collect::<Option<_>>()?;
        if let [only] = parts.as_slice() {
            return Some(only.clone());
        }
        let sql = parts.iter().map(|part| part.sql.as_str()).collect::<Vec<_>>().join(" OR ");
        Some(Self { sql: format!("({sql})"), params: parts.into_iter().flat_map(|part| part.params).collect() })
    }
}

/// Compiles a filter for a mapping.
#[must_use]
pub fn compile(filter: &Filter, mapping: &Mapping) -> Compiled {
    let mut compiled = Compiled::default();
    let mut conditions = Vec::new();
    for term in &filter.terms {
        compiled.streams = compiled.streams.take().or_else(|| named_streams(term));
        if matches!(term.condition, Condition::Effect(_)) {
            compiled.asks_effects = true;
            continue;
        }
        let part = exact(term, mapping).or_else(|| {
            compiled.residual.terms.push(term.clone());
            necessary(term, mapping)
        });
        if let Some(part) = part {
            conditions.push(part.sql);
            compiled.params.extend(part.params);
        }
    }
    compiled.sql = if conditions.is_empty() { "1".to_owned() } else { conditions.join(" AND ") };
    compiled
}

/// What a term asks, in SQL; `None` where SQL cannot say it.
fn exact(term: &Term, mapping: &Mapping) -> Option<Part> {
    let part = match &term.condition {
        Condition::Group(filters) => group(filters, |term| exact(term, mapping))?,
        other => {
            let exact = condition(other, mapping);
            // What is negated keeps the rows that a quick look would pass over.
            if term.negated { exact? } else { payload::sieved(other, mapping, exact)? }
        }
    };
    // Not `NOT`: a NULL is no match, and what does not match is kept.
    Some(if term.negated { Part { sql: format!("({}) IS NOT TRUE", part.sql), ..part } } else { part })
}

/// What is true in SQL of all events that meet a term, and of others, too; `None` where nothing is.
fn necessary(term: &Term, mapping: &Mapping) -> Option<Part> {
    if term.negated {
        return None;
    }
    let part = |term: &Term| exact(term, mapping).or_else(|| necessary(term, mapping));
    match &term.condition {
        Condition::Group(filters) => {
            let known = filters.iter().map(|filter| all(filter.terms.iter().filter_map(part).collect()));
            Part::any(known.collect::<Vec<_>>())
        }
        other => payload::sieve(other, mapping),
    }
}

/// The condition that one of the filters keeps the event.
fn group(filters: &[Filter], part: impl Fn(&Term) -> Option<Part>) -> Option<Part> {
    let filters = filters.iter().map(|filter| all(filter.terms.iter().map(&part).collect::<Option<_>>()?));
    Part::any(filters.collect::<Vec<_>>())
}

/// The condition that all parts hold; `None` where there is none.
fn all(parts: Vec<Part>) -> Option<Part> {
    let sql: Vec<&str> = parts.iter().map(|part| part.sql.as_str()).collect();
    let sql = format!("({})", sql.join(" AND "));
    if parts.is_empty() {
        None
    } else {
        Some(Part { sql, params: parts.into_iter().flat_map(|part| part.params).collect() })
    }
}

/// The streams that a term names, where it wants only those and names each in full.
fn named_streams(term: &Term) -> Option<Vec<String>> {
    let Condition::Matches { field: Field::Stream, patterns } = &term.condition else { return None };
    let literal = |pattern: &Pattern| pattern.as_literal().map(str::to_owned);
    if term.negated { None } else { patterns.iter().map(literal).collect() }
}

/// A condition in SQL; `None` where SQL cannot say it.
fn condition(condition: &Condition, mapping: &Mapping) -> Option<Part> {
    match condition {
        Condition::Matches { field, patterns } => {
            Part::any(patterns.iter().map(|pattern| text::field_matches(*field, pattern, mapping)))
        }
        Condition::Number { field, op, value } => number(*field, mapping).map(|(column, missing)| {
            let column = if missing { format!("coalesce({column}, 0)") } else { column };
            Part::new(format!("{column} {} ?", op.symbol()), vec![Value::Integer(*value)])
        }),
        Condition::After(moment) => Some(time::bound(mapping.timestamp.as_ref(), moment.utc(), time::Bound::After)),
        Condition::Before(moment) => Some(time::bound(mapping.timestamp.as_ref(), moment.utc(), time::Bound::Before)),
        Condition::PathMatches { root, path, patterns } => payload::path_matches(mapping, *root, path, patterns),
        Condition::Compare { root, path, op, operand } => payload::compares(mapping, *root, path, *op, operand),
        Condition::Range { field, from, to } => number(*field, mapping).map(|(column, missing)| {
            let column = if missing { format!("coalesce({column}, 0)") } else { column };
            Part::new(format!("{column} BETWEEN ? AND ?"), vec![Value::Integer(*from), Value::Integer(*to)])
        }),
        Condition::Text(needle) => Some(payload::has_text(needle, &mapping.data)),
        Condition::Regex(regex) => Some(payload::matches_regex(regex, &mapping.data)),
        Condition::Group(_) | Condition::Effect(_) => None,
    }
}

/// The expression of a number, and whether it may be NULL, which counts as 0. Positions are left bare for their index.
fn number(field: NumberField, mapping: &Mapping) -> Option<(String, bool)> {
    let (found, missing) = match field {
        NumberField::Version => (&mapping.version, true),
        NumberField::Position => (&mapping.position, false),
    };
    found.as_ref().map(|field| (in_parentheses(field), missing))
}

/// The field of a mapping that a filter's field names. The stream is not one field, and is `None`.
fn mapped(field: Field, mapping: &Mapping) -> Option<&profile::Field> {
    match field {
        Field::Stream => None,
        Field::Type => mapping.event_type.as_ref(),
        Field::Aggregate => mapping.aggregate_type.as_ref(),
        Field::Id => mapping.event_id.as_ref(),
        Field::Schema => mapping.schema_version.as_ref(),
        Field::Actor => mapping.actor.as_ref(),
        Field::ActorType => mapping.actor_type.as_ref(),
        Field::Source => mapping.source.as_ref(),
        Field::Correlation => mapping.correlation_id.as_ref(),
        Field::Causation => mapping.causation_id.as_ref(),
    }
}

fn in_parentheses(field: &profile::Field) -> String {
    format!("({})", field.sql)
}
