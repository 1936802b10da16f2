//! The fields of a mapping as the dialog lists them: their names, what can be said of how they are written, and how
//! they are looked up and changed in a profile.

use crate::codec::{Codec, Format};
use crate::profile::{Field, Mapping, Profile, SnapshotMapping};

/// How a field's value is written, and so what else can be chosen for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number.
    Number,
    /// A name or an id.
    Text,
    /// A moment.
    Moment,
    /// A document.
    Payload,
}

/// A field as the dialog lists it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    /// Its name, as in TOML and in faults; the snapshots' ones begin with `snapshots.`.
    pub(super) name: &'static str,
    /// Its name on screen.
    pub(super) title: &'static str,
    /// What it means, in a sentence.
    pub(super) help: &'static str,
    /// How its value is written.
    pub(super) kind: Kind,
    /// Whether a mapping cannot do without it.
    pub(super) needed: bool,
}

const fn field(name: &'static str, title: &'static str, kind: Kind, help: &'static str) -> Listed {
    Listed { name, title, help, kind, needed: false }
}

const fn needed(name: &'static str, title: &'static str, kind: Kind, help: &'static str) -> Listed {
    Listed { needed: true, ..field(name, title, kind, help) }
}

/// The fields of an event, in the order in which a person looks for them.
pub(super) const EVENT: [Listed; 15] = [
    needed("data", "data", Kind::Payload, "What the event says."),
    field("event_type", "event type", Kind::Text, "What happened."),
    field("aggregate_type", "aggregate type", Kind::Text, "What kind of thing the stream is about."),
    field("aggregate_id", "aggregate id", Kind::Text, "Which one of that kind; without it the table is one stream."),
    field("version", "version", Kind::Number, "The place in the stream; without it events are counted."),
    field("position", "position", Kind::Number, "The place in the whole store; without it rows are counted."),
    field("timestamp", "timestamp", Kind::Moment, "When it was recorded."),
    field("event_id", "event id", Kind::Text, "The event's own id."),
    field("schema_version", "schema version", Kind::Text, "The version of the event type's own shape."),
    field("actor", "actor", Kind::Text, "Who caused it."),
    field("actor_type", "actor type", Kind::Text, "What kind of actor that is."),
    field("source", "source", Kind::Text, "Through what it came."),
    field("causation_id", "causation", Kind::Text, "The id of the event or command that caused it."),
    field("correlation_id", "correlation", Kind::Text, "The id that everything caused by one request shares."),
    field("metadata", "metadata", Kind::Payload, "What surrounds the data."),
];

/// The fields of a snapshot.
pub(super) const SNAPSHOT: [Listed; 5] = [
    needed("snapshots.aggregate_id", "snapshot of", Kind::Text, "The aggregate id, written as in the events."),
    needed("snapshots.version", "snapshot version", Kind::Number, "The last version that the state contains."),
    needed("snapshots.state", "snapshot state", Kind::Payload, "The state."),
    field("snapshots.aggregate_type", "snapshot type", Kind::Text, "The aggregate type, written as in the events."),
    field("snapshots.timestamp", "snapshot time", Kind::Moment, "When it was taken."),
];

/// What a field reads as on screen, by its name in TOML.
pub(super) fn title_of(name: &str) -> &str {
    let listed = EVENT.iter().chain(&SNAPSHOT).find(|listed| listed.name == name);
    listed.map_or_else(|| clause_title(name), |listed| listed.title)
}

fn clause_title(name: &str) -> &str {
    match name {
        "from" => "from",
        "table" => "events table",
        "where" => "row filter",
        "stream_order" => "order in a stream",
        "snapshots.from" => "snapshots table",
        "snapshots.where" => "snapshot filter",
        other => other,
    }
}

/// A field of a profile, by its name.
pub(super) fn get<'a>(profile: &'a Profile, name: &str) -> Option<&'a Field> {
    if let Some(name) = name.strip_prefix("snapshots.") {
        return snapshot_field(profile.snapshots.as_ref()?, name);
    }
    if name == "data" {
        return Some(&profile.events.data).filter(|data| **data != Field::default());
    }
    profile.events.optional_fields().find(|(known, _)| *known == name).and_then(|(_, field)| field)
}

fn snapshot_field<'a>(snapshots: &'a SnapshotMapping, name: &str) -> Option<&'a Field> {
    let needed = match name {
        "aggregate_type" => return snapshots.aggregate_type.as_ref(),
        "timestamp" => return snapshots.timestamp.as_ref(),
        "aggregate_id" => &snapshots.aggregate_id,
        "version" => &snapshots.version,
        "state" => &snapshots.state,
        _ => return None,
    };
    Some(needed).filter(|field| **field != Field::default())
}

/// Changes a field of a profile; one that a mapping cannot do without is left empty instead of away.
pub(super) fn set(profile: &mut Profile, name: &str, field: Option<Field>) {
    if let Some(name) = name.strip_prefix("snapshots.") {
        if let Some(snapshots) = &mut profile.snapshots {
            set_snapshot(snapshots, name, field);
        }
    } else if name == "data" {
        profile.events.data = field.unwrap_or_default();
    } else if let Some((_, place)) = profile.events.optional_fields_mut().find(|(known, _)| *known == name) {
        *place = field;
    }
}

fn set_snapshot(snapshots: &mut SnapshotMapping, name: &str, field: Option<Field>) {
    match name {
        "aggregate_type" => snapshots.aggregate_type = field,
        "timestamp" => snapshots.timestamp = field,
        "aggregate_id" => snapshots.aggregate_id = field.unwrap_or_default(),
        "version" => snapshots.version = field.unwrap_or_default(),
        "state" => snapshots.state = field.unwrap_or_default(),
        _ => {}
    }
}

/// Snapshots in a table of which nothing is known yet.
pub(super) fn new_snapshots(from: String) -> SnapshotMapping {
    SnapshotMapping {
        from,
        filter: None,
        aggregate_type: None,
        aggregate_id: Field::default(),
        version: Field::default(),
        timestamp: None,
        state: Field::default(),
    }
}

/// Whether two mappings write an event in the same way, so that what appends to the one appends to the other.
pub(super) fn write_alike(before: &Mapping, after: &Mapping) -> bool {
    before.from == after.from
        && before.table == after.table
        && before.filter == after.filter
        && before.position == after.position
        && before.aggregate_type == after.aggregate_type
        && before.aggregate_id == after.aggregate_id
        && before.version == after.version
        && before.event_type == after.event_type
        && before.timestamp == after.timestamp
        && before.data == after.data
        && before.metadata == after.metadata
}

/// Whether two mappings put the same events in the same order and take their times from the same place.
pub(super) fn order_alike(before: &Mapping, after: &Mapping) -> bool {
    before.from == after.from
        && before.filter == after.filter
        && before.position == after.position
        && before.order == after.order
        && before.timestamp == after.timestamp
}

/// The formats that a field of a kind can have.
pub(super) fn formats(kind: Kind) -> &'static [Format] {
    match kind {
        Kind::Number | Kind::Payload => &[],
        Kind::Text => &[Format::Auto, Format::Text, Format::Uuid, Format::Guid, Format::Ulid, Format::Hex],
        Kind::Moment => &Format::MOMENTS,
    }
}

/// A format in words.
pub(super) fn format_title(format: Format) -> &'static str {
    match format {
        Format::Auto => "automatic",
        Format::Text => "text as it is",
        Format::Uuid => "UUID",
        Format::Guid => ".NET GUID",
        Format::Ulid => "ULID",
        Format::Hex => "hexadecimal",
        Format::Iso8601 => "ISO 8601",
        Format::Sqlite => "SQLite",
        Format::UnixSeconds => "Unix seconds",
        Format::UnixMillis => "Unix ms",
        Format::UnixMicros => "Unix µs",
        Format::UnixNanos => "Unix ns",
        Format::JulianDay => "Julian day",
        Format::DotnetTicks => ".NET ticks",
        Format::Webkit => "WebKit µs",
        Format::Filetime => "FILETIME",
        Format::CoreData => "Core Data",
        Format::OleDate => "OLE date",
    }
}

/// The layers of an encoding in words, outermost first.
pub(super) fn layers_title(layers: &[Codec]) -> String {
    if layers.is_empty() {
        return "automatic".to_owned();
    }
    layers.iter().map(|layer| layer.name()).collect::<Vec<_>>().join(", ")
}

/// The expressions of a list with commas between them. Commas in parentheses and in quotation marks belong to an
/// expression.
pub(super) fn split_list(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut quote) = (0_usize, None);
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '\'' | '"' | '`') => quote = Some(letter),
            (None, '[') => quote = Some(']'),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_mapping_is_listed_and_can_be_changed() {
        let mut profile = Profile { snapshots: Some(new_snapshots("s".into())), ..Profile::default() };
        for listed in EVENT.iter().chain(&SNAPSHOT) {
            assert_eq!(get(&profile, listed.name), None, "{}", listed.name);
            set(&mut profile, listed.name, Some(Field::new(listed.name)));
            assert_eq!(get(&profile, listed.name).map(|field| field.sql.as_str()), Some(listed.name));
        }
        assert!(profile.events.optional_fields().all(|(_, field)| field.is_some()));
    }

    #[test]
    fn a_list_is_split_at_its_own_commas() {
        assert_eq!(split_list("a, coalesce(b, c) ,'x,y', \"d,e\","), ["a", "coalesce(b, c)", "'x,y'", "\"d,e\""]);
        assert!(split_list(" ").is_empty());
    }

    #[test]
    fn what_is_not_written_may_change_while_events_are_still_appended() {
        let before = Mapping { from: "log".into(), data: Field::new("body"), ..Mapping::default() };
        let actor = Mapping { actor: Some(Field::new("who")), ..before.clone() };
        assert!(write_alike(&before, &actor));
        let data = Mapping { data: Field::new("text"), ..before.clone() };
        assert!(!write_alike(&before, &data));
    }
}
