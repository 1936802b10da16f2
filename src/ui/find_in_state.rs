//! The bar that looks for a text in the state: how often it is there, and the way from one place to the next.

use egui::{Button, Id, Key, Ui};

use super::controls::faint;
use super::numbers::grouped;
use super::theme;
use super::widgets::{Entry, TreeSearch};
use crate::model::Command;

fn entry_id() -> Id {
    Id::unique("find in the state")
}

/// Gives the keyboard to the entry.
pub fn focus(ctx: &egui::Context) {
    ctx.memory_mut(|memory| memory.request_focus(entry_id()));
}

/// Paints the bar.
pub fn show(ui: &mut Ui, search: &mut TreeSearch, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::STEP;
        let width = (ui.available_width() - 150.0).max(80.0);
        let response = ui
            .scope(|ui| {
                ui.set_max_width(width);
                let entry = Entry { name: "Find in the state", hint: "Find…", id: entry_id(), framed: true };
                let mut text = search.needle().to_owned();
                let response = entry.show(ui, &mut text);
                if response.changed() {
                    *search.needle_mut() = text;
                }
                response
            })
            .inner;
        // Asked before the focus is given back.
        let pressed = |key| ui.input(|input| input.key_pressed(key));
        if response.lost_focus() && pressed(Key::Enter) {
            out.push(if ui.input(|input| input.modifiers.shift) { Command::PreviousMatch } else { Command::NextMatch });
            response.request_focus();
        } else if response.lost_focus() && pressed(Key::Escape) {
            out.push(Command::CloseFind);
        }
        let (shown, all) = search.count();
        let count = |number: usize| grouped(i128::try_from(number).unwrap_or_default());
        let more = if search.is_limited() { "+" } else { "" };
        let says = match (search.needle().is_empty(), all) {
            (true, _) => String::new(),
            (false, 0) => "none".to_owned(),
            _ => format!("{} of {}{more}", count(shown), count(all)),
        };
        let says = faint(ui, says);
        ui.label(says);
        for (text, name, command) in [
            ("‹", "Previous match", Command::PreviousMatch),
            ("›", "Next match", Command::NextMatch),
            ("×", "Close the search", Command::CloseFind),
        ] {
            let enabled = all > 0 || command == Command::CloseFind;
            let button = ui.add_enabled(enabled, Button::new(text).frame(false)).accessible_name(name);
            if button.on_hover_text(command.entry().help).clicked() {
                out.push(command);
            }
        }
    });
}
