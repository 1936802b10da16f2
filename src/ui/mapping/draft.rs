//! A mapping while a person edits it: what it was guessed as, what it is now, and what became of saving it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::fields;
use crate::Error;
use crate::profile::library::Saved;
use crate::profile::{Detection, Field, FieldReason, Mapping, Profile, library};
use crate::session::{Guesses, MappingPreview, Severity};
use crate::ui::controls::sentence;

/// What is edited in the mapping dialog. Empty until the guess is there.
#[derive(Debug, Default)]
pub struct MappingDraft {
    /// The mapping as it is edited.
    pub(super) profile: Profile,
    /// What it began as.
    pub(super) guess: Option<Arc<Detection>>,
    /// How events were read in the profile that it began with.
    before: Mapping,
    /// The fields whose expression is typed, rather than chosen among the columns.
    pub(super) typed: BTreeSet<&'static str>,
    /// The store's order and a stream's as they are typed.
    pub(super) orders: [String; 2],
    /// Whether what stands after `FROM` is typed.
    pub(super) join: bool,
    /// The table that is being read as events.
    pub(super) wanted: Option<String>,
    /// What is open above the buttons.
    pub(super) page: Page,
    /// The path that is typed for importing or exporting.
    pub(super) path: String,
    /// The row of the preview whose event is shown in full.
    pub(super) row: usize,
    /// What became of the last thing that was done with a file.
    pub(super) outcome: Option<Outcome>,
    /// It is to be applied as soon as it is known to be right.
    pub(super) impatient: bool,
    /// The field that is to get the keyboard.
    pub(super) focus: Option<egui::Id>,
}

/// What is open above the buttons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Page {
    /// Nothing.
    #[default]
    None,
    /// The name and title to save under.
    Save,
    /// The path to import from.
    Import,
    /// The path to export to.
    Export,
}

/// What became of something that was done with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It went well; this says what and where.
    Done(String),
    /// This file is there already; whether it was to be exported to, rather than saved in.
    Exists(PathBuf, bool),
    /// It failed.
    Failed {
        /// Why.
        text: String,
        /// What to do now.
        hint: Option<String>,
    },
}

impl Outcome {
    fn failed(error: &Error) -> Self {
        Self::Failed { text: sentence(&error.to_string()), hint: error.hint().map(str::to_owned) }
    }
}

impl MappingDraft {
    /// Whether there is something to edit.
    pub(super) fn has_begun(&self) -> bool {
        self.guess.is_some()
    }

    /// Starts with what the file is read as; where that is nothing, with what looks most like events, or with a table.
    pub(super) fn begin(&mut self, guesses: &Guesses) {
        let likely = guesses.current.as_ref().or(guesses.others.first());
        match (likely, guesses.tables.iter().max_by_key(|table| table.columns.len())) {
            (Some(detection), _) => self.take(detection),
            (None, Some(table)) => self.wanted = Some(table.name.clone()),
            (None, None) => {}
        }
    }

    /// Takes a guess in place of what was edited.
    pub(super) fn take(&mut self, detection: &Detection) {
        let (page, outcome) = (self.page, self.outcome.take());
        *self = Self { guess: Some(Arc::new(detection.clone())), page, outcome, ..Self::default() };
        self.set_profile((*detection.profile).clone());
        self.name_it();
    }

    fn set_profile(&mut self, profile: Profile) {
        self.orders = [profile.events.order.join(", "), profile.events.stream_order.join(", ")];
        self.join = !is_one_table(&profile);
        self.typed.clear();
        self.before = profile.events.clone();
        self.profile = profile;
    }

    /// A name and a title to save it under: the user's own profiles keep theirs, a guess is named after its table.
    fn name_it(&mut self) {
        let profile = &mut self.profile;
        if profile.name == "inferred" {
            profile.name = as_name(&profile.events.table);
            profile.title = format!("Events in {}", profile.events.table);
            // A guess asks for every column of its table. What is saved asks for those that it reads.
            profile.detect.clear();
        } else if crate::profile::by_name(&profile.name).is_some() {
            profile.name = format!("{}-edited", profile.name);
            profile.title = format!("{}, edited", profile.title);
        }
    }

    /// Changes a field; a wish that came before the change is forgotten.
    pub(super) fn set(&mut self, name: &'static str, field: Option<Field>) {
        fields::set(&mut self.profile, name, field);
        self.edited();
    }

    /// Something was changed.
    pub(super) fn edited(&mut self) {
        self.impatient = false;
        if matches!(self.outcome, Some(Outcome::Done(_))) {
            self.outcome = None;
        }
    }

    /// Why a field was guessed as it is.
    pub(super) fn reason(&self, name: &str) -> Option<&FieldReason> {
        self.guess.as_ref()?.fields.iter().find(|reason| reason.field == name)
    }

    /// Whether a field is another than it was guessed to be.
    pub(super) fn is_changed(&self, name: &str) -> bool {
        let guess = self.guess.as_ref().and_then(|guess| fields::get(&guess.profile, name));
        guess != fields::get(&self.profile, name)
    }

    /// Whether anything is other than it was guessed to be.
    pub(super) fn is_edited(&self) -> bool {
        self.guess.as_ref().is_some_and(|guess| {
            guess.profile.events != self.profile.events || guess.profile.snapshots != self.profile.snapshots
        })
    }

    /// Whether events could be appended before the mapping was edited, and cannot be through it.
    pub(super) fn loses_append(&self) -> bool {
        self.profile.append.is_some() && !fields::write_alike(&self.before, &self.profile.events)
    }

    /// The profile to read the file through, to save or to export. Events are only appended through a mapping that
    /// writes them as the profile before did, and follow time only in the order that was said to.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let mut profile = self.profile.clone();
        if self.loses_append() {
            profile.append = None;
        }
        profile.events.chronological &= fields::order_alike(&self.before, &profile.events);
        let title = profile.title.trim();
        profile.title = if title.is_empty() { profile.name.clone() } else { title.to_owned() };
        profile
    }

    /// Whether it can be applied: it was tried, and nothing that is needed is wrong with it.
    pub(super) fn ready(preview: Option<&MappingPreview>) -> Result<(), String> {
        let Some(preview) = preview else { return Err("Reading the first events…".to_owned()) };
        let errors = preview.faults.iter().filter(|fault| fault.severity == Severity::Error);
        let wrong: Vec<&str> = errors.map(|fault| fields::title_of(fault.field)).collect();
        match wrong.as_slice() {
            [] => Ok(()),
            [one] => Err(format!("Mend {one} first.")),
            [others @ .., last] => Err(format!("Mend {} and {last} first.", others.join(", "))),
        }
    }

    /// Takes in what became of saving.
    pub fn saved(&mut self, saved: Result<Saved, Error>) {
        self.outcome = Some(match saved {
            Ok(Saved::Written(path)) => {
                self.page = Page::None;
                Outcome::Done(format!("Saved in {}. It is used the next time such a database opens.", path.display()))
            }
            Ok(Saved::Exists(path)) => Outcome::Exists(path, false),
            Err(error) => Outcome::failed(&error),
        });
    }

    /// Takes in a profile from a file.
    pub fn imported(&mut self, path: &std::path::Path, profile: Result<Profile, Error>) {
        match profile {
            Ok(profile) => {
                self.set_profile(profile);
                self.page = Page::None;
                self.outcome = Some(Outcome::Done(format!("Imported from {}.", path.display())));
            }
            Err(error) => self.outcome = Some(Outcome::failed(&error)),
        }
    }

    /// Takes in what became of exporting.
    pub fn exported(&mut self, exported: Result<Saved, Error>) {
        self.outcome = Some(match exported {
            Ok(Saved::Exists(path)) => Outcome::Exists(path, true),
            Ok(Saved::Written(path)) => {
                self.page = Page::None;
                Outcome::Done(format!("Exported to {}.", path.display()))
            }
            Err(error) => Outcome::failed(&error),
        });
    }

    /// What is wrong with the name, where something is.
    pub(super) fn name_fault(&self) -> Option<String> {
        let error = library::check_name(&self.profile.name).err()?;
        Some(format!("{} {}", sentence(&error.to_string()), error.hint().unwrap_or_default()))
    }
}

/// Whether events come from one table, rather than from a join.
pub(super) fn is_one_table(profile: &Profile) -> bool {
    let events = &profile.events;
    let bare = events.from.trim().trim_matches(['"', '`', '[', ']']);
    bare.replace("\"\"", "\"").eq_ignore_ascii_case(&events.table)
}

/// A text as the name of a profile: lowercase letters, digits and dashes.
fn as_name(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let name: String = text.chars().map(plain).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "mapping".to_owned() } else { name.chars().take(48).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Confidence;

    fn detection(name: &str) -> Detection {
        let events = Mapping {
            from: "\"Event Log\"".into(),
            table: "Event Log".into(),
            data: Field::new("body"),
            ..Mapping::default()
        };
        let profile = Profile { name: name.into(), title: "T".into(), events, ..Profile::default() };
        Detection {
            profile: Arc::new(profile),
            confidence: Confidence::CERTAIN,
            reason: String::new(),
            fields: Vec::new(),
        }
    }

    #[test]
    fn a_guess_is_named_after_its_table_and_a_built_in_profile_is_not_overwritten() {
        let mut draft = MappingDraft::default();
        draft.take(&detection("inferred"));
        assert_eq!(
            (draft.profile().name.as_str(), draft.profile().title.as_str()),
            ("event-log", "Events in Event Log")
        );
        draft.take(&detection("emmett"));
        assert_eq!(draft.profile().name, "emmett-edited");
        draft.take(&detection("my-own"));
        assert_eq!((draft.profile().name.as_str(), draft.is_edited(), draft.join), ("my-own", false, false));
    }

    #[test]
    fn what_is_edited_is_known_field_by_field() {
        let mut draft = MappingDraft::default();
        draft.take(&detection("inferred"));
        draft.set("version", Some(Field::new("v")));
        assert!(draft.is_edited() && draft.is_changed("version") && !draft.is_changed("data"));
        draft.set("version", None);
        assert!(!draft.is_edited());
    }

    #[test]
    fn a_mapping_that_writes_otherwise_is_read_only() {
        let mut guess = detection("own");
        let writing = "name = 'own'\ntitle = 'T'\n[events]\nfrom = 'log'\ndata = 'body'\n[append]\ntable = 'log'\n\
                       [append.columns]\nbody = ':data'";
        guess.profile = Arc::new(Profile::parse(writing).unwrap());
        let mut draft = MappingDraft::default();
        draft.take(&guess);
        draft.set("actor", Some(Field::new("who")));
        assert!(draft.profile().append.is_some());
        draft.set("data", Some(Field::new("text")));
        assert!(draft.loses_append() && draft.profile().append.is_none());
    }

    #[test]
    fn another_order_or_another_time_is_not_known_to_be_chronological() {
        let text = "name = 'own'\ntitle = 'T'\n[events]\nfrom = 'log'\nposition = 'id'\ntimestamp = 'at'\n\
                    chronological = true\ndata = 'body'";
        let mut own = detection("own");
        own.profile = Arc::new(Profile::parse(text).unwrap());
        for name in ["position", "timestamp"] {
            let mut draft = MappingDraft::default();
            draft.take(&own);
            draft.set("actor", Some(Field::new("who")));
            assert!(draft.profile().events.chronological, "{name}");
            draft.set(name, Some(Field::new("other")));
            assert!(!draft.profile().events.chronological, "{name}");
        }
    }
}
