//! Streams side by side: the state of each at the same moment of the store, that of the event that is shown.

use std::sync::Arc;

use egui::{Align, Button, Label, Layout, RichText, ScrollArea, Stroke, Ui, vec2};

use super::controls::{dim, failure, faint, inset, word};
use super::numbers::grouped;
use super::scene::Scene;
use super::theme;
use super::widgets::{JsonTree, KEPT, Notes, TreeAction, TreeView};
use crate::codec::visible;
use crate::event::{Position, StreamName};
use crate::model::Command;
use crate::session::{Loading, Mark, Session, StateAt};

/// The least width of a stream's column, in points.
const NARROWEST: f32 = 240.0;

/// Paints a column for each stream that is kept in view.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let Some((session, at)) = scene.session.zip(scene.view.place.event) else { return };
    title(ui, at);
    let streams = &scene.view.beside;
    #[expect(clippy::cast_precision_loss, reason = "a few streams")]
    let width = (ui.available_width() / streams.len().max(1) as f32).max(NARROWEST);
    let height = ui.available_height();
    ScrollArea::horizontal().id_salt("streams side by side").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.horizontal_top(|ui| {
            for (number, stream) in streams.iter().enumerate() {
                let size = vec2(width, height);
                ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    ui.set_min_height(height);
                    if number > 0 {
                        let line = Stroke::new(1.0, theme::palette(ui).line);
                        ui.painter().vline(ui.max_rect().left(), ui.max_rect().y_range(), line);
                    }
                    ui.push_id(stream, |ui| column(ui, session, stream, at, out));
                });
            }
        });
    });
}

fn title(ui: &mut Ui, at: Position) {
    ui.horizontal(|ui| {
        ui.add_space(theme::MARGIN);
        let text = format!("State of everything here, at position {}", grouped(at));
        ui.label(RichText::new(text).font(theme::section()).color(theme::palette(ui).dim));
    });
}

fn column(ui: &mut Ui, session: &Session, stream: &StreamName, at: Position, out: &mut Vec<Command>) {
    let history = session.history(stream);
    let mark = history.value().and_then(|history| {
        let until = history.marks.partition_point(|mark| mark.position <= at);
        history.marks.get(until.checked_sub(1)?)
    });
    head(ui, stream, mark, at, out);
    let Some(mark) = mark else {
        return inset(ui, |ui| match &history {
            Loading::Failed(error) => failure(ui, error),
            Loading::Ready(history) if history.complete || history.marks.first().is_some() => {
                quiet(ui, "It has no event up to here.");
            }
            _ => quiet(ui, "Reading the stream…"),
        });
    };
    let loading = session.state(stream, mark.version);
    match (loading.value(), &loading) {
        (Some(state), _) => tree(ui, state, mark.position == at && state.version == mark.version, out),
        (None, Loading::Failed(error)) => inset(ui, |ui| failure(ui, error)),
        (None, _) => inset(ui, |ui| quiet(ui, "Folding the stream…")),
    }
}

/// The stream, which a press goes to, and its version at this moment.
fn head(ui: &mut Ui, stream: &StreamName, mark: Option<Mark<'_>>, at: Position, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    inset(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0 * theme::STEP;
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let name = format!("Let {stream} go");
                if ui.add(Button::new("×").frame(false)).accessible_name(name).clicked() {
                    out.push(Command::LetGo(stream.clone()));
                }
                if let Some(mark) = mark {
                    let here = mark.position == at;
                    let says = format!("v{} {}", grouped(mark.version), mark.event_type);
                    let text = faint(ui, visible(&says)).color(if here { palette.accent } else { palette.faint });
                    ui.label(text).on_hover_text(if here {
                        "The event that is shown is its own."
                    } else {
                        "Its last event up to here."
                    });
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let text = RichText::new(visible(&stream.to_string())).font(theme::mono()).color(palette.text);
                    if word(ui, text).on_hover_text("Go to this stream, as it was then").clicked() {
                        out.push(match mark {
                            Some(mark) => Command::SelectEvent(mark.position),
                            None => Command::SelectStream(stream.clone()),
                        });
                    }
                });
            });
        });
    });
}

fn tree(ui: &mut Ui, state: &Arc<StateAt>, marked: bool, out: &mut Vec<Command>) {
    let owner: Arc<StateAt> = Arc::clone(state);
    let notes = marked.then_some(Notes { changes: &state.changes, by: &|_| None, asks: false, made: None });
    let tree = JsonTree {
        at: "",
        salt: "state beside",
        name: KEPT,
        value: &state.state,
        owner,
        notes,
        // The same state is shown with its changes and without.
        revision: u64::from(marked),
        filterable: None,
        types: None,
        view: TreeView::default(),
    };
    for action in tree.show(ui, ui.available_height()) {
        if let TreeAction::Copy(text) = action {
            out.push(Command::CopyText(text));
        }
    }
}

fn quiet(ui: &mut Ui, text: &str) {
    let text = dim(ui, text);
    ui.add(Label::new(text).wrap());
}
