//! The window for an export: in which form, what is replaced by pseudonyms, how that begins, and where it goes.

use egui::{Label, RichText, ScrollArea, Ui};

use super::super::controls::failure;
use super::super::dialogs::dialog;
use super::super::numbers::counted;
use super::super::scene::Scene;
use super::super::theme;
use super::files::choices;
use super::{MaintenanceDraft, NotesWanted, field, filled, note, path_row};
use crate::codec::{one_line, visible_lines};
use crate::filter::Filter;
use crate::model::{Asked, Command, Exporting};
use crate::session::{ExportFormat, ExportRequest, Loading, Notes};

/// The width of the window, and the height of the preview, in points.
const WIDTH: f32 = 860.0;
const PREVIEW: f32 = 190.0;
/// The longest line of the preview, in characters.
const LONGEST: usize = 220;
/// How many lines of it are shown.
const LINES: usize = 60;

/// Asks in which form the events go out that the filter lets through, and where to.
pub fn export(ui: &mut Ui, scene: &Scene<'_>, draft: &mut MaintenanceDraft, out: &mut Vec<Command>) {
    dialog(ui, "Export events", WIDTH, out, |ui, out| {
        let only = draft.only.clone();
        let filter = only.as_ref().unwrap_or(&scene.view.place.filter);
        let events = scene.session.map(|session| counted(session.rows().len(), "event", "events")).unwrap_or_default();
        let which = match (&only, filter.is_empty()) {
            (Some(filter), _) => format!("The events that the filter {} lets through", one_line(filter)),
            (None, true) => format!("All {events}"),
            (None, false) => format!("The {events} that the filter {} lets through", one_line(filter)),
        };
        note(ui, format!("{which}, oldest first."));
        formats(ui, draft);
        note(ui, draft.format.help());
        ui.columns(2, |columns| {
            let [left, right] = columns else { return };
            field(left, "Redact", "data.customer.email actor email /secret-\\w+/", &mut draft.redact);
            field(right, "Key for pseudonyms", "the same key, the same pseudonyms", &mut draft.key);
        });
        let notes = notes(ui, scene, draft);
        let request = ExportRequest {
            filter: Filter::parse(filter).unwrap_or_default(),
            format: draft.format,
            redact: draft.redact.trim().to_owned(),
            key: draft.key.clone(),
            notes,
        };
        let is_sound = preview(ui, scene, &request);
        path_row(ui, scene, "Where the events go", &mut draft.path, Asked::Export, out);
        let command = match filled(&draft.path) {
            None => Err("Type or choose a path first."),
            Some(_) if !is_sound => Err("This cannot be exported: see above why."),
            Some(path) => Ok(Command::ExportTo(Box::new(Exporting {
                path: path.into(),
                only: only.clone(),
                format: request.format.name().to_owned(),
                redact: request.redact,
                key: request.key,
                notes: !request.notes.is_empty(),
            }))),
        };
        choices(ui, scene, "Export", command, out);
    });
}

/// The forms; another one gives the file another ending.
fn formats(ui: &mut Ui, draft: &mut MaintenanceDraft) {
    ui.horizontal_wrapped(|ui| {
        for format in ExportFormat::ALL.into_iter().filter(|format| format.is_available()) {
            let on = draft.format == format;
            if ui.selectable_label(on, format.title()).on_hover_text(format.help()).clicked() && !on {
                if let Some(bare) = draft.path.strip_suffix(draft.format.ending()) {
                    draft.path = format!("{bare}{}", format.ending());
                }
                draft.format = format;
            }
        }
    });
}

/// What is noted on bookmarks, where the form has room for it and a person wants it.
fn notes(ui: &mut Ui, scene: &Scene<'_>, draft: &mut MaintenanceDraft) -> Notes {
    if draft.format != ExportFormat::Markdown {
        return Notes::default();
    }
    let notes: Notes = scene.view.noted.notes().collect();
    if !notes.is_empty() {
        let mut with = draft.notes == NotesWanted::With;
        ui.checkbox(&mut with, "With what is noted on bookmarks");
        draft.notes = if with { NotesWanted::With } else { NotesWanted::Without };
    }
    if draft.notes == NotesWanted::With { notes } else { Notes::default() }
}

/// How it begins. Whether it can be exported, as far as that is known.
fn preview(ui: &mut Ui, scene: &Scene<'_>, request: &ExportRequest) -> bool {
    let Some(session) = scene.session else { return false };
    let loading = session.export_preview(request);
    let palette = theme::palette(ui);
    ui.scope(|ui| {
        ui.set_min_height(PREVIEW);
        ui.set_max_height(PREVIEW);
        match (&loading, loading.value()) {
            (Loading::Failed(error), _) => failure(ui, error),
            (_, Some(text)) => {
                ScrollArea::both().id_salt("export preview").max_height(PREVIEW).auto_shrink(false).show(ui, |ui| {
                    let text = RichText::new(cut(text)).font(theme::mono()).color(palette.dim);
                    ui.add(Label::new(text).extend());
                });
            }
            _ => note(ui, "Looking at the first events…"),
        }
    });
    loading.error().is_none()
}

/// The first lines, none of them so long that laying it out takes time.
fn cut(text: &str) -> String {
    let line = |line: &str| match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    };
    let lines: Vec<String> = text.lines().take(LINES).map(line).collect();
    visible_lines(&lines.join("\n")).into_owned()
}
