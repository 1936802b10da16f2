//! The one error type: what kind of failure, what happened where, what it came from, and what to do now.

use std::fmt;

use crate::event::{ExpectedVersion, StreamName, Version};

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// The kind of a failure: what a caller decides by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was asked for is not there: a file, a stream, an event, a profile.
    NotFound,
    /// The input is wrong: an argument, a filter, a document, a rule, a file that is no database.
    BadInput,
    /// The operating system refused to read or write a file.
    Io,
    /// SQLite failed in a way that none of the other kinds names.
    Database,
    /// Another process holds the lock that was needed.
    Busy,
    /// SQLite would have to write beside the file to read it as it is now: it opens frozen or as a copy only.
    NotLive,
    /// The file, or this opening of it, does not allow writing.
    ReadOnly,
    /// This kind of database cannot do what was asked.
    Unsupported,
    /// The work was stopped because its question was withdrawn.
    Cancelled,
    /// A stream was not at the version that the writer expected; nothing was written.
    Conflict {
        /// The stream that was written to.
        stream: StreamName,
        /// What the writer expected.
        expected: ExpectedVersion,
        /// The stream's last version; `None` where it has no event.
        actual: Option<Version>,
    },
}

/// What went wrong, in words for a person.
///
/// Its inside is boxed, so that a `Result` that succeeds does not pay for the words of one that fails.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    source: Option<Source>,
}

impl Error {
    /// An error of a kind. The message says what happened and where, in a sentence without its full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), hint: None, source: None }))
    }

    /// Input that is wrong: see [`ErrorKind::BadInput`].
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadInput, message)
    }

    /// Something that is not there: see [`ErrorKind::NotFound`].
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// A database whose rows do not come in the order of their keys, as when an index is damaged.
    pub fn out_of_order(what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Database, format!("the file is damaged: {what}"))
            .with_hint("`PRAGMA integrity_check` of SQLite says what is wrong; REINDEX in a copy mends an index.")
    }

    /// A stream that was not at the expected version: see [`ErrorKind::Conflict`].
    #[must_use]
    pub fn conflict(stream: StreamName, expected: ExpectedVersion, actual: Option<Version>) -> Self {
        let found =
            actual.map_or_else(|| "it has no event".to_owned(), |version| format!("it is at version {version}"));
        let message = format!("the stream {stream} was expected to be at {expected}, but {found}");
        Self::new(ErrorKind::Conflict { stream, expected, actual }, message)
            .with_hint("Nothing was written. Read the stream again and decide anew.")
    }

    /// The same error with advice: a sentence that says what to do now.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same error with the failure that it came from.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with what was being done put before its message: `reading orders.db: …`.
    #[must_use]
    pub fn context(mut self, doing: impl fmt::Display) -> Self {
        self.0.message = format!("{doing}: {}", self.0.message);
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What to do now, where there is advice.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Whether the work was stopped on request rather than failing.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.kind == ErrorKind::Cancelled
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let (kind, hint) = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                (ErrorKind::Busy, Some("Another process is writing to this file. Try again in a moment."))
            }
            Some(ErrorCode::NotADatabase) => {
                (ErrorKind::BadInput, Some("The file is not a SQLite database, or it is encrypted."))
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => (
                ErrorKind::ReadOnly,
                Some("Writing needs the right to write the file and its folder, where SQLite keeps its log."),
            ),
            Some(ErrorCode::AuthorizationForStatementDenied) => (
                ErrorKind::BadInput,
                Some(
                    "The expressions of a profile may read the database that is open, with SQLite's own functions, and \
                      nothing else.",
                ),
            ),
            Some(ErrorCode::OperationInterrupted) => (ErrorKind::Cancelled, None),
            Some(ErrorCode::DiskFull) => {
                (ErrorKind::Io, Some("What was being written is not kept. Make room on the disk, and do it again."))
            }
            Some(ErrorCode::SystemIoFailure) => (
                ErrorKind::Io,
                Some("What was being written is not kept. The disk may be full or failing, or the file may not grow."),
            ),
            Some(ErrorCode::CannotOpen) => (
                ErrorKind::Io,
                Some(
                    "Look whether the file is there, whether this user may write to its folder, and whether that has room.",
                ),
            ),
            Some(ErrorCode::DatabaseCorrupt) => {
                (ErrorKind::Database, Some("The file is damaged. Work on a copy, and try SQLite's own recovery."))
            }
            _ => (ErrorKind::Database, None),
        };
        let wrapped = Self::new(kind, error.to_string()).with_source(error);
        match hint {
            Some(hint) => wrapped.with_hint(hint),
            None => wrapped,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            _ => ErrorKind::Io,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
