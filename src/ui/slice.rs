//! What the status bar says of a file that was gathered from a server: which slice of which server it is, and of when.

use egui::{Label, RichText, Ui};

use super::moment::full;
use super::scene::Scene;
use super::theme;
use crate::event::Timestamp;
use crate::session::Slice;

#[cfg(feature = "postgres")]
use super::controls::link;
#[cfg(feature = "postgres")]
use crate::model::{Command, Name};
#[cfg(feature = "postgres")]
use crate::session::servers::Followed;

/// The space that is left for what stands at the right of the status bar, in points.
const RIGHT: f32 = 260.0;

/// Paints it.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, slice: &Slice) {
    let palette = theme::palette(ui);
    let text = RichText::new(said(scene, slice)).size(12.0).color(palette.dim);
    let hover = slice.said().join("\n");
    ui.scope(|ui| {
        ui.set_max_width((ui.available_width() - RIGHT).max(60.0));
        ui.add(Label::new(text).truncate()).on_hover_text(hover);
    });
}

fn said(scene: &Scene<'_>, slice: &Slice) -> String {
    let Slice { server, table, what, as_of, whole, .. } = slice;
    let what = if *whole { what.clone() } else { format!("unfinished: {what}") };
    let as_of = followed_until(scene).unwrap_or(as_of);
    let as_of = chrono::DateTime::parse_from_rfc3339(as_of).map(|moment| {
        let timestamp = Timestamp { stored: as_of.into(), utc: Some(moment.to_utc()) };
        // It is known to the second.
        format!(" · as of {}", full(&timestamp, scene.view.time_mode).replace(".000", ""))
    });
    // What is followed is of this moment.
    let as_of = as_of.ok().filter(|_| !is_followed(scene)).unwrap_or_default();
    format!("{server} · {table} · {what}{as_of}")
}

/// Of when it is, where it was followed since it was opened.
#[cfg(feature = "postgres")]
fn followed_until<'s>(scene: &Scene<'s>) -> Option<&'s str> {
    let overview = scene.session?.overview()?;
    let slice = scene.server?.slice.as_ref()?;
    slice.as_of.as_deref().filter(|_| slice.file == overview.path)
}

#[cfg(not(feature = "postgres"))]
fn followed_until<'s>(_: &Scene<'s>) -> Option<&'s str> {
    None
}

#[cfg(feature = "postgres")]
fn is_followed(scene: &Scene<'_>) -> bool {
    scene.environment.server.followed
}

#[cfg(not(feature = "postgres"))]
fn is_followed(_: &Scene<'_>) -> bool {
    false
}

/// Whether the server is followed, and in which way; and what begins to follow it.
#[cfg(feature = "postgres")]
pub fn following(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let followed = scene.server.and_then(|server| server.followed.as_ref()).filter(|followed| followed.goes_on());
    let Some(Followed { news, .. }) = followed else {
        if Name::FollowServer.resolve(scene.environment).is_ok()
            && link(ui, "Follow the server", false).on_hover_text(Command::FollowServer.entry().help).clicked()
        {
            out.push(Command::FollowServer);
        }
        return;
    };
    let (text, color, hover) = match news {
        Some(news) => match &news.fault {
            Some(fault) => ("Server not reached, trying again", palette.del, fault.as_str()),
            None => ("Following", palette.add, news.way.as_str()),
        },
        None => ("Connecting to follow", palette.dim, ""),
    };
    if link(ui, "Stop", false).accessible_name("Stop following").clicked() {
        out.push(Command::StopFollowing);
    }
    let label = ui.label(RichText::new(text).size(12.0).color(color));
    if !hover.is_empty() {
        label.on_hover_text(hover);
    }
}

/// How far a gathering is that goes on behind the panels.
#[cfg(feature = "postgres")]
pub fn gathering(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    if Name::StopGathering.resolve(scene.environment).is_err() {
        return;
    }
    if link(ui, "Stop", false).accessible_name("Stop gathering").clicked() {
        out.push(Command::StopGathering);
    }
    let events = scene.server.and_then(|server| server.progress.as_ref()).map_or(0, |progress| progress.events);
    let text = format!("Gathering: {} events", super::numbers::grouped(events));
    ui.label(RichText::new(text).size(12.0).color(theme::palette(ui).dim));
}
