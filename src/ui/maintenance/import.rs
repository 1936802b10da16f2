//! The window for importing: what the other file is taken for, how it is read instead, and how many events come of it,
//! before anything is written.

use egui::{Button, Label, RichText, Ui};

use super::super::controls::{dim, sentence};
use super::super::dialogs::dialog;
use super::super::numbers::grouped;
use super::super::scene::Scene;
use super::super::theme;
use super::super::widgets::drop_down;
use super::files::{WIDTH, choices};
use super::{MaintenanceDraft, field, file_name, filled, note, path_row, words};
use crate::filter::Filter;
use crate::model::{Asked, Command, Importing};
use crate::profile::Level;
use crate::session::{DatabasePreview, ImportPreview, ImportSource, Loading};

/// The width of the menu of the ways to read a database, in points.
const WAYS: f32 = 320.0;

/// Asks for what is to be imported, and says what that would be.
pub fn import(ui: &mut Ui, scene: &Scene<'_>, draft: &mut MaintenanceDraft, out: &mut Vec<Command>) {
    dialog(ui, "Import events", WIDTH, out, |ui, out| {
        let file = file_name(scene);
        note(
            ui,
            format!(
                "From a database of any kind that is recognised, or from lines of JSON. They are appended to {file}."
            ),
        );
        path_row(ui, scene, "What to import", &mut draft.path, Asked::Import, out);
        let filter = Filter::parse(&draft.filter);
        let fault = filter.as_ref().err().map(ToString::to_string);
        let wanted = filled(&draft.path).map(|path| ImportSource {
            path: draft.expanded.map_or_else(|| path.clone().into(), |expanded| expanded(path.clone().into())),
            profiles: draft.profiles.clone(),
            read_as: draft.way().map(str::to_owned),
            filter: filter.unwrap_or_default(),
        });
        let preview = wanted.as_ref().zip(scene.session).map(|(wanted, session)| session.import_preview(wanted));
        let preview = preview.unwrap_or_default();
        let ready = match (&wanted, &preview, preview.value().map(|preview| &**preview)) {
            (None, ..) => Err("Type or choose a path first."),
            (_, Loading::Failed(error), _) => {
                // While a path is typed, most of it leads nowhere: no reason to shout.
                note(ui, sentence(&error.to_string()));
                // Another way to read it is the way out of an error.
                if draft.way().is_some() && ui.button("Read it as it is recognised").clicked() {
                    draft.read_as = None;
                }
                Err("It cannot be read.")
            }
            (.., None) => {
                note(ui, "Looking at it…");
                Err("It is still being looked at.")
            }
            (.., Some(ImportPreview::Lines)) => {
                lines(ui, draft);
                Ok(())
            }
            (.., Some(ImportPreview::Database(found))) => {
                database(ui, draft, found, fault.as_deref(), preview.is_loading())
            }
        };
        let command = ready.map(|()| Command::Import(Box::new(importing(draft))));
        choices(ui, scene, "Import", command, out);
    });
}

fn importing(draft: &MaintenanceDraft) -> Importing {
    Importing {
        path: filled(&draft.path).unwrap_or_default().into(),
        read_as: draft.way().map(str::to_owned),
        filter: draft.filter.trim().to_owned(),
        keep_places: draft.keep_places,
        aggregate_type: filled(&draft.aggregate_type),
        carry_opaque: draft.carry_opaque,
    }
}

impl MaintenanceDraft {
    /// How the database is to be read, where somebody chose it for this path.
    fn way(&self) -> Option<&str> {
        self.read_as.as_ref().filter(|(path, _)| *path == self.path).map(|(_, way)| way.as_str())
    }
}

fn lines(ui: &mut Ui, draft: &mut MaintenanceDraft) {
    ui.checkbox(&mut draft.keep_places, "Keep the positions, versions and times of the lines");
    note(ui, "All lines are imported or, after an error, none.");
}

/// What can be said of a database; why it cannot be imported yet.
fn database(
    ui: &mut Ui,
    draft: &mut MaintenanceDraft,
    found: &DatabasePreview,
    fault: Option<&str>,
    loading: bool,
) -> Result<(), &'static str> {
    ways(ui, draft, found);
    if found.recognised.is_none() && draft.way().is_none() {
        return Err("Nothing in it is known as events.");
    }
    field(ui, "Which events", "all, or a filter such as type:order.* after:2026-01-01", &mut draft.filter);
    if let Some(fault) = fault {
        let text = RichText::new(sentence(fault)).font(theme::small()).color(theme::palette(ui).del);
        ui.add(Label::new(text).wrap());
    }
    field(ui, "Aggregate type of events that have none", "the name of the profile", &mut draft.aggregate_type);
    ui.checkbox(&mut draft.carry_opaque, "Carry payloads along that cannot be read, as Base64");
    note(
        ui,
        "What was imported before is not imported again; an import that was stopped goes on. At the end both sides are \
         compared.",
    );
    let events = found.events.filter(|_| !loading && fault.is_none());
    let text = match (fault, events) {
        (Some(_), _) => String::new(),
        (None, None) => "Counting the events…".to_owned(),
        (None, Some(0)) => "No event would be imported.".to_owned(),
        (None, Some(1)) => "1 event would be imported.".to_owned(),
        (None, Some(events)) => format!("{} events would be imported.", grouped(events)),
    };
    ui.label(RichText::new(text).color(theme::palette(ui).text));
    match (fault, events) {
        (Some(_), _) => Err("The filter cannot be read."),
        (None, Some(0)) => Err("There is no event to import."),
        // A long count keeps nobody from what was decided.
        _ => Ok(()),
    }
}

/// What the database is taken for, and the menu of what else it can be read as.
fn ways(ui: &mut Ui, draft: &mut MaintenanceDraft, found: &DatabasePreview) {
    words(ui, "Read as");
    let recognised = found.recognised.as_deref().unwrap_or("Nothing that is known");
    let shown = draft.way().unwrap_or(recognised).to_owned();
    ui.horizontal(|ui| {
        let chosen = drop_down(ui, "Read as", RichText::new(&shown), WAYS, |ui| {
            let mut chosen = None;
            let text = format!("{recognised}, as it is recognised");
            if ui.add(Button::new(&text).selected(draft.way().is_none())).clicked() {
                chosen = Some(None);
            }
            for way in &found.ways {
                if ui.add(Button::new(way).selected(draft.way() == Some(way))).clicked() {
                    chosen = Some(Some(way.clone()));
                }
            }
            if chosen.is_some() {
                ui.close();
            }
            chosen
        });
        if let Some(way) = chosen.flatten() {
            draft.read_as = way.map(|way| (draft.path.clone(), way));
        }
        let sure = match found.confidence.level() {
            Level::Certain => "certain",
            Level::Likely => "likely",
            Level::Guess => "a guess",
            Level::None => "",
        };
        let sure = dim(ui, sure);
        ui.label(sure);
    });
    let reason = dim(ui, sentence(&found.reason));
    ui.add(Label::new(reason.font(theme::small())).wrap());
}
