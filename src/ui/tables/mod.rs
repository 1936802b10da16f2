//! The tables of a file as they are: their rows, their definitions, and, at the right, the row that is selected.

mod definition;
mod link;
mod record;
mod rows;

use egui::{Align, Frame, Layout, Margin, RichText, Ui};

use super::scene::Scene;
use super::{controls, numbers, theme};
use crate::codec::visible;
use crate::model::Command;
use crate::session::{Count, Overview, TableEntry, TableOrder};

pub use record::{Draft as RecordDraft, show as show_record};
pub use rows::Draft;

/// Paints the table that the view names, or, where it names none, what the file is.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut Draft, out: &mut Vec<Command>) {
    controls::panel(ui, "Table", |ui| {
        let Some(session) = scene.session else { return };
        let Some(overview) = session.overview() else { return };
        let Some(order) = order(scene) else { return plain(ui, scene, overview, out) };
        ui.spacing_mut().item_spacing.y = 0.0;
        let entry = overview.tables.iter().find(|table| *table.name == *order.table);
        let Some(entry) = entry else { return controls::nothing_here(ui, "This file has no such table any more.") };
        let readable = session.may_read(&order.table);
        let count = readable.then(|| session.table_rows(&order)).and_then(|count| count.value().copied());
        head(ui, scene, entry, count, out);
        if scene.view.place.table_view.definition {
            definition::show(ui, session, &order.table, out);
        } else if readable {
            rows::show(ui, scene, session, entry, &order, draft, out);
        } else {
            closed(ui, entry, out);
        }
    });
}

/// The table that the view names, in the order that it names.
pub(super) fn order(scene: &Scene<'_>) -> Option<TableOrder> {
    let place = &scene.view.place;
    let column = place.table_view.sort.map(|sort| sort.column);
    place.table.clone().map(|table| TableOrder { table, column })
}

/// What to say of a file that no profile fits: why, and what there is.
fn plain(ui: &mut Ui, scene: &Scene<'_>, overview: &Overview, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    Frame::new().inner_margin(Margin::same(24)).show(ui, |ui| {
        ui.set_max_width(560.0);
        ui.label(RichText::new("No event store was recognised").font(theme::medium(16.0)));
        ui.add_space(theme::STEP);
        ui.label(RichText::new(visible(&controls::sentence(&overview.reason))).color(palette.dim));
        let advice = "Its tables can be read as they are; none was so far. If one of them holds events, say which.";
        ui.label(RichText::new(advice).color(palette.dim));
        ui.add_space(theme::STEP);
        controls::command_button(ui, scene.environment, Command::EditMapping, None, out);
        ui.add_space(theme::MARGIN);
        for table in &overview.tables {
            entry(ui, table, out);
        }
    });
}

fn entry(ui: &mut Ui, table: &TableEntry, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        if controls::link(ui, &table.name, true).clicked() {
            out.push(Command::ShowTable(table.name.to_string()));
        }
        let rows = table.rows.map(|rows| numbers::counted(Count::complete(rows), "row", "rows"));
        let columns = format!("{} columns", table.columns.len());
        let kind = if table.is_view { "view".to_owned() } else { rows.unwrap_or(columns) };
        ui.label(controls::faint(ui, kind));
    });
}

/// The table's name, what it is, and the ways to its definition and back to the events.
fn head(ui: &mut Ui, scene: &Scene<'_>, entry: &TableEntry, count: Option<Count>, out: &mut Vec<Command>) {
    let margin = Margin { left: 12, right: 12, top: 8, bottom: 4 };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_height(theme::ENTRY);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if scene.environment.has_events {
                    controls::command_button(ui, scene.environment, Command::ShowEvents, None, out);
                }
                let shown = scene.view.place.table_view.definition;
                let text = if shown { "Rows" } else { "Definition" };
                controls::command_button(ui, scene.environment, Command::ToggleDefinition, Some(text), out);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(egui::Label::new(RichText::new(visible(&entry.name)).font(theme::mono_bold())).truncate());
                    let about = about(entry, count);
                    ui.add(egui::Label::new(controls::dim(ui, about)).truncate());
                });
            });
        });
    });
}

/// What a table is, and how many rows it has.
fn about(entry: &TableEntry, count: Option<Count>) -> String {
    let role = entry.about.as_deref().map(str::to_owned);
    let view = entry.is_view.then(|| "view".to_owned());
    let count = count.map(|count| {
        let so_far = if count.complete { "" } else { " so far" };
        format!("{}{so_far}", numbers::counted(Count::complete(count.value), "row", "rows"))
    });
    role.into_iter().chain(view).chain(count).collect::<Vec<_>>().join(" · ")
}

/// What stands before the rows of a table that is no part of the event store.
fn closed(ui: &mut Ui, entry: &TableEntry, out: &mut Vec<Command>) {
    Frame::new().inner_margin(Margin::same(24)).show(ui, |ui| {
        ui.set_max_width(520.0);
        let kind = if entry.is_view { "view" } else { "table" };
        let text = format!("This {kind} is not part of the event store. It may hold secrets.");
        ui.label(RichText::new(text).font(theme::medium(14.0)));
        ui.add_space(theme::STEP);
        let columns: Vec<_> = entry.columns.iter().map(|column| column.name.as_str()).collect();
        let said = controls::dim(
            ui,
            "None of it has been shown. Once you ask for its rows, they can be read until the file is closed.",
        );
        ui.add(egui::Label::new(said).wrap());
        ui.add_space(2.0 * theme::STEP);
        let names = RichText::new(columns.join("  ")).font(theme::mono()).color(theme::palette(ui).faint);
        ui.add(egui::Label::new(names).wrap());
        ui.add_space(theme::MARGIN);
        let button = controls::main_button(ui, "Show its rows");
        if ui.add(button).accessible_name("Show its rows").clicked() {
            out.push(Command::ShowTableRows(entry.name.to_string()));
        }
    });
}
