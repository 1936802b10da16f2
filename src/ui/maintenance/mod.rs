//! The windows for what is done with a whole store: making one, copying it, taking events in and out, archiving, and
//! what verifying found.

mod archive;
mod export;
mod files;
mod import;
mod verified;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Align, Button, Layout, RichText, Ui};

use super::controls::{dim, offer};
use super::scene::Scene;
use super::theme;
use super::widgets::Entry;
use crate::Error;
use crate::model::{Archiving, Asked, Command};
use crate::session::{ArchivePlan, ExportFormat, Loading, Verified};

pub use archive::archive;
pub use export::export;
pub(super) use files::choices;
pub use files::{back_up, new_store};
pub use import::import;
pub use verified::verified;

/// What is typed and chosen in these windows, and what they show.
#[derive(Debug, Default)]
pub struct MaintenanceDraft {
    path: String,
    chained: bool,
    keep_places: bool,
    /// The folder of the user's own profiles.
    profiles: Option<PathBuf>,
    /// What a path means that somebody typed.
    expanded: Option<fn(PathBuf) -> PathBuf>,
    /// How the database at a path is to be read, where somebody chose.
    read_as: Option<(String, String)>,
    filter: String,
    aggregate_type: String,
    carry_opaque: bool,
    /// Of an export: which events, where these are not those that the window's filter lets through.
    only: Option<String>,
    /// Of an export: its form, what is replaced by pseudonyms, and what these are made with.
    format: ExportFormat,
    redact: String,
    key: String,
    notes: NotesWanted,
    closed: String,
    before: String,
    /// What was last asked to be planned, and what came of it.
    plan: Option<(Archiving, Loading<Arc<ArchivePlan>>)>,
    verified: Option<Arc<Verified>>,
}

/// Whether an export has notes on bookmarks, where its form has room for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum NotesWanted {
    #[default]
    With,
    Without,
}

impl MaintenanceDraft {
    /// Starts anew with a path.
    pub fn begin(&mut self, path: &Path) {
        *self = Self { path: path.display().to_string(), verified: self.verified.take(), ..Self::default() };
    }

    /// A path was chosen in the desktop's own dialog.
    pub fn chose(&mut self, path: &Path) {
        self.path = path.display().to_string();
    }

    /// Only the events that this filter lets through are exported, whatever the window's is.
    pub fn only(&mut self, filter: String) {
        self.only = Some(filter);
    }

    /// Where the user's own profiles are, and what a path means that somebody typed.
    pub fn reads(&mut self, profiles: Option<PathBuf>, expanded: fn(PathBuf) -> PathBuf) {
        (self.profiles, self.expanded) = (profiles, Some(expanded));
    }

    /// A plan was asked for.
    pub fn planning(&mut self, wanted: Archiving) {
        self.plan = Some((wanted, Loading::Missing));
    }

    /// The plan is there.
    pub fn planned(&mut self, plan: Arc<ArchivePlan>) {
        if let Some((_, held)) = &mut self.plan {
            *held = Loading::Ready(plan);
        }
    }

    /// There is no plan.
    pub fn not_planned(&mut self, error: Arc<Error>) {
        if let Some((_, held)) = &mut self.plan {
            *held = Loading::Failed(error);
        }
    }

    /// The plan that is shown.
    #[must_use]
    pub fn plan(&self) -> Option<Arc<ArchivePlan>> {
        self.plan.as_ref().and_then(|(_, plan)| plan.value().cloned())
    }

    /// Whether there is something to show of a verification.
    #[must_use]
    pub fn was_verified(&self) -> bool {
        self.verified.is_some()
    }

    /// The store was verified.
    pub fn verified(&mut self, verified: Arc<Verified>) {
        self.verified = Some(verified);
    }
}

/// A word over a field.
fn words(ui: &mut Ui, title: &str) {
    ui.label(RichText::new(title).font(theme::small()).color(theme::palette(ui).dim));
}

/// A sentence that accompanies.
fn note(ui: &mut Ui, text: impl Into<String>) {
    let text = dim(ui, text);
    ui.add(egui::Label::new(text).wrap());
}

/// An entry under its name.
fn field(ui: &mut Ui, name: &str, hint: &str, text: &mut String) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = theme::STEP;
        words(ui, name);
        Entry { name, hint, id: egui::Id::unique(("maintenance", name)), framed: true }.show(ui, text);
    });
}

/// The entry for a path, with the desktop's own dialog beside it.
pub(in crate::ui) fn path_row(
    ui: &mut Ui,
    scene: &Scene<'_>,
    name: &str,
    text: &mut String,
    asked: Asked,
    out: &mut Vec<Command>,
) {
    words(ui, name);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            offer(ui, scene.environment, Command::Browse(asked), Button::new("Browse…"), "Browse…", out);
            let id = egui::Id::unique(("maintenance path", name));
            let entry = Entry { name, hint: "/path/to/a/file", id, framed: true }.show(ui, text);
            if ui.memory(|memory| memory.focused().is_none()) {
                entry.request_focus();
            }
        });
    });
}

/// The text without white space around it, where there is any.
fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The name of the file that is open.
fn file_name<'a>(scene: &Scene<'a>) -> &'a str {
    scene.session.and_then(|session| session.overview()).map_or("this store", |overview| &overview.file_name)
}
