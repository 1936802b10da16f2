//! What is remembered from one run to the next.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::column::ColumnLayout;
use super::kept_filters::KeptFilters;
use super::look::{ThemeChoice, TimeMode};
use super::marks::MarkKinds;
use super::noted::Noted;
use super::reducer_command::ReducerCommand;
use super::view::{Place, Speed, ViewState};
use super::watch::Watch;

/// The name under which they are kept among other things that the window remembers.
pub const SETTINGS_KEY: &str = "settings";

/// How many recent files are remembered.
pub const RECENT_LIMIT: usize = 10;

/// For how many files the command that folds them, and what is watched for in them, is remembered.
const COMMANDS_LIMIT: usize = 50;

/// What is remembered from one run to the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The files opened last, newest first.
    recent: Vec<PathBuf>,
    /// Where they were left.
    places: Vec<(PathBuf, Place)>,
    /// The files that an application's own code folded, each with its command, newest first.
    reducer_commands: Vec<(PathBuf, ReducerCommand)>,
    /// The files in which something is watched for, newest first.
    watches: Vec<(PathBuf, Vec<Watch>)>,
    /// The files in which something is noted, newest first.
    noted: Vec<(PathBuf, Noted)>,
    /// The filters that are kept for each kind of database.
    pub filters: KeptFilters,
    /// The colours.
    pub theme: ThemeChoice,
    /// How times are written.
    pub time_mode: TimeMode,
    /// The columns of the event table.
    pub columns: ColumnLayout,
    /// How fast versions are stepped through.
    pub speed: Speed,
    /// What is marked on the timeline.
    pub marks: MarkKinds,
}

impl Settings {
    /// The files opened last, newest first, at most [`RECENT_LIMIT`].
    #[must_use]
    pub fn recent(&self) -> &[PathBuf] {
        &self.recent
    }

    /// Puts `path` first among the recent files.
    pub fn opened(&mut self, path: &Path) {
        self.recent.retain(|any| any != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(RECENT_LIMIT);
        let Self { recent, places, .. } = self;
        places.retain(|(any, _)| recent.contains(any));
    }

    /// Remembers where one of the recent files is left.
    pub fn left(&mut self, path: &Path, place: &Place) {
        self.places.retain(|(any, _)| any != path);
        if self.recent.iter().any(|any| any == path) {
            self.places.push((path.to_owned(), place.clone()));
        }
    }

    /// Where a file was left the last time.
    #[must_use]
    pub fn place(&self, path: &Path) -> Option<&Place> {
        self.places.iter().find(|(any, _)| any == path).map(|(_, place)| place)
    }

    /// Forgets `path`: it is no longer there.
    pub fn forget(&mut self, path: &Path) {
        self.recent.retain(|any| any != path);
        self.places.retain(|(any, _)| any != path);
    }

    /// The command that folded this file when it was open before. It is offered, and never run by itself.
    #[must_use]
    pub fn reducer_command(&self, path: &Path) -> Option<&ReducerCommand> {
        self.reducer_commands.iter().find(|(file, _)| file == path).map(|(_, command)| command)
    }

    /// Remembers the command that folds this file.
    pub fn folded_by(&mut self, path: &Path, command: ReducerCommand) {
        self.not_folded_by_command(path);
        self.reducer_commands.insert(0, (path.to_owned(), command));
        self.reducer_commands.truncate(COMMANDS_LIMIT);
    }

    /// Forgets the command that folded this file.
    pub fn not_folded_by_command(&mut self, path: &Path) {
        self.reducer_commands.retain(|(file, _)| file != path);
    }

    /// What is watched for in this file.
    #[must_use]
    pub fn watches(&self, path: &Path) -> &[Watch] {
        self.watches.iter().find(|(file, _)| file == path).map_or(&[], |(_, watches)| watches)
    }

    /// Remembers what is watched for in this file.
    pub fn watched(&mut self, path: &Path, watches: &[Watch]) {
        self.watches.retain(|(file, _)| file != path);
        if !watches.is_empty() {
            self.watches.insert(0, (path.to_owned(), watches.to_vec()));
            self.watches.truncate(COMMANDS_LIMIT);
        }
    }

    /// What is noted in this file.
    #[must_use]
    pub fn noted(&self, path: &Path) -> Option<&Noted> {
        self.noted.iter().find(|(file, _)| file == path).map(|(_, noted)| noted)
    }

    /// Remembers what is noted in this file.
    pub fn note(&mut self, path: &Path, noted: &Noted) {
        self.noted.retain(|(file, _)| file != path);
        if !noted.is_empty() {
            self.noted.insert(0, (path.to_owned(), noted.clone()));
            self.noted.truncate(COMMANDS_LIMIT);
        }
    }

    /// Takes from `view` what is worth remembering.
    pub fn take_from(&mut self, view: &ViewState) {
        self.theme = view.theme;
        self.time_mode = view.time_mode;
        self.columns = view.columns.clone();
        self.speed = view.speed;
        self.marks = view.marks.clone();
    }

    /// Gives `view` what was remembered.
    pub fn give_to(&self, view: &mut ViewState) {
        view.theme = self.theme;
        view.time_mode = self.time_mode;
        view.columns = self.columns.clone();
        view.speed = self.speed;
        view.marks = self.marks.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_file_is_first_and_stands_once() {
        let mut settings = Settings::default();
        for index in 0..20 {
            settings.opened(Path::new(&format!("{index}.db")));
        }
        settings.opened(Path::new("15.db"));
        assert_eq!(settings.recent().len(), RECENT_LIMIT);
        assert_eq!(settings.recent().first().unwrap(), Path::new("15.db"));
        assert_eq!(settings.recent().iter().filter(|path| path.ends_with("15.db")).count(), 1);
        settings.forget(Path::new("15.db"));
        assert!(!settings.recent().iter().any(|path| path.ends_with("15.db")));
    }

    #[test]
    fn a_recent_file_is_found_where_it_was_left() {
        let (mut settings, path) = (Settings::default(), Path::new("a.db"));
        let place = Place { filter: "type:a".into(), event: Some(7), ..Place::default() };
        settings.left(path, &place);
        assert_eq!(settings.place(path), None, "it was never opened");
        settings.opened(path);
        settings.left(path, &Place::default());
        settings.left(path, &place);
        let json = serde_json::to_string(&settings).unwrap();
        let read: Settings = serde_json::from_str(&json).unwrap();
        assert_eq!(read.place(path), Some(&place));
        for index in 0..RECENT_LIMIT {
            settings.opened(Path::new(&format!("{index}.db")));
        }
        assert_eq!(settings.place(path), None);
    }

    #[test]
    fn watches_and_notes_are_remembered_for_their_file_alone() {
        let mut settings = Settings::default();
        let condition = crate::model::Condition::When(".on_hand < 0".to_owned());
        let watches = [Watch { aggregate_type: "stock".to_owned(), condition }];
        settings.watched(Path::new("a.db"), &watches);
        let json = serde_json::to_string(&settings).unwrap();
        let mut read: Settings = serde_json::from_str(&json).unwrap();
        assert_eq!(read.watches(Path::new("a.db")), watches);
        assert_eq!(read.watches(Path::new("b.db")), []);
        read.watched(Path::new("a.db"), &[]);
        assert_eq!(read, Settings::default());
        let mut noted = Noted::default();
        noted.keep_bookmark(crate::model::Bookmark::new(&crate::event::StreamName::new("stock", "cup"), 7));
        read.note(Path::new("a.db"), &noted);
        assert_eq!((read.noted(Path::new("a.db")), read.noted(Path::new("b.db"))), (Some(&noted), None));
    }

    #[test]
    fn a_command_is_remembered_for_its_file_alone() {
        let mut settings = Settings::default();
        let command = |line: &str| ReducerCommand { line: line.to_owned(), folder: None };
        settings.folded_by(Path::new("a.db"), command("one"));
        settings.folded_by(Path::new("b.db"), command("two"));
        settings.folded_by(Path::new("a.db"), command("three"));
        assert_eq!(settings.reducer_command(Path::new("a.db")), Some(&command("three")));
        settings.not_folded_by_command(Path::new("a.db"));
        assert_eq!(settings.reducer_command(Path::new("a.db")), None);
        assert_eq!(settings.reducer_command(Path::new("b.db")), Some(&command("two")));
    }
}
