//! Links that lead to a stream at a version, and the streams, types and fields that the palette finds.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use eventscope::cli::{Next, run};

use super::window::{Window, has_version, opened, press, press_with, shop, step_until, until_label};

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
    assert_eq!(request.at, Some(("order/ord-1".to_owned(), Some(3))));
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
