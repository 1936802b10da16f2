//! Reducers learnt from evidence: on generated domains whose true states are known, and on databases that real libraries
//! wrote.

use std::ops::ControlFlow;
use std::path::PathBuf;

use eventscope::event::{Event, StreamName, Version};
use eventscope::learn::{At, Evidence, Learner, Learnt};
use eventscope::source::{OpenOptions, Source};
use serde_json::Value;

#[path = "../domains/mod.rs"]
mod domains;
#[path = "../domains/school.rs"]
mod school;

/// Learns each domain from the snapshots of half of its streams; how many leaves and states of the others are right, in
/// hundredths of a percent.
fn shares(seeds: std::ops::Range<u64>) -> (usize, usize) {
    let (mut leaves, mut right, mut states, mut exact) = (0, 0, 0, 0);
    for seed in seeds {
        let report = school::examine(&domains::domain(seed));
        assert!(report.errors.is_empty(), "seed {seed}: {:?}", report.errors);
        leaves += report.leaves;
        right += report.leaves_right;
        states += report.states;
        exact += report.exact;
    }
    (right * 10_000 / leaves, exact * 10_000 / states)
}

#[test]
fn generated_domains_are_learnt_from_the_snapshots_of_half_of_their_streams() {
    let (leaves, states) = shares(1000..1012);
    assert!(leaves >= 9_800, "{leaves}");
    assert!(states >= 9_000, "{states}");
}

/// The figures of 200 domains. It takes minutes without optimisation: `cargo test --release --test suite -- --ignored
/// two_hundred`.
#[test]
#[ignore = "takes minutes"]
fn two_hundred_domains_that_nobody_has_looked_at() {
    let (leaves, states) = shares(1000..1200);
    assert!(leaves >= 9_800, "{leaves}");
    assert!(states >= 9_500, "{states}");
}
