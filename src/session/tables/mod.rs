//! The tables of the file as they are: pages, single rows with what they link to, definitions, and large values. Read by
//! workers of their own, so that neither the events nor each other are held up.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `api` | what a session answers |
//! | `text` | how stored values are written for a person |
//! | `large` | large values, read when a person asks |
//! | `work` | what the workers do: pages, rows, look-ups, numbering |

mod api;
mod large;
mod text;
mod work;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{Payload, StreamName};
use crate::source::{Definition, KeyBatch, Link, Mention, TableOrder, ValuePlace};

use crate::session::workers::cache::AnswerCache;
use crate::session::workers::jobs::Jobs;
use crate::session::workers::lru::Lru;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Origin;
use crate::session::workers::worker::Worker;
use crate::session::{Count, Loading};

pub use large::{LOADING, Large, LargeDocument, LargeValue};
pub use text::text;
pub(super) use work::ROW_VALUE;
use work::{CountJob, TableJob};

/// How many rows a page of a table has.
pub(super) const PAGE: u64 = 200;
/// How many large values are kept: the one that is looked at.
const LARGE_KEPT: usize = 1;

/// Some rows of a table, each value as one line of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TablePage {
    /// The number of the first row here, from 0.
    pub first: u64,
    /// The rows, column by column.
    pub rows: Vec<Vec<TableCell>>,
}

/// A value as it is painted in a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableCell {
    /// One line, cut where it is long.
    pub text: String,
    /// Whether there is no value.
    pub is_null: bool,
    /// Whether it is a number.
    pub is_number: bool,
}

/// One row of a table with its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableRecord {
    /// Its number, from 0.
    pub number: u64,
    /// Its values, column by column.
    pub fields: Vec<TableField>,
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct TableField {
    /// The column's name.
    pub name: String,
    /// The column's declared type.
    pub declared_type: String,
    /// The value, decoded as payloads are; one of more than 1 MiB is left unread.
    pub value: Arc<Payload>,
    /// Where it can be read whole.
    pub place: ValuePlace,
}

/// What a worker found out about a table.
pub(super) enum TablesAnswer {
    Page(TableOrder, u64, Result<Arc<TablePage>>),
    Row(TableOrder, u64, Result<Arc<TableRecord>>),
    Links(TableOrder, u64, Result<Arc<Vec<Link>>>),
    Definition(String, Result<Arc<Definition>>),
    Sortable((String, bool), Result<Arc<Vec<bool>>>),
    Mentions(StreamName, Result<Arc<Vec<Mention>>>),
    /// How many rows are numbered by now.
    Counted(TableOrder, KeyBatch),
    /// The rows of a table are numbered otherwise than before.
    Renumbered,
    NotCounted(TableOrder, Error),
    /// How much of a large value is read, of how much.
    Progress(ValuePlace, u64, u64),
    Loaded(ValuePlace, Result<Arc<LargeValue>>),
}

/// How many rows of a table are known.
#[derive(Clone, Debug, Default)]
struct Counted {
    count: Count,
    asked: bool,
    /// What is asked next begins anew.
    anew: bool,
    /// The row that was looked at last.
    row: Option<u64>,
    error: Option<Arc<Error>>,
}

/// What was read of the tables.
pub(super) struct Tables {
    reads: Worker<TableJob>,
    counts: Worker<CountJob>,
    loads: Worker<ValuePlace>,
    pages: AnswerCache<(TableOrder, u64), Arc<TablePage>>,
    rows: AnswerCache<(TableOrder, u64), Arc<TableRecord>>,
    links: AnswerCache<(TableOrder, u64), Arc<Vec<Link>>>,
    definitions: AnswerCache<String, Arc<Definition>>,
    /// By table, and whether it was counted to its end when this was asked for.
    sortable: AnswerCache<(String, bool), Arc<Vec<bool>>>,
    mentions: AnswerCache<StreamName, Arc<Vec<Mention>>>,
    counted: RefCell<HashMap<TableOrder, Counted>>,
    large: RefCell<Lru<ValuePlace, Large>>,
    /// The tables outside the event store that a person asked for.
    shown: BTreeSet<String>,
}

impl Tables {
    /// Starts the workers.
    pub(super) fn start(origin: &Origin, outbox: &Outbox<TablesAnswer>, jobs: &Jobs) -> Result<Self> {
        Ok(Self {
            reads: work::start_reads(origin, outbox)?,
            counts: work::start_counts(origin, outbox, jobs)?,
            loads: large::start(origin, outbox, jobs)?,
            pages: AnswerCache::new(32),
            rows: AnswerCache::new(16),
            links: AnswerCache::new(16),
            definitions: AnswerCache::new(16),
            sortable: AnswerCache::new(16),
            mentions: AnswerCache::new(16),
            counted: RefCell::default(),
            large: RefCell::new(Lru::new(LARGE_KEPT)),
            shown: BTreeSet::new(),
        })
    }

    /// Whether a person asked for the rows of a table outside the event store.
    pub(super) fn is_shown(&self, table: &str) -> bool {
        self.shown.contains(table)
    }

    /// Takes note that a person asked for the rows of a table.
    pub(super) fn show(&mut self, table: &str) {
        self.shown.insert(table.to_owned());
        self.mentions.mark_stale();
    }

    /// How many rows a table has, as far as they are counted; they are, once it is asked for.
    pub(super) fn count(&self, order: &TableOrder) -> Loading<Count> {
        let mut counted = self.counted.borrow_mut();
        let known = counted.entry(order.clone()).or_default();
        if !known.asked {
            known.asked = true;
            let anew = std::mem::take(&mut known.anew);
            self.counts.submit(CountJob { order: order.clone(), anew, row: known.row });
        }
        match &known.error {
            Some(error) => Loading::Failed(Arc::clone(error)),
            None => Loading::Ready(known.count),
        }
    }

    /// The page that holds a row.
    pub(super) fn page(&self, order: &TableOrder, row: u64) -> Loading<Arc<TablePage>> {
        let first = row / PAGE * PAGE;
        self.counted.borrow_mut().entry(order.clone()).or_default().row = Some(row);
        let ask = || self.reads.submit(TableJob::Page(order.clone(), first));
        self.pages.get_or_ask(&(order.clone(), first), ask)
    }

    /// One row.
    pub(super) fn row(&self, order: &TableOrder, row: u64) -> Loading<Arc<TableRecord>> {
        self.rows.get_or_ask(&(order.clone(), row), || self.reads.submit(TableJob::Row(order.clone(), row)))
    }

    /// What a row links to.
    pub(super) fn links(&self, order: &TableOrder, row: u64) -> Loading<Arc<Vec<Link>>> {
        self.links.get_or_ask(&(order.clone(), row), || self.reads.submit(TableJob::Links(order.clone(), row)))
    }

    /// The statements that made a table.
    pub(super) fn definition(&self, table: &str) -> Loading<Arc<Definition>> {
        self.definitions.get_or_ask(&table.to_owned(), || self.reads.submit(TableJob::Definition(table.to_owned())))
    }

    /// Which columns of a table can be sorted by.
    pub(super) fn sortable(&self, table: &str) -> Loading<Arc<Vec<bool>>> {
        let look = |whole: bool| {
            let key = (table.to_owned(), whole);
            self.sortable.get_or_ask(&key, || self.reads.submit(TableJob::Sortable(key.clone())))
        };
        // What was found out before the end of the counting may come after it, and must not stand for the whole.
        let whole = self.counted.borrow().iter().any(|(order, known)| order.table == table && known.count.complete);
        match look(whole) {
            Loading::Missing if whole => look(false),
            known => known,
        }
    }

    /// The rows of other tables that name a stream.
    pub(super) fn mentions(&self, stream: &StreamName) -> Loading<Arc<Vec<Mention>>> {
        let ask = || {
            let also = self.shown.iter().cloned().collect();
            self.reads.submit(TableJob::Mentions(stream.clone(), also));
        };
        self.mentions.get_or_ask(stream, ask)
    }

    /// A large value, as far as it was asked for.
    pub(super) fn large(&self, place: &ValuePlace) -> Large {
        self.large.borrow_mut().get(place).cloned().unwrap_or_default()
    }

    /// Has a large value read.
    pub(super) fn load(&self, place: ValuePlace) {
        self.loads.cancel();
        self.large.borrow_mut().insert(place.clone(), Large::Loading { read: 0, of: 0 });
        self.loads.submit(place);
    }

    /// Leaves a large value unread.
    pub(super) fn stopped_loading(&self) {
        self.large.borrow_mut().retain(|_, large| !matches!(large, Large::Loading { .. }));
    }

    /// Lets everything be read again, because the file was rewritten or opened anew.
    pub(super) fn mark_stale(&self) {
        self.definitions.mark_stale();
        self.large.borrow_mut().clear();
        self.look_again(true);
    }

    /// Lets everything be read again that a write to the file can have changed.
    pub(super) fn grown(&self) {
        self.look_again(false);
    }

    fn read_again(&self) {
        self.pages.outgrow();
        self.rows.outgrow();
        self.links.outgrow();
    }

    fn look_again(&self, anew: bool) {
        self.read_again();
        self.mentions.outgrow();
        for known in self.counted.borrow_mut().values_mut() {
            known.asked = false;
            known.anew |= anew;
        }
    }

    /// Takes in what was read.
    pub(super) fn take(&self, answer: TablesAnswer) {
        match answer {
            TablesAnswer::Page(order, first, page) => self.pages.insert((order, first), page),
            TablesAnswer::Row(order, row, record) => self.rows.insert((order, row), record),
            TablesAnswer::Links(order, row, links) => self.links.insert((order, row), links),
            TablesAnswer::Definition(table, definition) => self.definitions.insert(table, definition),
            TablesAnswer::Sortable(key, columns) => self.sortable.insert(key, columns),
            TablesAnswer::Mentions(stream, mentions) => self.mentions.insert(stream, mentions),
            TablesAnswer::Counted(order, batch) => self.take_count(order, &batch),
            // Pages may have been read by the numbers of before.
            TablesAnswer::Renumbered => self.read_again(),
            TablesAnswer::NotCounted(order, error) if !error.is_cancelled() => {
                self.counted.borrow_mut().entry(order).or_default().error = Some(Arc::new(error));
            }
            TablesAnswer::NotCounted(..) => {}
            TablesAnswer::Progress(place, read, of) => {
                if let Some(large @ Large::Loading { .. }) = self.large.borrow_mut().get(&place) {
                    *large = Large::Loading { read, of };
                }
            }
            TablesAnswer::Loaded(place, value) => self.take_large(place, value),
        }
    }

    fn take_count(&self, order: TableOrder, batch: &KeyBatch) {
        let mut counted = self.counted.borrow_mut();
        let known = counted.entry(order).or_default();
        // A table that is counted anew keeps its length on screen until the new count has caught up.
        let behind = !batch.complete && batch.rows < known.count.value;
        let value = if behind { known.count.value } else { batch.rows };
        known.count = Count { value, complete: batch.complete };
        known.error = None;
        if batch.complete {
            // Once it is known to be short, it can be sorted by any column.
            self.sortable.mark_stale();
        }
    }

    fn take_large(&self, place: ValuePlace, value: Result<Arc<LargeValue>>) {
        let mut large = self.large.borrow_mut();
        match value {
            Ok(value) => large.insert(place, Large::Ready(value)),
            Err(error) if error.is_cancelled() => large.retain(|known, _| *known != place),
            Err(error) => large.insert(place, Large::Failed(Arc::new(error))),
        }
    }
}
