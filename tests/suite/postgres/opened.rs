//! A server opened in the window like a file, driven by accessible name: found, chosen, gathered, followed, forgotten.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::app::Launch;
use eventscope::model::{Name, Overlay};
use tempfile::TempDir;

use super::gathering::log;
use super::server::{Database, OWNER, PASSWORD, cluster, database};
use crate::window::{Window, contains, shows, step_until, until_label, window};

/// A window whose slices go with the test.
fn started(file: Option<String>) -> (Window, TempDir) {
    let cache = tempfile::tempdir().unwrap();
    let launch = Launch { file: file.map(PathBuf::from), cache: Some(cache.path().to_owned()), ..Launch::default() };
    (window(launch), cache)
}

fn press(window: &mut Window, name: &str) {
    step_until(window, name, |window| window.query_all_by_role_and_label(Role::Button, name).next().is_some());
    window.run_steps(2);
    window.query_all_by_role_and_label(Role::Button, name).next().unwrap().click();
    window.run_steps(3);
}

fn until(window: &mut Window, part: &str) {
    step_until(window, part, |window| contains(window, part));
}

fn write(window: &mut Window, role: Role, name: &str, text: &str) {
    window.get_by_role_and_label(role, name).focus();
    window.run_steps(1);
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.run_steps(1);
    window.get_by_role_and_label(role, name).type_text(text);
    window.run_steps(2);
}

fn events(window: &Window) -> u64 {
    window.state().session().map_or(0, |session| session.rows().len().value)
}

fn opened_with(window: &mut Window, count: u64) {
    step_until(window, "the events", |window| events(window) == count);
}

fn choose(window: &mut Window, menu: &str, item: &str) {
    press(window, menu);
    press(window, item);
}

/// A server without a password, so that one is asked for.
fn named(window: &mut Window, database: &Database, user: &str) {
    press(window, "Open a server…");
    for (name, text) in [
        ("Host or URL", "127.0.0.1"),
        ("Port", &database.port.to_string()),
        ("Database", &database.name),
        ("User", user),
    ] {
        write(window, Role::TextInput, name, text);
    }
    press(window, "Connect");
}

#[test]
fn a_server_is_opened_like_a_file_and_followed_live() {
    let Some(database) = database("windowed") else { return };
    log(&database, 500);
    let (mut window, cache) = started(None);
    window.run_steps(2);
    named(&mut window, &database, OWNER);
    until(&mut window, "The server asks for a password.");
    write(&mut window, Role::PasswordInput, "Password", "not this one");
    press(&mut window, "Connect");
    until(&mut window, "lets nobody in");
    assert!(contains(&window, "Look at the user and the password."));
    write(&mut window, Role::PasswordInput, "Password", PASSWORD);
    press(&mut window, "Connect");
    until_label(&mut window, "public.log");
    until(&mut window, "About 500 events");
    press(&mut window, "Gather");
    opened_with(&mut window, 500);
    until(&mut window, "the last 100,000 events");
    until_label(&mut window, "Following");
    assert_eq!(window.state().view().overlay, Overlay::None);

    database.run("INSERT INTO log (stream_id, version, event_type, data, recorded_at) VALUES ('new', 1, 'x', '{\"n\": 501}', now())");
    let begun = std::time::Instant::now();
    opened_with(&mut window, 501);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());

    // Nothing is appended to the server; to a copy it is.
    assert!(window.state().resolve(Name::Unlock).unwrap_err().contains("slice of a server"));
    let copy = cache.path().join("mine.db");
    choose(&mut window, "Store", "Append to a copy…");
    write(&mut window, Role::TextInput, "Where the copy goes", copy.to_str().unwrap());
    press(&mut window, "Copy");
    until(&mut window, "Unlock it to append events.");
    step_until(&mut window, "the copy", |window| {
        window.state().session().and_then(|session| session.overview()).is_some_and(|it| it.path == copy)
    });
    opened_with(&mut window, 501);
    assert!(!shows(&window, "Following"));
    let kept: Vec<PathBuf> = slices(cache.path());
    assert_eq!(kept.len(), 1, "{kept:?}");
}

fn slices(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.to_string_lossy().ends_with("gathered.db")).collect()
}

#[test]
fn a_url_opens_widens_and_is_forgotten_and_its_password_is_nowhere() {
    let Some(database) = database("by_url") else { return };
    log(&database, 300);
    let (mut window, cache) = started(Some(database.url()));
    until_label(&mut window, "public.log");
    write(&mut window, Role::TextInput, "How many events", "20");
    until(&mut window, "About 20 events");
    press(&mut window, "Gather");
    opened_with(&mut window, 20);
    until_label(&mut window, "Following");
    press(&mut window, "Stop following");
    until_label(&mut window, "Follow the server");

    choose(&mut window, "Store", "More of this server…");
    until(&mut window, "About 200 events");
    press(&mut window, "Gather");
    opened_with(&mut window, 200);
    assert_eq!(slices(cache.path()).len(), 2);
    let said = crate::window::names(&window);
    assert!(!said.contains("owner:") && !said.contains("of the owner") && !said.contains("of%20the"), "{said}");

    choose(&mut window, "Store", "Forget this slice");
    until(&mut window, "The slice was deleted.");
    step_until(&mut window, "the file to be deleted", |_| slices(cache.path()).len() == 1);
    // It is among what was opened, as a server and a table, without the password.
    let recent = window.query_all_by_label_contains("#public.log").next().unwrap();
    assert!(recent.accesskit_node().label().is_some_and(|name| !name.contains("of the owner")));
}

#[test]
fn a_gathering_that_is_stopped_goes_on_where_it_stopped() {
    let Some(database) = database("stopped") else { return };
    log(&database, 400_000);
    let (mut window, cache) = started(Some(database.url()));
    until_label(&mut window, "public.log");
    until(&mut window, "About 100,000 events");
    window.run_steps(2);
    window.get_by_label("All events").click();
    until(&mut window, "About 400,000 events");
    press(&mut window, "Gather");
    until(&mut window, "events");
    step_until(&mut window, "the first events", |window| {
        window.query_all_by_label_contains(" of about ").next().is_some_and(|node| {
            node.accesskit_node().label().or(node.accesskit_node().value()).is_some_and(|text| !text.starts_with("0 "))
        })
    });
    press(&mut window, "Stop");
    until(&mut window, "It was stopped:");
    until(&mut window, "unfinished,");
    assert!(window.state().session().is_none(), "it is not shown as whole");
    assert_eq!(slices(cache.path()).len(), 1);
    press(&mut window, "Go on");
    opened_with(&mut window, 400_000);
    assert_eq!(slices(cache.path()).len(), 1, "the same one goes on");
}

#[test]
fn what_stands_in_the_way_is_said_with_a_clear_word() {
    let Some(database) = database("no_word") else { return };
    let (mut window, _cache) = started(Some(format!("{}_not", database.url())));
    until(&mut window, "does not exist");
    assert!(shows(&window, "Connect"), "it can be named otherwise");
    drop(window);

    log(&database, 50);
    let role = format!("nobody_of_{}", database.name);
    database.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'r'"));
    let url = format!("postgres://{role}:r@127.0.0.1:{}/{}", database.port, database.name);
    let (mut window, _cache) = started(Some(url));
    until(&mut window, "Nothing that this user may see looks like a log of events.");
    write(&mut window, Role::TextInput, "Table", "public.log");
    until(&mut window, "right to read public.log");
    drop(window);

    let (mut window, _cache) = started(Some("postgres://me@127.0.0.1:1/shop".to_owned()));
    until(&mut window, "Look at the host and the port");
}

#[test]
fn a_server_that_goes_is_said_and_followed_again_once_it_is_back() {
    let Some(mut cluster) = cluster("gone", "") else { return };
    let database = cluster.database("shop");
    log(&database, 30);
    let (mut window, _cache) = started(Some(database.url()));
    until_label(&mut window, "public.log");
    press(&mut window, "Gather");
    opened_with(&mut window, 30);
    until_label(&mut window, "Following");
    cluster.stop();
    until_label(&mut window, "Server not reached, trying again");
    cluster.run();
    database.run("INSERT INTO log (stream_id, version, event_type, data, recorded_at) VALUES ('new', 1, 'x', '{\"n\": 31}', now())");
    opened_with(&mut window, 31);
    until_label(&mut window, "Following");
}
