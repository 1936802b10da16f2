//! The state panel: what the stream had folded to at the shown version, what its event changed, and who set each value.

use std::any::Any;
use std::sync::Arc;

use egui::{RichText, Ui};

use super::controls::{dim, failure, heading, inset, nothing_here};
use super::find_in_state;
use super::numbers::grouped;
use super::scene::Scene;
use super::theme;
use super::timeline::mark_of;
use super::whence::{is_guessed, why};
use super::widgets::{JsonTree, Made, Notes, TreeAction, TreeSearch, TreeView, jq_path};
use super::{apart, asking, state_head};
use crate::codec::visible_lines;
use crate::filter::{Condition, Effect, EffectKind, Term};
use crate::model::{Command, Correction, Inquiry, Versions};
use crate::session::{History, Loading, Outcome, ReducersInfo, StateAt};

/// Paints the state panel.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, search: &mut TreeSearch, out: &mut Vec<Command>) {
    let selected = scene.view.place.stream.as_ref().zip(scene.session).zip(scene.environment.versions);
    let Some(((stream, session), versions)) = selected else {
        inset(ui, |ui| heading(ui, "State", |_| {}));
        empty(ui, scene);
        return;
    };
    let history = session.history(stream).value().cloned();
    let loading = session.state(stream, versions.shown);
    inset(ui, |ui| {
        title(ui, versions);
        state_head::show(ui, scene, session, stream, history.as_deref(), out);
    });
    match (loading.value(), &loading) {
        (Some(state), _) => {
            inset(ui, |ui| {
                stands_in(ui, state);
                outcome(ui, state, history.as_deref());
            });
            let put = asking::put(scene, stream);
            let reducers = session.reducers(&stream.aggregate_type);
            if scene.view.finding {
                let owner: Arc<dyn Any + Send + Sync> = Arc::<StateAt>::clone(state);
                search.search(&owner, &state.state);
                inset(ui, |ui| find_in_state::show(ui, search, out));
            }
            let view =
                TreeView { find: search.find().filter(|_| scene.view.finding), changes_only: scene.view.changes_only };
            let pinned: Vec<(String, String)> = scene
                .view
                .noted
                .pinned(&stream.aggregate_type)
                .map(|pointer| (pointer.to_owned(), jq_path(&state.state, pointer)))
                .collect();
            let apart = (put.is_none() && apart::is_told(&reducers)).then(|| session.apart(stream, versions.shown));
            let apart = apart.as_ref().and_then(Loading::value);
            let below = apart.map_or(0.0, |apart| apart::height(apart));
            let height = (asking::height_above(ui, put.as_ref()) - below).max(2.0 * theme::TREE_ROW);
            tree(ui, (&stream.aggregate_type, state, &reducers), history.as_ref(), (height, view, &pinned), out);
            if let Some(apart) = apart {
                apart::show(ui, apart);
            }
            if let Some(put) = put {
                asking::show(ui, scene, session, (stream, &state.state), &put, out);
            }
        }
        (None, Loading::Failed(error)) => inset(ui, |ui| failure(ui, error)),
        (None, _) => nothing_here(ui, "Folding the stream…"),
    }
}

/// Why there is no state: nothing is selected, the stream is on its way, or it could not be read.
fn empty(ui: &mut Ui, scene: &Scene<'_>) {
    let Some((stream, session)) = scene.view.place.stream.as_ref().zip(scene.session) else {
        nothing_here(ui, "Select an event or a stream to see the state it leads to.");
        return;
    };
    match session.history(stream) {
        Loading::Failed(error) => inset(ui, |ui| failure(ui, &error)),
        Loading::Ready(_) => nothing_here(ui, "This stream has no events."),
        _ => nothing_here(ui, "Reading the stream…"),
    }
}

fn title(ui: &mut Ui, versions: Versions) {
    let text = format!("State at version {} of {}", grouped(versions.shown), grouped(versions.last));
    heading(ui, &text, |_| {});
}

/// What the event did, where that is not plain from the marks in the tree.
fn outcome(ui: &mut Ui, state: &StateAt, history: Option<&History>) {
    let palette = theme::palette(ui);
    let mark = history.and_then(|history| mark_of(history, state.version));
    let kind = mark.map_or("this event", |mark| mark.event_type);
    match &state.outcome {
        Outcome::Failed(error) => {
            let frame = egui::Frame::new().fill(palette.del_bg).corner_radius(theme::ROUNDING).inner_margin(8);
            frame.show(ui, |ui| {
                ui.set_width(ui.available_width());
                let text = format!("× Folding {kind} failed; the state before it stands.");
                ui.add(egui::Label::new(RichText::new(text).color(palette.del)).wrap());
                ui.add(
                    egui::Label::new(RichText::new(visible_lines(error)).font(theme::mono()).color(palette.text))
                        .wrap(),
                );
            });
        }
        Outcome::Unhandled => note(ui, format!("No rule is for {kind}: it changes nothing.")),
        Outcome::Ignored => note(ui, format!("The rule for {kind} says that it changes nothing.")),
        Outcome::Applied if state.changes.is_empty() => note(ui, format!("{kind} changed nothing.")),
        Outcome::Applied => {}
    }
}

/// That a state comes from a snapshot while the events before that are folded.
fn stands_in(ui: &mut Ui, state: &StateAt) {
    if let Some(snapshot) = state.snapshot {
        let text = format!(
            "From the stored snapshot at version {}, until the events before it are folded.",
            grouped(snapshot)
        );
        note(ui, text);
    }
}

fn note(ui: &mut Ui, text: String) {
    let text = dim(ui, text);
    ui.add(egui::Label::new(text).wrap());
}

fn tree(
    ui: &mut Ui,
    (aggregate_type, state, reducers): (&str, &Arc<StateAt>, &ReducersInfo),
    history: Option<&Arc<History>>,
    (height, view, pinned): (f32, TreeView<'_>, &[(String, String)]),
    out: &mut Vec<Command>,
) {
    ui.add_space(theme::STEP);
    let by = |pointer: &str| who(state, history.map(|history| &**history), pointer);
    let setter = |pointer: &str| {
        let version = state.blame.last_set(pointer)?;
        history.and_then(|history| mark_of(history, version)).map(|mark| mark.event_type)
    };
    let why = |pointer: &str| why(reducers, aggregate_type, setter(pointer), pointer);
    let guessed = |pointer: &str| is_guessed(reducers, aggregate_type, setter(pointer), pointer);
    let corrects = reducers.command.is_none();
    let owner: Arc<StateAt> = Arc::clone(state);
    let tree = JsonTree {
        at: "",
        salt: "state",
        name: "state",
        value: &state.state,
        owner,
        notes: Some(Notes {
            changes: &state.changes,
            by: &by,
            asks: true,
            made: Some(Made { why: &why, guessed: &guessed, corrects }),
        }),
        revision: history.map_or(0, |history| u64::try_from(history.marks.len()).unwrap_or(u64::MAX)),
        filterable: None,
        types: None,
        view,
    };
    let bottom = ui.cursor().top() + height;
    let mut actions = Vec::new();
    if !pinned.is_empty() {
        actions = tree.show_places(ui, pinned);
        let line = ui.cursor().top() + theme::STEP / 2.0;
        ui.painter().hline(ui.max_rect().x_range(), line, egui::Stroke::new(1.0, theme::palette(ui).line));
        ui.add_space(theme::STEP);
    }
    let left = (bottom - ui.cursor().top()).max(2.0 * theme::TREE_ROW);
    actions.extend(tree.show(ui, left));
    for action in actions {
        out.extend(match action {
            TreeAction::Copy(text) => Some(Command::CopyText(text)),
            TreeAction::History(pointer) => Some(Command::Inquire(Inquiry::Value(pointer))),
            TreeAction::ChangedBy(pointer) => Some(Command::AddTerm(changed(pointer))),
            TreeAction::Pin(pointer) => Some(Command::PinPath(pointer)),
            TreeAction::Watch(path) => Some(Command::WatchFor(format!("{path} "))),
            TreeAction::Correct(pointer) => Some(Command::Correct(Correction::Value(pointer))),
            TreeAction::NoState(pointer) => Some(Command::Correct(Correction::NoState(pointer))),
            TreeAction::Missing(pointer) => Some(Command::Correct(Correction::Missing(pointer))),
            TreeAction::Filter { .. }
            | TreeAction::FilterAny { .. }
            | TreeAction::FilterHas { .. }
            | TreeAction::Only(_) => None,
        });
    }
}

/// The filter's term for the events that changed a place.
fn changed(pointer: String) -> String {
    let condition = Condition::Effect(Effect { kind: EffectKind::Changed, value: pointer });
    Term { condition, negated: false }.to_string()
}

/// Who last set a value: `v2 order.line_added`, or `this event`.
fn who(state: &StateAt, history: Option<&History>, pointer: &str) -> Option<String> {
    let version = state.blame.last_set(pointer)?;
    if version == state.version {
        return Some("this event".to_owned());
    }
    let kind = history.and_then(|history| mark_of(history, version)).map(|mark| mark.event_type);
    Some(format!("v{} {}", grouped(version), kind.unwrap_or_default()))
}
