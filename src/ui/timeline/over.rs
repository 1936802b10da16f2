//! What is marked over the events of the track: watches, snapshots, bookmarks.

use std::borrow::Cow;

use egui::{Rect, Ui, pos2};

use super::super::theme;
use super::super::widgets::flag;
use super::snapshots;
use super::ticks::Layout;
use super::watches::Watched;
use crate::codec::visible_lines;
use crate::event::Version;
use crate::model::Bookmark;
use crate::session::{History, StreamRecords};

/// What is marked over the events.
#[derive(Clone, Copy, Default)]
pub struct Over<'a> {
    /// Where watches are met.
    pub watched: Option<&'a Watched<'a>>,
    /// What is stored of the stream.
    pub snapshots: Option<&'a StreamRecords>,
    /// The bookmarks in the stream.
    pub bookmarks: &'a [&'a Bookmark],
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
        let (top, color) = (rail.top() + 3.0, theme::palette(ui).accent);
        for bookmark in self.bookmarks {
            flag(clipped.painter(), pos2(place(bookmark.version()), top), rail.height() - 6.0, color);
        }
    }

    /// What there is to say of a version, in sentences.
    pub fn says(&self, version: Version) -> impl Iterator<Item = Cow<'static, str>> {
        let snapshot = self.snapshots.and_then(|records| snapshots::says(records, version)).map(Cow::Borrowed);
        let bookmark = self.bookmarks.iter().find(|bookmark| bookmark.version() == version);
        let bookmark = bookmark.map(|bookmark| match bookmark.note.trim() {
            "" => Cow::Borrowed("You set a bookmark here."),
            note => Cow::Owned(format!("Your bookmark: {}", visible_lines(note))),
        });
        snapshot.into_iter().chain(bookmark)
    }
}
