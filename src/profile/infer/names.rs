//! What names suggest. They only break ties between columns whose values would fit.

/// Names for one role, each with how strongly it suggests the role, from 0 to 5. Capitals, dashes and underscores are of
/// no account; a name whose last words are one of these counts half.
pub(in crate::profile) type Names = &'static [(&'static str, u8)];

pub(super) const EVENT_TYPE: Names = &[
    ("event_type", 5),
    ("message_type", 5),
    ("payload_type", 5),
    ("event_name", 5),
    ("event_class", 5),
    ("event_kind", 5),
    ("type", 4),
    ("type_name", 4),
    ("topic", 4),
    ("tag", 3),
    ("reason", 3),
    ("name", 3),
    ("event", 3),
    ("action", 3),
    ("op", 3),
    ("operation", 3),
    ("kind", 2),
    ("manifest", 2),
    ("verb", 2),
    ("class", 2),
    ("change", 1),
];
pub(super) const AGGREGATE_TYPE: Names = &[
    ("aggregate_type", 5),
    ("stream_type", 5),
    ("aggregator_type", 5),
    ("aggregate_kind", 5),
    ("aggregate_name", 5),
    ("aggregate_root_type", 5),
    ("entity_type", 5),
    ("entity_name", 4),
    ("aggregate", 4),
    ("entity", 4),
    ("category", 4),
    ("collection", 4),
    ("dataset", 3),
    ("stream", 3),
    ("model", 3),
    ("app_name", 2),
    ("type", 2),
    ("kind", 1),
    ("table_name", 3),
];
pub(super) const STREAM: Names = &[
    ("aggregate_id", 5),
    ("stream_id", 5),
    ("stream_name", 5),
    ("stream_key", 5),
    ("aggregator_id", 5),
    ("originator_id", 5),
    ("persistence_id", 5),
    ("aggregate_uuid", 5),
    ("aggregate_root_id", 5),
    ("aggregate_identifier", 5),
    ("entity_id", 5),
    ("entity_uuid", 5),
    ("subject_id", 4),
    ("object_id", 4),
    ("document_id", 4),
    ("record_id", 4),
    ("stream", 4),
    ("session_id", 4),
    ("run_id", 4),
    ("instance_id", 4),
    ("execution_id", 4),
    ("issue_id", 4),
    ("thread_id", 3),
    ("workflow_id", 3),
    ("entity", 3),
    ("aggregate", 3),
    ("subject", 4),
    ("uuid", 2),
    ("id", 2),
    ("key", 1),
    ("name", 1),
    ("row", 1),
];
pub(in crate::profile) const VERSION: Names = &[
    ("version", 5),
    ("aggregate_version", 5),
    ("stream_version", 5),
    ("stream_position", 5),
    ("playhead", 5),
    ("sequence_number", 5),
    ("sequence_nr", 5),
    ("aggregate_sequence_number", 5),
    ("originator_version", 5),
    ("sequence", 4),
    ("seq", 4),
    ("seq_no", 4),
    ("event_number", 4),
    ("revision", 3),
    ("rev", 3),
    ("position", 3),
    ("number", 2),
    ("ordinal", 2),
    ("index", 1),
];
pub(super) const TIMESTAMP: Names = &[
    ("occurred_at", 5),
    ("occurred_on", 5),
    ("happened_at", 5),
    ("occurred", 5),
    ("event_timestamp", 5),
    ("event_time", 5),
    ("timestamp", 4),
    ("time_stamp", 4),
    ("recorded_at", 4),
    ("recorded_on", 4),
    ("recorded", 4),
    ("created_at", 4),
    ("created_utc", 4),
    ("created", 4),
    ("created_on", 4),
    ("commit_stamp", 4),
    ("time", 4),
    ("datetime", 4),
    ("ts", 3),
    ("at", 3),
    ("stored_at", 3),
    ("inserted_at", 3),
    ("received_at", 2),
    ("mtime", 2),
    ("date", 2),
    ("on", 2),
    ("when", 2),
    ("stamp", 2),
    ("ticks", 2),
    ("timestamp_ms", 4),
    ("time_of_recording", 4),
];
pub(super) const DATA: Names = &[
    ("event_data", 5),
    ("message_data", 5),
    ("payload", 5),
    ("data", 5),
    ("event_properties", 5),
    ("event_payload", 5),
    ("event_body", 5),
    ("json_data", 5),
    ("payload_json", 5),
    ("body", 4),
    ("shared_data", 4),
    ("new_value", 4),
    ("changes", 4),
    ("event", 3),
    ("content", 3),
    ("state", 3),
    ("value", 3),
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
    ("context", 3),
];
pub(super) const EVENT_ID: Names = &[
    ("event_id", 5),
    ("message_id", 5),
    ("event_identifier", 5),
    ("event_uuid", 5),
    ("identifier", 3),
    ("commit_id", 3),
    ("guid", 2),
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
pub(super) const ACTOR: Names = &[
    ("actor", 5),
    ("actor_id", 5),
    ("user_id", 4),
    ("user", 4),
    ("user_name", 4),
    ("author", 4),
    ("created_by", 4),
    ("changed_by", 4),
    ("performed_by", 4),
    ("sender", 4),
    ("causer_id", 4),
    ("whodunnit", 4),
    ("actor_kind", 3),
    ("by", 5),
    ("owner", 3),
];
pub(super) const ACTOR_TYPE: Names = &[("actor_type", 5), ("user_type", 4), ("causer_type", 4)];
pub(super) const SOURCE: Names = &[("source", 5), ("origin", 3), ("channel", 2)];
pub(super) const CAUSATION: Names =
    &[("causation_id", 5), ("causation", 4), ("causation_event_id", 5), ("cause_id", 4), ("command_id", 3)];
pub(super) const CORRELATION: Names = &[
    ("correlation_id", 5),
    ("correlation", 4),
    ("trace_id", 3),
    ("request_id", 3),
    ("batch_id", 3),
    ("batch_uuid", 3),
    ("context_id", 3),
    ("invocation_id", 3),
    ("consensus_id", 2),
    ("transaction_id", 2),
];
/// The place of a row in a store that is spread over several parts: it says nothing of what the event is about.
pub(super) const PARTITION: Names = &[
    ("partition", 5),
    ("partition_no", 5),
    ("partition_id", 5),
    ("shard", 5),
    ("shard_id", 5),
    ("bucket", 5),
    ("bucket_id", 5),
    ("tenant", 5),
    ("tenant_id", 5),
    ("app_id", 3),
];
/// Columns that name a field, and those that hold its new value, where each row sets one field.
pub(super) const FIELD_NAME: Names = &[
    ("field", 5),
    ("field_name", 5),
    ("attribute", 5),
    ("property", 5),
    ("column", 5),
    ("column_name", 5),
    ("key", 3),
];
pub(super) const FIELD_VALUE: Names = &[("new_value", 5), ("value", 4), ("val", 4), ("after", 3)];

/// Words in the names of columns whose values change during a row's life: a fact has none.
const LIFE: [&str; 33] = [
    "status",
    "attempt",
    "attempts",
    "retries",
    "locked",
    "lock",
    "priority",
    "due",
    "scheduled",
    "enabled",
    "updated",
    "modified",
    "finished",
    "completed",
    "closed",
    "started",
    "ended",
    "start",
    "end",
    "expires",
    "published",
    "run",
    "assignee",
    "title",
    "read",
    "hidden",
    "deadline",
    "progress",
    "stock",
    "price",
    "balance",
    "recurrence",
    "flags",
];

/// The words of a name, in lower case: `AggregateId`, `aggregate-id` and `aggregate_id` are the same two.
pub(in crate::profile) fn words(name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let (mut lower, mut fresh) = (false, true);
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            fresh = true;
            continue;
        }
        if fresh || lower && letter.is_uppercase() {
            found.push(String::new());
        }
        (lower, fresh) = (letter.is_lowercase() || letter.is_numeric(), false);
        if let Some(word) = found.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    found
}

/// How strongly a column's name suggests a role, from 0 to 5.
pub(in crate::profile) fn rank(names: Names, column: &str) -> f32 {
    let words = words(column);
    let whole = words.concat();
    let of = |rank: &u8| f32::from(*rank);
    if let Some((_, rank)) = names.iter().find(|(name, _)| name.replace('_', "") == whole) {
        return of(rank);
    }
    let tail = |name: &str| {
        let wanted: Vec<&str> = name.split('_').collect();
        words.len() > wanted.len() && words.iter().rev().zip(wanted.iter().rev()).all(|(a, b)| a == b)
    };
    names.iter().filter(|(name, _)| tail(name)).map(|(_, rank)| of(rank) / 2.0).fold(0.0, f32::max)
}

/// How many of the columns are named like what changes during a row's life.
pub(super) fn life<'a>(columns: impl Iterator<Item = &'a str>) -> usize {
    columns.filter(|name| changes(name)).count()
}

/// Whether a column is named like what changes during a row's life.
pub(super) fn changes(column: &str) -> bool {
    let words = words(column);
    let id = words.last().is_some_and(|word| word == "id");
    !id && words.iter().any(|word| LIFE.contains(&word.as_str()))
}

/// Whether a column is named like what was there before.
pub(super) fn is_former(column: &str) -> bool {
    let words = words(column);
    let former = ["old", "previous", "prev", "before", "original"];
    words.iter().any(|word| former.contains(&word.as_str())) || words.concat().starts_with("old")
}

/// What a table's name says for or against its being the log of events.
pub(super) fn table_hint(table: &str) -> f32 {
    let words = words(table);
    let whole = words.concat();
    let against =
        ["snapshot", "projection", "readmodel", "outbox", "inbox", "newevents", "migration", "checkpoint", "queue"];
    let speaks = ["event", "journal", "message", "commit", "history", "log", "store", "fact", "audit", "activit"];
    if against.iter().any(|word| whole.contains(word)) {
        -0.4
    } else if speaks.iter().any(|word| words.iter().any(|it| it.starts_with(word))) || whole.contains("event") {
        0.15
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_a_name_is_written_is_of_no_account() {
        for name in [
            "aggregate_sequence_number",
            "AggregateSequenceNumber",
            "aggregate-sequence-number",
            "aggregatesequencenumber",
        ] {
            assert!(rank(VERSION, name) > 4.9, "{name}");
        }
        assert!((rank(STREAM, "room_id") - 1.0).abs() < 0.1 && rank(STREAM, "void") < 0.1);
        assert_eq!(words("UTCTicks2 at"), ["utcticks2", "at"]);
    }

    #[test]
    fn what_changes_is_no_fact() {
        assert_eq!(life(["id", "status", "updatedAt", "payload"].into_iter()), 2);
        assert!(is_former("oldvalue") && is_former("old_value") && !is_former("order_id"));
    }
}
