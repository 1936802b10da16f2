//! The family of what is asked of the whole store: how much there is, what it looks like, what is wrong.

use std::fs::File;
use std::io::Write as _;

use super::App;
use crate::app::answers::Answer;
use crate::app::files::expanded;
use crate::error::{Error, Result};
use crate::model::{Command, Overlay, TextFile};
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
            Command::WriteFile(file) => self.write_file(file),
            other => return Err(other),
        }
        Ok(())
    }

    /// Writes a new file; one that is there stays as it is.
    fn write_file(&mut self, file: TextFile) {
        let TextFile { path, what, text } = file;
        let path = expanded(path);
        self.in_background("write file", move || {
            let written = write(&path, text.as_bytes());
            match written {
                Ok(()) => Answer::FileWritten { what, path },
                Err(error) => Answer::Failed(error),
            }
        });
    }
}

fn write(path: &std::path::Path, bytes: &[u8]) -> Result<()> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            let there = Error::bad_input(format!("{} exists already", path.display()));
            return there.with_hint("It was left as it is. Choose another name.");
        }
        Error::from(error).context(format_args!("writing {}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schema.json");
        write(&path, b"{}").unwrap();
        assert!(write(&path, b"[]").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"{}");
    }
}
