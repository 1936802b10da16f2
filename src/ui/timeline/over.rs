//! What is marked over the events of the track: watches, snapshots, bookmarks.

use egui::{Rangef, Rect, Shape, Stroke, Ui, pos2};

use super::super::theme;
use super::snapshots;
use super::ticks::Layout;
use super::watches::Watched;
use crate::event::Version;
use crate::session::{History, StreamRecords};

/// What is marked over the events.
#[derive(Clone, Copy, Default)]
pub struct Over<'a> {
    /// Where watches are met.
    pub watched: Option<&'a Watched<'a>>,
    /// What is stored of the stream.
    pub snapshots: Option<&'a StreamRecords>,
    /// The versions that have a bookmark.
    pub bookmarks: &'a [Version],
}

impl Over<'_> {
    /// Paints what is in view of it.
    pub fn paint(&self, ui: &mut Ui, (rail, inside): (Rect, Rect), layout: Layout<'_>, history: &History) {
        let place = |version| {
            let index = history.marks.partition_point(|mark| mark.version < version);
            inside.left() + layout.place(index) * inside.width()
        };
        let version = |x: f32| {
            let at = (x - inside.left()) / inside.width();
            (at <= 1.0).then(|| layout.nearest(at)).and_then(|index| history.marks.get(index)).map(|mark| mark.version)
        };
        // What lies beyond the ends of what is in view is not painted beside the track.
        let mut clipped = ui.new_child(egui::UiBuilder::new().max_rect(rail));
        clipped.set_clip_rect(rail.expand2(egui::vec2(0.0, 4.0)).intersect(ui.clip_rect()));
        if let Some(watched) = self.watched {
            watched.mark(&clipped, rail, place, version);
        }
        if let Some(records) = self.snapshots {
            snapshots::mark(&clipped, rail, records, place);
        }
        for version in self.bookmarks {
            flag(&clipped, rail, place(*version));
        }
    }

    /// What there is to say of a version, in sentences.
    pub fn says(&self, version: Version) -> impl Iterator<Item = &'static str> {
        let snapshot = self.snapshots.and_then(|records| snapshots::says(records, version));
        let bookmark = self.bookmarks.contains(&version).then_some("You set a bookmark here.");
        snapshot.into_iter().chain(bookmark)
    }
}

/// A flag on its pole.
fn flag(ui: &Ui, rail: Rect, x: f32) {
    let palette = theme::palette(ui);
    let top = rail.top() + 3.0;
    ui.painter().vline(x, Rangef::new(top, rail.bottom() - 3.0), Stroke::new(1.0, palette.accent));
    let corners = vec![pos2(x, top), pos2(x + 8.0, top + 3.5), pos2(x, top + 7.0)];
    ui.painter().add(Shape::convex_polygon(corners, palette.accent, Stroke::NONE));
}
