//! The window for the application's reducer: the whole command before it runs, how it goes, and what it has to say.

use std::sync::Arc;

use egui::{Frame, Label, Margin, RichText, ScrollArea, Stroke, TextEdit, Ui};

use super::controls::{dim, failure, faint, main_button, offer};
use super::dialogs::dialog;
use super::scene::Scene;
use super::theme;
use super::widgets::Entry;
use crate::model::{Command, ReducerCommand};
use crate::process::Adapter;
use crate::session::Session;

/// The width of the window, in points.
const WIDTH: f32 = 620.0;

/// How high what the process said may stand.
const SAID: f32 = 160.0;

/// The command that is being typed.
#[derive(Debug, Default)]
pub struct ReducerDraft {
    line: String,
    folder: String,
}

impl ReducerDraft {
    /// Begins with a command: the one that runs, or that ran for this file before.
    pub fn begin(&mut self, command: ReducerCommand) {
        self.line = command.line;
        self.folder = command.folder.map(|folder| folder.display().to_string()).unwrap_or_default();
    }

    fn command(&self) -> Result<ReducerCommand, &'static str> {
        let (line, folder) = (self.line.trim(), self.folder.trim());
        if line.is_empty() {
            return Err("Type a command first.");
        }
        let folder = (!folder.is_empty()).then(|| folder.into());
        Ok(ReducerCommand { line: line.to_owned(), folder })
    }
}

/// Asks for the command, and shows how the one that runs is doing.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut ReducerDraft, out: &mut Vec<Command>) {
    dialog(ui, "Application's reducer", WIDTH, out, |ui, out| {
        note(
            ui,
            "Your application's own code can fold the streams: a program that is told events and answers with states, in \
             lines of JSON. An adapter makes one of a function, or of a library's aggregates.",
        );
        adapters(ui);
        field(ui, "Command", |ui| command_line(ui, &mut draft.line));
        field(ui, "Folder it runs in", |ui| {
            let id = egui::Id::unique("reducer folder");
            let entry = Entry { name: "Folder it runs in", hint: "that of this program", id, framed: true };
            entry.show(ui, &mut draft.folder);
        });
        note(
            ui,
            "It runs with your rights, as in a shell, until you end it or close the file. Nothing runs before you say so; \
             the command is remembered for this file.",
        );
        buttons(ui, scene, draft, out);
        if let Some(session) = scene.session {
            standing(ui, session);
        }
    });
}

fn note(ui: &mut Ui, text: &str) {
    let text = dim(ui, text);
    ui.add(Label::new(text).wrap());
}

fn field(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui)) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = theme::STEP;
        ui.label(RichText::new(name).font(theme::small()).color(theme::palette(ui).dim));
        add(ui);
    });
}

/// The whole command, over as many lines as it takes.
fn command_line(ui: &mut Ui, line: &mut String) {
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.bg).stroke(Stroke::new(1.0, palette.line)).corner_radius(theme::ROUNDING);
    let edit = TextEdit::multiline(line)
        .font(theme::mono())
        .hint_text(RichText::new("python3 adapter.py fold.py").color(palette.faint))
        .frame(frame.inner_margin(Margin::symmetric(9, 6)))
        .desired_rows(2)
        .desired_width(ui.available_width());
    let edit = ui.add(edit).accessible_name("Command of the reducer");
    if ui.memory(|memory| memory.focused().is_none()) {
        edit.request_focus();
    }
}

/// What there is to begin with.
fn adapters(ui: &mut Ui) {
    egui::Grid::new("adapters").num_columns(2).spacing([2.0 * theme::STEP * 2.0, theme::STEP]).show(ui, |ui| {
        for Adapter { name, command, .. } in Adapter::all() {
            let print = RichText::new(format!("eventscope adapter {name}")).font(theme::mono());
            ui.label(print.color(theme::palette(ui).text));
            let run = RichText::new(*command).font(theme::mono()).color(theme::palette(ui).dim);
            ui.label(run);
            ui.end_row();
        }
    });
}

fn buttons(ui: &mut Ui, scene: &Scene<'_>, draft: &ReducerDraft, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let button = main_button(ui, "Run this command");
        match draft.command() {
            Ok(command) => {
                let run = Command::RunReducerCommand(command);
                offer(ui, scene.environment, run, button, "Run this command", out);
            }
            Err(reason) => {
                ui.add_enabled(false, button).on_disabled_hover_text(reason);
            }
        }
        offer(ui, scene.environment, Command::EndReducerCommand, egui::Button::new("End it"), "End it", out);
    });
}

/// Which command runs, or why it does not, and what it said.
fn standing(ui: &mut Ui, session: &Session) {
    // Whichever the streams are: the command is the same for all.
    let reducers = session.reducers("");
    if let (Some(error), Some(_)) = (&reducers.error, &session.request().command) {
        failure(ui, error);
    } else if let Some(command) = &reducers.command {
        let text = RichText::new(format!("It folds the streams: {}", command.line)).color(theme::palette(ui).add);
        ui.add(Label::new(text).wrap());
    }
    let said = session.reducer_said();
    if !said.is_empty() {
        said_lines(ui, &said);
    }
}

fn said_lines(ui: &mut Ui, said: &[Arc<str>]) {
    let title = faint(ui, "Its standard error");
    ui.label(title);
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.bg).corner_radius(theme::ROUNDING).inner_margin(8);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let row = ui.text_style_height(&egui::TextStyle::Monospace);
        let area = ScrollArea::vertical().max_height(SAID).stick_to_bottom(true).auto_shrink([false, true]);
        area.show_rows(ui, row, said.len(), |ui, rows| {
            for line in said.get(rows).unwrap_or_default() {
                let text = RichText::new(&**line).font(theme::mono()).color(palette.dim);
                ui.add(Label::new(text).truncate());
            }
        });
    });
}
