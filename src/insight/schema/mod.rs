//! What the data of each event type looks like, version of its schema by version: inferred from the events themselves,
//! in one pass over the store and bounded memory.
//!
//! [`Schemas::see`] takes the events in the store's order. A [`TypeSchema`] is a tree of [`Shape`]s; [`TypeSchema::paths`]
//! lays it out flat, [`TypeSchema::json_schema`] writes it as JSON Schema (draft 2020-12), which every event that it was
//! inferred from fulfils, and [`TypeSchema::changes`] finds what changed without a new schema version. A document that is
//! being written is held against it by [`TypeSchema::misfits`], and completed after it by [`TypeSchema::completed`]. A
//! reducer begins with [`TypeSchema::rule`], and an [`Upcaster`] with what differs between two versions.

mod changes;
mod compared;
mod example;
mod fit;
mod formats;
mod json_schema;
mod paths;
mod range;
mod rule;
mod shape;
mod upcaster;
#[cfg(test)]
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, missing_docs, unreachable_pub)]
mod upcaster_example;
mod upcaster_jq;
mod upcaster_rust;
mod upcaster_steps;
mod values;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::error::Result;
use crate::event::{Decoded, Event, Position};
use crate::source::Source;
use crate::source::layout::Columns;

use super::gather::{Gather, gather};
use super::node::Content;
use super::sample::{Sampled, sample};

pub use changes::{Change, Changed};
pub use compared::{Difference, compare};
pub use example::Addition;
pub use fit::{Misfit, Unlike};
pub use formats::Format;
pub(super) use formats::is_email;
pub use paths::{Path, PathStep};
pub use rule::rule_of;
pub use shape::{Kind, Place, Shape, Span};
pub use upcaster_steps::{At, Step, Upcaster};

/// How many pairs of event type and schema version are told apart; what comes after that is counted, not looked into.
const MOST_TYPES: usize = 5_000;

/// The inferred schemas of a store.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    /// By event type, then in the order of their schema versions.
    types: BTreeMap<String, Vec<TypeSchema>>,
    /// How many pairs of both there are.
    count: usize,
    left_out: u64,
}

/// What the data of the events of one type and schema version looks like.
#[derive(Clone, Debug)]
pub struct TypeSchema {
    /// The event type.
    pub event_type: String,
    /// The schema version, as stored; `None` where the store says none.
    pub schema_version: Option<String>,
    /// How many events there are, and from where to where.
    pub events: Span,
    /// How many have data that is stored but cannot be read, or was too large to be.
    pub unread: u64,
    /// How many have no data at all.
    pub without_data: u64,
    /// The shape of the data.
    pub data: Shape,
}

/// Which events are looked at. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemasWanted {
    /// Only those of this type.
    pub event_type: Option<String>,
    /// Only those of this schema version.
    pub schema_version: Option<String>,
}

impl SchemasWanted {
    /// `TYPE`, or `TYPE@VERSION`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (event_type, schema_version) = match text.rsplit_once('@') {
            Some((event_type, version)) if !event_type.is_empty() => (event_type, Some(version.to_owned())),
            _ => (text, None),
        };
        Self { event_type: Some(event_type.to_owned()), schema_version }
    }

    fn wants(&self, event: &Event) -> bool {
        self.event_type.as_ref().is_none_or(|wanted| *wanted == event.event_type)
            && (self.schema_version.is_none() || self.schema_version == event.schema_version)
    }
}

impl Schemas {
    /// Infers the schemas of a store. `progress` hears of how many events were looked at, and may stop it.
    ///
    /// # Errors
    /// Those of reading; [`Cancelled`](crate::ErrorKind::Cancelled) where `progress` or the source's interrupt stopped
    /// it.
    pub fn infer(
        source: &Source,
        wanted: &SchemasWanted,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Self> {
        Ok(gather(source, Inference::of(wanted), progress)?.schemas)
    }

    /// The schemas of a store as far as a sample tells, and how large the sample was; `None` where there is no need of one.
    ///
    /// # Errors
    /// Those of reading.
    pub fn sampled(source: &Source) -> Result<Option<(Self, Sampled)>> {
        let mut schemas = Self::default();
        let sampled = sample(source, &mut |event| schemas.see(event))?;
        Ok(sampled.map(|sampled| (schemas, sampled)))
    }

    /// Takes an event in. Those of a type come in the order of the store.
    pub fn see(&mut self, event: &Event) {
        self.see_content(event, &Content::of(&event.data));
    }

    /// The same, where the data was looked at before.
    pub(super) fn see_content(&mut self, event: &Event, content: &Content<'_>) {
        let version = event.schema_version.as_deref();
        // By the parts of the name first: nearly always the type is there.
        let versions = self.types.get_mut(&event.event_type);
        if let Some(known) = versions.and_then(|versions| versions.iter_mut().find(|known| known.is_version(version))) {
            known.see(event, content);
        } else if self.count < MOST_TYPES {
            let mut fresh = TypeSchema::new(event);
            fresh.take(event, content, 0);
            self.add(fresh);
        } else {
            self.left_out += 1;
        }
    }

    fn add(&mut self, fresh: TypeSchema) {
        let versions = self.types.entry(fresh.event_type.clone()).or_default();
        let place = versions.partition_point(|known| known.schema_version < fresh.schema_version);
        versions.insert(place, fresh);
        self.count += 1;
    }

    /// Takes in what was inferred from the events that follow.
    pub(super) fn join(&mut self, later: Self) {
        self.left_out += later.left_out;
        let mut fresh = Vec::new();
        for schema in later.types.into_values().flatten() {
            let versions = self.types.get_mut(&schema.event_type);
            let version = schema.schema_version.as_deref();
            match versions.and_then(|versions| versions.iter_mut().find(|known| known.is_version(version))) {
                Some(known) => known.join(schema),
                None => fresh.push(schema),
            }
        }
        // Those that are met first are told apart.
        fresh.sort_by_key(|schema| schema.events.first);
        for schema in fresh {
            if self.count < MOST_TYPES {
                self.add(schema);
            } else {
                self.left_out += schema.events.count;
            }
        }
    }

    /// The schemas, by event type and schema version.
    pub fn types(&self) -> impl Iterator<Item = &TypeSchema> {
        self.types.values().flatten()
    }

    /// How many events were left out because there are too many types.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The schema versions of an event type.
    pub fn versions(&self, event_type: &str) -> impl Iterator<Item = &TypeSchema> {
        self.types.get(event_type).into_iter().flatten()
    }
}

/// Schemas while they are inferred from all the events of a store.
#[derive(Default)]
pub(crate) struct Inference {
    wanted: SchemasWanted,
    /// What is known.
    pub(crate) schemas: Schemas,
}

impl Inference {
    /// Of which events.
    pub(crate) fn of(wanted: &SchemasWanted) -> Self {
        Self { wanted: wanted.clone(), schemas: Schemas::default() }
    }
}

impl Gather for Inference {
    fn columns(&self) -> Columns {
        Columns::EVENT_TYPE.with(Columns::SCHEMA_VERSION).with(Columns::DATA)
    }

    fn see(&mut self, event: &Event) {
        if self.wanted.wants(event) {
            self.schemas.see(event);
        }
    }

    fn join(&mut self, later: Self) {
        self.schemas.join(later.schemas);
    }

    fn untold(&self) -> Option<Self> {
        None
    }

    fn told(&mut self, anew: Self) {
        *self = anew;
    }
}

/// Whether there are texts at a path, and nothing else.
fn all_texts(shape: &Shape) -> bool {
    let texts = shape.count_of(Kind::String);
    texts > 0 && texts == shape.count()
}

impl TypeSchema {
    fn new(event: &Event) -> Self {
        Self {
            event_type: event.event_type.clone(),
            schema_version: event.schema_version.clone(),
            events: Span::once(Place { position: event.position, event: 0 }),
            unread: 0,
            without_data: 0,
            data: Shape::default(),
        }
    }

    fn is_version(&self, version: Option<&str>) -> bool {
        self.schema_version.as_deref() == version
    }

    fn see(&mut self, event: &Event, content: &Content<'_>) {
        let number = self.events.count;
        self.events.see(Place { position: event.position, event: number });
        self.take(event, content, number);
    }

    fn take(&mut self, event: &Event, content: &Content<'_>, number: u64) {
        let at = Place { position: event.position, event: number };
        match content {
            Content::Plain(plain) => self.data.see_within(plain, at, 0),
            Content::Decoded(Decoded::Document { value, .. }) => self.data.see(value, at),
            Content::Decoded(Decoded::Missing) => self.without_data += 1,
            Content::Decoded(Decoded::Text(_) | Decoded::Unread { .. } | Decoded::Opaque { .. }) => self.unread += 1,
        }
    }

    /// Takes in what the same type looks like in the events that follow.
    fn join(&mut self, mut later: Self) {
        let before = self.events.count;
        later.events.shift(before);
        later.data.shift(before);
        self.events.merge(later.events);
        self.data.merge(later.data);
        self.unread += later.unread;
        self.without_data += later.without_data;
    }

    /// The type with its schema version, as in `order.placed@2`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.schema_version {
            Some(version) => format!("{}@{version}", self.event_type),
            None => self.event_type.clone(),
        }
    }

    /// Whether [`Self::name`] is this one.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        let version = name.strip_prefix(self.event_type.as_str());
        match &self.schema_version {
            Some(known) => version.and_then(|rest| rest.strip_prefix('@')) == Some(known),
            None => version == Some(""),
        }
    }

    /// The position of the first event and of the last.
    #[must_use]
    pub fn positions(&self) -> (Position, Position) {
        (self.events.first, self.events.last)
    }
}
