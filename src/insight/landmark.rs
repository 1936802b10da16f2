//! Where in a store something is: the first event from a position or a moment on.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use super::histogram::Log;
use super::statistics::hear;
use crate::error::Result;
use crate::event::Position;
use crate::source::Source;
use crate::source::layout::Columns;

/// Up to how many rows a store is looked through rather than bisected.
const SHORT: u64 = 1_000;

/// A place in a store, as a person names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Landmark {
    /// A position; where no event has it, the next one counts.
    Position(Position),
    /// A moment; the first event at it or after it counts.
    Moment(DateTime<Utc>),
}

/// The position of the first event from a place on; `None` where there is none.
///
/// In a store whose events come in the order of their times a moment is found in a few steps; another one is read up to
/// the event, with only its times.
///
/// # Errors
/// What reading failed with.
pub fn first_from(source: &Source, landmark: Landmark) -> Result<Option<Position>> {
    match landmark {
        Landmark::Position(position) => {
            let events = source.events_after(position.checked_sub(1), 1)?;
            Ok(events.first().map(|event| event.position))
        }
        Landmark::Moment(moment) => {
            source.complete_rows()?;
            let rows = source.rows().rows();
            if rows > SHORT
                && let Some(log) = Log::look(source, rows)?
            {
                let row = log.first_row_from(moment.timestamp_millis())?;
                return Ok(source.moment_of_row(row)?.map(|(position, _)| position));
            }
            looked_for(source, moment)
        }
    }
}

fn looked_for(source: &Source, moment: DateTime<Utc>) -> Result<Option<Position>> {
    let mut found = None;
    let walked = source.skim(Columns::TIMESTAMP, &mut |events| {
        let is_there = |time: Option<DateTime<Utc>>| time.is_some_and(|time| time >= moment);
        let first = events.iter().find(|event| is_there(event.timestamp.as_ref().and_then(|time| time.utc)));
        found = first.map(|event| event.position);
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if found.is_none() {
        hear(walked)?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::profile::Profile;
    use crate::source::{Choice, OpenOptions};

    #[test]
    fn the_first_event_from_a_place_on_is_found_in_a_log_and_in_any_other_store() {
        for disordered in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("log.db");
            let conn = rusqlite::Connection::open(&path).unwrap();
            let time = if disordered { "(i * 7919) % 5000" } else { "i" };
            conn.execute_batch(&format!(
                "CREATE TABLE events (position INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT,
                     data TEXT, created_at TEXT);
                 WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)
                 INSERT INTO events SELECT 10 * (i + 1), 's', i + 1, 't', '{{}}',
                     strftime('%Y-%m-%dT%H:%M:%SZ', 1700000000 + 60 * ({time}), 'unixepoch') FROM n;",
            ))
            .unwrap();
            drop(conn);
            let profile = Profile::parse(
                "name = 'log'\ntitle = 'Log'\n[events]\nfrom = 'events'\nposition = 'position'\n\
                 aggregate_id = 'stream_id'\nversion = 'version'\nevent_type = 'event_type'\n\
                 timestamp = 'created_at'\ndata = 'data'\n",
            );
            let profile = Some(Choice::Profile(Arc::new(profile.unwrap())));
            let source = Source::open(&path, &OpenOptions { profile, ..OpenOptions::default() }).unwrap();
            let at = |seconds: i64| Landmark::Moment(DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap());
            assert_eq!(first_from(&source, Landmark::Position(15)).unwrap(), Some(20));
            assert_eq!(first_from(&source, Landmark::Position(20)).unwrap(), Some(20));
            assert_eq!(first_from(&source, Landmark::Position(i64::MIN)).unwrap(), Some(10));
            assert_eq!(first_from(&source, Landmark::Position(50_001)).unwrap(), None);
            assert_eq!(first_from(&source, at(-99)).unwrap(), Some(10));
            let minute = |row: i64| if disordered { (row * 7919) % 5000 } else { row };
            let expected = (0..5000).find(|row| minute(*row) > 3000).map(|row| 10 * (row + 1));
            assert_eq!(first_from(&source, at(60 * 3000 + 1)).unwrap(), expected);
            assert_eq!(first_from(&source, at(60 * 5000)).unwrap(), None);
        }
    }
}
