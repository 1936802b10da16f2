//! The rules that are being typed. They are kept until they are saved, put back, or the file is closed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use egui::Ui;

use crate::model::{RuleEdits, RulePart};
use crate::session::{ExplainedStep, RuleSheet, TrialOutcome};
use crate::ui::widgets::Completion;

/// So long after the last key what was typed is tried, in seconds.
const PAUSE: f64 = 0.15;

/// The rules of one aggregate type as they are typed.
#[derive(Debug, Default)]
pub struct RulesDraft {
    aggregate_type: String,
    selected: Option<RulePart>,
    /// The rules as they are, part by part.
    written: BTreeMap<RulePart, String>,
    /// Those that were changed.
    texts: BTreeMap<RulePart, String>,
    /// What was changed and not saved for other aggregate types.
    others: BTreeMap<String, BTreeMap<RulePart, String>>,
    /// The text of the selected part.
    text: String,
    completion: Completion,
    /// When something was typed last.
    typed: f64,
    /// What was tried last.
    tried: RuleEdits,
    settled: bool,
    last_step: Option<ExplainedStep>,
    /// A part that is to begin with a text, once it is known what is written there.
    proposed: Option<(RulePart, String)>,
    /// The sheet that was taken in.
    sheet: Option<Arc<RuleSheet>>,
}

impl RulesDraft {
    /// Shows the rule of an event type, or that of the first one that there is.
    pub fn begin(&mut self, aggregate_type: &str, event_type: Option<&str>) {
        self.turn_to(aggregate_type);
        if let Some(event_type) = event_type {
            self.select(&RulePart::Rule(event_type.to_owned()));
        }
    }

    /// Shows a part, which is to begin with a text.
    pub fn propose(&mut self, part: RulePart, text: String) {
        self.selected = Some(part.clone());
        self.proposed = Some((part, text));
    }

    /// Puts in what was proposed: a rule that is written already goes on with it, and an upcaster stays.
    pub(super) fn take_proposal(&mut self, now: f64) {
        let Some((part, text)) = self.proposed.take() else { return };
        self.select(&part);
        let written = self.text.trim();
        let begun = match (written, &part) {
            ("" | "merge" | "replace" | "ignore" | "guess", _) => text,
            (_, RulePart::Rule(_)) if !written.contains(text.trim()) => format!("{written}\n| {text}"),
            _ => return,
        };
        self.set(now, &begun);
    }

    /// The rules that were edited are saved: they are the rules now.
    pub fn saved(&mut self) {
        self.written.append(&mut self.texts);
        self.settled = false;
        self.last_step = None;
    }

    /// Goes on with another aggregate type. What was typed for the one before is there when one comes back to it.
    pub(super) fn turn_to(&mut self, aggregate_type: &str) {
        if self.aggregate_type != aggregate_type || self.tried.aggregate_type != aggregate_type {
            let mut others = std::mem::take(&mut self.others);
            if !self.texts.is_empty() {
                others.insert(std::mem::take(&mut self.aggregate_type), std::mem::take(&mut self.texts));
            }
            *self = Self {
                texts: others.remove(aggregate_type).unwrap_or_default(),
                others,
                aggregate_type: aggregate_type.to_owned(),
                tried: RuleEdits::new(aggregate_type),
                ..Self::default()
            };
        }
    }

    /// Takes in the rules as they are.
    pub(super) fn take_in(&mut self, sheet: &Arc<RuleSheet>) {
        if self.sheet.as_ref().is_some_and(|known| Arc::ptr_eq(known, sheet)) {
            return;
        }
        self.sheet = Some(Arc::clone(sheet));
        let written = |kind: &crate::session::SheetType| {
            let text = kind.rule.as_ref().map(|rule| rule.text.trim().to_owned()).unwrap_or_default();
            let text = if text == "guess" { "merge".to_owned() } else { text };
            (RulePart::Rule(kind.event_type.to_string()), text)
        };
        let upcasts = sheet.types.iter().flat_map(|kind| {
            let part = |from: u64| RulePart::Upcast(kind.event_type.to_string(), from);
            kind.upcasts.iter().map(move |(from, text)| (part(*from), text.trim().to_owned()))
        });
        self.written = sheet.types.iter().map(written).chain(upcasts).collect();
        self.written.insert(RulePart::Initial, sheet.initial.clone().unwrap_or_default());
        self.texts.retain(|part, text| self.written.get(part) != Some(text));
        let first = || sheet.types.first().map(|kind| RulePart::Rule(kind.event_type.to_string()));
        match self.selected.clone().or_else(first) {
            Some(selected) => self.select(&selected),
            None => self.text.clear(),
        }
    }

    pub(super) fn selected(&self) -> Option<&RulePart> {
        self.selected.as_ref()
    }

    /// The schema versions of an event type that have an upcaster, written or only begun.
    pub(super) fn upcasts(&self, event_type: &str) -> Vec<u64> {
        let of_type = |part: &RulePart| match part {
            RulePart::Upcast(name, from) if name == event_type => Some(*from),
            _ => None,
        };
        let mut found: Vec<u64> = self.written.keys().chain(self.texts.keys()).filter_map(of_type).collect();
        found.extend(self.selected.as_ref().and_then(of_type));
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn select(&mut self, part: &RulePart) {
        self.selected = Some(part.clone());
        let text = self.texts.get(part).or_else(|| self.written.get(part));
        self.text = text.cloned().unwrap_or_default();
        self.completion = Completion::default();
    }

    /// The text of the selected part.
    pub(super) fn text(&self) -> Option<&str> {
        self.selected.as_ref().map(|_| self.text.as_str())
    }

    /// Lets the text be edited by something that says whether it did.
    pub(super) fn edit(&mut self, now: f64, change: impl FnOnce(&mut String, &mut Completion) -> bool) {
        if change(&mut self.text, &mut self.completion) {
            self.note(now);
        }
    }

    pub(super) fn set(&mut self, now: f64, text: &str) {
        text.clone_into(&mut self.text);
        self.note(now);
    }

    pub(super) fn put_back(&mut self, now: f64, part: &RulePart) {
        self.texts.remove(part);
        self.select(part);
        self.typed = now;
        self.settled = false;
    }

    fn note(&mut self, now: f64) {
        let Some(selected) = self.selected.clone() else { return };
        if self.written.get(&selected).map_or("", String::as_str) == self.text {
            self.texts.remove(&selected);
        } else {
            self.texts.insert(selected, self.text.clone());
        }
        self.typed = now;
        self.settled = false;
    }

    pub(super) fn is_edited(&self, part: &RulePart) -> bool {
        self.texts.contains_key(part)
    }

    pub(super) fn has_edits(&self) -> bool {
        !self.texts.is_empty()
    }

    pub(super) fn discard(&mut self) {
        self.texts.clear();
        self.settled = false;
        if let Some(selected) = self.selected.clone() {
            self.select(&selected);
        }
    }

    /// What was changed. An empty rule is none.
    pub(super) fn edits(&self) -> RuleEdits {
        let mut edits = RuleEdits::new(&self.aggregate_type);
        for (part, text) in &self.texts {
            edits.set(part.clone(), (!text.trim().is_empty()).then(|| text.trim().to_owned()));
        }
        edits
    }

    /// What is to be tried: what was changed, once nothing was typed for a moment.
    pub(super) fn settled(&mut self, ui: &Ui) -> RuleEdits {
        if !self.settled {
            let waited = ui.input(|input| input.time) - self.typed;
            if waited >= PAUSE {
                self.tried = self.edits();
                self.settled = true;
            } else {
                ui.ctx().request_repaint_after(Duration::from_secs_f64((PAUSE - waited).clamp(0.0, PAUSE)));
            }
        }
        self.tried.clone()
    }

    /// Whether what was tried last is what is typed.
    pub(super) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Keeps how a step came out, to stand in while there is a flaw.
    pub(super) fn came_out(&mut self, outcome: &TrialOutcome) {
        if let Some(step) = &outcome.step {
            self.last_step = Some(step.clone());
        }
    }

    pub(super) fn last_step(&self) -> Option<&ExplainedStep> {
        self.last_step.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::WrittenRule;
    use crate::session::SheetType;

    fn sheet(aggregate_type: &str, rules: &[(&str, &str)]) -> Arc<RuleSheet> {
        let kind = |(name, rule): &(&str, &str)| SheetType {
            event_type: (*name).into(),
            rule: Some(WrittenRule { event_type: (*name).into(), text: (*rule).into() }),
            ..SheetType::default()
        };
        let types = rules.iter().map(kind).collect();
        Arc::new(RuleSheet { aggregate_type: aggregate_type.to_owned(), types, ..RuleSheet::default() })
    }

    #[test]
    fn what_was_typed_is_kept_until_it_is_saved_or_put_back() {
        let mut draft = RulesDraft::default();
        draft.begin("account", Some("Deposited"));
        draft.take_in(&sheet("account", &[("Closed", "ignore"), ("Deposited", ".a = 1\n")]));
        assert_eq!(draft.text(), Some(".a = 1"));
        draft.set(1.0, ".a = 2");
        draft.select(&RulePart::Rule("Closed".into()));
        draft.set(2.0, "  ");
        let expected = [("Closed".to_owned(), None), ("Deposited".to_owned(), Some(".a = 2".to_owned()))];
        assert_eq!(draft.edits().rules, expected.into());
        draft.begin("order", None);
        draft.take_in(&sheet("order", &[("Placed", "merge")]));
        assert!(!draft.has_edits());
        draft.begin("account", Some("Deposited"));
        draft.take_in(&sheet("account", &[("Closed", "ignore"), ("Deposited", ".a = 1")]));
        assert_eq!((draft.text(), draft.edits().rules.len()), (Some(".a = 2"), 2));
        draft.set(3.0, ".a = 1");
        assert!(!draft.is_edited(&RulePart::Rule("Deposited".into())), "it is as it was");
        draft.discard();
        assert!(!draft.has_edits());
    }

    #[test]
    fn the_beginning_and_upcasters_are_parts_of_the_rules() {
        let mut draft = RulesDraft::default();
        draft.begin("account", None);
        let mut known = RuleSheet::clone(&sheet("account", &[("Deposited", ".a = 1")]));
        known.initial = Some("{\"a\": 0}".into());
        known.types[0].upcasts = vec![(1, ".amount *= 100".into())];
        draft.take_in(&Arc::new(known));
        draft.select(&RulePart::Initial);
        assert_eq!(draft.text(), Some("{\"a\": 0}"));
        draft.set(1.0, "{\"a\": 5}");
        draft.select(&RulePart::Upcast("Deposited".into(), 1));
        assert_eq!(draft.text(), Some(".amount *= 100"));
        draft.set(2.0, "");
        draft.select(&RulePart::Upcast("Deposited".into(), 2));
        assert_eq!(draft.upcasts("Deposited"), [1, 2]);
        let edits = draft.edits();
        assert_eq!(edits.initial.as_deref(), Some("{\"a\": 5}"));
        assert_eq!(edits.upcasts, [(("Deposited".to_owned(), 1), None)].into());
        assert!(edits.rules.is_empty());
    }
}
