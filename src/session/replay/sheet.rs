//! What there is to know for whoever writes rules for an aggregate type: its event types with their fields, the places in
//! its states, and the rules as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::codec::places::{self, Reach, Step};
use crate::error::Result;
use crate::event::{Event, StreamName, Version};
use crate::replay::jq_word::is_word;
use crate::replay::{Fold, WrittenRule};
use crate::source::Source;

use super::reducers::{FoundReducers, file_of};
use crate::session::OpenRequest;
use crate::session::workers::worker::CancelToken;

/// How many events of the store are looked at.
const EVENTS: usize = 10_000;

/// How many are read at a time.
const PAGE: usize = 500;

/// How many events of one type are looked at for their fields.
const SAMPLE: u64 = 200;

/// How many fields of a type, and how many places of states, are kept.
const MOST: usize = 200;

/// How many schema versions of a type are kept.
const VERSIONS: usize = 16;

/// How far documents are gone into: what a list holds is of no name.
const REACH: Reach = Reach { deepest: 6, members: 40, items: 0 };

/// How many characters of an example are kept.
const EXAMPLE: usize = 40;

/// A payload of more bytes than that is left unread.
const LARGE: u64 = 1 << 20;

/// What there is to know of the rules of an aggregate type.
#[derive(Clone, Debug, Default)]
pub struct RuleSheet {
    /// The aggregate type; empty where the streams of the database have none.
    pub aggregate_type: String,
    /// The file that the rules are saved in.
    pub path: PathBuf,
    /// What is edited: the whole of the file, or what it is to begin with.
    pub text: Arc<str>,
    /// The state before the first event as JSON, where it is not empty.
    pub initial: Option<String>,
    /// The event types that were seen, in the order of their names.
    pub types: Vec<SheetType>,
    /// The places in the states, as jq writes them: `.lines`.
    pub places: Vec<String>,
}

/// An event type that rules may be for.
#[derive(Clone, Debug, Default)]
pub struct SheetType {
    /// Its name.
    pub event_type: Arc<str>,
    /// How many events of it were seen.
    pub seen: u64,
    /// The rule that stands for it.
    pub rule: Option<WrittenRule>,
    /// The upcasters for it, each with the schema version that it takes.
    pub upcasts: Vec<(u64, String)>,
    /// The schema versions that its events have, where they are numbers.
    pub versions: BTreeSet<u64>,
    /// What its events say.
    pub fields: Vec<SheetField>,
}

/// Something that events of a type say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetField {
    /// Where, as jq writes it: `$event.data.amount`.
    pub path: String,
    /// One value of it, in short.
    pub example: String,
}

/// What a sheet is made of.
#[derive(Clone)]
pub(in crate::session) struct SheetJob {
    pub(in crate::session) aggregate_type: String,
    /// The stream that is shown: what is in it is looked at first.
    pub(in crate::session) stream: Option<StreamName>,
    pub(in crate::session) request: OpenRequest,
    pub(in crate::session) reducers: FoundReducers,
}

/// Other reducers come with another generation.
impl PartialEq for SheetJob {
    fn eq(&self, other: &Self) -> bool {
        self.aggregate_type == other.aggregate_type
    }
}

/// Reads what a sheet says.
pub(super) fn lay_out(source: &Source, job: &SheetJob, token: &CancelToken) -> Result<RuleSheet> {
    source.leave_unread(Some(LARGE));
    let looked = look(source, job, token);
    source.leave_unread(None);
    let looked = looked?;
    let kinds: Vec<String> = looked.kinds.into_iter().collect();
    let text = job.reducers.text(source.state_spec(), &kinds)?;
    let types = looked.types.into_iter().map(|(event_type, seen)| SheetType {
        rule: job.reducers.reducers.written(&job.aggregate_type, &event_type),
        upcasts: job.reducers.reducers.written_upcasts(&event_type),
        event_type,
        seen: seen.count,
        versions: seen.versions,
        fields: seen.fields.into_iter().map(|(path, example)| SheetField { path, example }).collect(),
    });
    Ok(RuleSheet {
        aggregate_type: job.aggregate_type.clone(),
        path: file_of(&job.request.path, job.request.reducers.as_deref()),
        text: text.into(),
        initial: job.reducers.reducers.written_initial(&job.aggregate_type),
        types: types.collect(),
        places: looked.places.into_iter().collect(),
    })
}

/// What was seen.
#[derive(Default)]
struct Looked {
    kinds: BTreeSet<String>,
    types: BTreeMap<Arc<str>, TypeSeen>,
    places: BTreeSet<String>,
}

#[derive(Default)]
struct TypeSeen {
    count: u64,
    versions: BTreeSet<u64>,
    fields: BTreeMap<String, String>,
}

fn look(source: &Source, job: &SheetJob, token: &CancelToken) -> Result<Looked> {
    let mut looked = Looked::default();
    looked.kinds.insert(job.aggregate_type.clone());
    let mut folds: BTreeMap<StreamName, Fold> = BTreeMap::new();
    if let Some(stream) = &job.stream {
        for event in source.read_stream(stream, Version::MIN, None)?.take(EVENTS) {
            looked.event(&event?, job, &mut folds);
        }
    }
    let mut last = None;
    for _ in 0..EVENTS / PAGE {
        if token.is_cancelled() {
            break;
        }
        let page = source.events_after(last, PAGE)?;
        last = page.last().map(|event| event.position).or(last);
        let ended = page.len() < PAGE;
        for event in page {
            looked.kinds.insert(event.stream.aggregate_type.clone());
            if event.stream.aggregate_type == job.aggregate_type && Some(&event.stream) != job.stream.as_ref() {
                looked.event(&event, job, &mut folds);
            }
        }
        if ended {
            break;
        }
    }
    for fold in folds.values() {
        let state = fold.state();
        places::visit(&state, REACH, &mut |steps, _| {
            let more = looked.places.len() < MOST;
            if more {
                looked.places.insert(jq_path("", steps));
            }
            more
        });
    }
    Ok(looked)
}

/// How many streams are folded for the places of their states.
const STREAMS: usize = 24;

impl Looked {
    fn event(&mut self, event: &Event, job: &SheetJob, folds: &mut BTreeMap<StreamName, Fold>) {
        let seen = self.types.entry(event.event_type.as_str().into()).or_default();
        seen.count += 1;
        if let Some(version) = event.schema_version.as_ref().and_then(|version| version.parse().ok())
            && seen.versions.len() < VERSIONS
        {
            seen.versions.insert(version);
        }
        if seen.count <= SAMPLE
            && let Some(data) = event.data.value()
        {
            let fields = &mut seen.fields;
            places::visit(data, REACH, &mut |steps, value| {
                let more = fields.len() < MOST;
                if more {
                    fields.entry(jq_path("$event.data", steps)).or_insert_with(|| short(value));
                }
                more
            });
        }
        if folds.len() < STREAMS || folds.contains_key(&event.stream) {
            let fold = folds.entry(event.stream.clone());
            fold.or_insert_with(|| Fold::new(&job.reducers.reducers, &job.aggregate_type)).step(event);
        }
    }
}

/// A place as jq writes it.
fn jq_path(root: &str, steps: &[Step<'_>]) -> String {
    let mut path = root.to_owned();
    for step in steps {
        match step {
            Step::Key(key) if is_word(key) => path.extend([".", key]),
            Step::Key(key) => path.extend(["[", &Value::from(*key).to_string(), "]"]),
            Step::Item => path.push_str("[]"),
        }
    }
    path
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::Object(members) => format!("{{{}}}", members.len()),
        Value::Array(items) => format!("[{}]", items.len()),
        scalar => scalar.to_string(),
    };
    match text.char_indices().nth(EXAMPLE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
