//! Questions about the whole store: what is in it, when it happened, and whether its snapshots are what its events say.
//!
//! Each question is a function of a [`Source`](crate::source::Source). Those that read everything say how far they are
//! and can be stopped, by what hears of the progress and by the source's own interrupt.

mod drift;
mod effects;
mod histogram;
mod rules;
mod statistics;

pub use crate::replay::{alike, differences};
pub use drift::{Difference, Drift, Finding, OnCompared, Scope, compare_snapshots, drift, drift_of};
pub use effects::{positions_with_effects, with_effects};
pub use histogram::{Bucket, Histogram, Matching};
pub use rules::{Basis, RuleLimits, RuleSources, RulesProgress, RulesWanted, TypeRules, as_file, rules};
pub use statistics::Statistics;
