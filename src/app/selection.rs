//! Going to an event, a stream, a version: what is shown changes, and where one was is remembered.

use std::sync::Arc;

use super::App;
use crate::event::{Position, StreamName, Version};
use crate::model::{Place, Versions};
use crate::session::{EventPlace, History};

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
        self.go(|place| {
            place.event = Some(position);
            place.table = None;
        });
        self.show_event(position);
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
        self.pending.event = None;
        self.view.place.version = Some(version);
        self.view.place.event = crate::ui::timeline::mark_of(&history, version).map(|mark| mark.position);
    }

    /// Shows the version that is `steps` marks away, as far as there are marks. Versions may have gaps.
    pub(super) fn step(&mut self, steps: isize) {
        let (Some(history), Some(versions)) = (self.shown_history(), self.versions()) else { return };
        let index = history.marks.partition_point(|mark| mark.version < versions.shown);
        let last = history.marks.len().saturating_sub(1);
        let wanted = index.saturating_add_signed(steps).min(last);
        if let Some(mark) = history.marks.get(wanted) {
            self.show_version(mark.version);
        }
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
