//! How far a gathering is.

/// How far a gathering is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many events are in the file.
    pub events: u64,
    /// How many there will be, as far as that is known.
    pub expected: Option<u64>,
}

/// What is told of the progress.
pub type Report<'r> = dyn FnMut(&Progress) + 'r;
