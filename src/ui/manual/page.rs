//! Paints what stands on a page of the manual.

use egui::{Align, Button, Frame, Label, Layout, RichText, Stroke, Ui, vec2};
use pulldown_cmark::HeadingLevel;

use super::super::controls::offer;
use super::super::scene::Scene;
use super::super::theme;
use super::document::{Block, Span, Style};
use crate::model::Command;
use crate::model::manual::{Page, named_command};

/// The least and the largest width of a column counts for its share of a table, in characters.
const NARROWEST: usize = 8;
const WIDEST: usize = 60;

/// What a person pressed on a page: the page that a link leads to, and the part of it.
pub(super) type Followed = Option<(&'static Page, usize)>;

/// Paints the blocks one beneath the other.
pub(super) fn show(ui: &mut Ui, scene: &Scene<'_>, blocks: &[Block], out: &mut Vec<Command>) -> Followed {
    let mut followed = None;
    for block in blocks {
        let pressed = match block {
            Block::Heading(spans, level) => {
                ui.add_space(2.0 * theme::STEP);
                let size = if *level <= HeadingLevel::H1 { 18.0 } else { 15.0 };
                let text: String = spans.iter().map(|span| span.text.as_str()).collect();
                ui.label(RichText::new(text).font(theme::medium(size)).color(theme::palette(ui).text));
                None
            }
            Block::Paragraph(spans) => line(ui, scene, spans, out),
            Block::Item { depth, mark, spans } => item(ui, scene, (*depth, mark), spans, out),
            Block::Code(text) => {
                code(ui, text);
                None
            }
            Block::Table(rows) => table(ui, scene, rows, out),
        };
        followed = followed.or(pressed);
    }
    followed
}

fn line(ui: &mut Ui, scene: &Scene<'_>, spans: &[Span], out: &mut Vec<Command>) -> Followed {
    let inner = ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let mut followed = None;
        for piece in spans {
            followed = followed.or(span(ui, scene, piece, out));
        }
        followed
    });
    inner.inner
}

fn span(ui: &mut Ui, scene: &Scene<'_>, span: &Span, out: &mut Vec<Command>) -> Followed {
    let palette = theme::palette(ui);
    let text = RichText::new(&span.text);
    let text = match span.style {
        Style::Plain => text.font(theme::text()).color(palette.text),
        Style::Code => text.font(theme::mono()).color(palette.text).background_color(palette.raise),
        Style::Strong => text.font(theme::semibold()).color(palette.text),
        Style::Emphasis => text.font(theme::text()).color(palette.text).italics(),
    };
    if let Some(target) = &span.link {
        let text = text.clone().color(palette.accent);
        if let Some(place) = Page::linked(target) {
            return ui.link(text).clicked().then_some(place);
        }
        if target.starts_with("https://") {
            ui.hyperlink_to(text, target);
            return None;
        }
    }
    let command = if span.style == Style::Emphasis { named_command(&span.text) } else { None };
    if let Some(command) = command {
        ui.spacing_mut().button_padding = vec2(0.0, 0.0);
        ui.spacing_mut().interact_size.y = 0.0;
        let button = Button::new(text.color(palette.accent)).frame(false);
        offer(ui, scene.environment, command, button, &span.text, out);
        return None;
    }
    ui.label(text);
    None
}

fn item(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (depth, mark): (usize, &str),
    spans: &[Span],
    out: &mut Vec<Command>,
) -> Followed {
    let inner = ui.horizontal_top(|ui| {
        #[allow(clippy::cast_precision_loss, reason = "lists lie a few deep")]
        ui.add_space(theme::INDENT * depth.saturating_sub(1) as f32);
        let mark = RichText::new(mark).font(theme::text()).color(theme::palette(ui).dim);
        ui.allocate_ui_with_layout(vec2(1.5 * theme::INDENT, theme::ROW), Layout::left_to_right(Align::TOP), |ui| {
            ui.set_min_width(1.5 * theme::INDENT);
            ui.label(mark);
        });
        ui.vertical(|ui| line(ui, scene, spans, out)).inner
    });
    inner.inner
}

fn code(ui: &mut Ui, text: &str) {
    let palette = theme::palette(ui);
    Frame::new().fill(palette.raise).corner_radius(theme::ROUNDING).inner_margin(8).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(RichText::new(text).font(theme::mono()).color(palette.text)).wrap());
    });
}

fn table(ui: &mut Ui, scene: &Scene<'_>, rows: &[Vec<Vec<Span>>], out: &mut Vec<Command>) -> Followed {
    let widths = widths(rows, ui.available_width());
    let palette = theme::palette(ui);
    let mut followed = None;
    for (number, row) in rows.iter().enumerate() {
        let shown = ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let mut followed = None;
            for (cell, width) in row.iter().zip(&widths) {
                let size = vec2(*width, 0.0);
                let shown = ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    ui.set_width(*width - theme::MARGIN);
                    ui.set_min_width(*width);
                    line(ui, scene, cell, out)
                });
                followed = followed.or(shown.inner);
            }
            followed
        });
        followed = followed.or(shown.inner);
        let stroke = Stroke::new(1.0, if number == 0 { palette.line } else { palette.row_line });
        let (left, bottom) = (shown.response.rect.left(), shown.response.rect.bottom() + 1.0);
        ui.painter().hline(left..=left + widths.iter().sum::<f32>(), bottom, stroke);
    }
    followed
}

/// How wide the columns of a table are, by how much stands in them.
fn widths(rows: &[Vec<Vec<Span>>], available: f32) -> Vec<f32> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let long = |cell: &Vec<Span>| cell.iter().map(|span| span.text.chars().count()).sum::<usize>();
    let of = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(long).max().unwrap_or_default();
    let lengths: Vec<usize> = (0..columns).map(|column| of(column).clamp(NARROWEST, WIDEST)).collect();
    let all: usize = lengths.iter().sum();
    #[allow(clippy::cast_precision_loss, reason = "widths in points")]
    lengths.iter().map(|length| (available * *length as f32 / all.max(1) as f32).floor()).collect()
}
