//! Something that is to be written to a new file.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// What is to be written to a new file.
#[derive(Clone, PartialEq, Eq)]
pub struct NewFile {
    /// The file; nothing may be there yet.
    pub path: PathBuf,
    /// What it is, at the beginning of a sentence: "The schema of order.placed".
    pub what: String,
    /// What stands in it.
    pub bytes: Arc<[u8]>,
}

impl NewFile {
    /// A file of text.
    #[must_use]
    pub fn text(path: PathBuf, what: impl Into<String>, text: String) -> Self {
        Self { path, what: what.into(), bytes: text.into_bytes().into() }
    }
}

impl fmt::Debug for NewFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, what, bytes } = self;
        f.debug_struct("NewFile").field("path", path).field("what", what).field("bytes", &bytes.len()).finish()
    }
}
