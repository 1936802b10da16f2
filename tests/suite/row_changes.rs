//! Logs of changes to rows, of triggers of one's own: no profile knows them, and the state of each stream is the row, set
//! by columns and gone by its deletion.

use std::collections::BTreeMap;

use eventscope::event::Version;
use eventscope::replay::Fold;
use eventscope::session::FoundReducers;
use eventscope::source::{OpenOptions, Source};
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value, json};

use super::chance::Chance;

/// What an entry of the log holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    /// The row after the change; the row before it where it is deleted.
    Row,
    /// The row before in one column, the row after in another.
    TwoColumns(&'static str, &'static str),
    /// One document of both.
    Both(&'static str, &'static str),
    /// The columns that changed.
    Changed,
    /// The columns that changed, each with its old and new value.
    Pairs,
    /// The same, as lists of two.
    Lists,
    /// The row's columns as the log's own.
    Wide,
}

const LAYOUTS: [Layout; 10] = [
    Layout::Row,
    Layout::TwoColumns("old_data", "new_data"),
    Layout::Both("before", "after"),
    Layout::Wide,
    Layout::Changed,
    Layout::TwoColumns("before_json", "after_json"),
    Layout::Both("old", "new"),
    Layout::Pairs,
    Layout::Lists,
    Layout::TwoColumns("old_values", "new_values"),
];

/// The words for what comes, becomes another, and goes.
const VERBS: [[&str; 3]; 8] = [
    ["INSERT", "UPDATE", "DELETE"],
    ["insert", "update", "delete"],
    ["I", "U", "D"],
    ["created", "updated", "deleted"],
    ["create", "update", "destroy"],
    ["+", "~", "-"],
    ["row.inserted", "row.updated", "row.deleted"],
    ["ADD", "MODIFY", "REMOVE"],
];

type Row = Map<String, Value>;

/// A log, and after each of its entries the row that it is about.
struct Made {
    path: std::path::PathBuf,
    _folder: tempfile::TempDir,
    /// For each row its states.
    truth: BTreeMap<String, Vec<Value>>,
    form: String,
}

struct Writer<'c> {
    layout: Layout,
    verbs: [&'static str; 3],
    conn: &'c Connection,
    log: String,
    columns: Vec<&'static str>,
    at: i64,
}

impl Writer<'_> {
    fn write(&mut self, table: &str, id: i64, old: Option<&Row>, new: Option<&Row>) {
        let verb = self.verbs[match (old, new) {
            (None, _) => 0,
            (Some(_), Some(_)) => 1,
            (Some(_), None) => 2,
        }];
        self.at += 7;
        let mut cells = vec![
            Cell::Text(table.to_owned()),
            Cell::Integer(id),
            Cell::Text(verb.to_owned()),
            Cell::Text(format!("2026-03-01T{:02}:{:02}:{:02}Z", self.at / 3600 % 24, self.at / 60 % 60, self.at % 60)),
        ];
        cells.extend(self.documents(old, new));
        let places = vec!["?"; cells.len()].join(", ");
        self.conn
            .execute(&format!("INSERT INTO {} VALUES (NULL, {places})", self.log), params_from_iter(cells))
            .unwrap();
    }

    fn documents(&self, old: Option<&Row>, new: Option<&Row>) -> Vec<Cell> {
        let text = |row: Option<&Row>| row.map_or(Cell::Null, |row| Cell::Text(json!(row).to_string()));
        let one = |value: Value| vec![Cell::Text(value.to_string())];
        match self.layout {
            Layout::Row => vec![text(new.or(old))],
            Layout::TwoColumns(..) => vec![text(old), text(new)],
            Layout::Both(before, after) => one(json!({before: old, after: new})),
            Layout::Changed => vec![text(Some(&changed(old, new, |_, new| new)))],
            Layout::Pairs => vec![text(Some(&changed(old, new, |old, new| json!({"old": old, "new": new}))))],
            Layout::Lists => vec![text(Some(&changed(old, new, |old, new| json!([old, new]))))],
            Layout::Wide => {
                let row = new.or(old).unwrap();
                self.columns.iter().map(|column| cell(&row[*column])).collect()
            }
        }
    }

    fn create(&self) {
        let data = match self.layout {
            Layout::TwoColumns(before, after) => format!("{before} TEXT, {after} TEXT"),
            Layout::Wide => self.columns.iter().map(|column| format!("{column} ANY")).collect::<Vec<_>>().join(", "),
            _ => "payload TEXT".to_owned(),
        };
        let (log, stream) = (&self.log, "table_name TEXT NOT NULL, row_id INTEGER NOT NULL");
        let sql = format!(
            "CREATE TABLE {log} (id INTEGER PRIMARY KEY, {stream}, op TEXT NOT NULL, at TEXT NOT NULL, {data})"
        );
        self.conn.execute_batch(&sql).unwrap();
    }
}

/// The columns that differ; of a new row all of them.
fn changed(old: Option<&Row>, new: Option<&Row>, say: impl Fn(Value, Value) -> Value) -> Row {
    let columns = new.or(old).unwrap().keys().cloned();
    let value = |row: Option<&Row>, column: &str| row.map_or(Value::Null, |row| row[column].clone());
    columns
        .filter(|column| old.is_none() || value(old, column) != value(new, column))
        .map(|column| (column.clone(), say(value(old, &column), value(new, &column))))
        .collect()
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Number(number) => Cell::Integer(number.as_i64().unwrap()),
        other => Cell::Text(other.as_str().unwrap().to_owned()),
    }
}

fn made(seed: u64) -> Made {
    let mut chance = Chance::new(seed, 0x5EED_0F20);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let conn = Connection::open(&path).unwrap();
    let tables = if chance.percent(50) { vec!["customers"] } else { vec!["customers", "invoices"] };
    let layout = chance.pick(&LAYOUTS);
    let log = chance.pick(&["audit_log", "change_log", "row_history", "changes"]).to_owned();
    let columns = vec!["name", "city", "credit", "grade"];
    let mut writer = Writer { layout, verbs: chance.pick(&VERBS), conn: &conn, log, columns, at: 0 };
    writer.create();
    let mut rows: BTreeMap<(&str, i64), Row> = BTreeMap::new();
    let mut truth: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut next = 1;
    for _ in 0..chance.between(60, 140) {
        let table = chance.pick(&tables);
        let here: Vec<(&str, i64)> = rows.keys().filter(|(of, _)| *of == table).copied().collect();
        let (key, old, new) = if here.is_empty() || chance.percent(35) {
            next += 1;
            ((table, next), None, Some(row(&mut chance)))
        } else {
            let key = chance.pick(&here);
            let old = rows[&key].clone();
            let new = chance.percent(85).then(|| amended(&old, &mut chance));
            (key, Some(old), new)
        };
        writer.write(key.0, key.1, old.as_ref(), new.as_ref());
        truth.entry(format!("{}/{}", key.0, key.1)).or_default().push(json!(new));
        match new {
            Some(new) => drop(rows.insert(key, new)),
            None => drop(rows.remove(&key)),
        }
    }
    let form = format!("{layout:?} {:?}", writer.verbs);
    Made { path, _folder: folder, truth, form }
}

fn row(chance: &mut Chance) -> Row {
    let mut row = Row::new();
    row.insert("name".into(), json!(format!("{} {}", chance.word(), chance.between(1, 999))));
    row.insert("city".into(), if chance.percent(70) { json!(chance.word()) } else { Value::Null });
    row.insert("credit".into(), json!(chance.between(0, 9_000)));
    row.insert("grade".into(), if chance.percent(60) { json!(chance.between(1, 5)) } else { Value::Null });
    row
}

fn amended(old: &Row, chance: &mut Chance) -> Row {
    let fresh = row(chance);
    let mut new = old.clone();
    let column = chance.pick(&["name", "city", "credit", "grade"]);
    new.insert(column.to_owned(), fresh[column].clone());
    new
}

/// How many states there are, and how many of them are the row.
fn exact(seed: u64) -> (usize, usize, String) {
    let made = made(seed);
    let source = Source::open(&made.path, &OpenOptions::default()).unwrap();
    let found = FoundReducers::find(&made.path, None, source.state_spec()).unwrap();
    let (mut all, mut right) = (0, 0);
    for (name, states) in &made.truth {
        all += states.len();
        let Ok(stream) = source.stream_named(name) else { continue };
        let mut fold = Fold::new(&found.reducers, &stream.aggregate_type);
        let events = source.read_history(&stream, Version::MIN, None).unwrap().map(Result::unwrap);
        right += events
            .zip(states)
            .filter(|(event, state)| {
                fold.step(event);
                fold.state() == **state
            })
            .count();
    }
    (all, right, made.form)
}

fn all_exact(seeds: std::ops::Range<u64>) {
    let wrong: Vec<String> = seeds
        .filter_map(|seed| {
            let (all, right, form) = exact(seed);
            (right < all).then(|| format!("seed {seed}: {right} of {all} states: {form}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_state_of_a_row_is_what_its_log_says_in_any_form() {
    all_exact(0..20);
}

/// The rules were made with others.
#[test]
fn forms_that_were_not_looked_at_are_read_as_well() {
    all_exact(1000..1020);
}
