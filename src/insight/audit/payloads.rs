//! Data that is empty or cannot be read, and data that says that something went wrong when it was written.

use std::collections::HashMap;

use serde_json::Value;

use super::Check;
use super::finding::{Finding, Instance, Instances, Severity};
use crate::event::{Decoded, Event, StorageClass};

/// One in how many events of a type may be broken: where more are, that is how the store is.
const FEW: u64 = 5;
/// How many event types are counted apart.
const MOST_TYPES: usize = 20_000;

/// Looks at what each payload decodes to.
#[derive(Default)]
pub(super) struct Payloads {
    not_utf8: Instances,
    stringified: Instances,
    types: HashMap<String, OfType>,
}

/// The events of one type.
#[derive(Default)]
struct OfType {
    documents: u64,
    empty: Instances,
    texts: Instances,
    unreadable: Instances,
}

impl Check for Payloads {
    fn see(&mut self, event: &Event) {
        let is_text = event.data.storage == StorageClass::Text;
        if is_text && std::str::from_utf8(&event.data.raw).is_err() {
            self.not_utf8.note(|| Instance::of(event, "the data is stored as text and is no UTF-8"));
        }
        let known = self.types.len();
        let of_type = match self.types.get_mut(&event.event_type) {
            Some(of_type) => of_type,
            None if known < MOST_TYPES => self.types.entry(event.event_type.clone()).or_default(),
            None => return,
        };
        let empty = || Instance::of(event, "the data is empty");
        match event.data.decoded() {
            Decoded::Document { value, .. } => {
                if is_nothing(value) {
                    of_type.empty.note(empty);
                } else {
                    of_type.documents += 1;
                }
                if is_text && memchr::memmem::find(&event.data.raw, b"[object Object]").is_some() {
                    self.stringified.note(|| Instance::of(event, "`[object Object]` in the data"));
                }
            }
            Decoded::Missing => of_type.empty.note(empty),
            Decoded::Text(text) if text.trim().is_empty() => of_type.empty.note(empty),
            Decoded::Text(text) => {
                let beginning: String = text.chars().take(40).collect();
                of_type.texts.note(|| Instance::of(event, format!("`{beginning}` is no document")));
            }
            Decoded::Opaque { tried } => {
                let why = tried.first().cloned().unwrap_or_default();
                of_type.unreadable.note(|| Instance::of(event, why));
            }
            Decoded::Unread { .. } => {}
        }
    }

    fn finish(self: Box<Self>) -> Vec<Finding> {
        let Self { not_utf8, stringified, types } = *self;
        let (mut empty, mut texts) = (Instances::default(), Instances::default());
        let (mut unreadable, mut usually_unreadable) = (Instances::default(), Instances::default());
        let mut of_types: Vec<(String, OfType)> = types.into_iter().collect();
        of_types.sort_by(|a, b| a.0.cmp(&b.0));
        for (_, of_type) in of_types {
            // What is so in most events of a type is how they are: they say it by their type, or in a form of their own.
            let are_few = |instances: &Instances| instances.count * FEW <= of_type.documents;
            if are_few(&of_type.empty) {
                empty.extend(of_type.empty);
            }
            if are_few(&of_type.texts) {
                texts.extend(of_type.texts);
            }
            let kind = if are_few(&of_type.unreadable) { &mut unreadable } else { &mut usually_unreadable };
            kind.extend(of_type.unreadable);
        }
        [
            unreadable.finding(
                "undecodable_data",
                Severity::Error,
                "The data of an event cannot be read, while that of others of its type can.",
                "Look at the stored bytes; an event that its readers cannot decode stops them.",
            ),
            usually_unreadable.finding(
                "unknown_data",
                Severity::Note,
                "The data of some types is in no form that is known; it may be encrypted.",
                "Name its form in a profile, where it is known.",
            ),
            texts.finding(
                "invalid_data",
                Severity::Error,
                "The data of an event is no document, while that of others of its type is.",
                "Look at what wrote it; readers that expect a document will fail on it.",
            ),
            empty.finding(
                "empty_data",
                Severity::Warning,
                "An event has no data, while others of its type have.",
                "Look at what wrote it: what the event should have said is lost.",
            ),
            not_utf8.finding(
                "invalid_text",
                Severity::Warning,
                "Bytes are stored as text that is no UTF-8.",
                "Bind such values as BLOB; many libraries cannot read them back as text.",
            ),
            stringified.finding(
                "stringified_object",
                Severity::Warning,
                "`[object Object]` was written in place of an object.",
                "Look at what wrote it: what the object held is lost.",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
