//! What the workers behind the tables do: pages, rows and look-ups one by one, and the numbering of a table's rows.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::codec::{Encoding, decode};
use crate::error::{Error, Result};
use crate::event::{Decoded, Payload, StreamName};
use crate::source::{GlancedRow, Glimpse, KeyBatch, Source, Stored, TableOrder, ValuePlace};

use super::text::cell;
use super::{PAGE, TableField, TablePage, TableRecord, TablesAnswer};
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{JobContext, Worker};

/// The largest value that a page reads whole, though it shows one line of it.
const PAGE_VALUE: u64 = 64 << 10;
/// The largest value that a selected row reads whole without being asked.
pub(in crate::session) const ROW_VALUE: u64 = 1 << 20;
/// How often a count that goes on is shown.
const SHOWN: Duration = Duration::from_millis(100);

/// What is read one by one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TableJob {
    Page(TableOrder, u64),
    Row(TableOrder, u64),
    Links(TableOrder, u64),
    Definition(String),
    Sortable((String, bool)),
    Mentions(StreamName, Vec<String>),
}

/// A table whose rows are to be numbered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CountJob {
    pub(super) order: TableOrder,
    /// Whether what is known is to be forgotten.
    pub(super) anew: bool,
    /// The row that is looked at.
    pub(super) row: Option<u64>,
}

/// Starts the worker that reads one by one.
pub(super) fn start_reads(origin: &Origin, outbox: &Outbox<TablesAnswer>) -> Result<Worker<TableJob>> {
    let mut reader = Reader::new(origin);
    let (sent, told) = (outbox.clone(), outbox.clone());
    Worker::start(
        "tables",
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

fn failed(job: TableJob, error: Error) -> TablesAnswer {
    match job {
        TableJob::Page(order, first) => TablesAnswer::Page(order, first, Err(error)),
        TableJob::Row(order, row) => TablesAnswer::Row(order, row, Err(error)),
        TableJob::Links(order, row) => TablesAnswer::Links(order, row, Err(error)),
        TableJob::Definition(table) => TablesAnswer::Definition(table, Err(error)),
        TableJob::Sortable(key) => TablesAnswer::Sortable(key, Err(error)),
        TableJob::Mentions(stream, _) => TablesAnswer::Mentions(stream, Err(error)),
    }
}

fn read(source: &Source, job: TableJob) -> TablesAnswer {
    match job {
        TableJob::Page(order, first) => {
            let page = page(source, &order, first);
            TablesAnswer::Page(order, first, page)
        }
        TableJob::Row(order, row) => {
            let record = record(source, &order, row);
            TablesAnswer::Row(order, row, record)
        }
        TableJob::Links(order, row) => {
            let links = one(source, &order, row).and_then(|found| source.links(&order.table, &found));
            TablesAnswer::Links(order, row, links.map(Arc::new))
        }
        TableJob::Definition(table) => {
            let definition = source.definition(&table).map(Arc::new);
            TablesAnswer::Definition(table, definition)
        }
        TableJob::Sortable(key) => {
            let columns = source.sortable(&key.0).map(Arc::new);
            TablesAnswer::Sortable(key, columns)
        }
        TableJob::Mentions(stream, also) => {
            let mentions = source.mentions(&stream, &also).map(Arc::new);
            TablesAnswer::Mentions(stream, mentions)
        }
    }
}

fn page(source: &Source, order: &TableOrder, first: u64) -> Result<Arc<TablePage>> {
    let rows = source.table_glance(order, first, usize::try_from(PAGE).unwrap_or(usize::MAX), PAGE_VALUE)?;
    let rows = rows.iter().map(|row| row.values.iter().map(cell).collect()).collect();
    Ok(Arc::new(TablePage { first, rows }))
}

fn one(source: &Source, order: &TableOrder, row: u64) -> Result<GlancedRow> {
    source.table_glance(order, row, 1, ROW_VALUE)?.pop().ok_or_else(|| {
        Error::not_found(format!("{} has no row {}", order.table, row + 1))
            .with_hint("It may have been taken out meanwhile: choose another one.")
    })
}

fn record(source: &Source, order: &TableOrder, row: u64) -> Result<Arc<TableRecord>> {
    let found = one(source, order, row)?;
    let table = source.tables().into_iter().find(|table| table.name == order.table);
    let columns = table.map(|table| table.columns).unwrap_or_default();
    let field = |(index, (column, value)): (usize, (crate::source::TableColumn, &Glimpse))| TableField {
        name: column.name,
        declared_type: column.declared_type,
        value: Arc::new(payload(value)),
        place: ValuePlace::Table { table: order.table.clone(), column: index, key: found.key.clone() },
    };
    let fields = columns.into_iter().zip(&found.values).enumerate().map(field).collect();
    Ok(Arc::new(TableRecord { number: row, fields }))
}

/// A value decoded as payloads are. Numbers are no documents here.
fn payload(value: &Glimpse) -> Payload {
    match value {
        Glimpse::Whole(stored @ (Stored::Text(_) | Stored::Blob(_) | Stored::Null)) => {
            decode::payload(stored.as_ref(), &Encoding::default())
        }
        Glimpse::Whole(number) => {
            let payload = decode::payload(number.as_ref(), &Encoding::default());
            Payload::new(payload.raw, payload.storage, Decoded::Text(number.to_string()))
        }
        Glimpse::Large { storage, bytes, beginning } => {
            Payload::new(Arc::clone(beginning), *storage, Decoded::Unread { bytes: *bytes })
        }
    }
}

/// Starts the worker that numbers the rows of tables.
pub(super) fn start_counts(origin: &Origin, outbox: &Outbox<TablesAnswer>, jobs: &Jobs) -> Result<Worker<CountJob>> {
    let mut reader = Reader::new(origin);
    let (sent, told, jobs) = (outbox.clone(), outbox.clone(), jobs.clone());
    Worker::start(
        "table rows",
        4,
        move |job: CountJob, context| {
            let done = reader.source(&context.token).and_then(|source| count(source, &job, context, &sent, &jobs));
            if let Err(error) = done {
                sent.send(TablesAnswer::NotCounted(job.order, error));
            }
        },
        move |job, _, error| told.send(TablesAnswer::NotCounted(job.order, error)),
    )
}

fn count(
    source: &Source,
    job: &CountJob,
    context: &JobContext<'_>,
    outbox: &Outbox<TablesAnswer>,
    jobs: &Jobs,
) -> Result<()> {
    let order = &job.order;
    let before = source.table_rows(order).complete;
    source.forget_table_rows(order, job.anew);
    let mut kept = source.table_rows(order).complete;
    let title = if order.column.is_some() { "Sorting" } else { "Counting rows of" };
    let running = jobs.begin(Subject::Tables, format!("{title} {}", order.table), None, &context.token);
    let mut shown = Instant::now();
    let mut first = true;
    let mut on = |batch: KeyBatch| {
        running.done(batch.rows);
        if first || batch.complete || shown.elapsed() > SHOWN {
            (first, shown) = (false, Instant::now());
            outbox.send(TablesAnswer::Counted(order.clone(), batch));
        }
        ControlFlow::Continue(())
    };
    source.index_table(order, &mut on)?;
    if kept && !source.table_rows_hold(order, job.row)? {
        kept = false;
        source.forget_table_rows(order, true);
        source.index_table(order, &mut on)?;
    }
    if before && !kept {
        outbox.send(TablesAnswer::Renumbered);
    }
    Ok(())
}
