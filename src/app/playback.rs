//! Playing: the versions one after the other, at the chosen speed, and not a repaint more than that takes.

use std::time::Duration;

use super::App;

/// When the next version is due.
#[derive(Debug, Default)]
pub(super) struct Playback {
    /// In seconds of egui's clock; `None` while nothing plays.
    due: Option<f64>,
}

impl App {
    /// Takes the steps that are due, and asks to be woken for the next one.
    pub(super) fn play(&mut self, ctx: &egui::Context) {
        if !self.view.playing {
            self.playback.due = None;
            return;
        }
        let Some(versions) = self.versions() else { return };
        if versions.shown >= versions.last && self.shown_history().is_some_and(|history| history.complete) {
            self.view.playing = false;
            return;
        }
        let now = ctx.input(|input| input.time);
        let interval = 1.0 / f64::from(self.view.speed.per_second());
        let due = *self.playback.due.get_or_insert(now + interval);
        if now >= due {
            // After a long frame several are due; what a slow machine misses is skipped, not caught up with for ever.
            #[expect(clippy::cast_possible_truncation, reason = "clamped")]
            let steps = (((now - due) / interval).floor().clamp(0.0, 99.0) as isize).saturating_add(1);
            self.step(steps);
            self.playback.due = Some(now + interval);
        }
        let wait = self.playback.due.map_or(interval, |due| (due - now).max(0.0));
        ctx.request_repaint_after(Duration::from_secs_f64(wait));
    }
}
