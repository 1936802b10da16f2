//! Small things that several panels are made of: buttons that carry a command, badges, links, headings.

use egui::{Align, Button, Color32, Layout, Response, RichText, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, vec2};

use super::theme;
use crate::codec::{visible, visible_lines};
use crate::model::{Command, Environment};

/// A part of the window with a name of its own for people who use a screen reader.
pub fn region<R>(ui: &mut Ui, name: &str, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    let builder = UiBuilder::new().accessibility_role(egui::accesskit::Role::Region).accessibility_label(name);
    ui.scope_builder(builder, add_contents).inner
}

/// A part of the window that pictures can be taken of: a [`region`] that says where it is.
pub fn panel<R>(ui: &mut Ui, name: &str, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    super::panels::join(ui, name);
    region(ui, name, add_contents)
}

/// A button with a command's own title, or with another `text`; where the command cannot be carried out, it is
/// disabled and says why.
pub fn command_button(
    ui: &mut Ui,
    environment: &Environment,
    command: Command,
    text: Option<&str>,
    out: &mut Vec<Command>,
) -> Response {
    let entry = command.entry();
    let text = text.unwrap_or(entry.title);
    offer(ui, environment, command, Button::new(text), text, out)
}

/// Any button that gives a command: its accessible name is `name`.
pub fn offer(
    ui: &mut Ui,
    environment: &Environment,
    command: Command,
    button: Button<'_>,
    name: &str,
    out: &mut Vec<Command>,
) -> Response {
    let entry = command.entry();
    let resolved = command.resolve(environment);
    let help = match entry.key_text() {
        Some(keys) => format!("{} {keys}", entry.help),
        None => entry.help.to_owned(),
    };
    let response = ui.add_enabled(resolved.is_ok(), button).accessible_name(name).on_hover_text(help);
    if response.clicked() {
        out.push(command);
    }
    match resolved {
        Err(reason) => response.on_disabled_hover_text(reason),
        Ok(()) => response,
    }
}

/// The one button of a page that is meant first.
pub fn main_button<'a>(ui: &Ui, text: &str) -> Button<'a> {
    let palette = theme::palette(ui);
    Button::new(RichText::new(text).color(palette.on_accent)).fill(palette.accent).stroke(Stroke::NONE)
}

/// A word that is followed like a link, in the accent; `mono` for data.
pub fn link(ui: &mut Ui, text: &str, mono: bool) -> Response {
    let palette = theme::palette(ui);
    let font = if mono { theme::mono() } else { theme::text() };
    word(ui, RichText::new(visible(text)).font(font).color(palette.accent))
}

/// A word that can be pressed, as high as a plain word is.
pub fn word(ui: &mut Ui, text: RichText) -> Response {
    let pressed = ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.spacing_mut().button_padding = egui::Vec2::ZERO;
        ui.add(Button::new(text).frame(false).truncate())
    });
    pressed.inner.on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// A word in a small rounded frame. `dot` puts a filled circle of the same colour before it.
pub fn badge(ui: &mut Ui, text: &str, color: Color32, dot: bool) -> Response {
    let palette = theme::palette(ui);
    let galley = ui.painter().layout_no_wrap(visible(text).into_owned(), theme::small(), color);
    let lead = if dot { 11.0 } else { 0.0 };
    let size = vec2(galley.size().x + lead + 16.0, 20.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    let stroke = Stroke::new(1.0, palette.line);
    ui.painter().rect(rect, 10.0, palette.raise, stroke, egui::StrokeKind::Inside);
    let left = rect.left_center() + vec2(8.0, 0.0);
    if dot {
        ui.painter().circle_filled(left + vec2(3.5, 0.0), 3.5, color);
    }
    let text_at = left + vec2(lead, -galley.size().y / 2.0);
    ui.painter().galley(text_at, galley, color);
    response
}

/// A tab, with a line below the one that is `on`.
pub fn tab(ui: &mut Ui, title: &str, on: bool) -> Response {
    let palette = theme::palette(ui);
    let font = egui::FontId::proportional(12.0);
    let size = ui.painter().layout_no_wrap(title.to_owned(), font.clone(), palette.text).size();
    let (rect, response) = ui.allocate_exact_size(vec2(size.x, 30.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, title));
    let color = if on || response.hovered() { palette.text } else { palette.dim };
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, title, font, color);
    if on || response.has_focus() {
        let stroke = Stroke::new(2.0, if on { palette.accent } else { palette.faint });
        ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, stroke);
    }
    response
}

/// Contents with the panel's margin at both sides: trees go from edge to edge, words do not.
pub fn inset<R>(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    #[expect(clippy::cast_possible_truncation, reason = "a margin is small")]
    let margin = egui::Margin::symmetric(theme::MARGIN as i8, 0);
    egui::Frame::new().inner_margin(margin).show(ui, add_contents).inner
}

/// The heading of a panel, with something quiet at its right edge.
pub fn heading(ui: &mut Ui, text: &str, right: impl FnOnce(&mut Ui)) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        ui.set_height(theme::ROW);
        ui.label(RichText::new(text).font(theme::section()).color(palette.dim));
        ui.with_layout(Layout::right_to_left(Align::Center), right);
    });
}

/// A quiet word, 11 points.
#[must_use]
pub fn faint(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(visible_lines(&text.into())).font(theme::small()).color(theme::palette(ui).faint)
}

/// A word that accompanies, in the size of the window.
#[must_use]
pub fn dim(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(visible_lines(&text.into())).color(theme::palette(ui).dim)
}

/// A sentence in the middle of a panel that has nothing to show.
pub fn nothing_here(ui: &mut Ui, text: &str) {
    let text = dim(ui, text);
    ui.add_space(2.0 * theme::MARGIN);
    ui.vertical_centered(|ui| ui.add(egui::Label::new(text).wrap()));
}

/// An error with what to do about it.
pub fn failure(ui: &mut Ui, error: &crate::Error) {
    let palette = theme::palette(ui);
    ui.add(egui::Label::new(RichText::new(visible_lines(&sentence(&error.to_string()))).color(palette.del)).wrap());
    if let Some(hint) = error.hint() {
        let hint = dim(ui, hint);
        ui.add(egui::Label::new(hint).wrap());
    }
}

/// Words with a capital at their beginning.
#[must_use]
pub fn sentence_case(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    first + letters.as_str()
}

/// The message with a capital at its beginning and a full stop at its end.
#[must_use]
pub fn sentence(message: &str) -> String {
    let stop = if message.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{}{stop}", sentence_case(message))
}
