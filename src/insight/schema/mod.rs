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

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::error::Result;
use crate::event::{Decoded, Event, Position};
use crate::source::Source;
use crate::source::layout::Columns;

use super::sample::{Sampled, sample};
use super::statistics::hear;

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
    types: BTreeMap<(String, Option<String>), TypeSchema>,
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
    /// Infers the schemas of a store. `progress` hears of how many events were looked at and what is known so far, and
    /// may stop it.
    ///
    /// # Errors
    /// Those of reading; [`Cancelled`](crate::ErrorKind::Cancelled) where `progress` or the source's interrupt stopped
    /// it.
    pub fn infer(
        source: &Source,
        wanted: &SchemasWanted,
        progress: &mut dyn FnMut(u64, &Self) -> ControlFlow<()>,
    ) -> Result<Self> {
        let mut schemas = Self::default();
        let mut seen = 0;
        let columns = Columns::EVENT_TYPE.with(Columns::SCHEMA_VERSION).with(Columns::DATA);
        let walked = source.skim(columns, &mut |events| {
            events.iter().filter(|event| wanted.wants(event)).for_each(|event| schemas.see(event));
            seen += events.len() as u64;
            progress(seen, &schemas)
        })?;
        hear(walked)?;
        Ok(schemas)
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
        // Looked up by parts first: nearly always the type is there.
        let key = (event.event_type.clone(), event.schema_version.clone());
        if let Some(known) = self.types.get_mut(&key) {
            known.see(event);
        } else if self.types.len() < MOST_TYPES {
            let mut fresh = TypeSchema::new(event);
            fresh.take(event, 0);
            self.types.insert(key, fresh);
        } else {
            self.left_out += 1;
        }
    }

    /// The schemas, by event type and schema version.
    pub fn types(&self) -> impl Iterator<Item = &TypeSchema> {
        self.types.values()
    }

    /// How many events were left out because there are too many types.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The schema versions of an event type.
    pub fn versions<'s>(&'s self, event_type: &str) -> impl Iterator<Item = &'s TypeSchema> {
        self.types.range((event_type.to_owned(), None)..).map(|(_, schema)| schema).take_while({
            let event_type = event_type.to_owned();
            move |schema| schema.event_type == event_type
        })
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

    fn see(&mut self, event: &Event) {
        let number = self.events.count;
        self.events.see(Place { position: event.position, event: number });
        self.take(event, number);
    }

    fn take(&mut self, event: &Event, number: u64) {
        match event.data.decoded() {
            Decoded::Document { value, .. } => {
                self.data.see(value, Place { position: event.position, event: number });
            }
            Decoded::Missing => self.without_data += 1,
            Decoded::Text(_) | Decoded::Unread { .. } | Decoded::Opaque { .. } => self.unread += 1,
        }
    }

    /// The type with its schema version, as in `order.placed@2`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.schema_version {
            Some(version) => format!("{}@{version}", self.event_type),
            None => self.event_type.clone(),
        }
    }

    /// The position of the first event and of the last.
    #[must_use]
    pub fn positions(&self) -> (Position, Position) {
        (self.events.first, self.events.last)
    }
}
