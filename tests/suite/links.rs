//! Links that lead to a stream at a version, and the streams, types and fields that the palette finds.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use eventscope::app::Launch;
use eventscope::cli::{Next, run};
use eventscope::model::LinkPlace;

use super::window::{Window, has_version, opened, press, press_with, shop, step_until, until_label, window};

fn go_to(window: &mut Window, text: &str) {
    press_with(window, Modifiers::COMMAND, Key::G);
    until_label(window, "Position or time");
    window.get_by_label("Position or time").type_text(text);
    window.run_steps(2);
    press(window, Key::Enter);
}

fn find(window: &mut Window, text: &str) {
    press_with(window, Modifiers::COMMAND, Key::K);
    until_label(window, "Search commands");
    window.get_by_label("Search commands").type_text(text);
    window.run_steps(2);
}

fn stream(window: &Window) -> Option<String> {
    window.state().view().place.stream.as_ref().map(ToString::to_string)
}

#[test]
fn a_link_is_a_file_and_a_place_for_the_command_line() {
    let Next::Window(request) = run(["eventscope", "eventscope:/a%20b/shop.db#order/ord-1@3"].map(Into::into)) else {
        panic!("the window opens")
    };
    assert_eq!(request.at, Some(LinkPlace::Stream("order/ord-1".to_owned(), Some(3))));
    assert_eq!(request.open.unwrap().path.to_str(), Some("/a b/shop.db"));
}

#[test]
fn a_stream_at_a_version_is_gone_to_by_name_and_by_link() {
    let (shop, other) = (shop(), super::window::shop());
    let mut window = opened(&shop.path);
    go_to(&mut window, "order/ord-000105@3");
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    assert_eq!(stream(&window).as_deref(), Some("order/ord-000105"));
    go_to(&mut window, &format!("eventscope:{}#stock/sku-cup-blue@154", shop.path.display()));
    step_until(&mut window, "version 154", |window| has_version(window, 154));
    // A link into another database opens that.
    go_to(&mut window, &format!("eventscope:{}#stock/sku-cup-blue@7", other.path.display()));
    step_until(&mut window, "version 7", |window| has_version(window, 7));
    let overview = window.state().session().unwrap().overview().unwrap();
    assert_eq!(overview.path.canonicalize().unwrap(), other.path.canonicalize().unwrap());
}

#[test]
fn a_link_leads_to_a_position_too() {
    let shop = shop();
    let link = format!("eventscope:{}#@53", shop.path.display());
    let Next::Window(request) = run(["eventscope", &link].map(Into::into)) else { panic!("the window opens") };
    let at = request.at.clone();
    assert_eq!(at, Some(LinkPlace::Position(53)));
    let mut window = window(Launch { file: Some(request.open.unwrap().path), at, ..Launch::default() });
    let selected = |wanted| move |window: &Window| window.state().view().place.event == Some(wanted);
    step_until(&mut window, "position 53", selected(53));
    go_to(&mut window, "eventscope:#@49");
    step_until(&mut window, "position 49", selected(49));
    go_to(&mut window, "@60");
    step_until(&mut window, "position 60", selected(60));
}

/// The text that was last copied.
fn copied(window: &Window) -> Option<String> {
    let commands = &window.output().platform_output.commands;
    commands.iter().rev().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

/// Has the link copied, and waits until it is.
fn copy_link(window: &mut Window) -> String {
    find(window, "Copy link");
    // The key is not let go: what is copied is told in the frame in which it was pressed.
    let (key, modifiers) = (Key::Enter, Modifiers::NONE);
    window.event(egui::Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers });
    window.step();
    copied(window).expect("a link is copied")
}

#[test]
fn where_an_event_has_no_stream_its_position_is_linked_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE log (id INTEGER PRIMARY KEY, kind TEXT, body TEXT);
         INSERT INTO log VALUES (3, 'began', '{}'), (7, 'ended', '{}');",
    )
    .unwrap();
    let profile = folder.path().join("log.toml");
    let text = "name = 'log'\ntitle = 'A log'\n[detect]\nlog = ['id', 'kind']\n[events]\nfrom = 'log'\n\
                position = 'id'\naggregate_id = \"''\"\nevent_type = 'kind'\ndata = 'body'\n";
    std::fs::write(&profile, text).unwrap();
    let profile = Some(profile.display().to_string());
    let mut window = window(Launch { file: Some(path.clone()), profile, ..Launch::default() });
    step_until(&mut window, "an event", |window| window.state().view().place.event == Some(7));
    until_label(&mut window, "Raw");
    assert_eq!(copy_link(&mut window), format!("eventscope:{}#@7", path.display()));
    let shop = shop();
    let mut window = super::window::opened_at(&shop.path, "stock/sku-cup-blue", 3);
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    assert_eq!(copy_link(&mut window), format!("eventscope:{}#stock/sku-cup-blue@3", shop.path.display()));
}

#[test]
fn the_palette_finds_streams_types_and_fields() {
    let shop = shop();
    let mut window = opened(&shop.path);
    step_until(&mut window, "the streams", |window| {
        window.state().session().is_some_and(|session| session.streams().total.complete)
    });
    find(&mut window, "ord-000105");
    until_label(&mut window, "Stream order/ord-000105");
    window.get_by_label("Stream order/ord-000105").click();
    window.run_steps(3);
    assert_eq!(stream(&window).as_deref(), Some("order/ord-000105"));
    find(&mut window, "order.plac");
    until_label(&mut window, "Events of type order.placed");
    window.get_by_label("Events of type order.placed").click();
    window.run_steps(3);
    assert_eq!(window.state().view().place.filter, "type:order.placed");
    find(&mut window, "data.customer");
    until_label(&mut window, "Events with data.customer");
    window.get_by_label("Events with data.customer").click();
    window.run_steps(3);
    assert_eq!(window.state().view().place.filter, "type:order.placed has:data.customer");
}

#[test]
fn the_palette_finds_events_by_position_by_id_and_by_what_they_say() {
    let shop = shop();
    let mut window = opened(&shop.path);
    find(&mut window, "3,235");
    until_label(&mut window, "Event 3,235 stock.released stock/sku-cup-blue@154");
    window.run_steps(2);
    press(&mut window, Key::Enter);
    step_until(&mut window, "the event", |window| has_version(window, 154));
    assert_eq!(window.state().view().place.event, Some(3_235));
    let id = |window: &Window| {
        let event = window.state().session().unwrap().event(3_235).value().cloned()?;
        event.id.clone()
    };
    step_until(&mut window, "its id", |window| id(window).is_some());
    let id = id(&window).unwrap();
    press(&mut window, Key::Home);
    step_until(&mut window, "another version", |window| has_version(window, 1));
    find(&mut window, &id);
    until_label(&mut window, "Event 3,235 stock.released stock/sku-cup-blue@154");
    window.run_steps(2);
    press(&mut window, Key::Enter);
    step_until(&mut window, "the event by its id", |window| has_version(window, 154));

    find(&mut window, "LINDEN avenue 19");
    step_until(&mut window, "the first of those that say so, and all of them", |window| {
        super::window::contains(window, "Linden Avenue 19, 10969 Berlin")
            && super::window::shows(window, "All events whose data holds LINDEN avenue 19")
    });
    let hits = window.query_all_by_label_contains("order.placed order/").count();
    assert!((2..=12).contains(&hits), "only the first ones: {hits}");
    step_until(&mut window, "an end of it", |window| !super::window::shows(window, "Looking for events…"));
    for _ in 0..hits {
        press(&mut window, Key::ArrowDown);
    }
    press(&mut window, Key::Enter);
    window.run_steps(2);
    assert_eq!(window.state().view().place.filter, "\"LINDEN avenue 19\"");
    step_until(&mut window, "all of them", |window| {
        let rows = window.state().session().unwrap().rows();
        rows.len().complete && !rows.is_stale() && rows.len().value > 12
    });

    find(&mut window, "nobody ever said this");
    until_label(&mut window, "No command has these letters in its name, and no event has them in its data.");
}

#[test]
fn the_palette_applies_a_saved_filter() {
    let shop = shop();
    let mut window = opened(&shop.path);
    find(&mut window, "order.plac");
    until_label(&mut window, "Events of type order.placed");
    window.get_by_label("Events of type order.placed").click();
    window.run_steps(3);
    find(&mut window, "Save this filter");
    press(&mut window, Key::Enter);
    until_label(&mut window, "Name of the filter");
    window.get_by_label("Name of the filter").type_text("New orders");
    window.run_steps(2);
    press(&mut window, Key::Enter);
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::X);
    step_until(&mut window, "no filter", |window| window.state().view().place.filter.is_empty());
    find(&mut window, "new ord");
    until_label(&mut window, "Filter New orders");
    window.get_by_label("Filter New orders").click();
    window.run_steps(3);
    assert_eq!(window.state().view().place.filter, "type:order.placed");
}
