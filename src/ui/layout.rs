//! Where the panels are: title bar, streams, events, event and state, timeline, status bar, and windows over them.

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::append::AppendDraft;
use super::asking::WatchDraft;
use super::bookmarks::BookmarksDraft;
use super::causes::CausesDraft;
use super::compare::CompareDraft;
use super::controls::{panel, region};
use super::event::{RawDraft, RecordsDraft};
use super::invariants::InvariantDraft;
use super::maintenance::MaintenanceDraft;
use super::manual::ManualDraft;
use super::mapping::MappingDraft;
use super::reducer::ReducerDraft;
use super::rules::{CorrectDraft, RulesDraft};
use super::save::SaveDraft;
use super::scene::Scene;
#[cfg(feature = "postgres")]
use super::server::{self, ServerDraft};
use super::timeline::Ticks;
use super::understanding::UnderstandingDraft;
use super::welcome::PathDraft;
use super::what_if::BranchDraft;
use super::widgets::TreeSearch;
use super::{
    append, asking, banner, beside, bookmarks, causes, compare, dialogs, event, events, invariants, kept_filters,
    maintenance, manual, mapping, messages, palette, reducer, rules, save, shortcuts, snapshots, state, status,
    streams, tables, theme, timeline, title_bar, understanding, welcome, what_if,
};
use crate::model::{Command, Overlay};
use crate::session::{Overview, Session, Status};

/// What panels remember from frame to frame that is no part of what a person chose: text that is being typed, layouts.
#[derive(Default)]
pub struct Drafts {
    /// The form for a new event.
    pub append: AppendDraft,
    /// What is done with the whole store.
    pub maintenance: MaintenanceDraft,
    /// The mapping that is edited.
    pub mapping: MappingDraft,
    /// The what-if branch.
    pub what_if: BranchDraft,
    /// The two states that are compared.
    pub compare: CompareDraft,
    /// What is looked for and edited among the bookmarks.
    pub bookmarks: BookmarksDraft,
    /// The invariant that is being typed.
    pub invariant: InvariantDraft,
    /// What is chosen in the window for causes.
    pub causes: CausesDraft,
    /// What is chosen in the windows about the whole store.
    pub understanding: UnderstandingDraft,
    /// The place in the store that is being typed.
    pub place: String,
    /// The name of a filter that is being saved.
    pub filter_name: String,
    /// The watch that is being typed.
    pub watch: WatchDraft,
    /// The command of the application's reducer.
    pub reducer: ReducerDraft,
    /// What a person says is right in the state.
    pub correct: CorrectDraft,
    /// The rules that are being typed.
    pub rules: RulesDraft,
    /// What is to be written to a new file.
    pub save: SaveDraft,
    /// What is typed and chosen of a server.
    #[cfg(feature = "postgres")]
    pub server: ServerDraft,
    palette: palette::Draft,
    manual: ManualDraft,
    path: PathDraft,
    raw: RawDraft,
    records: RecordsDraft,
    /// What is looked for in the state.
    pub search: TreeSearch,
    ticks: Ticks,
    streams: streams::Draft,
    events: events::Draft,
    tables: tables::Draft,
    record: tables::RecordDraft,
}

impl Drafts {
    /// How many whole rows are in view: of the events, or of another table.
    #[must_use]
    pub fn page(&self, table: bool) -> u64 {
        if table { self.tables.page() } else { self.events.page() }
    }

    /// Forgets the path that was typed: it may hold a password.
    #[cfg(feature = "postgres")]
    pub fn forget_path(&mut self) {
        self.path = PathDraft::default();
    }

    /// Forgets what belonged to the file that was closed.
    pub fn file_closed(&mut self) {
        *self = Self::default();
    }
}

/// How high the streams side by side are until a person chooses, in points.
const BESIDE: f32 = 220.0;

/// Paints the whole window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, drafts: &mut Drafts, out: &mut Vec<Command>) {
    bars(ui, scene, out);
    banner::show(ui, scene, out);
    match scene.session {
        None => bare(ui, |ui| welcome::show(ui, scene, &mut drafts.path, out)),
        Some(session) => opened(ui, scene, session, drafts, out),
    }
    over(ui, scene, drafts, out);
    messages::show(ui, scene, out);
    drop_hint(ui);
}

/// A panel's ground, with these margins at its sides.
fn ground(ui: &Ui, horizontal: f32, vertical: f32) -> Frame {
    #[expect(clippy::cast_possible_truncation, reason = "margins are small")]
    let margin = Margin::symmetric(horizontal as i8, vertical as i8);
    Frame::new().fill(theme::palette(ui).panel).inner_margin(margin)
}

fn bars(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let frame = ground(ui, theme::MARGIN, 0.0);
    Panel::top("title bar").exact_size(theme::HEADER).frame(frame).show(ui, |ui| {
        region(ui, "Title bar", |ui| title_bar::show(ui, scene, out));
    });
    Panel::bottom("status bar").exact_size(theme::STATUS).frame(frame).show(ui, |ui| {
        region(ui, "Status", |ui| status::show(ui, scene, out));
    });
}

fn bare(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui)) {
    let fill = theme::palette(ui).bg;
    CentralPanel::default().frame(Frame::new().fill(fill)).show(ui, add_contents);
}

fn opened(ui: &mut Ui, scene: &Scene<'_>, session: &Session, drafts: &mut Drafts, out: &mut Vec<Command>) {
    match (session.overview(), session.status()) {
        (None, Status::Failed(error)) => bare(ui, |ui| welcome::failed(ui, scene, error, out)),
        (None, _) => bare(ui, |ui| welcome::opening(ui, session, out)),
        (Some(overview), _) => {
            history(ui, scene, overview, drafts, out);
            browser(ui, scene, overview, drafts, out);
        }
    }
}

/// The timeline below, and at the right the event with its state, or the row of another table.
fn history(ui: &mut Ui, scene: &Scene<'_>, overview: &Overview, drafts: &mut Drafts, out: &mut Vec<Command>) {
    if scene.view.timeline_shown && overview.has_events() {
        let frame = ground(ui, 14.0, 8.0);
        Panel::bottom("timeline").exact_size(theme::TIMELINE).frame(frame).show(ui, |ui| {
            panel(ui, "Timeline", |ui| timeline::show(ui, scene, &mut drafts.ticks, out));
        });
    }
    if !scene.view.beside.is_empty() && overview.has_events() {
        let frame = ground(ui, 0.0, theme::STEP);
        let below = Panel::bottom("side by side").resizable(true).default_size(BESIDE).size_range(120.0..=600.0);
        below.frame(frame).show(ui, |ui| {
            panel(ui, "Side by side", |ui| beside::show(ui, scene, out));
        });
    }
    if scene.view.details_shown && (overview.has_events() || scene.view.place.table.is_some()) {
        let frame = ground(ui, 0.0, 0.0);
        let width = right_width(ui.ctx().content_rect().width());
        let panel = Panel::right("details").resizable(true).size_range(280.0..=900.0).frame(frame);
        side(ui, "details", panel, width, |ui| details(ui, scene, drafts, out));
    }
}

/// The width of the list of streams in a window of this width, until a person chooses another: narrower in a narrow
/// window, so that the events keep theirs.
fn left_width(window: f32) -> f32 {
    (0.25 * window - 110.0).clamp(180.0, theme::LEFT_WIDTH)
}

/// The width of the event and its state in a window of this width, until a person chooses another.
fn right_width(window: f32) -> f32 {
    (0.5 * window - 290.0).clamp(300.0, theme::RIGHT_WIDTH)
}

/// Paints a panel at the side `width` points wide, which follows the window's, until a person drags its edge.
fn side(ui: &mut Ui, name: &'static str, panel: Panel, width: f32, add_contents: impl FnOnce(&mut Ui)) {
    let id = ui.scope_id().with(name);
    let chosen = id.with("chosen");
    let is_chosen = ui.data_mut(|data| data.get_persisted::<bool>(chosen)).unwrap_or_default();
    if !is_chosen {
        let outer_rect = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, ui.available_height()));
        ui.data_mut(|data| data.insert_persisted(id, egui::PanelState { outer_rect }));
    }
    let shown = panel.default_size(width).show(ui, add_contents).response.rect.width();
    let held = ui.input(|input| input.pointer.any_down() || input.pointer.any_released());
    if !is_chosen && held && (shown - width).abs() > 1.5 {
        ui.data_mut(|data| data.insert_persisted(chosen, true));
    }
}

fn details(ui: &mut Ui, scene: &Scene<'_>, drafts: &mut Drafts, out: &mut Vec<Command>) {
    let frame = ground(ui, 0.0, theme::STEP);
    if scene.view.place.table.is_some() {
        CentralPanel::default().frame(frame).show(ui, |ui| {
            panel(ui, "Row", |ui| tables::show_record(ui, scene, &mut drafts.record, out));
        });
        return;
    }
    let half = ui.available_height() * 0.42;
    let upper = Panel::top("event").resizable(true).default_size(half);
    upper.size_range(140.0..=ui.available_height() - 120.0).frame(frame).show(ui, |ui| {
        panel(ui, "Event", |ui| event::show(ui, scene, &mut drafts.raw, &mut drafts.records, out));
        ui.take_available_space();
    });
    CentralPanel::default().frame(frame).show(ui, |ui| {
        panel(ui, "State", |ui| state::show(ui, scene, &mut drafts.search, out));
    });
}

/// The streams at the left, the events or another table in the middle.
fn browser(ui: &mut Ui, scene: &Scene<'_>, overview: &Overview, drafts: &mut Drafts, out: &mut Vec<Command>) {
    if scene.view.streams_shown {
        let frame = ground(ui, 0.0, 0.0);
        let width = left_width(ui.ctx().content_rect().width());
        let panel = Panel::left("streams").resizable(true).size_range(160.0..=600.0).frame(frame);
        side(ui, "streams", panel, width, |ui| {
            streams::show(ui, scene, &mut drafts.streams, out);
            ui.take_available_space();
        });
    }
    bare(ui, |ui| {
        if overview.has_events() && scene.view.place.table.is_none() {
            events::show(ui, scene, &mut drafts.events, out);
        } else {
            tables::show(ui, scene, &mut drafts.tables, out);
        }
    });
}

fn over(ui: &mut Ui, scene: &Scene<'_>, drafts: &mut Drafts, out: &mut Vec<Command>) {
    let overlay = scene.view.overlay;
    if overlay != Overlay::Palette {
        palette::closed(scene, &mut drafts.palette);
    }
    match overlay {
        Overlay::None => {}
        Overlay::Palette => palette::show(ui, scene, &mut drafts.palette, out),
        Overlay::Shortcuts => shortcuts::show(ui, out),
        Overlay::Manual => manual::show(ui, scene, &mut drafts.manual, out),
        Overlay::OpenPath => dialogs::open_path(ui, &mut drafts.path, out),
        Overlay::GoTo => dialogs::go_to(ui, &mut drafts.place, out),
        Overlay::SaveFilter => kept_filters::name_dialog(ui, scene, &mut drafts.filter_name, out),
        Overlay::Unlock => dialogs::unlock(ui, scene, out),
        Overlay::Append => append::show(ui, scene, &mut drafts.append, out),
        Overlay::NewStore => maintenance::new_store(ui, scene, &mut drafts.maintenance, out),
        Overlay::BackUp => maintenance::back_up(ui, scene, &mut drafts.maintenance, out),
        Overlay::Import => maintenance::import(ui, scene, &mut drafts.maintenance, out),
        Overlay::Export => maintenance::export(ui, scene, &mut drafts.maintenance, out),
        Overlay::Archive => maintenance::archive(ui, scene, &mut drafts.maintenance, out),
        Overlay::Verified => maintenance::verified(ui, scene, &drafts.maintenance, out),
        Overlay::Mapping => mapping::show(ui, scene, &mut drafts.mapping, out),
        Overlay::Correct => rules::correct(ui, scene, &mut drafts.correct, out),
        Overlay::Rules => rules::show(ui, scene, &mut drafts.rules, out),
        Overlay::Reducer => reducer::show(ui, scene, &mut drafts.reducer, out),
        Overlay::Watches => asking::watches_dialog(ui, scene, &mut drafts.watch, out),
        Overlay::Bookmarks => bookmarks::show(ui, scene, &mut drafts.bookmarks, out),
        Overlay::Invariants => invariants::show(ui, scene, &mut drafts.invariant, out),
        Overlay::Snapshots => snapshots::show(ui, scene, out),
        Overlay::Causes => causes::show(ui, scene, &mut drafts.causes, out),
        Overlay::Statistics => understanding::statistics(ui, scene, &mut drafts.understanding, out),
        Overlay::Schemas => understanding::schemas(ui, scene, &mut drafts.understanding, out),
        Overlay::Audit => understanding::audit(ui, scene, &mut drafts.understanding, out),
        Overlay::Compare => compare::show(ui, scene, &mut drafts.compare, &drafts.what_if.branch(), out),
        Overlay::WhatIf => what_if::show(ui, scene, &mut drafts.what_if, out),
        #[cfg(feature = "postgres")]
        Overlay::Server => server::show(ui, scene, &mut drafts.server, out),
        #[cfg(feature = "postgres")]
        Overlay::SliceCopy => server::copy(ui, scene, &mut drafts.server, out),
        Overlay::SaveFile => save::show(ui, scene, &mut drafts.save, out),
        Overlay::About => dialogs::about(ui, out),
    }
}

/// While a file is held over the window, that it can be dropped.
fn drop_hint(ui: &Ui) {
    if ui.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let palette = theme::palette(ui);
    let screen = ui.ctx().content_rect();
    let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop hint")));
    painter.rect_filled(screen, 0, palette.bg.gamma_multiply(0.85));
    let stroke = egui::Stroke::new(2.0, palette.accent);
    painter.rect_stroke(screen.shrink(theme::MARGIN), theme::ROUNDING, stroke, egui::StrokeKind::Inside);
    let center = screen.center();
    painter.text(center, egui::Align2::CENTER_CENTER, "Drop to open", theme::title(), palette.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_narrow_window_the_events_keep_their_width() {
        for (window, left, right) in [(1440.0, 250.0, 430.0), (1280.0, 210.0, 350.0), (1920.0, 250.0, 430.0)] {
            assert!((left_width(window) - left).abs() < 0.1 && (right_width(window) - right).abs() < 0.1, "{window}");
        }
    }
}
