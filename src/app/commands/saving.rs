//! The family of what is written to new files: pictures, reports, schemas.

use std::fs::File;
use std::io::Write as _;

use super::App;
use crate::app::answers::Answer;
use crate::app::typed_path::expanded;
use crate::error::{Error, Result};
use crate::model::{Command, NewFile, Overlay};

impl App {
    pub(super) fn carry_out_saving(&mut self, command: Command) -> std::result::Result<(), Command> {
        match command {
            Command::PictureOfWindow => self.picture_window(),
            Command::PictureOfPanel => self.picture_panel(),
            Command::SaveAs(file) => {
                self.drafts.save.begin(*file, None, self.view.overlay);
                self.view.overlay = Overlay::SaveFile;
            }
            Command::WriteFile(file) => {
                self.close_overlay();
                self.write_file(*file);
            }
            other => return Err(other),
        }
        Ok(())
    }

    /// Closes the window over the panels. Behind the one that asks for a file is the one that it was opened from.
    pub(super) fn close_overlay(&mut self) {
        self.view.overlay = match self.view.overlay {
            Overlay::SaveFile => self.drafts.save.end(),
            _ => Overlay::None,
        };
    }

    /// Writes a new file; one that is there stays as it is.
    fn write_file(&mut self, file: NewFile) {
        let NewFile { path, what, bytes } = file;
        let path = expanded(path);
        self.in_background("write file", move || match write(&path, &bytes) {
            Ok(()) => Answer::FileWritten { what, path },
            Err(error) => Answer::Failed(error),
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
