//! What was found beside the stream, its version and the position: a choice for each field, with its confidence and its
//! reason.

use crate::profile::detection::{Confidence, FieldReason};
use crate::profile::field::Field;

/// How sure a type is for which so little speaks that what a document says goes before it.
pub(super) const WEAK: f32 = 0.35;

/// A field and why.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) field: Field,
    /// From 0 to 1.
    pub(super) confidence: f32,
    why: String,
}

impl Choice {
    pub(super) fn new(field: Field, confidence: f32, why: impl Into<String>) -> Self {
        Self { field, confidence: confidence.clamp(0.0, 1.0), why: why.into() }
    }

    pub(super) fn reason(&self, field: &'static str) -> FieldReason {
        FieldReason {
            field,
            source: Some(self.field.sql.clone()),
            confidence: Confidence::new(self.confidence),
            reason: self.why.clone(),
        }
    }
}

/// The fields beside the stream, its version and the position.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) aggregate_type: Option<Choice>,
    pub(super) event_id: Option<Choice>,
    pub(super) event_type: Option<Choice>,
    pub(super) schema_version: Option<Choice>,
    pub(super) timestamp: Option<Choice>,
    pub(super) actor: Option<Choice>,
    pub(super) actor_type: Option<Choice>,
    pub(super) source: Option<Choice>,
    pub(super) causation_id: Option<Choice>,
    pub(super) correlation_id: Option<Choice>,
    pub(super) data: Option<Choice>,
    pub(super) metadata: Option<Choice>,
}

impl Fields {
    /// Every field by its name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &Option<Choice>)> {
        [
            ("aggregate_type", &self.aggregate_type),
            ("event_id", &self.event_id),
            ("event_type", &self.event_type),
            ("schema_version", &self.schema_version),
            ("timestamp", &self.timestamp),
            ("actor", &self.actor),
            ("actor_type", &self.actor_type),
            ("source", &self.source),
            ("causation_id", &self.causation_id),
            ("correlation_id", &self.correlation_id),
            ("data", &self.data),
            ("metadata", &self.metadata),
        ]
        .into_iter()
    }

    /// What was found for a field.
    pub(super) fn get(&self, name: &str) -> Option<&Choice> {
        self.all().find(|(field, _)| *field == name)?.1.as_ref()
    }
}
