//! How right the guess is where no profile helps: on every real database with its answer key, and on forms that were
//! made for this alone.
#![allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "it prints each miss, and counts no further than thousands"
)]

#[path = "../forms/story.rs"]
pub mod story;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use eventscope::profile::{self, Detection};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

/// What the answer key says in prose, in the notation of [`profile::plain`]. A word that is no notation at all stands for
/// something that no plain source can say: then any answer but this one is wrong.
const PROSE: [(&str, &str, &str); 12] = [
    ("ddl_durabletask_go", "event_type", "other key of EventPayload"),
    ("ddl_durabletask_go", "timestamp", "EventPayload->2.1"),
    ("ddl_kine", "version", "none"),
    ("ddl_kine", "event_type", "flags created,deleted | flags deleted,created"),
    ("ddl_neventstore", "event_type", "Payload[]->Body.$type | Payload->[0].Body.$type"),
    ("ddl_temporal", "stream_id", "tree_id=>executions.run_id:workflow_id | (tree_id,branch_id)"),
    ("ddl_temporal", "event_type", "oneof"),
    ("ddl_temporal", "timestamp", "data->1"),
    ("rust_evento", "timestamp", "timestamp * 1000 + timestamp_subsec"),
    ("ruby_res_json", "version", "event_id=>event_store_events_in_streams.event_id:position"),
    ("ruby_res_yaml", "version", "event_id=>event_store_events_in_streams.event_id:position"),
    ("ddl_neventstore", "version", "StreamRevision"),
];

/// The six fields that are scored, as the answer key and as a mapping call them.
const FIELDS: [(&str, &str); 6] = [
    ("table", "table"),
    ("stream_id", "aggregate_id"),
    ("version", "version"),
    ("event_type", "event_type"),
    ("timestamp", "timestamp"),
    ("payload", "data"),
];

fn tests() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// Where a field comes from, in plain words; `None` for a field that is not there, or a database that is not read as
/// events.
fn found(guess: Option<&Detection>, field: &str) -> Option<String> {
    let events = &guess?.profile.events;
    match field {
        "table" => Some(events.table.clone()),
        "data" => Some(profile::plain(events, &events.data.sql)),
        field => {
            let (_, field) = events.optional_fields().find(|(name, _)| *name == field)?;
            field.map(|field| profile::plain(events, &field.sql))
        }
    }
}

/// One field that was compared.
struct Cell {
    place: String,
    expected: Option<String>,
    found: Option<String>,
    right: bool,
}

impl Cell {
    /// `expected` may hold several answers with `|` between them.
    fn new(place: String, expected: Option<&str>, found: Option<String>) -> Self {
        let even = |text: &str| text.replace(' ', "");
        let right = match (expected, &found) {
            (None, None) => true,
            (Some(expected), Some(found)) => expected.split('|').any(|it| even(it) == even(found)),
            (Some(expected), None) => expected.split('|').any(|it| it.trim() == "none"),
            (None, Some(_)) => false,
        };
        Self { place, expected: expected.map(str::to_owned), found, right }
    }
}

/// Prints every miss and the score, and gives the share that is right.
fn score(title: &str, cells: &[Cell]) -> f64 {
    let right = cells.iter().filter(|cell| cell.right).count();
    for cell in cells.iter().filter(|cell| !cell.right) {
        let shown = |it: &Option<String>| it.clone().unwrap_or_else(|| "nothing".to_owned());
        println!("{title}: {} is {}, guessed {}", cell.place, shown(&cell.expected), shown(&cell.found));
    }
    println!("{title}: {right} of {} fields are right", cells.len());
    right as f64 / cells.len() as f64
}

/// A form: what it is, the answers by field, and the script that makes it.
struct Form {
    name: String,
    answers: BTreeMap<String, String>,
    plain: bool,
    script: String,
}

fn forms() -> Vec<Form> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(tests().join("forms/unseen")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| Form::read(path)).collect()
}

impl Form {
    fn read(path: &std::path::Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let notes: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("-- ")).collect();
        let answers = notes.iter().filter_map(|note| note.split_once(" = "));
        Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            answers: answers.map(|(field, answer)| (field.to_owned(), answer.to_owned())).collect(),
            plain: notes.contains(&"plain"),
            script: repeated(&text),
        }
    }

    fn connection(&self) -> Connection {
        let conn = story::connection();
        conn.execute_batch(&self.script).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        conn
    }

    fn cells(&self) -> Vec<Cell> {
        let guesses = profile::infer(&self.connection()).unwrap();
        let cell = |(field, column): (&str, &str)| {
            let answer = self.answers.get(field).map(String::as_str).filter(|it| *it != "none");
            Cell::new(format!("{} {field}", self.name), answer, found(guesses.first(), column))
        };
        let fields = [
            ("table", "table"),
            ("stream", "aggregate_id"),
            ("version", "version"),
            ("type", "event_type"),
            ("time", "timestamp"),
            ("data", "data"),
        ];
        let more = [
            ("kind", "aggregate_type"),
            ("position", "position"),
            ("event_id", "event_id"),
            ("metadata", "metadata"),
            ("actor", "actor"),
        ];
        let more = more.into_iter().filter(|(field, _)| self.answers.contains_key(*field));
        fields.into_iter().chain(more).map(cell).collect()
    }
}

/// A script whose last part, after `-- repeat N`, is run N times, with `{n}` for the number.
fn repeated(text: &str) -> String {
    let Some((script, rest)) = text.split_once("-- repeat ") else { return text.to_owned() };
    let (count, part) = rest.split_once('\n').unwrap();
    let parts = (0..count.trim().parse::<usize>().unwrap()).map(|n| part.replace("{n}", &n.to_string()));
    script.to_owned() + &parts.collect::<String>()
}

/// The answer in the key, without what it adds in parentheses.
fn answer(file: &str, field: &str, entry: &Value) -> Option<String> {
    if let Some((_, _, answer)) = PROSE.iter().find(|(of, name, _)| (*of, *name) == (file, field)) {
        return Some((*answer).to_owned());
    }
    let text = entry[field].as_str()?;
    Some(text.split(" (").next().unwrap_or(text).to_owned())
}

/// The first table of each file; a decoy has none.
fn key_cells(file: &str, entry: &Value) -> Vec<Cell> {
    let path = tests().join(format!("fixtures/{file}.db"));
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let guesses = profile::infer(&conn).unwrap();
    let decoy = entry["cls"] == "decoy";
    let cell = |(field, column): (&str, &str)| {
        let expected = answer(file, field, entry).filter(|_| !decoy);
        Cell::new(format!("{file} {field}"), expected.as_deref(), found(guesses.first(), column))
    };
    FIELDS.into_iter().map(cell).collect()
}

#[test]
fn real_databases_are_guessed_right_with_every_profile_switched_off() {
    let key: BTreeMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(tests().join("fixtures/expected.json")).unwrap()).unwrap();
    let cells: Vec<Cell> = key.iter().flat_map(|(file, entries)| key_cells(file, &entries[0])).collect();
    assert!(cells.len() >= 192, "{}", cells.len());
    assert!(score("real", &cells) >= 0.95);
}

#[test]
fn forms_that_no_profile_describes_are_guessed_right() {
    let cells: Vec<Cell> = forms().iter().flat_map(Form::cells).collect();
    let more = ["kind", "position", "event_id", "metadata", "actor"];
    let beside = |cell: &Cell| more.iter().any(|field| cell.place.ends_with(&format!(" {field}")));
    let (more, six): (Vec<Cell>, Vec<Cell>) = cells.into_iter().partition(beside);
    assert!(six.len() > 350 && score("forms", &six) >= 0.97);
    assert!(score("forms, more fields", &more) >= 0.95);
}

#[test]
fn what_holds_no_events_is_left_as_plain_tables() {
    let plain: Vec<Form> = forms().into_iter().filter(|form| form.plain).collect();
    assert!(plain.len() > 12);
    for form in plain {
        let found = profile::infer(&form.connection()).unwrap();
        assert!(found.is_empty(), "{}: {:?}", form.name, found.first().map(|it| &it.reason));
    }
}

#[test]
fn other_logs_in_the_same_file_are_offered() {
    let form = forms().into_iter().find(|form| form.answers.contains_key("others")).unwrap();
    let found = profile::infer(&form.connection()).unwrap();
    let tables: Vec<&str> = found.iter().map(|it| it.profile.events.table.as_str()).collect();
    assert_eq!(tables, [form.answers["table"].as_str(), form.answers["others"].as_str()]);
}

#[test]
fn every_guess_can_be_read_through() {
    for form in forms().iter().filter(|form| !form.plain && form.name != "empty") {
        let conn = form.connection();
        let found = profile::infer(&conn).unwrap().remove(0);
        let events = &found.profile.events;
        for (name, field) in events.optional_fields().filter_map(|(name, field)| Some((name, field?))) {
            let filter = events.filter.as_deref().unwrap_or("1");
            let sql = format!("SELECT count({}) FROM {} WHERE {filter}", field.sql, from(events));
            let count: i64 = conn.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert!(count > 0, "{}: {name} is never there: {sql}", form.name);
        }
    }
}

/// What stands after FROM, a single table quoted.
fn from(events: &profile::Mapping) -> String {
    if events.from == events.table { profile::schema::quoted(&events.from) } else { events.from.clone() }
}
