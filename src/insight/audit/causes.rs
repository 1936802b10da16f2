//! Ids: events that share one, causes that are not there, and correlations that nothing began.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;

use super::AuditStep;
use super::finding::{Finding, Instance, Instances, NAMED, Severity};
use super::hashes::{Hashes, Recent};
use crate::error::Result;
use crate::event::{Event, Position};
use crate::insight::statistics::hear;
use crate::source::Source;
use crate::source::layout::Columns;

/// The share of the causation ids that must name events for the others to be missed: commands cause events, too.
const MOSTLY: f64 = 0.95;
/// How many causes are kept with the event that names them, where none of the latest events is the cause.
const MOST_CAUSES: u64 = 1_000_000;
/// How many of the ids that several events share are looked for, to name such events.
const MOST_REPEATED: usize = 1_000_000;
/// How many of the latest events are known as causes at once.
const LATEST_IDS: usize = 1 << 16;
/// How many of the latest correlations are known at once.
const LATEST_CORRELATIONS: usize = 1 << 14;

/// Looks at ids. What is kept of each is a hash of 64 bits: among ten million ids, two share one once in 300,000 stores.
///
/// Nothing is told before all events were seen, so that what several readers found is only put together.
pub(super) struct Causes {
    ids: Hashes<u64>,
    latest_ids: Recent,
    caused: u64,
    /// The causes that none of the latest events has as its id, with the event that names it.
    unmet: Hashes<(u64, Position)>,
    unmet_kept: u64,
    /// Those for which it is not kept which event names them.
    more_unmet: Hashes<u64>,
    /// The correlations of which an event was met that began them.
    begun: Hashes<u64>,
    latest_begun: Recent,
    /// Each correlation with the first of its events that did not begin it.
    going_on: Hashes<(u64, Position)>,
    latest_going_on: Recent,
}

impl Default for Causes {
    fn default() -> Self {
        Self {
            ids: Hashes::default(),
            latest_ids: Recent::of(LATEST_IDS),
            caused: 0,
            unmet: Hashes::default(),
            unmet_kept: 0,
            more_unmet: Hashes::default(),
            begun: Hashes::default(),
            latest_begun: Recent::of(LATEST_CORRELATIONS),
            going_on: Hashes::default(),
            latest_going_on: Recent::of(LATEST_CORRELATIONS),
        }
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Causes {
    pub(super) fn see(&mut self, event: &Event) {
        let id = event.id.as_deref().map(hash);
        if let Some(id) = id {
            self.ids.push(id);
            self.latest_ids.meet(id);
        }
        if let Some(cause) = event.causation_id.as_deref() {
            self.caused += 1;
            let cause = hash(cause);
            if !self.latest_ids.has(cause) {
                self.keep_cause(cause, event.position);
            }
        }
        if let Some(correlation) = event.correlation_id.as_deref() {
            let correlation = hash(correlation);
            let begins = event.causation_id.is_none() || id == Some(correlation);
            if self.latest_begun.has(correlation) {
                return;
            }
            if begins {
                self.latest_begun.meet(correlation);
                self.begun.push_once(correlation);
            } else if !self.latest_going_on.has(correlation) {
                self.latest_going_on.meet(correlation);
                self.going_on.push_once((correlation, event.position));
            }
        }
    }

    fn keep_cause(&mut self, cause: u64, position: Position) {
        if self.unmet_kept < MOST_CAUSES {
            self.unmet_kept += 1;
            self.unmet.push((cause, position));
        } else {
            self.more_unmet.push(cause);
        }
    }

    /// Takes in what was found in the events that follow.
    pub(super) fn join(&mut self, later: Self) {
        self.ids.append(later.ids);
        self.caused += later.caused;
        self.unmet.append(later.unmet);
        self.unmet_kept += later.unmet_kept;
        self.more_unmet.append(later.more_unmet);
        self.begun.append(later.begun);
        self.going_on.append(later.going_on);
    }

    /// What was found; the events that it is found in are looked up again.
    pub(super) fn finish(
        self,
        source: &Source,
        on: &mut dyn FnMut(AuditStep) -> ControlFlow<()>,
    ) -> Result<Vec<Finding>> {
        let Self { ids, caused, unmet, more_unmet, begun, going_on, .. } = self;
        let without_root = without_root(begun, going_on);
        let ids = Ids::of(ids, unmet, more_unmet);
        let duplicates = Instances { count: ids.again, named: named_repeats(source, &ids.repeated, on)? };
        let repeats = duplicates_severity(&duplicates, ids.distinct);
        let orphans = if is_mostly(caused - ids.orphans(), caused) {
            instances(source, &ids.named_orphans, ids.further_orphans, |event| {
                let cause = event.causation_id.as_deref().unwrap_or_default();
                Instance::of(event, format!("caused by `{cause}`"))
            })?
        } else {
            // Where causes are commands, most of them are no events.
            Instances::default()
        };
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

/// What the ids of all events tell.
#[derive(Default)]
struct Ids {
    distinct: u64,
    /// How many events have the id of one before.
    again: u64,
    /// Ids that several events share.
    repeated: HashSet<u64>,
    /// Events whose cause has no event, in the order of the store.
    named_orphans: Vec<Position>,
    /// Further ones that are not known by their position.
    further_orphans: u64,
}

impl Ids {
    fn of(ids: Hashes<u64>, causes: Hashes<(u64, Position)>, more_causes: Hashes<u64>) -> Self {
        let mut told = Self::default();
        let causes = causes.into_sorted().zip(more_causes.into_sorted());
        for (ids, (causes, more_causes)) in ids.into_sorted().zip(causes) {
            for events in ids.chunk_by(|a, b| a == b) {
                told.distinct += 1;
                let [id, again @ ..] = events else { continue };
                told.again += again.len() as u64;
                if !again.is_empty() && told.repeated.len() < MOST_REPEATED {
                    told.repeated.insert(*id);
                }
            }
            let is_missing = |cause: &u64| ids.binary_search(cause).is_err();
            told.named_orphans.extend(causes.iter().filter(|(cause, _)| is_missing(cause)).map(|(_, at)| *at));
            told.further_orphans += more_causes.iter().filter(|cause| is_missing(cause)).count() as u64;
        }
        told.named_orphans.sort_unstable();
        told
    }

    fn orphans(&self) -> u64 {
        self.named_orphans.len() as u64 + self.further_orphans
    }
}

fn is_mostly(part: u64, whole: u64) -> bool {
    #[allow(clippy::cast_precision_loss, reason = "a share")]
    let share = part as f64 / whole.max(1) as f64;
    share >= MOSTLY
}

/// The correlations that no event began, where most have one that did.
fn without_root(begun: Hashes<u64>, going_on: Hashes<(u64, Position)>) -> Instances {
    let (mut rooted, mut firsts) = (0, Vec::new());
    for (begun, going_on) in begun.into_once().zip(going_on.into_once()) {
        rooted += begun.len() as u64;
        let rootless = going_on.iter().filter(|(correlation, _)| begun.binary_search(correlation).is_err());
        firsts.extend(rootless.map(|(_, first)| *first));
    }
    let mut instances = Instances::default();
    if is_mostly(rooted, rooted + firsts.len() as u64) {
        firsts.sort_unstable();
        for first in firsts {
            let what = "every event of its correlation was caused by another";
            instances.note(|| Instance { position: Some(first), ..Instance::said(what) });
        }
    }
    instances
}

/// The first events that have the id of one before them.
fn named_repeats(
    source: &Source,
    repeated: &HashSet<u64>,
    on: &mut dyn FnMut(AuditStep) -> ControlFlow<()>,
) -> Result<Vec<Instance>> {
    let (mut named, mut met, mut seen) = (Vec::new(), HashSet::new(), 0);
    if repeated.is_empty() {
        return Ok(named);
    }
    let columns = Columns::EVENT_ID.with(Columns::STREAM).with(Columns::VERSION);
    let mut stopped = ControlFlow::Continue(());
    let _ = source.skim(columns, &mut |events| {
        for event in events {
            let Some(id) = event.id.as_deref() else { continue };
            let hash = hash(id);
            if repeated.contains(&hash) && !met.insert(hash) && named.len() < NAMED {
                named.push(Instance::of(event, format!("the id `{id}` again")));
            }
        }
        seen += events.len() as u64;
        stopped = on(AuditStep::Events(seen));
        if named.len() < NAMED { stopped } else { ControlFlow::Break(()) }
    })?;
    hear(stopped)?;
    Ok(named)
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
fn duplicates_severity(duplicates: &Instances, ids: u64) -> Severity {
    if duplicates.count * 20 > ids { Severity::Note } else { Severity::Warning }
}
