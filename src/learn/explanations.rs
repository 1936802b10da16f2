//! Several explanations of the same evidence, the best first: for whoever can be asked which one is meant.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::effect::Effect;
use super::evidence::{Agreement, Evidence, Leaf};
use super::facts::Facts;
use super::jq;
use super::learner::Learner;
use super::node::Node;
use super::study::{Study, stopped};
use super::tally::Tally;
use super::words::agreement;
use crate::error::Result;

/// How many times as many are looked for as are wanted.
const TRIES: usize = 4;

/// How many refused effects an explanation may be found with.
const DEEPEST: usize = 3;

/// What takes so many bits more to say than the best one is none.
const RIVAL: f64 = 8.0;

/// What it takes to say that something which is believed is not so.
const DENIED: f64 = 20.0;

/// One explanation of what is known of an aggregate type.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What the event types do to the parts of the state of which something is known.
    pub leaves: Vec<Leaf>,
    /// For each event type its rule, a filter of jq; `None` where it does nothing.
    pub rules: Vec<(String, Option<String>)>,
    /// The state before the first event as JSON, where it is not empty.
    pub initial: Option<String>,
    /// How many pieces of evidence it explains.
    pub explained: Agreement,
    /// How much there is to it, in bits.
    pub bits: f64,
}

impl Learner {
    /// Up to `most` explanations of what is known of an aggregate type, the best first. Each but the first is the best
    /// one in which some event type does something else than in one before it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Cancelled`] where `progress` stopped it.
    pub fn explanations(
        &self,
        aggregate_type: &str,
        most: usize,
        progress: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Vec<Explanation>> {
        let Some(known) = self.facts.get(aggregate_type) else { return Ok(Vec::new()) };
        let evidence = self.evidence.iter().enumerate();
        let evidence: Vec<(usize, &Evidence)> =
            evidence.filter(|(_, evidence)| evidence.stream.aggregate_type == aggregate_type).collect();
        let study = Study::new(known, &evidence);
        let mut found: Vec<Explanation> = Vec::new();
        let mut waiting: VecDeque<Vec<(usize, Effect)>> = VecDeque::from([Vec::new()]);
        let mut tries = 0;
        while let Some(refused) = waiting.pop_front() {
            if progress().is_break() {
                return Err(stopped());
            }
            tries += 1;
            let (model, tally) = study.explain(&refused, progress)?;
            let done = effects(model.facts(&study), &model.root);
            if refused.len() < DEEPEST {
                let more = done.iter().map(|(kind, effect)| {
                    let mut more = refused.clone();
                    more.push((*kind, effect.clone()));
                    more
                });
                waiting.extend(more);
            }
            let one = explanation(aggregate_type, &study, &evidence, (&model.root, model.facts(&study)), &tally);
            if !found.iter().any(|known| known.rules == one.rules) {
                found.push(one);
            }
            if found.len() >= most || tries >= most * TRIES {
                break;
            }
        }
        found.sort_by(|a, b| wrong(a).cmp(&wrong(b)).then(a.bits.total_cmp(&b.bits)));
        // What says much more of each case only recites the evidence, and what explains less is no rival.
        if let Some((wrong, bits)) = found.first().map(|best| (wrong(best), best.bits)) {
            found.retain(|one| self::wrong(one) == wrong && one.bits <= bits + RIVAL);
        }
        Ok(found)
    }
}

fn wrong(one: &Explanation) -> usize {
    one.explained.of - one.explained.agree
}

fn explanation(
    aggregate_type: &str,
    study: &Study,
    evidence: &[(usize, &Evidence)],
    (root, facts): (&Node, &Facts),
    tally: &Tally,
) -> Explanation {
    let found = super::found::described(aggregate_type, facts, root, tally, &Tally::default());
    // What is only believed is no evidence to be explained: what denies it needs more to be said.
    let told: Vec<usize> = evidence.iter().filter(|(_, it)| it.weight >= 1.0).map(|(index, _)| *index).collect();
    let denied = tally.unexplained.iter().filter_map(|(index, _)| evidence.iter().find(|(known, _)| known == index));
    let denied: f64 = denied.filter(|(_, it)| it.weight < 1.0).map(|(_, it)| f64::from(it.weight) * DENIED).sum();
    let wrong = tally.unexplained.iter().filter(|(index, _)| told.contains(index)).count() + study.lost();
    let told = told.len();
    Explanation {
        leaves: found.aggregate.leaves,
        rules: found.rules,
        initial: found.initial,
        explained: Agreement { agree: told.saturating_sub(wrong), of: told },
        bits: bits(facts, root) + denied,
    }
}

/// Everything that events do in a tree, by the kind of event.
fn effects(facts: &Facts, root: &Node) -> Vec<(usize, Effect)> {
    let origins = jq::origins(root, facts.kinds.len());
    let mut effects = Vec::new();
    for (_, node) in jq::places(root) {
        let Node::Leaf(leaf) = node else { continue };
        for (effect, kind) in leaf.effects.iter().zip(jq::kinds_of(&origins, node)) {
            let known = (*kind, effect.clone());
            if *effect != Effect::Keep && !effects.contains(&known) {
                effects.push(known);
            }
        }
    }
    effects
}

/// What it takes to say what the events do; names that agree go without saying.
fn bits(facts: &Facts, root: &Node) -> f64 {
    let origins = jq::origins(root, facts.kinds.len());
    let mut bits = 0.0;
    for (pointer, node) in jq::places(root) {
        let Node::Leaf(leaf) = node else { continue };
        let name = pointer.rsplit('/').find(|part| *part != "*").unwrap_or_default();
        for (effect, kind) in leaf.effects.iter().zip(jq::kinds_of(&origins, node)) {
            let Some(kind) = facts.kinds.get(*kind).filter(|_| *effect != Effect::Keep) else { continue };
            let fields = effect.expr().map(super::expression::Expr::fields).unwrap_or_default();
            let named = fields.iter().filter_map(|field| kind.fields.get(*field));
            let named = named.map(|field| agreement(field.name(), name)).fold(0.0_f32, f32::max);
            bits += f64::from((effect.cost(kind) + 1.0 - 2.0 * named).max(0.1));
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{Event, Payload, StreamName};

    fn learner(events: &[(&str, serde_json::Value)]) -> (Learner, StreamName) {
        let stream = StreamName::new("account", "a");
        let mut learner = Learner::new();
        for ((event_type, data), version) in events.iter().zip(1..) {
            learner.event(&Event {
                stream: stream.clone(),
                version,
                event_type: (*event_type).into(),
                data: Payload::json(data.clone()),
                ..Event::default()
            });
        }
        (learner, stream)
    }

    #[test]
    fn what_one_correction_leaves_open_has_several_explanations() {
        let paid = |gross: i64, net: i64| ("Paid", json!({"gross": gross, "net": net}));
        let (mut learner, stream) = learner(&[paid(12, 12), paid(30, 30), paid(9, 7)]);
        learner.evidence(Evidence::example(stream.clone(), 2, "/total", Some(json!(42))));
        let found = learner.explanations("account", 4, &mut || ControlFlow::Continue(())).unwrap();
        let rules: Vec<&str> = found.iter().filter_map(|one| one.rules[0].1.as_deref()).collect();
        assert!(rules.iter().any(|rule| rule.contains("gross")), "{rules:?}");
        assert!(rules.iter().any(|rule| rule.contains("net")), "{rules:?}");
        assert!(found.iter().take(2).all(|one| one.explained.is_whole()), "{found:#?}");
        // One more correction decides it.
        learner.evidence(Evidence::example(stream, 3, "/total", Some(json!(49))));
        let found = learner.explanations("account", 4, &mut || ControlFlow::Continue(())).unwrap();
        assert!(found[0].rules[0].1.as_ref().unwrap().contains("net"), "{found:#?}");
        let gross = |one: &&Explanation| one.rules[0].1.as_ref().is_some_and(|rule| rule.contains("gross"));
        assert!(found[0].explained.is_whole(), "{found:#?}");
        assert!(!found.iter().any(|one| gross(&one)), "{found:#?}");
    }

    #[test]
    fn looking_can_be_stopped() {
        let (mut learner, stream) = learner(&[("Paid", json!({"net": 1}))]);
        learner.evidence(Evidence::example(stream, 1, "/total", Some(json!(1))));
        let stopped = learner.explanations("account", 4, &mut || ControlFlow::Break(()));
        assert!(stopped.unwrap_err().is_cancelled());
    }
}
