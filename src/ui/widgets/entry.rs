//! A single line to type into, with a hint while it is empty and a name for screen readers and tests.

use egui::text_edit::TextEditOutput;
use egui::{Frame, Id, Margin, Response, Stroke, TextEdit, Ui, vec2};

use crate::ui::theme;

/// A single line to type into.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its accessible name.
    pub name: &'a str,
    /// What it says while it is empty.
    pub hint: &'a str,
    /// Its id, so that the focus can be given to it.
    pub id: Id,
    /// Whether it has a frame of its own; otherwise it lies in one.
    pub framed: bool,
}

impl Entry<'_> {
    /// Draws it as wide as the space that is left.
    pub fn show(self, ui: &mut Ui, text: &mut String) -> Response {
        self.show_whole(ui, text).response.response
    }

    /// The same, with all that there is to know about where its text lies.
    pub fn show_whole(self, ui: &mut Ui, text: &mut String) -> TextEditOutput {
        let palette = theme::palette(ui);
        let focused = ui.memory(|memory| memory.has_focus(self.id));
        let line = if focused { palette.accent } else { palette.line };
        let frame = if self.framed {
            Frame::new().fill(palette.bg).stroke(Stroke::new(1.0, line)).corner_radius(theme::ROUNDING)
        } else {
            Frame::new()
        };
        let margin = if self.framed { Margin::symmetric(9, 4) } else { Margin::symmetric(0, 2) };
        let edit = TextEdit::singleline(text)
            .id(self.id)
            .hint_text(egui::RichText::new(self.hint).color(if self.framed { palette.faint } else { palette.dim }))
            .frame(frame.inner_margin(margin))
            // Where widgets wrap, a wish for all the width there is would be one for a line of its own.
            .desired_width(ui.available_size_before_wrap().x)
            .min_size(vec2(0.0, if self.framed { theme::ENTRY } else { 0.0 }));
        let mut output = edit.show(ui);
        output.response.response = output.response.response.accessible_name(self.name);
        output
    }
}
