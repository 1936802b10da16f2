//! How the rows of a log lie in its table: the columns that there are, their constraints, and what they lead to.

use rusqlite::types::Value;
use serde_json::{Map, Value as Json, json};

use super::forms::{IDS, Ids, PAYLOADS, Payloads, TIMES, TYPES, Times, Types, said, stored, surroundings};
use super::story::{Fact, Story, tell};
use super::words::{ODD, TONGUES, Tongue};
use super::{Chance, Data, Database, TableSpec, Told, operations, quoted, several};

/// The habits of one log.
pub struct Habits {
    pub tongue: &'static Tongue,
    pub ids: Ids,
    pub types: Types,
    pub times: Times,
    pub payloads: Payloads,
    /// What is drawn once for the whole log.
    pub choice: u64,
    /// Capitals, underscores, dashes.
    style: u64,
}

impl Habits {
    pub fn draw(chance: &mut Chance, held_out: bool) -> Self {
        let tongues: Vec<&'static Tongue> = TONGUES.iter().filter(|it| held_out || !it.held_out).collect();
        // Half of all names are the usual ones.
        let tongue = if chance.percent(if held_out { 30 } else { 45 }) { tongues[0] } else { chance.pick(&tongues) };
        Self {
            tongue,
            ids: chance.pick(&IDS),
            types: chance.pick(&TYPES),
            times: chance.pick(&TIMES),
            payloads: chance.pick(&PAYLOADS),
            choice: chance.bits(),
            style: chance.bits() % 10,
        }
    }

    /// A name in the log's habit of writing.
    pub fn name(&self, chance: &mut Chance, from: &[&str]) -> String {
        self.written(chance.pick(from))
    }

    pub fn written(&self, name: &str) -> String {
        let capitals = |name: &str, first: bool| -> String {
            let mut found = String::new();
            let mut up = first;
            for letter in name.chars() {
                if letter == '_' || letter == ' ' {
                    up = true;
                } else if up {
                    found.extend(letter.to_uppercase());
                    up = false;
                } else {
                    found.push(letter);
                }
            }
            found
        };
        match self.style {
            0 | 1 => capitals(name, false),
            2 => capitals(name, true),
            3 => name.to_uppercase(),
            4 => name.replace('_', "-"),
            5 => name.replace('_', " "),
            _ => name.to_owned(),
        }
    }

    pub fn type_of(&self, story: &Story, fact: &Fact, row: usize) -> Value {
        let (noun, verbs) = &story.kinds[fact.kind];
        self.types.make(self.choice, (fact.kind, noun), (fact.what, &verbs[fact.what]), fact.version, row)
    }

    pub fn payload(&self, chance: &mut Chance, data: &Map<String, Json>) -> Value {
        self.payloads.make(chance, data)
    }
}

/// A log in one of all forms.
pub fn log(chance: &mut Chance, held_out: bool) -> Database {
    let mut habits = Habits::draw(chance, held_out);
    match chance.between(0, 99) {
        0..27 => rows(chance, &mut habits, "stream and version", true),
        27..45 => rows(chance, &mut habits, "stream alone", false),
        45..50 => looked_up(chance, &mut habits),
        50..55 => single(chance, &mut habits),
        55..61 => operations::ledger(chance, &mut habits),
        61..65 => operations::cells(chance, &mut habits),
        65..69 => operations::audit(chance, &mut habits),
        69..73 => operations::whole(chance, &mut habits),
        73..76 => operations::inside(chance, &mut habits),
        76..79 => operations::outbox(chance, &mut habits),
        79..82 => operations::signed(chance, &mut habits),
        82..86 => operations::tenants(chance, &mut habits),
        86..90 => several::partitions(chance, &mut habits),
        90..94 => several::histories(chance, &mut habits),
        94..97 => small(chance, &mut habits),
        _ => collated(chance, &mut habits),
    }
}

/// A row of a usual table, before anybody says which columns there are.
pub struct Usual {
    pub stream: Value,
    pub kind: Value,
    pub version: Value,
    pub event_type: Value,
    pub time: Value,
    pub data: Value,
    pub metadata: Value,
    pub id: Value,
    pub actor: Value,
    pub told: Told,
}

/// The rows of a usual table, and the truth of each.
pub fn usual(chance: &mut Chance, habits: &Habits, story: &Story, base: i64) -> Vec<Usual> {
    let ids = habits.ids.make(chance, story.streams, &story.kinds);
    let mut rows = Vec::new();
    for (row, fact) in story.facts.iter().enumerate() {
        let event_type = habits.type_of(story, fact, row);
        let data = habits.payload(chance, &fact.data);
        let version = fact.version + base;
        let told = Told {
            streams: vec![Some(said(&ids[fact.stream]))],
            version: Some(version),
            types: vec![Some(said(&event_type))],
            times: vec![Some(fact.at)],
            data: vec![Data::Stored(stored(&data))],
        };
        rows.push(Usual {
            stream: ids[fact.stream].clone(),
            kind: Value::Text(story.kinds[fact.kind].0.clone()),
            version: Value::Integer(version),
            event_type,
            time: habits.times.make(fact.at, row),
            data,
            metadata: Value::Text(Json::Object(surroundings(chance, fact.actor)).to_string()),
            id: Value::Text(chance.uuid().to_string()),
            actor: Value::Text(fact.actor.to_owned()),
            told,
        });
    }
    rows
}

/// How many events of how many streams.
pub fn size(chance: &mut Chance) -> (usize, usize) {
    let events = chance.pick(&[40, 60, 90, 140, 220, 400]);
    let streams = (events / chance.pick(&[4, 6, 10, 20])).max(3);
    (events, streams)
}

pub fn story(chance: &mut Chance, habits: &mut Habits) -> Story {
    let (events, streams) = size(chance);
    let old = habits.times.reaches_back() && chance.percent(8);
    let story = tell(chance, habits.tongue, events, streams, old);
    if old && matches!(habits.types, Types::Many) {
        habits.types = Types::Dotted;
    }
    story
}

type Cell = fn(&Usual) -> Value;

/// The columns of a usual table, with what stands in each.
struct Columns {
    table: TableSpec,
    cells: Vec<Option<Cell>>,
}

impl Columns {
    fn add(&mut self, name: String, declared: &str, cell: Option<Cell>) -> String {
        let mut free = name;
        while self.table.columns.iter().any(|(known, _)| known.to_lowercase() == free.to_lowercase()) {
            free.push('2');
        }
        self.table.columns.push((free.clone(), declared.to_owned()));
        self.cells.push(cell);
        free
    }
}

/// A stream, a type, a time, data; most often a position; now and then more.
fn rows(chance: &mut Chance, habits: &mut Habits, kind: &str, versioned: bool) -> Database {
    let story = story(chance, habits);
    let base = chance.between(0, 3).min(1);
    let mut rows = usual(chance, habits, &story, base);
    let table = table(chance, habits, &mut rows, versioned, None);
    let told = rows.into_iter().map(|it| it.told).collect();
    let seen = format!("{kind}, {:?} {:?} {:?} {:?}", habits.ids, habits.types, habits.times, habits.payloads);
    Database { kind: seen, logs: vec![table.name.clone()], tables: vec![table], told, ..Database::default() }
}

/// The table of usual rows; `named` where its name is given. What a column that is left out would have said is taken out
/// of the truth.
pub fn table(
    chance: &mut Chance,
    habits: &Habits,
    rows: &mut [Usual],
    versioned: bool,
    named: Option<String>,
) -> TableSpec {
    let tongue = habits.tongue;
    let odd = chance.percent(12);
    let name = |chance: &mut Chance, from: &[&str]| {
        if odd && chance.percent(40) { chance.pick(&ODD).to_owned() } else { habits.name(chance, from) }
    };
    let table_name = named.unwrap_or_else(|| name(chance, tongue.tables));
    let strict = chance.percent(15);
    let keyed_by_stream = versioned && chance.percent(20);
    let mut columns = Columns { table: TableSpec::new(table_name), cells: Vec::new() };
    let numbered = !keyed_by_stream && chance.percent(75);
    if numbered {
        let auto = if chance.percent(50) { " AUTOINCREMENT" } else { "" };
        let called = name(chance, tongue.numbers);
        columns.add(called, &format!("INTEGER PRIMARY KEY{auto}"), None);
    } else if !keyed_by_stream && chance.percent(70) {
        let called = name(chance, tongue.ids);
        columns.add(called, "TEXT PRIMARY KEY NOT NULL", Some(|row| row.id.clone()));
    }
    let text = if strict { "TEXT" } else { chance.pick(&["TEXT", "TEXT NOT NULL", "VARCHAR(255)", "varchar"]) };
    let stream_declared =
        if habits.ids.declared() == "TEXT" { text.to_owned() } else { format!("{} NOT NULL", habits.ids.declared()) };
    let type_declared = if habits.types.declared() == "TEXT" { text } else { habits.types.declared() };
    let time_declared = match habits.times.declared() {
        "TEXT" if !strict && chance.percent(40) => "DATETIME",
        other => other,
    };
    let data_declared = match habits.payloads.declared() {
        "TEXT" if !strict && chance.percent(20) => "JSON",
        other => other,
    };
    let called = name(chance, tongue.streams);
    let stream = columns.add(called, &stream_declared, Some(|row| row.stream.clone()));
    if chance.percent(30) {
        let called = name(chance, tongue.kinds);
        columns.add(called, text, Some(|row| row.kind.clone()));
    }
    let version = versioned.then(|| {
        let called = name(chance, tongue.versions);
        columns.add(called, "INTEGER NOT NULL", Some(|row| row.version.clone()))
    });
    let mut rest: Vec<(&[&str], &str, Cell)> = vec![(tongue.types, type_declared, |row| row.event_type.clone())];
    if chance.percent(92) {
        rest.push((tongue.times, time_declared, |row| row.time.clone()));
    } else {
        for row in rows.iter_mut() {
            row.told.times = vec![None];
        }
    }
    rest.push((tongue.data, data_declared, |row| row.data.clone()));
    if chance.percent(30) {
        rest.push((tongue.metadata, "TEXT", |row| row.metadata.clone()));
    }
    if chance.percent(25) {
        rest.push((tongue.actors, text, |row| row.actor.clone()));
    }
    if chance.percent(30) {
        let at = chance.between(0, rest.len() as i64 - 1) as usize;
        rest.rotate_left(at);
    }
    for (names, declared, cell) in rest {
        let called = name(chance, names);
        columns.add(called, declared, Some(cell));
    }
    if numbered && chance.percent(25) {
        let called = name(chance, tongue.ids);
        columns.add(called, "TEXT UNIQUE", Some(|row| row.id.clone()));
    }
    let Columns { mut table, cells } = columns;
    table.strict = strict;
    if strict {
        for (_, declared) in &mut table.columns {
            *declared = declared.replace("VARCHAR(255)", "TEXT").replace("varchar", "TEXT");
        }
    }
    match (&version, keyed_by_stream) {
        (Some(version), true) => {
            table.constraints.push(format!("PRIMARY KEY ({}, {})", quoted(&stream), quoted(version)));
            table.without_rowid = chance.percent(40);
        }
        (Some(version), false) if chance.percent(70) => {
            table.constraints.push(format!("UNIQUE ({}, {})", quoted(&stream), quoted(version)));
        }
        _ if chance.percent(60) => {
            table.indexes.push(format!("CREATE INDEX \"by stream\" ON {} ({})", quoted(&table.name), quoted(&stream)));
        }
        _ => {}
    }
    for (number, row) in rows.iter_mut().enumerate() {
        table
            .rows
            .push(cells.iter().map(|cell| cell.map_or(Value::Integer(number as i64 + 1), |cell| cell(row))).collect());
        if !versioned {
            row.told.version = None;
        }
    }
    table
}

/// Streams, and now and then types, are numbers that other tables name.
fn looked_up(chance: &mut Chance, habits: &mut Habits) -> Database {
    let story = story(chance, habits);
    let mut ids = chance.pick(&[Ids::Uuid, Ids::Prefixed, Ids::Slug]);
    std::mem::swap(&mut ids, &mut habits.ids);
    let versioned = chance.percent(50);
    let mut rows = usual(chance, habits, &story, 1);
    let tongue = habits.tongue;
    let named = |chance: &mut Chance, habits: &Habits| habits.name(chance, tongue.streams);
    let names: Vec<Value> = {
        let mut found: Vec<Value> = vec![Value::Null; story.streams];
        for (fact, row) in story.facts.iter().zip(&rows) {
            found[fact.stream] = row.stream.clone();
        }
        found
    };
    let (key, label) = (habits.written("id"), habits.written("name"));
    let stem = named(chance, habits);
    let mut streams =
        TableSpec::new(format!("{stem}s")).column(&key, "INTEGER PRIMARY KEY").column(&label, "TEXT UNIQUE");
    streams.rows = names
        .iter()
        .enumerate()
        .filter(|(_, name)| **name != Value::Null)
        .map(|(n, name)| vec![Value::Integer(n as i64 + 1), name.clone()])
        .collect();
    for (fact, row) in story.facts.iter().zip(&mut rows) {
        row.stream = Value::Integer(fact.stream as i64 + 1);
        // The number itself names the stream just as well.
        row.told.streams.push(Some((fact.stream + 1).to_string()));
    }
    habits.ids = Ids::Number;
    let mut table = table(chance, habits, &mut rows, versioned, None);
    let at = table.columns.iter().position(|(_, declared)| declared == "INTEGER NOT NULL").unwrap();
    let column = table.columns[at].0.clone();
    table.constraints.push(format!(
        "FOREIGN KEY ({}) REFERENCES {} ({})",
        quoted(&column),
        quoted(&streams.name),
        quoted(&key)
    ));
    let seen = format!("looked up, {:?} {:?} {:?}", habits.types, habits.times, habits.payloads);
    let told = rows.into_iter().map(|it| it.told).collect();
    Database { kind: seen, logs: vec![table.name.clone()], tables: vec![streams, table], told, ..Database::default() }
}

/// A log of the whole application: nothing repeats like a subject.
fn single(chance: &mut Chance, habits: &mut Habits) -> Database {
    let story = story(chance, habits);
    let rows = usual(chance, habits, &story, 1);
    let tongue = habits.tongue;
    let mut table = TableSpec::new(habits.name(chance, tongue.tables))
        .column(habits.name(chance, tongue.numbers), "INTEGER PRIMARY KEY")
        .column(habits.name(chance, tongue.types), habits.types.declared())
        .column(habits.name(chance, tongue.data), habits.payloads.declared())
        .column(habits.name(chance, tongue.times), habits.times.declared());
    // A pair of counters: the position again, and a number of the row within a batch that is nearly always 0.
    let paired = chance.percent(30);
    if paired {
        table = table.column("global_seq", "INTEGER").column("local_seq", "INTEGER");
        table.constraints.push("UNIQUE (global_seq, local_seq)".to_owned());
    }
    let mut told = Vec::new();
    let (mut whole, mut part) = (0, 0);
    let batches = chance.percent(50);
    for (n, row) in rows.into_iter().enumerate() {
        let number = Value::Integer(n as i64 + 1);
        let mut cells = vec![number, row.event_type, row.data, row.time];
        if paired {
            if batches && n > 0 && chance.percent(5) {
                part += 1;
            } else {
                (whole, part) = (whole + 1, 0);
            }
            cells.extend([Value::Integer(whole), Value::Integer(part)]);
        }
        table.rows.push(cells);
        told.push(Told { streams: vec![None], version: None, ..row.told });
    }
    let seen = format!(
        "single{}, {:?} {:?} {:?}",
        if paired { " with two counters" } else { "" },
        habits.types,
        habits.times,
        habits.payloads
    );
    Database { kind: seen, logs: vec![table.name.clone()], tables: vec![table], told, ..Database::default() }
}

/// Few rows, one type so far, or payloads that are odd.
fn small(chance: &mut Chance, habits: &mut Habits) -> Database {
    let events = chance.between(4, 22) as usize;
    let streams = (events / 4).max(2);
    let one = chance.percent(40);
    let odd = !one && chance.percent(40);
    // Where there is little to see, one of the two must help: names by the book, or values that tell.
    habits.tongue = if one || odd { &TONGUES[0] } else { habits.tongue };
    if one {
        habits.types = Types::One;
    } else if odd || matches!(habits.types, Types::Many | Types::Code | Types::Letter) {
        habits.types = Types::Pascal;
    }
    habits.times = chance.pick(&[Times::IsoMillis, Times::Sqlite, Times::Millis, Times::Seconds]);
    habits.payloads = Payloads::Json;
    let mut story = tell(chance, habits.tongue, events, streams, false);
    if one {
        story.kinds.truncate(1);
        for fact in &mut story.facts {
            (fact.kind, fact.what) = (0, 0);
        }
    }
    let mut rows = usual(chance, habits, &story, 1);
    if odd {
        for (n, row) in rows.iter_mut().enumerate() {
            let broken = match n % 5 {
                0 => "{\"a\": NaN, \"b\": 1}".to_owned(),
                1 => "{\"a\":1}{\"b\":2}".to_owned(),
                2 => "\u{feff}{\"a\":1}".to_owned(),
                3 => "{'a': 'single'}".to_owned(),
                _ => json!({"a": n}).to_string(),
            };
            row.data = Value::Text(broken);
            row.told.data = vec![Data::Stored(stored(&row.data))];
        }
    }
    let versioned = odd || chance.percent(60);
    let table = table(chance, habits, &mut rows, versioned, None);
    let told = rows.into_iter().map(|it| it.told).collect();
    let seen = format!("small, {events} rows, one type {one}, odd payloads {odd}, versioned {versioned}");
    Database { kind: seen, logs: vec![table.name.clone()], tables: vec![table], told, ..Database::default() }
}

/// Columns with a collation that only the application has.
fn collated(chance: &mut Chance, habits: &mut Habits) -> Database {
    let versioned = chance.percent(60);
    let mut database = rows(chance, habits, "collated", versioned);
    let name = chance.pick(&["LOCALIZED", "UNICODE", "icu_de", "NATURAL_ORDER"]);
    for (_, declared) in &mut database.tables[0].columns {
        if declared.to_uppercase().starts_with("TEXT") || declared.to_uppercase().starts_with("VARCHAR") {
            *declared = format!("{declared} COLLATE {name}");
        }
    }
    database.collation = Some(name);
    database
}
