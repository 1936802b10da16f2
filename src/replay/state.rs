//! A state while it is folded: a document, or a value of jq where rules are written in it.

use std::sync::Arc;

use jaq_json::Val;
use serde_json::Value;

use super::change::{self, Change};
use super::val;

/// The state of a fold, in the form in which it is folded.
///
/// It never changes its form while events are folded, so that no event pays for turning one into the other.
///
/// Cheap to clone: what a clone holds on to is copied when it is next changed, and no earlier.
#[derive(Clone, Debug)]
pub struct State {
    form: Form,
    resume: Option<Arc<Value>>,
}

/// The forms of a state.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// A document, changed in place: for merging and replacing.
    Document(Arc<Value>),
    /// A value of jq, which shares what an event leaves alone with the states before it.
    Shared(Val),
}

impl State {
    /// The state as a document.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.form {
            Form::Document(value) => (**value).clone(),
            // Each part came in as a document or went through a change, which lets nothing else pass.
            Form::Shared(value) => val::to_json(value, usize::MAX).unwrap_or_default(),
        }
    }

    /// What stands at a place, a JSON Pointer (RFC 6901): `/lines/L2/qty`; `None` where there is nothing.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<Value> {
        match &self.form {
            Form::Document(value) => value.pointer(pointer).cloned(),
            Form::Shared(value) => val::at(value, pointer).and_then(|value| val::to_json(value, usize::MAX).ok()),
        }
    }

    /// The changes that turn this state into another. What the two share is not compared.
    #[must_use]
    pub fn changes_to(&self, after: &Self) -> Vec<Change> {
        match (&self.form, &after.form) {
            (Form::Document(before), Form::Document(after)) => change::diff(before, after),
            (Form::Shared(before), Form::Shared(after)) => val::diff(before, after, usize::MAX).unwrap_or_default(),
            _ => change::diff(&self.to_json(), &after.to_json()),
        }
    }

    /// Roughly how many bytes it occupies.
    #[must_use]
    pub fn size(&self) -> usize {
        match &self.form {
            Form::Document(value) => size(value),
            Form::Shared(value) => val::size(value),
        }
    }

    /// The same state with what its evolver needs to go on from it, where the state itself is not enough for that.
    #[must_use]
    pub fn with_resume(self, resume: Option<Arc<Value>>) -> Self {
        Self { resume, ..self }
    }

    /// What its evolver needs to go on from it, where the state itself is not enough for that.
    #[must_use]
    pub fn resume(&self) -> Option<&Arc<Value>> {
        self.resume.as_ref()
    }

    /// The state in the form that rules in jq fold, or in that which others do.
    pub(crate) fn in_form(&self, shared: bool) -> Self {
        let form = match (&self.form, shared) {
            (Form::Document(value), true) => Form::Shared(val::from_json(value)),
            (Form::Shared(_), false) => Form::Document(Arc::new(self.to_json())),
            (form, _) => form.clone(),
        };
        Self { form, resume: self.resume.clone() }
    }

    pub(crate) fn form(&self) -> &Form {
        &self.form
    }

    pub(crate) fn form_mut(&mut self) -> &mut Form {
        &mut self.form
    }
}

impl Default for State {
    fn default() -> Self {
        Value::default().into()
    }
}

impl From<Arc<Value>> for State {
    fn from(value: Arc<Value>) -> Self {
        Self { form: Form::Document(value), resume: None }
    }
}

impl From<Value> for State {
    fn from(value: Value) -> Self {
        Arc::new(value).into()
    }
}

impl From<Val> for State {
    fn from(value: Val) -> Self {
        Self { form: Form::Shared(value), resume: None }
    }
}

/// Roughly how many bytes a document occupies.
pub(crate) fn size(value: &Value) -> usize {
    const ENTRY: usize = 48;
    let inner = match value {
        Value::Null | Value::Bool(_) => 0,
        Value::Number(number) => number.as_str().len(),
        Value::String(text) => text.len(),
        Value::Array(array) => array.iter().map(size).sum(),
        Value::Object(object) => object.iter().map(|(key, value)| ENTRY + key.len() + size(value)).sum(),
    };
    size_of::<Value>() + inner
}
