//! What is known of each file of the folder, and what is new in it.

use std::time::Duration;

use crate::profile::schema::Table;

use super::super::access::Surroundings;

/// A file that was written to so recently may have been again, within what the system's clock of files can tell apart.
pub(super) const RECENT: Duration = Duration::from_secs(2);

/// One of the files.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) seen: Surroundings,
    /// Whether it is to be looked at again even if it looks the same.
    pub(super) recent: bool,
    pub(super) rows: i64,
    /// The number of the last row that was taken; `None` before the first one.
    pub(super) last: Option<i64>,
    /// Why nothing is taken from it.
    pub(super) left_out: Option<String>,
}

/// A file with tables beside the events.
#[derive(Debug)]
pub(super) struct Beside {
    pub(super) seen: Surroundings,
    pub(super) rows: usize,
}

/// A file with rows that are not taken yet.
pub(super) struct Arrival {
    pub(super) name: String,
    pub(super) member: Member,
    pub(super) table: Table,
    /// The number of the last row that was taken before.
    pub(super) after: Option<i64>,
}
