//! What is kept of the event's stream beside its events: snapshots, each with its state, and commands.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Color32, RichText, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::super::controls::{failure, inset, link, sentence};
use super::super::moment;
use super::super::numbers::{counted, grouped};
use super::super::scene::Scene;
use super::super::theme::{self, Palette};
use super::super::widgets::{JsonTree, TreeAction, TreeView, focus_ring, text_in};
use super::no_document;
use crate::codec::visible;
use crate::event::{Decoded, StreamName, Version};
use crate::model::Command;
use crate::session::{CommandRecord, Count, Finding, Loading, Session, SnapshotRecord, StreamRecords};
use crate::ui::drift::drifted;

/// The least width of the column of versions, in points.
const VERSION_WIDTH: f32 = 9.0 * theme::STEP;

/// How many places at which a snapshot differs are listed.
const DRIFT: usize = 6;

/// The snapshot whose state is shown.
#[derive(Debug, Default)]
pub struct RecordsDraft {
    open: Option<(StreamName, Version)>,
}

/// Paints the lists, and below them the state of the snapshot that was chosen.
pub(super) fn show(
    ui: &mut Ui,
    scene: &Scene<'_>,
    session: &Session,
    stream: &StreamName,
    draft: &mut RecordsDraft,
    out: &mut Vec<Command>,
) {
    let loading = session.records(stream);
    let Some(records) = loading.value() else {
        inset(ui, |ui| match &loading {
            Loading::Failed(error) => failure(ui, error),
            _ => quiet(ui, "Looking for snapshots and commands…"),
        });
        return;
    };
    let open = draft.open.as_ref().filter(|(of, _)| of == stream).map(|(_, version)| *version);
    let shown = open.and_then(|version| records.snapshots.iter().find(|snapshot| snapshot.version == version));
    let height = if shown.is_some() { ui.available_height() * 0.45 } else { ui.available_height() };
    let area =
        ScrollArea::vertical().id_salt("stream records").max_height(height).auto_shrink([false, shown.is_some()]);
    area.show(ui, |ui| {
        inset(ui, |ui| {
            if let Some(chosen) = lists(ui, scene, records, open, out) {
                draft.open = (open != Some(chosen)).then(|| (stream.clone(), chosen));
            }
        });
    });
    if let Some(snapshot) = shown {
        state(ui, records, snapshot, out);
    }
}

/// Both lists; answers with the version of a snapshot that was pressed.
fn lists(
    ui: &mut Ui,
    scene: &Scene<'_>,
    records: &StreamRecords,
    open: Option<Version>,
    out: &mut Vec<Command>,
) -> Option<Version> {
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut chosen = None;
    title(ui, "Snapshots", records.snapshots.len());
    if records.snapshots.is_empty() {
        quiet(ui, "No snapshot of this stream is stored.");
    }
    for snapshot in &records.snapshots {
        if snapshot_line(ui, scene, snapshot, open == Some(snapshot.version)) {
            chosen = Some(snapshot.version);
        }
    }
    if records.has_commands {
        title(ui, "Commands", records.commands.len());
        if records.commands.is_empty() {
            quiet(ui, "No command about this stream is remembered.");
        }
        for command in &records.commands {
            command_line(ui, scene, command, out);
        }
    }
    chosen
}

fn quiet(ui: &mut Ui, text: &str) {
    let text = super::dim(ui, text);
    ui.add(egui::Label::new(text).wrap());
}

fn title(ui: &mut Ui, text: &str, count: usize) {
    ui.add_space(2.0 * theme::STEP);
    let count =
        if count > 0 { format!(" · {}", grouped(i128::try_from(count).unwrap_or_default())) } else { String::new() };
    ui.label(RichText::new(format!("{text}{count}")).font(theme::section()).color(theme::palette(ui).dim));
    ui.add_space(theme::STEP);
}

/// What a line says, from left to right.
struct Line<'a> {
    first: &'a str,
    mono: bool,
    second: String,
    last: String,
    last_color: Color32,
    on: bool,
}

/// One line of a list; whether it was pressed.
fn line(ui: &mut Ui, line: &Line<'_>, help: &str) -> bool {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::click());
    let name = [line.first, &line.second, &line.last].join(" ");
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, line.on, name.trim()));
    if line.on || response.hovered() {
        let fill = if line.on { palette.accent_bg } else { palette.hover };
        ui.painter().rect_filled(rect, f32::from(theme::ROUNDING), fill);
    }
    if response.has_focus() {
        focus_ring(ui, rect);
    }
    let inside = rect.shrink2(vec2(6.0, 0.0));
    let last = text_in(ui.painter(), inside, egui::Align::Max, &line.last, theme::text(), line.last_color);
    let left = inside.with_max_x(inside.right() - last.size().x - theme::MARGIN);
    let font = if line.mono { theme::mono() } else { theme::text() };
    let first = text_in(ui.painter(), left, egui::Align::Min, line.first, font, palette.text);
    // So that the moments of versions with one digit and with two stand under each other.
    let lead = if line.mono { first.size().x.max(VERSION_WIDTH) } else { first.size().x };
    let after = left.with_min_x(left.left() + lead + theme::MARGIN);
    text_in(ui.painter(), after, egui::Align::Min, &line.second, theme::text(), palette.dim);
    response.on_hover_text(help).clicked()
}

fn snapshot_line(ui: &mut Ui, scene: &Scene<'_>, snapshot: &SnapshotRecord, on: bool) -> bool {
    let (verdict, color, help) = verdict(snapshot, theme::palette(ui));
    let taken = snapshot.taken_at.as_ref().map(|at| moment::full(at, scene.view.time_mode)).unwrap_or_default();
    let version = format!("v{}", grouped(snapshot.version));
    let shown = Line { first: &version, mono: true, second: taken, last: verdict.to_owned(), last_color: color, on };
    line(ui, &shown, help)
}

/// Whether a snapshot is what the events fold to; sign, word and colour say the same.
fn verdict(snapshot: &SnapshotRecord, palette: &Palette) -> (&'static str, Color32, &'static str) {
    match snapshot.agrees {
        Some(true) => ("+ agrees", palette.add, "It equals the replayed state of its version."),
        Some(false) => ("~ differs", palette.chg, "The replayed state of its version is another."),
        None => ("not readable", palette.dim, "It cannot be read, so it cannot be compared."),
    }
}

fn command_line(ui: &mut Ui, scene: &Scene<'_>, command: &CommandRecord, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let when = command.processed_at.as_ref().map(|at| moment::full(at, scene.view.time_mode));
    let second = [when, command.actor.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let last = counted(Count::complete(command.events), "event", "events");
    let color = if command.first.is_some() { palette.accent } else { palette.dim };
    let shown = Line { first: &command.command_type, mono: false, second, last, last_color: color, on: false };
    let help = match command.first {
        Some(first) => {
            format!("{}\nGo to the first event that it produced, at position {}.", command.id, grouped(first))
        }
        None => format!("{}\nIt changed nothing.", command.id),
    };
    if line(ui, &shown, &help)
        && let Some(first) = command.first
    {
        out.push(Command::SelectEvent(first));
    }
}

/// What is wrong with a snapshot, in words, place by place.
fn drift(ui: &mut Ui, finding: &Finding) {
    let changes = match finding {
        Finding::Differs(changes) => changes,
        Finding::NoSuchVersion => return quiet(ui, "The stream has no event of this version."),
        Finding::FilterFailed(error) => {
            return quiet(ui, &format!("The reducers' filter for snapshots fails on it: {error}"));
        }
    };
    for change in changes.iter().take(DRIFT) {
        let text = RichText::new(visible(&drifted(change))).font(theme::mono()).color(theme::palette(ui).chg);
        ui.add(egui::Label::new(text).truncate()).on_hover_text(visible(&drifted(change)));
    }
    if changes.len() > DRIFT {
        quiet(ui, &format!("It differs in {} more places.", changes.len() - DRIFT));
    }
}

fn state(ui: &mut Ui, records: &Arc<StreamRecords>, snapshot: &SnapshotRecord, out: &mut Vec<Command>) {
    ui.add_space(theme::STEP);
    inset(ui, |ui| {
        ui.horizontal(|ui| {
            let text = format!("Snapshot at version {}", grouped(snapshot.version));
            ui.label(RichText::new(text).font(theme::section()).color(theme::palette(ui).dim));
            let go = link(ui, "Go to this version", false).on_hover_text("Show the replayed state to compare it with.");
            if go.clicked() {
                out.push(Command::SelectVersion(snapshot.version));
            }
        });
    });
    if let Some(fault) = snapshot.fault {
        let text = sentence(&fault.words(snapshot.version));
        let text = RichText::new(text).color(theme::palette(ui).chg);
        inset(ui, |ui| ui.add(egui::Label::new(text).wrap()));
    }
    if let Some(finding) = &snapshot.drift {
        inset(ui, |ui| drift(ui, finding));
    }
    match snapshot.state.decoded() {
        Decoded::Document { value, .. } => {
            let owner: Arc<StreamRecords> = Arc::clone(records);
            let tree = JsonTree {
                salt: "snapshot",
                name: "snapshot",
                value,
                at: "",
                owner,
                notes: None,
                revision: 0,
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
        other => inset(ui, |ui| no_document(ui, &snapshot.state, other)),
    }
}
