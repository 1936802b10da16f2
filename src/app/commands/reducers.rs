//! The family of reducers: a file of rules, the guess, or the application's own code.

use std::path::PathBuf;

use super::App;
use crate::app::messages::good;
use crate::app::typed_path::expanded;
use crate::model::{Command, Overlay, ReducerCommand};
use crate::ui::Message;

impl App {
    /// Folds by the rules of a file, or by what is found for the database.
    pub(super) fn use_reducers(&mut self, path: Option<PathBuf>) {
        self.forget_reducer_command();
        self.with_session(|session| session.set_reducers(path));
    }

    /// Shows the command that runs, or that ran for this file before. It does not run it.
    pub(super) fn edit_reducer_command(&mut self) {
        let running = self.session.as_ref().and_then(|session| session.request().command.clone());
        let remembered = || self.open_file().and_then(|path| self.settings.reducer_command(&path).cloned());
        self.drafts.reducer.begin(running.or_else(remembered).unwrap_or_default());
        self.view.overlay = Overlay::Reducer;
    }

    /// Runs the command that a person saw, and remembers it for the file.
    pub(super) fn run_reducer_command(&mut self, command: ReducerCommand) {
        let command = ReducerCommand { folder: command.folder.map(expanded), ..command };
        if let Some(path) = self.open_file() {
            self.settings.folded_by(&path, command.clone());
        }
        self.set_reducer_command(Some(command));
    }

    /// Ends the process, and goes back to rules or the guess.
    pub(super) fn end_reducer_command(&mut self) {
        self.forget_reducer_command();
        self.set_reducer_command(None);
    }

    /// Says which command folded the file that was opened, where one did: running it again is a person's to choose.
    pub(in crate::app) fn offer_reducer_command(&mut self) {
        let running = self.session.as_ref().is_some_and(|session| session.request().command.is_some());
        let remembered = self.open_file().and_then(|path| self.settings.reducer_command(&path).cloned());
        if let Some(command) = remembered.filter(|_| !running) {
            let text = format!("This file was last folded by your application's own code: {}", command.line);
            let offer = Some(Command::EditReducerCommand);
            self.messages.add(Message { offer, ..good(text) });
        }
    }

    fn set_reducer_command(&mut self, command: Option<ReducerCommand>) {
        // The file may be opened anew from this, such as with another mapping.
        if let Some(request) = &mut self.request {
            request.command.clone_from(&command);
        }
        self.with_session(|session| session.run_reducer(command));
    }

    fn forget_reducer_command(&mut self) {
        if let Some(path) = self.open_file() {
            self.settings.not_folded_by_command(&path);
        }
        if let Some(request) = &mut self.request {
            request.command = None;
        }
    }

    /// The file that is open, wherever the program was started from.
    pub(in crate::app) fn open_file(&self) -> Option<PathBuf> {
        let path = &self.request.as_ref()?.path;
        if let Some(url) = self.url_of_slice(path) {
            return Some(url);
        }
        Some(std::path::absolute(path).unwrap_or_else(|_| path.clone()))
    }
}
