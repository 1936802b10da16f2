//! The family of rules: editing them, and looking how a step comes about.

use std::path::Path;

use super::App;
use crate::app::messages::good;
use crate::model::{Command, Correction, Overlay, RuleEdits};

impl App {
    pub(super) fn carry_out_rules(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::EditRules | Command::ExplainStep => self.edit_rules(None),
            Command::EditRuleOf(event_type) => self.edit_rules(Some(event_type)),
            Command::BeginRule(start) => {
                self.view.overlay = Overlay::None;
                let event = start.event;
                self.pending.rule = Some(*start);
                self.select_event(event);
            }
            Command::Correct(correction) => self.correct(&correction),
            Command::SaveRules(edits) => self.save_rules(*edits),
            other => return Err(other),
        }
        Ok(())
    }

    /// Shows the rule for an event type, or for that of the event that is selected.
    fn edit_rules(&mut self, event_type: Option<String>) {
        let Some(stream) = self.view.place.stream.clone() else { return };
        let selected = || self.selected_event().map(|event| event.event_type.clone());
        let event_type = event_type.or_else(selected);
        self.drafts.rules.begin(&stream.aggregate_type, event_type.as_deref());
        self.view.overlay = Overlay::Rules;
    }

    /// Shows the rule that is to be begun, once it is known of which stream its event is.
    pub(in crate::app) fn resolve_rule(&mut self) {
        if self.pending.event.is_some() {
            return;
        }
        let Some(start) = self.pending.rule.take() else { return };
        let place = &self.view.place;
        let Some(stream) = place.stream.clone().filter(|_| place.event == Some(start.event)) else { return };
        self.drafts.rules.begin(&stream.aggregate_type, None);
        self.drafts.rules.propose(start.part, start.text);
        self.view.overlay = Overlay::Rules;
    }

    /// Asks what is right at a place of the shown state.
    fn correct(&mut self, correction: &Correction) {
        let shown = self.view.place.stream.clone().zip(self.versions()).zip(self.session.as_ref());
        let Some(((stream, versions), session)) = shown else { return };
        let state = session.state(&stream, versions.shown);
        let Some(state) = state.value() else { return };
        self.drafts.correct.begin(&stream, versions.shown, correction, &state.state);
        self.view.overlay = Overlay::Correct;
    }

    fn save_rules(&mut self, edits: RuleEdits) {
        let stream = self.view.place.stream.clone();
        self.with_session(|session| {
            let sheet = session.rule_sheet(&edits.aggregate_type, stream.as_ref());
            if let Some(sheet) = sheet.value().cloned() {
                session.save_rules(edits, &sheet);
            }
        });
    }

    /// Says that rules were saved, and where.
    pub(in crate::app) fn rules_saved(&mut self, path: &Path) {
        self.drafts.rules.saved();
        self.drafts.correct = crate::ui::CorrectDraft::default();
        if self.view.overlay == Overlay::Correct {
            self.view.overlay = Overlay::None;
        }
        self.messages.add(good(format!("The rules were saved in {}.", path.display())));
    }
}
