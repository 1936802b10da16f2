//! Files that were gathered from a server: what they are a slice of, and of when. It is kept in a table of the file, so
//! that it is said wherever the file is opened.

use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};

use super::Source;
use crate::error::{Error, Result};

/// The table in which a gathered file says what it is.
pub const SLICE_TABLE: &str = "eventscope_gathered";

/// What a gathered file is a slice of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// The server and its database: `db.example.com:5432/shop`.
    pub server: String,
    /// The table of the events, with its schema.
    pub table: String,
    /// Which events, in words: `the last 100,000 events`.
    pub what: String,
    /// How many there are.
    pub events: u64,
    /// Of when it is: what the server held by then is in it. RFC 3339.
    pub as_of: String,
    /// Whether all that was asked for is in it. Otherwise the gathering was cut off.
    pub whole: bool,
    /// What is left out, in sentences.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What the table means, where no profile knows it: a profile's TOML, inferred from more than the slice.
    #[serde(default)]
    pub profile: Option<String>,
}

impl Slice {
    /// What a file says of itself; `None` where it was not gathered.
    ///
    /// # Errors
    /// Those of SQLite; bad input where a later version of the program wrote what is there.
    pub fn read(conn: &Connection) -> Result<Option<Self>> {
        let there: bool = conn.query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)",
            [SLICE_TABLE],
            |row| row.get(0),
        )?;
        if !there {
            return Ok(None);
        }
        let sql = format!("SELECT value FROM {SLICE_TABLE} WHERE name = 'slice'");
        let text: Option<String> = conn.query_row(&sql, [], |row| row.get(0)).optional()?;
        text.map(|text| {
            serde_json::from_str(&text).map_err(|error| {
                Error::bad_input(format!("what {SLICE_TABLE} says of this file cannot be read: {error}"))
            })
        })
        .transpose()
    }

    /// The title of a profile as it holds of a server: one profile may serve files and servers, and be called after files.
    #[must_use]
    pub fn title_there(title: &str) -> &str {
        let ends = [" for SQLite", " in SQLite", " to SQLite"];
        ends.iter().find_map(|end| title.strip_suffix(end)).unwrap_or(title)
    }

    /// What it is, in sentences.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        let Self { server, table, what, events, as_of, .. } = self;
        let first = if self.whole {
            format!("It is a slice of {table} on {server}: {what}, as of {as_of}.")
        } else {
            format!(
                "It is an unfinished slice of {table} on {server}: of {what} only {events} are in it, since the \
                 gathering was cut off. Gather it again, and it goes on from there."
            )
        };
        std::iter::once(first).chain(self.notes.iter().cloned()).collect()
    }
}

impl Source {
    /// What the file is a slice of, where it was gathered from a server.
    ///
    /// # Errors
    /// As [`Slice::read`].
    pub fn slice(&self) -> Result<Option<Slice>> {
        Slice::read(&self.conn)
    }
}
