//! What the window for schemas begins, by accessible name: a reducer with a path or with all of a type, an upcaster from
//! one version to another. And the same upcaster on the command line.

use std::path::Path;
use std::process::{Command, Output};

use egui::{Key, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::replay::Reducers;

use crate::window::{Window, click_part, contains, opened, press, shop, step_until, until_label};

/// The window for schemas on a type and version.
fn schemas(path: &Path, name: &str) -> Window {
    let mut window = opened(path);
    step_until(&mut window, "an event", |window| window.state().view().place.stream.is_some());
    press(&mut window, Key::D);
    until_label(&mut window, "Find event type");
    window.get_by_label("Find event type").focus();
    window.run_steps(2);
    window.get_by_label("Find event type").type_text(name);
    click_part(&mut window, &format!("{name} "));
    until_label(&mut window, "Begin a reducer…");
    window
}

fn text(window: &Window, part: &str) -> Option<String> {
    let mut fields = window.query_all_by_role(Role::MultilineTextInput);
    fields.find(|field| field.accesskit_node().label().is_some_and(|label| label.contains(part)))?.value()
}

fn copied(window: &Window) -> Option<String> {
    window.output().platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

#[test]
fn a_reducer_is_begun_with_a_path_and_with_all_of_a_type() {
    let shop = shop();
    // The demo comes with rules: without them there is nothing that a rule would go on with.
    std::fs::remove_file(shop.path.with_file_name("shop.reducers.toml")).ok();
    let mut window = schemas(&shop.path, "payment.expired@1");
    click_part(&mut window, "after_hours integer");
    until_label(&mut window, "Begin a reducer with it…");
    window.get_by_label("Begin a reducer with it…").click();
    step_until(&mut window, "the rule", |window| {
        text(window, "payment.expired").is_some_and(|text| text.ends_with(".after_hours = $event.data.after_hours"))
    });
    assert!(contains(&window, "Rules for payment"));
    assert_eq!(window.state().view().place.stream.as_ref().unwrap().aggregate_type, "payment");
    assert!(!window.get_by_label("Save these rules").accesskit_node().is_disabled(), "it is an edit to be saved");

    let mut window = schemas(&shop.path, "order.placed@2");
    window.get_by_label("Begin a reducer…").click();
    step_until(&mut window, "the rule for all of it", |window| {
        text(window, "order.placed")
            .is_some_and(|text| text.contains(".customer = $event.data.customer\n| .ship_to = $event.data.ship_to"))
    });
}

#[test]
fn an_upcaster_is_begun_copied_and_saved() {
    let shop = shop();
    std::fs::remove_file(shop.path.with_file_name("shop.reducers.toml")).ok();
    let mut window = schemas(&shop.path, "order.placed@2");
    window.get_by_label("order.placed@1").click();
    until_label(&mut window, "Copy as Rust");
    window.get_by_label("Copy as Rust").click();
    step_until(&mut window, "the function", |window| copied(window).is_some());
    assert!(copied(&window).unwrap().contains("pub fn upcast_order_placed_1_to_2(data: &mut Value)"));
    window.get_by_label("Save as Rust…").click();
    let file = shop.path.with_file_name("upcaster.rs");
    super::saving::save_to(&mut window, &file);
    assert!(
        std::fs::read_to_string(&file).unwrap().contains("moved(data, (&[], \"name\"), (&[\"ship_to\"], \"name\"));")
    );
    let mut window = schemas(&shop.path, "order.placed@2");
    window.get_by_label("order.placed@1").click();
    until_label(&mut window, "Begin in the rules…");
    window.get_by_label("Begin in the rules…").click();
    step_until(&mut window, "the upcaster in the rules", |window| {
        text(window, "Upcaster text").is_some_and(|text| text.contains(".currency //= \"EUR\""))
    });
}

fn eventscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

#[test]
fn the_command_line_writes_an_upcaster_that_folds() {
    let shop = shop();
    let file = shop.path.to_str().unwrap();
    let written = eventscope(&["schema", file, "order.placed@1..2", "--upcaster"]);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let section = String::from_utf8(written.stdout).unwrap();
    assert!(
        section.starts_with("[upcast.\"order.placed\"]\n1 = '''\n# order.placed from schema version 1 to 2"),
        "{section}"
    );
    assert!(Reducers::parse(&section, "upcaster").is_ok(), "{section}");
    let newest = eventscope(&["schema", file, "order.placed", "--upcaster"]);
    assert_eq!(String::from_utf8(newest.stdout).unwrap(), section);
    // Every order of the first version folds by it into what the second would have said.
    let reducers = shop.path.with_file_name("mine.toml");
    std::fs::write(
        &reducers,
        format!("{section}[aggregate.order.on]\n\"order.placed\" = \"merge\"\n\"*\" = \"ignore\"\n"),
    )
    .unwrap();
    let state = eventscope(&["state", file, "order/ord-000105", "--reducers", reducers.to_str().unwrap(), "--json"]);
    assert!(state.status.success(), "{}", String::from_utf8_lossy(&state.stderr));
    let state = String::from_utf8(state.stdout).unwrap();
    assert!(state.contains("\"name\":\"Anna Keller\"") && state.contains("\"currency\":\"EUR\""), "{state}");

    let rust = eventscope(&["schema", file, "order.placed@1..2", "--upcaster=rust"]);
    assert!(String::from_utf8(rust.stdout).unwrap().starts_with("use serde_json::"));
    for (wrong, says) in
        [("order.placed@1..9", "There is order.placed@1, order.placed@2."), ("order.lost", "lists the types")]
    {
        let output = eventscope(&["schema", file, wrong, "--upcaster"]);
        assert_eq!(output.status.code(), Some(1), "{wrong}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(says), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(
        eventscope(&["schema", file, "--upcaster"]).status.code(),
        Some(2),
        "of which type it is has to be said"
    );
}
