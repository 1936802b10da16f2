//! Conditions on a state and an event, written in jq: what watches and invariants ask at each version.

use jaq_json::Val;
use serde_json::Value;

use super::bounds::Bounds;
use super::jq::Program;
use super::{fact, val};
use crate::error::{Error, Result};
use crate::event::Event;

/// A jq filter on the state, with the event in `$event`, that holds where its one output is neither `false` nor `null`.
///
/// It is bounded in steps and memory as rules are, and sees nothing of the world.
///
/// ```
/// use eventscope::replay::Predicate;
/// assert!(Predicate::compile(".on_hand < 0").is_ok());
/// assert!(Predicate::compile(".on_hand <").unwrap_err().to_string().contains("character"));
/// ```
#[derive(Debug)]
pub struct Predicate {
    text: String,
    program: Program,
    bounds: Bounds,
}

impl Predicate {
    /// Compiles a predicate.
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadInput`] with what is wrong and at which character.
    pub fn compile(text: &str) -> Result<Self> {
        let program = Program::compile(text).map_err(|flaw| {
            let character = text.get(..flaw.at).unwrap_or_default().chars().count() + 1;
            Error::bad_input(format!("`{text}`, character {character}: {}", flaw.message))
        })?;
        Ok(Self { text: text.to_owned(), program, bounds: Bounds::default() })
    }

    /// The same predicate within other bounds.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its output for a state as a document; `None` stands for no event.
    ///
    /// # Errors
    /// What it fails with, in words.
    pub fn output(&self, state: &Value, event: Option<&Event>) -> Result<Value, String> {
        self.run(&val::from_json(state), event)
    }

    pub(crate) fn run(&self, state: &Val, event: Option<&Event>) -> Result<Value, String> {
        let event = event.map_or(Val::Null, fact::seen_value);
        let output = self.program.run(state.clone(), &event, self.bounds)?;
        val::to_json(&output, self.bounds.memory)
    }
}

/// Whether an output means that the predicate holds.
pub(crate) fn is_true(output: &Value) -> bool {
    !matches!(output, Value::Null | Value::Bool(false))
}
