//! The state as predicates see it, whatever form it is folded in: kept beside the fold by its changes alone, so that a
//! predicate on a large state costs what it reads and what an event changes.

use jaq_json::Val;

use super::Seen;
use crate::replay::state::{Form, State};
use crate::replay::val;

/// A state as a value of jq.
#[derive(Clone, Debug, Default)]
pub(super) struct Shadow(Val);

impl Shadow {
    pub(super) fn begin(&mut self, state: &State) {
        self.0 = match state.form() {
            Form::Document(value) => val::from_json(value),
            Form::Shared(value) => value.clone(),
        };
    }

    pub(super) fn follow(&mut self, seen: &Seen<'_>) {
        match seen.state.form() {
            Form::Shared(value) => self.0 = value.clone(),
            Form::Document(_) => {
                for change in seen.changes {
                    val::put(&mut self.0, &change.path, change.after.as_ref());
                }
            }
        }
    }

    pub(super) fn value(&self) -> &Val {
        &self.0
    }
}
