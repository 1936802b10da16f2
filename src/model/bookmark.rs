//! A version of a stream to come back to, and what a person notes on it.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::link::{DeepLink, LinkPlace};
use crate::event::{Position, StreamName, Version};

/// The longest note that is kept, in characters.
pub const NOTE_LIMIT: usize = 10_000;

/// A version of a stream to come back to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Bookmark {
    aggregate_type: String,
    aggregate_id: String,
    version: Version,
    /// Where its event stood in the whole store when the bookmark was set, where that was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The type of its event; empty where that was not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub event_type: String,
    /// What a person notes on it; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Bookmark {
    /// One at a version of a stream.
    #[must_use]
    pub fn new(stream: &StreamName, version: Version) -> Self {
        let StreamName { aggregate_type, aggregate_id } = stream.clone();
        Self { aggregate_type, aggregate_id, version, ..Self::default() }
    }

    /// The same one with its event.
    #[must_use]
    pub fn of_event(self, position: Position, event_type: &str) -> Self {
        Self { position: Some(position), event_type: event_type.to_owned(), ..self }
    }

    /// The same one with this note.
    #[must_use]
    pub fn with_note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// Its stream.
    #[must_use]
    pub fn stream(&self) -> StreamName {
        StreamName::new(self.aggregate_type.as_str(), self.aggregate_id.as_str())
    }

    /// Its place in the stream.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whether it is of this stream.
    #[must_use]
    pub fn is_of(&self, stream: &StreamName) -> bool {
        self.aggregate_id == stream.aggregate_id && self.aggregate_type == stream.aggregate_type
    }

    /// Whether it is at this version of this stream.
    #[must_use]
    pub fn is_at(&self, stream: &StreamName, version: Version) -> bool {
        self.version == version && self.is_of(stream)
    }

    /// Whether another one is at the same version of the same stream.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.version == other.version
            && self.aggregate_id == other.aggregate_id
            && self.aggregate_type == other.aggregate_type
    }

    /// The first line of its note that says something.
    #[must_use]
    pub fn title(&self) -> &str {
        self.note.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
    }

    /// An item of a list in Markdown, with a link that leads here; `file` is the database.
    fn markdown(&self, file: &Path) -> String {
        let link = DeepLink {
            file: Some(file.to_owned()),
            at: Some(LinkPlace::Stream(self.stream().to_string(), Some(self.version))),
        };
        let mut item = format!("- [{}](<{link}>)", code(&self.to_string()));
        if !self.event_type.is_empty() {
            item += " ";
            item += &code(&self.event_type);
        }
        if let Some(position) = self.position {
            item += ", position ";
            item += &position.to_string();
        }
        for (number, line) in self.note.trim().lines().enumerate() {
            item += if number == 0 { ": " } else { "\n  " };
            item += line.trim_end();
        }
        item
    }
}

impl fmt::Display for Bookmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.stream(), self.version)
    }
}

/// Bookmarks with their notes as a list in Markdown, each with a link that leads there; `file` is the database.
#[must_use]
pub fn bookmarks_as_markdown<'a>(bookmarks: impl IntoIterator<Item = &'a Bookmark>, file: &Path) -> String {
    bookmarks.into_iter().map(|bookmark| bookmark.markdown(file) + "\n").collect()
}

/// A text as it is in Markdown, whatever is in it.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let room = if longest > 0 { " " } else { "" };
    format!("{fence}{room}{text}{room}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bookmark_of_an_earlier_run_without_its_event_is_read() {
        let read: Bookmark =
            serde_json::from_str(r#"{"aggregate_type": "order", "aggregate_id": "71ff", "version": 3}"#).unwrap();
        assert_eq!(read, Bookmark::new(&StreamName::new("order", "71ff"), 3));
        assert_eq!(read.to_string(), "order/71ff@3");
        let noted = read.of_event(9, "order.placed").with_note("wrong");
        let json = serde_json::to_string(&noted).unwrap();
        assert_eq!(serde_json::from_str::<Bookmark>(&json).unwrap(), noted);
    }

    #[test]
    fn a_list_in_markdown_links_to_each_and_holds_every_line_of_its_note() {
        let plain = Bookmark::new(&StreamName::new("order", "71ff"), 3);
        let noted = Bookmark::new(&StreamName::new("", "a`b c"), 4).of_event(4812, "order.placed");
        let noted = noted.with_note("\nthe price was wrong\n\nask **Ann**  \n");
        assert_eq!(noted.title(), "the price was wrong");
        let text = bookmarks_as_markdown([&plain, &noted], Path::new("/data/my shop.db"));
        let wanted = "- [`order/71ff@3`](<eventscope:/data/my%20shop.db#order/71ff@3>)\n\
                      - [`` a`b c@4 ``](<eventscope:/data/my%20shop.db#a%60b%20c@4>) `order.placed`, position 4812: \
                      the price was wrong\n  \n  ask **Ann**\n";
        assert_eq!(text, wanted);
    }
}
