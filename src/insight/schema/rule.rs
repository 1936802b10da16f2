//! The beginning of a reducer's rule for an event type, made of the paths that its events have.

use serde_json::Value;

use super::TypeSchema;
use super::paths::PathStep;
use super::shape::Kind;
use crate::replay::jq_word::is_word;

/// How many members a rule takes over by itself.
const MOST: usize = 20;

impl TypeSchema {
    /// A rule that takes the members of the data over into the state, a line each, as a filter of jq; those that are
    /// sometimes missing only where they are there. `None` where the data has no members with names.
    #[must_use]
    pub fn rule(&self) -> Option<String> {
        let objects = self.data.count_of(Kind::Object);
        let members = self.data.members().take(MOST);
        let lines: Vec<String> = members
            .map(|(name, member)| {
                let steps = [PathStep::Member(name.to_owned())];
                taken_over(&steps, member.count() == objects)
            })
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n| "))
    }
}

/// A rule that takes a place of the data over into the state; `None` for the whole document. `is_always` says that every
/// event has it.
#[must_use]
pub fn rule_of(steps: &[PathStep], is_always: bool) -> Option<String> {
    (!steps.is_empty()).then(|| taken_over(steps, is_always))
}

fn taken_over(steps: &[PathStep], is_always: bool) -> String {
    let is_single = steps.iter().all(|step| matches!(step, PathStep::Member(_)));
    if !is_single {
        // What lists and maps hold becomes one list, by the last name on the way.
        let name = steps.iter().rev().find_map(|step| match step {
            PathStep::Member(name) => Some(name.as_str()),
            _ => None,
        });
        let to = member(name.unwrap_or("values"));
        return format!("{to} = [$event.data{}]", tolerant(steps));
    }
    let (to, from) = (path(steps), format!("$event.data{}", suffix(steps)));
    if is_always { format!("{to} = {from}") } else { format!("if {from} != null then {to} = {from} else . end") }
}

/// A member of `.`, as jq writes it.
pub(super) fn member(name: &str) -> String {
    if is_word(name) { format!(".{name}") } else { format!(".[{}]", Value::from(name)) }
}

/// A path from `.`, as jq writes it.
pub(super) fn path(steps: &[PathStep]) -> String {
    let suffix = suffix(steps);
    if suffix.starts_with('.') { suffix } else { format!(".{suffix}") }
}

/// The steps behind something, as jq writes them.
fn suffix(steps: &[PathStep]) -> String {
    steps.iter().map(|step| written(step, "[]")).collect()
}

/// The same where a list need not be one.
pub(super) fn tolerant(steps: &[PathStep]) -> String {
    steps.iter().map(|step| written(step, "[]?")).collect()
}

fn written(step: &PathStep, each: &str) -> String {
    match step {
        PathStep::Member(name) if is_word(name) => format!(".{name}"),
        PathStep::Member(name) => format!("[{}]", Value::from(name.as_str())),
        PathStep::AnyItem | PathStep::AnyMember => each.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fit::tests::schema;
    use super::*;
    use crate::event::{Event, Payload, StreamName};
    use crate::replay::{Fold, Reducers};

    #[test]
    fn a_rule_takes_over_what_events_say_and_can_be_folded_by() {
        let data = json!({"total": 3, "a b": {"c": 1}, "lines": [{"sku": "cup"}, 7, {"sku": "pot"}]});
        let schema = schema(&[data.clone(), json!({"total": 4, "a b": {"c": 2}, "lines": [], "note": "x"})]);
        let rule = schema.rule().unwrap();
        assert!(rule.contains("if $event.data.note != null then .note = $event.data.note else . end"), "{rule}");
        let steps = |names: &[&str]| names.iter().map(|name| PathStep::Member((*name).to_owned())).collect::<Vec<_>>();
        let mut sku = steps(&["lines"]);
        sku.extend([PathStep::AnyItem, PathStep::Member("sku".to_owned())]);
        let nested = rule_of(&steps(&["a b", "c"]), true).unwrap();
        assert_eq!(nested, ".[\"a b\"].c = $event.data[\"a b\"].c");
        assert_eq!(rule_of(&sku, true).unwrap(), ".sku = [$event.data.lines[]?.sku]");
        assert_eq!(rule_of(&[], true), None);
        let file = format!("[aggregate.order.on]\nt = {}\n", crate::replay::toml_text::literal(&rule));
        let reducers = Reducers::parse(&file, "rules").unwrap();
        let mut fold = Fold::new(&reducers, "order");
        let stream = StreamName::new("order", "1");
        fold.step(&Event {
            stream,
            version: 1,
            event_type: "t".to_owned(),
            data: Payload::json(data.clone()),
            ..Event::default()
        });
        assert_eq!(fold.state(), data);
    }
}
