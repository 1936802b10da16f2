//! Any database that the program can open as what is served, to be read only.

use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Faults, Kept, Log};
use crate::error::{Error, Result};
use crate::event::{Event, Position, StreamName, Version};
use crate::filter::{Compiled, Condition, Field, Moment, Pattern, Term, compile};
use crate::serve::room::{Filled, fill};
use crate::serve::wanted::{Filter, Page};
use crate::source::{FileStatus, News, Opener, ScanRange, Source};

/// Opens readers of a database.
pub type ForeignOpener = Opener;

/// How often a database is asked whether something was written to it.
const LISTEN: Duration = Duration::from_millis(50);

impl Log for Source {
    fn event(&self, id: &str) -> Result<Option<Event>> {
        let filter = crate::filter::Filter::default().with(Term::field(Field::Id, id));
        let positions = positions(self, &filter, ScanRange::default(), Some(1))?;
        Ok(self.events_at(&positions)?.pop())
    }

    fn page(&self, page: &Page, room: usize) -> Result<Filled> {
        let filter = filter_of(&page.filter);
        let range = match page.from {
            Some(from) if page.newest_first => ScanRange { after: None, through: Some(from) },
            Some(from) => ScanRange { after: Some(from.saturating_sub(1)), through: None },
            None => ScanRange::default(),
        };
        let most = page.offset.saturating_add(page.limit);
        let found = if page.newest_first {
            // A scan goes forwards: the last that it finds are the first.
            let mut found = positions(self, &filter, range, None)?;
            found.reverse();
            found
        } else {
            positions(self, &filter, range, Some(most))?
        };
        let mut left = found.into_iter().skip(page.offset);
        fill(page.limit, room, |_, wanted| {
            let mut events = Vec::new();
            // Some may be gone again.
            while events.len() < wanted {
                let next: Vec<Position> = left.by_ref().take(wanted - events.len()).collect();
                if next.is_empty() {
                    break;
                }
                events.extend(self.events_at(&next)?);
            }
            Ok(events)
        })
    }

    fn stream(&self, stream: &StreamName, from: Version, limit: usize, room: usize) -> Result<Filled> {
        fill(limit, room, |last, wanted| {
            let from = last.map_or(from, |last| last.version.saturating_add(1));
            let to = from.saturating_add(i64::try_from(wanted).unwrap_or(i64::MAX)).saturating_sub(1);
            self.read_history(stream, from, Some(to))?.take(wanted).collect()
        })
    }

    fn version(&self, stream: &StreamName) -> Result<Option<Version>> {
        self.last_version(stream)
    }

    fn behind(&self, position: Option<Position>, limit: usize, room: usize) -> Result<Filled> {
        fill(limit, room, |last, wanted| self.events_after(last.map(|last| last.position).or(position), wanted))
    }

    fn last_position(&self) -> Result<Option<Position>> {
        Self::last_position(self)
    }

    fn snapshot(&self, stream: &StreamName, at: Option<Version>) -> Result<Option<Kept>> {
        let Some(snapshot) = self.snapshot_before(stream, at.unwrap_or(Version::MAX))? else { return Ok(None) };
        Ok(Some(Kept {
            version: snapshot.version,
            state_version: None,
            taken_at: snapshot.timestamp.clone(),
            state: snapshot.state.to_json().to_string(),
        }))
    }

    fn schema(&self, _: &str, _: u32) -> Result<Option<Value>> {
        Ok(None)
    }

    fn faults(&self, _: &str, _: u32, _: &Value, _: usize) -> Result<Faults> {
        Ok(Faults::default())
    }
}

/// The positions of the events that a filter keeps, at most so many where that is said.
fn positions(
    source: &Source,
    filter: &crate::filter::Filter,
    range: ScanRange,
    most: Option<usize>,
) -> Result<Vec<Position>> {
    let compiled: Compiled = source.mapping().map(|mapping| compile(filter, mapping)).unwrap_or_default();
    let mut found = Vec::new();
    source.scan(&compiled, range, &mut |batch| {
        found.extend(batch.positions);
        if most.is_some_and(|most| found.len() >= most) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    found.truncate(most.unwrap_or(usize::MAX));
    Ok(found)
}

fn filter_of(wanted: &Filter) -> crate::filter::Filter {
    let mut filter = crate::filter::Filter::default();
    let mut require = |term: Term| filter = std::mem::take(&mut filter).with(term);
    match (wanted.stream(), &wanted.aggregate_type, &wanted.aggregate_id) {
        (Some(stream), ..) => require(Term::stream(&stream)),
        (None, Some(aggregate_type), _) => require(Term::field(Field::Aggregate, aggregate_type)),
        (None, None, Some(aggregate_id)) => require(Term::field(Field::Stream, aggregate_id)),
        (None, None, None) => {}
    }
    if !wanted.event_types.is_empty() {
        let patterns = wanted.event_types.iter().map(Pattern::literal).collect();
        require(Term::new(Condition::Matches { field: Field::Type, patterns }));
    }
    if let Some(correlation_id) = &wanted.correlation_id {
        require(Term::field(Field::Correlation, correlation_id));
    }
    if let Some(after) = wanted.after {
        require(Term::new(Condition::After(Moment::at(after + chrono::TimeDelta::nanoseconds(1)))));
    }
    if let Some(before) = wanted.before {
        require(Term::new(Condition::Before(Moment::at(before))));
    }
    filter
}

/// The next events behind a position, waiting for them for some time; none where that is over.
pub(super) fn wait(source: &Source, behind: Option<Position>, limit: usize, timeout: Duration) -> Result<Vec<Event>> {
    let started = Instant::now();
    let mut followed = source.follow()?;
    loop {
        let events = source.events_after(behind, limit)?;
        if !events.is_empty() {
            return Ok(events);
        }
        loop {
            if started.elapsed() >= timeout {
                return Ok(Vec::new());
            }
            thread::sleep(LISTEN);
            match source.look(&mut followed) {
                (FileStatus::Sound | FileStatus::Locked, News::Nothing) => {}
                (FileStatus::Sound | FileStatus::Locked, News::Rows) => break,
                (FileStatus::Sound | FileStatus::Locked, News::Tables) => {
                    source.forget();
                    break;
                }
                (status, _) => return Err(gone(source, &status)),
            }
        }
    }
}

fn gone(source: &Source, status: &FileStatus) -> Error {
    let path = source.path().display();
    let what = match status {
        FileStatus::Changed => "was changed since it was opened",
        FileStatus::Replaced => "is another file now",
        FileStatus::Truncated => "was cut short",
        FileStatus::Gone => "is not there any more",
        _ => "cannot be read any more",
    };
    Error::not_found(format!("{path} {what}")).with_hint("Start the service again.")
}
