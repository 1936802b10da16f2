//! What these windows write to files: a button at the right of their first line, with a menu where there are several forms.

use std::path::PathBuf;

use egui::{Button, Ui};

use super::super::controls::offer;
use super::super::scene::Scene;
use crate::model::{Command, NewFile};

/// One form of what a window shows.
pub(in crate::ui) struct Form<'a> {
    /// What it is called: "NDJSON".
    pub title: &'a str,
    /// A sentence about it.
    pub help: &'a str,
    /// What the file's name ends with, behind that of the database: "audit.ndjson".
    pub ending: String,
    /// What it is, at the beginning of a sentence.
    pub what: String,
    /// The text, made when it is asked for.
    pub text: &'a dyn Fn() -> String,
}

impl Form<'_> {
    fn save(&self, scene: &Scene<'_>) -> Command {
        let path = beside(scene, &self.ending);
        Command::SaveAs(Box::new(NewFile::text(path, self.what.clone(), (self.text)())))
    }
}

/// A file beside the database, with its name and this ending.
pub(in crate::ui) fn beside(scene: &Scene<'_>, ending: &str) -> PathBuf {
    let overview = scene.session.and_then(|session| session.overview());
    let stem = overview.map(|overview| overview.path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
    let folder = overview.and_then(|overview| overview.path.parent());
    let name = stem.map_or(ending.to_owned(), |stem| format!("{stem}-{ending}"));
    folder.map_or_else(|| PathBuf::from(&name), |folder| folder.join(&name))
}

/// The button for one form.
pub(in crate::ui) fn button(ui: &mut Ui, scene: &Scene<'_>, name: &str, form: &Form<'_>, out: &mut Vec<Command>) {
    let nothing = Command::SaveAs(Box::new(NewFile::text(PathBuf::new(), "", String::new())));
    // It is only written out where it is asked for.
    let pressed = offer(ui, scene.environment, nothing, Button::new(name), name, &mut Vec::new());
    if pressed.on_hover_text(form.help).clicked() {
        out.push(form.save(scene));
    }
}

/// The same button while what there is was told from a sample: a file would not say so.
pub(in crate::ui) fn not_yet(ui: &mut Ui, name: &str) {
    let why = "This was told from a sample so far. It can be exported once everything was read.";
    ui.add_enabled(false, Button::new(name)).on_disabled_hover_text(why);
}

/// The button for several forms, which opens a menu of them.
pub(in crate::ui) fn menu(ui: &mut Ui, scene: &Scene<'_>, forms: &[Form<'_>], out: &mut Vec<Command>) {
    ui.menu_button("Export…", |ui| {
        for form in forms {
            if ui.button(form.title).on_hover_text(form.help).clicked() {
                out.push(form.save(scene));
                ui.close();
            }
        }
    });
}

/// The name of a type as a part of a file's name.
pub(super) fn file_name(name: &str) -> String {
    let kept = |letter: char| if letter.is_alphanumeric() || "._-@".contains(letter) { letter } else { '_' };
    name.chars().map(kept).take(120).collect()
}
