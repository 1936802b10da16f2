//! Data whose shape changed while its schema version stayed the same.

use indexmap::IndexMap;

use super::finding::{Finding, Instance, Instances, Severity};
use crate::event::Event;
use crate::insight::node::Content;
use crate::insight::schema::{Changed, Schemas, TypeSchema};

/// Infers the schemas and looks for such changes. A type of one aggregate is another than that of the same name of
/// another: `created` says a different thing of each.
#[derive(Default)]
pub(super) struct Shapes(IndexMap<String, Schemas>);

/// How many aggregate types are told apart.
const MOST_AGGREGATES: usize = 1_000;

impl Shapes {
    pub(super) fn see(&mut self, event: &Event, content: &Content<'_>) {
        let is_full = self.0.len() >= MOST_AGGREGATES;
        let aggregate_type = &event.stream.aggregate_type;
        match self.0.get_mut(aggregate_type) {
            Some(schemas) => schemas.see_content(event, content),
            None if is_full => {}
            None => self.0.entry(aggregate_type.clone()).or_default().see_content(event, content),
        }
    }

    /// Takes in what was inferred from the events that follow.
    pub(super) fn join(&mut self, later: Self) {
        for (aggregate_type, schemas) in later.0 {
            let is_full = self.0.len() >= MOST_AGGREGATES;
            match self.0.get_mut(&aggregate_type) {
                Some(known) => known.join(schemas),
                None if is_full => {}
                None => drop(self.0.insert(aggregate_type, schemas)),
            }
        }
    }

    pub(super) fn finish(self) -> Vec<Finding> {
        let mut instances = Instances::default();
        let mut is_versioned = false;
        let mut aggregates: Vec<(&String, &Schemas)> = self.0.iter().collect();
        aggregates.sort_by_key(|(aggregate_type, _)| *aggregate_type);
        for schema in aggregates.iter().flat_map(|(_, schemas)| schemas.types()) {
            is_versioned |= schema.schema_version.is_some();
            for change in schema.changes() {
                instances
                    .note(|| Instance { position: Some(change.position), ..Instance::said(words(schema, &change)) });
            }
        }
        let explanation = if is_versioned {
            "The data of a type changed its shape, and its schema version stayed the same."
        } else {
            "The data of a type changed its shape, and no schema version says so."
        };
        let advice = "Readers must take both shapes; give the new one a schema version of its own.";
        instances.finding("silent_shape_change", Severity::Warning, explanation, advice).into_iter().collect()
    }
}

fn words(schema: &TypeSchema, change: &crate::insight::schema::Change) -> String {
    let (name, path) = (schema.name(), &change.path);
    match change.changed {
        Changed::Came => format!("{name}: `{path}` is there from here on"),
        Changed::Went => format!("{name}: `{path}` is there for the last time"),
        Changed::Kind { before, after } => {
            format!("{name}: `{path}` holds {} from here on, and {} before", after.name(), before.name())
        }
    }
}
