//! Ids: events that share one, causes that are not there, and correlations that nothing began.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Check;
use super::finding::{Finding, Instance, Instances, Severity};
use crate::event::{Event, Position};

/// The share of the causation ids that must name events for the others to be missed: commands cause events, too.
const MOSTLY: f64 = 0.95;
/// How many causes that were not there yet are kept until the end.
const MOST_WAITING: usize = 1_000_000;

/// Looks at ids. What is kept of each is a hash of 64 bits: among ten million ids, two share one once in 300,000 stores.
#[derive(Default)]
pub(super) struct Causes {
    ids: HashSet<u64>,
    duplicates: Instances,
    caused: u64,
    resolved: u64,
    /// The causes that no event before had as its id, with the event that names it.
    waiting: Vec<(u64, Instance)>,
    lost: u64,
    correlations: HashMap<u64, Correlation>,
    correlated: u64,
}

/// The first event of a correlation, and whether something began it.
struct Correlation {
    first: Position,
    has_root: bool,
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Check for Causes {
    fn see(&mut self, event: &Event) {
        let id = event.id.as_deref().map(hash);
        if let Some(id) = id
            && !self.ids.insert(id)
        {
            let name = event.id.clone().unwrap_or_default();
            self.duplicates.note(|| Instance::of(event, format!("the id `{name}` again")));
        }
        if let Some(cause) = event.causation_id.as_deref() {
            self.caused += 1;
            let cause_hash = hash(cause);
            if self.ids.contains(&cause_hash) {
                self.resolved += 1;
            } else if self.waiting.len() < MOST_WAITING {
                self.waiting.push((cause_hash, Instance::of(event, format!("caused by `{cause}`"))));
            } else {
                self.lost += 1;
            }
        }
        if let Some(correlation) = event.correlation_id.as_deref() {
            self.correlated += 1;
            let correlation = hash(correlation);
            let begins = event.causation_id.is_none() || id == Some(correlation);
            let known =
                self.correlations.entry(correlation).or_insert(Correlation { first: event.position, has_root: false });
            known.has_root |= begins;
        }
    }

    fn finish(self: Box<Self>) -> Vec<Finding> {
        let repeats = duplicates_severity(&self.duplicates, self.ids.len());
        let Self { ids, duplicates, caused, mut resolved, waiting, lost, correlations, .. } = *self;
        let mut orphans = Instances { count: lost, named: Vec::new() };
        for (cause, instance) in waiting {
            if ids.contains(&cause) {
                resolved += 1;
            } else {
                orphans.note(|| instance);
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "shares")]
        let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
        // Where causes are commands, most of them are no events.
        let orphans = if share(resolved, caused) >= MOSTLY { orphans } else { Instances::default() };
        let rootless: Vec<&Correlation> = correlations.values().filter(|correlation| !correlation.has_root).collect();
        let with_root = (correlations.len() - rootless.len()) as u64;
        let mut without_root = Instances::default();
        if share(with_root, correlations.len() as u64) >= MOSTLY {
            let mut firsts: Vec<Position> = rootless.iter().map(|correlation| correlation.first).collect();
            firsts.sort_unstable();
            for first in firsts {
                let what = "every event of its correlation was caused by another";
                without_root.note(|| Instance { position: Some(first), ..Instance::said(what) });
            }
        }
        [
            duplicates.finding(
                "duplicate_event_id",
                repeats,
                "Events share an id. In some libraries an event stands in several streams; else it was written twice.",
                "Look at the pairs; have a unique constraint on the id where each event stands once.",
            ),
            orphans.finding(
                "orphan_causation",
                Severity::Warning,
                "An event names a cause that is not in the store, while most causes are.",
                "Find out whether the cause was deleted, or is in another store.",
            ),
            without_root.finding(
                "correlation_without_root",
                Severity::Warning,
                "A correlation has no event that began it, while most have one.",
                "Find out whether its first event was deleted, or is in another store.",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Where many ids stand again, they are of something that several events belong to.
fn duplicates_severity(duplicates: &Instances, ids: usize) -> Severity {
    if duplicates.count * 20 > ids as u64 { Severity::Note } else { Severity::Warning }
}
