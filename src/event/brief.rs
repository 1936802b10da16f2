//! Events as a fold reads them: what names each, its type and the text of its data, side by side in memory that is used
//! again for the next ones. To make an [`Event`] of each costs more than to fold it.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Event, Interpret, Payload, Position, StorageClass, StreamName, Timestamp, Version};

/// How many names are kept for the next events.
const NAMES: usize = 1_024;

/// Stands for what is not there.
const NONE: u32 = u32::MAX;

/// One event of a stream, of which no more is read than most folds look at.
#[derive(Clone, Copy, Debug)]
pub struct Brief<'b> {
    /// The event's version.
    pub version: Version,
    /// The event's position.
    pub position: Position,
    /// The event's type.
    pub event_type: &'b str,
    /// When it was recorded, where that was read.
    pub timestamp: Option<&'b Timestamp>,
    /// The version of the event type's own shape, where that was read.
    pub schema_version: Option<&'b str>,
    data: Data<'b>,
}

#[derive(Clone, Copy, Debug)]
enum Data<'b> {
    /// Stored text, and what knows what it means.
    Text(&'b [u8], &'b Arc<dyn Interpret>),
    Payload(&'b Payload),
    Missing,
}

impl<'b> Brief<'b> {
    /// The text of the data where it is JSON and nothing else, if it is JSON at all.
    pub(crate) fn json(&self) -> Option<&'b str> {
        match self.data {
            Data::Text(text, by) if by.is_bare_json(text, StorageClass::Text) => std::str::from_utf8(text).ok(),
            Data::Text(..) | Data::Missing => None,
            Data::Payload(payload) => payload.bare_json(),
        }
    }

    /// The event; what was not read of it is left empty.
    #[must_use]
    pub fn to_event(&self, stream: &StreamName) -> Event {
        let data = match self.data {
            Data::Text(text, by) => Payload::interpreted(text.into(), StorageClass::Text, Arc::clone(by)),
            Data::Payload(payload) => payload.clone(),
            Data::Missing => Payload::default(),
        };
        Event {
            position: self.position,
            stream: stream.clone(),
            version: self.version,
            event_type: self.event_type.to_owned(),
            timestamp: self.timestamp.cloned(),
            schema_version: self.schema_version.map(str::to_owned),
            data,
            ..Event::default()
        }
    }
}

/// Events of a stream that were read together.
#[derive(Debug, Default)]
pub struct Briefs {
    lines: Vec<Line>,
    /// The data of one event after the other's.
    text: Vec<u8>,
    by: Option<Arc<dyn Interpret>>,
    /// Data that is no text, or of which more is to be said.
    payloads: Vec<Payload>,
    names: Names,
    /// Each time that is another than the one before.
    times: Vec<Timestamp>,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    version: Version,
    position: Position,
    event_type: u32,
    schema_version: u32,
    time: u32,
    data: Place,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Text(usize, usize),
    Payload(usize),
}

/// Texts of which few are different.
#[derive(Debug, Default)]
struct Names {
    all: Vec<Arc<str>>,
    known: HashMap<Arc<str>, u32>,
}

impl Names {
    /// The number of a name, which may be the one before.
    fn number(&mut self, name: &str, before: Option<u32>) -> u32 {
        if let Some(before) = before.filter(|before| self.get(*before) == Some(name)) {
            return before;
        }
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let next = u32::try_from(self.all.len()).unwrap_or(NONE);
        let name: Arc<str> = name.into();
        self.all.push(Arc::clone(&name));
        self.known.insert(name, next);
        next
    }

    fn get(&self, number: u32) -> Option<&str> {
        self.all.get(number as usize).map(|name| &**name)
    }
}

/// What names an event, as a reader takes it in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Named<'n> {
    pub(crate) version: Version,
    pub(crate) position: Position,
    pub(crate) event_type: &'n str,
    pub(crate) schema_version: Option<&'n str>,
}

impl Briefs {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The events, in their order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Brief<'_>> {
        self.lines.iter().map(|line| self.brief(line))
    }

    fn brief(&self, line: &Line) -> Brief<'_> {
        Brief {
            version: line.version,
            position: line.position,
            event_type: self.names.get(line.event_type).unwrap_or_default(),
            timestamp: self.times.get(line.time as usize),
            schema_version: self.names.get(line.schema_version),
            data: match line.data {
                Place::Text(from, to) => match (self.text.get(from..to), &self.by) {
                    (Some(text), Some(by)) => Data::Text(text, by),
                    _ => Data::Missing,
                },
                Place::Payload(at) => self.payloads.get(at).map_or(Data::Missing, Data::Payload),
            },
        }
    }

    /// Lets go of the events, for others whose texts mean what this says.
    pub(crate) fn begin(&mut self, by: Arc<dyn Interpret>) {
        self.lines.clear();
        self.text.clear();
        self.payloads.clear();
        self.times.clear();
        self.by = Some(by);
        if self.names.all.len() > NAMES {
            self.names = Names::default();
        }
    }

    /// Takes in the next event, whose data is this text.
    pub(crate) fn push_text(&mut self, named: Named<'_>, data: &[u8]) {
        let from = self.text.len();
        self.text.extend_from_slice(data);
        self.push(named, Place::Text(from, self.text.len()));
    }

    /// Takes in the next event.
    pub(crate) fn push_payload(&mut self, named: Named<'_>, data: Payload) {
        self.payloads.push(data);
        self.push(named, Place::Payload(self.payloads.len() - 1));
    }

    /// Takes in the next event, as far as a brief has it.
    pub(crate) fn push_event(&mut self, event: Event) {
        let named = Named {
            version: event.version,
            position: event.position,
            event_type: &event.event_type,
            schema_version: event.schema_version.as_deref(),
        };
        self.push_payload(named, event.data);
        if let Some(timestamp) = event.timestamp {
            self.at(&timestamp.stored, |_| timestamp.clone());
        }
    }

    fn push(&mut self, named: Named<'_>, data: Place) {
        let before = self.lines.last().copied();
        let event_type = self.names.number(named.event_type, before.map(|line| line.event_type));
        let schema_version = named
            .schema_version
            .map_or(NONE, |version| self.names.number(version, before.map(|line| line.schema_version)));
        self.lines.push(Line {
            version: named.version,
            position: named.position,
            event_type,
            schema_version,
            time: NONE,
            data,
        });
    }

    /// Says when the event that was taken in last was recorded; `read` says what moment the stored text is, where it is
    /// another than that of the event before.
    pub(crate) fn at(&mut self, stored: &str, read: impl FnOnce(&str) -> Timestamp) {
        if self.times.last().is_none_or(|last| *last.stored != *stored) {
            self.times.push(read(stored));
        }
        let time = u32::try_from(self.times.len() - 1).unwrap_or(NONE);
        if let Some(line) = self.lines.last_mut() {
            line.time = time;
        }
    }
}
