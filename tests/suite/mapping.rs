//! What a database was taken for, corrected by a person: tried on the file, applied, saved, and used the next time.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::app::Launch;
use eventscope::codec::Format;
use eventscope::profile::library::{self, Library, Saved};
use eventscope::profile::{Field, Mapping, Profile, SnapshotMapping, built_in, by_name, detect_section};
use eventscope::session::{Notice, OpenRequest, Session, Severity, Status};
use eventscope::source::{Choice, MappingPreview, OpenOptions, Source};
use serde_json::Value;
use tempfile::TempDir;

use super::window::{Window, press, shows, step_until, until_label, window};

/// A database of an application that nobody knows, and a folder for the user's own profiles.
struct Place {
    folder: TempDir,
    path: PathBuf,
    profiles: PathBuf,
}

/// Crates that are moved around: the types are numbers, and nothing says which column is what.
fn crates() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crates.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE rec (n INTEGER PRIMARY KEY, box TEXT, rev INTEGER, op TEXT, made INTEGER, body TEXT);
         CREATE TABLE keep (box TEXT PRIMARY KEY, rev INTEGER, doc TEXT);",
    )
    .unwrap();
    for rev in 1..=6 {
        for number in 1..=5 {
            let op = ["opened", "filled", "moved"][rev % 3];
            let body = format!("{{\"weight\":{},\"by\":\"anna\"}}", rev * number);
            let row = (format!("box-{number}"), rev as i64, op, 1_772_000_000_i64 + rev as i64, body);
            conn.execute("INSERT INTO rec (box, rev, op, made, body) VALUES (?1, ?2, ?3, ?4, ?5)", row).unwrap();
        }
    }
    conn.execute("INSERT INTO keep VALUES ('box-1', 4, '{\"weight\":4}')", ()).unwrap();
    let profiles = folder.path().join("config/profiles");
    Place { folder, path, profiles }
}

/// The mapping that a person means.
fn meant() -> Profile {
    let toml = "name = 'crates'\ntitle = 'Crates'\n[events]\nfrom = 'rec'\nposition = 'n'\naggregate_id = 'box'\n\
                version = 'rev'\nevent_type = 'op'\ntimestamp = { sql = 'made', format = 'unix_seconds' }\ndata = 'body'";
    Profile::parse(toml).unwrap()
}

fn source(path: &Path) -> Source {
    Source::open(path, &OpenOptions::default()).unwrap()
}

fn tried(mapping: &Mapping) -> MappingPreview {
    source(&crates().path).preview_mapping(mapping, None).unwrap()
}

/// What is said of a field, and how bad it is.
fn said(preview: &MappingPreview, field: &str) -> Option<(Severity, String)> {
    let fault = preview.faults.iter().find(|fault| fault.field == field)?;
    Some((fault.severity, fault.message.clone()))
}

/// A session that is ready, and what it told on the way.
fn opened(request: OpenRequest) -> (Session, Vec<Notice>) {
    let mut session = Session::open(request, Arc::new(|| {}));
    let mut notices = Vec::new();
    until(&mut session, &mut notices, |session| matches!(session.status(), Status::Ready).then_some(()));
    (session, notices)
}

fn until<T>(session: &mut Session, notices: &mut Vec<Notice>, done: impl Fn(&Session) -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        notices.extend(session.poll());
        if let Some(value) = done(session) {
            return value;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "never; told {notices:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_mapping_is_tried_without_being_taken_over() {
    let place = crates();
    let before = std::fs::read(&place.path).unwrap();
    let source = source(&place.path);
    let name = source.detection().map(|found| found.profile.name.clone());
    let preview = source.preview_mapping(&meant().events, None).unwrap();
    assert!(preview.faults.is_empty() && preview.sorted, "{:?}", preview.faults);
    assert_eq!(preview.rows.len(), 10);
    let row = &preview.rows[5];
    assert_eq!((row.position, row.version, row.event.event_type.as_str()), (Some(6), Some(2), "moved"));
    assert_eq!(row.event.stream.aggregate_id, "box-1");
    assert_eq!(row.event.timestamp.as_ref().unwrap().utc.unwrap().timestamp(), 1_772_000_002);
    assert_eq!(row.event.data.value().unwrap()["by"], "anna");
    assert_eq!(source.detection().map(|found| found.profile.name.clone()), name);
    assert_eq!(std::fs::read(&place.path).unwrap(), before);
}

#[test]
fn what_sqlite_says_stands_at_the_field_that_it_is_about() {
    let wrong = Mapping {
        version: Some(Field::new("foo")),
        event_type: Some(Field::new("substr(op")),
        actor: Some(Field::new("\"whom\"")),
        aggregate_type: Some(Field::new("json_extract('{', '$.a')")),
        order: vec!["n".into(), "bar".into()],
        filter: Some("nowhere = 1".into()),
        ..meant().events
    };
    let preview = tried(&wrong);
    let error = |field: &str| {
        let (severity, message) = said(&preview, field).unwrap_or_else(|| panic!("nothing at {field}"));
        assert_eq!(severity, Severity::Error, "{field}");
        message
    };
    assert_eq!(error("version"), "no such column: foo");
    assert!(error("event_type").contains("incomplete input") || error("event_type").contains("syntax error"));
    assert!(error("actor").contains("no such column") && error("actor").contains("single quotes"));
    assert!(error("aggregate_type").contains("malformed JSON"), "an expression that fails on a row");
    assert_eq!(error("order"), "no such column: bar");
    assert_eq!(error("where"), "no such column: nowhere");
    assert!(!preview.rows.is_empty(), "what is right is read all the same");
    assert_eq!(preview.rows[0].event.stream.aggregate_id, "box-1");
}

#[test]
fn what_is_computed_from_many_rows_is_no_field() {
    let counted = Mapping {
        version: Some(Field::new("count(*)")),
        event_type: Some(Field::new("row_number() OVER (ORDER BY n)")),
        filter: Some("max(rev) > 1".into()),
        ..meant().events
    };
    let preview = tried(&counted);
    for (field, name) in [("version", "count()"), ("event_type", "row_number()"), ("where", "max()")] {
        let (severity, message) = said(&preview, field).unwrap();
        assert_eq!(severity, Severity::Error);
        assert!(message.starts_with(&format!("{name} is computed from many rows")), "{message}");
    }
    assert_eq!(preview.rows.len(), 10, "the rows are still there");
    let query = Mapping { version: Some(Field::new("(SELECT count(*) FROM keep) + rev")), ..meant().events };
    let preview = tried(&query);
    assert_eq!((said(&preview, "version"), preview.rows[5].version), (None, Some(3)));
}

/// Where the crates keep their states.
fn states() -> SnapshotMapping {
    SnapshotMapping {
        from: "keep".into(),
        filter: None,
        aggregate_type: None,
        aggregate_id: Field::new("box"),
        version: Field::new("rev"),
        timestamp: None,
        state: Field::new("doc"),
    }
}

#[test]
fn snapshots_are_tried_with_the_events() {
    let place = crates();
    let more = "INSERT INTO keep VALUES ('box-2', 6, '{\"weight\":6}'), ('box-3', 2, '{\"weight\":3}')";
    rusqlite::Connection::open(&place.path).unwrap().execute(more, ()).unwrap();
    let source = source(&place.path);
    let tried = |snapshots: &SnapshotMapping| source.preview_mapping(&meant().events, Some(snapshots)).unwrap();
    let preview = tried(&states());
    assert!(preview.faults.is_empty(), "{:?}", preview.faults);
    let found = preview.snapshots.unwrap();
    let newest = found.newest.unwrap();
    assert_eq!((found.count, found.complete), (3, true));
    assert_eq!((newest.stream.to_string().as_str(), newest.version), ("box-2", 6));

    let doubt = |snapshots: SnapshotMapping, field: &str| {
        let (severity, message) = said(&tried(&snapshots), field).unwrap_or_else(|| panic!("nothing at {field}"));
        assert_eq!(severity, Severity::Doubt);
        message
    };
    let none = SnapshotMapping { filter: Some("rev > 100".into()), ..states() };
    assert_eq!(doubt(none, "snapshots.where"), "No row passes this condition.");
    let empty = tried(&SnapshotMapping { from: "(SELECT * FROM keep WHERE 0)".into(), ..states() });
    assert!(empty.faults.is_empty() && empty.snapshots.is_some_and(|found| found.count == 0), "there is none yet");
    let text = SnapshotMapping { version: Field::new("box"), ..states() };
    assert!(doubt(text, "snapshots.version").starts_with("No whole number in each of the first 3 rows, such as box-"));
    let other = SnapshotMapping { aggregate_id: Field::new("'crate/' || box"), ..states() };
    let message = doubt(other, "snapshots.aggregate_id");
    assert_eq!(message, "No event is of crate/box-2. It must be written as in the events.");
    let state = SnapshotMapping { state: Field::new("NULL"), ..states() };
    assert!(doubt(state, "snapshots.state").starts_with("It is empty in each"));
    let many = tried(&SnapshotMapping { version: Field::new("max(rev)"), ..states() });
    assert!(said(&many, "snapshots.version").unwrap().1.starts_with("max() is computed from many rows"));
    assert_eq!(many.snapshots, None);
}

#[test]
fn what_a_mapping_cannot_do_without_is_asked_for() {
    let nothing = Mapping { data: Field::default(), ..meant().events };
    assert!(said(&tried(&nothing), "data").unwrap().1.contains("where the data is"));
    let join = Mapping {
        from: "rec JOIN keep ON keep.box = rec.box".into(),
        table: String::new(),
        aggregate_id: Some(Field::new("rec.box")),
        version: Some(Field::new("rec.rev")),
        ..meant().events
    };
    assert!(said(&tried(&join), "table").unwrap().1.contains("more than one table"));
    let named = Mapping { table: "rec".into(), ..join };
    assert_eq!(said(&tried(&named), "table"), None);
    let nowhere = Mapping { from: "nowhere".into(), table: "nowhere".into(), ..meant().events };
    let preview = tried(&nowhere);
    assert_eq!(said(&preview, "from").unwrap(), (Severity::Error, "no such table: nowhere".into()));
    assert!(preview.rows.is_empty());
}

#[test]
fn what_is_odd_about_the_rows_is_said_in_words() {
    let doubt = |mapping: Mapping, field: &str| {
        let preview = tried(&mapping);
        let (severity, message) = said(&preview, field).unwrap_or_else(|| panic!("{:?}", preview.faults));
        assert_eq!(severity, Severity::Doubt);
        message
    };
    let text = Mapping { version: Some(Field::new("op")), ..meant().events };
    assert!(doubt(text, "version").contains("No whole number in each of the first 30 rows, such as filled."));
    let twice = Mapping { version: Some(Field::new("rev / 2")), ..meant().events };
    assert!(doubt(twice, "version").contains("Version 1 of box-1 stands twice"));
    let position = Mapping { position: Some(Field::new("rev")), ..meant().events };
    assert!(doubt(position, "position").contains("1 stands twice"));
    let time = Some(Field::new("op").with_format(Format::Iso8601));
    assert!(doubt(Mapping { timestamp: time, ..meant().events }, "timestamp").contains("such as filled"));
    let none = Mapping { event_type: Some(Field::new("NULL")), ..meant().events };
    assert!(doubt(none, "event_type").contains("each of the first 30 rows"));
    let filter = Mapping { filter: Some("rev > 100".into()), ..meant().events };
    assert!(doubt(filter, "where").contains("No row passes"));
}

#[test]
fn what_was_recognised_holds_on_every_database_that_real_libraries_wrote() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut tried = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let original = entry.unwrap().path();
        let name = original.file_name().unwrap().to_string_lossy().into_owned();
        if original.extension().is_none_or(|extension| extension != "db") {
            continue;
        }
        let copy = tempfile::tempdir().unwrap();
        let path = copy.path().join(&name);
        std::fs::copy(&original, &path).unwrap();
        let source = source(&path);
        let Some(found) = source.detection() else { continue };
        let preview = source.preview_mapping(&found.profile.events, found.profile.snapshots.as_ref()).unwrap();
        let errors: Vec<_> = preview.faults.iter().filter(|fault| fault.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        assert!(preview.rows.len() <= 10 && preview.sorted, "{name}");
        let columns = source.columns_of(&found.profile.events.from).unwrap();
        assert!(!columns.is_empty(), "{name}: {}", found.profile.events.from);
        let again = detect_section(&found.profile, source.schema()).unwrap();
        assert!(again.contains_key(&found.profile.events.table), "{name}: {again:?}");
        tried += 1;
    }
    assert!(tried > 20, "only {tried} were recognised");
}

#[test]
fn a_saved_profile_is_used_the_next_time_and_goes_before_the_built_in_ones() {
    let place = crates();
    let tables = source(&place.path).schema().to_vec();
    let profile = Profile { detect: detect_section(&meant(), &tables).unwrap(), ..meant() };
    assert_eq!(profile.detect["rec"], ["n", "box", "rev", "op", "made", "body"]);
    assert!(matches!(library::save(&place.profiles, &profile, false).unwrap(), Saved::Written(_)));
    let request =
        OpenRequest { path: place.path.clone(), profiles: Some(place.profiles.clone()), ..OpenRequest::default() };
    let (session, _) = opened(request);
    let overview = session.overview().unwrap();
    assert_eq!((overview.profile_name.as_str(), overview.profile_title.as_str()), ("crates", "Crates"));

    // A few columns of a database that a built-in profile knows are enough.
    let emmett = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/node_emmett_0_42.db");
    let path = place.folder.path().join("emmett.db");
    std::fs::copy(emmett, &path).unwrap();
    let events = by_name("emmett").unwrap().events.clone();
    let events = Mapping { correlation_id: None, causation_id: None, metadata: None, schema_version: None, ..events };
    let own = Profile { name: "mine".into(), title: "Mine".into(), events, ..Profile::default() };
    let own = Profile { detect: detect_section(&own, source(&path).schema()).unwrap(), ..own };
    library::save(&place.profiles, &own, false).unwrap();
    let options = || OpenOptions { library: Arc::new(Library::read(&place.profiles)), ..OpenOptions::default() };
    let found = Source::open(&path, &options()).unwrap();
    assert_eq!(found.detection().unwrap().profile.name, "mine");
    assert!(found.others().iter().any(|other| other.profile.name == "emmett"));

    // By its name it is found as a built-in one is.
    let named = OpenOptions { profile: Some(Choice::from_text("mine")), ..options() };
    assert_eq!(Source::open(&path, &named).unwrap().detection().unwrap().profile.title, "Mine");
}

#[test]
fn another_formats_mark_in_the_header_speaks_louder_than_a_users_profile() {
    let place = crates();
    let path = place.folder.path().join("shop.db");
    eventscope::demo::create(&path).unwrap();
    let native = by_name("native").unwrap();
    let marked = Profile { name: "mine".into(), ..native.clone() };
    let unmarked = Profile { name: "other".into(), application_id: None, ..native.clone() };
    library::save(&place.profiles, &unmarked, false).unwrap();
    let open = || {
        let library = Arc::new(Library::read(&place.profiles));
        let source = Source::open(&path, &OpenOptions { library, ..OpenOptions::default() }).unwrap();
        source.detection().unwrap().profile.name.clone()
    };
    assert_eq!(open(), "native");
    library::save(&place.profiles, &marked, false).unwrap();
    assert_eq!(open(), "mine");
}

#[test]
fn a_broken_profile_is_told_of_and_stops_nothing() {
    let place = crates();
    std::fs::create_dir_all(&place.profiles).unwrap();
    std::fs::write(place.profiles.join("odd.toml"), "name = 'odd'\ntitle = 'Odd'\nevent = 1\n").unwrap();
    let tables = source(&place.path).schema().to_vec();
    let profile = Profile { detect: detect_section(&meant(), &tables).unwrap(), ..meant() };
    library::save(&place.profiles, &profile, false).unwrap();
    let request =
        OpenRequest { path: place.path.clone(), profiles: Some(place.profiles.clone()), ..OpenRequest::default() };
    let (session, notices) = opened(request);
    assert_eq!(session.overview().unwrap().profile_name, "crates");
    let told = notices.iter().find_map(|notice| match notice {
        Notice::ProfileFailed(error) => Some(error.to_string()),
        _ => None,
    });
    let told = told.unwrap();
    assert!(told.contains("odd.toml") && told.contains("line 3") && told.contains("`event`"), "{told}");
}

#[test]
fn the_command_line_lists_and_prints_profiles() {
    let place = crates();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eventscope"));
        command.args(arguments).env("EVENTSCOPE_PROFILES", &place.profiles).output().unwrap()
    };
    library::save(&place.profiles, &meant(), false).unwrap();
    let output = run(&["profiles", "--json"]);
    let lines = String::from_utf8(output.stdout).unwrap();
    let listed: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(listed.len(), 1 + built_in().len());
    assert_eq!((&listed[0]["name"], &listed[0]["built_in"]), (&"crates".into(), &false.into()));
    assert!(listed[0]["path"].as_str().unwrap().ends_with("crates.toml"));
    assert!(listed.iter().any(|profile| profile["name"] == "emmett" && profile["path"].is_null()));
    assert!(String::from_utf8(run(&["profiles"]).stdout).unwrap().contains("built in"));

    let printed = String::from_utf8(run(&["profile", "crates"]).stdout).unwrap();
    assert_eq!(Profile::parse(&printed).unwrap(), meant());
    let printed = String::from_utf8(run(&["profile", "native"]).stdout).unwrap();
    assert_eq!(&Profile::parse(&printed).unwrap(), by_name("native").unwrap());
    let unknown = run(&["profile", "nobody"]);
    assert!(unknown.status.code() == Some(1) && unknown.stdout.is_empty());

    let events = run(&["events", place.path.to_str().unwrap(), "--profile", "crates", "--count"]);
    assert_eq!(String::from_utf8(events.stdout).unwrap().trim(), "30");
    std::fs::write(place.profiles.join("odd.toml"), "name = 1\n").unwrap();
    let warned = run(&["info", place.path.to_str().unwrap(), "--json"]);
    let said = String::from_utf8(warned.stderr).unwrap();
    assert!(warned.status.success() && said.contains("warning") && said.contains("odd.toml"), "{said}");
}

/// The window on the crates, with the dialog open and its guess there.
fn dialog(place: &Place) -> Window {
    let launch = Launch { file: Some(place.path.clone()), profiles: Some(place.profiles.clone()), ..Launch::default() };
    let mut window = window(launch);
    until_label(&mut window, "crates.db");
    step_until(&mut window, "the tables", |window| {
        window.state().session().is_some_and(|session| session.overview().is_some())
    });
    window.step();
    click(&mut window, "File");
    click(&mut window, "Edit mapping…");
    until_label(&mut window, "Source of version");
    window
}

fn click(window: &mut Window, name: &str) {
    step_until(window, name, |window| shows(window, name));
    // The panels under the dialog have names, too; what lies over the others comes last.
    // Pressed as a screen reader does: what a worker says meanwhile may move it.
    window.query_all_by_label(name).last().unwrap().click_accesskit();
    window.step();
    window.step();
}

/// Sets a field to a column.
fn choose(window: &mut Window, field: &str, column: &str) {
    let menu = format!("Source of {field}");
    click(window, &menu);
    press_button(window, column);
    assert_eq!(window.get_by_label(&menu).value().as_deref(), Some(column), "{menu}");
}

/// Waits until the mapping was tried and can be applied.
fn until_right(window: &mut Window) {
    step_until(window, "the way to apply", |window| !window.get_by_label("Apply").accesskit_node().is_disabled());
}

/// Presses the button of a name that lies over the others.
fn press_button(window: &mut Window, name: &str) {
    let buttons = |window: &Window| window.query_all_by_role_and_label(egui::Role::Button, name).count();
    step_until(window, name, |window| buttons(window) > 0);
    window.query_all_by_role_and_label(egui::Role::Button, name).last().unwrap().click_accesskit();
    window.step();
    window.step();
}

/// Chooses a table in a menu of the dialog. The page under it has a link of the same name, as wide as that.
fn press_table(window: &mut Window, name: &str) {
    let in_menu = |window: &Window| {
        let mut buttons = window.query_all_by_role_and_label(egui::Role::Button, name);
        buttons.any(|button| button.rect().width() > LINK)
    };
    step_until(window, name, in_menu);
    let button = window.query_all_by_role_and_label(egui::Role::Button, name);
    button.into_iter().find(|button| button.rect().width() > LINK).unwrap().click_accesskit();
    window.step();
    window.step();
}

/// Wider than a link of this text; an item of a menu is as wide as the menu.
const LINK: f32 = 120.0;

fn choose_format(window: &mut Window, field: &str, format: &str) {
    click(window, &format!("Format of {field}"));
    click(window, format);
}

/// Types into an entry in place of what is in it.
fn enter(window: &mut Window, entry: &str, text: &str) {
    window.get_by_label(entry).focus();
    window.step();
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    window.step();
    window.get_by_label(entry).type_text(text);
    window.step();
    window.step();
}

/// Corrects whatever the guess was to what a person means.
fn correct(window: &mut Window) {
    for (field, column) in [
        ("data", "body"),
        ("event type", "op"),
        ("aggregate type", "Nothing"),
        ("aggregate id", "box"),
        ("version", "rev"),
        ("timestamp", "made"),
        ("actor", "Nothing"),
    ] {
        choose(window, field, column);
    }
    choose_format(window, "timestamp", "Unix seconds");
}

#[test]
fn a_guess_is_corrected_and_applied_by_name() {
    let place = crates();
    let mut window = dialog(&place);
    correct(&mut window);
    step_until(&mut window, "the preview", |window| window.query_all_by_label_contains("box-2 1").next().is_some());
    until_right(&mut window);
    click(&mut window, "Apply");
    step_until(&mut window, "the events", |window| {
        window.state().session().is_some_and(|session| session.rows().len().value == 30)
    });
    step_until(&mut window, "a row", |window| {
        window.state().session().is_some_and(|session| session.rows().get(0).is_some())
    });
    let session = window.state().session().unwrap();
    let row = session.rows().get(5).unwrap();
    assert_eq!((row.stream_text.as_str(), row.version, &*row.event_type), ("box-1", 2, "moved"));
    assert_eq!(session.overview().unwrap().profile_title, "Events in rec");
    assert!(!place.profiles.exists(), "nothing was saved");
}

#[test]
fn an_error_of_sql_is_shown_at_its_field_and_keeps_the_mapping_from_being_applied() {
    let place = crates();
    let mut window = dialog(&place);
    correct(&mut window);
    click(&mut window, "Source of version");
    click(&mut window, "Expression…");
    until_label(&mut window, "Expression of version");
    window.step();
    assert!(window.get_by_label("Expression of version").is_focused(), "it is typed at once");
    enter(&mut window, "Expression of version", "foo");
    until_label(&mut window, "× No such column: foo.");
    until_label(&mut window, "Mend version first.");
    let (field, fault) =
        (window.get_by_label("Expression of version").rect(), window.get_by_label("× No such column: foo.").rect());
    assert!(fault.top() >= field.bottom() - 1.0 && fault.top() - field.bottom() < 12.0, "{field:?} {fault:?}");
    assert!(window.get_by_label("Apply").accesskit_node().is_disabled());
    enter(&mut window, "Expression of version", "rev + 0");
    step_until(&mut window, "no fault", |window| !shows(window, "Mend version first."));
    press(&mut window, Key::Enter);
    step_until(&mut window, "the events", |window| {
        window.state().session().is_some_and(|session| session.rows().len().value == 30)
    });
}

#[test]
fn the_dialog_closes_on_escape_and_goes_back_to_the_guess() {
    let place = crates();
    let mut window = dialog(&place);
    let before = window.get_by_label("Source of version").value();
    choose(&mut window, "version", "n");
    press(&mut window, Key::Escape);
    assert!(!shows(&window, "Source of version"));
    click(&mut window, "File");
    click(&mut window, "Edit mapping…");
    assert_eq!(window.get_by_label("Source of version").value().as_deref(), Some("n"), "what was edited stays");
    click(&mut window, "Reset to the guess");
    assert_eq!(window.get_by_label("Source of version").value(), before);
}

#[test]
fn what_is_saved_in_the_dialog_is_used_the_next_time() {
    let place = crates();
    let mut window = dialog(&place);
    correct(&mut window);
    click(&mut window, "Save as profile…");
    enter(&mut window, "Name of the profile", "Our Crates");
    step_until(&mut window, "the fault", |window| window.query_by_label_contains("lowercase letters").is_some());
    enter(&mut window, "Name of the profile", "our-crates");
    enter(&mut window, "Title of the profile", "Our crates");
    step_until(&mut window, "the way to save", |window| {
        window.query_by_label("Save").is_some_and(|save| !save.accesskit_node().is_disabled())
    });
    click(&mut window, "Save");
    step_until(&mut window, "the place", |window| window.query_by_label_contains("our-crates.toml").is_some());
    click(&mut window, "Save as profile…");
    click(&mut window, "Save");
    until_label(&mut window, "Replace it");
    click(&mut window, "Replace it");
    step_until(&mut window, "the place", |window| window.query_by_label_contains("Saved in").is_some());
    drop(window);

    let path = place.path.clone();
    let (session, notices) =
        opened(OpenRequest { path, profiles: Some(place.profiles.clone()), ..OpenRequest::default() });
    let overview = session.overview().unwrap();
    assert_eq!(overview.profile_title, "Our crates", "{notices:?}");
    let saved = Library::read(&place.profiles).profiles()[0].profile.clone();
    let columns = |table: &str| saved.detect.get(table).cloned().unwrap_or_default();
    assert_eq!(columns("rec"), ["n", "box", "rev", "op", "made", "body"]);
    assert_eq!(saved.events.timestamp, Some(Field::new("made").with_format(Format::UnixSeconds)));
}

#[test]
fn what_is_exported_is_imported_as_the_same() {
    let place = crates();
    let (first, second) = (place.folder.path().join("first.toml"), place.folder.path().join("second.toml"));
    let mut window = dialog(&place);
    correct(&mut window);
    click(&mut window, "Export…");
    enter(&mut window, "Path of the profile's file", first.to_str().unwrap());
    click(&mut window, "Export");
    step_until(&mut window, "the export", |window| window.query_by_label_contains("Exported to").is_some());
    click(&mut window, "Reset to the guess");
    click(&mut window, "Import…");
    enter(&mut window, "Path of the profile's file", first.to_str().unwrap());
    click(&mut window, "Import");
    step_until(&mut window, "the import", |window| window.query_by_label_contains("Imported from").is_some());
    assert_eq!(window.get_by_label("Source of version").value().as_deref(), Some("rev"));
    click(&mut window, "Export…");
    enter(&mut window, "Path of the profile's file", second.to_str().unwrap());
    click(&mut window, "Export");
    step_until(&mut window, "the export", |window| {
        second.exists() && window.query_by_label_contains("second").is_some()
    });
    let read = |path: &Path| library::load(path).unwrap();
    assert_eq!(read(&first), read(&second));
    assert_eq!(read(&first).events.version, Some(Field::new("rev")));
}

#[test]
fn another_table_and_snapshots_are_chosen() {
    let place = crates();
    let mut window = dialog(&place);
    correct(&mut window);
    click(&mut window, "Snapshots table");
    press_table(&mut window, "keep");
    until_label(&mut window, "Source of snapshot state");
    choose(&mut window, "snapshot of", "box");
    choose(&mut window, "snapshot version", "rev");
    choose(&mut window, "snapshot state", "doc");
    until_right(&mut window);
    click(&mut window, "Events table");
    press_table(&mut window, "keep");
    step_until(&mut window, "its guess", |window| {
        window.get_by_label("Events table").value().as_deref() == Some("keep")
    });
}
