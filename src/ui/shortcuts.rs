//! The list of shortcuts, out of the table of commands.

use egui::{Grid, RichText, ScrollArea, Ui};

use super::dialogs::dialog;
use super::theme;
use crate::model::{Command, Entry, Menu};

/// Paints the list over the panels.
pub fn show(ui: &mut Ui, out: &mut Vec<Command>) {
    dialog(ui, "Keyboard shortcuts", 760.0, out, |ui, _| {
        let height = (ui.ctx().content_rect().height() - 160.0).max(200.0);
        ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            Grid::new("shortcuts").num_columns(3).spacing([24.0, 2.0]).min_row_height(20.0).show(ui, |ui| {
                for menu in Menu::ALL {
                    group(ui, menu.title(), |entry| entry.menu.is_some_and(|(any, _)| any == menu));
                }
                group(ui, "Elsewhere", |entry| entry.menu.is_none());
            });
        });
    });
}

fn group(ui: &mut Ui, title: &str, belongs: impl Fn(&Entry) -> bool) {
    let entries: Vec<_> = Command::table().iter().filter(|entry| !entry.keys.is_empty() && belongs(entry)).collect();
    if entries.is_empty() {
        return;
    }
    let palette = theme::palette(ui);
    ui.label(RichText::new(title).font(theme::section()).color(palette.dim));
    ui.end_row();
    for entry in entries {
        let keys: Vec<_> = entry.keys.iter().map(|chord| chord.text()).collect();
        ui.label(RichText::new(keys.join("  or  ")).font(theme::mono()).color(palette.accent));
        ui.label(entry.title);
        ui.label(RichText::new(entry.help).color(palette.dim));
        ui.end_row();
    }
}
