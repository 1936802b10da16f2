//! Why a filter cannot be read.

use std::fmt;
use std::ops::Range;

/// Why a filter cannot be read, and which part of it is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong, in a sentence without its full stop.
    pub message: String,
    /// The bytes of the filter that are at fault.
    pub at: Range<usize>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}

impl From<ParseError> for crate::Error {
    fn from(error: ParseError) -> Self {
        Self::bad_input(format!("the filter cannot be read: {}", error.message)).with_source(error)
    }
}

/// What reading a part of a filter comes to.
pub(super) type Parsed<T> = Result<T, ParseError>;

pub(super) fn fault(message: impl Into<String>, at: Range<usize>) -> ParseError {
    ParseError { message: message.into(), at }
}
