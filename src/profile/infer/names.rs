//! What names suggest. They only break ties between columns whose values would fit.

/// Names for one role, each with how strongly it suggests the role, from 0 to 5. A name that ends in one of them after
/// an underscore counts half.
pub(super) type Names = &'static [(&'static str, u8)];

pub(super) const EVENT_TYPE: Names = &[
    ("event_type", 5),
    ("message_type", 5),
    ("payload_type", 5),
    ("event_name", 5),
    ("event_class", 5),
    ("eventtype", 5),
    ("eventname", 5),
    ("type", 4),
    ("topic", 4),
    ("reason", 3),
    ("name", 3),
    ("event", 3),
    ("action", 3),
    ("kind", 2),
    ("manifest", 2),
    ("operation", 2),
    ("verb", 2),
];
pub(super) const AGGREGATE_TYPE: Names = &[
    ("aggregate_type", 5),
    ("stream_type", 5),
    ("aggregator_type", 5),
    ("aggregate_kind", 5),
    ("aggregate_name", 5),
    ("aggregatename", 5),
    ("aggregatetype", 5),
    ("entity_type", 5),
    ("aggregate", 4),
    ("category", 4),
    ("stream", 3),
    ("app_name", 2),
    ("type", 2),
    ("kind", 1),
];
pub(super) const STREAM: Names = &[
    ("aggregate_id", 5),
    ("stream_id", 5),
    ("stream_name", 5),
    ("aggregateid", 5),
    ("streamid", 5),
    ("aggregator_id", 5),
    ("originator_id", 5),
    ("persistence_id", 5),
    ("aggregate_uuid", 5),
    ("aggregate_root_id", 5),
    ("streamname", 5),
    ("aggregate_identifier", 5),
    ("entity_id", 5),
    ("stream", 4),
    ("session_id", 4),
    ("run_id", 4),
    ("instanceid", 4),
    ("issue_id", 4),
    ("thread_id", 3),
    ("workflow_id", 3),
    ("uuid", 2),
    ("key", 1),
    ("name", 1),
    ("id", 1),
];
pub(super) const VERSION: Names = &[
    ("version", 5),
    ("aggregate_version", 5),
    ("stream_version", 5),
    ("stream_position", 5),
    ("playhead", 5),
    ("sequence_number", 5),
    ("sequencenumber", 5),
    ("sequence_nr", 5),
    ("aggregatesequencenumber", 5),
    ("sequence", 4),
    ("seq", 4),
    ("originator_version", 5),
    ("revision", 3),
    ("position", 3),
    ("event_number", 4),
    ("number", 2),
];
pub(super) const TIMESTAMP: Names = &[
    ("occurred_at", 5),
    ("occurred_on", 5),
    ("event_timestamp", 5),
    ("timestamp", 4),
    ("time_stamp", 4),
    ("recorded_at", 4),
    ("recorded_on", 4),
    ("time_fired_ts", 4),
    ("created_at", 4),
    ("created_utc", 4),
    ("created", 4),
    ("created_on", 4),
    ("commitstamp", 4),
    ("time", 4),
    ("ts", 3),
    ("stored_at", 3),
    ("inserted_at", 3),
    ("mtime", 2),
    ("date", 2),
    ("updated_at", 1),
    ("valid_at", 1),
];
pub(super) const DATA: Names = &[
    ("event_data", 5),
    ("message_data", 5),
    ("payload", 5),
    ("data", 5),
    ("event_properties", 5),
    ("body", 4),
    ("json_data", 5),
    ("payload_json", 5),
    ("eventpayload", 5),
    ("event", 3),
    ("content", 3),
    ("state", 3),
    ("new_value", 3),
    ("value", 3),
    ("shared_data", 4),
    ("properties", 3),
    ("blob", 1),
];
pub(super) const METADATA: Names = &[
    ("metadata", 5),
    ("meta_data", 5),
    ("event_metadata", 5),
    ("message_metadata", 5),
    ("json_metadata", 5),
    ("metadata_json", 5),
    ("meta", 4),
    ("headers", 4),
    ("custom_headers", 4),
    ("context", 2),
];
pub(super) const EVENT_ID: Names = &[
    ("event_id", 5),
    ("message_id", 5),
    ("event_identifier", 5),
    ("eventid", 5),
    ("messageid", 5),
    ("commitid", 3),
    ("uuid", 2),
    ("id", 2),
];
pub(super) const SCHEMA_VERSION: Names = &[
    ("schema_version", 5),
    ("event_version", 5),
    ("payload_revision", 5),
    ("message_schema_version", 5),
    ("revision", 3),
    ("version", 3),
];
pub(super) const ACTOR: Names =
    &[("actor", 5), ("actor_id", 5), ("user_id", 4), ("user", 4), ("author", 4), ("created_by", 4), ("actor_kind", 3)];
pub(super) const ACTOR_TYPE: Names = &[("actor_type", 5), ("user_type", 4)];
pub(super) const SOURCE: Names = &[("source", 5), ("origin", 3), ("channel", 2)];
pub(super) const CAUSATION: Names =
    &[("causation_id", 5), ("causationid", 5), ("causation_event_id", 5), ("cause_id", 4), ("command_id", 3)];
pub(super) const CORRELATION: Names = &[
    ("correlation_id", 5),
    ("correlationid", 5),
    ("correlation", 4),
    ("trace_id", 3),
    ("request_id", 3),
    ("batchid", 3),
    ("invocation_id", 3),
    ("consensus_id", 2),
];

/// How strongly a column's name suggests a role, from 0 to 5.
pub(super) fn rank(names: Names, column: &str) -> f32 {
    let column = column.to_lowercase();
    let whole = names.iter().find(|(name, _)| *name == column).map(|(_, rank)| f32::from(*rank));
    whole.unwrap_or_else(|| {
        let tail = |name: &str| column.strip_suffix(name).is_some_and(|head| head.ends_with('_'));
        names.iter().filter(|(name, _)| tail(name)).map(|(_, rank)| f32::from(*rank) / 2.0).fold(0.0, f32::max)
    })
}

/// What a table's name says for or against its being the log of events.
pub(super) fn table_hint(table: &str) -> f32 {
    let table = table.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| table.contains(word));
    if any(&[
        "snapshot",
        "projection",
        "readmodel",
        "outbox",
        "inbox",
        "newevents",
        "new_events",
        "migration",
        "checkpoint",
    ]) {
        -0.4
    } else if any(&["event", "journal", "message", "commit", "history", "log", "store"]) {
        0.15
    } else {
        0.0
    }
}
