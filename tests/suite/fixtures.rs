//! Every real database is read as the answer key, `expected.json`, says: the profile, each field of each event, the counts
//! and versions, and what the other tables are for. And not one byte of a file is changed by it.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use eventscope::codec::id;
use eventscope::codec::{Format, decode};
use eventscope::event::{Event, Payload};
use eventscope::filter::{Field, Filter, NumberField, Op, Term, compile};
use eventscope::profile::{Level, Role};
use eventscope::replay::{Limits, Reducers, Timeline};
use eventscope::source::{Choice, OpenOptions, Source, TableStart};
use rusqlite::types::Value as Stored;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

/// The file, the profile, how many events and streams there are, the first and the last version.
type File = (&'static str, &'static str, u64, usize, (i64, i64));

const FILES: [File; 34] = [
    ("ddl_axon", "axon", 1501, 115, (0, 26)),
    ("ddl_beads", "beads", 379, 60, (1, 10)),
    ("ddl_durabletask_go", "durabletask", 240, 40, (0, 5)),
    ("ddl_eventflow", "eventflow", 1501, 115, (1, 27)),
    ("ddl_eventuous", "eventuous", 1501, 115, (0, 26)),
    ("ddl_kine", "kine", 901, 116, (1, 18)),
    // 1,045 commits.
    ("ddl_neventstore", "neventstore", 1501, 115, (1, 27)),
    ("ddl_patchlevel", "patchlevel", 1501, 115, (1, 27)),
    ("ddl_sqlstreamstore", "sqlstreamstore", 1501, 115, (0, 26)),
    ("ddl_t3code", "t3code", 694, 28, (0, 43)),
    // 150 batches.
    ("ddl_temporal", "temporal", 315, 30, (1, 14)),
    ("dotnet_akka_1.4.43", "akka", 2541, 130, (1, 81)),
    ("dotnet_akka_latest", "akka", 2542, 130, (1, 82)),
    ("go_hallgren", "hallgren", 938, 55, (1, 27)),
    ("live_wal", "eventsourcing", 100, 70, (1, 4)),
    ("node_emmett_0_42", "emmett", 1501, 115, (1, 27)),
    ("node_opencode", "opencode", 287, 7, (0, 64)),
    ("php_broadway", "broadway", 1501, 115, (0, 26)),
    ("php_broadway_binary", "broadway", 1501, 115, (0, 26)),
    ("php_spatie_ddl", "spatie", 1516, 116, (1, 1466)),
    ("py_adk_database", "adk", 578, 40, (1, 24)),
    ("py_dagster_consolidated", "dagster", 288, 9, (1, 33)),
    ("py_eventsourcing_aes", "eventsourcing", 1501, 115, (1, 27)),
    ("py_eventsourcing_follower", "eventsourcing", 84, 2, (1, 69)),
    ("py_eventsourcing_json", "eventsourcing", 1501, 115, (1, 27)),
    ("py_eventsourcing_norowid", "eventsourcing", 500, 115, (1, 12)),
    ("py_eventsourcing_zlib", "eventsourcing", 1501, 115, (1, 27)),
    ("py_homeassistant", "home-assistant", 661, 1, (1, 661)),
    ("py_homeassistant", "home-assistant-states", 548, 4, (1, 143)),
    ("py_ouroboros", "ouroboros", 654, 92, (1, 32)),
    ("ruby_res_json", "rails-event-store", 1501, 115, (0, 26)),
    ("ruby_res_yaml", "rails-event-store", 1501, 115, (0, 26)),
    ("rust_evento", "evento", 938, 55, (1, 27)),
    ("rust_sqlite_es", "sqlite-es", 1502, 115, (1, 27)),
];

/// What the answer key says in prose, in SQL: the beginning of the files' names, the field, the expression. Nothing is
/// compared where there is none: of these files `libraries.rs` has the fields that SQL alone cannot read.
const IN_SQL: [(&str, &str, &str); 23] = [
    (
        "py_eventsourcing",
        "stream_type",
        "substr(topic, instr(topic, ':') + 1, instr(topic, '.') - instr(topic, ':') - 1)",
    ),
    ("py_eventsourcing", "event_type", "substr(topic, instr(topic, '.') + 1)"),
    ("py_eventsourcing_aes", "timestamp", "NULL"),
    ("py_eventsourcing_zlib", "timestamp", ""),
    ("py_eventsourcing", "timestamp", "json_extract(CAST(state AS TEXT), '$.timestamp._data_')"),
    ("node_emmett", "stream_type", "substr(stream_id, 1, instr(stream_id, '-') - 1)"),
    ("node_opencode", "schema_version", "replace(type, rtrim(type, '0123456789'), '')"),
    ("dotnet_akka", "event_type", "iif(manifest = '', json_extract(CAST(payload AS TEXT), '$.\"$type\"'), manifest)"),
    ("py_adk", "stream_id", "user_id || '/' || session_id"),
    ("py_dagster", "event_type", "coalesce(dagster_event_type, 'LOG')"),
    ("ddl_beads", "payload", "new_value"),
    (
        "ruby_res",
        "stream_id",
        "(SELECT stream FROM event_store_events_in_streams s WHERE s.event_id = main.event_id AND position NOTNULL)",
    ),
    (
        "ruby_res",
        "version",
        "(SELECT position FROM event_store_events_in_streams s WHERE s.event_id = main.event_id AND position NOTNULL)",
    ),
    ("rust_evento", "timestamp", "timestamp * 1000 + timestamp_subsec"),
    ("ddl_kine", "stream_type", "iif(name LIKE '/registry/%', substr(name, 11, instr(substr(name, 11), '/') - 1), '')"),
    ("ddl_kine", "version", "row_number() OVER (PARTITION BY name ORDER BY id)"),
    ("ddl_kine", "event_type", "iif(deleted = 1, 'deleted', iif(created = 1, 'created', 'updated'))"),
    // Where no event is the cause, a command is.
    ("ddl_t3code", "causation", "coalesce(causation_event_id, command_id)"),
    ("php_spatie", "stream_id", "coalesce(aggregate_uuid, 'stored_events')"),
    ("php_spatie", "version", "coalesce(aggregate_version, id)"),
    ("ddl_durabletask", "event_type", ""),
    ("ddl_durabletask", "timestamp", ""),
    ("py_homeassistant", "actor", "nullif(lower(hex(context_user_id_bin)), '')"),
];

/// Fields that a profile finds although the answer key has no place for them, and why.
const BEYOND: [(&str, &str, &str); 6] = [
    ("node_opencode", "position", "the rowid is the order of writing"),
    ("node_opencode", "timestamp", "inside the data"),
    ("py_adk", "event_type", "the author stands for it"),
    ("rust_sqlite_es", "timestamp", "the application puts it into the metadata"),
    ("py_homeassistant", "event_type", "every state is a change of state"),
    ("dotnet_akka", "metadata", "the tags"),
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A copy of a database in a folder of its own, with what lies beside it, read through a profile.
struct Opened {
    _folder: tempfile::TempDir,
    path: PathBuf,
    source: Source,
}

fn open(file: &str, profile: &str) -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{file}.db"));
    std::fs::copy(fixture(&format!("{file}.db")), &path).unwrap();
    let chosen = (profile == "home-assistant-states").then(|| Choice::Name(profile.to_owned()));
    let source = Source::open(&path, &OpenOptions { profile: chosen, ..OpenOptions::default() }).unwrap();
    Opened { _folder: folder, path, source }
}

fn everything(source: &Source) -> Vec<Event> {
    source.page_at(0, usize::MAX).unwrap()
}

#[test]
fn each_file_is_recognised_and_counted() {
    for (file, profile, events, streams, versions) in FILES {
        let opened = open(file, profile);
        let found = opened.source.detection().unwrap();
        assert_eq!(found.profile.name, profile, "{file}");
        assert_eq!(found.confidence.level(), Level::Certain, "{file}: {}", found.reason);
        assert_eq!(opened.source.count().unwrap(), events, "{file}");
        let all = everything(&opened.source);
        assert_eq!(all.len() as u64, events, "{file}");
        let range = (all.iter().map(|event| event.version).min(), all.iter().map(|event| event.version).max());
        assert_eq!(range, (Some(versions.0), Some(versions.1)), "{file}");
        let mut listed = Vec::new();
        opened
            .source
            .streams(&mut |stream| {
                listed.push(stream);
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(listed.len(), streams, "{file}");
        assert_eq!(listed.iter().map(|stream| stream.events).sum::<u64>(), events, "{file}");
        assert!(all.iter().all(|event| !event.event_type.is_empty()), "{file}");
        let untimed = match file {
            "ddl_kine" | "py_eventsourcing_aes" => all.len(),
            // One time is 2026-01-06T20:43:070+00:00; one event has none in its metadata.
            "ddl_eventflow" | "rust_sqlite_es" => 1,
            _ => 0,
        };
        let timed = all.iter().filter(|event| event.timestamp.as_ref().is_some_and(|time| time.utc.is_some())).count();
        assert_eq!(all.len() - timed, untimed, "{file}: {:?}", all[0].timestamp);
    }
}

#[test]
fn what_the_other_profile_would_say_is_offered() {
    for (file, others) in [
        ("py_homeassistant", vec!["home-assistant-states"]),
        ("ruby_res_yaml", vec!["rails-event-store-streams"]),
        ("node_emmett_0_42", vec![]),
    ] {
        let source = Source::open(fixture(&format!("{file}.db")), &OpenOptions::default()).unwrap();
        let names: Vec<&str> = source.others().iter().map(|other| other.profile.name.as_str()).collect();
        assert_eq!(names, others, "{file}");
    }
}

#[test]
fn each_field_is_what_the_answer_key_says() {
    let key: Value = serde_json::from_str(&std::fs::read_to_string(fixture("expected.json")).unwrap()).unwrap();
    for (file, profile, ..) in FILES {
        // A row of these holds several events: see `libraries.rs`.
        if ["live_wal", "ddl_neventstore", "ddl_temporal"].contains(&file) {
            continue;
        }
        let opened = open(file, profile);
        let entry = &key[file][usize::from(profile == "home-assistant-states")];
        check_fields(file, entry, &opened);
        check_roles(file, entry, &opened.source);
    }
}

/// The fields of an event by their names in the answer key.
const FIELDS: [&str; 12] = [
    "stream_id",
    "stream_type",
    "version",
    "position",
    "event_id",
    "event_type",
    "schema_version",
    "timestamp",
    "actor",
    "causation",
    "correlation",
    "payload",
];

fn check_fields(file: &str, entry: &Value, opened: &Opened) {
    let events = everything(&opened.source);
    for field in FIELDS.into_iter().chain(["metadata"]) {
        match entry.get(field) {
            Some(Value::String(says)) => {
                let Some(sql) = in_sql(file, field, says) else { continue };
                let values = column(&opened.path, &sql, entry);
                assert_eq!(values.len(), events.len(), "{file} {field}");
                for (event, value) in events.iter().zip(values) {
                    assert_same(file, field, event, &value);
                }
            }
            Some(Value::Null) => {
                let beyond = BEYOND.iter().any(|(start, known, _)| file.starts_with(start) && *known == field);
                assert!(beyond || events.iter().all(|event| is_absent(event, field, opened)), "{file} {field}");
            }
            _ => {}
        }
    }
}

/// What the answer key says of a field, in SQL.
fn in_sql(file: &str, field: &str, says: &str) -> Option<String> {
    let quoted = |name: &str| format!("\"{name}\"");
    if let Some((_, _, sql)) = IN_SQL.iter().find(|(start, known, _)| file.starts_with(start) && *known == field) {
        return (!sql.is_empty()).then(|| (*sql).to_owned());
    }
    // Several columns make one document.
    if says.contains(" + ") {
        return None;
    }
    if let Some((column, place)) = says.split_once("=>") {
        let (table, rest) = place.split_once('.').unwrap();
        let (key, value) = rest.split_once(':').unwrap();
        return Some(format!("(SELECT other.{value} FROM {table} other WHERE other.{key} = main.{column})"));
    }
    if let Some((column, key)) = says.split_once("->") {
        return Some(format!("json_extract(CAST({column} AS TEXT), '$.\"{key}\"')"));
    }
    // The answer key explains some names in parentheses.
    let name = says.split(' ').next().unwrap();
    assert!(
        name.chars().all(|char| char.is_alphanumeric() || char == '_'),
        "{file} {field} needs an expression: {says}"
    );
    Some(format!("main.{}", quoted(name)))
}

/// The values of an expression for each row, in the order that the answer key names. Nothing of this program is asked.
fn column(path: &Path, sql: &str, entry: &Value) -> Vec<Stored> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let order = match (&entry["order_by"], &entry["position"]) {
        (_, Value::String(position)) => position.clone(),
        // Such as `timestamp,id (id is a ULID)`.
        (Value::String(order), _) => order.split(' ').next().unwrap().to_owned(),
        _ if entry["table"] == "event" => "rowid".to_owned(),
        _ => "originator_id, originator_version".to_owned(),
    };
    let query = format!("SELECT {sql} FROM \"{}\" main ORDER BY {order}", entry["table"].as_str().unwrap());
    let mut statement = conn.prepare(&query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let rows = statement.query_map([], |row| Ok(raw(row.get_ref(0)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The value with its bytes: text need not be UTF-8.
fn raw(value: rusqlite::types::ValueRef<'_>) -> Stored {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Stored::Blob(bytes.to_vec()),
        ValueRef::Null => Stored::Null,
        ValueRef::Integer(number) => Stored::Integer(number),
        ValueRef::Real(number) => Stored::Real(number),
    }
}

fn assert_same(file: &str, field: &str, event: &Event, value: &Stored) {
    let payload =
        |payload: &Payload| -> Option<Vec<u8>> { (*payload != Payload::default()).then(|| payload.raw.to_vec()) };
    if let "payload" | "metadata" = field {
        let here = payload(if field == "payload" { &event.data } else { &event.metadata });
        let there = match value {
            Stored::Null => None,
            Stored::Blob(bytes) => Some(bytes.clone()),
            other => panic!("{file} {field}: {other:?}"),
        };
        assert_eq!(here, there, "{file} {field} at {}", event.position);
        return;
    }
    let here = match field {
        "stream_id" => Some(event.stream.aggregate_id.clone()),
        "stream_type" => Some(event.stream.aggregate_type.clone()),
        "version" => Some(event.version.to_string()),
        "position" => Some(event.position.to_string()),
        "event_id" => event.id.clone(),
        "event_type" => Some(event.event_type.clone()),
        "schema_version" => event.schema_version.clone(),
        "timestamp" => event.timestamp.as_ref().map(|time| time.stored.to_string()),
        "actor" => event.actor.clone(),
        "causation" => event.causation_id.clone(),
        _ => event.correlation_id.clone(),
    };
    let there = match (file, field, value) {
        ("py_homeassistant", "causation" | "correlation", Stored::Blob(bytes)) => {
            (!bytes.is_empty()).then(|| id::ulid(bytes).unwrap())
        }
        ("ddl_eventflow", "correlation", Stored::Blob(bytes)) => id::guid(bytes),
        _ => decode::text(value.into(), Format::Auto),
    };
    assert_eq!(here, there, "{file} {field} at {}", event.position);
}

fn is_absent(event: &Event, field: &str, opened: &Opened) -> bool {
    let mapping = opened.source.mapping().unwrap();
    match field {
        "stream_id" => mapping.aggregate_id.is_none(),
        "version" => mapping.version.is_none(),
        "position" => mapping.position.is_none(),
        "event_id" => event.id.is_none(),
        "event_type" => event.event_type.is_empty(),
        "timestamp" => event.timestamp.is_none(),
        "metadata" => event.metadata == Payload::default(),
        other => panic!("{other}"),
    }
}

/// The tables beside the events are for what the answer key says, as far as the file has them.
fn check_roles(file: &str, entry: &Value, source: &Source) {
    let tables = source.tables();
    for (key, role) in [
        ("snapshots", Role::Snapshots),
        ("checkpoints", Role::Checkpoints),
        ("projections", Role::Projections),
        ("streams_table", Role::Streams),
    ] {
        let names =
            entry[key].as_str().unwrap_or_default().split([',', '|']).map(|name| name.split('.').next().unwrap());
        for name in names.filter(|name| !name.is_empty()) {
            let start = name.trim_end_matches('*');
            let meant = |table: &str| if start == name { table == name } else { table.starts_with(start) };
            // A projector's progress is a checkpoint, whatever its table is called.
            let meant = tables
                .iter()
                .filter(|table| meant(&table.name) && table.name != "projection_state" || table.name == name);
            for table in meant {
                assert_eq!(table.role, Some(role), "{file} {}", table.name);
            }
        }
    }
}

#[test]
fn a_filter_finds_in_sql_what_it_keeps_of_the_decoded_events() {
    for (file, profile, ..) in FILES {
        let opened = open(file, profile);
        let events = everything(&opened.source);
        let some = &events[events.len() / 2];
        let moment = some.timestamp.as_ref().and_then(|time| time.utc);
        let mut terms = vec![
            Term::field(Field::Type, &some.event_type),
            Term::stream(&some.stream),
            Term::field(Field::Aggregate, &some.stream.aggregate_type),
            Term::number(NumberField::Version, Op::Greater, 3),
            Term::number(NumberField::Position, Op::AtMost, some.position),
            Term::text("SKU-0001"),
        ];
        for (field, value) in [
            (Field::Id, &some.id),
            (Field::Schema, &some.schema_version),
            (Field::Actor, &some.actor),
            (Field::Correlation, &some.correlation_id),
            (Field::Causation, &some.causation_id),
        ] {
            terms.extend(value.iter().map(|value| Term::field(field, value)));
        }
        let after = moment.map(|moment| format!("after:{}", moment.format("%Y-%m-%dT%H:%M:%S")));
        terms.extend(after.iter().flat_map(|text| Filter::parse(text).unwrap().terms));
        for term in terms.iter().cloned().chain(terms.iter().map(|term| term.clone().negated())) {
            let filter = Filter { terms: vec![term] };
            let kept: Vec<i64> =
                events.iter().filter(|event| filter.keeps(event)).map(|event| event.position).collect();
            let found = opened.source.find(&compile(&filter, opened.source.mapping().unwrap())).unwrap();
            assert_eq!(found, kept, "{file}: {filter}");
        }
    }
}

/// Asks a source for everything that there is to ask.
fn use_it(source: &Source) {
    let events = everything(source);
    source.key_index(&mut |_| ()).unwrap();
    for event in events.iter().step_by(97) {
        let row = source.row_of(event.position).unwrap().unwrap();
        assert_eq!(source.page_at(row, 1).unwrap(), std::slice::from_ref(event));
        assert_eq!(source.event(event.position).unwrap().as_ref(), Some(event));
        let _ = source.related(event).unwrap();
        let from = event.version;
        let read: Vec<Event> =
            source.read_stream(&event.stream, from, Some(from)).unwrap().map(Result::unwrap).collect();
        assert!(read.contains(event), "{event:?}");
    }
    let filter = Filter::parse("version>2 -type:nothing sku").unwrap();
    source.find(&compile(&filter, source.mapping().unwrap())).unwrap();
    let mut streams = Vec::new();
    source
        .streams(&mut |stream| {
            streams.push(stream.name);
            ControlFlow::Continue(())
        })
        .unwrap();
    for stream in streams.iter().step_by(9) {
        let events = source.read_stream(stream, i64::MIN, None).unwrap();
        Timeline::build(events, &Reducers::guess(), Limits { bytes: 10_000 }, |_| ControlFlow::Continue(())).unwrap();
        source.snapshots(stream).unwrap();
    }
    source.all_snapshots(&mut |_| ControlFlow::Continue(())).unwrap();
    for table in source.tables() {
        source.table_len(&table.name).unwrap();
        source.table_page(&table.name, TableStart::Row(0), 20).unwrap();
    }
}

#[test]
fn no_byte_of_a_file_is_changed_by_reading_it() {
    for (file, profile, ..) in FILES {
        let opened = open(file, profile);
        use_it(&opened.source);
        let Opened { _folder, path, source } = opened;
        drop(source);
        assert!(std::fs::read(&path).unwrap() == std::fs::read(fixture(&format!("{file}.db"))).unwrap(), "{file}");
    }
}

#[test]
fn no_byte_of_a_write_ahead_log_is_changed_either() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["live_wal.db", "live_wal.db-wal"] {
        std::fs::copy(fixture(name), folder.path().join(name)).unwrap();
    }
    let source = Source::open(folder.path().join("live_wal.db"), &OpenOptions::default()).unwrap();
    assert_eq!(source.count().unwrap(), 260);
    use_it(&source);
    drop(source);
    for name in ["live_wal.db", "live_wal.db-wal"] {
        assert!(std::fs::read(folder.path().join(name)).unwrap() == std::fs::read(fixture(name)).unwrap(), "{name}");
    }
}

#[test]
fn what_is_no_event_store_is_a_set_of_tables() {
    let source = Source::open(fixture("decoy_fossil.db"), &OpenOptions::default()).unwrap();
    assert!(source.tables().iter().any(|table| table.name == "event"));
    let certain = source.detection().map(|found| found.confidence.level());
    assert!(certain.is_none_or(|level| level < Level::Likely), "{certain:?}");
}
