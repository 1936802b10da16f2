//! Applying, saving, importing and exporting a mapping that was edited. Files are read and written by a thread of their
//! own; what became of it goes back into the dialog.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::App;
use super::answers::{Answer, Dialog, ProfileOutcome};
use super::typed_path::expanded;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Command, Overlay};
use crate::profile::library::{self, Saved};
use crate::profile::schema::Table;
use crate::profile::{Profile, detect_section, instance};
use crate::session::OpenRequest;

impl App {
    pub(super) fn carry_out_mapping(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::EditMapping => self.view.overlay = Overlay::Mapping,
            Command::ApplyMapping => self.apply_mapping(),
            Command::SaveProfile(replace) => self.save_profile(replace),
            Command::ChooseProfile => self.ask_for(Dialog::Profile),
            Command::ImportProfile(path) => self.import_profile(expanded(path)),
            // The dialog of the desktop asks by itself before a file is replaced.
            Command::ChooseExport => self.ask_for(Dialog::NewProfile),
            Command::ExportProfile((path, replace)) => self.export_profile(expanded(path), replace),
            other => return Err(other),
        }
        Ok(())
    }

    /// Reads the file through the edited mapping.
    fn apply_mapping(&mut self) {
        let Some(request) = self.request.clone() else { return };
        let edited = Some(Arc::new(self.drafts.mapping.profile()));
        self.open(OpenRequest { edited, ..request });
    }

    fn save_profile(&mut self, replace: bool) {
        let (profile, tables) = self.edited();
        let folder = self.profiles.clone();
        self.in_background("save profile", move || {
            let saved = folder.ok_or_else(no_folder).and_then(|folder| {
                let profile = recognising(profile, &tables)?;
                library::save(&folder, &profile, replace)
            });
            Answer::Profile(ProfileOutcome::Saved(saved))
        });
    }

    fn export_profile(&mut self, path: PathBuf, replace: bool) {
        let (profile, tables) = self.edited();
        self.in_background("export profile", move || {
            let exported = recognising(profile, &tables).and_then(|profile| export(&path, &profile, replace));
            Answer::Profile(ProfileOutcome::Exported(exported))
        });
    }

    fn import_profile(&mut self, path: PathBuf) {
        let (_, tables) = self.edited();
        self.in_background("import profile", move || {
            let profile = library::load(&path).map(|profile| instance(&profile, &tables));
            Answer::Profile(ProfileOutcome::Imported(path, Box::new(profile)))
        });
    }

    /// The edited profile, and the tables that it is edited for.
    fn edited(&self) -> (Profile, Vec<Table>) {
        let guesses = self.session.as_ref().and_then(|session| session.guesses().value().cloned());
        (self.drafts.mapping.profile(), guesses.map(|guesses| guesses.tables.clone()).unwrap_or_default())
    }

    /// Takes in what became of a profile's file.
    pub(super) fn take_profile_outcome(&mut self, outcome: ProfileOutcome) {
        let draft = &mut self.drafts.mapping;
        match outcome {
            ProfileOutcome::Saved(saved) => draft.saved(saved),
            ProfileOutcome::Imported(path, profile) => draft.imported(&path, *profile),
            ProfileOutcome::Exported(exported) => draft.exported(exported),
        }
    }
}

/// The profile with a `[detect]` section by which this kind of database is recognised again.
fn recognising(profile: Profile, tables: &[Table]) -> Result<Profile> {
    let detect = detect_section(&profile, tables)?;
    Ok(Profile { detect, ..profile })
}

fn export(path: &Path, profile: &Profile, replace: bool) -> Result<Saved> {
    if !replace && path.exists() {
        return Ok(Saved::Exists(path.to_owned()));
    }
    library::write(path, profile)?;
    Ok(Saved::Written(path.to_owned()))
}

fn no_folder() -> Error {
    Error::new(ErrorKind::Unsupported, "this system has no folder for a user's configuration")
        .with_hint("Export the profile to a file, and name that with --profile.")
}
