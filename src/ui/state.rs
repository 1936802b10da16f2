//! The state panel: what the stream had folded to at the shown version, what its event changed, and who set each value.

use std::sync::Arc;

use egui::{RichText, Ui};

use super::asking;
use super::controls::{dim, failure, faint, heading, inset, nothing_here};
use super::numbers::grouped;
use super::scene::Scene;
use super::theme;
use super::timeline::mark_of;
use super::whence::{offered, whence, why};
use super::widgets::{JsonTree, Notes, TreeAction};
use crate::model::{Command, Inquiry, Versions};
use crate::session::{Agreement, History, Loading, Outcome, ReducersInfo, Session, StateAt};

/// Paints the state panel.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let selected = scene.view.place.stream.as_ref().zip(scene.session).zip(scene.environment.versions);
    let Some(((stream, session), versions)) = selected else {
        inset(ui, |ui| heading(ui, "State", |_| {}));
        empty(ui, scene);
        return;
    };
    let history = session.history(stream).value().cloned();
    let loading = session.state(stream, versions.shown);
    inset(ui, |ui| {
        title(ui, session, &stream.aggregate_type, versions);
        offered(ui, scene, session, &stream.aggregate_type, out);
        if let Some(agreement) = history.as_ref().and_then(|history| history.agreement) {
            agrees(ui, agreement);
        }
    });
    match (loading.value(), &loading) {
        (Some(state), _) => {
            inset(ui, |ui| outcome(ui, state, history.as_deref()));
            let put = asking::put(scene, stream);
            let reducers = session.reducers(&stream.aggregate_type);
            let height = asking::height_above(ui, put.as_ref());
            tree(ui, (state, &reducers), history.as_ref(), height, out);
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

fn title(ui: &mut Ui, session: &Session, aggregate_type: &str, versions: Versions) {
    let text = format!("State at version {} of {}", grouped(versions.shown), grouped(versions.last));
    heading(ui, &text, |ui| {
        let reducers = session.reducers(aggregate_type);
        let label = faint(ui, &reducers.label);
        let from = whence(&reducers);
        ui.add(egui::Label::new(label).truncate()).on_hover_text(from);
    });
}

/// How far the rules can be trusted.
fn agrees(ui: &mut Ui, agreement: Agreement) {
    let palette = theme::palette(ui);
    let text = format!("matches {} of {} snapshots", grouped(agreement.matching), grouped(agreement.total));
    let color = if agreement.matching == agreement.total { palette.add } else { palette.chg };
    ui.label(RichText::new(text).font(theme::small()).color(color))
        .on_hover_text("How many of the snapshots that the database holds the reducers reproduce exactly.");
}

/// What the event did, where that is not plain from the marks in the tree.
fn outcome(ui: &mut Ui, state: &StateAt, history: Option<&History>) {
    let palette = theme::palette(ui);
    let mark = history.and_then(|history| mark_of(history, state.version));
    let kind = mark.map_or("this event", |mark| &*mark.event_type);
    match &state.outcome {
        Outcome::Failed(error) => {
            let frame = egui::Frame::new().fill(palette.del_bg).corner_radius(theme::ROUNDING).inner_margin(8);
            frame.show(ui, |ui| {
                ui.set_width(ui.available_width());
                let text = format!("× Folding {kind} failed; the state before it stands.");
                ui.add(egui::Label::new(RichText::new(text).color(palette.del)).wrap());
                ui.add(egui::Label::new(RichText::new(&**error).font(theme::mono()).color(palette.text)).wrap());
            });
        }
        Outcome::Unhandled => note(ui, format!("No rule is for {kind}: it changes nothing.")),
        Outcome::Ignored => note(ui, format!("The rule for {kind} says that it changes nothing.")),
        Outcome::Applied if state.changes.is_empty() => note(ui, format!("{kind} changed nothing.")),
        Outcome::Applied => {}
    }
}

fn note(ui: &mut Ui, text: String) {
    let text = dim(ui, text);
    ui.add(egui::Label::new(text).wrap());
}

fn tree(
    ui: &mut Ui,
    (state, reducers): (&Arc<StateAt>, &ReducersInfo),
    history: Option<&Arc<History>>,
    height: f32,
    out: &mut Vec<Command>,
) {
    ui.add_space(theme::STEP);
    let by = |pointer: &str| who(state, history.map(|history| &**history), pointer);
    let made = |pointer: &str| why(reducers, pointer);
    let owner: Arc<StateAt> = Arc::clone(state);
    let tree = JsonTree {
        at: "",
        salt: "state",
        name: "state",
        value: &state.state,
        owner,
        notes: Some(Notes { changes: &state.changes, by: &by, asks: true, why: Some(&made) }),
        revision: history.map_or(0, |history| u64::try_from(history.marks.len()).unwrap_or(u64::MAX)),
        filterable: false,
        types: None,
    };
    for action in tree.show(ui, height) {
        out.extend(match action {
            TreeAction::Copy(text) => Some(Command::CopyText(text)),
            TreeAction::History(pointer) => Some(Command::Inquire(Inquiry::Value(pointer))),
            TreeAction::Watch(path) => Some(Command::WatchFor(format!("{path} "))),
            TreeAction::Filter { .. } => None,
        });
    }
}

/// Who last set a value: `v2 order.line_added`, or `this event`.
fn who(state: &StateAt, history: Option<&History>, pointer: &str) -> Option<String> {
    let version = state.blame.last_set(pointer)?;
    if version == state.version {
        return Some("this event".to_owned());
    }
    let kind = history.and_then(|history| mark_of(history, version)).map(|mark| &*mark.event_type);
    Some(format!("v{} {}", grouped(version), kind.unwrap_or_default()))
}
