//! The timeline in the window, by accessible name: its marks, the part of it that is in view, scrubbing.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::app::Launch;
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::model::{MarkKind, Span};
use eventscope::store::EventStore;

use crate::window::{
    Window, contains, has_version, opened_at, press, press_with, shop, shows, step_until, until_label, window,
};

/// Where the track is.
fn track(window: &Window) -> egui::Rect {
    window.get_by_role_and_label(Role::Slider, "Version").rect()
}

fn span(window: &Window) -> Option<Span> {
    window.state().view().span
}

#[test]
fn the_timeline_is_zoomed_moved_and_made_whole_by_key_and_follows_the_version() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 100);
    step_until(&mut window, "version 100", |window| has_version(window, 100));
    step_until(&mut window, "the history", |window| has_version(window, 100) && !contains(window, "folded to"));
    for _ in 0..3 {
        press(&mut window, Key::Equals);
    }
    let near = span(&window).unwrap();
    assert!(near.start() < 99.0 && near.end() > 99.0 && near.length() < 25.0, "{near:?}");
    press_with(&mut window, Modifiers::SHIFT, Key::ArrowRight);
    step_until(&mut window, "a tenth of it further on", |window| has_version(window, 102));
    assert_eq!(span(&window), Some(near), "the version is still in view");
    press(&mut window, Key::End);
    step_until(&mut window, "the last version", |window| has_version(window, 173));
    let last = span(&window).unwrap();
    assert!((last.end() - 172.0).abs() < 1e-6 && (last.length() - near.length()).abs() < 1e-6, "{last:?}");
    press(&mut window, Key::Num0);
    assert_eq!(span(&window), None);
}

#[test]
fn the_wheel_zooms_where_it_is_turned_a_drag_scrubs_and_the_other_button_moves() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 100);
    step_until(&mut window, "version 100", |window| has_version(window, 100));
    let track = track(&window);
    let at = |share: f32| egui::pos2(track.left() + track.width() * share, track.center().y);
    window.hover_at(at(0.25));
    window.step();
    let delta = egui::vec2(0.0, 200.0);
    let (unit, modifiers, phase) = (egui::MouseWheelUnit::Point, Modifiers::NONE, egui::TouchPhase::Move);
    let source = egui::MouseWheelSource::Unknown;
    window.event(egui::Event::MouseWheel { unit, delta, modifiers, phase, source });
    step_until(&mut window, "a part", |window| span(window).is_some_and(|span| span.length() < 100.0));
    window.run_steps(20);
    let near = span(&window).unwrap();
    let under = near.start() + 0.25 * near.length();
    assert!((under - 0.25 * 172.0).abs() < 3.0, "what was under the pointer stays there: {near:?}");

    window.drag_at(at(0.25));
    window.step();
    window.hover_at(at(0.5));
    window.step();
    window.drop_at(at(0.5));
    window.step();
    let middle = near.start() + 0.5 * near.length() + 1.0;
    let version = window.state().view().place.version.unwrap();
    #[expect(clippy::cast_precision_loss, reason = "a small version")]
    let off = (version as f64 - middle).abs();
    assert!(off <= 3.0, "scrubbed to {version}, not {middle}");

    let button = |pressed, share| egui::Event::PointerButton {
        pos: at(share),
        button: egui::PointerButton::Secondary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    window.event(button(true, 0.5));
    window.step();
    window.hover_at(at(0.4));
    window.step();
    window.hover_at(at(0.3));
    window.step();
    window.event(button(false, 0.3));
    window.step();
    let moved = span(&window).unwrap();
    assert!(moved.start() > near.start() + 0.1 * near.length(), "{near:?} {moved:?}");
    assert_eq!(window.state().view().place.version, Some(version), "the version stays");
}

#[test]
fn marks_are_switched_off_and_on_and_that_is_kept() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 100);
    until_label(&mut window, "Marks on the timeline");
    window.get_by_label("Marks on the timeline").click();
    until_label(&mut window, "Event types");
    window.get_by_label("Event types").click();
    window.run_steps(3);
    assert!(!window.state().view().marks.shows(MarkKind::Types));
    press(&mut window, Key::Escape);
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Search commands").type_text("Show event types on");
    window.run_steps(3);
    press(&mut window, Key::Enter);
    assert!(window.state().view().marks.shows(MarkKind::Types));
}

/// Types a filter and presses Return.
fn filter(window: &mut Window, text: &str) {
    press(window, Key::Slash);
    window.step();
    window.get_by_label("Filter events").type_text(text);
    window.step();
    press(window, Key::Enter);
}

#[test]
fn events_are_filtered_by_what_they_did_and_marked_on_the_timeline() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 160);
    step_until(&mut window, "version 160", |window| has_version(window, 160));
    filter(&mut window, "stream:stock/sku-cup-blue changed:/on_hand");
    step_until(&mut window, "what changed it", |window| {
        let rows = window.state().session().unwrap().rows();
        rows.len().complete && rows.len().value > 0 && !rows.is_stale()
    });
    assert!(shows(&window, "changed: /on_hand") || contains(&window, "/on_hand"));
    let session = window.state().session().unwrap();
    let (found, answer) = (session.filter_matches().unwrap(), session.filter_answer().unwrap());
    let history = session.history(&StreamName::new("stock", "sku-cup-blue")).value().cloned().unwrap();
    let marked = history.marks.iter().filter(|mark| found.contains(mark.position)).count();
    assert_eq!(marked as u64, answer.events);
    assert!(marked > 5 && marked < 173, "some of them did: {marked}");
    // Each that is kept changed the place: the last one set what is there in the end.
    let kept: Vec<_> = history.marks.iter().filter(|mark| found.contains(mark.position)).collect();
    let last = session.state(&StreamName::new("stock", "sku-cup-blue"), 160).value().cloned().unwrap();
    let setter = last.blame.last_set("/on_hand").unwrap();
    assert_eq!(kept.iter().map(|mark| mark.version).filter(|version| *version <= 160).max(), Some(setter));
}

#[test]
fn the_menu_of_a_value_leads_to_the_events_that_changed_it() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 160);
    until_label(&mut window, "on_hand: -1");
    window.get_by_label("on_hand: -1").click_secondary();
    until_label(&mut window, "Only events that changed it");
    window.get_by_label("Only events that changed it").click();
    step_until(&mut window, "the filter", |window| window.state().view().place.filter == "changed:/on_hand");
    step_until(&mut window, "its events", |window| {
        let rows = window.state().session().unwrap().rows();
        rows.len().complete && !rows.is_stale() && rows.len().value > 20
    });
}

#[test]
fn the_whole_store_is_searched_for_what_events_did_its_hits_come_as_they_are_found_and_it_can_be_stopped() {
    let shop = shop();
    let mut store = EventStore::open(&shop.path).unwrap();
    let more = |number: i64| NewEvent::new("stock.counted", serde_json::json!({"counted": number % 7}));
    for stream in 0..40 {
        let events: Vec<_> = (0..1500).map(|number| more(number + stream)).collect();
        let name = StreamName::new("stock", format!("many-{stream}"));
        store.append(&name, ExpectedVersion::NoStream, &events).unwrap();
    }
    drop(store);
    let mut window = window(Launch { file: Some(shop.path.clone()), ..Launch::default() });
    step_until(&mut window, "the rows", |window| {
        window.state().session().is_some_and(|session| session.rows().len().complete)
    });
    filter(&mut window, "changed:/on_hand");
    step_until(&mut window, "the first hits, before all are found", |window| {
        let rows = window.state().session().unwrap().rows();
        !rows.is_stale() && rows.len().value > 0 && !rows.len().complete
    });
    step_until(&mut window, "a way to stop it", |window| contains(window, "Stop: "));
    let button = window.query_all_by_label_contains("Stop: ").next().unwrap().accesskit_node().label().unwrap();
    window.get_by_label(&button).click();
    step_until(&mut window, "that it stopped", |window| !contains(window, "Stop: "));
    window.run_steps(5);
    let so_far = window.state().session().unwrap().rows().len();
    assert!(so_far.value > 0 && !so_far.complete, "what was found stays, and is not taken for all: {so_far:?}");
    std::thread::sleep(std::time::Duration::from_millis(300));
    window.run_steps(5);
    assert_eq!(window.state().session().unwrap().rows().len(), so_far, "it does not begin anew");
}

#[test]
fn streams_are_kept_side_by_side_at_every_moment_of_the_store() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 154);
    step_until(&mut window, "version 154", |window| has_version(window, 154));
    press(&mut window, Key::P);
    step_until(&mut window, "it kept", |window| contains(window, "State of everything here, at position"));
    // The first event after this one that is of another stream.
    for _ in 0..20 {
        let at = window.state().view().place.event;
        press(&mut window, Key::J);
        step_until(&mut window, "the next event", |window| window.state().view().place.event > at);
        window.run_steps(3);
        if window.state().view().place.stream.as_ref().is_some_and(|stream| stream.aggregate_id != "sku-cup-blue") {
            break;
        }
    }
    let other = window.state().view().place.stream.clone().unwrap();
    assert_ne!(other, StreamName::new("stock", "sku-cup-blue"));
    press(&mut window, Key::P);
    assert_eq!(window.state().view().beside, [StreamName::new("stock", "sku-cup-blue"), other.clone()]);
    // Each is at its last version up to the event that is shown.
    let expected = |window: &Window| {
        let (session, at) = (window.state().session().unwrap(), window.state().view().place.event.unwrap());
        let version = |stream: &StreamName| {
            let history = session.history(stream).value().cloned()?;
            let mut before = history.marks.iter().filter(|mark| mark.position <= at);
            before.next_back().map(|mark| (mark.version, mark.event_type.to_owned()))
        };
        [version(&StreamName::new("stock", "sku-cup-blue")), version(&other)]
    };
    step_until(&mut window, "both at this moment", |window| {
        expected(window)
            .into_iter()
            .all(|of| of.is_some_and(|(version, kind)| contains(window, &format!("v{version} {kind}"))))
    });
    let before = window.state().view().place.event.unwrap();
    press(&mut window, Key::Home);
    step_until(&mut window, "another moment", |window| window.state().view().place.event.is_some_and(|at| at < before));
    step_until(&mut window, "both at that one", |window| {
        let of = expected(window);
        of[1].is_some()
            && of.into_iter().flatten().all(|(version, kind)| contains(window, &format!("v{version} {kind}")))
    });
    window.get_by_label(&format!("Let {other} go")).click();
    window.run_steps(3);
    assert_eq!(window.state().view().beside, [StreamName::new("stock", "sku-cup-blue")]);
}
