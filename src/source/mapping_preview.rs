//! Tries a mapping that a person edits on the open database: its first events as they would show, and what is wrong
//! with which field. The mapping that the database is read through stays as it is.

mod check;
mod doubts;
mod snapshots;

use rusqlite::Row;

use super::Source;
use super::layout::{Columns, Layout};
use super::query::Query;
use super::value::Stored;
use crate::error::{Error, Result};
use crate::event::{Event, Position, StreamName, Version};
use crate::profile::{Mapping, SnapshotMapping, quotes};

pub use snapshots::{NewestSnapshot, SnapshotPreview};

/// How many events are shown.
const SHOWN: usize = 10;
/// How many events, from the first on, are looked at for what is odd about them.
const SAMPLED: usize = 500;
/// A larger payload is not read for this.
const GLANCED: u64 = 256 << 10;
/// A table of more rows is not sorted for this: where no index gives the order, its rows stand as they are stored.
const SORTED: i64 = 200_000;

/// What a mapping makes of the database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappingPreview {
    /// The first events.
    pub rows: Vec<PreviewEvent>,
    /// What is wrong, field by field.
    pub faults: Vec<Fault>,
    /// Whether the rows stand in the store's order. Sorting a large table without an index is left for later.
    pub sorted: bool,
    /// What it finds of the application's own states; `None` where it has no place for them, or a faulty one.
    pub snapshots: Option<SnapshotPreview>,
}

/// One event as it would show.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviewEvent {
    /// The event.
    pub event: Event,
    /// Its position; `None` where it is not known without reading more.
    pub position: Option<Position>,
    /// Its version; `None` where it is not known without reading more.
    pub version: Option<Version>,
}

/// Something that is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field's name as in TOML, such as `version`, `where` or `snapshots.state`.
    pub field: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in a sentence or two.
    pub message: String,
}

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The database can be read like this, but it hardly is what was meant.
    Doubt,
    /// Nothing can be read like this.
    Error,
}

impl Fault {
    fn error(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, severity: Severity::Error, message: message.into() }
    }

    fn doubt(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, severity: Severity::Doubt, message: message.into() }
    }
}

/// An event without its payloads, beside what is stored for its numbers.
struct Sampled {
    event: Event,
    position: Stored,
    version: Stored,
}

impl Source {
    /// Reads the first events through a mapping, and says what is wrong with it. A field that SQLite does not accept is
    /// a fault and is left out; the others are read all the same.
    ///
    /// # Errors
    /// Those that no field is to blame for: the file, a lock, a question that was withdrawn.
    pub fn preview_mapping(&self, mapping: &Mapping, snapshots: Option<&SnapshotMapping>) -> Result<MappingPreview> {
        let mut preview = MappingPreview::default();
        let mut layout = None;
        if let Some(sound) = self.sound(mapping, &mut preview.faults) {
            let running = self.running(sound, &mut preview.faults)?;
            let running = layout.insert(Layout::new(&running, &self.shared.tables));
            self.read_preview(running, &mut preview)?;
        }
        if let Some(snapshots) = snapshots {
            let before = preview.faults.len();
            self.check_snapshots(snapshots, &mut preview.faults)?;
            if let Some(layout) = layout.filter(|_| preview.faults.len() == before) {
                preview.snapshots = Some(self.read_snapshot_preview(&layout, snapshots, &mut preview.faults)?);
            }
        }
        Ok(preview)
    }

    fn read_preview(&self, layout: &Layout, preview: &mut MappingPreview) -> Result<()> {
        preview.sorted = self.is_sortable(layout)?;
        let sampled = self.sample(layout, preview.sorted)?;
        let events =
            self.read_as(layout, Columns::ALL, preview.sorted, SHOWN, |layout, row| layout.event(row, Columns::ALL))?;
        preview.faults.extend(doubts::about(&layout.mapping, &sampled, &events));
        preview.rows = numbered(layout, events, preview.sorted);
        Ok(())
    }

    fn sample(&self, layout: &Layout, sorted: bool) -> Result<Vec<Sampled>> {
        let columns = Columns::POSITION.with(Columns::STREAM).with(Columns::VERSION);
        let columns = columns.with(Columns::EVENT_TYPE).with(Columns::TIMESTAMP);
        self.read_as(layout, columns, sorted, SAMPLED, |layout, row| {
            let (position, version) = (Stored::from(row.get_ref(0)?), Stored::from(row.get_ref(3)?));
            Ok(Sampled { event: layout.event(row, columns)?, position, version })
        })
    }

    /// What `take` makes of the first rows, at most `limit`.
    fn read_as<T>(
        &self,
        layout: &Layout,
        columns: Columns,
        sorted: bool,
        limit: usize,
        take: impl Fn(&Layout, &Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut query = layout.select_within(columns, &[], Some(GLANCED));
        if sorted {
            query.push(" ORDER BY ").push(&layout.order.join(", "));
        }
        query.push(" LIMIT ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut taken = Vec::new();
        while let Some(row) = rows.next()? {
            taken.push(take(layout, row)?);
        }
        Ok(taken)
    }

    /// Whether the first rows in the store's order are quickly found: an index gives the order, or there are few rows.
    fn is_sortable(&self, layout: &Layout) -> Result<bool> {
        let mut query = layout.select_only(&["1".to_owned()]);
        query.push(" ORDER BY ").push(&layout.order.join(", "));
        if !query.sorts(&self.conn)? {
            return Ok(true);
        }
        let mut few = Query::new("SELECT count(*) FROM (SELECT 1");
        few.append(&layout.rows_clause()).push(" LIMIT ").bind(SORTED + 1).push(")");
        let mut statement = few.prepare(&self.conn)?;
        let mut rows = few.rows(&mut statement)?;
        let count: i64 = rows.next()?.map(|row| row.get(0)).transpose()?.unwrap_or_default();
        Ok(count <= SORTED)
    }
}

/// The events with the numbers that the store keeps or that can be counted from its first event on.
fn numbered(layout: &Layout, events: Vec<Event>, sorted: bool) -> Vec<PreviewEvent> {
    let mut counted: std::collections::HashMap<StreamName, Version> = std::collections::HashMap::new();
    let mut row = 0;
    let number = |event: Event| {
        row += 1;
        let version = counted.entry(event.stream.clone()).or_default();
        *version += 1;
        let position = if layout.has_positions() { Some(event.position) } else { sorted.then_some(row) };
        let version = if layout.has_versions() {
            Some(event.version)
        } else {
            (sorted && layout.streams_follow_store()).then_some(*version)
        };
        PreviewEvent { event, position, version }
    };
    events.into_iter().map(number).collect()
}

/// What SQLite said, without the statement that it said it of: that one was put together here.
fn said(error: &Error) -> String {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<rusqlite::Error>());
    cause.map_or_else(|| error.to_string(), quotes::words)
}
