//! Counts the versions of events in a store that keeps none: the place in the stream, in the library's own order.
//!
//! One walk over the store, then 12 bytes an event. Readers of the same file share it, and it grows with the file.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use super::Source;
use super::advance::Advance;
use super::layout::Layout;
use super::query::Query;
use crate::error::Result;
use crate::event::{Event, Position, StreamName, Version};

/// The versions of every event, by position.
#[derive(Default)]
pub(super) struct Versions {
    /// Sorted.
    positions: Vec<Position>,
    counts: Vec<u32>,
    /// How many events each stream has.
    lengths: HashMap<StreamName, u32>,
    built: bool,
}

impl Versions {
    fn get(&self, position: Position) -> Option<Version> {
        let index = self.positions.binary_search(&position).ok()?;
        self.counts.get(index).map(|version| Version::from(*version))
    }

    fn next(&mut self, stream: StreamName) -> u32 {
        let length = self.lengths.entry(stream).or_default();
        *length += 1;
        *length
    }

    /// Takes in pairs of position and version in any order.
    fn fill(&mut self, mut pairs: Vec<(Position, u32)>) {
        pairs.sort_unstable();
        (self.positions, self.counts) = pairs.into_iter().unzip();
    }
}

impl Source {
    /// Sets the versions of events that the store keeps none for. Their positions must be set.
    pub(crate) fn fill_versions(&self, events: &mut [Event]) -> Result<()> {
        if events.is_empty() || self.layout()?.has_versions() {
            return Ok(());
        }
        let versions = self.counted_versions()?;
        for event in events {
            event.version = versions.get(event.position).unwrap_or_default();
        }
        Ok(())
    }

    /// The counted versions of events.
    pub(super) fn versions_at(&self, positions: impl Iterator<Item = Position>) -> Result<Vec<Version>> {
        let versions = self.counted_versions()?;
        Ok(positions.map(|position| versions.get(position).unwrap_or_default()).collect())
    }

    pub(super) fn versions(&self) -> MutexGuard<'_, Versions> {
        self.shared.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The versions, counted now or brought up to date where the file has changed since.
    fn counted_versions(&self) -> Result<MutexGuard<'_, Versions>> {
        let layout = self.layout()?;
        let data_version = self.data_version()?;
        if !layout.has_positions() {
            self.complete_rows()?;
        }
        let mut versions = self.versions();
        if !versions.built || self.seen.get() != Some(data_version) {
            if layout.has_positions() && layout.streams_follow_store() {
                self.count_onwards(layout, &mut versions)?;
            } else if !versions.built || self.has_more_than(layout, versions.positions.len())? {
                *versions = self.count_by_stream(layout)?;
            }
            versions.built = true;
            self.seen.set(Some(data_version));
        }
        Ok(versions)
    }

    fn has_more_than(&self, layout: &Layout, known: usize) -> Result<bool> {
        let count = self.one(&layout.count_all())?;
        Ok(count.and_then(|count| count.as_integer()) != i64::try_from(known).ok())
    }

    /// Counts in the store's order, from where the last count ended, in short transactions.
    fn count_onwards(&self, layout: &Layout, versions: &mut Versions) -> Result<()> {
        loop {
            self.check()?;
            let before = versions.positions.len();
            let mut reached = Advance::from(versions.positions.last().map(|last| vec![(*last).into()]));
            let mut query = Self::positions_and_streams(layout);
            if let Some(beyond) = reached.beyond(&layout.order) {
                query.push(" AND ").append(&beyond);
            }
            query.push(" ORDER BY ").push(&layout.order.join(", ")).push(" LIMIT 50000");
            self.each_position(layout, &query, |position, stream| {
                let version = versions.next(stream);
                versions.positions.push(position);
                versions.counts.push(version);
            })?;
            if versions.positions.len() == before {
                return Ok(());
            }
            versions.positions.last().map_or(Ok(()), |last| reached.to(vec![(*last).into()]))?;
        }
    }

    /// Counts stream by stream, each in its own order.
    fn count_by_stream(&self, layout: &Layout) -> Result<Versions> {
        let mut versions = Versions::default();
        let mut pairs = Vec::new();
        let mut query = Self::positions_and_streams(layout);
        let mut order = stream_columns(layout);
        order.extend(layout.stream_order.iter().cloned());
        query.push(" ORDER BY ").push(&order.join(", "));
        self.each_position(layout, &query, |position, stream| {
            let version = versions.next(stream);
            pairs.push((position, version));
        })?;
        versions.fill(pairs);
        Ok(versions)
    }

    fn positions_and_streams(layout: &Layout) -> Query {
        let position = if layout.has_positions() {
            layout.order.join(", ")
        } else {
            format!("row_number() OVER (ORDER BY {})", layout.order.join(", "))
        };
        let mut columns = vec![position];
        columns.extend(stream_columns(layout));
        layout.select_only(&columns)
    }

    fn each_position(&self, layout: &Layout, query: &Query, mut on: impl FnMut(Position, StreamName)) -> Result<()> {
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        while let Some(row) = rows.next()? {
            let position = super::Stored::from(row.get_ref(0)?).to_integer().unwrap_or_default();
            on(position, layout.stream_at(row, 1)?);
        }
        Ok(())
    }
}

/// The expressions of a stream's type and id, NULL where the store has none.
pub(super) fn stream_columns(layout: &Layout) -> Vec<String> {
    use super::layout::Columns;
    [Columns::AGGREGATE_TYPE, Columns::AGGREGATE_ID]
        .map(|column| layout.column(column).unwrap_or("NULL").to_owned())
        .into()
}
