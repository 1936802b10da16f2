//! Enumerations that the state writes in another way.

use super::super::expression::Expr;
use super::super::facts::{Kind, Root};
use super::super::machine::Run;
use super::super::value::V;
use super::Candidates;

impl Candidates<'_> {
    /// An enumeration that the state writes in another way.
    pub(super) fn mapped(&self, input: usize, kind: &Kind, values: &mut Vec<Expr>) {
        for (index, field) in kind.fields.iter().enumerate() {
            if field.root == Root::Envelope || field.root == Root::Metadata || self.is_barred(field) {
                continue;
            }
            let distinct = self.distinct(input, index, if field.root == Root::Before { 5 } else { 13 });
            // What is another each time is no enumeration.
            let events = self.values(input).count();
            if distinct.is_empty() || distinct.len() > 12 || (distinct.len() > 3 && distinct.len() * 3 > events) {
                continue;
            }
            let mut table = Vec::new();
            for from in &distinct {
                if let Some(to) = self.usually(input, index, from) {
                    table.push((from.clone(), to));
                }
            }
            let says_something = table.iter().any(|(from, to)| from != to)
                && (table.len() == 1 && distinct.len() == 1
                    || table.iter().any(|(_, to)| Some(to) != table.first().map(|(_, to)| to)));
            if says_something && table.len() > 1 {
                let whole = table.len() == distinct.len();
                values.push(Expr::Mapped(Box::new(Expr::Field(index)), table, whole));
            }
        }
    }

    /// What the leaf mostly is after events in which a field has a value, the nearest one counting.
    pub(super) fn usually(&self, input: usize, field: usize, from: &V) -> Option<V> {
        let mut counts: Vec<(V, f32)> = Vec::new();
        for run in &self.machine.runs {
            for seen in &run.seen {
                let Some(distance) = self.nearest(run, seen.after, input, field, from) else { continue };
                let vote = if distance == 0 { 4.0 } else { 1.0 / (distance as f32) };
                if let Some((_, votes)) = counts.iter_mut().find(|(value, _)| *value == seen.value) {
                    *votes += vote;
                } else if counts.len() < 24 {
                    counts.push((seen.value.clone(), vote));
                }
            }
        }
        let best = counts.into_iter().filter(|(value, _)| !value.is_missing()).max_by(|a, b| a.1.total_cmp(&b.1));
        best.map(|(value, _)| value)
    }

    /// How many steps before what is seen the last event of this input is, if its field has the value.
    pub(super) fn nearest(&self, run: &Run, after: usize, input: usize, field: usize, from: &V) -> Option<usize> {
        let steps = run.steps.get(..after)?;
        let recent = steps.iter().enumerate().rev().take(60);
        let (at, step) =
            recent.into_iter().find(|(_, step)| step.input == input || self.changes.get(step.input) == Some(&true))?;
        if step.input != input {
            return None;
        }
        let value = self.facts.events.get(step.event)?.value(field);
        (value == from).then_some(steps.len() - 1 - at)
    }
}
