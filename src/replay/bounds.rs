//! How much a rule may take for one event.

/// How much a rule, a watch or an invariant may take for one event. One that needs more fails on that event like any
/// other rule that fails.
///
/// Steps and stack are bounded, too, but not to be set: what takes more is a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many bytes one value may take that a rule builds, the state that it gives included.
    pub memory: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { memory: 64 * 1024 * 1024 }
    }
}
