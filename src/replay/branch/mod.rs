//! What-if histories: a stream with events skipped, edited and inserted, in memory only.
//!
//! A [`Branch`] says what is other than in the stream that it is of. Laid over the stream's events it gives those of the
//! branch, which fold as any others do; [`what_if`] folds both side by side, and finds where they part. A branch can be
//! written to a text and read from it.
//!
//! The events of the stream keep their versions, so that both histories can be looked at side by side at one version. An
//! inserted event has the version of the place that it takes: that of the event before it and one. At the end of the
//! stream those are the versions that it would have if it were appended.
//!
//! ```
//! use std::ops::ControlFlow;
//! use eventscope::event::{Event, Payload, StreamName};
//! use eventscope::replay::branch::{what_if, Branch};
//! use eventscope::replay::{Fold, Reducers};
//! use serde_json::json;
//!
//! let stream = StreamName::new("inventory", "widget");
//! let events = [5, 3, 2].into_iter().zip(1..).map(|(on_hand, version)| {
//!     Ok(Event { version, data: Payload::json(json!({"on_hand": on_hand})), ..Event::default() })
//! });
//! let mut branch = Branch::of(&stream);
//! branch.skip(3);
//! let mut fold = Fold::new(&Reducers::guess(), &stream.aggregate_type);
//! let found = what_if(&mut fold, &branch, events, &mut (), |_| ControlFlow::Continue(()))?;
//! assert_eq!(found.parts_at, Some(3));
//! assert_eq!((found.real.to_json(), found.branch.to_json()), (json!({"on_hand": 2}), json!({"on_hand": 3})));
//! # Ok::<(), eventscope::Error>(())
//! ```

mod steps;
mod what_if;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::event::{Event, Json, NewEvent, Payload, StreamName, Version};

pub use steps::{BranchStep, Steps};
pub use what_if::{WhatIf, what_if};

/// What is other in a branch than in the stream that it is of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    aggregate_type: String,
    aggregate_id: String,
    #[serde(default)]
    skip: BTreeSet<Version>,
    #[serde(default)]
    set: BTreeMap<Version, Value>,
    #[serde(default)]
    insert: Vec<Insertion>,
    /// The version at which it ends; no part of what is written.
    #[serde(skip)]
    end: Option<Version>,
}

/// An event that only a branch has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insertion {
    /// The version after which it stands; several after the same one stand in the order in which they were inserted.
    pub after: Version,
    /// What happens.
    pub event_type: String,
    /// The version of the event type's own shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<String>,
    /// Who causes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What it says.
    pub data: Value,
    /// What surrounds it; `null` for nothing.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub metadata: Value,
}

impl Insertion {
    /// An event of a type with its data, after a version.
    #[must_use]
    pub fn new(after: Version, event_type: impl Into<String>, data: Value) -> Self {
        let (event_type, metadata) = (event_type.into(), Value::Null);
        Self { after, event_type, schema_version: None, actor: None, data, metadata }
    }

    /// The same as an event to be appended for real.
    #[must_use]
    pub fn to_new_event(&self) -> NewEvent {
        NewEvent {
            schema_version: self.schema_version.clone(),
            actor: self.actor.clone(),
            metadata: Json::from(self.metadata.clone()),
            ..NewEvent::new(self.event_type.clone(), self.data.clone())
        }
    }

    fn event(&self, stream: &StreamName, version: Version) -> Event {
        let metadata = if self.metadata.is_null() { Payload::default() } else { Payload::json(self.metadata.clone()) };
        Event {
            stream: stream.clone(),
            version,
            event_type: self.event_type.clone(),
            schema_version: self.schema_version.clone(),
            actor: self.actor.clone(),
            data: Payload::json(self.data.clone()),
            metadata,
            ..Event::default()
        }
    }
}

impl Branch {
    /// A branch of a stream that is as the stream is.
    #[must_use]
    pub fn of(stream: &StreamName) -> Self {
        let StreamName { aggregate_type, aggregate_id } = stream.clone();
        Self { aggregate_type, aggregate_id, ..Self::default() }
    }

    /// The stream that it is of.
    #[must_use]
    pub fn stream(&self) -> StreamName {
        StreamName::new(self.aggregate_type.as_str(), self.aggregate_id.as_str())
    }

    /// Whether nothing in it is other than in the stream.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.skip.is_empty() && self.set.is_empty() && self.insert.is_empty()
    }

    /// Leaves the event of a version out.
    pub fn skip(&mut self, version: Version) {
        self.set.remove(&version);
        self.skip.insert(version);
    }

    /// Gives the event of a version other data.
    pub fn set(&mut self, version: Version, data: Value) {
        self.skip.remove(&version);
        self.set.insert(version, data);
    }

    /// Lets the event of a version be as it is in the stream.
    pub fn restore(&mut self, version: Version) {
        self.skip.remove(&version);
        self.set.remove(&version);
    }

    /// Inserts an event. Returns its number among the [insertions](Self::insertions).
    pub fn insert(&mut self, insertion: Insertion) -> usize {
        self.insert.push(insertion);
        self.insert.len() - 1
    }

    /// Takes an inserted event out again.
    pub fn remove(&mut self, insertion: usize) -> Option<Insertion> {
        (insertion < self.insert.len()).then(|| self.insert.remove(insertion))
    }

    /// An inserted event, to be edited.
    pub fn insertion_mut(&mut self, insertion: usize) -> Option<&mut Insertion> {
        self.insert.get_mut(insertion)
    }

    /// Takes an event of the stream, as it is in the branch, to the place after another version. Returns the number of
    /// the insertion that it becomes.
    pub fn move_event(&mut self, event: &Event, after: Version) -> usize {
        let data = self.set.get(&event.version).cloned().unwrap_or_else(|| event.data.to_json());
        self.skip(event.version);
        self.insert(Insertion {
            after,
            event_type: event.event_type.clone(),
            schema_version: event.schema_version.clone(),
            actor: event.actor.clone(),
            data,
            metadata: event.metadata.to_json(),
        })
    }

    /// The versions of the events that are left out.
    #[must_use]
    pub fn skipped(&self) -> &BTreeSet<Version> {
        &self.skip
    }

    /// The versions of the events that have other data, and the data.
    #[must_use]
    pub fn edited(&self) -> &BTreeMap<Version, Value> {
        &self.set
    }

    /// The events that only the branch has, in the order in which they were inserted.
    #[must_use]
    pub fn insertions(&self) -> &[Insertion] {
        &self.insert
    }

    /// The events that stand behind the last one of the stream, to be appended for real.
    pub fn tail(&self, last: Version) -> impl Iterator<Item = &Insertion> {
        let mut tail: Vec<&Insertion> = self.insert.iter().filter(|insertion| insertion.after >= last).collect();
        tail.sort_by_key(|insertion| insertion.after);
        tail.into_iter()
    }

    /// What of it is to be seen in the state at a version.
    #[must_use]
    pub fn until(mut self, version: Version) -> Self {
        self.skip.retain(|skipped| *skipped <= version);
        self.set.retain(|edited, _| *edited <= version);
        self.insert.retain(|insertion| insertion.after < version);
        self.end = Some(version);
        self
    }

    /// The branch laid over the events of its stream, in their order: what becomes of each of them, and what is inserted.
    pub fn steps<I: Iterator<Item = Result<Event>>>(&self, events: I) -> Steps<'_, I> {
        Steps::new(self, events)
    }

    /// The events of the branch, made of those of its stream.
    pub fn events<I: Iterator<Item = Result<Event>>>(&self, events: I) -> impl Iterator<Item = Result<Event>> {
        self.steps(events).filter_map(|step| step.map(BranchStep::into_event).transpose())
    }

    /// The branch as a text that [`Branch::parse`] reads: JSON.
    ///
    /// # Errors
    /// None that a branch can lead to.
    pub fn to_text(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map_err(|error| Error::bad_input(error.to_string()).with_source(error))
    }

    /// Reads a branch from a text. `name` is what its errors call it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadInput`] with the place where the text is wrong.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|error| Error::bad_input(format!("{name} holds no branch: {error}")).with_source(error))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_branch_is_the_same_when_it_is_read_again() {
        let mut branch = Branch::of(&StreamName::new("inventory", "sku/7"));
        branch.skip(3);
        branch.set(4, serde_json::from_str(r#"{"amount":10.00000000000000000001}"#).unwrap());
        branch.insert(Insertion::new(9, "stock.counted", json!({"on_hand": 2})));
        let text = branch.to_text().unwrap();
        assert_eq!(Branch::parse(&text, "a.json").unwrap(), branch);
        assert!(text.contains("10.00000000000000000001"));
        let error = Branch::parse(r#"{"aggregate_type":"a","aggregate_id":"b","skpi":[1]}"#, "a.json").unwrap_err();
        assert!(error.to_string().contains("a.json holds no branch: unknown field `skpi`"), "{error}");
    }

    #[test]
    fn the_last_word_on_an_event_counts() {
        let mut branch = Branch::of(&StreamName::new("a", "b"));
        branch.skip(1);
        branch.set(1, json!({}));
        assert!(branch.skipped().is_empty() && branch.edited().contains_key(&1));
        branch.skip(1);
        assert!(branch.edited().is_empty() && branch.skipped().contains(&1));
        branch.restore(1);
        assert!(branch.is_empty());
        assert_eq!(branch.remove(0), None);
    }

    #[test]
    fn an_event_is_moved_as_it_is_in_the_branch() {
        let mut branch = Branch::of(&StreamName::new("a", "b"));
        let event = Event { version: 2, event_type: "x".into(), data: Payload::json(json!(1)), ..Event::default() };
        branch.set(2, json!(5));
        let moved = branch.move_event(&event, 7);
        assert_eq!(branch.insertions()[moved], Insertion::new(7, "x", json!(5)));
        assert!(branch.skipped().contains(&2));
        assert_eq!(branch.tail(7).count(), 1);
        assert_eq!(branch.tail(8).count(), 0);
    }
}
