//! The family of branches: what a stream's state would be if its events were others.

use std::fs;
use std::io::ErrorKind as IoKind;
use std::path::{Path, PathBuf};

use super::App;
use crate::app::answers::Answer;
use crate::app::messages::bad;
use crate::app::typed_path::expanded;
use crate::error::{Error, Result};
use crate::event::{Event, NewEvent, Payload};
use crate::model::{Command, Overlay};
use crate::replay::branch::Branch;

impl App {
    pub(super) fn carry_out_what_if(&mut self, command: Command) -> std::result::Result<(), Command> {
        match command {
            Command::WhatIf => self.show_branch(),
            Command::SkipInBranch => self.skip_in_branch(),
            Command::SaveBranch(path) => self.save_branch(expanded(path)),
            Command::LoadBranch(path) => self.load_branch(expanded(path)),
            Command::AppendInserted(event) => self.append_inserted(*event),
            other => return Err(other),
        }
        Ok(())
    }

    /// Shows the branch of the shown stream; what was other in it stays so.
    fn show_branch(&mut self) {
        let Some(stream) = &self.view.place.stream else { return };
        let shown = self.versions().map(|versions| versions.shown);
        self.view.playing = false;
        self.drafts.what_if.begin(stream, shown);
        self.view.overlay = Overlay::WhatIf;
    }

    fn skip_in_branch(&mut self) {
        let Some(event) = self.selected_event() else { return };
        self.show_branch();
        self.drafts.what_if.skip(event.version);
    }

    /// Writes the branch. Of files that are there, only branches are replaced.
    fn save_branch(&mut self, path: PathBuf) {
        let branch = self.drafts.what_if.branch();
        self.in_background("branch", move || match save(&branch, &path) {
            Ok(()) => Answer::BranchSaved(path),
            Err(error) => Answer::Failed(error),
        });
    }

    fn load_branch(&mut self, path: PathBuf) {
        self.in_background("branch", move || match load(&path) {
            Ok(branch) => Answer::Branch(Box::new(branch)),
            Err(error) => Answer::Failed(error),
        });
    }

    /// Shows a branch that was read, and the stream that it is of.
    pub(in crate::app) fn take_branch(&mut self, branch: &Branch) {
        if self.session.is_none() {
            return self.messages.add(bad("No database is open."));
        }
        let stream = branch.stream();
        if self.view.place.stream.as_ref() != Some(&stream) {
            self.select_stream(stream, None);
        }
        self.drafts.what_if.load(branch);
        self.view.overlay = Overlay::WhatIf;
    }

    /// Takes an inserted event into the form, where it is written as any other.
    fn append_inserted(&mut self, event: NewEvent) {
        let event = Event {
            stream: self.drafts.what_if.stream().clone(),
            event_type: event.event_type,
            schema_version: event.schema_version,
            actor: event.actor,
            data: Payload::json(event.data),
            metadata: if event.metadata.is_null() { Payload::default() } else { Payload::json(event.metadata) },
            ..Event::default()
        };
        self.drafts.append.duplicate(&event);
        self.view.overlay = Overlay::Append;
    }
}

fn save(branch: &Branch, path: &Path) -> Result<()> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == IoKind::NotFound => {}
        Ok(text) if Branch::parse(&text, "it").is_ok() => {}
        _ => {
            let error = Error::bad_input(format!("{} holds something other than a branch", path.display()));
            return Err(error.with_hint("Choose another name: only branches are replaced."));
        }
    }
    fs::write(path, branch.to_text()? + "\n").map_err(|error| of_file("cannot be written", path, error))
}

fn load(path: &Path) -> Result<Branch> {
    let text = fs::read_to_string(path).map_err(|error| of_file("cannot be read", path, error))?;
    Branch::parse(&text, &path.display().to_string())
}

fn of_file(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::bad_input(format!("{} {what}: {error}", path.display())).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StreamName;

    #[test]
    fn a_branch_is_saved_over_a_branch_and_over_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("branch.json"), folder.path().join("shop.db"));
        let mut branch = Branch::of(&StreamName::new("stock", "cup"));
        for version in [154, 153] {
            branch.skip(version);
            save(&branch, &path).unwrap();
            assert_eq!(load(&path).unwrap(), branch);
        }
        fs::write(&other, [0, 159, 146, 150]).unwrap();
        assert!(save(&branch, &other).is_err());
        assert_eq!(fs::read(&other).unwrap(), [0, 159, 146, 150]);
        assert!(load(&other).is_err());
    }
}
