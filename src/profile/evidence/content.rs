//! Whether the events of streams speak of what the rows of a table say: their values are repeated there, or are sums of
//! what is there. What is true of other streams' events just as well is of no account.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::leaves::{Leaf, said, sums};
use super::log::{History, Past};

/// How many amounts a number may be the sum of, and how many are tried.
const TERMS: usize = 40;
/// How often the signs of all amounts are gone through.
const ROUNDS: usize = 12;
/// Fewer rows do not tell a sum from chance.
const FEWEST: usize = 4;
/// The share of the rows in which a sum must come out; some of them lag.
const SUMS: f64 = 0.7;
/// A text that long is not repeated by chance.
const TELLING: usize = 8;

/// A row and what happened to its stream.
pub(super) struct Told {
    pub(super) leaves: Vec<Leaf>,
    pub(super) history: Rc<History>,
    /// The version of the last event that the row is said to contain.
    pub(super) version: Option<i64>,
}

impl Told {
    /// The events that the row is said to contain.
    fn events(&self) -> impl Iterator<Item = &Past> {
        self.history.events.iter().filter(|event| self.version.is_none_or(|version| event.version <= version))
    }

    /// Those that come after.
    fn later(&self) -> impl Iterator<Item = &Past> {
        self.history.events.iter().filter(|event| self.version.is_some_and(|version| event.version > version))
    }

    /// Whether all events that it is said to contain are at hand.
    fn is_whole(&self) -> bool {
        let reached = || {
            let last = self.history.events.last().map(|event| event.version);
            self.version.is_some_and(|version| last.is_some_and(|last| last >= version))
        };
        self.history.whole || reached()
    }
}

/// What the events say of some rows.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    /// The names of the leaves whose values the events repeat.
    pub(super) echoed: BTreeSet<String>,
    /// The names of the leaves that are sums of what the events say.
    pub(super) summed: BTreeSet<String>,
    /// How many leaves there are, by name.
    pub(super) names: usize,
    /// How many rows hold something that only later events say, of those of which there are later events.
    pub(super) ahead: (usize, usize),
}

impl Spoken {
    /// How many of the leaves are spoken of.
    pub(super) fn count(&self) -> usize {
        self.echoed.union(&self.summed).count()
    }

    /// Whether the rows hold what only later events say: then their version is none.
    pub(super) fn is_ahead(&self) -> bool {
        let (rows, all) = self.ahead;
        rows > 1 && rows * 10 > all || rows == 1 && all < 5
    }

    /// Holds rows against the events of their streams.
    pub(super) fn of(rows: &[Told]) -> Self {
        let own: Vec<BTreeSet<String>> = rows.iter().map(|row| said(row.events())).collect();
        let mut names: BTreeMap<&str, Vec<(usize, &Leaf)>> = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            for leaf in &row.leaves {
                names.entry(&leaf.name).or_default().push((index, leaf));
            }
        }
        let mut spoken = Self { names: names.len(), ahead: ahead(rows, &own), ..Self::default() };
        let features: Vec<Option<BTreeMap<String, f64>>> =
            rows.iter().map(|row| row.is_whole().then(|| sums(row.events()))).collect();
        for (name, leaves) in names {
            if is_echoed(&leaves, &own) {
                spoken.echoed.insert(name.to_owned());
            } else if is_sum(&leaves, &features) {
                spoken.summed.insert(name.to_owned());
            }
        }
        spoken
    }
}

/// How many rows hold what only later events say, and of how many there are later events.
fn ahead(rows: &[Told], own: &[BTreeSet<String>]) -> (usize, usize) {
    let (mut count, mut all) = (0, 0);
    for (row, own) in rows.iter().zip(own) {
        let later = said(row.later());
        if later.is_empty() {
            continue;
        }
        all += 1;
        let tells = |leaf: &&Leaf| leaf.tells() && !own.contains(&leaf.print) && later.contains(&leaf.print);
        count += usize::from(row.leaves.iter().any(|leaf| tells(&leaf)));
    }
    (count, all)
}

/// Whether the events of each row's own stream repeat the leaf, and those of other streams do not.
fn is_echoed(leaves: &[(usize, &Leaf)], said: &[BTreeSet<String>]) -> bool {
    let rows: BTreeSet<usize> = leaves.iter().map(|(row, _)| *row).collect();
    let heard = |leaf: &Leaf, row: usize| said.get(row).is_some_and(|said| said.contains(&leaf.print));
    let own = leaves.iter().filter(|(row, leaf)| heard(leaf, *row)).count();
    if own * 2 < leaves.len() || own == 0 {
        return false;
    }
    if said.len() < 2 {
        return leaves.iter().any(|(row, leaf)| heard(leaf, *row) && leaf.print.len() >= TELLING);
    }
    let others = leaves.iter().filter(|(row, leaf)| heard(leaf, (row + 1) % said.len())).count();
    (own - others.min(own)) * 10 >= leaves.len() * 3 && rows.len() * 4 >= said.len().min(8)
}

/// Whether a number is the sum of some of what can be counted in the events, each added or taken away once.
fn is_sum(leaves: &[(usize, &Leaf)], features: &[Option<BTreeMap<String, f64>>]) -> bool {
    let known: Vec<(f64, &BTreeMap<String, f64>)> =
        leaves.iter().filter_map(|(row, leaf)| Some((leaf.number?, features.get(*row)?.as_ref()?))).collect();
    let distinct: BTreeSet<u64> = known.iter().map(|(value, _)| value.to_bits()).collect();
    if known.len() < FEWEST || distinct.len() < 3 || known.len() * 2 < leaves.len() || counts_events(&known) {
        return false;
    }
    let names: BTreeSet<&String> = known.iter().flat_map(|(_, features)| features.keys()).collect();
    let names: Vec<&String> = names.into_iter().take(TERMS).collect();
    let column = |name: &String| known.iter().map(|(_, features)| features.get(name).copied().unwrap_or(0.0)).collect();
    let columns: Vec<Vec<f64>> = names.into_iter().map(column).collect();
    let target: Vec<f64> = known.iter().map(|(value, _)| *value).collect();
    let (signs, rest) = descend(&columns, &target);
    let met = rest.iter().zip(&target).filter(|(rest, value)| rest.abs() <= 1e-6 * value.abs().max(1.0)).count();
    let terms = signs.iter().filter(|sign| **sign != 0.0).count();
    #[allow(clippy::cast_precision_loss, reason = "a few rows")]
    let enough = met as f64 >= SUMS * target.len() as f64;
    enough && terms > 0 && met >= terms + 3
}

/// Whether it only counts the events of a stream, as every table of streams does.
fn counts_events(known: &[(f64, &BTreeMap<String, f64>)]) -> bool {
    let all = |features: &BTreeMap<String, f64>| -> f64 {
        features.iter().filter(|(name, _)| !name.contains('\n')).map(|(_, count)| count).sum()
    };
    known.iter().all(|(value, features)| (all(features) - value).abs() < 1.5)
}

/// Signs for the columns, and what is left of the target: the step that leaves the least is taken, again and again. Where
/// none leaves less, two at once may: what came in and what went out can nearly cancel each other.
fn descend(columns: &[Vec<f64>], target: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut signs = vec![0.0; columns.len()];
    let mut rest = target.to_vec();
    for _ in 0..ROUNDS {
        let steps = steps(&signs);
        let single = steps.iter().map(|step| vec![*step]);
        let found = best(columns, &rest, single).or_else(|| {
            let pairs = steps.iter().enumerate().flat_map(|(index, one)| {
                let others = steps.iter().skip(index + 1).filter(|other| other.0 != one.0);
                others.map(|other| vec![*one, *other])
            });
            best(columns, &rest, pairs)
        });
        let Some(taken) = found else { break };
        for (index, step) in taken {
            if let (Some(sign), Some(column)) = (signs.get_mut(index), columns.get(index)) {
                *sign += step;
                rest.iter_mut().zip(column).for_each(|(rest, value)| *rest -= step * value);
            }
        }
    }
    (signs, rest)
}

/// Every way to change one sign.
fn steps(signs: &[f64]) -> Vec<(usize, f64)> {
    let of = |(index, sign): (usize, &f64)| {
        [-1.0, 0.0, 1.0].into_iter().map(|to| to - sign).filter(|step| *step != 0.0).map(|step| (index, step)).collect()
    };
    signs.iter().enumerate().flat_map::<Vec<_>, _>(of).collect()
}

/// Of several ways the one that leaves the least, if that is less than there is.
fn best(
    columns: &[Vec<f64>],
    rest: &[f64],
    ways: impl Iterator<Item = Vec<(usize, f64)>>,
) -> Option<Vec<(usize, f64)>> {
    let left = |way: &[(usize, f64)]| -> f64 {
        let changed = |(row, rest): (usize, &f64)| {
            let taken =
                |(index, step): &(usize, f64)| step * columns.get(*index).and_then(|it| it.get(row)).unwrap_or(&0.0);
            (rest - way.iter().map(taken).sum::<f64>()).abs()
        };
        rest.iter().enumerate().map(changed).sum()
    };
    let now: f64 = rest.iter().map(|rest| rest.abs()).sum();
    let scored = ways.map(|way| (left(&way), way));
    let (least, way) = scored.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (least < now - 1e-9).then_some(way)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::leaves::of_document;
    use super::*;

    fn told(state: &serde_json::Value, events: &[(&str, serde_json::Value)], version: Option<i64>) -> Told {
        let events = events.iter().zip(1..).map(|((kind, data), version)| Past {
            version,
            position: None,
            event_type: (*kind).to_owned(),
            data: Some(data.clone()),
        });
        let history = Rc::new(History { events: events.collect(), whole: true });
        Told { leaves: of_document("", state), history, version }
    }

    fn accounts(balance: impl Fn(i64) -> i64) -> Vec<Told> {
        (1..9)
            .map(|n| {
                let events = [
                    ("Opened", json!({"owner": format!("Ada {n}")})),
                    ("Deposited", json!({"amount": 100 * n + 7})),
                    ("Deposited", json!({"amount": n * n})),
                    ("Withdrawn", json!({"amount": 3 * n})),
                ];
                told(&json!({"owner": format!("Ada {n}"), "balance": balance(n), "open": "yes"}), &events, None)
            })
            .collect()
    }

    #[test]
    fn what_the_events_repeat_and_what_they_add_up_to_is_spoken_of() {
        let spoken = Spoken::of(&accounts(|n| 100 * n + 7 + n * n - 3 * n));
        assert_eq!(spoken.echoed, BTreeSet::from(["/owner".to_owned()]));
        assert_eq!(spoken.summed, BTreeSet::from(["/balance".to_owned()]));
        assert_eq!((spoken.names, spoken.count()), (3, 2));
    }

    #[test]
    fn what_comes_in_and_what_goes_out_may_nearly_cancel() {
        let rows: Vec<Told> = (1..12)
            .map(|n| {
                let (came, went) = (1_000 * n + n * n, 1_000 * n + 3);
                let events = [("In", json!({"amount": came})), ("Out", json!({"amount": went}))];
                told(&json!({"balance": came - went}), &events, None)
            })
            .collect();
        assert!(Spoken::of(&rows).summed.contains("/balance"));
    }

    #[test]
    fn what_has_nothing_to_do_with_the_events_is_not() {
        let spoken = Spoken::of(&accounts(|n| n * 7919 % 1013));
        assert!(spoken.summed.is_empty(), "{spoken:?}");
    }

    #[test]
    fn what_every_stream_says_tells_nothing() {
        let rows: Vec<Told> = (0..6)
            .map(|_| told(&json!({"currency": "EUR"}), &[("Opened", json!({"currency": "EUR"}))], None))
            .collect();
        assert_eq!(Spoken::of(&rows).count(), 0);
    }

    #[test]
    fn a_row_that_holds_what_comes_later_is_of_no_such_version() {
        let row = |name: &str, version| {
            let events = [("A", json!({"name": format!("{name} old")})), ("B", json!({"name": format!("{name} new")}))];
            told(&json!({"name": format!("{name} new")}), &events, Some(version))
        };
        assert!(Spoken::of(&[row("x", 1), row("y", 1)]).is_ahead());
        assert!(!Spoken::of(&[row("x", 2), row("y", 2)]).is_ahead());
    }
}
