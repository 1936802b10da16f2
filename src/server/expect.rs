//! How much a slice would be, before anything of it is gathered: as the planner and the catalogue estimate it.

use super::connection::Server;
use super::find::{self, bytes, planned};
use super::key::all;
use super::wanted::Wanted;
use crate::error::Result;
use crate::profile::Library;

/// How many events are gathered in a second where they are small, and how many bytes where they are large: on two cores,
/// the server's included.
const SPEED: (f64, f64) = (60_000.0, 30e6);

/// How many bytes a server reads through in a second to find the rows of a choice, where no index serves.
const LOOKED_THROUGH: f64 = 200e6;

/// How much a slice would be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// How many events.
    pub events: u64,
    /// How many bytes they have on the server.
    pub bytes: u64,
    /// How many seconds it takes to gather them.
    pub seconds: f64,
}

/// Estimates a slice. Nothing is counted.
///
/// # Errors
/// Where what is named cannot be chosen by, and what reading the catalogue fails with.
pub fn expect(server: &mut Server, library: &Library, wanted: &Wanted) -> Result<Expected> {
    let chosen = find::chosen(server, library, wanted.table.as_deref())?;
    let conditions = wanted.condition(&chosen.table, chosen.profile.as_deref())?;
    let (whole, table) = (u64::try_from(chosen.table.rows).unwrap_or(0), chosen.table.in_sql());
    let found = if conditions.is_empty() {
        Some(whole)
    } else {
        planned(server, &format!("SELECT 1 FROM {table} WHERE {}", all(&conditions)))?
    };
    let found = found.unwrap_or(whole).min(whole);
    let events = wanted.most().map_or(found, |most| found.min(most));
    let size = bytes(server, &chosen.table, "pg_table_size").unwrap_or(0);
    Ok(Expected::of(events, whole, size, wanted.is_filtered()))
}

impl Expected {
    /// So many events of a table with so many rows and bytes; `looked_through` where all of it may have to be read for
    /// them.
    fn of(events: u64, rows: u64, size: u64, looked_through: bool) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
        let (each, count, size) = (size as f64 / rows.max(1) as f64, events as f64, size as f64);
        let bytes = each * count;
        let seconds = (count / SPEED.0).max(bytes / SPEED.1) + if looked_through { size / LOOKED_THROUGH } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is an estimate")]
        Self { events, bytes: bytes as u64, seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_that_of_the_slower_of_rows_and_bytes() {
        let small = Expected::of(600_000, 1_200_000, 120_000_000, false);
        assert_eq!((small.bytes, small.seconds.round()), (60_000_000, 10.0));
        let large = Expected::of(1_000, 1_000, 300_000_000, false);
        assert_eq!((large.bytes, large.seconds.round()), (300_000_000, 10.0));
        let few = Expected::of(10, 1_000_000, 2_000_000_000, true);
        assert_eq!((few.bytes, few.seconds.round()), (20_000, 10.0));
        assert_eq!(Expected::of(0, 0, 0, false).bytes, 0);
    }
}
