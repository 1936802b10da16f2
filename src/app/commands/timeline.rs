//! The family of the timeline: what is marked on it, which part of it is in view.

use super::App;
use crate::app::messages::bad;
use crate::event::Version;
use crate::model::{Command, Span};
use crate::session::History;

/// How much more or less a step of zooming shows.
const ZOOM: f64 = 2.0;

/// How many streams are kept in view: the session keeps as many folded, and the shown one.
const BESIDE: usize = 6;

/// The share of what is in view that is a stretch.
const STRETCH: f64 = 0.1;

impl App {
    pub(super) fn carry_out_timeline(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::ToggleMarks(kind) => self.view.marks.toggle(kind),
            Command::ShowSpan(span) => self.view.span = span,
            Command::TimelineNearer => self.zoom_timeline(1.0 / ZOOM),
            Command::TimelineFarther => self.zoom_timeline(ZOOM),
            Command::TimelineWhole => self.view.span = None,
            Command::StretchBack => self.go_a_stretch(false),
            Command::StretchForward => self.go_a_stretch(true),
            Command::KeepInView => self.keep_stream_in_view(),
            Command::LetGo(stream) => self.view.beside.retain(|kept| *kept != stream),
            other => return Err(other),
        }
        Ok(())
    }

    fn zoom_timeline(&mut self, factor: f64) {
        let Some((history, versions)) = self.shown_history().zip(self.versions()) else { return };
        let count = history.marks.len();
        let span = self.view.span.unwrap_or_else(|| Span::whole(count));
        self.view.span = span.zoomed(factor, place_of(&history, versions.shown), count);
    }

    fn go_a_stretch(&mut self, forward: bool) {
        let Some(history) = self.shown_history() else { return };
        let span = self.view.span.unwrap_or_else(|| Span::whole(history.marks.len()));
        #[expect(clippy::cast_possible_truncation, reason = "a stretch of a timeline is far shorter")]
        let stretch = ((span.length() * STRETCH).round() as isize).max(1);
        self.view.playing = false;
        self.walk(if forward { stretch } else { -stretch });
    }

    /// Moves the part of the timeline that is in view, where a version is to be shown that is not.
    pub(in crate::app) fn keep_in_view(&mut self, history: &History, version: Version) {
        let index = history.marks.until(version).saturating_sub(1);
        self.view.span = self.view.span.and_then(|span| span.showing(index, history.marks.len()));
    }

    /// Keeps the shown stream in view beside others, or lets it go.
    fn keep_stream_in_view(&mut self) {
        let Some(stream) = self.view.place.stream.clone() else { return };
        let kept = &mut self.view.beside;
        let before = kept.len();
        kept.retain(|kept| *kept != stream);
        if kept.len() < before {
            return;
        }
        if before >= BESIDE {
            return self.messages.add(bad(format!("No more than {BESIDE} streams side by side. Let one go first.")));
        }
        kept.push(stream);
    }

    /// Remembers what is noted; the demo goes with the program.
    pub(super) fn remember_noted(&mut self) {
        if let Some(path) = self.open_file().filter(|path| !self.is_demo(path)) {
            self.settings.note(&path, &self.view.noted);
        }
    }
}

/// Where a version stands among the marks.
#[expect(clippy::cast_precision_loss, reason = "events are far fewer than 2^52")]
fn place_of(history: &History, version: Version) -> f64 {
    history.marks.until(version).saturating_sub(1) as f64
}
