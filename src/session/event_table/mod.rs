//! The rows of the event table: the question, its answer as it comes in, and the pages that were read of it.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `api` | what a session answers |
//! | `rows`, `texts` | the rows as they are painted, and their texts |
//! | `hits` | marks of the hits of a filter that was left |
//! | `row_set` | which events the rows are, without holding them |
//! | `work` | what the workers do: scans for a filter or an order, and pages |

mod api;
mod hits;
pub(super) mod row_set;
pub(super) mod rows;
pub(super) mod texts;
pub(super) mod work;

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringTreemap;

use crate::error::{Error, Result};
use crate::event::Position;
use crate::filter::Filter;
use crate::model::Column;

use crate::session::workers::jobs::Jobs;
use crate::session::workers::lru::Lru;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Origin;
use crate::session::workers::worker::Worker;
use crate::session::{Count, EventPlace, EventRow, FoundReducers, Query};
use hits::Hits;
use row_set::{FilterAnswer, FilterMatches, RowSet, turned};
use work::{Folding, PageJob, PageOf, ScanJob};

/// How many rows a page has.
pub(super) const PAGE: u64 = 100;

/// How many pages are kept.
const PAGES: usize = 64;

/// What a worker found out about the rows.
pub(super) enum EventTableAnswer {
    /// More rows of the answer with this number.
    Rows { answer: u64, positions: Vec<Position> },
    /// The answer with this number has all its rows, up to the position `last`.
    Complete { answer: u64, last: Option<Position> },
    /// The answer with this number cannot be had.
    Failed { answer: u64, error: Error },
    /// A page of which so many rows were asked for; fewer come where events are gone.
    Page { answer: u64, page: u64, asked: u64, rows: Result<Vec<Arc<EventRow>>> },
    /// The marks of hits among the rows of the answer with this number.
    Marked { answer: u64, marks: Result<Arc<[f32]>> },
    /// The row of a position among all events.
    Located { answer: u64, position: Position, row: Result<Option<u64>> },
}

/// An answer to the question: which rows, and how far that is known.
struct Answered {
    /// The generation of the question; pages are kept by it.
    number: u64,
    set: RowSet,
    descending: bool,
    complete: bool,
    last: Option<Position>,
    error: Option<Arc<Error>>,
}

/// A page that was read.
struct Page {
    rows: Vec<Arc<EventRow>>,
    /// How many rows were asked for: where fewer came, asking again would bring no more.
    asked: u64,
    outdated: bool,
}

/// The event table.
pub(super) struct EventTable {
    query: Query,
    total: Count,
    open: bool,
    scan: Worker<ScanJob>,
    pages: Worker<PageJob>,
    shown: Answered,
    /// The answer to the present question, until it has its first row and takes the place of the one before.
    coming: Option<Answered>,
    /// Whether events arrived while a scan was under way that may have passed them.
    again: bool,
    hits: Option<Hits>,
    folding: Folding,
    cache: RefCell<Lru<(u64, u64), Page>>,
    rows_of: RefCell<Lru<(u64, Position), Option<u64>>>,
    error: RefCell<Option<Arc<Error>>>,
}

impl EventTable {
    /// Starts the workers. Nothing is asked before [`Self::begin`].
    pub(super) fn start(origin: &Origin, outbox: &Outbox<EventTableAnswer>, jobs: &Jobs) -> Result<Self> {
        let scan = work::start_scan(origin, outbox, jobs)?;
        let pages = work::start_pages(origin, outbox)?;
        let shown = Answered::all(scan.generation(), Count::default(), false);
        Ok(Self {
            query: Query::default(),
            total: Count::default(),
            open: false,
            scan,
            pages,
            shown,
            coming: None,
            again: false,
            hits: None,
            folding: Folding(FoundReducers::guess()),
            cache: RefCell::new(Lru::new(PAGES)),
            rows_of: RefCell::new(Lru::new(PAGES)),
            error: RefCell::default(),
        })
    }

    /// The file is open: asks the question.
    pub(super) fn begin(&mut self) {
        self.open = true;
        self.ask();
    }

    /// The question.
    pub(super) fn query(&self) -> &Query {
        &self.query
    }

    /// Asks another question. Turning the order round asks nothing.
    pub(super) fn set_query(&mut self, query: Query) {
        let before = std::mem::replace(&mut self.query, query);
        if before.filter == self.query.filter && before.sort.column == self.query.sort.column {
            let descending = self.query.sort.descending;
            self.coming.as_mut().unwrap_or(&mut self.shown).descending = descending;
        } else if self.open {
            self.ask();
        }
    }

    /// Folds by these from now on: the question is asked anew where it asks what events did.
    pub(super) fn set_reducers(&mut self, reducers: FoundReducers) {
        self.folding = Folding(reducers);
        if self.open && self.query.filter.has_effects() {
            self.ask();
        }
    }

    fn ask(&mut self) {
        let number = self.scan.cancel();
        let Query { filter, sort } = &self.query;
        self.again = false;
        self.error.take();
        let unsorted = sort.column == Column::Position;
        if filter.terms.is_empty() && unsorted {
            self.shown = Answered::all(number, self.total, sort.descending);
            self.coming = None;
            return;
        }
        let set = if unsorted { RowSet::Matches(RoaringTreemap::new()) } else { RowSet::Sorted(Vec::new()) };
        let answer = Answered { set, complete: false, ..Answered::all(number, Count::default(), sort.descending) };
        self.coming = Some(answer);
        self.scan.submit(ScanJob {
            filter: filter.clone(),
            column: sort.column,
            after: None,
            of: self.total.value,
            folding: self.folding.clone(),
        });
    }

    /// What the filter lets through, once all of it is found; `None` without a filter.
    pub(super) fn matches(&self) -> Option<Arc<RoaringTreemap>> {
        let found = self.shown.complete && self.coming.is_none() && !self.query.filter.terms.is_empty();
        if found { self.shown.set.to_set().map(Arc::new) } else { None }
    }

    /// Keeps the hits of the filter that is about to be left, as long as it is this one; asked before another question.
    pub(super) fn keep_hits(&mut self, of: Option<&Filter>) {
        if self.hits.as_ref().map(|hits| &hits.filter) == of {
            return;
        }
        let set = if of == Some(&self.query.filter) { self.matches() } else { None };
        self.hits = of.cloned().zip(set).map(|(filter, set)| Hits { filter, set, marked: RefCell::default() });
    }

    /// Where the hits that were kept lie among the rows, from 0 to 1; `None` until that is known.
    pub(super) fn marks(&self) -> Option<Arc<[f32]>> {
        let (hits, answer) = (self.hits.as_ref()?, &self.shown);
        if !answer.complete || self.coming.is_some() {
            return None;
        }
        let known = hits.marked.borrow().as_ref().filter(|(number, _)| *number == answer.number).cloned();
        let marks = match (known, &answer.set) {
            (Some((_, marks)), _) => marks,
            (None, RowSet::Matches(events)) => {
                let marks = hits::among(events, &hits.set);
                hits.marked.replace(Some((answer.number, Arc::clone(&marks))));
                marks
            }
            (None, RowSet::All(rows)) => {
                let what = PageOf::Marks(Arc::clone(&hits.set), *rows);
                self.pages.submit(PageJob { answer: answer.number, page: 0, what });
                return None;
            }
            (None, RowSet::Sorted(_)) => return None,
        };
        Some(if answer.descending { marks.iter().rev().map(|mark| 1.0 - mark).collect() } else { marks })
    }

    /// Which answer of the filter is known; `None` without one.
    pub(super) fn answer(&self) -> Option<FilterAnswer> {
        let Answered { number, set, complete, .. } = &self.shown;
        let shown = self.coming.is_none() && !self.query.filter.terms.is_empty();
        shown.then(|| FilterAnswer { number: *number, events: set.len(), complete: *complete })
    }

    /// What the filter lets through, as far as it is found; `None` without a filter.
    pub(super) fn found(&self) -> Option<FilterMatches> {
        self.answer().and_then(|_| self.shown.set.to_set()).map(FilterMatches::new)
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> Count {
        Count { value: self.shown.set.len(), complete: self.shown.complete && self.coming.is_none() }
    }

    /// How many events there are.
    pub(super) fn total(&self) -> Count {
        self.total
    }

    /// Whether the rows are those of the question before.
    pub(super) fn is_stale(&self) -> bool {
        self.coming.is_some()
    }

    /// Why the rows cannot be had.
    pub(super) fn error(&self) -> Option<Arc<Error>> {
        self.shown.error.clone().or_else(|| self.error.borrow().clone())
    }

    /// A row that was read.
    pub(super) fn get(&self, row: u64) -> Option<Arc<EventRow>> {
        let row = turned(row, self.shown.set.len(), self.shown.descending)?;
        let mut cache = self.cache.borrow_mut();
        let page = cache.get(&(self.shown.number, row / PAGE))?;
        page.rows.get(usize::try_from(row % PAGE).ok()?).cloned()
    }

    /// Has the pages of these rows read, then those before and after.
    pub(super) fn want(&self, rows: Range<u64>) {
        let len = self.shown.set.len();
        let (Some(last), true) = (rows.end.min(len).checked_sub(1), rows.start < len) else { return };
        let ends = [rows.start, last].map(|row| turned(row, len, self.shown.descending).unwrap_or_default() / PAGE);
        let (first, last) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        let around = [first.checked_sub(1), last.checked_add(1)];
        for page in (first..=last).take(PAGES / 2).chain(around.into_iter().flatten()) {
            if page * PAGE < len && !self.has(page) {
                self.pages.submit(self.page_job(page));
            }
        }
    }

    /// Whether a page was read with all the rows that it has by now.
    fn has(&self, page: u64) -> bool {
        let wanted = (self.shown.set.len() - page * PAGE).min(PAGE);
        let mut cache = self.cache.borrow_mut();
        cache.get(&(self.shown.number, page)).is_some_and(|page| !page.outdated && page.asked >= wanted)
    }

    fn page_job(&self, page: u64) -> PageJob {
        let rows = page * PAGE..((page + 1) * PAGE).min(self.shown.set.len());
        let what = match self.shown.set.positions(rows.clone()) {
            Some(positions) => PageOf::Positions(positions),
            None => PageOf::Rows(rows),
        };
        PageJob { answer: self.shown.number, page, what }
    }

    /// Where a position is among the rows, as far as it is known.
    pub(super) fn place_of(&self, position: Position) -> EventPlace {
        let answer = &self.shown;
        let key = (answer.number, position);
        let known = self.rows_of.borrow_mut().get(&key).copied();
        let Some(row) = known.or_else(|| answer.set.row_of(position)) else {
            // A row is counted from the nearest key of the index, which has to be there for that.
            if self.total.complete {
                self.pages.submit(PageJob { answer: answer.number, page: 0, what: PageOf::RowOf(position) });
            }
            return EventPlace::Unknown;
        };
        let settled = answer.complete && self.coming.is_none();
        if settled && matches!(answer.set, RowSet::Sorted(_)) {
            self.rows_of.borrow_mut().insert(key, row);
        }
        let rows = answer.set.len();
        match row {
            Some(row) => turned(row, rows, answer.descending).map_or(EventPlace::Unknown, EventPlace::Row),
            None if settled => {
                let above = answer.set.rows_before(position);
                EventPlace::Hidden { before: above.map(|above| if answer.descending { rows - above } else { above }) }
            }
            None => EventPlace::Unknown,
        }
    }

    /// Takes in how many events there are, which says that the index of rows reaches that far.
    pub(super) fn set_total(&mut self, total: Count) {
        self.total = total;
        if let RowSet::All(rows) = &mut self.shown.set
            && self.coming.is_none()
        {
            (*rows, self.shown.complete) = (total.value, total.complete);
        }
        self.catch_up();
    }

    /// Takes in that events were appended. What they are in the answer is found out once they are counted.
    pub(super) fn grown(&mut self) {
        // Positions that were not there before may be by now; the others stay where they are.
        self.rows_of.borrow_mut().retain(|_, row| row.is_some());
        self.total.complete = false;
        self.again = self.coming.is_some() || !matches!(self.shown.set, RowSet::All(_));
    }

    /// A finished scan goes on behind the last event that it saw, where events were appended since.
    fn catch_up(&mut self) {
        if self.again && self.total.complete && self.coming.is_none() && self.shown.complete {
            self.go_on();
        }
    }

    fn go_on(&mut self) {
        self.again = false;
        if let RowSet::Sorted(_) = self.shown.set {
            self.ask();
            return;
        }
        let Query { filter, sort } = &self.query;
        let after = self.shown.last;
        self.scan.submit(ScanJob {
            filter: filter.clone(),
            column: sort.column,
            after,
            of: self.total.value,
            folding: self.folding.clone(),
        });
    }

    /// Has everything read anew; what is on screen stays until it is.
    pub(super) fn mark_stale(&mut self) {
        self.outdate_pages();
        self.ask();
    }

    /// Has pages read anew, since rows may have another number; what is on screen stays until they are.
    fn outdate_pages(&self) {
        for (_, page) in self.cache.borrow_mut().iter_mut() {
            page.outdated = true;
        }
        self.rows_of.borrow_mut().clear();
    }

    /// Leaves the scan where it is.
    pub(super) fn stopped(&mut self) {
        if let Some(coming) = self.coming.take() {
            self.shown = coming;
        }
    }

    /// Takes in what a worker found.
    pub(super) fn take(&mut self, answer: EventTableAnswer) {
        match answer {
            EventTableAnswer::Rows { answer, positions } => self.take_rows(answer, &positions),
            EventTableAnswer::Complete { answer, last } => self.take_complete(answer, last),
            EventTableAnswer::Failed { answer, error } => self.take_failure(answer, error),
            EventTableAnswer::Page { answer, page, asked, rows } => self.take_page((answer, page), asked, rows),
            EventTableAnswer::Marked { answer, marks: Ok(marks) } => {
                if let Some(hits) = &self.hits {
                    hits.marked.replace(Some((answer, marks)));
                }
            }
            EventTableAnswer::Marked { marks: Err(error), .. } => self.note(error),
            EventTableAnswer::Located { answer, position, row } => match row {
                Ok(row) => self.rows_of.borrow_mut().insert((answer, position), row),
                Err(error) => self.note(error),
            },
        }
    }

    /// The answer with a number, which is shown from now on.
    fn shown(&mut self, number: u64) -> Option<&mut Answered> {
        if let Some(coming) = self.coming.take_if(|coming| coming.number == number) {
            self.shown = coming;
        }
        (self.shown.number == number).then_some(&mut self.shown)
    }

    fn take_rows(&mut self, number: u64, positions: &[Position]) {
        // The rows of the question before stay until there is one of this.
        if !positions.is_empty()
            && let Some(answer) = self.shown(number)
        {
            let in_between = !answer.set.is_grown_by(positions);
            answer.set.extend(positions);
            if in_between {
                self.outdate_pages();
            }
        }
    }

    fn take_complete(&mut self, number: u64, last: Option<Position>) {
        let Some(answer) = self.shown(number) else { return };
        answer.complete = true;
        answer.last = last.or(answer.last);
        self.catch_up();
    }

    fn take_failure(&mut self, number: u64, error: Error) {
        if error.is_cancelled() {
            return;
        }
        if let Some(answer) = self.shown(number) {
            answer.error = Some(Arc::new(error));
        }
    }

    fn take_page(&mut self, key: (u64, u64), asked: u64, rows: Result<Vec<Arc<EventRow>>>) {
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) if error.is_cancelled() => return,
            Err(error) => {
                self.note(error);
                Vec::new()
            }
        };
        self.cache.borrow_mut().insert(key, Page { rows, asked, outdated: false });
    }

    fn note(&self, error: Error) {
        if !error.is_cancelled() {
            *self.error.borrow_mut() = Some(Arc::new(error));
        }
    }
}

impl Answered {
    fn all(number: u64, total: Count, descending: bool) -> Self {
        let set = RowSet::All(total.value);
        Self { number, set, descending, complete: total.complete, last: None, error: None }
    }
}
