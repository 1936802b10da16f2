//! What an event is tied to: its cause, its effects, and what shares its correlation id.

use egui::accesskit::Role;
use egui::{RichText, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::super::controls::{dim, failure, link};
use super::super::numbers::{counted, grouped};
use super::super::theme;
use super::super::widgets::{focus_ring, text_in};
use crate::event::Event;
use crate::model::Command;
use crate::session::{EventRef, Loading, Mention, Related, Session};

/// Paints the list.
pub fn show(ui: &mut Ui, session: &Session, event: &Event, out: &mut Vec<Command>) {
    let loading = session.related(event.position);
    match (loading.value(), &loading) {
        (Some(related), _) => {
            ScrollArea::vertical().id_salt("causation").auto_shrink(false).show(ui, |ui| {
                list(ui, event, related, out);
                mentions(ui, session, event, out);
            });
        }
        (None, Loading::Failed(error)) => failure(ui, error),
        (None, _) => quiet(ui, "Looking for what it is tied to…"),
    }
}

fn quiet(ui: &mut Ui, text: &str) {
    let text = dim(ui, text);
    ui.add(egui::Label::new(text).wrap());
}

fn list(ui: &mut Ui, event: &Event, related: &Related, out: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    if link(ui, "All causes and effects…", false).on_hover_text(Command::ShowCauses.entry().help).clicked() {
        out.push(Command::ShowCauses);
    }
    title(ui, "Caused by");
    match &related.cause {
        Some(cause) => line(ui, cause, event, out),
        None if event.causation_id.is_some() => quiet(ui, "Its cause is not an event of this database."),
        None => quiet(ui, "It names no cause."),
    }
    title(ui, "Caused");
    if related.effects.is_empty() {
        quiet(ui, "No event names it as its cause.");
    }
    for effect in &related.effects {
        line(ui, effect, event, out);
    }
    if related.correlation.is_empty() {
        return;
    }
    title(ui, &format!("Same correlation · {}", counted(related.correlation_total, "event", "events")));
    for other in &related.correlation {
        line(ui, other, event, out);
    }
}

/// The rows of snapshots, projections and the like that name the stream.
fn mentions(ui: &mut Ui, session: &Session, event: &Event, out: &mut Vec<Command>) {
    title(ui, &format!("{} in other tables", event.stream));
    let loading = session.mentions(&event.stream);
    match (loading.value(), &loading) {
        (Some(mentions), _) if mentions.is_empty() => quiet(ui, "No row of another table names this stream."),
        (Some(mentions), _) => mentions.iter().for_each(|mention| mention_line(ui, mention, out)),
        (None, Loading::Failed(error)) => failure(ui, error),
        (None, _) => quiet(ui, "Looking through the other tables…"),
    }
}

/// One row: its table, the column that names the stream, its number. A press goes there.
fn mention_line(ui: &mut Ui, mention: &Mention, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::click());
    let number = format!("row {}", grouped(i128::from(mention.row) + 1));
    let role = mention.role.map(|role| role.to_string()).unwrap_or_default();
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, format!("{} {} {number}", mention.table, mention.column))
    });
    if response.hovered() {
        ui.painter().rect_filled(rect, f32::from(theme::ROUNDING), palette.hover);
    }
    if response.has_focus() {
        focus_ring(ui, rect);
    }
    let inside = rect.shrink2(vec2(6.0, 0.0));
    let end = text_in(ui.painter(), inside, egui::Align::Max, &number, theme::mono(), palette.dim);
    let words = inside.with_max_x(inside.right() - end.size().x - theme::MARGIN);
    let table = text_in(ui.painter(), words, egui::Align::Min, &mention.table, theme::mono(), palette.text);
    let after = words.with_min_x(words.left() + table.size().x + theme::MARGIN);
    let what = if role.is_empty() { mention.column.clone() } else { format!("{} · {role}", mention.column) };
    text_in(ui.painter(), after, egui::Align::Min, &what, theme::text(), palette.dim);
    if response.clicked() {
        out.push(Command::ShowTableRow((mention.table.clone(), mention.row)));
    }
}

fn title(ui: &mut Ui, text: &str) {
    ui.add_space(2.0 * theme::STEP);
    ui.label(RichText::new(text).font(theme::section()).color(theme::palette(ui).dim));
    ui.add_space(theme::STEP);
}

/// One event: its type with its colour, its stream and version, its position. A press goes there.
fn line(ui: &mut Ui, other: &EventRef, event: &Event, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::click());
    let position = grouped(other.position);
    let place = format!("{} · v{}", other.stream.aggregate_id, grouped(other.version));
    let current = other.position == event.position;
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, current, format!("{} {place} {position}", other.event_type))
    });
    if current || response.hovered() {
        let fill = if current { palette.accent_bg } else { palette.hover };
        ui.painter().rect_filled(rect, f32::from(theme::ROUNDING), fill);
    }
    if response.has_focus() {
        focus_ring(ui, rect);
    }
    let inside = rect.shrink2(vec2(6.0, 0.0));
    let dot = inside.left_center() + vec2(3.5, 0.0);
    ui.painter().circle_filled(dot, 3.5, theme::event_type_color(&other.event_type, palette.dark));
    let number = text_in(ui.painter(), inside, egui::Align::Max, &position, theme::mono(), palette.dim);
    let words = inside.with_min_x(inside.left() + 14.0).with_max_x(inside.right() - number.size().x - theme::MARGIN);
    let kind = text_in(ui.painter(), words, egui::Align::Min, &other.event_type, theme::text(), palette.text);
    let after = words.with_min_x(words.left() + kind.size().x + theme::MARGIN);
    text_in(ui.painter(), after, egui::Align::Min, &place, theme::mono(), palette.dim);
    if response.clicked() && !current {
        out.push(Command::SelectEvent(other.position));
    }
}
