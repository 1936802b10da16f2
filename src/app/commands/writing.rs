//! The family of writing: unlocking, the form, appending.

use super::App;
use crate::model::{Appending, Command, Overlay};
use crate::session::Draft;

impl App {
    pub(super) fn carry_out_writing(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::Unlock => self.view.overlay = Overlay::Unlock,
            Command::ConfirmUnlock => {
                self.view.unlocked = true;
                self.view.overlay = Overlay::None;
            }
            Command::Lock => self.view.unlocked = false,
            Command::NewEvent => {
                self.drafts.append.begin(self.view.place.stream.as_ref());
                self.view.overlay = Overlay::Append;
            }
            Command::DuplicateEvent => {
                let selected = self.view.place.event.zip(self.session.as_ref());
                if let Some(event) = selected.and_then(|(position, session)| session.event(position).value().cloned()) {
                    self.drafts.append.duplicate(&event);
                    self.view.overlay = Overlay::Append;
                }
            }
            Command::ClearDraft => self.drafts.append.clear(),
            Command::Append(appending) => self.append(*appending),
            other => return Err(other),
        }
        Ok(())
    }

    fn append(&mut self, appending: Appending) {
        let Appending { stream, event, expected } = appending;
        self.drafts.append.sent();
        self.with_session(|session| session.append(Draft { stream, event }, expected));
    }
}
