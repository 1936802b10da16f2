//! Export and import of the built-in store: what goes out comes in again, byte for byte, or not at all.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{EventStore, Places, Query};
use serde_json::json;

/// Data that a parser and printer would not give back as it is.
const ODD: &str =
    r#"{ "price": 8.00,"e":1E+2,  "a\u0062c":"\u00e9", "a": 1, "a": 2 ,"big":123456789012345678901234567890}"#;

fn line(id: &str, data: &str) -> String {
    format!(r#"{{"aggregate_type":"cup","aggregate_id":"{id}","event_type":"cup.sold","data":{data}}}"#)
}

fn import(store: &mut EventStore, lines: &str, places: Places) -> eventscope::Result<u64> {
    store.import(&mut lines.as_bytes(), places, |_| {})
}

fn export(store: &EventStore) -> String {
    let mut lines = Vec::new();
    store.export(Query::default(), &mut lines, |_| {}).unwrap();
    String::from_utf8(lines).unwrap()
}

fn refused(lines: &str, places: Places) -> String {
    let mut store = EventStore::open_in_memory().unwrap();
    let error = import(&mut store, lines, places).unwrap_err();
    assert_eq!((store.read_all(None, 9).unwrap().len(), store.streams(None, 9).unwrap().len()), (0, 0));
    assert!(error.hint().is_some(), "{error}");
    error.to_string()
}

#[test]
fn data_goes_out_and_comes_in_byte_for_byte() {
    let mut store = EventStore::open_in_memory().unwrap();
    let lines = format!("{}\n\n{}\r\n{}", line("1", ODD), line("2", "[ ]"), line("1", "null"));
    assert_eq!(import(&mut store, &lines, Places::Anew).unwrap(), 3);
    let events = store.read_all(None, 9).unwrap();
    assert_eq!(&*events[0].data.raw, ODD.as_bytes());
    let places: Vec<_> = events.iter().map(|event| (event.position, event.version)).collect();
    assert_eq!(places, [(1, 1), (2, 1), (3, 2)]);
    assert_eq!(store.verify().unwrap().fault, None);
    let exported = export(&store);
    assert!(exported.lines().next().unwrap().ends_with(&format!("\"data\":{ODD}}}")), "{exported}");
    let mut copy = EventStore::open_in_memory().unwrap();
    import(&mut copy, &exported, Places::Kept).unwrap();
    assert_eq!(export(&copy), exported);
    assert_eq!(copy.read_all(None, 9).unwrap(), events);
}

#[test]
fn the_whole_envelope_goes_along() {
    let event = NewEvent {
        id: Some("e-1".into()),
        schema_version: Some("3".into()),
        actor: Some("ada \"A\"".into()),
        actor_type: Some("user".into()),
        source: Some("webhook".into()),
        causation_id: Some("c".into()),
        correlation_id: Some("r".into()),
        metadata: json!({"ip": "::1"}).into(),
        ..NewEvent::new("cup.sold", json!({"n": 1}))
    };
    let mut store = EventStore::open_in_memory().unwrap();
    store.append(&StreamName::new("cup", "ü\n1"), ExpectedVersion::NoStream, &[event]).unwrap();
    for places in [Places::Kept, Places::Anew] {
        let mut copy = EventStore::open_in_memory().unwrap();
        import(&mut copy, &export(&store), places).unwrap();
        let (mut was, mut is) = (store.read_all(None, 9).unwrap(), copy.read_all(None, 9).unwrap());
        if places == Places::Anew {
            assert_ne!(is[0].timestamp, was[0].timestamp);
            (was[0].timestamp, is[0].timestamp) = (None, None);
        }
        assert_eq!(is, was);
    }
}

#[test]
fn a_chain_goes_on_over_what_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str| EventStore::create_chained(folder.path().join(name)).unwrap();
    let (mut store, mut copy) = (made("a.db"), made("b.db"));
    import(&mut store, &format!("{}\n{}", line("1", ODD), line("2", "1")), Places::Anew).unwrap();
    import(&mut copy, &export(&store), Places::Kept).unwrap();
    for store in [&store, &copy] {
        let found = store.verify().unwrap();
        assert_eq!((found.events, found.chained, found.fault), (2, true, None));
    }
    assert_eq!(store.last_hash().unwrap(), copy.last_hash().unwrap());
}

#[test]
fn the_first_wrong_line_is_named_and_nothing_is_imported() {
    let good = line("1", "{}");
    for (wrong, words) in [
        ("{\"torn", "line 2: column 6: EOF"),
        (r#"{"aggregate_type":"a","aggregate_id":"1","event_type":"x"}"#, "missing field `data`"),
        (r#"{"aggregate_type":"a","aggregate_id":"1","event_type":"","data":1}"#, "line 2: the event has no type"),
        (r#"{"aggregate_type":"","aggregate_id":"1","event_type":"x","data":1}"#, "line 2: the stream"),
        (r#"{"aggregate_type":"a","aggregate_id":"1","event_type":"x","data":1,"tpye":1}"#, "unknown field `tpye`"),
        (r#"{"aggregate_type":"a","aggregate_id":"1","event_type":"x","data":1,"source":"me"}"#, "no source"),
        (r#"{"aggregate_type":"a","aggregate_id":"1","event_type":"x","data":1,"schema_version":1.5}"#, "`1.5`"),
    ] {
        let message = refused(&format!("{good}\n{wrong}\n{good}"), Places::Anew);
        assert!(message.starts_with("line 2: ") && message.contains(words), "{wrong}: {message}");
    }
    let named = r#"{"event_id":"e","aggregate_type":"a","aggregate_id":"1","event_type":"x","data":1}"#;
    assert!(refused(&format!("{named}\n\n{named}"), Places::Anew).starts_with("line 3: the event id e is taken"));
}

#[test]
fn kept_places_must_follow_each_other() {
    let placed = |position: i64, version: i64, timestamp: &str| {
        let event = r#""aggregate_type":"a","aggregate_id":"1","event_type":"x","data":1"#;
        format!(r#"{{"position":{position},"version":{version},"timestamp":"{timestamp}",{event}}}"#)
    };
    let first = placed(7, 1, "2026-03-14T12:00:00Z");
    for (second, words) in [
        (placed(7, 2, "2026-03-14T12:00:00Z"), "position 7 does not come after 7"),
        (placed(8, 3, "2026-03-14T12:00:00Z"), "version 3 where 2 comes next"),
        (placed(8, 2, "2026-03-14T11:59:59Z"), "before the event before it"),
        (placed(8, 2, "noon"), "no moment"),
        (line("1", "{}"), "no `position`"),
    ] {
        let message = refused(&format!("{first}\n{second}"), Places::Kept);
        assert!(message.starts_with("line 2: ") && message.contains(words), "{message}");
    }
    let mut store = EventStore::open_in_memory().unwrap();
    let second = placed(9, 2, "2026-03-14T13:00:00+01:00");
    import(&mut store, &format!("{first}\n{second}"), Places::Kept).unwrap();
    let next = store.append(&StreamName::new("a", "1"), ExpectedVersion::Exactly(2), &[NewEvent::new("x", json!(1))]);
    assert_eq!(next.unwrap().positions, 10..11);
    assert_eq!(store.verify().unwrap().fault, None);
}

fn eventscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_command_line_takes_a_store_out_and_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let [shop, lines, copy, again] =
        ["shop.db", "shop.ndjson", "copy.db", "again.db"].map(|name| folder.path().join(name));
    eventscope::demo::create(&shop).unwrap();
    let exported = eventscope(&["export", text(&shop), "--format", "ndjson"]);
    assert_eq!((exported.status.code(), exported.stderr.len()), (Some(0), 0));
    std::fs::write(&lines, &exported.stdout).unwrap();
    EventStore::create(&copy).unwrap();
    let imported = eventscope(&["import", text(&copy), text(&lines), "--keep", "--json"]);
    assert_eq!(imported.status.code(), Some(0), "{}", String::from_utf8_lossy(&imported.stderr));
    let store = EventStore::open(&copy).unwrap();
    let all = EventStore::open(&shop).unwrap().read_all(None, usize::MAX).unwrap();
    assert_eq!(store.read_all(None, usize::MAX).unwrap(), all);
    assert_eq!(eventscope(&["export", text(&copy)]).stdout, exported.stdout);
    let answer: serde_json::Value = serde_json::from_slice(&imported.stdout).unwrap();
    assert_eq!(answer["imported"], all.len());

    let missing = eventscope(&["import", text(&again), text(&lines)]);
    assert_eq!(missing.status.code(), Some(2));
    let twice = eventscope(&["import", text(&copy), text(&lines)]);
    let message = String::from_utf8(twice.stderr).unwrap();
    assert_eq!(twice.status.code(), Some(2));
    assert!(message.contains("line 1: the event id") && message.contains("is taken"), "{message}");
}

#[test]
fn an_import_that_is_killed_leaves_nothing_and_can_be_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    EventStore::create_chained(&path).unwrap();
    let whole: String = (0..4_000).map(|number| line(&(number % 7).to_string(), ODD) + "\n").collect();
    for round in 1..=6 {
        let mut process = Command::new(env!("CARGO_BIN_EXE_eventscope"))
            .args(["import", text(&path), "-"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        // The input is not at its end yet: the import is in the midst of it.
        let part = &whole.as_bytes()[..whole.len() * round / 6];
        process.stdin.as_mut().unwrap().write_all(part).unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        let store = EventStore::open(&path).unwrap();
        assert_eq!(store.last_position().unwrap(), None, "killed after {} bytes", part.len());
        assert!(store.integrity_check().unwrap().is_empty());
    }
    let mut store = EventStore::open(&path).unwrap();
    assert_eq!(import(&mut store, &whole, Places::Anew).unwrap(), 4_000);
    let found = store.verify().unwrap();
    assert_eq!((found.events, found.fault), (4_000, None));
}

#[test]
fn a_database_of_another_library_is_exported_as_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let [path, profile] = ["other.db", "cups.toml"].map(|name| folder.path().join(name));
    let sql = "CREATE TABLE log (id INTEGER PRIMARY KEY, cup TEXT, kind TEXT, body TEXT, at INTEGER); \
               INSERT INTO log VALUES (1, '1', 'cup.sold', '{\"price\": 8.00}', 1773489845), \
               (2, '1', 'cup.sold', '{\"price\": 9.00}', 1773489846)";
    rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let toml = "name = \"cups\"\ntitle = \"Cups\"\n[detect]\nlog = [\"id\", \"cup\"]\n[events]\nfrom = \"log\"\nposition = \"id\"\n\
                aggregate_type = \"'cup'\"\naggregate_id = \"cup\"\nevent_type = \"kind\"\n\
                timestamp = { sql = \"at\", format = \"unix_seconds\" }\ndata = { sql = \"body\", encoding = \"json\" }\n";
    std::fs::write(&profile, toml).unwrap();
    let exported = eventscope(&["export", text(&path), "--profile", text(&profile)]);
    assert_eq!(exported.status.code(), Some(0), "{}", String::from_utf8_lossy(&exported.stderr));
    let lines = String::from_utf8(exported.stdout).unwrap();
    assert!(lines.lines().next().unwrap().ends_with(r#""data":{"price": 8.00}}"#), "{lines}");
    let mut store = EventStore::open_in_memory().unwrap();
    assert_eq!(import(&mut store, &lines, Places::Kept).unwrap(), 2);
    let first = store.read_all(None, 1).unwrap().remove(0);
    assert_eq!(&*first.timestamp.unwrap().stored, "2026-03-14T12:04:05.000000Z");
}
