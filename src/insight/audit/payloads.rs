//! Data that is empty or cannot be read, and data that says that something went wrong when it was written.

use std::sync::LazyLock;

use indexmap::IndexMap;
use memchr::memmem::Finder;

use super::finding::{Finding, Instance, Instances, Severity};
use crate::event::{Decoded, Event, StorageClass};
use crate::insight::node::{Content, Look, Node};

/// One in how many events of a type may be broken: where more are, that is how the store is.
const FEW: u64 = 5;
/// How many event types are counted apart.
const MOST_TYPES: usize = 20_000;

/// Looks at what each payload decodes to.
#[derive(Default)]
pub(super) struct Payloads {
    not_utf8: Instances,
    stringified: Instances,
    /// In the order in which they were met.
    types: IndexMap<String, OfType>,
}

/// The events of one type.
#[derive(Default)]
struct OfType {
    documents: u64,
    empty: Instances,
    texts: Instances,
    unreadable: Instances,
}

/// What JavaScript makes of an object that was taken for a text.
static STRINGIFIED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"[object Object]"));

impl Payloads {
    pub(super) fn see(&mut self, event: &Event, content: &Content<'_>) {
        let is_text = event.data.storage == StorageClass::Text;
        // What is plain is text without a fault.
        let is_plain = matches!(content, Content::Plain(_));
        if is_text && !is_plain && std::str::from_utf8(&event.data.raw).is_err() {
            self.not_utf8.note(|| Instance::of(event, "the data is stored as text and is no UTF-8"));
        }
        let known = self.types.len();
        let of_type = match self.types.get_mut(&event.event_type) {
            Some(of_type) => of_type,
            None if known < MOST_TYPES => self.types.entry(event.event_type.clone()).or_default(),
            None => return,
        };
        let empty = || Instance::of(event, "the data is empty");
        let is_nothing = match content {
            Content::Plain(plain) => is_nothing(plain),
            Content::Decoded(Decoded::Document { value, .. }) => is_nothing(value),
            Content::Decoded(Decoded::Missing) => return of_type.empty.note(empty),
            Content::Decoded(Decoded::Text(text)) if text.trim().is_empty() => return of_type.empty.note(empty),
            Content::Decoded(Decoded::Text(text)) => {
                let beginning: String = text.chars().take(40).collect();
                return of_type.texts.note(|| Instance::of(event, format!("`{beginning}` is no document")));
            }
            Content::Decoded(Decoded::Opaque { tried }) => {
                let why = tried.first().cloned().unwrap_or_default();
                return of_type.unreadable.note(|| Instance::of(event, why));
            }
            Content::Decoded(Decoded::Unread { .. }) => return,
        };
        if is_nothing {
            of_type.empty.note(empty);
        } else {
            of_type.documents += 1;
        }
        if is_text && STRINGIFIED.find(&event.data.raw).is_some() {
            self.stringified.note(|| Instance::of(event, "`[object Object]` in the data"));
        }
    }

    /// Takes in what was found in the events that follow.
    pub(super) fn join(&mut self, later: Self) {
        self.not_utf8.extend(later.not_utf8);
        self.stringified.extend(later.stringified);
        for (name, of_type) in later.types {
            let known = self.types.len();
            match self.types.get_mut(&name) {
                Some(mine) => mine.join(of_type),
                None if known < MOST_TYPES => drop(self.types.insert(name, of_type)),
                None => {}
            }
        }
    }

    pub(super) fn finish(self) -> Vec<Finding> {
        let Self { not_utf8, stringified, types } = self;
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

impl OfType {
    fn join(&mut self, later: Self) {
        self.documents += later.documents;
        self.empty.extend(later.empty);
        self.texts.extend(later.texts);
        self.unreadable.extend(later.unreadable);
    }
}

fn is_nothing(node: &impl Node) -> bool {
    match node.look() {
        Look::Null => true,
        Look::Text(text) => text.is_empty(),
        Look::Items(items) => items.is_empty(),
        Look::Members(number) => number == 0,
        Look::Bool(_) | Look::Number(_) => false,
    }
}
