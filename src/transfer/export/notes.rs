//! What a person noted on events, which is written beside them.

use std::collections::BTreeMap;

use crate::event::{Event, StreamName, Version};

/// Notes, by the stream and the version that they are on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Notes(BTreeMap<(StreamName, Version), String>);

impl Notes {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is noted on an event.
    pub(super) fn of(&self, event: &Event) -> Option<&str> {
        if self.is_empty() {
            return None;
        }
        self.0.get(&(event.stream.clone(), event.version)).map(String::as_str)
    }
}

/// Those that say something.
impl FromIterator<(StreamName, Version, String)> for Notes {
    fn from_iter<T: IntoIterator<Item = (StreamName, Version, String)>>(notes: T) -> Self {
        let said = notes.into_iter().filter(|(_, _, note)| !note.trim().is_empty());
        Self(said.map(|(stream, version, note)| ((stream, version), note)).collect())
    }
}
