use std::fmt::Write as _;

use super::*;
use crate::codec::Format;
use crate::profile::Profile;

fn guesses(script: &str) -> Vec<Detection> {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(script).unwrap();
    infer(&conn).unwrap()
}

fn source<'a>(detection: &'a Detection, field: &str) -> Option<&'a str> {
    detection.fields.iter().find(|reason| reason.field == field).unwrap().source.as_deref()
}

/// Rows for five streams of six versions: `row(stream, version, number of the row)`.
fn rows(table: &str, row: impl Fn(usize, usize, usize) -> String) -> String {
    let mut script = String::new();
    for version in 1..7 {
        for stream in 0..5 {
            let number = (version - 1) * 5 + stream;
            writeln!(script, "INSERT INTO {table} VALUES ({});", row(stream, version, number)).unwrap();
        }
    }
    script
}

#[test]
fn structure_wins_over_misleading_names() {
    let script = "CREATE TABLE facts (name TEXT, id TEXT, what TEXT, reason TEXT, at TEXT, body BLOB, version INTEGER,
                    UNIQUE (id, version));"
        .to_owned()
        + &rows("facts", |stream, version, number| {
            let (kind, reason) = (["Ship", "Port"][stream % 2], ["Arrived", "Departed", "Docked"][version % 3]);
            format!(
                "'n{number}', 's-{stream}', '{kind}', '{reason}', '2026-01-{version:02}T00:00:{stream:02}Z',
                     CAST('{{\"port\": \"p{number}\"}}' AS BLOB), {version}"
            )
        });
    let found = guesses(&script);
    let best = &found[0];
    assert_eq!(source(best, "table"), Some("facts"));
    assert_eq!((source(best, "aggregate_id"), source(best, "version")), (Some("id"), Some("version")));
    assert_eq!(source(best, "event_type"), Some("reason"));
    assert_eq!(source(best, "data"), Some("body"));
    assert_eq!(source(best, "position"), Some("rowid"));
    assert!(best.confidence.share() < 0.9 && best.reason.contains("100 %"), "{}", best.reason);
}

#[test]
fn what_no_column_holds_is_found_inside_the_documents() {
    let script = "CREATE TABLE journal (stream TEXT, n INTEGER, doc TEXT, PRIMARY KEY (stream, n)) WITHOUT ROWID;"
        .to_owned()
        + &rows("journal", |stream, version, number| {
            let kind = ["OrderPlaced", "LineAdded"][version % 2];
            format!("'order:{stream}', {version}, '{{\"{kind}\": {{\"occurred_at\": {number}}}}}'")
        });
    let best = guesses(&script).remove(0);
    assert_eq!(source(&best, "position"), None);
    assert_eq!(best.profile.events.store_order(), ["\"stream\"", "\"n\""]);
    assert!(source(&best, "event_type").unwrap().contains("json_each"));
    assert_eq!(best.profile.events.data.encoding.unwrap, crate::codec::Unwrap::Tagged);
    assert_eq!(source(&best, "aggregate_type"), Some("substr(stream, 1, instr(stream, ':') - 1)"));
    assert_eq!(source(&best, "timestamp"), None);
}

#[test]
fn looked_up_names_and_documents_count_as_the_table_s_own() {
    let script = "CREATE TABLE kinds (kind_id INTEGER PRIMARY KEY, event_type TEXT UNIQUE);
        CREATE TABLE bodies (body_id INTEGER PRIMARY KEY, data TEXT);
        CREATE TABLE events (id INTEGER PRIMARY KEY, event_type CHAR(0), kind_id INTEGER REFERENCES kinds, body_id INTEGER REFERENCES bodies, ts REAL);
        INSERT INTO kinds VALUES (1, 'door_opened'), (2, 'door_closed');"
        .to_owned()
        + &rows("bodies", |_, _, number| format!("{}, '{{\"n\": {number}}}'", number + 1))
        + &rows("events", |_, version, number| {
            format!("{number}, NULL, {}, {}, {}.5", version % 2 + 1, number + 1, 1_700_000_000 + number)
        });
    let best = guesses(&script).remove(0);
    let plain = |field| crate::profile::plain(&best.profile.events, source(&best, field).unwrap());
    assert_eq!(plain("event_type"), "kind_id=>kinds.kind_id:event_type", "a dead column never wins");
    assert_eq!(plain("data"), "body_id=>bodies.body_id:data");
    assert_eq!(best.profile.events.timestamp.as_ref().unwrap().format, Format::UnixSeconds);
    assert_eq!((source(&best, "aggregate_id"), source(&best, "version")), (None, None));
    assert_eq!(source(&best, "position"), Some("e.id"));
}

#[test]
fn databases_without_events_are_left_alone() {
    let shop = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE, created_at TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, status TEXT, total REAL, created_at TEXT);
        CREATE TABLE order_lines (order_id INTEGER REFERENCES orders, line_number INTEGER, sku TEXT, qty INTEGER, PRIMARY KEY (order_id, line_number));
        CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT);
        INSERT INTO settings VALUES ('theme', '{\"dark\": true}'), ('lang', 'en');"
        .to_owned()
        + &rows("customers", |_, _, number| format!("NULL, 'Name {number}', 'c{number}@example.org', '2026-01-01 00:00:00'"))
        + &rows("orders", |stream, _, number| format!("NULL, {}, 'paid', {number}.5, '2026-01-01 00:00:00'", stream + 1))
        + &rows("order_lines", |stream, version, number| format!("{}, {version}, 'sku-{number}', 1", stream + 1));
    let found = guesses(&shop);
    assert!(found.is_empty(), "{:?}", found.first().map(|it| &it.reason));
    assert!(
        guesses("CREATE TABLE events (id INTEGER PRIMARY KEY, type TEXT, data TEXT)").is_empty(),
        "no rows, no guess"
    );
    assert!(guesses("").is_empty());
}

#[test]
fn the_guess_is_a_profile_that_can_be_saved() {
    let script = "CREATE TABLE log (aggregate TEXT, seq INTEGER, type TEXT, created INTEGER, payload TEXT, UNIQUE (aggregate, seq));"
        .to_owned()
        + &rows("log", |stream, version, number| {
            format!("'a{stream}', {version}, '{}', {}, '{{\"x\":{number}}}'", ["made", "moved"][version % 2], 1_700_000_000_000 + number)
        });
    let best = guesses(&script).remove(0);
    assert_eq!(best.profile.events.timestamp.as_ref().unwrap().format, Format::UnixMillis);
    let saved = Profile::parse(&best.profile.to_toml().unwrap()).unwrap();
    assert_eq!(saved, *best.profile);
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(&script).unwrap();
    let again = super::super::detect_among(&conn, [&saved]).unwrap();
    assert_eq!((again.len(), again[0].profile.events.clone()), (1, best.profile.events.clone()));
}

#[test]
fn events_that_all_say_the_same_are_told_by_what_counts_them() {
    let script = |table: &str| {
        format!(
            "CREATE TABLE {table} (id INTEGER PRIMARY KEY, parcel TEXT, seq INTEGER, type TEXT, data TEXT, at TEXT);"
        ) + &rows(table, |stream, version, number| {
            format!("{number}, 'parcel-{stream}', {version}, 'added', '{{\"a\":1}}', '2026-01-01T00:00:00Z'")
        })
    };
    let found = guesses(&script("parcel_events"));
    assert_eq!(source(&found[0], "data"), Some("data"));
    assert!(guesses(&script("parcel_items")).is_empty(), "things in a list are counted, too");
}

#[test]
fn documents_that_are_all_too_large_to_read_are_still_the_data() {
    let script =
        "CREATE TABLE log (n INTEGER PRIMARY KEY, box TEXT, rev INTEGER, op TEXT, body TEXT, UNIQUE (box, rev));"
            .to_owned()
            + &rows("log", |stream, version, number| {
                let op = ["BoxOpened", "BoxFilled", "BoxMoved"][number % 3];
                format!("{number}, 'box-{stream}', {version}, '{op}', printf('{{\"a\":\"%.*c\"}}', 1100000, 'x')")
            });
    let found = guesses(&script);
    assert_eq!(source(&found[0], "data"), Some("body"));
    assert_eq!(source(&found[0], "event_type"), Some("op"));
}

#[test]
fn the_first_event_of_a_row_that_lists_several_names_the_row() {
    let script =
        "CREATE TABLE commits (n INTEGER PRIMARY KEY, box TEXT, rev INTEGER, made TEXT, body TEXT, UNIQUE (box, rev));"
            .to_owned()
            + &rows("commits", |stream, version, number| {
                let (first, second) = (["Opened", "Filled", "Moved"][number % 3], ["Weighed", "Sealed"][number % 2]);
                format!(
                    "{number}, 'box-{stream}', {}, '2026-01-{version:02}T00:00:{stream:02}Z',
                     '[{{\"type\":\"Box{first}\",\"kg\":{number}}},{{\"type\":\"Box{second}\"}}]'",
                    2 * version
                )
            });
    let found = guesses(&script);
    assert_eq!(source(&found[0], "data"), Some("body"));
    assert_eq!(source(&found[0], "event_type"), Some("decoded(body) ->> '$[0].type'"));
}
