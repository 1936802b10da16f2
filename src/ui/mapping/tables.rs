//! What stands around the fields: the table or join that events come from, which rows are events, their order, and the
//! table of the snapshots.

use std::sync::Arc;

use egui::{Button, RichText, ScrollArea, Ui};

use super::draft::MappingDraft;
use super::parts::{faults_of, indented, named};
use super::{draft, fields};
use crate::profile::schema::quoted;
use crate::session::{Fault, Guesses, MappingPreview, Session};
use crate::ui::controls::{dim, faint, sentence};
use crate::ui::numbers::grouped;
use crate::ui::theme;
use crate::ui::widgets::{Entry, drop_down, highest};

/// The width of the menus of tables, in points.
const TABLE: f32 = 240.0;
/// What stands above the list of tables in the menu of snapshots, in points.
const NOTHING: f32 = 48.0;

/// Paints the table that events come from, and why it is the one.
pub(super) fn show(ui: &mut Ui, session: &Session, guesses: &Guesses, draft: &mut MappingDraft) {
    ui.horizontal(|ui| {
        ui.set_height(theme::ENTRY);
        named(ui, "events table", "The table that an event is one row of.");
        let events = &draft.profile.events;
        let shown = draft.wanted.clone().unwrap_or_else(|| events.table.clone());
        let text = if shown.is_empty() {
            RichText::new("Choose…").color(theme::palette(ui).del)
        } else {
            RichText::new(&shown).font(theme::mono())
        };
        let highest = highest(ui);
        let chosen = drop_down(ui, "Events table", text, TABLE, |ui| table_menu(ui, session, guesses, &shown, highest));
        if let Some(table) = chosen.flatten() {
            draft.wanted = Some(table);
            draft.edited();
        }
        if let Some(guess) = &draft.guess {
            let text = dim(ui, sentence(&guess.reason));
            ui.add(egui::Label::new(text).truncate()).on_hover_text(&guess.reason);
        }
    });
}

/// Every table, with how many rows it has.
fn table_menu(ui: &mut Ui, session: &Session, guesses: &Guesses, shown: &str, highest: f32) -> Option<String> {
    let rows = |name: &str| {
        let entry = session.overview()?.tables.iter().find(|table| *table.name == *name)?;
        Some(format!("{} rows", grouped(entry.rows?)))
    };
    let list = |ui: &mut Ui| {
        let mut chosen = None;
        for table in &guesses.tables {
            let name = RichText::new(&table.name).font(theme::mono());
            let button = Button::new(name).shortcut_text(rows(&table.name).unwrap_or_default());
            if ui.add(button.selected(table.name == shown)).accessible_name(&table.name).clicked() {
                chosen = Some(table.name.clone());
                ui.close();
            }
        }
        chosen
    };
    ScrollArea::vertical().max_height(highest).show(ui, list).inner
}

/// Paints which rows are events, in which order, and the join where there is one.
pub(super) fn clauses(ui: &mut Ui, draft: &mut MappingDraft, faults: &[Fault]) {
    section(ui, "Rows");
    from(ui, draft, faults);
    let mut filter = draft.profile.events.filter.clone().unwrap_or_default();
    let hint = "every row, or a condition such as kind = 'event'";
    if clause(ui, "where", "Which rows are events.", hint, &mut filter, faults) {
        draft.profile.events.filter = Some(filter).filter(|filter| !filter.trim().is_empty());
        draft.edited();
    }
    let hints = ["by position; else columns with commas between them", "by version; else columns with commas"];
    let helps = ["The order of the whole store.", "The order of the events in their stream."];
    for (index, name) in ["order", "stream_order"].into_iter().enumerate() {
        let (Some(hint), Some(help)) = (hints.get(index), helps.get(index)) else { continue };
        let Some(text) = draft.orders.get_mut(index) else { continue };
        if clause(ui, name, help, hint, text, faults) {
            let order = fields::split_list(text);
            let events = &mut draft.profile.events;
            *(if index == 0 { &mut events.order } else { &mut events.stream_order }) = order;
            draft.edited();
        }
    }
}

/// What stands after FROM: typed where it is more than one table.
fn from(ui: &mut Ui, draft: &mut MappingDraft, faults: &[Fault]) {
    if !draft.join && draft::is_one_table(&draft.profile) && faults.iter().all(|fault| fault.field != "from") {
        ui.horizontal(|ui| {
            named(ui, "from", "What stands after FROM.");
            let text = dim(ui, "the events table alone");
            ui.label(text);
            if crate::ui::controls::link(ui, "Type a join…", false).clicked() {
                draft.join = true;
                draft.focus = Some(egui::Id::unique(("mapping clause", "from")));
            }
        });
        return;
    }
    let mut text = draft.profile.events.from.clone();
    let hint = "a table, or a join such as log JOIN kinds ON kinds.id = log.kind";
    if clause(ui, "from", "A table, or a join of several.", hint, &mut text, faults) {
        draft.profile.events.from = text;
        draft.edited();
    }
    let id = egui::Id::unique(("mapping clause", "from"));
    if draft.focus == Some(id) {
        draft.focus = None;
        ui.memory_mut(|memory| memory.request_focus(id));
    }
}

/// A line with an entry for SQL, and what is wrong with it; whether it was changed.
fn clause(ui: &mut Ui, name: &str, help: &str, hint: &str, text: &mut String, faults: &[Fault]) -> bool {
    let title = fields::title_of(name);
    let changed = ui.horizontal(|ui| {
        named(ui, title, help);
        ui.style_mut().override_font_id = Some(theme::mono());
        let accessible = capitalised(title);
        let id = egui::Id::unique(("mapping clause", name));
        Entry { name: &accessible, hint, id, framed: true }.show(ui, text).changed()
    });
    indented(ui, |ui| faults_of(ui, name, faults));
    changed.inner
}

fn section(ui: &mut Ui, title: &str) {
    ui.add_space(theme::STEP);
    ui.label(RichText::new(title).font(theme::section()).color(theme::palette(ui).dim));
}

fn capitalised(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// Paints which table holds the application's own snapshots, where one does.
pub(super) fn snapshots_table(
    ui: &mut Ui,
    session: &Session,
    draft: &mut MappingDraft,
    preview: Option<&Arc<MappingPreview>>,
) {
    let faults = preview.map_or(&[][..], |preview| &preview.faults);
    section(ui, "Snapshots");
    let from = draft.profile.snapshots.as_ref().map(|snapshots| snapshots.from.clone());
    ui.horizontal(|ui| {
        named(ui, "snapshots table", "Where the application keeps states of its own.");
        let text = match &from {
            Some(from) => RichText::new(from).font(theme::mono()),
            None => RichText::new("Nothing").color(theme::palette(ui).dim),
        };
        let highest = highest(ui) - NOTHING;
        let chosen = drop_down(ui, "Snapshots table", text, TABLE, |ui| snapshots_menu(ui, session, highest));
        match chosen.flatten() {
            Some(Some(table)) => {
                draft.profile.snapshots = Some(fields::new_snapshots(quoted(&table)));
                draft.edited();
            }
            Some(None) => {
                draft.profile.snapshots = None;
                draft.edited();
            }
            None => {}
        }
    });
    indented(ui, |ui| faults_of(ui, "snapshots.from", faults));
    let Some(snapshots) = &draft.profile.snapshots else {
        let text = faint(ui, "Snapshots show how well the reducers reproduce the application's own states.");
        indented(ui, |ui| ui.add(egui::Label::new(text).wrap()));
        return;
    };
    if let Some(found) = preview.and_then(|preview| preview.snapshots.as_ref()) {
        let text = dim(ui, found.as_str());
        indented(ui, |ui| ui.add(egui::Label::new(text).wrap()));
    }
    let mut filter = snapshots.filter.clone().unwrap_or_default();
    if clause(ui, "snapshots.where", "Which rows are snapshots.", "every row", &mut filter, faults) {
        if let Some(snapshots) = &mut draft.profile.snapshots {
            snapshots.filter = Some(filter).filter(|filter| !filter.trim().is_empty());
        }
        draft.edited();
    }
}

/// The table that was chosen, which may be none, once one was.
#[expect(clippy::option_option, reason = "nothing chosen, and nothing as the choice")]
fn snapshots_menu(ui: &mut Ui, session: &Session, highest: f32) -> Option<Option<String>> {
    let mut chosen = None;
    if ui.button("Nothing").clicked() {
        chosen = Some(None);
    }
    ui.separator();
    let tables = session.overview().map_or(&[][..], |overview| &overview.tables);
    ScrollArea::vertical().max_height(highest).show(ui, |ui| {
        for table in tables {
            let name = RichText::new(&*table.name).font(theme::mono());
            if ui.add(Button::new(name)).accessible_name(&*table.name).clicked() {
                chosen = Some(Some(table.name.to_string()));
            }
        }
    });
    if chosen.is_some() {
        ui.close();
    }
    chosen
}
