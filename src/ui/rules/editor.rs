//! The field in which one rule is typed: coloured, its fault underlined, with what it may go on with in a list.

use egui::{Frame, Id, Key, Label, Margin, Modifiers, RichText, Stroke, TextBuffer, TextEdit, Ui};

use super::completion::offers;
use super::jq_text::{lay_out, line_and_column};
use crate::codec::visible;
use crate::replay::Flaw;
use crate::session::{RuleSheet, SheetType};
use crate::ui::theme;
use crate::ui::widgets::{Completion, cursor_in};

/// What is edited, and what there is to know about it.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    /// What is shown where nothing is typed.
    pub(super) hint: &'a str,
    /// Whether it is offered what it may go on with.
    pub(super) goes_on: bool,
    pub(super) id: Id,
    pub(super) sheet: &'a RuleSheet,
    pub(super) kind: Option<&'a SheetType>,
    pub(super) flaw: Option<&'a Flaw>,
}

impl Field<'_> {
    /// Paints it; whether the text was changed.
    pub(super) fn show(&self, ui: &mut Ui, text: &mut String, completion: &mut Completion, rows: usize) -> bool {
        let focused = ui.memory(|memory| memory.has_focus(self.id));
        let taken = if focused { completion.keys(ui) } else { None };
        let mut changed = false;
        if let Some(offer) = taken {
            completion.put_in(ui, self.id, text, &offer);
            changed = true;
        }
        let asked = focused && ui.input_mut(|input| input.consume_key(Modifiers::CTRL, Key::Space));
        let palette = theme::palette(ui);
        let line = if self.flaw.is_some() { palette.del } else { palette.line };
        let frame = Frame::new().fill(palette.bg).stroke(Stroke::new(1.0, line)).corner_radius(theme::ROUNDING);
        let flaw = self.flaw;
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, width: f32| {
            let job = lay_out(text.as_str(), flaw, width, palette);
            ui.fonts_mut(|fonts| fonts.layout_job(job))
        };
        let output = TextEdit::multiline(text)
            .id(self.id)
            .code_editor()
            .frame(frame.inner_margin(Margin::symmetric(8, 6)))
            .hint_text(RichText::new(self.hint).color(palette.faint))
            .desired_rows(rows)
            .desired_width(f32::INFINITY)
            .layouter(&mut layouter)
            .show(ui);
        let response = output.response.response.clone().accessible_name(self.name);
        let typed = response.changed();
        changed |= typed;
        let at = cursor_in(text, &output).filter(|_| response.has_focus() && (typed || asked) && self.goes_on);
        if let Some(at) = at {
            completion.offer(offers(text, at, self.sheet, self.kind, asked), true);
        }
        if let Some(offer) = completion.list(ui, &output) {
            completion.put_in(ui, self.id, text, &offer);
            changed = true;
        }
        changed
    }
}

/// What is wrong with a rule, in words with its place.
pub(super) fn fault(ui: &mut Ui, text: &str, flaw: &Flaw) {
    let (line, column) = line_and_column(text, flaw.at);
    let words = format!("Line {line}, column {column}: {}", flaw.message);
    let words = RichText::new(visible(&words)).font(theme::small()).color(theme::palette(ui).del);
    ui.add(Label::new(words).wrap());
}
