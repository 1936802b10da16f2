//! The window for the manual: its pages, what is found in them, and one of them, with links to the others and to the
//! program's commands.

mod document;
mod page;

use egui::{Align, Id, RichText, ScrollArea, Ui};

use super::controls::faint;
use super::dialogs::dialog;
use super::scene::Scene;
use super::theme;
use super::widgets::Entry;
use crate::model::Command;
use crate::model::manual::Page;
use document::Block;

/// The width of the window, and of the list of pages, in points.
const WIDTH: f32 = 1080.0;
const LIST: f32 = 240.0;

/// What is read in the window.
#[derive(Debug, Default)]
pub struct ManualDraft {
    wanted: String,
    /// The page that is shown, part by part.
    shown: Option<(&'static Page, Vec<Vec<Block>>)>,
    /// The part that is to come into view.
    goes_to: Option<usize>,
}

impl ManualDraft {
    fn open(&mut self, page: &'static Page, section: usize) {
        if self.shown.as_ref().is_none_or(|(shown, _)| shown.name != page.name) {
            let heading = |level: usize, title: &str| format!("{} {title}\n\n", "#".repeat(level));
            let parts =
                page.sections().iter().map(|part| document::blocks(&(heading(part.level, part.title) + part.text)));
            self.shown = Some((page, parts.collect()));
        }
        self.goes_to = Some(section);
    }
}

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut ManualDraft, out: &mut Vec<Command>) {
    if draft.shown.is_none()
        && let Some(first) = Page::all().first()
    {
        draft.open(first, 0);
    }
    dialog(ui, "Manual", WIDTH, out, |ui, out| {
        let height = (ui.ctx().content_rect().height() - 150.0).max(200.0);
        ui.horizontal_top(|ui| {
            ui.allocate_ui(egui::vec2(LIST, height), |ui| {
                ui.vertical(|ui| list(ui, draft, height));
            });
            ui.add_space(theme::MARGIN);
            ui.vertical(|ui| {
                if let Some((page, section)) = text(ui, scene, draft, height, out) {
                    draft.open(page, section);
                }
            });
        });
    });
}

/// The pages; with something typed the parts of them that hold it.
fn list(ui: &mut Ui, draft: &mut ManualDraft, height: f32) {
    ui.set_width(LIST);
    let (name, id) = ("Find in the manual", Id::unique("manual to find"));
    let entry = Entry { name, hint: "Find in the manual…", id, framed: true }.show(ui, &mut draft.wanted);
    if ui.memory(|memory| memory.focused().is_none()) {
        entry.request_focus();
    }
    let wanted = draft.wanted.trim().to_owned();
    let shown = draft.shown.as_ref().map(|(page, _)| page.name);
    let mut chosen = None;
    ScrollArea::vertical().id_salt("pages").max_height(height - theme::ENTRY - 8.0).auto_shrink(false).show(ui, |ui| {
        for page in Page::all() {
            let found = page.found(&wanted);
            if found.is_empty() {
                continue;
            }
            if ui.selectable_label(shown == Some(page.name), page.title()).clicked() {
                chosen = Some((page, 0));
            }
            if wanted.is_empty() {
                continue;
            }
            for (number, part) in found.into_iter().filter_map(|at| Some((at, page.sections().get(at)?))) {
                let text = RichText::new(format!("   {}", part.title)).color(theme::palette(ui).dim);
                let name = format!("{}: {}", page.title(), part.title);
                let button = egui::Button::new(text).frame(false).truncate();
                if ui.add(button).accessible_name(name).clicked() {
                    chosen = Some((page, number));
                }
            }
        }
        if Page::all().iter().all(|page| page.found(&wanted).is_empty()) {
            let nothing = faint(ui, "Nothing in the manual has these words.");
            ui.label(nothing);
        }
    });
    if let Some((page, section)) = chosen {
        draft.open(page, section);
    }
}

/// The page that is shown. Answers with where a link leads to, where one was pressed.
fn text(
    ui: &mut Ui,
    scene: &Scene<'_>,
    draft: &mut ManualDraft,
    height: f32,
    out: &mut Vec<Command>,
) -> page::Followed {
    let (page, parts) = draft.shown.as_ref()?;
    let goes_to = draft.goes_to.take();
    let area = ScrollArea::vertical().id_salt(("page", page.name)).max_height(height).auto_shrink(false);
    let shown = area.show(ui, |ui| {
        ui.set_width(ui.available_width() - theme::MARGIN);
        let mut followed = None;
        for (number, blocks) in parts.iter().enumerate() {
            if goes_to == Some(number) {
                ui.scroll_to_cursor(Some(Align::TOP));
            }
            followed = followed.or(page::show(ui, scene, blocks, out));
        }
        followed
    });
    shown.inner
}
