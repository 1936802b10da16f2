//! The family of looking after a whole store: the windows that ask, and the work that they begin.

use std::path::{Path, PathBuf};

use super::App;
use crate::app::answers::Dialog;
use crate::app::messages::of_error;
use crate::error::Error;
use crate::filter::Filter;
use crate::model::{Archiving, Asked, Command, Exporting, Importing, Overlay};
use crate::session::{ArchiveSelection, ExportFormat, ExportRequest, ImportRequest, ImportSource, Notes, Task};

impl App {
    pub(super) fn carry_out_maintenance(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::NewStore => self.ask_with(Overlay::NewStore, Path::new("")),
            Command::CreateStore(store) => self.create_store(store),
            Command::VerifyStore => self.begin(Task::Verify),
            Command::ShowVerification => self.view.overlay = Overlay::Verified,
            Command::BackUp => self.ask_with(Overlay::BackUp, &self.beside("backup.db")),
            Command::BackUpTo(path) => self.begin(Task::BackUp(expanded(&path))),
            Command::ImportEvents => {
                self.with_session(|session| session.forget_import_preview());
                self.ask_with(Overlay::Import, Path::new(""));
                self.drafts.maintenance.reads(self.profiles.clone(), super::super::typed_path::expanded);
            }
            Command::Import(importing) => self.import(*importing),
            Command::ExportEvents => self.ask_with(Overlay::Export, &self.beside("ndjson")),
            Command::ExportSelection(filter) => {
                self.ask_with(Overlay::Export, &self.beside("ndjson"));
                self.drafts.maintenance.only(filter);
            }
            Command::ExportTo(exporting) => self.export(*exporting),
            Command::ArchiveEvents => self.ask_with(Overlay::Archive, Path::new("")),
            Command::PlanArchive(wanted) => {
                self.drafts.maintenance.planning((*wanted).clone());
                self.with_session(|session| session.begin(Task::PlanArchive(selection(*wanted))));
            }
            Command::Archive => {
                if let Some(plan) = self.drafts.maintenance.plan() {
                    self.begin(Task::Archive(plan));
                }
            }
            Command::Browse(asked) => self.browse(asked),
            Command::UsePath(path) if self.view.overlay == Overlay::SaveFile => self.drafts.save.chose(&path),
            Command::UsePath(path) => self.drafts.maintenance.chose(&path),
            other => return Err(other),
        }
        Ok(())
    }

    /// Opens a window that asks for a path, with one to start from.
    fn ask_with(&mut self, overlay: Overlay, path: &Path) {
        self.drafts.maintenance.begin(path);
        self.view.overlay = overlay;
    }

    /// Begins a piece of work; the status bar says how it goes.
    fn begin(&mut self, task: Task) {
        self.view.overlay = Overlay::None;
        self.with_session(|session| session.begin(task));
    }

    fn export(&mut self, exporting: Exporting) {
        let Exporting { path, only, format, redact, key, notes } = exporting;
        let filter = match only.as_deref().map_or_else(|| Ok(self.filter()), Filter::parse) {
            Ok(filter) => filter,
            Err(fault) => return self.messages.add(of_error(&Error::bad_input(format!("the filter: {fault}")))),
        };
        let format = ExportFormat::by_name(&format).unwrap_or_default();
        let notes = if notes { self.view.noted.notes().collect() } else { Notes::default() };
        self.begin(Task::Export { to: expanded(&path), request: ExportRequest { filter, format, redact, key, notes } });
    }

    fn import(&mut self, importing: Importing) {
        let Importing { path, read_as, filter, keep_places, aggregate_type, carry_opaque } = importing;
        match Filter::parse(&filter) {
            Ok(filter) => {
                let from = ImportSource { path: expanded(&path), profiles: self.profiles.clone(), read_as, filter };
                self.begin(Task::Import(ImportRequest { from, keep_places, aggregate_type, carry_opaque }));
            }
            Err(fault) => self.messages.add(of_error(&Error::bad_input(format!("the filter {filter}: {fault}")))),
        }
    }

    /// A file beside the one that is open, with this ending.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        let open = self.session.as_ref().and_then(|session| session.overview());
        open.map(|overview| overview.path.with_extension(ending)).unwrap_or_default()
    }

    fn browse(&mut self, asked: Asked) {
        let dialog = match asked {
            Asked::NewFile => Dialog::NewFile(self.drafts.save.file_name()),
            asked => Dialog::Asked(asked),
        };
        self.ask_for_file(dialog, Command::UsePath);
    }
}

fn expanded(path: &Path) -> PathBuf {
    super::super::typed_path::expanded(path.to_owned())
}

fn selection(wanted: Archiving) -> ArchiveSelection {
    let Archiving { closed, aggregate_type, before } = wanted;
    ArchiveSelection { streams: Vec::new(), aggregate_type, closed, before }
}
