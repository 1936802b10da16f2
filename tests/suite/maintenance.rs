//! Looking after a whole store from the window, driven by accessible name: verifying, copying, importing, exporting,
//! archiving, making; and the snapshots and commands of a stream.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::app::Launch;
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::model::Name;
use eventscope::store::{Command as StoreCommand, EventStore, Query};
use rusqlite::Connection;
use serde_json::json;

use super::window::{Window, launched, opened, opened_at, shop, shows, step_until, until_label, window};

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.step();
    window.step();
}

/// Presses the button that does what the window asks for, once the window has its size.
fn import(window: &mut Window) {
    for _ in 0..3 {
        window.step();
    }
    press_button(window, "Import");
}

/// Presses the button among the things with this name.
fn press_button(window: &mut Window, name: &str) {
    window.get_by_role_and_label(Role::Button, name).click();
    window.step();
    window.step();
}

/// Chooses an item of the Store menu.
fn choose(window: &mut Window, item: &str) {
    click(window, "Store");
    until_label(window, item);
    click(window, item);
}

/// Types into an empty or a filled entry.
fn type_into(window: &mut Window, entry: &str, text: &str) {
    window.get_by_label(entry).focus();
    window.step();
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.step();
    window.get_by_label(entry).type_text(text);
    window.step();
}

fn unlock(window: &mut Window) {
    choose(window, "Unlock for writing…");
    until_label(window, "Unlock this file");
    click(window, "Unlock this file");
    until_label(window, "Writing unlocked");
}

/// Waits for something whose name holds this text.
fn until_contains(window: &mut Window, text: &str) {
    step_until(window, text, |window| window.query_all_by_label_contains(text).next().is_some());
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.db"))
}

fn events(path: &Path) -> usize {
    EventStore::open_read_only(path).unwrap().events(Query::default()).count()
}

#[test]
fn a_store_that_is_in_order_is_verified_and_not_changed_by_a_byte() {
    let shop = shop();
    let before = std::fs::read(&shop.path).unwrap();
    let mut window = opened(&shop.path);
    choose(&mut window, "Verify this store");
    until_label(&mut window, "Verification");
    until_label(&mut window, "shop.db is as it was written");
    assert!(shows(&window, "SQLite finds nothing wrong with the file."));
    assert!(window.query_all_by_label_contains("events are in order").next().is_some());
    assert_eq!(std::fs::read(&shop.path).unwrap(), before);
    click(&mut window, "Close");
    assert!(!shows(&window, "Verification"));
}

#[test]
fn a_changed_event_is_named_and_gone_to() {
    let shop = shop();
    let other = Connection::open(&shop.path).unwrap();
    other.execute_batch("DROP TRIGGER events_are_never_changed").unwrap();
    other.execute_batch("UPDATE events SET data = '{broken' WHERE position = 1234").unwrap();
    drop(other);
    let mut window = opened(&shop.path);
    choose(&mut window, "Verify this store");
    until_label(&mut window, "shop.db is not as it was written");
    assert!(shows(&window, "Position 1,234: Its data is no JSON."));
    click(&mut window, "Go to position 1,234");
    assert_eq!(window.state().view().place.event, Some(1234));
    until_label(&mut window, "Event 1,234");
    assert!(!shows(&window, "Verification"));
}

#[test]
fn a_store_is_copied_to_where_somebody_says() {
    let shop = shop();
    let copy = shop.path.with_file_name("copy.db");
    let mut window = opened(&shop.path);
    choose(&mut window, "Back up to…");
    until_label(&mut window, "Where the copy goes");
    let suggested = window.get_by_role_and_label(Role::TextInput, "Where the copy goes").value().unwrap();
    assert!(suggested.ends_with("shop.backup.db"), "{suggested}");
    type_entry(&mut window, "Where the copy goes", copy.to_str().unwrap());
    press_button(&mut window, "Back up");
    until_contains(&mut window, "The store was copied to");
    assert_eq!(events(&copy), events(&shop.path));
    // Once more: what is there is left as it is, and that is said.
    choose(&mut window, "Back up to…");
    until_label(&mut window, "Where the copy goes");
    type_entry(&mut window, "Where the copy goes", copy.to_str().unwrap());
    press_button(&mut window, "Back up");
    until_contains(&mut window, "exists already");
}

/// Types into the entry among the things with this name: its label has it too.
pub fn type_entry(window: &mut Window, name: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, name).focus();
    window.step();
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.step();
    window.get_by_role_and_label(Role::TextInput, name).type_text(text);
    window.step();
}

#[test]
fn a_database_is_imported_once_the_file_is_unlocked() {
    let shop = shop();
    let mut window = opened(&shop.path);
    let before = events(&shop.path);
    let reason = resolve(&window, Name::ImportEvents).unwrap_err();
    assert!(reason.contains("read-only"), "{reason}");
    unlock(&mut window);
    choose(&mut window, "Import into this store…");
    until_label(&mut window, "What to import");
    type_entry(&mut window, "What to import", fixture("node_emmett_0_42").to_str().unwrap());
    until_label(&mut window, "1,501 events would be imported.");
    assert!(shows(&window, "Carry payloads along that cannot be read, as Base64"));
    assert!(window.query_all_by_label_contains("bear it out").next().is_some(), "why it is taken for what it is");
    import(&mut window);
    until_contains(&mut window, "All 1,501 events of that database, in 115 streams, are as they are there.");
    assert_eq!(events(&shop.path), before + 1501);
    step_until(&mut window, "the new events", |window| {
        window.state().session().is_some_and(|session| session.rows().len().value == (before + 1501) as u64)
    });
}

#[test]
fn a_part_of_a_database_is_imported_read_in_the_way_that_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let (target, profiles) = (folder.path().join("mine.db"), folder.path().join("profiles"));
    EventStore::create(&target).unwrap();
    std::fs::create_dir_all(&profiles).unwrap();
    let own = "name = 'mine'\ntitle = 'My crates'\n[events]\nfrom = 'rec'\nposition = 'n'\naggregate_type = \"'crate'\"\n\
               aggregate_id = 'box'\nversion = 'rev'\nevent_type = \"'crate_' || op\"\ndata = 'body'";
    std::fs::write(profiles.join("mine.toml"), own).unwrap();
    let other = folder.path().join("crates.db");
    let conn = Connection::open(&other).unwrap();
    conn.execute_batch(
        "CREATE TABLE rec (n INTEGER PRIMARY KEY, box TEXT, rev INTEGER, op TEXT, body TEXT, UNIQUE (box, rev))",
    )
    .unwrap();
    for number in 0..12_i64 {
        let row = (
            format!("b{}", number % 3),
            number / 3 + 1,
            ["Opened", "Moved"][usize::from(number % 2 == 1)],
            "{\"kg\":1}",
        );
        conn.execute("INSERT INTO rec (box, rev, op, body) VALUES (?1, ?2, ?3, ?4)", row).unwrap();
    }
    let mut window = window(Launch { file: Some(target.clone()), profiles: Some(profiles), ..Launch::default() });
    until_label(&mut window, "mine.db");
    unlock(&mut window);
    choose(&mut window, "Import into this store…");
    until_label(&mut window, "What to import");
    type_entry(&mut window, "What to import", "/nowhere/at/all.db");
    until_contains(&mut window, "/nowhere/at/all.db: ");
    let button = window.get_by_role_and_label(Role::Button, "Import");
    assert!(button.accesskit_node().is_disabled(), "there is no such file");
    type_entry(&mut window, "What to import", other.to_str().unwrap());
    until_label(&mut window, "12 events would be imported.");
    assert!(window.query_all_by_label_contains("No profile fits.").next().is_some(), "it was guessed");
    window.step();
    window.step();
    press_button(&mut window, "Read as");
    until_label(&mut window, "My crates");
    click(&mut window, "My crates");
    until_contains(&mut window, "It was chosen.");
    type_entry(&mut window, "Which events", "type:nothing(");
    type_entry(&mut window, "Which events", "type:crate_Moved");
    until_label(&mut window, "6 events would be imported.");
    import(&mut window);
    until_contains(&mut window, "6 events were imported.");
    let store = EventStore::open_read_only(&target).unwrap();
    let types: Vec<String> = store.events(Query::default()).map(|event| event.unwrap().event_type).collect();
    assert_eq!(types, ["crate_Moved"; 6]);
}

/// Whether a command can be carried out now; else why not. Its item in the menu says the same.
fn resolve(window: &Window, name: Name) -> Result<(), String> {
    window.state().resolve(name)
}

#[test]
fn lines_are_exported_through_the_filter_and_imported() {
    let shop = shop();
    let lines = shop.path.with_file_name("out.ndjson");
    let mut window = opened(&shop.path);
    type_into(&mut window, "Filter events", "type:order.placed");
    window.key_press(egui::Key::Enter);
    until_label(&mut window, "type: order.placed");
    choose(&mut window, "Export events…");
    until_label(&mut window, "Where the events go");
    assert!(window.query_all_by_label_contains("that the filter type:order.placed lets through").next().is_some());
    type_entry(&mut window, "Where the events go", lines.to_str().unwrap());
    click(&mut window, "Export");
    until_contains(&mut window, "were written to");
    let text = std::fs::read_to_string(&lines).unwrap();
    assert!(text.lines().count() > 100 && text.lines().all(|line| line.contains("\"event_type\":\"order.placed\"")));

    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("shop.db");
    EventStore::create(&target)
        .unwrap()
        .append(&StreamName::new("a", "1"), ExpectedVersion::Any, &[NewEvent::new("a.begun", json!({}))])
        .unwrap();
    let mut window = opened(&target);
    unlock(&mut window);
    choose(&mut window, "Import into this store…");
    until_label(&mut window, "What to import");
    type_entry(&mut window, "What to import", lines.to_str().unwrap());
    until_label(&mut window, "Keep the positions, versions and times of the lines");
    import(&mut window);
    until_contains(&mut window, "were imported.");
    assert_eq!(events(&target), text.lines().count() + 1);
}

#[test]
fn an_export_is_shown_in_its_form_and_without_what_is_personal_before_it_is_written() {
    let shop = shop();
    let table = shop.path.with_file_name("out.csv");
    let mut window = opened(&shop.path);
    choose(&mut window, "Export events…");
    until_contains(&mut window, "\"event_type\":\"");
    click(&mut window, "CSV");
    until_contains(&mut window, "position,event_id,aggregate_type");
    type_entry(&mut window, "Redact", "nonsense");
    until_contains(&mut window, "The rule nonsense");
    assert!(window.get_by_role_and_label(Role::Button, "Export").accesskit_node().is_disabled());
    type_entry(&mut window, "Redact", "stream");
    until_contains(&mut window, "redacted-");
    type_entry(&mut window, "Where the events go", table.to_str().unwrap());
    click(&mut window, "Export");
    until_contains(&mut window, "were written to");
    let text = std::fs::read_to_string(&table).unwrap();
    assert_eq!(text.lines().count(), 4_623);
    assert!(text.lines().skip(1).all(|line| line.contains(",redacted-")));
}

#[test]
fn what_would_be_archived_is_shown_before_it_goes() {
    let shop = shop();
    let mut window = opened(&shop.path);
    unlock(&mut window);
    choose(&mut window, "Archive…");
    until_label(&mut window, "Streams that ended with");
    type_entry(&mut window, "Events recorded before", "yesterday");
    let button = window.get_by_role_and_label(Role::Button, "Show what would go");
    assert!(button.accesskit_node().is_disabled(), "a moment that cannot be read");
    type_entry(&mut window, "Events recorded before", "2026-03-05");
    click(&mut window, "Show what would go");
    until_contains(&mut window, "would move to shop.archive.db, which will be made.");
    assert!(!shop.path.with_file_name("shop.archive.db").exists(), "nothing moved yet");
    // Another condition is another plan.
    type_entry(&mut window, "Streams of the aggregate type", "order");
    until_label(&mut window, "Show what would go");
    click(&mut window, "Show what would go");
    until_contains(&mut window, "would move to shop.archive.db");
    let all = events(&shop.path);
    let button = window
        .get_by(|node| node.role() == Role::Button && node.label().is_some_and(|name| name.starts_with("Archive ")));
    button.click();
    window.step();
    until_contains(&mut window, "were archived into shop.archive.db.");
    assert_eq!(events(&shop.path), all, "they are read as before");
    let store = EventStore::open_read_only(&shop.path).unwrap();
    assert!(store.statistics().unwrap().archived > 0);
}

#[test]
fn a_new_store_is_made_with_a_hash_chain_where_that_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fresh.db");
    let mut window = launched();
    window.run();
    click(&mut window, "New event store…");
    until_label(&mut window, "Where the store goes");
    type_entry(&mut window, "Where the store goes", path.to_str().unwrap());
    click(&mut window, "Keep a hash chain");
    click(&mut window, "Create");
    until_label(&mut window, "fresh.db");
    assert!(EventStore::open_read_only(&path).unwrap().last_hash().unwrap().is_some());
}

#[test]
fn a_foreign_database_offers_only_what_makes_sense_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    std::fs::copy(fixture("py_homeassistant"), &path).unwrap();
    let window = opened(&path);
    for name in [Name::VerifyStore, Name::BackUp, Name::ImportEvents, Name::ArchiveEvents] {
        assert!(resolve(&window, name).unwrap_err().contains("own format"), "{name:?}");
    }
    assert_eq!(resolve(&window, Name::ExportEvents), Ok(()));
}

/// A store with two snapshots, one of which is not what its events say, and two commands.
fn kept(folder: &Path) -> PathBuf {
    let path = folder.join("shop.db");
    let mut store = EventStore::create(&path).unwrap();
    let account = StreamName::new("account", "acc-7");
    let command = |id: &str, what: &str| StoreCommand {
        id: id.to_owned(),
        command_type: what.to_owned(),
        stream: account.clone(),
        actor: Some("ada".to_owned()),
        ..StoreCommand::default()
    };
    let opened =
        [NewEvent::new("account.opened", json!({"owner": "Ada"})), NewEvent::new("account.rated", json!({"rate": 3}))];
    store.append_command(&command("c-1", "open_account"), ExpectedVersion::NoStream, &opened).unwrap();
    let renamed = [NewEvent::new("account.renamed", json!({"owner": "Grace"}))];
    store.append_command(&command("c-2", "rename_account"), ExpectedVersion::Any, &renamed).unwrap();
    store.append_command(&command("c-3", "close_account"), ExpectedVersion::Any, &[]).unwrap();
    store.save_snapshot(&account, 2, 1, json!({"owner": "Ada", "rate": 3})).unwrap();
    store.save_snapshot(&account, 3, 1, json!({"owner": "Nobody", "rate": 3})).unwrap();
    path
}

#[test]
fn the_snapshots_and_commands_of_a_stream_are_shown_and_lead_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = kept(folder.path());
    let mut window = opened_at(&path, "account/acc-7", 1);
    window.get_by_role_and_label(Role::Tab, "Stream").click();
    window.step();
    until_label(&mut window, "Snapshots · 2");
    assert!(shows(&window, "Commands · 3"));
    let line = |window: &Window, begins: &str, ends: &str| {
        let lines = window.query_all_by_role(Role::Button);
        let mut names = lines.filter_map(|line| line.accesskit_node().label());
        names.any(|name| name.starts_with(begins) && name.ends_with(ends))
    };
    for (begins, ends) in [
        ("v3 ", "~ differs"),
        ("v2 ", "+ agrees"),
        ("open_account ", "ada 2 events"),
        ("rename_account ", "ada 1 event"),
        ("close_account ", "ada 0 events"),
    ] {
        assert!(line(&window, begins, ends), "{begins}… {ends}");
    }
    let press = |window: &mut Window, begins: &str| {
        let wanted = begins.to_owned();
        window
            .get_by(move |node| {
                node.role() == Role::Button && node.label().is_some_and(|name| name.starts_with(&wanted))
            })
            .click();
        window.step();
        window.step();
    };
    press(&mut window, "v3 ");
    until_label(&mut window, "Snapshot at version 3");
    until_contains(&mut window, "Nobody");
    click(&mut window, "Go to this version");
    assert_eq!(window.state().view().place.version, Some(3));
    step_until(&mut window, "the lists of the same stream", |window| line(window, "v3 ", "differs"));
    press(&mut window, "v3 ");
    assert!(!shows(&window, "Snapshot at version 3"));
    press(&mut window, "open_account ");
    step_until(&mut window, "the command's first event", |window| window.state().view().place.event == Some(1));
}
