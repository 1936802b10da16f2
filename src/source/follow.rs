//! How the file stands compared with when it was opened: the same, changed, or not there any more. Asked for once a
//! second while it is open.

use super::folder::{Caught, Gathered};
use super::identity::FileStamp;
use super::mode::Mode;
use super::{Source, access::Surroundings};
use crate::error::{Error, ErrorKind, Result};

/// How often in a row a lock has to be met before it is one that lasts.
const LASTING: u32 = 2;

/// How the file stands. What was read stays as it is; all but [`FileStatus::Sound`] and a lock that goes away ask for
/// opening it anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FileStatus {
    /// It is the file that was opened, and it can be read.
    #[default]
    Sound,
    /// It changed since it was frozen or copied.
    Changed,
    /// Another file has its name now, or an older one was put in its place.
    Replaced,
    /// It was cut short.
    Truncated,
    /// There is no file of this name any more.
    Gone,
    /// Another process holds it locked.
    Locked,
    /// It cannot be read any more, for this reason.
    Unreadable(String),
}

/// What was written to the file since it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing.
    Nothing,
    /// Rows.
    Rows,
    /// The tables themselves were changed, or the file was packed anew.
    Tables,
}

/// What the file was like when it was last looked at.
#[derive(Debug)]
pub struct Followed {
    version: i64,
    tables: i64,
    len: u64,
    locked: u32,
}

impl Source {
    /// Begins to follow the file from what it is like now.
    pub fn follow(&self) -> Result<Followed> {
        let (version, tables) = (self.data_version()?, self.pragma("schema_version")?);
        Ok(Followed { version, tables, len: self.access.before.file.len, locked: 0 })
    }

    /// What became of the file since the last look.
    pub fn look(&self, followed: &mut Followed) -> (FileStatus, News) {
        let now = match FileStamp::of(self.path()) {
            Ok(now) => now,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (FileStatus::Gone, News::Nothing),
            Err(error) => return (FileStatus::Unreadable(error.to_string()), News::Nothing),
        };
        if !now.is_same_file(&self.access.before.file) {
            return (FileStatus::Replaced, News::Nothing);
        }
        if let Some(gathered) = self.access.gathered() {
            return self.look_into_folder(gathered, followed);
        }
        if self.mode() != Mode::Live {
            let same = Surroundings::of(self.path()).is_ok_and(|now| now == self.access.before);
            return (if same { FileStatus::Sound } else { FileStatus::Changed }, News::Nothing);
        }
        if now.len == 0 {
            return (FileStatus::Truncated, News::Nothing);
        }
        self.look_inside(followed, now.len).unwrap_or_else(|error| (followed.refused(&error, now.len), News::Nothing))
    }

    fn look_into_folder(&self, gathered: &Gathered, followed: &mut Followed) -> (FileStatus, News) {
        if self.mode() != Mode::Live {
            let status = if gathered.is_changed() { FileStatus::Changed } else { FileStatus::Sound };
            return (status, News::Nothing);
        }
        let caught = gathered.catch_up().and_then(|caught| match caught {
            Caught::Up => self.look_inside(followed, followed.len),
            Caught::Behind => Ok((FileStatus::Sound, News::Tables)),
        });
        caught.unwrap_or_else(|error| (FileStatus::Unreadable(error.to_string()), News::Nothing))
    }

    fn look_inside(&self, followed: &mut Followed, len: u64) -> Result<(FileStatus, News)> {
        let (version, tables) = (self.data_version()?, self.pragma("schema_version")?);
        // With a write-ahead log a file may be shorter than its pages, but it never becomes so.
        if len < followed.len && len < self.pages_end()? {
            return Ok((FileStatus::Truncated, News::Nothing));
        }
        if tables < followed.tables {
            return Ok((FileStatus::Replaced, News::Nothing));
        }
        let news = match (tables == followed.tables, version == followed.version) {
            (false, _) => News::Tables,
            (true, false) => News::Rows,
            (true, true) => News::Nothing,
        };
        *followed = Followed { version, tables, len, locked: 0 };
        Ok((FileStatus::Sound, news))
    }

    fn pages_end(&self) -> Result<u64> {
        let (pages, size) = (self.pragma("page_count")?, self.pragma("page_size")?);
        Ok(pages.unsigned_abs().saturating_mul(size.unsigned_abs()))
    }

    fn pragma(&self, name: &str) -> Result<i64> {
        Ok(self.conn.pragma_query_value(None, name, |row| row.get(0))?)
    }
}

impl Followed {
    /// What it means that SQLite refuses to look.
    fn refused(&mut self, error: &Error, len: u64) -> FileStatus {
        if *error.kind() != ErrorKind::Busy {
            return if len < self.len { FileStatus::Truncated } else { FileStatus::Unreadable(error.to_string()) };
        }
        self.locked += 1;
        if self.locked < LASTING { FileStatus::Sound } else { FileStatus::Locked }
    }
}
