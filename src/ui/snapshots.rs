//! The window for stored snapshots: which of the whole store are not what the events fold to, and what went wrong.

use egui::{Color32, Label, Ui};

use super::controls::{dim, sentence};
use super::dialogs::dialog;
use super::drift::drifted;
use super::numbers::{counted, grouped};
use super::scene::Scene;
use super::survey::{self, Buttons, WIDTH, reservation};
use super::theme;
use crate::codec::visible;
use crate::model::Command;
use crate::session::{Count, DriftedSnapshot, Drifts, Finding};

/// The height of the list, in points.
const HEIGHT: f32 = 400.0;

/// How many places at which a snapshot differs are told when it is pointed at.
const PLACES: usize = 12;

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let Some(session) = scene.session else { return };
    dialog(ui, "Stored snapshots", WIDTH, out, |ui, out| {
        let text = "Every snapshot in the database, held against what the events fold to at its own version. One that \
                    differs was stored wrong, or the rules are not the application's.";
        let text = dim(ui, text);
        ui.add(Label::new(text).wrap());
        let drifts = session.drifts().unwrap_or_default();
        let begin = (Command::CompareSnapshotsAgain, "Compare again");
        Buttons { begin, stop: Command::StopComparingSnapshots }.show(ui, scene, Some(&*drifts), summary, out);
        survey::list(ui, "drifted snapshots", HEIGHT, &drifts.findings.found, row, out);
    });
}

/// How far it is, and what came of it, in a sentence.
fn summary(drifts: &Drifts, ui: &Ui) -> (String, Color32) {
    let found = &drifts.findings;
    let total = counted(Count::complete(found.compared), "snapshot", "snapshots");
    let differ = found.compared - found.agree;
    let so_far = if drifts.is_running() { " so far" } else { "" };
    let told = match (found.compared, differ, drifts.is_complete()) {
        (0, ..) if drifts.is_running() => "Folding the streams that have snapshots…".to_owned(),
        (0, ..) => "No snapshot could be compared.".to_owned(),
        (1, 0, true) => "The snapshot is what the events fold to.".to_owned(),
        (_, 0, true) => format!("All of {total} are what the events fold to."),
        (_, 0, false) => format!("None of {total}{so_far} differs."),
        (_, 1, _) => format!("1 of {total}{so_far} is not what the events fold to."),
        (..) => format!("{} of {total}{so_far} are not what the events fold to.", grouped(differ)),
    };
    let unreadable = match found.unreadable {
        0 => String::new(),
        count => format!(" {} could not be read.", grouped(count)),
    };
    let palette = theme::palette(ui);
    let color = if found.found.is_empty() { palette.dim } else { palette.chg };
    (told + &unreadable + &reservation(drifts, "compare again"), color)
}

/// One snapshot that differs; a press goes to its stream at its version.
fn row(ui: &mut Ui, snapshot: &DriftedSnapshot, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let stream = snapshot.stream.to_string();
    let version = format!("v{}", grouped(snapshot.version));
    let words = in_words(snapshot);
    let cells = [
        (0.0, stream.as_str(), theme::mono(), palette.text),
        (0.30, version.as_str(), theme::mono(), palette.accent),
        (0.40, words.as_str(), theme::text(), palette.chg),
    ];
    if survey::row(ui, &format!("{stream} {version} {words}"), &cells, places(snapshot)) {
        out.push(Command::SelectStreamAt((snapshot.stream.clone(), snapshot.version)));
        out.push(Command::CloseOverlay);
    }
}

/// What is wrong with it: what went wrong where that is known, else where it differs.
fn in_words(snapshot: &DriftedSnapshot) -> String {
    if let Some(fault) = snapshot.fault {
        return sentence(&fault.words(snapshot.version));
    }
    match &snapshot.finding {
        Finding::Differs(changes) => {
            let first = changes.first().map(drifted).unwrap_or_default();
            let more = changes.len().saturating_sub(1);
            visible(&if more > 0 { format!("{first}, and {more} more") } else { first }).into_owned()
        }
        Finding::NoSuchVersion => "The stream has no event of this version.".to_owned(),
        Finding::FilterFailed(error) => format!("The reducers' filter for snapshots fails on it: {error}"),
    }
}

/// The places at which it differs, a line each.
fn places(snapshot: &DriftedSnapshot) -> String {
    let Finding::Differs(changes) = &snapshot.finding else { return in_words(snapshot) };
    let mut lines: Vec<String> =
        changes.iter().take(PLACES).map(|change| visible(&drifted(change)).into_owned()).collect();
    if changes.len() > PLACES {
        lines.push(format!("… and {} more places", changes.len() - PLACES));
    }
    lines.join("\n")
}
