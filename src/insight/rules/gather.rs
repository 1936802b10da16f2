//! Reads what rules are learnt from: the states that a database keeps, and the events of the streams that they are of.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;

use super::{Kind, RulesProgress, RulesWanted, stopped};
use crate::error::Result;
use crate::event::{Event, StreamName, Version};
use crate::learn::{At, Evidence, Known, Learner};
use crate::profile::ReadModelMapping;
use crate::replay::Reducers;
use crate::source::Source;

/// So few snapshots of a type say less than the rows of a read model.
const FEW: usize = 4;
/// A payload of more bytes than that is left unread.
const LARGE: u64 = 1 << 20;
/// How many events one statement reads.
const PAGE: usize = 500;

/// Everything that was read, by aggregate type.
pub(super) struct Gathered {
    pub(super) kinds: BTreeMap<String, Kind>,
}

impl Gathered {
    /// Reads it, within the bounds of what is asked for.
    pub(super) fn read(
        source: &Source,
        wanted: &RulesWanted,
        progress: &mut dyn FnMut(&RulesProgress) -> ControlFlow<()>,
    ) -> Result<Self> {
        if source.mapping().is_none() {
            return Ok(Self { kinds: BTreeMap::new() });
        }
        source.leave_unread(Some(LARGE));
        // Many are held, and each is looked at once: its document need not lie beside its bytes until then.
        source.decode_later(true);
        let gathered = Self::read_within(source, wanted, progress);
        source.decode_later(false);
        source.leave_unread(None);
        gathered
    }

    fn read_within(
        source: &Source,
        wanted: &RulesWanted,
        progress: &mut dyn FnMut(&RulesProgress) -> ControlFlow<()>,
    ) -> Result<Self> {
        let mut states = States::read(source, wanted)?;
        let mut events = Events::new(source, wanted, progress);
        events.read_first()?;
        states.name_streams(source, &events.known)?;
        for stream in states.streams() {
            events.read_stream(&stream)?;
        }
        let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
        for (stream, events) in events.streams {
            let kind = kinds.entry(stream.aggregate_type.clone()).or_default();
            for event in events {
                kind.learner.event(&event);
            }
        }
        states.give(&mut kinds, &wanted.examples);
        if let Some(only) = &wanted.aggregate_type {
            kinds.retain(|aggregate_type, _| aggregate_type == only);
        }
        Ok(Self { kinds })
    }
}

impl Default for Kind {
    fn default() -> Self {
        Self { learner: Learner::new(), states: String::new(), corrected: false }
    }
}

/// The events that were read, by stream.
struct Events<'a> {
    source: &'a Source,
    progress: &'a mut dyn FnMut(&RulesProgress) -> ControlFlow<()>,
    streams: BTreeMap<StreamName, Vec<Event>>,
    /// The streams whose events are all at hand.
    whole: BTreeSet<StreamName>,
    /// The streams of an id.
    known: HashMap<String, Vec<StreamName>>,
    count: usize,
    bytes: usize,
    most: (usize, usize),
    /// Whether the whole store was read.
    all: bool,
}

impl<'a> Events<'a> {
    fn new(
        source: &'a Source,
        wanted: &RulesWanted,
        progress: &'a mut dyn FnMut(&RulesProgress) -> ControlFlow<()>,
    ) -> Self {
        Self {
            source,
            progress,
            streams: BTreeMap::new(),
            whole: BTreeSet::new(),
            known: HashMap::new(),
            count: 0,
            bytes: 0,
            most: (wanted.limits.events, wanted.limits.bytes),
            all: false,
        }
    }

    /// Reads the store from its beginning: all of it where it is small, else half of what may be read. A stream that
    /// goes on after that is kept as far as it goes.
    fn read_first(&mut self) -> Result<()> {
        let most = self.most.0 / if self.source.count()? > self.most.0 as u64 { 2 } else { 1 };
        let mut last = None;
        while self.count < most && self.bytes < self.most.1 {
            let page = self.source.events_after(last, PAGE)?;
            let ended = page.len() < PAGE;
            last = page.last().map(|event| event.position).or(last);
            for event in page {
                self.keep(event);
            }
            self.hear()?;
            if ended {
                self.all = true;
                break;
            }
        }
        for stream in self.streams.keys() {
            self.known.entry(stream.aggregate_id.clone()).or_default().push(stream.clone());
        }
        // The store's order need not be that of its streams.
        self.streams.values_mut().for_each(|events| events.sort_by_key(|event| event.version));
        Ok(())
    }

    /// Reads all of a stream, where an index leads to it.
    fn read_stream(&mut self, stream: &StreamName) -> Result<()> {
        let full = self.count >= self.most.0 || self.bytes >= self.most.1;
        if self.all || full || self.whole.contains(stream) || !self.source.finds_streams()? {
            return Ok(());
        }
        for event in self.streams.remove(stream).unwrap_or_default() {
            self.count = self.count.saturating_sub(1);
            self.bytes = self.bytes.saturating_sub(event.data.raw.len());
        }
        let source = self.source;
        for event in source.read_stream(stream, Version::MIN, None)? {
            self.keep(event?);
            if self.count.is_multiple_of(PAGE) {
                self.hear()?;
            }
            if self.count >= self.most.0 {
                break;
            }
        }
        self.whole.insert(stream.clone());
        self.hear()
    }

    fn keep(&mut self, event: Event) {
        self.count += 1;
        self.bytes += event.data.raw.len();
        self.streams.entry(event.stream.clone()).or_default().push(event);
    }

    fn hear(&mut self) -> Result<()> {
        if (self.progress)(&RulesProgress::Reading(self.count)).is_break() { Err(stopped()) } else { Ok(()) }
    }
}

/// The states that a database keeps: its snapshots, and for each of its read models the rows.
struct States {
    snapshots: Vec<Evidence>,
    models: Vec<(String, Vec<Evidence>)>,
}

impl States {
    fn read(source: &Source, wanted: &RulesWanted) -> Result<Self> {
        let mut states = Self { snapshots: Vec::new(), models: Vec::new() };
        let limits = wanted.limits;
        if wanted.sources.snapshots {
            let mut bytes = 0;
            let found = &mut states.snapshots;
            let library = library(source);
            source.all_snapshots(&mut |snapshot| {
                bytes += snapshot.state.raw.len();
                if let Some(state) = snapshot.state.value() {
                    let (stream, version) = (snapshot.stream.clone(), snapshot.version);
                    // How a library writes its snapshots is the library's to say.
                    let state = library.as_ref().and_then(|rules| rules.comparable(&stream, version, state).ok());
                    let state = state.or_else(|| snapshot.state.value().cloned());
                    found.extend(state.map(|state| Evidence::snapshot(stream, version, state)));
                }
                if found.len() < limits.states && bytes < limits.bytes {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
        }
        if wanted.sources.tables {
            for model in source.read_models() {
                let rows = Self::rows(source, model, wanted)?;
                states.models.push((model.table.clone(), rows));
            }
        }
        Ok(states)
    }

    /// The rows of a read model, each where it was when its reader last looked.
    fn rows(source: &Source, model: &ReadModelMapping, wanted: &RulesWanted) -> Result<Vec<Evidence>> {
        let lag = source.model_position(model)?;
        let (mut bytes, mut found) = (0, Vec::new());
        source.model_rows(model, &mut |row| {
            bytes += row.state.raw.len();
            let at = match (row.version, lag) {
                (Some(version), _) => At::Version(version),
                (None, Some(position)) => At::Position(position),
                (None, None) => At::Last,
            };
            if let Some(state) = row.state.value() {
                found.push(Evidence::row(row.stream, at, state.clone(), &model.table));
            }
            if found.len() < wanted.limits.states && bytes < wanted.limits.bytes {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(found)
    }

    /// Gives the streams their whole names, where the tables leave the type to the events; what is of no stream goes.
    fn name_streams(&mut self, source: &Source, known: &HashMap<String, Vec<StreamName>>) -> Result<()> {
        let mut named: HashMap<StreamName, Option<StreamName>> = HashMap::new();
        let all = std::iter::once(&mut self.snapshots).chain(self.models.iter_mut().map(|(_, rows)| rows));
        for evidence in all {
            for one in evidence.iter_mut() {
                let name = if let Some(name) = named.get(&one.stream) {
                    name.clone()
                } else {
                    let name = whole_name(source, known, &one.stream)?;
                    named.insert(one.stream.clone(), name.clone());
                    name
                };
                one.stream = name.unwrap_or_default();
            }
            evidence.retain(|one| !one.stream.aggregate_id.is_empty());
        }
        Ok(())
    }

    /// The streams that something is known of.
    fn streams(&self) -> BTreeSet<StreamName> {
        let rows = self.models.iter().flat_map(|(_, rows)| rows);
        self.snapshots.iter().chain(rows).map(|evidence| evidence.stream.clone()).collect()
    }

    /// Gives each aggregate type its evidence. Snapshots are the state itself; a read model is what somebody made of it,
    /// and counts where there are none. Of several the one with the most rows goes first, and others say what it leaves
    /// open.
    fn give(self, kinds: &mut BTreeMap<String, Kind>, examples: &[Evidence]) {
        for (aggregate_type, kind) in kinds {
            let of_type = |evidence: &&Evidence| evidence.stream.aggregate_type == *aggregate_type;
            let snapshots: Vec<&Evidence> = self.snapshots.iter().filter(of_type).collect();
            let mut models: Vec<(&str, Vec<&Evidence>)> = self
                .models
                .iter()
                .map(|(table, rows)| (table.as_str(), rows.iter().filter(of_type).collect::<Vec<_>>()))
                .filter(|(_, rows)| !rows.is_empty())
                .collect();
            models.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
            if snapshots.len() >= FEW || models.is_empty() {
                "snapshots".clone_into(&mut kind.states);
                if snapshots.is_empty() {
                    kind.states.clear();
                }
                snapshots.into_iter().cloned().for_each(|evidence| kind.learner.evidence(evidence));
            } else {
                kind.take_rows(&models);
            }
            for example in examples.iter().filter(of_type) {
                kind.corrected = true;
                kind.states = if kind.states.is_empty() {
                    "examples".to_owned()
                } else {
                    format!("{} and examples", kind.states)
                };
                kind.learner.evidence(example.clone());
            }
        }
    }
}

impl Kind {
    fn take_rows(&mut self, models: &[(&str, Vec<&Evidence>)]) {
        let mut members: BTreeSet<String> = BTreeSet::new();
        let mut tables = Vec::new();
        for (table, rows) in models {
            let own: BTreeSet<String> = rows.iter().flat_map(|row| names(row)).collect();
            if !own.is_disjoint(&members) {
                continue;
            }
            for row in rows {
                self.learner.evidence((*row).clone());
            }
            members.extend(own);
            tables.push(format!("`{table}`"));
        }
        self.states = format!("rows of {}", tables.join(" and "));
    }
}

/// The rules that a profile brings.
fn library(source: &Source) -> Option<Reducers> {
    Reducers::parse(source.state_spec()?.text()?, "the profile's rules").ok()
}

/// The members that evidence tells of.
fn names(evidence: &Evidence) -> Vec<String> {
    match &evidence.known {
        Known::Members(serde_json::Value::Object(members)) => members.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The whole name of a stream; `None` where there is no such stream, or there are several.
fn whole_name(
    source: &Source,
    known: &HashMap<String, Vec<StreamName>>,
    stream: &StreamName,
) -> Result<Option<StreamName>> {
    match known.get(&stream.aggregate_id).map(Vec::as_slice) {
        Some([only]) if stream.aggregate_type.is_empty() || *only == *stream => return Ok(Some(only.clone())),
        Some(several) if several.contains(stream) => return Ok(Some(stream.clone())),
        _ => {}
    }
    if !source.finds_streams()? {
        return Ok(None);
    }
    match source.stream_named(&stream.to_string()) {
        Ok(name) => Ok(Some(name)),
        Err(error) if error.is_cancelled() => Err(error),
        Err(_) => Ok(None),
    }
}
