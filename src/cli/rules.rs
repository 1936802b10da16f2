//! `eventscope rules`: the rules that it would use, as a reducers file with their evidence.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::insight::{self, Basis, RuleSources, RulesWanted, TypeRules};
use crate::learn::{Agreement, Evidence};
use crate::source::Source;

use super::arguments::{Rules, RulesFrom};
use super::output::{Outcome, Output};
use super::values::ExpectedValue;

/// Prints them.
pub(super) fn run(arguments: &Rules) -> Outcome {
    let database = &arguments.database;
    let source = super::open_events(database)?;
    let found = insight::rules(&source, &wanted(&source, arguments)?, &mut |_| ControlFlow::Continue(()))?;
    let mut output = Output::new(database.json);
    if database.json {
        output.document(&document(&found))?;
    } else {
        written(&mut output, &found)?;
    }
    output.finish()
}

fn wanted(source: &Source, arguments: &Rules) -> Result<RulesWanted> {
    let from = |what: RulesFrom| arguments.from.is_empty() || arguments.from.contains(&what);
    let mut examples = Vec::new();
    for (index, expected) in arguments.expect.iter().enumerate() {
        let stream = source.stream_named(&expected.stream)?;
        let same = |other: &&ExpectedValue| {
            (&other.stream, other.version, &other.pointer) == (&expected.stream, expected.version, &expected.pointer)
        };
        let before = arguments.expect.iter().take(index).find(same);
        if let Some(other) = before.filter(|other| other.value != expected.value) {
            return Err(contradiction(other, expected));
        }
        examples.push(Evidence::example(stream, expected.version, &expected.pointer, expected.value.clone()));
    }
    Ok(RulesWanted {
        aggregate_type: arguments.aggregate.clone(),
        sources: RuleSources {
            snapshots: from(RulesFrom::Snapshots),
            tables: from(RulesFrom::Tables),
            names: from(RulesFrom::Names),
        },
        examples,
        ..RulesWanted::default()
    })
}

fn contradiction(a: &ExpectedValue, b: &ExpectedValue) -> Error {
    let value =
        |expected: &ExpectedValue| expected.value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
    let place = format!("{} of {} at version {}", b.pointer, b.stream, b.version);
    Error::bad_input(format!("{place} cannot be both {} and {}", value(a), value(b)))
        .with_hint("Each --expect is about another place, stream or version.")
}

/// The rules by aggregate type, and how much of the evidence that was held out they explain, all told.
fn document(found: &[TypeRules]) -> Value {
    json!({
        "aggregates": found.iter().map(aggregate).collect::<Vec<_>>(),
        "held_out": explained(found, |rules| rules.aggregate.held_out, |leaf| leaf.held_out),
        "evidence": explained(found, |rules| rules.aggregate.states, |leaf| leaf.agreement),
        "reducers": insight::as_file(found),
    })
}

fn explained(
    found: &[TypeRules],
    states: fn(&TypeRules) -> Agreement,
    leaf: fn(&crate::learn::Leaf) -> Agreement,
) -> Value {
    let sum = |all: &mut dyn Iterator<Item = Agreement>| {
        all.fold(Agreement::default(), |sum, one| Agreement { agree: sum.agree + one.agree, of: sum.of + one.of })
    };
    let leaves = found.iter().flat_map(|rules| &rules.aggregate.leaves);
    json!({"states": sum(&mut found.iter().map(states)), "leaves": sum(&mut leaves.map(leaf))})
}

fn aggregate(rules: &TypeRules) -> Value {
    let mut document = serde_json::to_value(&rules.aggregate).unwrap_or_default();
    if let Value::Object(members) = &mut document {
        let basis = if rules.basis == Basis::Learnt { "learnt" } else { "suggested" };
        members.insert("from".to_owned(), json!(basis));
        members.insert("label".to_owned(), json!(rules.label()));
        members.insert("not_used".to_owned(), json!(rules.refused));
        members.insert("out_of_time".to_owned(), json!(rules.late));
        members.insert("reducers".to_owned(), json!(rules.reducers));
    }
    document
}

fn written(output: &mut Output, found: &[TypeRules]) -> Outcome {
    if found.is_empty() {
        return output.line("# No rules were found: each event's data is merged into the state.");
    }
    for line in insight::as_file(found).lines() {
        output.exactly(line)?;
    }
    Ok(())
}
