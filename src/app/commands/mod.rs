//! Carrying out commands: one function, which hands each family to a file of its own.

mod asking;
mod bookmarks;
mod copying;
mod filtering;
mod invariants;
mod look;
mod maintenance;
mod reducers;
mod replaying;
mod rules;
mod saving;
#[cfg(feature = "postgres")]
mod servers;
mod timeline;
mod understanding;
mod what_if;
mod writing;

use super::App;
use super::answers::Dialog;
use super::messages::bad;
use crate::filter::Root;
use crate::model::{Command, Name, Overlay};
use crate::session::{JobId, Mode};

impl App {
    /// Carries out a command, or says why not.
    pub(super) fn carry_out(&mut self, command: Command) {
        if self.postpone(&command) {
            return;
        }
        if let Err(reason) = command.resolve(&self.environment()) {
            // A key at the end of a stream is no mistake that wants a message.
            if !is_a_step(command.name()) {
                self.messages.add(bad(reason));
            }
            return;
        }
        let Err(command) = self.carry_out_file(command) else { return };
        #[cfg(feature = "postgres")]
        let Err(command) = self.carry_out_servers(command) else { return };
        let Err(command) = self.carry_out_maintenance(command) else { return };
        let Err(command) = self.carry_out_mapping(command) else { return };
        let Err(command) = self.carry_out_writing(command) else { return };
        let Err(command) = self.carry_out_filtering(command) else { return };
        let Err(command) = self.carry_out_replaying(command) else { return };
        let Err(command) = self.carry_out_timeline(command) else { return };
        let Err(command) = self.carry_out_bookmarks(command) else { return };
        let Err(command) = self.carry_out_asking(command) else { return };
        let Err(command) = self.carry_out_invariants(command) else { return };
        let Err(command) = self.carry_out_understanding(command) else { return };
        let Err(command) = self.carry_out_saving(command) else { return };
        let Err(command) = self.carry_out_what_if(command) else { return };
        let Err(command) = self.carry_out_rules(command) else { return };
        let Err(command) = self.carry_out_look(command) else { return };
        self.carry_out_copying(&command);
    }

    /// The family of files, reducers and jobs.
    fn carry_out_file(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::Open => self.ask_for(Dialog::Database),
            Command::OpenFolder => self.ask_for(Dialog::Folder),
            Command::TypePath => self.view.overlay = Overlay::OpenPath,
            Command::OpenPath(path) => self.open_path(path),
            Command::OpenRecent(index) => self.open_recent(index),
            Command::OpenDemo => self.open_demo(),
            Command::Refresh | Command::Reopen => self.refresh(),
            Command::ReadLive => self.read_as(Mode::Live),
            Command::ReadFrozen => self.read_as(Mode::Frozen),
            Command::ReadCopy => self.read_as(Mode::Copy),
            Command::Close => {
                self.close();
                #[cfg(feature = "postgres")]
                self.tell_server(None);
            }
            Command::Quit => self.ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            Command::ChooseReducers => self.ask_for(Dialog::Reducers),
            Command::UseReducers(path) => self.use_reducers(Some(path)),
            Command::UseFoundRules => self.with_session(crate::session::Session::use_found_rules),
            Command::UseGuess => self.use_reducers(None),
            Command::EditReducerCommand => self.edit_reducer_command(),
            Command::RunReducerCommand(command) => self.run_reducer_command(command),
            Command::EndReducerCommand => self.end_reducer_command(),
            Command::LoadData => self.load_payload(Root::Data),
            Command::LoadMetadata => self.load_payload(Root::Metadata),
            Command::LoadField(field) => self.load_field(field),
            Command::StopJob(id) => self.with_session(|session| session.stop(JobId(id))),
            Command::StopJobs => self.with_session(|session| {
                for job in session.jobs() {
                    session.stop(job.id);
                }
            }),
            other => return Err(other),
        }
        Ok(())
    }

    pub(in crate::app) fn with_session(&mut self, change: impl FnOnce(&mut crate::session::Session)) {
        if let Some(session) = &mut self.session {
            change(session);
        }
    }
}

fn is_a_step(name: Name) -> bool {
    matches!(
        name,
        Name::FirstVersion
            | Name::StepBack
            | Name::StepForward
            | Name::LastVersion
            | Name::StretchBack
            | Name::StretchForward
            | Name::NextBookmark
            | Name::PreviousBookmark
            | Name::PlayPause
            | Name::NextEvent
            | Name::PreviousEvent
            | Name::PageUp
            | Name::PageDown
            | Name::OldestEvent
            | Name::NewestEvent
            | Name::Back
            | Name::Forward
    )
}
