//! What was found for one aggregate type, told apart from how it was found.

use super::evidence::{Aggregate, Agreement, Effect, Leaf};
use super::facts::Facts;
use super::node::Node;
use super::tally::Tally;
use super::{effect, jq};

/// A part whose evidence is explained less than this is called doubtful.
const DOUBTFUL: f64 = 0.5;

/// Everything of one aggregate type, before it is written.
pub(super) struct Found {
    pub(super) aggregate: Aggregate,
    /// For each event type its rule in jq; `None` where it changes nothing.
    pub(super) rules: Vec<(String, Option<String>)>,
    pub(super) initial: Option<String>,
}

/// What a tree says, with its agreement; the evidence that differs is the caller's to name.
pub(super) fn described(aggregate_type: &str, facts: &Facts, root: &Node, tally: &Tally, held_out: &Tally) -> Found {
    let writer = jq::Writer::new(facts, root);
    let rules: Vec<(String, Option<String>)> =
        facts.kinds.iter().enumerate().map(|(input, kind)| (kind.event_type.to_string(), writer.rule(input))).collect();
    let origins = jq::origins(root, facts.kinds.len());
    let agreement = |tally: &Tally, pointer: &str| tally.leaves.get(pointer).copied().unwrap_or_default();
    let leaves = jq::places(root).into_iter().filter(|(_, node)| !node.is_idle()).map(|(pointer, node)| Leaf {
        effects: effects(facts, node, jq::kinds_of(&origins, node)),
        agreement: agreement(tally, &pointer),
        held_out: agreement(held_out, &pointer),
        pointer,
    });
    let aggregate = Aggregate {
        aggregate_type: aggregate_type.to_owned(),
        leaves: leaves.collect(),
        states: tally.states,
        held_out: held_out.states,
        unexplained: Vec::new(),
        idle: rules.iter().filter(|(_, rule)| rule.is_none()).map(|(name, _)| name.clone()).collect(),
        suggested: false,
    };
    Found { aggregate, initial: writer.initial(), rules }
}

fn effects(facts: &Facts, node: &Node, kinds: &[usize]) -> Vec<Effect> {
    let leaf = match node {
        Node::Leaf(leaf) => leaf,
        Node::Derived(derived) => {
            return vec![Effect {
                event_type: "*".to_owned(),
                effect: format!("= {}", derived.formula.jq()),
                ..Effect::default()
            }];
        }
        _ => return Vec::new(),
    };
    let mut effects = Vec::new();
    for (input, what) in leaf.effects.iter().enumerate() {
        let kind = kinds.get(input).and_then(|kind| facts.kinds.get(*kind));
        let (Some(kind), false) = (kind, *what == effect::Effect::Keep) else { continue };
        let ground = leaf.grounds.get(input).cloned().unwrap_or_default();
        effects.push(Effect {
            event_type: kind.event_type.to_string(),
            effect: what.brief(kind),
            evidence: ground.evidence,
            rivals: ground.rivals,
        });
    }
    effects
}

/// Whether a part's evidence is too often otherwise to be relied on.
pub(super) fn is_doubtful(agreement: Agreement) -> bool {
    agreement.of > 0 && (agreement.agree as f64) < DOUBTFUL * (agreement.of as f64)
}
