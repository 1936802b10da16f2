//! Holds what is read of a generated database against the truth: opened as a person would, event by event.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use eventscope::event::Event;
use eventscope::source::{OpenOptions, Source};
use serde_json::Value as Json;

use super::{Data, Database, Told};

/// The fields that are counted.
pub const FIELDS: [&str; 6] = ["events", "stream", "version", "type", "time", "data"];

/// So many of the events must be right for a field to be: a sample of rows may have an odd one.
const ENOUGH: f64 = 0.98;

/// What came of one database.
pub struct Outcome {
    pub seed: u64,
    pub kind: String,
    /// Whether there is a log, and whether one was found.
    pub log: bool,
    pub found: bool,
    /// Whether what was found is no log.
    pub decoy: bool,
    /// For a log: whether each of [`FIELDS`] is right.
    pub right: [bool; 6],
    /// What was found, for those who look at misses.
    pub seen: String,
}

/// Many outcomes.
#[derive(Default)]
pub struct Tally {
    pub databases: usize,
    pub logs: usize,
    pub missed: usize,
    pub decoys: usize,
    pub right: [usize; 6],
    /// Fields and those that are right, by kind.
    pub kinds: BTreeMap<String, (usize, usize)>,
}

impl Tally {
    pub fn add(&mut self, outcome: &Outcome) {
        self.databases += 1;
        self.decoys += usize::from(outcome.decoy);
        if !outcome.log {
            return;
        }
        self.logs += 1;
        self.missed += usize::from(!outcome.found);
        let kind = outcome.kind.split(',').next().unwrap_or_default().to_owned();
        let of_kind = self.kinds.entry(kind).or_default();
        for (count, right) in self.right.iter_mut().zip(outcome.right) {
            *count += usize::from(right);
            of_kind.0 += 1;
            of_kind.1 += usize::from(right);
        }
    }

    pub fn fields(&self) -> f64 {
        self.right.iter().sum::<usize>() as f64 / (self.logs * FIELDS.len()).max(1) as f64
    }

    pub fn missed(&self) -> f64 {
        self.missed as f64 / self.logs.max(1) as f64
    }

    /// Of all databases, those in which something was taken for a log that is none.
    pub fn decoys(&self) -> f64 {
        self.decoys as f64 / self.databases.max(1) as f64
    }
}

/// Writes the database into a folder, opens it without profiles, and compares.
pub fn outcome(database: &Database, folder: &Path) -> Outcome {
    let path = folder.join(format!("{}.db", database.seed));
    database.write(&path);
    let options = OpenOptions { infer: true, ..OpenOptions::default() };
    let source = Source::open(&path, &options).unwrap_or_else(|error| panic!("{}: {error}", database.seed));
    let outcome = compare(database, &source);
    drop(source);
    std::fs::remove_file(&path).unwrap();
    outcome
}

fn compare(database: &Database, source: &Source) -> Outcome {
    let mut outcome = Outcome {
        seed: database.seed,
        kind: database.kind.clone(),
        log: !database.logs.is_empty(),
        found: false,
        decoy: false,
        right: [false; 6],
        seen: String::new(),
    };
    let Some(mapping) = source.mapping() else { return outcome };
    let field =
        |field: &Option<eventscope::profile::Field>| field.as_ref().map_or("-", |it| it.sql.as_str()).to_owned();
    outcome.seen = format!(
        "{} | stream {} {} | version {} | type {} | time {} | data {}",
        mapping.table,
        field(&mapping.aggregate_type),
        field(&mapping.aggregate_id),
        field(&mapping.version),
        field(&mapping.event_type),
        field(&mapping.timestamp),
        mapping.data.sql,
    );
    let is_log = database
        .logs
        .iter()
        .any(|name| name.eq_ignore_ascii_case(&mapping.table) || mapping.from.contains(name.as_str()));
    outcome.found = is_log;
    outcome.decoy = !is_log;
    if !is_log {
        return outcome;
    }
    let events = source.page_at(0, usize::MAX).unwrap_or_default();
    outcome.right[0] = events.len() == database.told.len();
    if !outcome.right[0] {
        outcome.seen = format!("{} events of {}: {}", events.len(), database.told.len(), outcome.seen);
        return outcome;
    }
    let told = in_order(database, &events);
    let share = |holds: &dyn Fn(&Told, &Event) -> bool| {
        told.iter().zip(&events).filter(|(told, event)| holds(told, event)).count() as f64 / events.len() as f64
            >= ENOUGH
    };
    outcome.right[1] = same_streams(&told, &events);
    outcome.right[2] = share(&|told, event| {
        told.version.map_or(mapping.version.is_none(), |version| mapping.version.is_some() && version == event.version)
    });
    outcome.right[3] = share(&|told, event| {
        told.types.iter().any(|it| it.as_ref().map_or(event.event_type.is_empty(), |it| *it == event.event_type))
    });
    outcome.right[4] = share(&|told, event| told.times.iter().any(|it| same_time(*it, event)));
    outcome.right[5] = share(&|told, event| told.data.iter().any(|it| same_data(it, event)));
    outcome
}

/// The truth in the order in which the events are read: as the table has its rows, else as what they say tells.
fn in_order<'a>(database: &'a Database, events: &[Event]) -> Vec<&'a Told> {
    let written: Vec<&Told> = database.told.iter().collect();
    let agree = |order: &[&Told]| {
        let same = |(told, event): (&&Told, &Event)| {
            told.times.iter().any(|it| same_time(*it, event)) && told.data.iter().any(|it| same_data(it, event))
        };
        order.iter().zip(events).filter(|pair| same((pair.0, pair.1))).count()
    };
    // A table without row numbers is in the order of its key.
    let by_key: Vec<&Told> = database.rows_in_order().into_iter().filter_map(|row| database.told.get(row)).collect();
    if by_key.len() == written.len() && agree(&by_key) > agree(&written) {
        return by_key;
    }
    // Any other order: each event takes the first row that says the same.
    if agree(&written) * 2 < events.len() {
        let mut free: HashMap<Vec<u8>, Vec<&Told>> = HashMap::new();
        for told in database.told.iter().rev() {
            if let Some(Data::Stored(bytes)) = told.data.first() {
                free.entry(bytes.clone()).or_default().push(told);
            }
        }
        let found: Option<Vec<&Told>> = events.iter().map(|event| free.get_mut(&*event.data.raw)?.pop()).collect();
        return found.unwrap_or(written);
    }
    written
}

/// Whether events are in one stream exactly where the truth says so, in one of its ways.
fn same_streams(told: &[&Told], events: &[Event]) -> bool {
    let ways = told.first().map_or(0, |told| told.streams.len());
    (0..ways).any(|way| {
        let (mut there, mut back) = (HashMap::new(), HashMap::new());
        let good = told.iter().zip(events).filter(|(told, event)| {
            let truth = told.streams[way].clone().unwrap_or_default();
            let found = format!("{}\n{}", event.stream.aggregate_type, event.stream.aggregate_id);
            *there.entry(truth.clone()).or_insert_with(|| found.clone()) == found
                && *back.entry(found).or_insert_with(|| truth.clone()) == truth
        });
        good.count() as f64 / events.len() as f64 >= ENOUGH
    })
}

fn same_time(truth: Option<i64>, event: &Event) -> bool {
    let found = event.timestamp.as_ref();
    match truth {
        None => found.is_none(),
        Some(at) => found.and_then(|time| time.utc).is_some_and(|utc| (utc.timestamp_micros() - at).abs() <= 1_000_000),
    }
}

fn same_data(truth: &Data, event: &Event) -> bool {
    match truth {
        Data::Stored(bytes) => *event.data.raw == **bytes,
        Data::Members(members) => {
            let Some(Json::Object(found)) = event.data.value() else { return false };
            members.iter().all(|(name, value)| {
                found.get(name).map_or(value.is_empty(), |found| match found {
                    Json::String(text) => text == value,
                    Json::Null => value.is_empty(),
                    other => said(other) == *value,
                })
            })
        }
    }
}

fn said(value: &Json) -> String {
    value.to_string()
}
