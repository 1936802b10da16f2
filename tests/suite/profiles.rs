//! Recognising databases: the five forms, real libraries' files, and what is no event store at all.

#[path = "../forms/mod.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
pub(crate) mod forms;

use eventscope::codec::{self, decode, encode};
use eventscope::profile::{self, Detection, Level};
use eventscope::source::{Choice, OpenOptions, Source, Stored, TableStart};
use rusqlite::{Connection, OpenFlags, ToSql, params_from_iter};
use serde_json::{Value, json};

fn form(name: &str) -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    let (_, script) = forms::FORMS.into_iter().find(|(form, _)| *form == name).unwrap();
    conn.execute_batch(script).unwrap();
    conn
}

fn fixture(name: &str) -> Connection {
    let path = format!("{}/tests/fixtures/{name}.db", env!("CARGO_MANIFEST_DIR"));
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn best(conn: &Connection) -> Detection {
    profile::detect(conn).unwrap().into_iter().next().unwrap()
}

/// The distinct values of an optional field, as text.
fn values(conn: &Connection, detection: &Detection, field: &str) -> Vec<String> {
    let events = &detection.profile.events;
    let (_, field) = events.optional_fields().find(|(name, _)| *name == field).unwrap();
    let field = field.unwrap();
    let sql = format!("SELECT DISTINCT ({}) FROM {} ORDER BY 1", field.sql, events.from);
    let mut statement = conn.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| Ok(decode::text(row.get_ref(0)?, field.format))).unwrap();
    rows.filter_map(Result::unwrap).collect()
}

#[test]
fn each_form_is_recognised_as_itself_and_as_nothing_else() {
    for (name, _) in forms::FORMS {
        let found = profile::detect(&form(name)).unwrap();
        let names: Vec<&str> = found.iter().map(|detection| detection.profile.name.as_str()).collect();
        assert_eq!(names, [name]);
        assert_eq!(found[0].confidence.level(), Level::Certain, "{name}");
        assert!(found[0].reason.contains("events sampled bear it out"), "{name}: {}", found[0].reason);
        assert!(found[0].profile.append.is_some(), "{name}");
    }
}

#[test]
fn an_empty_form_is_recognised_too() {
    let conn = form("service");
    conn.execute("DELETE FROM events", []).unwrap();
    let found = best(&conn);
    assert_eq!((found.profile.name.as_str(), found.confidence.level()), ("service", Level::Certain));
    assert!(found.reason.contains("no event in it yet"));
}

#[test]
fn real_libraries_are_recognised() {
    for (file, name, events) in [
        ("py_ouroboros", "ouroboros", 654),
        ("py_eventsourcing_json", "eventsourcing", 1501),
        ("node_emmett_0_42", "emmett", 1501),
        ("rust_sqlite_es", "sqlite-es", 1502),
    ] {
        let conn = fixture(file);
        let found = best(&conn);
        assert_eq!(found.profile.name, name);
        assert_eq!(found.confidence.level(), Level::Certain, "{file}: {}", found.reason);
        let mapping = &found.profile.events;
        let count: i64 =
            conn.query_row(&format!("SELECT count(*) FROM {}", mapping.from), [], |row| row.get(0)).unwrap();
        assert_eq!(count, events, "{file}");
    }
}

#[test]
fn fields_that_are_expressions_find_their_parts() {
    let conn = fixture("py_eventsourcing_json");
    let found = best(&conn);
    assert_eq!(values(&conn, &found, "aggregate_type"), ["BankAccount", "InventoryItem", "Order"]);
    assert!(values(&conn, &found, "event_type").contains(&"LineAdded".to_owned()));
    assert!(values(&conn, &found, "timestamp")[0].starts_with("2026-01-05T08:00:00.001000+00:00"));

    let conn = fixture("node_emmett_0_42");
    let found = best(&conn);
    assert_eq!(values(&conn, &found, "aggregate_type"), ["bank_account", "inventory_item", "shopping_order"]);
    assert!(values(&conn, &found, "actor").contains(&"carol".to_owned()));

    let conn = form("stream");
    let found = best(&conn);
    assert_eq!(values(&conn, &found, "aggregate_type"), ["cart"]);
    assert_eq!(values(&conn, &found, "correlation_id"), ["req-0", "req-1", "req-2", "req-3"]);

    let conn = form("sequence");
    let found = best(&conn);
    assert_eq!(values(&conn, &found, "aggregate_id"), ["events"]);
}

#[test]
fn a_broken_row_fails_no_expression() {
    for (name, _) in forms::FORMS {
        let conn = form(name);
        let found = best(&conn);
        let table = &found.profile.events.table;
        let columns: Vec<String> = ["payload", "data", "metadata"].into_iter().map(str::to_owned).collect();
        for column in columns {
            for broken in ["'{\"a\":'", "X'C1FF00'", "''", "'[1'"] {
                let _ = conn.execute(&format!("UPDATE {table} SET {column} = {broken}"), []);
            }
        }
        for (field, mapped) in found.profile.events.optional_fields() {
            if mapped.is_some() {
                values(&conn, &found, field);
            }
        }
        assert!(!profile::detect(&conn).unwrap().is_empty(), "{name}");
    }
}

#[test]
fn tables_without_rowid_are_ordered_by_their_key() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE stored_events (originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB,
           PRIMARY KEY (originator_id, originator_version)) WITHOUT ROWID;
         INSERT INTO stored_events VALUES ('a', 1, 'shop:Order.Placed', '{\"timestamp\":\"2026-01-05T08:00:00Z\"}');",
    )
    .unwrap();
    let found = best(&conn);
    assert_eq!(found.profile.events.position, None);
    assert_eq!(found.profile.events.store_order(), ["\"originator_id\"", "\"originator_version\""]);
    assert!(found.profile.snapshots.is_none());
}

#[test]
fn other_databases_are_recognised_as_nothing() {
    let conn = Connection::open_in_memory().unwrap();
    assert!(profile::detect(&conn).unwrap().is_empty());
    conn.execute_batch("CREATE TABLE events (id INTEGER PRIMARY KEY, event_type TEXT, payload TEXT)").unwrap();
    assert!(profile::detect(&conn).unwrap().is_empty());
}

#[test]
fn a_file_without_one_of_the_columns_still_fits() {
    let conn = form("service");
    conn.execute_batch("ALTER TABLE events ADD COLUMN tenant TEXT; CREATE TABLE other (x)").unwrap();
    assert_eq!(best(&conn).profile.name, "service");
    let conn = form("enterprise");
    conn.execute_batch("ALTER TABLE events DROP COLUMN actor_type; DROP TABLE snapshots").unwrap();
    let found = best(&conn);
    assert!(found.profile.events.actor_type.is_none() && found.profile.snapshots.is_none());
    assert!(!found.profile.append.as_ref().unwrap().columns.contains_key("actor_type"));
    let reason = found.fields.iter().find(|reason| reason.field == "actor_type").unwrap();
    assert!(reason.source.is_none() && reason.reason.contains("lacks"));
    conn.execute_batch(
        "CREATE TABLE strict_one AS SELECT * FROM events; DROP TABLE events;
         CREATE TABLE events (event_id TEXT, aggregate_id TEXT, aggregate_type TEXT, aggregate_version INTEGER,
           event_type TEXT, event_version TEXT, event_timestamp TEXT, data TEXT, tenant TEXT NOT NULL);",
    )
    .unwrap();
    let found = best(&conn);
    assert!(found.profile.append.is_none());
    assert!(found.profile.note.as_ref().unwrap().contains("events.tenant"));
}

/// Appends as `source` does: the parameters bound, the requirements asked, the statements run.
fn append(
    conn: &Connection,
    found: &Detection,
    stream: (&str, &str),
    version: i64,
    data: &Value,
) -> Result<(), String> {
    let spec = found.profile.append.as_ref().unwrap();
    let events = &found.profile.events;
    let now = chrono::DateTime::from_timestamp(1_773_489_841, 0).unwrap();
    let time_format = events.timestamp.as_ref().map_or(codec::Format::Auto, |field| field.format);
    let text = |text: &str| rusqlite::types::Value::from(text.to_owned());
    let bound = |name: &str| match name {
        "aggregate_type" => text(stream.0),
        "aggregate_id" => text(stream.1),
        "version" => version.into(),
        "event_id" => text("e-1"),
        "event_type" => text("TestHappened"),
        "correlation_id" => text("req-test"),
        "timestamp" => encode::timestamp(now, time_format, spec.timestamp.as_deref()),
        "data" => encode::payload(data, &events.data.encoding).unwrap(),
        _ => rusqlite::types::Value::Null,
    };
    let run = |sql: &str| -> rusqlite::Result<Vec<Vec<rusqlite::types::Value>>> {
        let mut statement = conn.prepare(sql)?;
        let names: Vec<String> = (1..=statement.parameter_count())
            .map(|place| statement.parameter_name(place).unwrap()[1..].to_owned())
            .collect();
        let values: Vec<Box<dyn ToSql>> = names.iter().map(|name| Box::new(bound(name)) as Box<dyn ToSql>).collect();
        let width = statement.column_count();
        let rows =
            statement.query_map(params_from_iter(values), |row| (0..width).map(|place| row.get(place)).collect())?;
        rows.collect()
    };
    for rule in &spec.requires {
        let rows = run(&format!("SELECT ({}) IS TRUE", rule.sql)).unwrap();
        if rows[0][0] != rusqlite::types::Value::Integer(1) {
            return Err(rule.because.clone());
        }
    }
    for sql in spec.script() {
        run(&sql).map_err(|error| format!("{}: {error}: {sql}", found.profile.name))?;
    }
    Ok(())
}

/// The last event of a stream, read back through the mapping: type, data, correlation id, UTC time.
fn last(conn: &Connection, found: &Detection, id: &str) -> (String, Value, Option<String>, String) {
    let events = &found.profile.events;
    let sql = |field: &Option<profile::Field>| field.as_ref().map_or("NULL".to_owned(), |field| field.sql.clone());
    let query = format!(
        "SELECT ({}), ({}), ({}), ({}) FROM {} WHERE ({}) = ?1 ORDER BY {} DESC LIMIT 1",
        sql(&events.event_type),
        events.data.sql,
        sql(&events.correlation_id),
        sql(&events.timestamp),
        events.from,
        sql(&events.aggregate_id),
        events.store_order().join(" DESC, "),
    );
    conn.query_row(&query, [id], |row| {
        Ok((
            decode::text(row.get_ref(0)?, codec::Format::Auto).unwrap(),
            decode::payload(row.get_ref(1)?, &events.data.encoding).to_json(),
            decode::text(row.get_ref(2)?, codec::Format::Auto),
            decode::timestamp(row.get_ref(3)?, codec::Format::Auto).unwrap().utc.unwrap().to_string(),
        ))
    })
    .unwrap()
}

#[test]
fn what_is_appended_reads_back_through_the_same_profile() {
    let data = json!({"amount": 12, "note": "x"});
    for (name, stream) in [
        ("ouroboros", ("session", "orch_000")),
        ("enterprise", ("account", "acc-new")),
        ("service", ("user", "u-new")),
        ("stream", ("cart", "cart-1")),
        ("stream", ("cart", "cart-new")),
        ("sequence", ("", "events")),
        ("sequence", ("note", "n-7")),
    ] {
        let conn = form(name);
        let found = best(&conn);
        append(&conn, &found, stream, 20, &data).unwrap();
        let (kind, read, correlation, time) = last(&conn, &found, stream.1);
        assert_eq!((kind.as_str(), time.as_str()), ("TestHappened", "2026-03-14 12:04:01 UTC"), "{name}");
        assert_eq!((&read["amount"], &read["note"]), (&data["amount"], &data["note"]), "{name}");
        let kept = found.profile.events.correlation_id.is_some().then(|| "req-test".to_owned());
        assert_eq!(correlation, kept, "{name}");
    }
    let conn = form("stream");
    append(&conn, &best(&conn), ("cart", "cart-1"), 20, &data).unwrap();
    assert_eq!(conn.query_row("SELECT version FROM streams WHERE id = 'cart-1'", [], |row| row.get(0)), Ok(20));
}

#[test]
fn what_is_appended_to_a_library_s_file_has_its_form() {
    let data = json!({"name": "x"});
    for (file, stream) in [
        ("py_ouroboros", ("session", "s-new")),
        ("py_eventsourcing_json", ("Order", "0123456789abcdef0123456789abcdef")),
        ("node_emmett_0_42", ("order", "order-new")),
        ("rust_sqlite_es", ("order", "o-new")),
    ] {
        let mut conn = Connection::open_in_memory().unwrap();
        rusqlite::backup::Backup::new(&fixture(file), &mut conn).unwrap().step(-1).unwrap();
        let found = best(&conn);
        append(&conn, &found, stream, 1, &data).unwrap();
        let (kind, read, _, time) = last(&conn, &found, stream.1);
        assert_eq!(
            (kind.as_str(), time.as_str()),
            ("TestHappened", if file == "rust_sqlite_es" { time.as_str() } else { "2026-03-14 12:04:01 UTC" }),
            "{file}"
        );
        assert_eq!(read["name"], "x", "{file}");
    }
}

#[test]
fn an_append_that_the_library_could_not_read_is_refused() {
    let mut conn = Connection::open_in_memory().unwrap();
    rusqlite::backup::Backup::new(&fixture("py_eventsourcing_json"), &mut conn).unwrap().step(-1).unwrap();
    let found = best(&conn);
    let refused = append(&conn, &found, ("Nobody", "x"), 1, &json!({})).unwrap_err();
    assert!(refused.contains("no event in this file names a class"), "{refused}");
    assert!(append(&conn, &found, ("Order", "x"), 1, &json!([])).is_err());
    conn.execute("UPDATE stored_events SET state = X'789C0300'", []).unwrap();
    assert!(append(&conn, &found, ("Order", "x"), 1, &json!({})).is_err());
    let conn = form("sequence");
    let found = best(&conn);
    assert!(append(&conn, &found, ("", "events"), 1, &json!({"aggregate_id": "other"})).is_err());
    assert!(append(&conn, &found, ("note", "n"), 1, &json!(7)).is_err());
}

#[test]
fn with_the_profiles_switched_off_real_files_are_guessed_right() {
    for (file, table, id, version, kind, time, data) in [
        ("py_ouroboros", "events", "aggregate_id", None, "event_type", Some("timestamp"), "payload"),
        (
            "py_eventsourcing_json",
            "stored_events",
            "originator_id",
            Some("originator_version"),
            "topic",
            Some("decoded(state) ->> '$.timestamp._data_'"),
            "state",
        ),
        (
            "node_emmett_0_42",
            "emt_messages",
            "stream_id",
            Some("stream_position"),
            "message_type",
            Some("created"),
            "message_data",
        ),
        (
            "rust_sqlite_es",
            "events",
            "aggregate_id",
            Some("sequence"),
            "event_type",
            Some("decoded(metadata) ->> '$.time'"),
            "payload",
        ),
    ] {
        let found = profile::infer(&fixture(file)).unwrap().remove(0);
        let source = |name: &str| found.fields.iter().find(|it| it.field == name).unwrap().source.clone();
        assert_eq!(source("table").as_deref(), Some(table), "{file}");
        assert_eq!(source("aggregate_id").as_deref(), Some(id), "{file}");
        assert_eq!(source("version").as_deref(), version, "{file}");
        assert_eq!(source("event_type").as_deref(), Some(kind), "{file}");
        assert_eq!(source("timestamp").as_deref(), time, "{file}");
        assert_eq!(source("data").as_deref(), Some(data), "{file}");
        assert!(found.confidence < profile::Confidence::CERTAIN && found.reason.starts_with("No profile fits."));
    }
    for (name, id, version) in [
        ("ouroboros", Some("aggregate_id"), None),
        ("enterprise", Some("aggregate_id"), Some("aggregate_version")),
        ("service", Some("aggregate_id"), None),
        ("stream", Some("stream_id"), Some("version")),
        ("sequence", None, None),
    ] {
        let found = profile::infer(&form(name)).unwrap().remove(0);
        assert_eq!(found.profile.events.table, "events", "{name}");
        assert_eq!(found.profile.events.aggregate_id.as_ref().map(|it| it.sql.as_str()), id, "{name}");
        assert_eq!(found.profile.events.version.as_ref().map(|it| it.sql.as_str()), version, "{name}");
        assert_eq!(found.profile.events.event_type.as_ref().unwrap().sql, "event_type", "{name}");
    }
}

#[test]
fn a_database_of_just_the_columns_a_profile_asks_for_is_recognised_as_that_profile() {
    for asked in profile::built_in() {
        let conn = Connection::open_in_memory().unwrap();
        if let Some(id) = asked.application_id {
            conn.pragma_update(None, "application_id", id).unwrap();
        }
        for (table, columns) in &asked.detect {
            let columns: Vec<String> = columns
                .iter()
                .filter(|column| !column.starts_with('!'))
                .map(|column| format!("\"{column}\""))
                .collect();
            conn.execute_batch(&format!("CREATE TABLE \"{}\" ({})", table.replace("{*}", "app"), columns.join(", ")))
                .unwrap();
        }
        let found = profile::detect(&conn).unwrap();
        assert_eq!(found.first().map(|it| it.profile.name.as_str()), Some(asked.name.as_str()));
    }
}

#[test]
fn payloads_that_hold_everything_are_taken_apart() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        r#"CREATE TABLE domain_messages (id INTEGER PRIMARY KEY, event_id BLOB, aggregate_root_id BLOB, version INTEGER, payload TEXT);
        INSERT INTO domain_messages VALUES (1, X'11111111111141118111111111111111', X'22222222222242228222222222222222', 1,
          '{"headers":{"__event_type":"order.placed","__aggregate_root_type":"order","__time_of_recording":"2026-01-05 08:00:00.001000+0000"},"payload":{"total":"1.10"}}');"#,
    )
    .unwrap();
    let found = best(&conn);
    assert_eq!(found.profile.name, "eventsauce");
    let (kind, data, _, time) = last(&conn, &found, "22222222-2222-4222-8222-222222222222");
    assert_eq!(
        (kind.as_str(), data, time.as_str()),
        ("order.placed", json!({"total": "1.10"}), "2026-01-05 08:00:00.001 UTC")
    );
    assert_eq!(values(&conn, &found, "event_id"), ["11111111-1111-4111-8111-111111111111"]);
}

#[test]
fn one_row_of_several_events_is_counted_out() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        r#"CREATE TABLE Commits (BucketId, StreamId, StreamIdOriginal, StreamRevision int, Items int, CommitId guid, CommitSequence int,
          CommitStamp datetime, CheckpointNumber INTEGER PRIMARY KEY, Headers blob, Payload blob);
        INSERT INTO Commits VALUES ('default', 'hash', 's-1', 3, 3, X'00112233445566778899AABBCCDDEEFF', 1, '2026-01-05 08:00:00', 1, NULL,
          CAST('[{"Body":{"$type":"A.B, A","n":1}},{"Body":{"$type":"A.C, A","n":2}},{"Body":{"n":3}}]' AS BLOB));
        INSERT INTO Commits VALUES ('default', 'hash', 's-1', 4, 1, X'00', 2, '2026-01-05 08:00:01', 2, NULL, X'FFFE');"#,
    )
    .unwrap();
    let found = best(&conn);
    assert_eq!(found.profile.name, "neventstore");
    // The second commit cannot be read, and is an event all the same.
    assert_eq!(values(&conn, &found, "version"), ["1", "2", "3", "4"]);
    assert_eq!(values(&conn, &found, "event_type"), ["", "A.B", "A.C"]);
    assert_eq!(values(&conn, &found, "event_id"), ["00", "33221100-5544-7766-8899-aabbccddeeff"]);
}

/// What stores need of a profile and no library at hand needs: each said by hand, and read.
#[test]
fn a_profile_by_hand_can_say_what_stores_need() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        r#"CREATE TABLE log (k TEXT, n INTEGER, day TEXT, clock TEXT, gone INTEGER, kind INTEGER REFERENCES kinds (id), PRIMARY KEY (k, n)) WITHOUT ROWID;
        CREATE TABLE bodies (k TEXT, n INTEGER, body BLOB);
        CREATE TABLE kinds (id INTEGER PRIMARY KEY, label TEXT);
        INSERT INTO kinds VALUES (1, 'account'), (2, 'card');
        INSERT INTO log VALUES ('b', 0, '2026-03-14', '12:04:01', 0, 1), ('b', 1, '2026-03-14', '12:04:02', 0, 1),
          ('b', 2, '2026-03-14', '12:04:03', 1, 1), ('a', 0, '2026-03-15', '00:00:00', 0, 2);
        INSERT INTO bodies VALUES ('b', 0, '{"Opened":{"owner":"Zoë"}}'), ('b', 1, '"Frozen"'), ('b', 2, '{"Wrong":{}}'), ('a', 0, 'broken');"#,
    )
    .unwrap();
    let profile = profile::Profile::parse(
        r#"
        name  = "bank"
        title = "Our bank"
        [events]
        from           = "log l JOIN bodies b ON b.k = l.k AND b.n = l.n LEFT JOIN kinds ON kinds.id = l.kind"
        table          = "log"
        where          = "NOT l.gone"
        order          = ["l.day", "l.clock", "l.k"]
        aggregate_type = "kinds.label"
        aggregate_id   = "l.k"
        version        = "l.n"
        # The first key of the document, or the bare text of an event that carries nothing.
        event_type     = """CASE json_valid(b.body) WHEN 1 THEN
          CASE json_type(b.body) WHEN 'text' THEN b.body ->> '$' ELSE (SELECT key FROM json_each(b.body) LIMIT 1) END END"""
        timestamp      = "l.day || 'T' || l.clock || 'Z'"
        data           = { sql = "b.body", encoding = "json", unwrap = "tagged" }
        "#,
    )
    .unwrap();
    let options =
        OpenOptions { profile: Some(Choice::Profile(std::sync::Arc::new(profile))), ..OpenOptions::default() };
    let source = Source::open(&path, &options).unwrap();
    let events = source.page_at(0, 10).unwrap();
    let found: Vec<_> = events
        .iter()
        .map(|event| {
            let time = event.timestamp.as_ref().unwrap().utc.unwrap().to_string();
            (
                event.position,
                event.stream.to_string(),
                event.version,
                event.event_type.as_str(),
                time,
                event.data.to_json(),
            )
        })
        .collect();
    let account = || "account/b".to_owned();
    assert_eq!(
        found,
        [
            (1, account(), 0, "Opened", "2026-03-14 12:04:01 UTC".to_owned(), json!({"owner": "Zoë"})),
            (2, account(), 1, "Frozen", "2026-03-14 12:04:02 UTC".to_owned(), json!(null)),
            (3, "card/a".to_owned(), 0, "", "2026-03-15 00:00:00 UTC".to_owned(), json!("broken")),
        ]
    );
}

/// A small log, and a profile for it that has its names in double quotes.
fn quoted_profile(data: &str, more: &str) -> (tempfile::TempDir, Choice, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "CREATE TABLE log (n INTEGER PRIMARY KEY, kind TEXT, body TEXT);
             INSERT INTO log (kind, body) VALUES ('opened', '{\"a\":1}'), ('closed', '{\"a\":2}');",
        )
        .unwrap();
    let toml = format!(
        "name = 'q'\ntitle = 'Q'\n[events]\nfrom = 'log'\nposition = 'n'\nevent_type = '\"kind\"'\n\
         data = '\"{data}\"'\n{more}"
    );
    (folder, Choice::Profile(std::sync::Arc::new(profile::Profile::parse(&toml).unwrap())), path)
}

fn open_through(choice: Choice, path: &std::path::Path) -> eventscope::Result<Source> {
    Source::open(path, &OpenOptions { profile: Some(choice), ..OpenOptions::default() })
}

#[test]
fn a_missing_column_in_double_quotes_is_missing_and_no_text() {
    let (_folder, choice, path) = quoted_profile("body", "version = '\"nothing\"'");
    let source = open_through(choice, &path).unwrap();
    let events = source.page_at(0, 10).unwrap();
    let types: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["opened", "closed"]);
    assert_eq!(events.iter().map(|event| event.version).collect::<Vec<_>>(), [1, 2], "counted, for lack of a column");
    let reason = &source.detection().unwrap().reason;
    assert!(reason.contains("This file lacks the column of its version."), "{reason}");

    let (_folder, choice, path) = quoted_profile("payload", "");
    let error = open_through(choice, &path).err().unwrap();
    let message = error.to_string();
    assert!(
        message.contains("the profile q does not fit this database: data: no such column: \"payload\""),
        "{message}"
    );
    assert!(!message.contains("SELECT"), "{message}");
}

#[test]
fn views_that_take_double_quotes_for_texts_are_read_and_missing_columns_still_found() {
    let (_folder, choice, path) = quoted_profile("payload", "");
    let view = "CREATE VIEW seen AS SELECT n, \"view\" AS origin FROM log WHERE kind = \"opened\"";
    Connection::open(&path).unwrap().execute_batch(view).unwrap();
    let message = open_through(choice, &path).err().unwrap().to_string();
    assert!(message.contains("no such column: payload"), "{message}");
    let plain = Source::open(&path, &OpenOptions::default()).unwrap();
    let page = plain.table_page("seen", TableStart::Row(0), 10).unwrap();
    assert_eq!(
        page.into_iter().map(|row| row.values).collect::<Vec<_>>(),
        [[1.into(), Stored::Text(Box::from(&b"view"[..]))]]
    );
}
