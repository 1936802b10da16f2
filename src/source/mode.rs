//! The three ways to read a database, each with its consequence in a sentence.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A way to read a database. None of them changes the file by one byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The file as it is now, followed while others write to it. A database with a write-ahead log needs its `-shm`
    /// file for that, which SQLite makes beside it where there is none; it goes with the last reader.
    #[default]
    Live,
    /// The file as it is, without any lock and without a file beside it (`immutable=1`). What stands only in the
    /// write-ahead log is not seen.
    Frozen,
    /// A copy at one moment, in a temporary file that goes with the session.
    Copy,
}

impl Mode {
    /// Every way, the default first.
    pub const ALL: [Self; 3] = [Self::Live, Self::Frozen, Self::Copy];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Frozen => "frozen",
            Self::Copy => "copy",
        }
    }

    /// Its name on the screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::Frozen => "Frozen",
            Self::Copy => "Copy",
        }
    }

    /// What it means for a person, in sentences.
    #[must_use]
    pub const fn consequence(self) -> &'static str {
        match self {
            Self::Live => {
                "The file is read as it is now, and events that arrive show up by themselves. No lock is held between \
                 two reads. The -wal and the -shm file that SQLite needs beside some databases go with the last reader."
            }
            Self::Frozen => {
                "The file is read as it stands, without locks and without any file beside it: for read-only media and \
                 for copies. What is only in a write-ahead log is not shown, and new events do not arrive."
            }
            Self::Copy => {
                "A copy of one moment is read, and the file itself is left alone. New events do not arrive until a new \
                 copy is taken. The copy is removed when the file is closed."
            }
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mode = Self::ALL.into_iter().find(|mode| mode.name() == text);
        mode.ok_or_else(|| Error::bad_input(format!("{text} is no way to open a file: expected live, frozen or copy")))
    }
}
