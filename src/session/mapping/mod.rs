//! What the mapping dialog asks for: what the file could be, what a field can be chosen from, and what an edited mapping
//! makes of it. Two workers, so that a slow preview keeps no list waiting.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `api` | what a session answers |
//! | `preview` | what an edited mapping makes of the file |

mod api;
pub(super) mod preview;

use std::cell::RefCell;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::error::{Error, Result};
use crate::profile::schema::{Table, find};
use crate::profile::{Confidence, Detection, Field, FieldReason, Mapping, Profile, SnapshotMapping};
use crate::source::{ColumnSample, Source};

use crate::session::Loading;
use crate::session::workers::cache::AnswerCache;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::Worker;
use preview::MappingPreview;

/// What the file could be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guesses {
    /// The tables and views with their columns.
    pub tables: Vec<Table>,
    /// What it is read as now; `None` for plain tables.
    pub current: Option<Detection>,
    /// What it would be read as if nobody chose anything; `None` for plain tables.
    pub automatic: Option<Detection>,
    /// What else fits: other profiles, then other tables that look like events, best first.
    pub others: Vec<Detection>,
}

/// What the first worker reads.
#[derive(Clone, Debug, PartialEq)]
enum FactJob {
    /// What the file could be; and whether what it is read as was chosen.
    Guesses(bool),
    /// One table as events.
    Table(String),
    /// The columns of a table or a join.
    Columns(String),
}

/// What the workers found.
pub(super) enum MappingAnswer {
    /// What the file could be.
    Guesses(Result<Arc<Guesses>>),
    /// One table as events.
    Table(String, Result<Arc<Detection>>),
    /// The columns of a table or a join.
    Columns(String, Result<Arc<[ColumnSample]>>),
    /// What a mapping makes of the file, in answer to the question of this generation.
    Preview(u64, Result<Arc<MappingPreview>>),
}

/// A mapping that is edited.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    events: Mapping,
    snapshots: Option<SnapshotMapping>,
}

/// The mapping that was asked about last, and what is known of it.
#[derive(Default)]
struct Asked {
    question: Option<Question>,
    preview: Loading<Arc<MappingPreview>>,
}

/// What was read for the mapping dialog.
pub(super) struct Mappings {
    facts: Worker<FactJob>,
    previews: Worker<Question>,
    guesses: AnswerCache<(), Arc<Guesses>>,
    tables: AnswerCache<String, Arc<Detection>>,
    columns: AnswerCache<String, Arc<[ColumnSample]>>,
    asked: RefCell<Asked>,
}

impl Mappings {
    /// Starts the workers.
    pub(super) fn start(origin: &Origin, outbox: &Outbox<MappingAnswer>) -> Result<Self> {
        Ok(Self {
            facts: start_facts(origin, outbox)?,
            previews: start_previews(origin, outbox)?,
            guesses: AnswerCache::new(1),
            tables: AnswerCache::new(32),
            columns: AnswerCache::new(32),
            asked: RefCell::default(),
        })
    }

    /// What the file could be. `chosen`: somebody said what it is read as.
    pub(super) fn guesses(&self, chosen: bool) -> Loading<Arc<Guesses>> {
        self.guesses.get_or_ask(&(), || self.facts.submit(FactJob::Guesses(chosen)))
    }

    /// One table as events.
    pub(super) fn table(&self, table: &str) -> Loading<Arc<Detection>> {
        self.tables.get_or_ask(&table.to_owned(), || self.facts.submit(FactJob::Table(table.to_owned())))
    }

    /// The columns of a table or a join.
    pub(super) fn columns(&self, from: &str) -> Loading<Arc<[ColumnSample]>> {
        self.columns.get_or_ask(&from.to_owned(), || self.facts.submit(FactJob::Columns(from.to_owned())))
    }

    /// What a mapping makes of the file. Another mapping than the one before withdraws the question before; what that
    /// one gave stands in until the new answer is there.
    pub(super) fn preview(
        &self,
        events: &Mapping,
        snapshots: Option<&SnapshotMapping>,
    ) -> Loading<Arc<MappingPreview>> {
        let mut asked = self.asked.borrow_mut();
        let same = |question: &Question| question.events == *events && question.snapshots.as_ref() == snapshots;
        if !asked.question.as_ref().is_some_and(same) {
            let question = Question { events: events.clone(), snapshots: snapshots.cloned() };
            self.previews.cancel();
            self.previews.submit(question.clone());
            asked.question = Some(question);
            asked.preview = match std::mem::take(&mut asked.preview) {
                Loading::Ready(before) | Loading::Stale(before) => Loading::Stale(before),
                Loading::Missing | Loading::Failed(_) => Loading::Missing,
            };
        }
        asked.preview.clone()
    }

    /// Lets everything be read again: the file was opened anew.
    pub(super) fn mark_stale(&self) {
        self.guesses.mark_stale();
        self.tables.mark_stale();
        self.columns.mark_stale();
        self.asked.borrow_mut().question = None;
    }

    /// Takes in what was read. The answer to a question that was cancelled is dropped.
    pub(super) fn take(&self, answer: MappingAnswer) {
        match answer {
            MappingAnswer::Guesses(guesses) => self.guesses.insert((), guesses),
            MappingAnswer::Table(table, guess) => self.tables.insert(table, guess),
            MappingAnswer::Columns(from, columns) => self.columns.insert(from, columns),
            MappingAnswer::Preview(generation, preview) => {
                if generation != self.previews.generation() {
                    return;
                }
                self.asked.borrow_mut().preview = match preview {
                    Ok(preview) => Loading::Ready(preview),
                    Err(error) if error.is_cancelled() => return,
                    Err(error) => Loading::Failed(Arc::new(error)),
                };
            }
        }
    }
}

fn start_facts(origin: &Origin, outbox: &Outbox<MappingAnswer>) -> Result<Worker<FactJob>> {
    let mut reader = Reader::new(origin);
    let (sent, told) = (outbox.clone(), outbox.clone());
    Worker::start(
        "mapping",
        8,
        move |job, context| {
            let answer = match reader.source(&context.token) {
                Ok(source) => read(source, job),
                Err(error) => failed(job, error),
            };
            sent.send(answer);
        },
        move |job, _, error| told.send(failed(job, error)),
    )
}

fn start_previews(origin: &Origin, outbox: &Outbox<MappingAnswer>) -> Result<Worker<Question>> {
    let mut reader = Reader::new(origin);
    let (sent, told) = (outbox.clone(), outbox.clone());
    Worker::start(
        "preview",
        1,
        move |question: Question, context| {
            let source = reader.source(&context.token);
            let preview =
                source.and_then(|source| source.preview_mapping(&question.events, question.snapshots.as_ref()));
            let preview = preview.map(|preview| Arc::new(MappingPreview::of(preview, &question.events)));
            sent.send(MappingAnswer::Preview(context.token.generation(), preview));
        },
        move |_, generation, error| told.send(MappingAnswer::Preview(generation, Err(error))),
    )
}

fn failed(job: FactJob, error: Error) -> MappingAnswer {
    match job {
        FactJob::Guesses(_) => MappingAnswer::Guesses(Err(error)),
        FactJob::Table(table) => MappingAnswer::Table(table, Err(error)),
        FactJob::Columns(from) => MappingAnswer::Columns(from, Err(error)),
    }
}

fn read(source: &Source, job: FactJob) -> MappingAnswer {
    match job {
        FactJob::Guesses(chosen) => MappingAnswer::Guesses(guesses(source, chosen).map(Arc::new)),
        FactJob::Table(table) => {
            let guess = table_as_events(source, &table).map(Arc::new);
            MappingAnswer::Table(table, guess)
        }
        FactJob::Columns(from) => {
            let columns = source.columns_of(&from).map(Arc::from);
            MappingAnswer::Columns(from, columns)
        }
    }
}

fn guesses(source: &Source, chosen: bool) -> Result<Guesses> {
    let inferred = source.guesses()?;
    let current = source.detection().cloned();
    let mut others = source.others().to_vec();
    let automatic = if chosen { others.first().or(inferred.first()).cloned() } else { current.clone() };
    for guess in inferred {
        let table = &guess.profile.events.table;
        let known = others.iter().chain(&current).any(|known| known.profile.events.table.eq_ignore_ascii_case(table));
        if !known {
            others.push(guess);
        }
    }
    Ok(Guesses { tables: source.schema().to_vec(), current, automatic, others })
}

/// One table as events: what its rows say, else its names alone for a person to build on.
fn table_as_events(source: &Source, name: &str) -> Result<Detection> {
    if let Some(guess) = source.guess_of(name)? {
        return Ok(guess);
    }
    let table = find(source.schema(), name);
    table.map(bare).ok_or_else(|| Error::not_found(format!("there is no table {name}")))
}

/// A table of which nothing is known but that its rows are to be events.
fn bare(table: &Table) -> Detection {
    let position = match table.rowid_alias() {
        Some(column) => Some(Field::new(crate::profile::schema::quoted(&column.name))),
        None => (!table.without_rowid).then(|| Field::new("rowid")),
    };
    let events = Mapping {
        from: crate::profile::schema::quoted(&table.name),
        table: table.name.clone(),
        position,
        ..Mapping::default()
    };
    let why = "No row says what this is. Choose a column.";
    let reason = |field, source: Option<String>, reason: &str| FieldReason {
        field,
        source,
        confidence: Confidence::default(),
        reason: reason.to_owned(),
    };
    let mut fields = vec![
        reason("table", Some(table.name.clone()), "You chose it."),
        reason("data", None, "No column looks like documents. Choose one."),
    ];
    fields.extend(events.optional_fields().map(|(name, field)| match field {
        Some(field) => reason(name, Some(field.sql.clone()), "It numbers the rows of the table."),
        None => reason(name, None, why),
    }));
    let profile = Profile {
        name: "inferred".to_owned(),
        title: format!("Guess from the table {}", table.name),
        detect: IndexMap::new(),
        events,
        ..Profile::default()
    };
    let reason = format!("Nothing in the table {} says what its columns mean.", table.name);
    Detection { profile: Arc::new(profile), confidence: Confidence::default(), reason, fields }
}
