//! What a frame of the window costs on a large store: layout and tessellation, without a display.
//!
//! `cargo bench --bench window`, or `EVENTS=10000000 cargo bench --bench window`. Workers answer meanwhile, as they do
//! in the window. `tests/window/measure` reads what a person waits for off the real window.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod large_store;

use std::time::{Duration, Instant};

use eframe::App as _;
use egui::{Event, Key, Modifiers, MouseWheelUnit, Pos2, RawInput, Rect, TouchPhase, Vec2, pos2, vec2};
use eventscope::app::{App, Launch};
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::model::Name;
use eventscope::store::EventStore;

const SIZE: Vec2 = vec2(1440.0, 900.0);
/// A point over the event table.
const TABLE: Pos2 = pos2(600.0, 500.0);
const FRAMES: usize = 2_000;
/// A point over the state, and how many leaves a large one has.
const STATE: Pos2 = pos2(1250.0, 650.0);
const LEAVES: i64 = 100_000;

fn main() {
    let (file, events) = large_store::database();
    println!("{events} events, 1440x900, {FRAMES} frames each; layout and tessellation");

    let begin = Instant::now();
    let mut window = Window::open(file);
    window.until("the first rows", |app| app.session().is_some_and(|session| session.rows().get(0).is_some()));
    println!("{:40} {:>8.1} ms", "first rows, without a display", begin.elapsed().as_secs_f64() * 1e3);
    window.until("every row counted", |app| {
        app.session().is_some_and(|session| session.rows().len().complete && session.rows().len().value == events)
    });

    window.move_to(TABLE);
    show("scrolling by wheel", &window.frames(|_| vec![wheel(-120.0)]));
    show("scrolling by wheel, far", &window.frames(|_| vec![wheel(-30_000.0)]));
    show("selecting rows by key", &window.frames(|_| key(Key::J, Modifiers::NONE)));
    let last = window.frames_until(&key(Key::End, Modifiers::COMMAND), |app| {
        app.view().place.event == i64::try_from(events).ok()
            && app.session().is_some_and(|session| session.rows().get(events - 1).is_some())
    });
    println!("{:40} {:>8} is position {:?}", "the last row", events, last);
    window.press(&key(Key::Home, Modifiers::NONE));
    show("stepping through a stream", &window.frames(|_| key(Key::ArrowRight, Modifiers::NONE)));
    show("resting", &window.frames(|_| Vec::new()));
    let typed = "data.amount>9990";
    show("typing a filter, and its hits coming in", &window.frames(|number| filtering(typed, number)));
    window.move_to(TABLE);
    show("scrolling through its hits", &window.frames(|_| vec![wheel(-120.0)]));
    drop(window);
    large_state();
}

/// What a state of 100,000 leaves costs: scrolling through it, stepping from one to the next, looking for a text in it.
fn large_state() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.db");
    let mut store = EventStore::create(&file).unwrap();
    let leaves: serde_json::Map<_, _> = (0..LEAVES).map(|leaf| (format!("leaf {leaf}"), leaf.into())).collect();
    let mut events = vec![NewEvent::new("filled", serde_json::Value::Object(leaves))];
    events.extend((0..FRAMES).map(|step| NewEvent::new("stepped", serde_json::json!({"leaf 7": step, "step": step}))));
    store.append(&StreamName::new("large", "state"), ExpectedVersion::NoStream, &events).unwrap();
    drop(store);
    println!("a state of {LEAVES} leaves, open");
    let mut window = Window::open(file);
    window.until("the state", |app| app.resolve(Name::CopyState).is_ok());
    window.move_to(STATE);
    show("scrolling by wheel", &window.frames(|_| vec![wheel(-120.0)]));
    show("scrolling by wheel, far", &window.frames(|_| vec![wheel(-30_000.0)]));
    window.press(&key(Key::Home, Modifiers::NONE));
    show("stepping through its versions", &window.frames(|_| key(Key::ArrowRight, Modifiers::NONE)));
    show("resting", &window.frames(|_| Vec::new()));
    window.press(&key(Key::S, Modifiers::NONE));
    window.press(&[]);
    let letters = ["l", "e", "a", "f", " ", "9", "9"];
    show(
        "typing what is looked for",
        &window
            .frames(|number| letters.get(number).map(|letter| Event::Text((*letter).to_owned())).into_iter().collect()),
    );
}

/// The whole program, drawn into nothing.
struct Window {
    ctx: egui::Context,
    app: App,
    frame: eframe::Frame,
    begin: Instant,
}

impl Window {
    fn open(file: std::path::PathBuf) -> Self {
        let ctx = egui::Context::default();
        let app = App::new(&ctx, None, Launch { file: Some(file), ..Launch::default() });
        Self { ctx, app, frame: eframe::Frame::_new_kittest(), begin: Instant::now() }
    }

    /// One frame with these events: how long its layout and tessellation took.
    fn press(&mut self, events: &[Event]) -> Duration {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(self.begin.elapsed().as_secs_f64()),
            events: events.to_vec(),
            ..RawInput::default()
        };
        let begin = Instant::now();
        let ctx = self.ctx.clone();
        let mut output = ctx.run_ui(input, |ui| {
            self.app.logic(&ctx, &mut self.frame);
            self.app.ui(ui, &mut self.frame);
        });
        let shapes = ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = begin.elapsed();
        // There is no graphics card that would take them.
        output.textures_delta.clear();
        assert!(!shapes.is_empty(), "nothing was drawn");
        took
    }

    fn move_to(&mut self, point: Pos2) {
        self.press(&[Event::PointerMoved(point)]);
    }

    /// The times of many frames, shortest first. Frames come as on a 120 Hz screen, so that workers can answer.
    fn frames(&mut self, events: impl Fn(usize) -> Vec<Event>) -> Vec<Duration> {
        let mut times: Vec<_> = (0..FRAMES)
            .map(|number| {
                let took = self.press(&events(number));
                std::thread::sleep(Duration::from_secs_f64(1.0 / 120.0).saturating_sub(took));
                took
            })
            .collect();
        times.sort_unstable();
        times
    }

    fn until(&mut self, what: &str, done: impl Fn(&App) -> bool) {
        let begin = Instant::now();
        while !done(&self.app) {
            self.press(&[]);
            assert!(begin.elapsed() < Duration::from_mins(1), "never happened: {what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn frames_until(&mut self, events: &[Event], done: impl Fn(&App) -> bool) -> Option<i64> {
        self.press(events);
        self.until("the row that was asked for", done);
        self.app.view().place.event
    }
}

/// What a person does in one frame after the other to filter.
fn filtering(text: &str, frame: usize) -> Vec<Event> {
    match frame.checked_sub(1) {
        None => key(Key::Slash, Modifiers::NONE),
        Some(at) if at == text.len() => key(Key::Enter, Modifiers::NONE),
        Some(at) => text.get(at..=at).map(|letter| Event::Text(letter.to_owned())).into_iter().collect(),
    }
}

fn wheel(points: f32) -> Event {
    Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, points),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    }
}

fn key(key: Key, modifiers: Modifiers) -> Vec<Event> {
    let press = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
    vec![press(true), press(false)]
}

fn show(what: &str, times: &[Duration]) {
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let index = ((times.len() - 1) as f64 * share) as usize;
        times[index].as_secs_f64() * 1e3
    };
    println!("{what:40} median {:>6.2} ms   p99 {:>6.2} ms   most {:>6.2} ms", at(0.5), at(0.99), at(1.0));
}
