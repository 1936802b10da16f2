//! Ids: events that share one, causes that are not there, and correlations that nothing began.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::finding::{Finding, Instance, Instances, NAMED, Severity};
use super::hashed::{HashedMap, HashedSet, Tables};
use crate::error::Result;
use crate::event::{Event, Position};
use crate::source::Source;

/// The share of the causation ids that must name events for the others to be missed: commands cause events, too.
const MOSTLY: f64 = 0.95;
/// How many causes that were not there yet are kept until the end.
const MOST_WAITING: usize = 1_000_000;

/// Looks at ids. What is kept of each is a hash of 64 bits: among ten million ids, two share one once in 300,000 stores.
///
/// What several readers found is kept side by side: to make one table of theirs would take the memory of both again.
#[derive(Default)]
pub(super) struct Causes {
    ids: Tables<HashedSet>,
    duplicates: Instances,
    caused: u64,
    resolved: u64,
    /// The causes that no event before had as its id, with the event that names it.
    waiting: Vec<(u64, Position)>,
    lost: u64,
    /// Each correlation with its first event, as long as nothing that began it was met.
    correlations: Tables<HashedMap<Root>>,
    untold: bool,
}

/// What is known of the beginning of a correlation: the position of its first event, or that something began it.
///
/// Both lie in one number, since there is one of these for every request that was ever made.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Root(Position);

impl Root {
    /// No store counts that far back.
    const FOUND: Self = Self(Position::MIN);
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Causes {
    pub(super) fn see(&mut self, event: &Event) {
        let id = event.id.as_deref().map(hash);
        if let Some(id) = id
            && !self.ids.own.insert(id)
        {
            let name = event.id.clone().unwrap_or_default();
            self.duplicates.note(|| Instance::of(event, format!("the id `{name}` again")));
        }
        if let Some(cause) = event.causation_id.as_deref() {
            self.caused += 1;
            let cause = hash(cause);
            if self.has(cause) {
                self.resolved += 1;
            } else {
                self.wait(cause, event.position);
            }
        }
        if let Some(correlation) = event.correlation_id.as_deref() {
            let correlation = hash(correlation);
            let begins = event.causation_id.is_none() || id == Some(correlation);
            let known = self.correlations.own.entry(correlation).or_insert(Root(event.position));
            if begins {
                *known = Root::FOUND;
            }
        }
    }

    fn has(&self, id: u64) -> bool {
        self.ids.all().any(|ids| ids.contains(&id))
    }

    fn wait(&mut self, cause: u64, position: Position) {
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push((cause, position));
        } else {
            self.lost += 1;
        }
    }

    /// Takes in what was found in the events that follow.
    pub(super) fn join(&mut self, later: Self) {
        // Which event has an id again, and which cause was there before, is only known in the order of the store.
        let again = later.ids.all().flatten().any(|id| self.has(*id));
        self.untold |= later.untold || again || later.lost > 0;
        self.duplicates.extend(later.duplicates);
        self.caused += later.caused;
        self.resolved += later.resolved;
        for (cause, position) in later.waiting {
            if self.has(cause) {
                self.resolved += 1;
            } else {
                self.wait(cause, position);
            }
        }
        later.ids.into_all().for_each(|ids| self.ids.add(ids));
        for mut correlations in later.correlations.into_all() {
            correlations.retain(|correlation, root| {
                let known = self.correlations.all_mut().find_map(|known| known.get_mut(correlation));
                let is_known = known.is_some();
                if let Some(known) = known.filter(|_| *root == Root::FOUND) {
                    *known = Root::FOUND;
                }
                !is_known
            });
            self.correlations.add(correlations);
        }
    }

    /// Whether it takes one pass over the store to tell.
    pub(super) fn is_untold(&self) -> bool {
        self.untold
    }

    /// What was found; the events that it is found in are looked up again.
    pub(super) fn finish(mut self, source: &Source) -> Result<Vec<Finding>> {
        let ids = self.ids.all().map(HashedSet::len).sum();
        let repeats = duplicates_severity(&self.duplicates, ids);
        let waiting = std::mem::take(&mut self.waiting);
        let all = waiting.len();
        let orphans: Vec<Position> =
            waiting.into_iter().filter(|(cause, _)| !self.has(*cause)).map(|(_, position)| position).collect();
        let resolved = self.resolved + (all - orphans.len()) as u64;
        let Self { duplicates, caused, lost, correlations, .. } = self;
        #[allow(clippy::cast_precision_loss, reason = "shares")]
        let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
        // Where causes are commands, most of them are no events.
        let orphans = if share(resolved, caused) >= MOSTLY {
            instances(source, &orphans, lost, |event| {
                let cause = event.causation_id.as_deref().unwrap_or_default();
                Instance::of(event, format!("caused by `{cause}`"))
            })?
        } else {
            Instances::default()
        };
        let all: u64 = correlations.all().map(|correlations| correlations.len() as u64).sum();
        let roots = correlations.all().flat_map(HashedMap::values).filter(|root| **root != Root::FOUND);
        let mut firsts: Vec<Position> = roots.map(|Root(first)| *first).collect();
        let mut without_root = Instances::default();
        if share(all - firsts.len() as u64, all) >= MOSTLY {
            firsts.sort_unstable();
            for first in firsts {
                let what = "every event of its correlation was caused by another";
                without_root.note(|| Instance { position: Some(first), ..Instance::said(what) });
            }
        }
        Ok([
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
        .collect())
    }
}

/// The faults of events at these positions, and of further ones that are not known.
fn instances(
    source: &Source,
    positions: &[Position],
    further: u64,
    instance: impl Fn(&Event) -> Instance,
) -> Result<Instances> {
    let named = positions.get(..NAMED).unwrap_or(positions);
    let named = source.events_at(named)?.iter().map(instance).collect();
    Ok(Instances { count: positions.len() as u64 + further, named })
}

/// Where many ids stand again, they are of something that several events belong to.
fn duplicates_severity(duplicates: &Instances, ids: usize) -> Severity {
    if duplicates.count * 20 > ids as u64 { Severity::Note } else { Severity::Warning }
}
