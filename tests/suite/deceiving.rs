//! Names and texts that would steer a terminal, tear a table apart or read as something else: they are shown as escapes
//! wherever a person reads them, and stay what they are wherever they are copied.

use std::path::{Path, PathBuf};
use std::process::Command;

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::EventStore;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Line breaks, a direction that is overridden and one that is isolated. Names with other control characters are taken
/// for bytes, and shown as those.
const NAME: &str = "a\nb\r\tuser\u{202e}gpj.exe\u{2067}";
const SHOWN: &str = "a\\nb\\r\\tuser\\u202egpj.exe\\u2067";

/// The same with two escape sequences, which clear a terminal and colour it.
const TEXT: &str = "a\n\u{1b}[2J\u{9b}31m\u{202e}gpj.exe\u{2067}";

/// An event store in which everything that an application may name is named like this.
fn store() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    drop(EventStore::create(&path).unwrap());
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(&format!("CREATE TABLE \"{NAME}\" (\"{NAME}\" TEXT); INSERT INTO \"{NAME}\" VALUES ('{TEXT}')"))
        .unwrap();
    drop(conn);
    let mut store = EventStore::open(&path).unwrap();
    let mut data = serde_json::Map::new();
    data.insert(NAME.to_owned(), json!(TEXT));
    let event = NewEvent { actor: Some(NAME.to_owned()), ..NewEvent::new(NAME, Value::Object(data)) };
    store.append(&StreamName::new("order", NAME), ExpectedVersion::Any, &[event.clone(), event]).unwrap();
    (folder, path)
}

fn said(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// What a person is not to meet.
fn obeyed(text: &str) -> Option<char> {
    text.chars().find(|char| {
        char.is_control() && !matches!(char, '\n' | '\t')
            || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

#[test]
fn the_command_line_shows_escapes() {
    let (_folder, path) = store();
    let file = path.to_str().unwrap();
    let stream = format!("order-{NAME}");
    let stream = [stream, format!("order/{NAME}"), format!("order:{NAME}")]
        .into_iter()
        .find(|stream| said(&["state", file, stream]).contains("at version"))
        .expect("the stream has a name");
    let mut shown = 0;
    for args in [
        &["info", file][..],
        &["streams", file],
        &["events", file],
        &["events", file, "type:[wrong"],
        &["state", file, &stream],
        &["changes", file, &stream],
        &["blame", file, &stream, ""],
        &["state", file, "\u{1b}[2Jnobody"],
        &["events", file, "--json"],
        &["state", file, &stream, "--json"],
        &["streams", file, "--json"],
    ] {
        let text = said(args);
        assert_eq!(obeyed(&text), None, "{args:?}: {text:?}");
        shown += usize::from(text.contains(SHOWN));
    }
    assert!(shown >= 5, "{shown}");
    // A heading and a line for each.
    assert_eq!(said(&["streams", file]).lines().count(), 2);
    assert_eq!(said(&["events", file]).lines().count(), 3);
}

#[test]
fn a_script_and_a_copy_get_the_text_itself() {
    let (folder, path) = store();
    let file = path.to_str().unwrap();
    let first = said(&["events", file, "--json"]).lines().next().map(str::to_owned).unwrap();
    let event: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(
        (&event["aggregate_id"], &event["event_type"], &event["data"][NAME]),
        (&json!(NAME), &json!(NAME), &json!(TEXT))
    );
    let exported = said(&["export", file]);
    let copy = folder.path().join("copy.db");
    import(&exported, &copy);
    let copied = EventStore::open(&copy).unwrap().read_stream(&StreamName::new("order", NAME), 1, None).unwrap();
    assert_eq!(copied.len(), 2);
}

fn import(lines: &str, to: &Path) {
    let ndjson = to.with_extension("ndjson");
    std::fs::write(&ndjson, lines).unwrap();
    drop(EventStore::create(to).unwrap());
    let done = said(&["import", to.to_str().unwrap(), ndjson.to_str().unwrap()]);
    assert!(done.contains("2 events"), "{done}");
}

#[cfg(feature = "window")]
mod in_the_window {
    use egui_kittest::kittest::{NodeT as _, Queryable as _};

    use super::super::window::{opened, step_until};
    use super::{SHOWN, obeyed, store};

    /// Every text that the last frame painted.
    fn painted(window: &super::super::window::Window) -> Vec<String> {
        fn texts(shape: &egui::Shape, into: &mut Vec<String>) {
            match shape {
                egui::Shape::Text(text) => into.push(text.galley.job.text.clone()),
                egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| texts(shape, into)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        window.output().shapes.iter().for_each(|clipped| texts(&clipped.shape, &mut found));
        found
    }

    #[test]
    fn what_is_painted_shows_escapes() {
        let (_folder, path) = store();
        let mut window = opened(&path);
        step_until(&mut window, "an event", |window| {
            window
                .query_all_by_role(egui::accesskit::Role::Row)
                .next()
                .is_some_and(|row| row.accesskit_node().label().is_some())
        });
        window.query_all_by_role(egui::accesskit::Role::Row).next().unwrap().click();
        step_until(&mut window, "its state", |window| {
            painted(window).iter().filter(|text| text.contains(SHOWN)).count() >= 4
        });
        for text in painted(&window) {
            assert_eq!(obeyed(&text), None, "{text:?}");
        }
    }
}
