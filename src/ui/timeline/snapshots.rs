//! The snapshots that the database stores of the shown stream, as marks below its events: whether each agrees.

use std::sync::Arc;

use egui::{Rect, Shape, Stroke, Ui, pos2};

use super::super::scene::Scene;
use super::super::theme;
use crate::event::Version;
use crate::model::Tab;
use crate::session::{History, StreamRecords};

/// Up to how many events a stream is folded for its marks alone; those of longer ones wait until they are asked for.
const FOLDED: usize = 20_000;

/// The snapshots of the shown stream, once they are compared.
pub fn stored(scene: &Scene<'_>, history: &History) -> Option<Arc<StreamRecords>> {
    let (stream, session) = scene.view.place.stream.as_ref().zip(scene.session)?;
    if history.marks.len() > FOLDED && scene.view.tab != Tab::Stream {
        return None;
    }
    session.records(stream).value().filter(|records| !records.snapshots.is_empty()).cloned()
}

/// Paints a diamond for each: filled where it equals the replayed state of its version, hollow and red where not.
pub fn mark(ui: &Ui, rail: Rect, records: &StreamRecords, place: impl Fn(Version) -> f32) {
    let palette = theme::palette(ui);
    let mut last = f32::INFINITY;
    // The newest are first.
    for snapshot in &records.snapshots {
        let x = place(snapshot.version);
        let differs = snapshot.agrees == Some(false);
        // One per three pixels; what differs is always seen.
        if last - x < 3.0 && !differs {
            continue;
        }
        last = x;
        let y = rail.bottom() - 5.0;
        let corners = vec![pos2(x - 3.5, y), pos2(x, y - 3.5), pos2(x + 3.5, y), pos2(x, y + 3.5)];
        let (fill, line) = if differs { (palette.bg, palette.del) } else { (palette.dim, palette.dim) };
        ui.painter().add(Shape::convex_polygon(corners, fill, Stroke::new(1.2, line)));
    }
}

/// What there is to say of a snapshot at a version.
pub fn says(records: &StreamRecords, version: Version) -> Option<&'static str> {
    let snapshot = records.snapshots.iter().find(|snapshot| snapshot.version == version)?;
    Some(match snapshot.agrees {
        Some(true) => "A snapshot is stored here, and agrees.",
        Some(false) => "~ A snapshot is stored here, and differs from what the events give.",
        None => "A snapshot is stored here that cannot be compared.",
    })
}
