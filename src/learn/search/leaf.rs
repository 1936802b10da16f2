//! What was found for one leaf, on what it stands, and what it costs to note what it does not give.

use super::super::effect::Effect;
use super::super::machine::Machine;
use super::super::value::{Amount, V};

/// What was found for a leaf.
#[derive(Clone, Debug)]
pub(in super::super) struct Leaf {
    /// What it is before the first event.
    pub(in super::super) initial: V,
    /// For each input what it does.
    pub(in super::super) effects: Vec<Effect>,
    /// For each input whether the evidence says so, or it is taken from the others or from names.
    pub(in super::super) grounds: Vec<Ground>,
    /// What it costs to note the values that it does not give.
    pub(in super::super) misses: f64,
}

impl Leaf {
    /// One to which nothing is done.
    pub(in super::super) fn idle(inputs: usize) -> Self {
        Self {
            initial: V::Missing,
            effects: vec![Effect::Keep; inputs],
            grounds: vec![Ground::default(); inputs],
            misses: 0.0,
        }
    }
}

/// On what the effect of an event type on a leaf stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Ground {
    /// How many pieces of evidence would come out wrong with another effect.
    pub(in super::super) evidence: usize,
    /// What would explain the evidence as well.
    pub(in super::super) rivals: Vec<String>,
}

/// What all that is seen would cost to note.
pub(in super::super) fn worth(machine: &Machine) -> f64 {
    machine.seen().map(|seen| f64::from(seen.weight) * miss(&seen.value, &V::Missing)).sum()
}

/// What it costs to note a value that the rules do not give. Who is near has less to note.
pub(in super::super) fn miss(wanted: &V, got: &V) -> f64 {
    if wanted == got {
        return 0.0;
    }
    match (wanted, got) {
        (V::List(wanted), V::List(got)) => {
            let common = wanted.iter().filter(|item| got.contains(item)).count();
            let apart = (wanted.len() - common) + got.len().saturating_sub(common);
            (6.0 + 2.0 * apart as f64).min(14.0 + wanted.len() as f64)
        }
        (V::Object(wanted), V::Object(got)) => {
            let differing = wanted.iter().filter(|(key, value)| got.get(*key) != Some(value)).count();
            (6.0 + 2.0 * differing as f64).min(16.0)
        }
        (V::Missing, _) | (_, V::Missing) => 11.0,
        (V::Bool(_), V::Bool(_)) => 6.0,
        _ => match (Amount::of(wanted), Amount::of(got)) {
            (Some(wanted), Some(got)) => {
                let apart = (wanted.real() - got.real()).abs();
                7.0 + (1.0 + apart).log2().min(20.0) * 0.2
            }
            _ => 10.0,
        },
    }
}
