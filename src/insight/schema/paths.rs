//! A schema laid out flat: one entry for each path of its documents.

use std::fmt;

use super::TypeSchema;
use super::shape::{Kind, Shape};

/// A step from a value to one within it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathStep {
    /// To the member of this name.
    Member(String),
    /// To any member of an object whose keys are no names.
    AnyMember,
    /// To any item of a list.
    AnyItem,
}

/// One path of a type's documents.
#[derive(Clone, Debug)]
pub struct Path<'s> {
    /// The steps from the document.
    pub steps: Vec<PathStep>,
    /// What stands there.
    pub shape: &'s Shape,
    /// The share of the values around it that have it, from 0 to 1: 1 where each has.
    pub presence: f64,
}

/// As the filter writes paths: `customer.tier`, `lines[].sku`, `stock.*`; `.` for the document itself.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str(".");
        }
        for (number, step) in self.steps.iter().enumerate() {
            let dot = if number == 0 { "" } else { "." };
            match step {
                PathStep::Member(name) if is_plain(name) => write!(f, "{dot}{name}")?,
                PathStep::Member(name) => write!(f, "{dot}{}", serde_json::Value::from(name.as_str()))?,
                PathStep::AnyMember => write!(f, "{dot}*")?,
                PathStep::AnyItem => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || "_-$@:/".contains(char))
}

impl TypeSchema {
    /// Every path, each before those within it. The document itself is only among them where it is no object.
    #[must_use]
    pub fn paths(&self) -> Vec<Path<'_>> {
        let mut found = Vec::new();
        if self.data.kinds().any(|(kind, _)| kind != Kind::Object) {
            #[allow(clippy::cast_precision_loss, reason = "a share of events")]
            let presence = self.data.count() as f64 / self.events.count.max(1) as f64;
            found.push(Path { steps: Vec::new(), shape: &self.data, presence });
        }
        within(&self.data, &mut Vec::new(), &mut found);
        found
    }
}

fn within<'s>(shape: &'s Shape, steps: &mut Vec<PathStep>, found: &mut Vec<Path<'s>>) {
    let mut go = |step: PathStep, inner: &'s Shape, presence: f64| {
        steps.push(step);
        found.push(Path { steps: steps.clone(), shape: inner, presence });
        within(inner, steps, found);
        steps.pop();
    };
    let objects = shape.count_of(Kind::Object).max(1);
    for (name, member) in shape.members() {
        #[allow(clippy::cast_precision_loss, reason = "a share of objects")]
        go(PathStep::Member(name.to_owned()), member, member.count() as f64 / objects as f64);
    }
    if let Some(any) = shape.any_member() {
        go(PathStep::AnyMember, any, 1.0);
    }
    if let Some(items) = shape.items() {
        go(PathStep::AnyItem, items, 1.0);
    }
}
