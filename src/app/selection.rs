//! Going to an event, a stream, a version: what is shown changes, and where one was is remembered.

use std::sync::Arc;

use super::App;
use crate::event::{Position, StreamName, Version};
use crate::model::{Overlay, Place, Versions};
use crate::session::{EventPlace, History, Landmark};

/// How many steps may wait for the history that they lead through.
const STEPS: usize = 64;

impl App {
    /// Remembers the place that is left, unless `change` leaves everything as it is.
    pub(super) fn go(&mut self, change: impl FnOnce(&mut Place)) {
        let before = self.view.place.clone();
        change(&mut self.view.place);
        if self.view.place != before {
            self.history.leave(before);
        }
    }

    /// Shows an event, its stream and its version, and remembers where one was.
    pub(super) fn select_event(&mut self, position: Position) {
        self.view.playing = false;
        self.pending.walk.clear();
        self.go(|place| {
            place.event = Some(position);
            place.table = None;
        });
        self.show_event(position);
    }

    /// Selects the first event from a place on, as soon as it is found.
    pub(super) fn go_to(&mut self, landmark: Landmark) {
        self.view.overlay = Overlay::None;
        self.pending.row = None;
        self.pending.landmark = Some(landmark);
        self.resolve_pending();
    }

    /// Shows an event, its stream and its version.
    pub(super) fn show_event(&mut self, position: Position) {
        self.view.place.event = Some(position);
        self.pending.event = Some(position);
        self.pending.newest = false;
        self.pending.steps = 0;
        self.pending.hit = None;
        self.resolve_pending();
    }

    /// Shows a stream at a version, or at its last one; the one that is shown already stays at its version.
    pub(super) fn select_stream(&mut self, stream: StreamName, version: Option<Version>) {
        self.view.playing = false;
        self.pending.event = None;
        self.pending.newest = false;
        self.go(|place| {
            if version.is_some() || place.stream.as_ref() != Some(&stream) {
                place.event = None;
                place.version = version;
            }
            place.stream = Some(stream);
            place.table = None;
        });
        self.resolve_pending();
    }

    /// Shows the state at a version, and selects the event that made it.
    pub(super) fn show_version(&mut self, version: Version) {
        let Some(history) = self.shown_history() else { return };
        self.keep_in_view(&history, version);
        self.pending.event = None;
        self.view.place.version = Some(version);
        self.view.place.event = crate::ui::timeline::mark_of(&history, version).map(|mark| mark.position);
    }

    /// Takes a step along the versions as soon as it is known where it leads.
    pub(super) fn walk(&mut self, steps: isize) {
        let waits = !self.pending.walk.is_empty() || !self.step(steps);
        if waits && self.pending.walk.len() < STEPS {
            self.pending.walk.push_back(steps);
        }
    }

    /// Shows the version that is `steps` marks away, as far as there are marks: versions may have gaps. Whether it is
    /// known which one that is.
    pub(super) fn step(&mut self, steps: isize) -> bool {
        if self.is_on_its_way() {
            return false;
        }
        let (Some(history), Some(versions)) = (self.shown_history(), self.versions()) else { return false };
        let wanted = match steps {
            isize::MIN => history.marks.first().map(|mark| mark.version),
            isize::MAX => Some(versions.last),
            _ => step_from(&history, versions.shown, steps),
        };
        if let Some(version) = wanted {
            self.show_version(version);
        }
        wanted.is_some()
    }

    /// Selects the event of the row that is `rows` away from the selected one.
    pub(super) fn move_rows(&mut self, rows: i64) {
        if self.view.place.table.is_some() {
            return self.move_table_rows(rows);
        }
        let Some(session) = &self.session else { return };
        let count = session.rows().len().value;
        if count == 0 {
            return;
        }
        let place = self.view.place.event.map_or(EventPlace::Unknown, |position| session.place_of(position));
        let row = match (self.pending.row, place) {
            (Some(row), _) | (None, EventPlace::Row(row)) => row.saturating_add_signed(rows),
            // Downwards the row that it would be before is the first one.
            (None, EventPlace::Hidden { before: Some(row) }) => {
                row.saturating_add_signed(if rows > 0 { rows.saturating_sub(1) } else { rows })
            }
            // Where the selected event stands among all is being found out: the step is taken from there.
            (None, EventPlace::Unknown) if self.view.place.event.is_some() && self.view.place.filter.is_empty() => {
                self.pending.steps = self.pending.steps.saturating_add(rows);
                return;
            }
            _ => 0,
        };
        self.select_row(row.min(count.saturating_sub(1)));
    }

    /// Selects the event of the table's last row.
    pub(super) fn select_last_row(&mut self) {
        if self.view.place.table.is_some() {
            return self.select_table_end(true);
        }
        let count = self.session.as_ref().map_or(0, |session| session.rows().len().value);
        if let Some(last) = count.checked_sub(1) {
            self.select_row(last);
        }
    }

    /// Selects the event of a row, as soon as the row is read.
    pub(super) fn select_row(&mut self, row: u64) {
        if self.view.place.table.is_some() {
            return self.select_table_end(false);
        }
        self.view.playing = false;
        self.pending.newest = false;
        self.pending.steps = 0;
        self.pending.walk.clear();
        self.pending.row = Some(row);
        self.resolve_pending();
    }

    /// The history of the stream that is shown, as far as it was read.
    pub(super) fn shown_history(&self) -> Option<Arc<History>> {
        let stream = self.view.place.stream.as_ref()?;
        let history = self.session.as_ref()?.history(stream);
        history.value().filter(|history| history.stream == *stream).cloned()
    }

    /// The versions of the stream that is shown.
    pub(super) fn versions(&self) -> Option<Versions> {
        let history = self.shown_history()?;
        let first = history.marks.first()?.version;
        let last = history.last.max(history.marks.last().map(|mark| mark.version))?;
        let shown = self.view.place.version.unwrap_or(last);
        Some(Versions { first: first.min(shown), shown, last: last.max(shown) })
    }
}

/// The version that is some marks away from another; `None` while that is not folded yet.
fn step_from(history: &History, from: Version, steps: isize) -> Option<Version> {
    let marks = &history.marks;
    let last = marks.len().checked_sub(1)?;
    let index = marks.partition_point(|mark| mark.version < from);
    let wanted = index.saturating_add_signed(steps);
    if !history.complete && index.max(wanted) > last {
        return None;
    }
    marks.get(wanted.min(last)).map(|mark| mark.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Mark, Outcome};

    fn history(versions: &[Version], complete: bool) -> History {
        let mark = |version: &Version| Mark {
            version: *version,
            position: *version,
            event_type: "t",
            timestamp: None,
            schema_version: None,
            outcome: &Outcome::Applied,
            changed: 1,
        };
        History { marks: versions.iter().map(mark).collect(), complete, ..History::default() }
    }

    #[test]
    fn a_step_goes_over_gaps_ends_at_the_ends_and_waits_for_what_is_not_folded() {
        let whole = history(&[1, 2, 5, 9], true);
        for (from, steps, to) in [(2, 1, 5), (5, -1, 2), (9, 1, 9), (1, -1, 1), (1, 2, 5)] {
            assert_eq!(step_from(&whole, from, steps), Some(to), "{from} {steps}");
        }
        let begun = history(&[1, 2, 5], false);
        assert_eq!(step_from(&begun, 2, 1), Some(5));
        assert_eq!(step_from(&begun, 5, 1), None);
        assert_eq!(step_from(&begun, 9, -1), None, "what is before it is not known yet");
        assert_eq!(step_from(&history(&[], true), 1, 1), None);
    }
}
