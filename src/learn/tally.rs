//! Holds what the rules give against what is known, part by part.

use std::collections::BTreeMap;

use super::evidence::Agreement;
use super::facts::Facts;
use super::machine::Seen;
use super::node::Node;
use super::value::V;

/// How often each part of the state is as it should be.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) states: Agreement,
    /// By pointers in which `*` stands for the key of an entry.
    pub(super) leaves: BTreeMap<String, Agreement>,
    /// The evidence that differs, with the places where it does.
    pub(super) unexplained: Vec<(usize, Vec<String>)>,
}

impl Tally {
    /// Folds a stream and compares what is known of it.
    pub(super) fn stream(&mut self, facts: &Facts, root: &Node, events: &[usize], seen: &[Seen]) {
        let mut cell = root.start();
        let mut done = 0;
        for seen in seen {
            for fact in
                events.get(done..seen.after).unwrap_or_default().iter().filter_map(|event| facts.events.get(*event))
            {
                root.step(&mut cell, fact.kind, fact);
            }
            done = seen.after.max(done);
            let mut wrong = Vec::new();
            self.compare(root, &seen.value, &root.state(&cell), seen.partial, "", &mut wrong);
            wrong.dedup();
            self.states.note(wrong.is_empty());
            if !wrong.is_empty() {
                self.unexplained.push((seen.evidence, wrong));
            }
        }
    }

    /// Whether a member of the state is always as it should be.
    pub(super) fn holds(&self, key: &str) -> bool {
        let own = |pointer: &str| pointer.strip_prefix('/').is_some_and(|rest| rest.split('/').next() == Some(key));
        let mut leaves = self.leaves.iter().filter(|(pointer, _)| own(pointer)).peekable();
        leaves.peek().is_some() && leaves.all(|(_, agreement)| agreement.is_whole())
    }

    fn compare(&mut self, node: &Node, wanted: &V, got: &V, partial: u8, pointer: &str, wrong: &mut Vec<String>) {
        match node {
            Node::Record(record) if wanted.as_object().is_some() || got.as_object().is_some() => {
                for (key, member) in &record.members {
                    let unknown = partial > 0 && wanted.as_object().is_some_and(|members| !members.contains_key(key));
                    if !unknown {
                        let pointer = format!("{pointer}/{key}");
                        self.compare(
                            member,
                            &wanted.member(key),
                            &got.member(key),
                            partial.saturating_sub(1),
                            &pointer,
                            wrong,
                        );
                    }
                }
            }
            Node::Entries(entries) if entries.list.is_none() => {
                let mut keys: Vec<_> =
                    [wanted, got].into_iter().filter_map(V::as_object).flat_map(BTreeMap::keys).collect();
                keys.sort();
                keys.dedup();
                if keys.is_empty() {
                    self.note(pointer, wanted == got, wrong);
                }
                for key in keys {
                    self.compare(
                        &entries.entry,
                        &wanted.member(key),
                        &got.member(key),
                        0,
                        &format!("{pointer}/*"),
                        wrong,
                    );
                }
            }
            _ => self.note(pointer, wanted == got, wrong),
        }
    }

    fn note(&mut self, pointer: &str, agrees: bool, wrong: &mut Vec<String>) {
        self.leaves.entry(pointer.to_owned()).or_default().note(agrees);
        if !agrees && wrong.last().is_none_or(|last| last != pointer) {
            wrong.push(pointer.to_owned());
        }
    }
}
