//! One leaf of the state as a machine: the events that reach it, and what is known of its values on the way.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use super::effect::Effect;
use super::facts::{Facts, Kind};
use super::value::V;

/// An event type as one machine sees it: for an entry of a map there is one input for each way in which the event
/// names the entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Input {
    pub(super) kind: usize,
    /// For each map or list on the way, the field that names the entry; `None` where the event is for all entries.
    pub(super) keys: Vec<Option<usize>>,
}

/// An event that reaches a machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) input: usize,
    pub(super) event: usize,
}

/// A value that is known.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// After how many steps of the run.
    pub(super) after: usize,
    pub(super) value: V,
    /// Through how many levels of members only some are known.
    pub(super) partial: u8,
    pub(super) weight: f32,
    /// Which piece of evidence tells.
    pub(super) evidence: usize,
}

/// What happens to one instance of a leaf: in one stream, and for an entry of a map under one key.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) steps: Arc<[Step]>,
    pub(super) seen: Vec<Seen>,
}

/// A leaf and all of its instances.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) name: String,
    pub(super) inputs: Arc<[Input]>,
    pub(super) runs: Vec<Run>,
    /// Whether it is, or is within, an entry of a map or of a list.
    pub(super) entry: bool,
    /// Whether it is a member of an entry rather than the entry itself.
    pub(super) member: bool,
    /// The member of the state that it is or is within.
    pub(super) top: Option<Arc<str>>,
}

impl Machine {
    pub(super) fn kind<'f>(&self, facts: &'f Facts, input: usize) -> Option<&'f Kind> {
        facts.kinds.get(self.inputs.get(input)?.kind)
    }

    pub(super) fn seen(&self) -> impl Iterator<Item = &Seen> {
        self.runs.iter().flat_map(|run| &run.seen)
    }

    /// The machine of one member of the objects that this one's values are.
    pub(super) fn member(&self, key: &str) -> Self {
        let runs = self.runs.iter().map(|run| Run {
            steps: run.steps.clone(),
            seen: run.seen.iter().filter_map(|seen| member(seen, key)).collect(),
        });
        let top = self.top.clone().or_else(|| Some(key.into()));
        Self {
            name: key.to_owned(),
            inputs: self.inputs.clone(),
            runs: runs.collect(),
            entry: self.entry,
            member: true,
            top,
        }
    }

    /// The same machine with its values seen in another way; those that give none are left out.
    pub(super) fn mapped(&self, change: impl Fn(&V) -> Option<V>) -> Self {
        let seen = |seen: &Seen| Some(Seen { value: change(&seen.value)?, ..seen.clone() });
        let runs = self
            .runs
            .iter()
            .map(|run| Run { steps: run.steps.clone(), seen: run.seen.iter().filter_map(seen).collect() });
        Self { runs: runs.collect(), ..self.clone() }
    }
}

fn member(seen: &Seen, key: &str) -> Option<Seen> {
    let known = match &seen.value {
        V::Object(members) => members.get(key).cloned(),
        _ => None,
    };
    if seen.partial > 0 && known.is_none() && matches!(seen.value, V::Object(_)) {
        return None;
    }
    Some(Seen { value: known.unwrap_or_default(), partial: seen.partial.saturating_sub(1), ..seen.clone() })
}

/// What the values of a machine look like.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "which kinds of values there are: any of them may be")]
pub(super) struct Profile {
    /// The distinct values with how often they occur, as long as they are few.
    pub(super) distinct: Vec<(V, usize)>,
    pub(super) total: usize,
    pub(super) missing: bool,
    pub(super) numbers: bool,
    pub(super) decimals: bool,
    pub(super) texts: bool,
    /// Whether some text is no decimal.
    pub(super) words: bool,
    /// How many digits decimals in text have after the point.
    pub(super) scale: Option<u32>,
    pub(super) bools: bool,
    pub(super) lists: bool,
    pub(super) objects: bool,
    /// For each run the fingerprints of its values, and of the elements of those that are lists.
    pub(super) prints: Vec<HashSet<u64>>,
    pub(super) elements: Vec<HashSet<u64>>,
}

/// How many distinct values are kept.
const MOST_DISTINCT: usize = 48;

impl Profile {
    pub(super) fn of(machine: &Machine) -> Self {
        let mut profile = Self::default();
        for run in &machine.runs {
            let mut prints = HashSet::new();
            let mut elements = HashSet::new();
            for seen in &run.seen {
                profile.note(seen);
                prints.insert(seen.value.fingerprint());
                elements.extend(seen.value.as_list().unwrap_or_default().iter().map(V::fingerprint));
            }
            profile.prints.push(prints);
            profile.elements.push(elements);
        }
        profile.distinct.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        profile
    }

    fn note(&mut self, seen: &Seen) {
        let value = &seen.value;
        // What a person says once is meant.
        let times = if seen.weight > 1.0 { 2 } else { 1 };
        self.total += times;
        match value {
            V::Missing => self.missing = true,
            V::Int(_) | V::Real(_) => self.numbers = true,
            V::Bool(_) => self.bools = true,
            V::Text(text) => {
                self.texts = true;
                let scale = super::value::decimal(text).map(|(_, scale)| scale);
                self.decimals |= scale.is_some();
                self.words |= scale.is_none();
                self.scale = self.scale.max(scale);
            }
            V::List(_) => self.lists = true,
            V::Object(_) => self.objects = true,
            V::Null => {}
        }
        if let Some((_, count)) = self.distinct.iter_mut().find(|(known, _)| known == value) {
            *count += times;
        } else if self.distinct.len() < MOST_DISTINCT {
            self.distinct.push((value.clone(), times));
        }
    }

    /// The values that occur so often that a rule may set them.
    pub(super) fn constants(&self) -> Vec<V> {
        let often = if self.distinct.len() <= 16 { 1 } else { 2.max(self.total / 20) };
        // One number that came once is no rule.
        let least = |value: &V| match value {
            V::Int(1) => often,
            V::Int(_) | V::Real(_) => often.max(2),
            _ => often,
        };
        let seen = self
            .distinct
            .iter()
            .filter(|(value, count)| is_constant(value) && (*count >= least(value) || is_empty(value)));
        let mut constants: Vec<V> = seen.map(|(value, _)| value.clone()).take(20).collect();
        if (self.numbers && !self.missing) && !constants.contains(&V::Int(0)) {
            constants.push(V::Int(0));
        }
        constants
    }

    /// What a leaf is that is always there, before anything has come to it.
    pub(super) fn empty(&self) -> Option<V> {
        if self.missing {
            return None;
        }
        if self.distinct.iter().any(|(value, _)| *value == V::Null) {
            return Some(V::Null);
        }
        if let Some(scale) = self.scale.filter(|_| !self.words) {
            return Some(super::value::zero(scale));
        }
        match (self.numbers, self.lists, self.objects, self.bools, self.texts) {
            (true, false, false, false, false) => Some(V::Int(0)),
            (false, true, false, false, false) => Some(V::empty_list()),
            (false, false, true, false, false) => Some(V::empty_object()),
            (false, false, false, true, false) => Some(V::Bool(false)),
            _ => None,
        }
    }
}

/// Whether a value is what things begin as.
fn is_empty(value: &V) -> bool {
    match value {
        V::Null | V::Bool(false) | V::Int(0) => true,
        V::Text(text) => text.is_empty() || matches!(super::value::decimal(text), Some((0, _))),
        other => !other.is_scalar(),
    }
}

fn is_constant(value: &V) -> bool {
    match value {
        V::Missing => false,
        V::List(items) => items.is_empty(),
        V::Object(members) => members.is_empty(),
        _ => true,
    }
}

/// How much work may still be done, whether somebody has stopped it, and what is not to be thought of.
pub(super) struct Meter<'p> {
    /// What a kind of event does not do: another explanation is looked for.
    refused: Arc<[(usize, Effect)]>,
    left: u64,
    since: u64,
    stopped: bool,
    /// When it is time to come to an end with what was found.
    until: Option<Instant>,
    late: bool,
    progress: &'p mut dyn FnMut() -> std::ops::ControlFlow<()>,
}

/// After how many steps, at the latest, somebody hears of the progress.
const HEAR: u64 = 200_000;

impl<'p> Meter<'p> {
    pub(super) fn new(left: u64, progress: &'p mut dyn FnMut() -> std::ops::ControlFlow<()>) -> Self {
        Self { refused: Arc::default(), left, since: 0, stopped: false, until: None, late: false, progress }
    }

    /// The same, for as long as there is time.
    pub(super) fn until(self, until: Option<Instant>) -> Self {
        Self { until, ..self }
    }

    /// The same, for an explanation in which these are not.
    pub(super) fn refusing(self, refused: &[(usize, Effect)]) -> Self {
        Self { refused: refused.into(), ..self }
    }

    /// What is not to be thought of.
    pub(super) fn refused(&self) -> Arc<[(usize, Effect)]> {
        Arc::clone(&self.refused)
    }

    /// Whether there is some left after so many steps.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        let steps = steps as u64 + 1;
        self.left = self.left.saturating_sub(steps);
        self.since += steps;
        if self.since > HEAR {
            self.since = 0;
            self.stopped |= (self.progress)().is_break();
            self.late |= self.until.is_some_and(|until| Instant::now() > until);
        }
        self.left > 0 && !self.stopped && !self.late
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Lends a part of what is left, so that one hard leaf does not leave the others nothing.
    pub(super) fn lend<T>(&mut self, part: u64, work: impl FnOnce(&mut Meter<'_>) -> T) -> T {
        let lent = (self.left / part.max(1)).max(1);
        let kept = self.left - lent.min(self.left);
        self.left = lent;
        let answer = work(self);
        self.left += kept;
        answer
    }
}
