//! What was: gives events, as fields, the values that other parts of the state had before them.
//!
//! A total that falls by what a removed line was worth, a status that is remembered, a value that moves from one leaf to
//! another: such effects read the state. Once the other leaves are known, their values before each event are as good as
//! fields of the event.

use std::sync::Arc;

use super::expression::{path, step};
use super::facts::{Facts, Field, Root};
use super::node::{Cell, Node};
use super::value::V;

/// How many such fields an event type gets at most.
const MOST: usize = 24;

/// A place in the state that an event can read.
struct Place {
    kind: usize,
    field: usize,
    /// The member of the state, the key's field where it is an entry, and what of that.
    way: Vec<Way>,
}

enum Way {
    Member(Arc<str>),
    Entry(usize),
}

/// Adds the fields for the parts of a state that are known well; returns whether there are any.
pub(super) fn add(facts: &mut Facts, root: &Node, known: &dyn Fn(&str) -> bool) -> bool {
    let Node::Record(record) = root else { return false };
    let mut places = Vec::new();
    for kind in 0..facts.kinds.len() {
        let mut ways: Vec<(Vec<Way>, String)> = Vec::new();
        for (key, node) in &record.members {
            if known(key) {
                ways_into(node, kind, facts, vec![Way::Member(key.clone())], step(key), &mut ways);
            }
        }
        for (way, written) in ways.into_iter().take(MOST) {
            let mut field = Field::new(Root::Before, names_of(&way));
            field.written = Some(format!("$before{written}"));
            if let Some(field) = facts.add_field(kind, field) {
                places.push(Place { kind, field, way });
            }
        }
    }
    fill(facts, root, &places);
    !places.is_empty()
}

fn ways_into(
    node: &Node,
    kind: usize,
    facts: &Facts,
    way: Vec<Way>,
    written: String,
    ways: &mut Vec<(Vec<Way>, String)>,
) {
    match node {
        Node::Leaf(_) => ways.push((way, written)),
        Node::Entries(entries) if entries.list.is_none() => {
            let Some(known) = facts.kinds.get(kind) else { return };
            for (field, inner) in entries.routes.get(kind).into_iter().flatten() {
                let Some(field) = field else { continue };
                let mut to_entry = copied(&way);
                to_entry.push(Way::Entry(*field));
                let written = format!("{written}[{}]", path(known, *field));
                match &*entries.entry {
                    Node::Leaf(_) => ways.push((to_entry, written)),
                    Node::Record(record) => {
                        ways.push((copied(&to_entry), written.clone()));
                        for (key, node) in &record.members {
                            let inner_leaf = matches!(node, Node::Leaf(_)) || matches!(node, Node::Record(_));
                            if inner_leaf {
                                let mut member = copied(&to_entry);
                                member.push(Way::Member(key.clone()));
                                below(node, member, format!("{written}{}", step(key)), ways);
                            }
                        }
                    }
                    _ => {}
                }
                let _ = inner;
            }
        }
        Node::Record(_) => below(node, way, written, ways),
        Node::Entries(_) | Node::Derived(_) => {}
    }
}

/// The leaves of a record that is reached.
fn below(node: &Node, way: Vec<Way>, written: String, ways: &mut Vec<(Vec<Way>, String)>) {
    match node {
        Node::Leaf(_) => {
            // What a wrapper holds is what it is worth.
            ways.push((way, written));
        }
        Node::Record(record) => {
            for (key, member) in &record.members {
                let mut inner = copied(&way);
                inner.push(Way::Member(key.clone()));
                below(member, inner, format!("{written}{}", step(key)), ways);
            }
        }
        Node::Entries(_) | Node::Derived(_) => {}
    }
}

fn copied(way: &[Way]) -> Vec<Way> {
    way.iter()
        .map(|part| match part {
            Way::Member(key) => Way::Member(key.clone()),
            Way::Entry(field) => Way::Entry(*field),
        })
        .collect()
}

fn names_of(way: &[Way]) -> Vec<Arc<str>> {
    let names = way.iter().filter_map(|part| match part {
        Way::Member(key) => Some(key.clone()),
        Way::Entry(_) => None,
    });
    names.collect()
}

fn fill(facts: &mut Facts, root: &Node, places: &[Place]) {
    let streams: Vec<Vec<usize>> = facts.streams.iter().map(|(_, events)| events.clone()).collect();
    for events in streams {
        let mut cell = root.start();
        for event in events {
            let Some(fact) = facts.events.get(event) else { continue };
            let here = places.iter().filter(|place| place.kind == fact.kind);
            let found: Vec<(usize, V)> = here.map(|place| (place.field, look(root, &cell, &place.way, fact))).collect();
            root.step(&mut cell, fact.kind, fact);
            for (field, value) in found {
                facts.set(event, field, value);
            }
        }
    }
}

fn look(node: &Node, cell: &Cell, way: &[Way], fact: &super::facts::Fact) -> V {
    let Some((first, rest)) = way.split_first() else { return node.value(cell) };
    match (first, node, cell) {
        (Way::Member(key), Node::Record(record), Cell::Record(_, cells)) => {
            let found = record.members.iter().zip(cells).find(|((name, _), _)| name == key);
            found.map_or(V::Missing, |((_, node), cell)| look(node, cell, rest, fact))
        }
        (Way::Entry(field), Node::Entries(entries), Cell::Entries(_, cells)) => {
            let cell = fact.value(*field).as_key().and_then(|key| cells.get(&key));
            cell.map_or(V::Missing, |cell| look(&entries.entry, cell, rest, fact))
        }
        _ => V::Missing,
    }
}
