//! The envelope: who, through what, why and when. What leads somewhere is a link.

use egui::{Grid, RichText, Ui};

use super::super::controls::{dim, link};
use super::super::numbers::{counted, grouped};
use super::super::scene::Scene;
use super::super::{moment, theme};
use crate::codec::{id, visible, visible_lines};
use crate::event::{Event, Timestamp};
use crate::model::{Bookmark, Command};
use crate::session::{Related, Session};

/// The height of a line, in points.
const LINE: f32 = 22.0;
/// The width of the words before the values, in points.
const WORDS: f32 = 92.0;

/// How high the envelope of an event is, in points.
#[must_use]
pub fn height(scene: &Scene<'_>, event: &Event) -> f32 {
    let fields = [&event.actor, &event.source, &event.correlation_id, &event.causation_id, &event.id];
    let lines = fields.iter().filter(|field| field.is_some()).count() + usize::from(event.timestamp.is_some());
    let lines = lines + usize::from(noted(scene, event).is_some());
    #[expect(clippy::cast_precision_loss, reason = "seven at most")]
    let height = lines as f32 * LINE + 2.0 * theme::MARGIN;
    height
}

/// Paints the envelope.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, session: &Session, event: &Event, out: &mut Vec<Command>) {
    let related = session.related(event.position).value().cloned();
    ui.add_space(theme::STEP);
    Grid::new("envelope").num_columns(2).min_col_width(WORDS).min_row_height(LINE).spacing([10.0, 0.0]).show(
        ui,
        |ui| {
            note(ui, scene, event, out);
            actor(ui, event);
            plain(ui, "Source", event.source.as_deref());
            correlation(ui, event, related.as_deref(), out);
            cause(ui, event, related.as_deref(), out);
            recorded(ui, scene, event);
            event_id(ui, scene, event);
        },
    );
}

fn word(ui: &mut Ui, text: &str) {
    let text = dim(ui, text);
    ui.label(text);
}

fn data(ui: &Ui, text: &str) -> RichText {
    RichText::new(visible(text)).font(theme::mono()).color(theme::palette(ui).text)
}

fn plain(ui: &mut Ui, title: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    word(ui, title);
    let text = data(ui, value);
    ui.add(egui::Label::new(text).truncate());
    ui.end_row();
}

/// The bookmark on an event, where something is noted on it.
fn noted<'a>(scene: &Scene<'a>, event: &Event) -> Option<&'a Bookmark> {
    scene.view.noted.bookmark(&event.stream, event.version).filter(|bookmark| !bookmark.title().is_empty())
}

/// What a person noted on it, as a link to write more.
fn note(ui: &mut Ui, scene: &Scene<'_>, event: &Event, out: &mut Vec<Command>) {
    let Some(bookmark) = noted(scene, event) else { return };
    word(ui, "Note");
    if link(ui, bookmark.title(), false).on_hover_text(visible_lines(bookmark.note.trim())).clicked() {
        out.push(Command::EditBookmark(Box::new(bookmark.clone())));
    }
    ui.end_row();
}

fn actor(ui: &mut Ui, event: &Event) {
    let Some(actor) = &event.actor else { return };
    word(ui, "Actor");
    ui.horizontal(|ui| {
        ui.add(egui::Label::new(visible(actor)).truncate());
        if let Some(kind) = &event.actor_type {
            ui.label(RichText::new(visible(kind)).color(theme::palette(ui).faint));
        }
    });
    ui.end_row();
}

fn correlation(ui: &mut Ui, event: &Event, related: Option<&Related>, out: &mut Vec<Command>) {
    let Some(id) = &event.correlation_id else { return };
    word(ui, "Correlation");
    let count = related.map(|related| counted(related.correlation_total, "event", "events"));
    let text = count.map_or_else(|| id.clone(), |count| format!("{id} · {count}"));
    let help = Command::FilterByCorrelation.entry().help;
    if link(ui, &text, true).on_hover_text(format!("{}\n{help}", visible(id))).clicked() {
        out.push(Command::FilterByCorrelation);
    }
    ui.end_row();
}

/// The event that caused it as a link; the bare id where that event is not in the database.
fn cause(ui: &mut Ui, event: &Event, related: Option<&Related>, out: &mut Vec<Command>) {
    let cause = related.and_then(|related| related.cause.as_ref());
    if cause.is_none() && event.causation_id.is_none() {
        return;
    }
    word(ui, "Caused by");
    if let Some(cause) = cause {
        let text = format!("{} @ {}", cause.event_type, grouped(cause.position));
        if link(ui, &text, true).on_hover_text(Command::GoToCause.entry().help).clicked() {
            out.push(Command::GoToCause);
        }
    } else if let Some(id) = &event.causation_id {
        let text = data(ui, id);
        let response = ui.add(egui::Label::new(text).truncate());
        if related.is_some() {
            response
                .on_hover_text(format!("{}\nNo event in this database has this id: it may be a command.", visible(id)));
        }
    }
    ui.end_row();
}

/// A ULID and some UUIDs hold the moment at which they were made.
fn event_id(ui: &mut Ui, scene: &Scene<'_>, event: &Event) {
    let Some(text) = &event.id else { return };
    word(ui, "Event id");
    let label = data(ui, text);
    let label = ui.add(egui::Label::new(label).truncate());
    let made = id::ulid_moment(text).or_else(|| id::uuid_moment(text));
    if made.is_some() {
        let made = Timestamp { stored: text.as_str().into(), utc: made };
        let made = moment::full(&made, scene.view.time_mode);
        label.on_hover_text(format!("{}\nThe id itself says when it was made: {made}", visible(text)));
    }
    ui.end_row();
}

fn recorded(ui: &mut Ui, scene: &Scene<'_>, event: &Event) {
    let Some(timestamp) = &event.timestamp else { return };
    word(ui, "Recorded");
    let text = data(ui, &moment::full(timestamp, scene.view.time_mode));
    ui.add(egui::Label::new(text).truncate()).on_hover_text(format!("Stored as {}", visible(&timestamp.stored)));
    ui.end_row();
}
