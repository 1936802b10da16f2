//! What was learnt, as rules in jq: for each event type the statements that move the state as its tree does.

use std::collections::{HashMap, HashSet};

use super::effect::Effect;
use super::expression::{Expr, constant, object, presence, step};
use super::facts::{Facts, Kind};
use super::node::{Cell, Entries, Node, Record};
use super::search::Leaf;

/// Counts decimals in text by whole units of their last digit, so that no digit is lost.
const DECIMALS: &str = r#"def units($digits):
  (if startswith("-") then -1 else 1 end) * (ltrimstr("-") | split(".")
  | .[0] + ((.[1] // "") + "000000000")[:$digits] | tonumber);
def decimal($digits):
  (if . < 0 then "-" else "" end) as $sign
  | (if . < 0 then -. else . end | tostring)
  | "0000000000"[:[$digits + 1 - length, 0] | max] + .
  | $sign + .[:-$digits] + "." + .[-$digits:];
"#;

/// Where, before an event of a kind, there may be nothing: by the place in the tree and the input.
type Lacking = HashSet<(usize, usize)>;

/// Writes the rules of one aggregate type.
pub(super) struct Writer<'a> {
    facts: &'a Facts,
    root: &'a Node,
    lacking: Lacking,
    /// Entries that are made anew while they are there.
    remade: Lacking,
}

impl<'a> Writer<'a> {
    pub(super) fn new(facts: &'a Facts, root: &'a Node) -> Self {
        let mut writer = Self { facts, root, lacking: Lacking::new(), remade: Lacking::new() };
        for (_, events) in &facts.streams {
            let mut cell = root.start();
            for fact in events.iter().filter_map(|event| facts.events.get(*event)) {
                writer.note(root, Some(&cell), fact.kind, fact);
                root.step(&mut cell, fact.kind, fact);
            }
        }
        writer
    }

    /// The rule for an event type, a filter of jq; `None` where it changes nothing.
    pub(super) fn rule(&self, input: usize) -> Option<String> {
        let kind = self.facts.kinds.get(input)?;
        let mut statements = Vec::new();
        match self.root {
            Node::Record(record) => {
                self.members(record, "", input, kind, &mut statements);
                derived(record, input, &mut statements);
            }
            other => self.node(other, ".", input, kind, &mut statements),
        }
        if statements.is_empty() {
            return None;
        }
        let body = statements.join("\n| ");
        let mut text = String::new();
        if body.contains("units(") {
            text.push_str(DECIMALS);
        }
        if body.contains("$before") {
            text.push_str(". as $before\n| ");
        }
        Some(text + &body)
    }

    /// The state before the first event, where it is not empty.
    pub(super) fn initial(&self) -> Option<String> {
        let start = self.root.value(&self.root.start());
        if start.is_missing() { None } else { Some(constant(&start)) }
    }

    fn node(&self, node: &Node, place: &str, input: usize, kind: &Kind, out: &mut Vec<String>) {
        match node {
            Node::Leaf(leaf) => {
                let lacks = self.lacking.contains(&(address(node), input));
                out.extend(leaf.effects.get(input).and_then(|effect| effect.jq(place, kind, lacks)));
            }
            Node::Record(record) => self.record(node, record, place, input, kind, out),
            Node::Entries(entries) => self.entries(node, entries, place, input, kind, out),
            Node::Derived(_) => {}
        }
    }

    fn record(&self, node: &Node, record: &Record, place: &str, input: usize, kind: &Kind, out: &mut Vec<String>) {
        if let Some(whole) = whole(node, input, kind) {
            out.push(format!("{place} = {whole}"));
            return;
        }
        if node.moves(input) && node.deletes(input) {
            out.push(format!("del({place})"));
            return;
        }
        let mut inner = Vec::new();
        self.members(record, place, input, kind, &mut inner);
        let base = record.base.as_ref().and_then(|base| base.effects.get(input));
        if let Some(Effect::Set(Expr::Constant(value))) = base
            && (inner.is_empty() || value.is_nothing())
        {
            out.push(format!("{place} = {}", constant(value)));
            return;
        }
        if !inner.is_empty() && self.lacking.contains(&(address(node), input)) {
            out.push(format!("{place} //= {{}}"));
        }
        out.extend(inner);
    }

    fn members(&self, record: &Record, place: &str, input: usize, kind: &Kind, out: &mut Vec<String>) {
        let whole_of = |(_, node): &(_, Node)| whole(node, input, kind).filter(|_| node.moves(input));
        let wholes: Vec<_> = record.members.iter().filter_map(|member| Some((&*member.0, whole_of(member)?))).collect();
        // What is set by one event is set together.
        let together = wholes.len() > 1 && (place.is_empty() || wholes.len() > 2);
        if together {
            let object = laid_out(&wholes);
            out.push(if place.is_empty() { format!(". + {object}") } else { format!("{place} += {object}") });
        }
        for (key, node) in &record.members {
            if together && wholes.iter().any(|(known, _)| *known == &**key) {
                continue;
            }
            self.node(node, &format!("{place}{}", step(key)), input, kind, out);
        }
    }

    fn entries(&self, node: &Node, entries: &Entries, place: &str, input: usize, kind: &Kind, out: &mut Vec<String>) {
        let empty = if entries.list.is_some() { "[]" } else { "{}" };
        let mut made = false;
        match entries.base.effects.get(input) {
            // That there is a map, if only an empty one, leaves its entries where they are.
            Some(Effect::Set(Expr::Constant(value)))
                if !value.is_nothing() && self.remade.contains(&(address(node), input)) =>
            {
                made = true;
                out.push(format!("{place} //= {empty}"));
            }
            Some(Effect::Set(Expr::Constant(value))) => out.push(format!("{place} = {}", constant(value))),
            Some(Effect::Delete) => out.push(format!("del({place})")),
            _ if entries.clears(input) => {
                out.push(format!("{place} = {empty}"));
                return;
            }
            _ => {}
        }
        let before = out.len();
        for (field, inner) in entries.routes.get(input).into_iter().flatten() {
            if !entries.entry.moves(*inner) {
                continue;
            }
            let statement = match field {
                None => self.all_entries(entries, place, *inner, kind),
                Some(field) => self.one_entry(entries, place, *field, *inner, kind),
            };
            out.extend(statement);
        }
        if !made && out.len() > before && self.lacking.contains(&(address(node), input)) {
            out.insert(before, format!("{place} //= {empty}"));
        }
    }

    fn all_entries(&self, entries: &Entries, place: &str, inner: usize, kind: &Kind) -> Option<String> {
        let mut body = Vec::new();
        match &*entries.entry {
            Node::Record(record) => self.members(record, "", inner, kind, &mut body),
            other => self.node(other, ".", inner, kind, &mut body),
        }
        (!body.is_empty()).then(|| format!("{place}[] |= ({})", body.join(" | ")))
    }

    fn one_entry(&self, entries: &Entries, place: &str, field: usize, inner: usize, kind: &Kind) -> Option<String> {
        let key = Expr::Field(field);
        let known = kind.fields.get(field)?;
        let text = if known.texts == known.present { key.jq(kind) } else { format!("({} | tostring)", key.jq(kind)) };
        let body = match &entries.list {
            Some(member) => self.element(entries, place, member, &key.jq(kind), inner, kind)?,
            None => self.in_map(entries, place, &text, inner, kind)?,
        };
        Some(match presence(&key, kind) {
            Some(there) => format!("if {there} then {body} else . end"),
            None => body,
        })
    }

    fn in_map(&self, entries: &Entries, place: &str, key: &str, inner: usize, kind: &Kind) -> Option<String> {
        let at = format!("{place}[{key}]");
        let entry = &*entries.entry;
        let mut body = Vec::new();
        if entry.deletes(inner) {
            body.push(format!("del({at})"));
        } else {
            self.node(entry, &at, inner, kind, &mut body);
        }
        if body.is_empty() {
            return None;
        }
        let body = body.join("\n| ");
        let guarded = entries.guarded.get(inner) == Some(&true) && !entry.deletes(inner);
        Some(if guarded { format!("if {place} | has({key}) then {body} else . end") } else { body })
    }

    fn element(
        &self,
        entries: &Entries,
        place: &str,
        member: &str,
        key: &str,
        inner: usize,
        kind: &Kind,
    ) -> Option<String> {
        let (entry, name) = (&*entries.entry, step(member));
        if entry.deletes(inner) {
            return Some(format!("{place} |= map(select({name} != {key}))"));
        }
        if let Some(whole) = whole(entry, inner, kind) {
            let append = format!("{place} += [{whole}]");
            if !self.remade.contains(&(address(entry), inner)) {
                return Some(append);
            }
            let replace = format!("{place} |= map(if {name} == {key} then {whole} else . end)");
            return Some(format!("if any({place}[]; {name} == {key}) then {replace} else {append} end"));
        }
        let mut body = Vec::new();
        match entry {
            Node::Record(record) => self.members(record, "", inner, kind, &mut body),
            other => self.node(other, ".", inner, kind, &mut body),
        }
        if body.is_empty() {
            return None;
        }
        let body = body.join(" | ");
        let change = format!("{place} |= map(if {name} == {key} then {body} else . end)");
        if entries.guarded.get(inner) == Some(&true) || !self.lacking.contains(&(address(entry), inner)) {
            return Some(change);
        }
        Some(format!("if any({place}[]; {name} == {key}) then {change} else {place} += [{{}} | {body}] end"))
    }

    /// Notes where an event finds nothing, or something that it makes anew.
    fn note(&mut self, node: &Node, cell: Option<&Cell>, input: usize, fact: &super::facts::Fact) {
        if !node.moves(input) {
            return;
        }
        let nothing = cell.is_none_or(|cell| node.value(cell).is_nothing());
        if nothing {
            self.lacking.insert((address(node), input));
        } else {
            self.remade.insert((address(node), input));
        }
        match (node, cell) {
            (Node::Record(record), cell) => {
                let cells = match cell {
                    Some(Cell::Record(_, cells)) => cells.as_slice(),
                    _ => &[],
                };
                for (index, (_, member)) in record.members.iter().enumerate() {
                    self.note(member, cells.get(index), input, fact);
                }
            }
            (Node::Entries(entries), cell) => {
                for (field, inner) in entries.routes.get(input).into_iter().flatten() {
                    match (field, cell) {
                        (Some(field), Some(Cell::Entries(_, cells))) => {
                            let Some(key) = fact.value(*field).as_key() else { continue };
                            self.note(&entries.entry, cells.get(&key), *inner, fact);
                        }
                        (Some(_), _) => self.note(&entries.entry, None, *inner, fact),
                        (None, Some(Cell::Entries(_, cells))) => {
                            for cell in cells.values() {
                                self.note(&entries.entry, Some(cell), *inner, fact);
                            }
                        }
                        (None, _) => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// The value that an event gives to the whole of a part, where it gives it all.
fn whole(node: &Node, input: usize, kind: &Kind) -> Option<String> {
    match node {
        Node::Leaf(leaf) => leaf_value(leaf, input, kind),
        Node::Record(record) => {
            let members = record.members.iter().filter(|(_, node)| !node.is_idle());
            let values: Option<Vec<_>> = members.map(|(key, node)| Some((&**key, whole(node, input, kind)?))).collect();
            values.filter(|values| !values.is_empty()).map(|values| object(values.into_iter()))
        }
        Node::Entries(entries) => {
            let routes = entries.routes.get(input).into_iter().flatten();
            let filled = routes.into_iter().any(|(_, inner)| entries.entry.moves(*inner));
            if filled { None } else { leaf_value(&entries.base, input, kind) }
        }
        Node::Derived(_) => None,
    }
}

fn leaf_value(leaf: &Leaf, input: usize, kind: &Kind) -> Option<String> {
    match leaf.effects.get(input) {
        Some(Effect::Set(expr)) if presence(expr, kind).is_none() => Some(expr.jq(kind)),
        _ => None,
    }
}

/// An object over several lines where it is long.
fn laid_out(members: &[(&str, String)]) -> String {
    let short = object(members.iter().map(|(key, value)| (*key, value.clone())));
    if short.len() <= 96 {
        return short;
    }
    let lines: Vec<_> = members
        .iter()
        .map(|(key, value)| {
            let one = object(std::iter::once((*key, value.clone())));
            format!("    {}", one.trim_start_matches('{').trim_end_matches('}'))
        })
        .collect();
    // A value that ends with a brace keeps it.
    let lines: Vec<_> = lines.iter().zip(members).map(|(line, (key, value))| closed(line, key, value)).collect();
    format!("{{\n{}\n  }}", lines.join(",\n"))
}

fn closed(line: &str, key: &str, value: &str) -> String {
    if value.ends_with('}') {
        let name = step(key);
        format!("    {}: {value}", name.trim_start_matches('.'))
    } else {
        line.to_owned()
    }
}

/// Nodes do not move while they are written, so their addresses tell them apart.
fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

/// The places of a tree with what each event type does there, for those who tell of it.
pub(super) fn places(node: &Node) -> Vec<(String, &Node)> {
    let mut found = Vec::new();
    collect(node, String::new(), &mut found);
    found
}

fn collect<'n>(node: &'n Node, pointer: String, found: &mut Vec<(String, &'n Node)>) {
    match node {
        Node::Record(record) => {
            for (key, member) in &record.members {
                collect(member, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Node::Entries(entries) => collect(&entries.entry, format!("{pointer}/*"), found),
        Node::Leaf(_) | Node::Derived(_) => found.push((pointer, node)),
    }
}

/// How each event type reaches the parts below a place: the inputs of the whole by those of the part.
pub(super) fn origins(node: &Node, kinds: usize) -> HashMap<usize, Vec<usize>> {
    let mut origins = HashMap::new();
    descend(node, (0..kinds).collect(), &mut origins);
    origins
}

fn descend(node: &Node, kinds: Vec<usize>, origins: &mut HashMap<usize, Vec<usize>>) {
    match node {
        Node::Record(record) => {
            for (_, member) in &record.members {
                descend(member, kinds.clone(), origins);
            }
        }
        Node::Entries(entries) => {
            let inner = entries.inputs.iter().map(|input| input.kind).collect();
            descend(&entries.entry, inner, origins);
        }
        Node::Leaf(_) | Node::Derived(_) => {}
    }
    origins.insert(address(node), kinds);
}

/// The event type of each input of a node.
pub(super) fn kinds_of<'o>(origins: &'o HashMap<usize, Vec<usize>>, node: &Node) -> &'o [usize] {
    origins.get(&address(node)).map(Vec::as_slice).unwrap_or_default()
}

/// What follows from what an event moves.
fn derived(record: &Record, input: usize, out: &mut Vec<String>) {
    for (key, node) in &record.members {
        let Node::Derived(derived) = node else { continue };
        let reads = derived.formula.reads();
        let moved = record.members.iter().any(|(name, node)| reads.contains(&name) && node.moves(input));
        if moved {
            out.push(format!("{} = {}", step(key), derived.formula.jq()));
        }
    }
}
