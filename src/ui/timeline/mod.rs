//! The timeline: a stream's versions as a track to walk along, with the buttons that walk.

mod over;
mod snapshots;
mod ticks;
mod track;
mod transport;
mod watches;
mod zoom;

use std::sync::Arc;

use egui::{Align, Layout, RichText, Ui};

use super::controls::{faint, word};
use super::numbers::grouped;
use super::scene::Scene;
use super::{moment, theme};
use crate::codec::visible;
use crate::event::{StreamName, Version};
use crate::model::{Bookmark, Command, MarkKind, Speed};
use crate::session::{History, Mark, Outcome};

pub use ticks::Ticks;

/// The mark of a version, where the history holds it. A damaged store may have its versions in any order.
#[must_use]
pub fn mark_of(history: &History, version: Version) -> Option<Mark<'_>> {
    history.marks.index_of(version).and_then(|index| history.marks.get(index))
}

/// Paints the timeline. `ticks` keeps its layout from frame to frame.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, ticks: &mut Ticks, out: &mut Vec<Command>) {
    let stream = scene.view.place.stream.as_ref();
    let history = stream.zip(scene.session).and_then(|(stream, session)| session.history(stream).value().cloned());
    let marks = &scene.view.marks;
    let watched = watches::watched(scene);
    let shown = scene.environment.versions.map(|versions| versions.shown);
    ui.spacing_mut().item_spacing = egui::vec2(theme::MARGIN, 6.0);
    ui.horizontal(|ui| {
        ui.set_height(theme::ENTRY);
        name(ui, stream, out);
        transport::show(ui, scene, out);
        place(ui, scene, history.as_deref());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            speed(ui, scene, out);
            kinds(ui, scene, out);
            if let Some((watched, shown)) = watched.as_ref().zip(shown) {
                watches::pills(ui, watched, shown, out);
            }
            reading(ui, stream, scene, history.as_deref());
        });
    });
    match (history, shown) {
        (Some(history), Some(shown)) if !history.marks.is_empty() => {
            let stored = snapshots::stored(scene, &history).filter(|_| marks.shows(MarkKind::Snapshots));
            let bookmarks: Vec<&Bookmark> = stream
                .filter(|_| marks.shows(MarkKind::Bookmarks))
                .map(|stream| scene.view.noted.bookmarks_of(stream).collect())
                .unwrap_or_default();
            let over = over::Over {
                watched: watched.as_ref().filter(|_| marks.shows(MarkKind::Watches)),
                snapshots: stored.as_deref(),
                bookmarks: &bookmarks,
            };
            ticks.count_kept(&history, scene.session.filter(|_| marks.shows(MarkKind::Filter)));
            let layout = ticks.lay_out(&history, scene.view.span);
            let (history, mode) = (&*history, scene.view.time_mode);
            track::Track { history, shown, over, layout, marks, mode }.show(ui, out);
        }
        _ => track::empty(ui, empty_text(stream)),
    }
}

fn empty_text(stream: Option<&StreamName>) -> &'static str {
    match stream {
        None => "Select an event or a stream to walk through its versions",
        Some(_) => "Reading the stream…",
    }
}

/// The stream, as a link to its events.
fn name(ui: &mut Ui, stream: Option<&StreamName>, out: &mut Vec<Command>) {
    let Some(stream) = stream else { return };
    let text = if stream.aggregate_type.is_empty() {
        stream.aggregate_id.clone()
    } else {
        format!("{} / {}", stream.aggregate_type, stream.aggregate_id)
    };
    ui.scope(|ui| {
        ui.set_max_width(ui.available_width() * 0.3);
        let help = format!("{}\n{}", visible(&text), Command::FilterByStream.entry().help);
        let words = RichText::new(visible(&text)).font(theme::mono()).color(theme::palette(ui).text);
        if word(ui, words).on_hover_text(help).clicked() {
            out.push(Command::FilterByStream);
        }
    });
}

/// `Version 3 of 7`, and when that version was recorded.
fn place(ui: &mut Ui, scene: &Scene<'_>, history: Option<&History>) {
    let palette = theme::palette(ui);
    let Some(versions) = scene.environment.versions else { return };
    let (shown, last) = (grouped(versions.shown), grouped(versions.last));
    let mut text = egui::text::LayoutJob::default();
    let plain = egui::TextFormat::simple(theme::text(), palette.text);
    text.append("Version ", 0.0, plain.clone());
    text.append(&shown, 0.0, egui::TextFormat::simple(theme::semibold(), palette.text));
    text.append(&format!(" of {last}"), 0.0, plain);
    ui.label(text);
    folded_to(ui, history);
    let Some(mark) = history.and_then(|history| mark_of(history, versions.shown)) else { return };
    if let Some(timestamp) = mark.timestamp {
        let clock = moment::clock(timestamp, scene.view.time_mode);
        ui.label(RichText::new(visible(&clock)).color(palette.dim)).on_hover_text(visible(timestamp.stored));
    }
    if let Outcome::Failed(error) = mark.outcome {
        ui.label(RichText::new("× rule failed").color(palette.del)).on_hover_text(&**error);
    }
}

/// How far the stream is folded, while it is not at its end.
fn folded_to(ui: &mut Ui, history: Option<&History>) {
    let Some(history) = history.filter(|history| !history.complete) else { return };
    if let Some(mark) = history.marks.last().filter(|mark| history.last.is_none_or(|last| mark.version < last)) {
        let text = faint(ui, format!("folded to {}", grouped(mark.version)));
        ui.label(text)
            .on_hover_text("Versions up to this one are shown at once; the others as soon as they are folded.");
    }
}

/// How fast playing goes.
fn speed(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let current = scene.view.speed;
    let response = ui.menu_button(RichText::new(current.text()).font(theme::small()), |ui| {
        for speed in Speed::ALL {
            if ui.add(egui::Button::new(speed.text()).selected(speed == current)).clicked() {
                out.push(Command::SetSpeed(speed));
                ui.close();
            }
        }
    });
    response.response.accessible_name("Speed").on_hover_text("How many versions a second playing steps through.");
}

/// Which marks are on the track.
fn kinds(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let response = ui.menu_button(RichText::new("Marks").font(theme::small()), |ui| {
        for kind in MarkKind::ALL {
            let mut shown = scene.view.marks.shows(kind);
            if ui
                .checkbox(&mut shown, super::controls::sentence_case(kind.title()))
                .on_hover_text(kind.help())
                .clicked()
            {
                out.push(Command::ToggleMarks(kind));
            }
        }
    });
    response.response.accessible_name("Marks on the timeline").on_hover_text("What is marked on the timeline.");
}

/// That the history is still being read.
fn reading(ui: &mut Ui, stream: Option<&StreamName>, scene: &Scene<'_>, history: Option<&History>) {
    let Some((stream, session)) = stream.zip(scene.session) else { return };
    let loading = session.history(stream);
    if let Some(error) = loading.error() {
        ui.label(RichText::new(error.to_string()).color(theme::palette(ui).del));
    } else if history.is_none() {
        let text = faint(ui, "reading…".to_owned());
        ui.label(text);
    }
}

/// The history that is shown, for those who lay it out.
pub(super) type Shown = Arc<History>;
