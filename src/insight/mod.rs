//! Questions about the whole store: what is in it, when it happened, and whether its snapshots are what its events say.
//!
//! Each question is a function of a [`Source`](crate::source::Source). Those that read everything say how far they are
//! and can be stopped, by what hears of the progress and by the source's own interrupt.

pub mod audit;
mod by_example;
mod causes;
mod comparison;
mod drift;
mod effects;
mod extent;
mod extent_csv;
mod extent_summary;
mod faults;
pub(crate) mod gather;
mod histogram;
mod landmark;
mod node;
mod rules;
mod sample;
pub mod schema;
mod statistics;
mod violations;

pub use crate::learn::{Aggregate, Agreement, Effect as LeafEffect, Leaf};
pub use crate::replay::{alike, differences};
pub use by_example::{
    Corrections, Doubt, Proposal, Proposals, ProposedEffect, StreamChanges, Told, by_example, propose,
};
pub use causes::{Trace, TraceBasis, TraceMark, TraceNode, correlated, trace};
pub use comparison::{DifferenceForm, document as difference_document};
pub use drift::{Difference, Drift, Finding, OnCompared, Scope, compare_snapshots, drift, drift_of};
pub use effects::{positions_with_effects, with_effects};
pub use extent::{Amount, Extent, Large};
pub use extent_summary::ExtentSummary;
pub use faults::{faults, faults_of};
pub use histogram::{Bucket, FEW_TYPES, Histogram, Kind, Matching};
pub use landmark::{Landmark, first_from};
pub use rules::{Basis, RuleLimits, RuleSources, RulesProgress, RulesWanted, TypeRules, as_file, rules};
pub use sample::Sampled;
pub use statistics::{Statistics, Uncounted, count_streams};
pub use violations::{ViolationBatch, violations};
