//! The places of imported events: which positions, versions and moments the lines ask for, and whether they can have them.

use std::io::BufRead;

use super::line::Line;
use super::row;
use crate::error::{Error, Result};
use crate::event::{Position, StreamName, Timestamp, Version};

/// What an import gives the events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Places {
    /// New positions behind the last one, new versions behind the last one of their streams, and the moment of the
    /// import.
    #[default]
    Anew,
    /// The `position`, `version` and `timestamp` that the lines carry, and must carry.
    Kept,
    /// New positions and versions, and the `timestamp` that the lines carry, and must carry; or, where that would go
    /// back, the moment of the event before: for what was recorded elsewhere.
    Moments,
}

/// Where an import has come to.
pub(super) struct Placing {
    places: Places,
    /// The last event's.
    pub(super) position: Position,
    /// The last event's, or that of the import, as stored.
    pub(super) moment: Timestamp,
}

impl Placing {
    /// Behind an event at this position and of this moment.
    pub(super) fn new(places: Places, position: Position, moment: &str) -> Self {
        Self { places, position, moment: row::timestamp(moment) }
    }

    /// Checks the place that a line asks for, and remembers its moment; none where it gets a new one.
    pub(super) fn place(&mut self, line: &Line<'_>, stream: &StreamName, next: Version) -> Result<Option<Position>> {
        if self.places == Places::Anew {
            return Ok(None);
        }
        let missing = |what: &str| {
            Error::bad_input(format!("it has no `{what}` to keep"))
                .with_hint("Nothing was imported. Import without keeping places to have them assigned anew.")
        };
        let moment_of = |line: &Line<'_>| -> Result<String> {
            let timestamp = line.timestamp.as_deref().ok_or_else(|| missing("timestamp"))?;
            let utc = row::timestamp(timestamp).utc;
            utc.map(row::stored_moment).ok_or_else(|| cannot_keep(format!("`{timestamp}` is no moment")))
        };
        if self.places == Places::Moments {
            let moment = moment_of(line)?;
            if *moment > *self.moment.stored {
                self.moment = row::timestamp(&moment);
            }
            return Ok(None);
        }
        let position = line.position.ok_or_else(|| missing("position"))?;
        let version = line.version.ok_or_else(|| missing("version"))?;
        let moment = moment_of(line)?;
        if position <= self.position {
            return Err(cannot_keep(format!("position {position} does not come after {}", self.position)));
        }
        if version != next {
            return Err(cannot_keep(format!("{stream} is at version {version} where {next} comes next")));
        }
        if *moment < *self.moment.stored {
            return Err(cannot_keep(format!("it was recorded at {moment}, before the event before it")));
        }
        self.moment = row::timestamp(&moment);
        Ok(Some(position))
    }
}

/// Reads the next line into `line`; false at the end.
pub(super) fn read_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool> {
    line.clear();
    Ok(lines.read_until(b'\n', line)? > 0)
}

/// Says in which line something is wrong.
pub(super) fn at_line(number: u64, error: Error) -> Error {
    let advised = error.hint().is_some();
    let error = error.context(format_args!("line {number}"));
    if advised { error } else { error.with_hint("Nothing was imported. Correct the line and import the whole again.") }
}

fn cannot_keep(message: String) -> Error {
    Error::bad_input(message)
        .with_hint("Nothing was imported. Kept places must follow each other and the events that are there already.")
}
