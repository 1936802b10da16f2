//! What a cell of the event table says.

use crate::model::Column;
use crate::session::EventRow;

/// The text of a row in any column but the time's.
pub(super) fn text(row: &EventRow, column: Column) -> &str {
    match column {
        Column::Position => &row.position_text,
        Column::Time => &row.time_utc,
        Column::Stream => &row.stream.aggregate_id,
        Column::Version => &row.version_text,
        Column::Type => &row.event_type,
        Column::Data => &row.preview,
        Column::EventId => row.event_id.as_deref().unwrap_or_default(),
        Column::SchemaVersion => row.schema_version.as_deref().unwrap_or_default(),
        Column::Actor => row.actor.as_deref().unwrap_or_default(),
        Column::Source => row.source.as_deref().unwrap_or_default(),
        Column::Correlation => row.correlation_id.as_deref().unwrap_or_default(),
        Column::Causation => row.causation_id.as_deref().unwrap_or_default(),
    }
}
