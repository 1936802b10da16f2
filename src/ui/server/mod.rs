//! The windows for a server: naming it, choosing among what was found there, gathering; and where a copy of a slice goes.

mod choosing;
mod copying;
mod draft;
mod kept;
mod naming;

use egui::{ProgressBar, Ui};

use super::controls::{command_button, dim, failure};
use super::dialogs::dialog;
use super::numbers::grouped;
use super::scene::Scene;
use super::theme;
use crate::model::Command;
use crate::session::servers::{ServerStep, ServerView};

pub use copying::copy;
pub use draft::ServerDraft;

/// The width of the window, in points.
const WIDTH: f32 = 640.0;

/// Paints the window for a server at the step that it is at.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut ServerDraft, out: &mut Vec<Command>) {
    let nothing = ServerView::default();
    let view = scene.server.unwrap_or(&nothing);
    dialog(ui, "Open a server", WIDTH, out, |ui, out| match view.step {
        ServerStep::Naming => naming::show(ui, scene, view, draft, out),
        ServerStep::Connecting => connecting(ui, scene, view, out),
        ServerStep::Choosing => choosing::show(ui, scene, view, draft, out),
        ServerStep::Gathering => gathering(ui, scene, view, out),
    });
}

fn connecting(ui: &mut Ui, scene: &Scene<'_>, view: &ServerView, out: &mut Vec<Command>) {
    let named = view.asked.host.trim();
    let named = if named.is_empty() { "the server that the environment names" } else { named };
    note(ui, format!("Connecting to {named}, and looking for events there…"));
    command_button(ui, scene.environment, Command::LeaveServer, Some("Back"), out);
}

fn gathering(ui: &mut Ui, scene: &Scene<'_>, view: &ServerView, out: &mut Vec<Command>) {
    let events = view.progress.as_ref().map_or(0, |progress| progress.events);
    let expected = view.progress.as_ref().and_then(|progress| progress.expected);
    let text = match expected {
        Some(expected) => format!("{} of about {} events", grouped(events), grouped(expected)),
        None => format!("{} events", grouped(events)),
    };
    ui.label(text);
    #[expect(clippy::cast_precision_loss, reason = "a bar is a few hundred points long")]
    let share = expected.filter(|expected| *expected > 0).map(|expected| events as f32 / expected as f32);
    let bar = ProgressBar::new(share.unwrap_or_default());
    let bar = if share.is_some() { bar.show_percentage() } else { bar };
    ui.add(bar).accessible_name("Gathering");
    note(ui, "It goes on while this window is closed. What was gathered when it is stopped is kept, and gone on with.");
    ui.add_space(theme::STEP);
    command_button(ui, scene.environment, Command::StopGathering, Some("Stop"), out);
}

/// A sentence that accompanies.
fn note(ui: &mut Ui, text: impl Into<String>) {
    let text = dim(ui, text);
    ui.add(egui::Label::new(text).wrap());
}

/// Why the last thing did not work.
fn fault(ui: &mut Ui, view: &ServerView) {
    if let Some(error) = &view.fault {
        failure(ui, error);
    }
}
