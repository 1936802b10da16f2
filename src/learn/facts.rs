//! What the learner keeps of the events: for each kind of event its fields, for each event their values.

use std::collections::HashMap;
use std::sync::Arc;

use super::value::{Amount, V, decimal};
use crate::event::{Decoded, Event, Payload, Position, StreamName, Version};

/// How deep fields are looked for within a document.
const DEEPEST: usize = 4;

/// How many fields of one event type are looked at.
const MOST_FIELDS: usize = 72;

/// How many members an object may have before it is held for a map, whose members are no fields.
const MOST_MEMBERS: usize = 32;

/// The fields of the envelope, which every event has, in the order in which [`Kind::new`] notes them.
pub(super) const ENVELOPE: [&str; 6] = ["timestamp", "actor", "type", "version", "aggregate_id", "schema_version"];

/// Where a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// In the event's data.
    Data,
    /// In the event's metadata.
    Metadata,
    /// A field of the event itself.
    Envelope,
    /// In the state before the event: what another leaf was.
    Before,
}

/// One field of an event type.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) root: Root,
    pub(super) path: Vec<Arc<str>>,
    /// How it is written in jq, where the path does not say: the way to a leaf of the state.
    pub(super) written: Option<String>,
    /// In how many events it is there.
    pub(super) present: u32,
    /// In how many it is a number, a decimal in text, text, a list, an object, true or false.
    pub(super) numbers: u32,
    pub(super) decimals: u32,
    pub(super) texts: u32,
    pub(super) lists: u32,
    pub(super) objects: u32,
    /// How many digits its decimals have after the point, at most.
    pub(super) scale: u32,
}

impl Field {
    pub(super) fn new(root: Root, path: Vec<Arc<str>>) -> Self {
        Self {
            root,
            path,
            written: None,
            present: 0,
            numbers: 0,
            decimals: 0,
            texts: 0,
            lists: 0,
            objects: 0,
            scale: 0,
        }
    }

    pub(super) fn note(&mut self, value: &V) {
        if value.is_missing() {
            return;
        }
        self.present += 1;
        match value {
            V::Int(_) | V::Real(_) => self.numbers += 1,
            V::Text(text) => {
                self.texts += 1;
                if let Some((_, scale)) = decimal(text) {
                    self.decimals += 1;
                    self.scale = self.scale.max(scale);
                }
            }
            V::List(_) => self.lists += 1,
            V::Object(_) => self.objects += 1,
            _ => {}
        }
    }

    /// Whether it is something to count with.
    pub(super) fn counts(&self) -> bool {
        self.numbers > 0 || (self.decimals > 0 && self.decimals == self.texts)
    }

    pub(super) fn is_decimal(&self) -> bool {
        self.decimals > 0 && self.decimals == self.texts
    }

    /// Its own name; that of what it wraps where it stands in a wrapper such as `{"_type_": …, "_data_": …}`.
    pub(super) fn name(&self) -> &str {
        let named = self.path.iter().rev().find(|part| !part.starts_with('_') && !part.starts_with('$'));
        named.or(self.path.last()).map_or("", |part| part)
    }
}

/// One event type, as far as it was seen.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) event_type: Arc<str>,
    pub(super) fields: Vec<Field>,
    index: HashMap<String, usize>,
    /// How many events there are of it, and how many begin a stream.
    pub(super) count: u32,
    pub(super) first: u32,
}

impl Kind {
    fn new(event_type: &str) -> Self {
        let mut kind =
            Self { event_type: event_type.into(), fields: Vec::new(), index: HashMap::new(), count: 0, first: 0 };
        for name in ENVELOPE {
            kind.fields.push(Field::new(Root::Envelope, vec![name.into()]));
        }
        kind
    }

    /// Whether a field is there in every event.
    pub(super) fn always(&self, field: usize) -> bool {
        self.fields.get(field).is_some_and(|known| known.present == self.count)
    }

    fn slot(&mut self, root: Root, path: &[Arc<str>]) -> Option<usize> {
        let key = format!("{root:?}{path:?}");
        if let Some(known) = self.index.get(&key) {
            return Some(*known);
        }
        if self.fields.len() >= MOST_FIELDS {
            return None;
        }
        self.fields.push(Field::new(root, path.to_vec()));
        self.index.insert(key, self.fields.len() - 1);
        Some(self.fields.len() - 1)
    }
}

/// One event.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) kind: usize,
    pub(super) version: Version,
    pub(super) position: Position,
    /// The values of the kind's fields, as far as there were fields when it was seen.
    pub(super) values: Vec<V>,
    /// The fingerprints of the values.
    pub(super) prints: Vec<u64>,
}

impl Fact {
    pub(super) fn value(&self, field: usize) -> &V {
        self.values.get(field).unwrap_or(&V::Missing)
    }

    pub(super) fn amount(&self, field: usize) -> Option<Amount> {
        Amount::of(self.value(field))
    }
}

/// The events of the streams of one aggregate type.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) kinds: Vec<Kind>,
    pub(super) events: Vec<Fact>,
    /// For each stream its name and its events, in its order.
    pub(super) streams: Vec<(StreamName, Vec<usize>)>,
    by_name: HashMap<StreamName, usize>,
    by_type: HashMap<Arc<str>, usize>,
    pub(super) bytes: usize,
}

impl Facts {
    /// Takes an event; events of one stream come in its order.
    pub(super) fn push(&mut self, event: &Event) {
        let kind = self.kind(&event.event_type);
        let stream = self.stream(&event.stream);
        let Some(known) = self.kinds.get_mut(kind) else { return };
        let values = values_of(known, event);
        known.count += 1;
        for (field, value) in known.fields.iter_mut().zip(&values) {
            field.note(value);
        }
        self.bytes += values.iter().map(V::size).sum::<usize>();
        let prints = values.iter().map(V::fingerprint).collect();
        self.events.push(Fact { kind, version: event.version, position: event.position, values, prints });
        if let Some((_, events)) = self.streams.get_mut(stream) {
            if events.is_empty() {
                known.first += 1;
            }
            events.push(self.events.len() - 1);
        }
    }

    pub(super) fn find(&self, stream: &StreamName) -> Option<usize> {
        self.by_name.get(stream).copied()
    }

    fn kind(&mut self, event_type: &str) -> usize {
        if let Some(known) = self.by_type.get(event_type) {
            return *known;
        }
        self.kinds.push(Kind::new(event_type));
        self.by_type.insert(event_type.into(), self.kinds.len() - 1);
        self.kinds.len() - 1
    }

    fn stream(&mut self, name: &StreamName) -> usize {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        self.streams.push((name.clone(), Vec::new()));
        self.by_name.insert(name.clone(), self.streams.len() - 1);
        self.streams.len() - 1
    }

    /// Adds a field to a kind, for what is not in its events. Returns its place.
    pub(super) fn add_field(&mut self, kind: usize, field: Field) -> Option<usize> {
        let known = self.kinds.get_mut(kind)?;
        known.fields.push(field);
        Some(known.fields.len() - 1)
    }

    /// Gives an event the value of a field that was added to its kind.
    pub(super) fn set(&mut self, event: usize, field: usize, value: V) {
        let Some(fact) = self.events.get_mut(event) else { return };
        if let Some(field) = self.kinds.get_mut(fact.kind).and_then(|kind| kind.fields.get_mut(field)) {
            field.note(&value);
        }
        if fact.values.len() <= field {
            fact.values.resize(field + 1, V::Missing);
            fact.prints.resize(field + 1, V::Missing.fingerprint());
        }
        if let (Some(slot), Some(print)) = (fact.values.get_mut(field), fact.prints.get_mut(field)) {
            *print = value.fingerprint();
            *slot = value;
        }
    }
}

fn values_of(kind: &mut Kind, event: &Event) -> Vec<V> {
    let text = |text: Option<&str>| text.map_or(V::Missing, V::text);
    let mut values = vec![
        text(event.timestamp.as_ref().map(|timestamp| &*timestamp.stored)),
        text(event.actor.as_deref()),
        V::text(&event.event_type),
        V::Int(event.version.into()),
        V::text(&event.stream.aggregate_id),
        text(event.schema_version.as_deref()),
    ];
    note(kind, &mut values, Root::Data, &mut Vec::new(), &document(&event.data));
    if let Some(metadata) = event.metadata.value() {
        note(kind, &mut values, Root::Metadata, &mut Vec::new(), &V::from_json(metadata));
    }
    values
}

fn document(payload: &Payload) -> V {
    match payload.decoded() {
        Decoded::Document { value, .. } => V::from_json(value),
        Decoded::Text(text) => V::text(text),
        Decoded::Missing | Decoded::Unread { .. } | Decoded::Opaque { .. } => V::Missing,
    }
}

fn note(kind: &mut Kind, values: &mut Vec<V>, root: Root, path: &mut Vec<Arc<str>>, value: &V) {
    if value.is_missing() {
        return;
    }
    if root == Root::Data || !path.is_empty() {
        let Some(slot) = kind.slot(root, path) else { return };
        if values.len() <= slot {
            values.resize(slot + 1, V::Missing);
        }
        if let Some(place) = values.get_mut(slot) {
            *place = value.clone();
        }
    }
    let Some(members) = value.as_object() else { return };
    if path.len() < DEEPEST && members.len() <= MOST_MEMBERS {
        for (key, value) in members {
            path.push(key.clone());
            note(kind, values, root, path, value);
            path.pop();
        }
    }
}
