//! The windows for a server, by accessible name: on what there is to show, filled by hand.

use std::path::PathBuf;
use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::Error;
use eventscope::model::{Command, Environment, OpenServer, Secret, Settings, SliceAsked, ViewState};
use eventscope::server::{Last, Wanted};
use eventscope::session::servers::{
    Candidate, Expected, KeptSlice, PasswordAsked, Progress, ServerStep, ServerView, go_on,
};
use eventscope::session::{Loading, Slice};
use eventscope::ui::server::{ServerDraft, show};
use eventscope::ui::{Scene, theme};

/// What is shown, what is typed, and what was commanded.
struct Shown {
    view: ServerView,
    draft: ServerDraft,
    commands: Vec<Command>,
}

fn shown(view: ServerView) -> Harness<'static, Shown> {
    let state = Shown { view, draft: ServerDraft::default(), commands: Vec::new() };
    let mut harness = Harness::builder().with_size([1280.0, 720.0]).build_ui_state(
        |ui, state: &mut Shown| {
            theme::apply(ui.ctx(), egui::ThemePreference::Dark);
            let (view, settings) = (ViewState::default(), Settings::default());
            let server = OpenServer { gathering: state.view.step == ServerStep::Gathering, ..OpenServer::default() };
            let environment = Environment { server, ..Environment::default() };
            let scene = Scene {
                view: &view,
                session: None,
                server: Some(&state.view),
                environment: &environment,
                settings: &settings,
                messages: &[],
            };
            show(ui, &scene, &mut state.draft, &mut state.commands);
        },
        state,
    );
    harness.run_steps(4);
    harness
}

fn candidate(table: &str, readable: bool) -> Candidate {
    Candidate {
        table: table.to_owned(),
        title: "Marten".to_owned(),
        known: true,
        reason: "It has the columns of Marten.".to_owned(),
        rows: 1_234_567,
        bytes: 340_000_000,
        readable,
    }
}

fn found() -> ServerView {
    ServerView {
        step: ServerStep::Choosing,
        place: Some("postgres://me@db.example.com:5432/shop".to_owned()),
        server: Some("db.example.com:5432/shop".to_owned()),
        engine: "PostgreSQL 15.18".to_owned(),
        found: Arc::new(vec![candidate("secret.mt_events", false), candidate("public.mt_events", true)]),
        ..ServerView::default()
    }
}

/// What was commanded last, but for questions that are asked by themselves.
fn last(harness: &Harness<'_, Shown>) -> Option<Command> {
    let commands = &harness.state().commands;
    commands.iter().rev().find(|command| !matches!(command, Command::ExpectSlice(_))).cloned()
}

fn says(harness: &Harness<'_, Shown>, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}

fn click(harness: &mut Harness<'_, Shown>, name: &str) {
    harness.get_by_role_and_label(egui::accesskit::Role::Button, name).click();
    harness.run_steps(2);
}

fn write(harness: &mut Harness<'_, Shown>, name: &str, text: &str) {
    let role = if name == "Password" { egui::accesskit::Role::PasswordInput } else { egui::accesskit::Role::TextInput };
    harness.get_by_role_and_label(role, name).focus();
    harness.run_steps(1);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness.run_steps(1);
    harness.get_by_role_and_label(role, name).type_text(text);
    harness.run_steps(2);
}

#[test]
fn a_server_is_named_by_its_parts_and_a_password_only_where_it_is_wanted() {
    let mut harness = shown(ServerView::default());
    assert!(!says(&harness, "Password"));
    for (name, text) in [("Host or URL", "db.example.com"), ("Port", "6543"), ("Database", "shop"), ("User", "me")] {
        write(&mut harness, name, text);
    }
    click(&mut harness, "Connect");
    let Some(Command::ConnectServer(asked)) = last(&harness) else { panic!("nothing") };
    assert_eq!((asked.host.as_str(), asked.port.as_str()), ("db.example.com", "6543"));
    assert_eq!((asked.database.as_str(), asked.user.as_str()), ("shop", "me"));
    assert_eq!((asked.password, asked.remember), (None, false));

    harness.state_mut().view.password = PasswordAsked::Wanted;
    harness.run_steps(2);
    assert!(says(&harness, "The server asks for a password."));
    write(&mut harness, "Password", "hush");
    harness.get_by_label("Remember it in ~/.pgpass").click();
    harness.run_steps(2);
    click(&mut harness, "Connect");
    let Some(Command::ConnectServer(asked)) = last(&harness) else { panic!("nothing") };
    assert_eq!((asked.password, asked.remember), (Some(Secret::new("hush")), true));

    let refused = Error::bad_input("db: the server lets nobody in").with_hint("Look at the user and the password.");
    harness.state_mut().view.password = PasswordAsked::Refused;
    harness.state_mut().view.fault = Some(Arc::new(refused));
    harness.run_steps(2);
    assert!(says(&harness, "lets nobody in") && says(&harness, "Look at the user and the password."));
}

#[test]
fn a_url_says_all_and_the_other_fields_say_nothing() {
    let mut harness = shown(ServerView::default());
    write(&mut harness, "Host or URL", "postgres://me@h/shop?sslmode=require");
    let port = harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Port");
    assert!(port.accesskit_node().is_disabled());
}

#[test]
fn what_was_found_is_said_with_its_size_and_only_what_may_be_read_is_chosen() {
    let mut harness = shown(found());
    assert!(says(&harness, "PostgreSQL 15.18"));
    assert!(says(&harness, "about 1,234,567 rows · 340.0 MB"));
    assert!(says(&harness, "has not the right to read it"));
    let expected = harness.state().commands.iter().find_map(|command| match command {
        Command::ExpectSlice(slice) => Some((**slice).clone()),
        _ => None,
    });
    let expected = expected.unwrap();
    assert_eq!((expected.table.as_str(), expected.last), ("public.mt_events", Some(100_000)));
    harness.state_mut().view.expected_of = Some(expected);
    harness.state_mut().view.expected = Loading::Ready(Expected { events: 100_000, bytes: 24_000_000, seconds: 1.7 });
    harness.run_steps(2);
    assert!(says(&harness, "About 100,000 events, 24.0 MB, gathered in about 2 seconds."));

    write(&mut harness, "How many events", "5000");
    write(&mut harness, "Only these streams", "order-1, order-2");
    write(&mut harness, "Only these types", "order.*");
    write(&mut harness, "From", "2026-01-31");
    click(&mut harness, "Gather");
    let Some(Command::GatherSlice(slice)) = last(&harness) else { panic!("nothing") };
    assert_eq!((slice.last, slice.follow), (Some(5_000), true));
    assert_eq!((slice.streams.len(), slice.types.as_slice()), (2, ["order.*".to_owned()].as_slice()));
    assert!(slice.after.is_some() && slice.before.is_none());

    write(&mut harness, "Before", "2025-01-01");
    assert!(says(&harness, "The span of time ends before it begins."));
}

#[test]
fn where_nothing_is_found_a_table_can_be_named() {
    let mut harness = shown(ServerView { found: Arc::default(), is_standby: true, ..found() });
    assert!(says(&harness, "Nothing that this user may see looks like a log of events."));
    assert!(says(&harness, "a standby"));
    write(&mut harness, "Table", "app.journal");
    click(&mut harness, "Gather");
    let Some(Command::GatherSlice(slice)) = last(&harness) else { panic!("nothing") };
    assert_eq!(slice.table, "app.journal");
}

#[test]
fn a_gathering_says_how_far_it_is_and_can_be_stopped_and_gone_on_with() {
    let progress = Some(Progress { events: 40_000, expected: Some(100_000) });
    let mut harness = shown(ServerView { step: ServerStep::Gathering, progress, ..found() });
    assert!(says(&harness, "40,000 of about 100,000 events"));
    click(&mut harness, "Stop");
    assert_eq!(last(&harness).as_ref(), Some(&Command::StopGathering));

    let wanted =
        Wanted { table: Some("public.mt_events".to_owned()), last: Last::Events(100_000), ..Wanted::default() };
    let slice = Slice {
        server: "db.example.com:5432/shop".to_owned(),
        table: "public.mt_events".to_owned(),
        what: wanted.in_words(),
        events: 40_000,
        ..Slice::default()
    };
    let kept = KeptSlice { file: PathBuf::from("/cache/shop.gathered.db"), slice, wanted, bytes: 9_000_000 };
    let view = ServerView { stopped: Some(40_000), kept: Arc::new(vec![kept.clone()]), ..found() };
    let mut harness = shown(view);
    assert!(says(&harness, "It was stopped: 40,000 events are kept."));
    assert!(says(&harness, "unfinished, 40,000 events"));
    click(&mut harness, "Go on");
    let Some(Command::GatherSlice(slice)) = last(&harness) else { panic!("nothing") };
    let expected =
        SliceAsked { table: "public.mt_events".to_owned(), last: Some(100_000), follow: true, ..SliceAsked::default() };
    assert_eq!(*slice, expected);
    let elsewhere = ServerView { server: Some("other:5432/shop".to_owned()), ..found() };
    assert_eq!(go_on(&elsewhere, &kept), None);
    harness.get_by_label("Forget the last 100,000 events of public.mt_events").click();
    harness.run_steps(2);
    assert_eq!(last(&harness).as_ref(), Some(&Command::ForgetKept(kept.file)));
}
