//! The status bar: how much there is, what kind of database it is, what is being read, how times are written.

use egui::{Align, Layout, Response, RichText, Ui};

use super::controls::{link, word};
use super::numbers::{counted, grouped};
use super::scene::Scene;
use super::theme;
use crate::model::{Command, TimeMode};
use crate::session::{JobView, Overview, Status};

/// Paints the status bar.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = 22.0;
    ui.horizontal_centered(|ui| {
        facts(ui, scene, out);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            time_mode(ui, scene.view.time_mode, out);
            writing(ui, scene);
            #[cfg(feature = "postgres")]
            {
                super::slice::following(ui, scene, out);
                super::slice::gathering(ui, scene, out);
            }
            jobs(ui, scene, out);
        });
    });
}

fn quiet(ui: &mut Ui, text: impl Into<String>) -> Response {
    let text = RichText::new(text).size(12.0).color(theme::palette(ui).dim);
    ui.add(egui::Label::new(text).truncate())
}

fn facts(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let Some(session) = scene.session else {
        quiet(ui, "No file is open");
        return;
    };
    match (session.overview(), session.status()) {
        (Some(overview), _) => known(ui, scene, overview, out),
        (None, Status::Failed(_)) => {
            quiet(ui, "Could not be opened");
        }
        (None, _) => {
            quiet(ui, "Opening…");
        }
    }
}

fn known(ui: &mut Ui, scene: &Scene<'_>, overview: &Overview, out: &mut Vec<Command>) {
    if overview.has_events() {
        quiet(ui, counted(overview.events, "event", "events")).on_hover_text(covers(overview.events.complete));
        quiet(ui, counted(overview.streams, "stream", "streams")).on_hover_text(covers(overview.streams.complete));
        let kind = format!("{} · {}", overview.profile_title, overview.confidence);
        profile(ui, &kind, &overview.reason, out);
    } else {
        let tables = i128::try_from(overview.tables.len()).unwrap_or_default();
        quiet(ui, format!("{} tables", grouped(tables)));
        profile(ui, &overview.profile_title, &overview.reason, out);
    }
    if let Some(slice) = &overview.slice {
        super::slice::show(ui, scene, slice);
    }
}

/// What the file is read as: the way to change it.
fn profile(ui: &mut Ui, text: &str, reason: &str, out: &mut Vec<Command>) {
    let text = RichText::new(text).size(12.0).color(theme::palette(ui).dim);
    let help = format!("{reason}\n{}", Command::EditMapping.entry().help);
    if word(ui, text).on_hover_text(help).clicked() {
        out.push(Command::EditMapping);
    }
}

fn covers(complete: bool) -> &'static str {
    if complete { "In the whole store." } else { "Read so far; counting goes on." }
}

fn time_mode(ui: &mut Ui, mode: TimeMode, out: &mut Vec<Command>) {
    let text = RichText::new(mode.title()).size(12.0).color(theme::palette(ui).dim);
    let response = ui.add(egui::Button::new(text).frame(false)).accessible_name(format!("Times: {}", mode.title()));
    if response.on_hover_text(format!("Recorded times. Press for {}.", mode.next().title())).clicked() {
        out.push(Command::SetTimeMode(mode.next()));
    }
}

/// Whether the file can be written to, in words and, once it can, in colour.
fn writing(ui: &mut Ui, scene: &Scene<'_>) {
    let palette = theme::palette(ui);
    if scene.session.and_then(|session| session.overview()).is_none() {
        return;
    }
    let (text, color) =
        if scene.view.unlocked { ("Writing unlocked", palette.chg) } else { ("Read-only", palette.dim) };
    ui.label(RichText::new(text).size(12.0).color(color));
}

/// The work that goes on, each with its way to stop it.
fn jobs(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let Some(session) = scene.session else { return };
    for job in session.jobs() {
        let response = link(ui, "Stop", false).accessible_name(format!("Stop: {}", job.title));
        if response.clicked() {
            out.push(Command::StopJob(job.id.0));
        }
        quiet(ui, job_text(&job));
    }
}

/// `Filtering events 63 % · 2.1 M events/s`.
fn job_text(job: &JobView) -> String {
    let progress = job.progress.map(|progress| format!(" {:.0} %", progress.clamp(0.0, 1.0) * 100.0));
    let rate = job.rate.filter(|rate| *rate >= 1.0).map(|rate| format!(" · {} events/s", rate_text(rate)));
    format!("{}{}{}", job.title, progress.unwrap_or_default(), rate.unwrap_or_default())
}

fn rate_text(rate: f64) -> String {
    if rate >= 1e6 {
        format!("{:.1} M", rate / 1e6)
    } else if rate >= 1e3 {
        format!("{:.0} k", rate / 1e3)
    } else {
        format!("{rate:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::JobId;

    #[test]
    fn a_job_says_how_far_and_how_fast_it_is() {
        let job = JobView { id: JobId(1), title: "Filtering".into(), progress: Some(0.634), rate: Some(2_100_000.0) };
        assert_eq!(job_text(&job), "Filtering 63 % · 2.1 M events/s");
        assert_eq!(job_text(&JobView { progress: None, rate: None, ..job }), "Filtering");
    }
}
