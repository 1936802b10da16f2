//! What stands in for conventions of one's own in a build without them: nothing is matched, and nothing is let through.

use std::convert::Infallible;

use crate::error::{Error, ErrorKind, Result};

/// An expression, of which there are none.
pub(super) struct Pattern(Infallible);

impl Pattern {
    pub(super) fn new(subject: &str, pattern: &str) -> Result<Self> {
        Err(Error::new(ErrorKind::Unsupported, format!("this program cannot hold {subject}s against `{pattern}`"))
            .with_hint("Nothing was written. Build it with the feature `schemas` of eventscope."))
    }

    pub(super) fn matches(&self, _: &str) -> bool {
        match self.0 {}
    }
}
