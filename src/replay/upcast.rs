//! An upcaster of a reducers file: what turns the data of an old schema version into that of the next.

use super::jq::Program;
use super::pattern::Pattern;

/// One line of `[upcast."type"]`.
#[derive(Debug)]
pub(crate) struct Upcast {
    pub(crate) event_type: Pattern,
    /// The schema version whose data it takes; it gives that of the next.
    pub(crate) from: u64,
    pub(crate) program: Program,
}
