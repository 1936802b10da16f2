//! What a session answers to a person who edits the mapping.

use std::sync::Arc;

use super::Guesses;
use crate::profile::{Detection, Mapping, SnapshotMapping};
use crate::session::{ColumnSample, Loading, MappingPreview, Session};

impl Session {
    /// What the file could be.
    #[must_use]
    pub fn guesses(&self) -> Loading<Arc<Guesses>> {
        let chosen = self.request.edited.is_some() || self.request.profile.is_some();
        self.ready().map(|parts| parts.mappings.guesses(chosen)).unwrap_or_default()
    }

    /// One table read as events, however little it looks like them.
    #[must_use]
    pub fn table_as_events(&self, table: &str) -> Loading<Arc<Detection>> {
        self.ready().map(|parts| parts.mappings.table(table)).unwrap_or_default()
    }

    /// The columns of a table or a join, each with a value that stands in it.
    #[must_use]
    pub fn columns_of(&self, from: &str) -> Loading<Arc<[ColumnSample]>> {
        self.ready().map(|parts| parts.mappings.columns(from)).unwrap_or_default()
    }

    /// What a mapping would make of the file. The previous mapping's answer stands in until it is known.
    #[must_use]
    pub fn preview_mapping(
        &self,
        events: &Mapping,
        snapshots: Option<&SnapshotMapping>,
    ) -> Loading<Arc<MappingPreview>> {
        self.ready().map(|parts| parts.mappings.preview(events, snapshots)).unwrap_or_default()
    }
}
