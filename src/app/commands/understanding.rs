//! The family of what is asked of the whole store: how much there is, what it looks like, what is wrong.

use super::App;
use crate::model::{Command, Overlay};
use crate::session::Session;

impl App {
    pub(super) fn carry_out_understanding(&mut self, command: Command) -> std::result::Result<(), Command> {
        match command {
            Command::ShowCauses => {
                if let Some(event) = self.view.place.event {
                    self.drafts.causes.begin(event);
                    self.view.overlay = Overlay::Causes;
                }
            }
            Command::ShowStatistics => {
                self.view.overlay = Overlay::Statistics;
                self.with_session(|session| {
                    if session.counted().is_none_or(|counted| counted.outdated) {
                        session.count_extent();
                    }
                });
            }
            Command::CountAgain => self.with_session(Session::count_extent),
            Command::StopCounting => self.with_session(Session::stop_counting),
            Command::ShowSchemas => {
                self.view.overlay = Overlay::Schemas;
                self.with_session(|session| {
                    if session.inferred().is_none_or(|inferred| inferred.outdated) {
                        session.infer_schemas();
                    }
                });
            }
            Command::InferSchemasAgain => self.with_session(Session::infer_schemas),
            Command::StopInferring => self.with_session(Session::stop_inferring),
            Command::ShowAudit => {
                self.view.overlay = Overlay::Audit;
                self.with_session(|session| {
                    if session.audited().is_none_or(|audited| audited.outdated) {
                        session.audit();
                    }
                });
            }
            Command::AuditAgain => self.with_session(Session::audit),
            Command::StopAuditing => self.with_session(Session::stop_auditing),
            other => return Err(other),
        }
        Ok(())
    }
}
