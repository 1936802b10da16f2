//! What the window shows: small, comparable, and free of anything that was read from a file.

use serde::{Deserialize, Serialize};

use super::column::{ColumnLayout, Sort};
use super::look::{Tab, ThemeChoice, TimeMode};
use super::marks::{MarkKinds, Span};
use super::noted::Noted;
use super::watch::{Condition, Inquiry, Watch};
use crate::event::{Position, StreamName, Version};

/// Where a person is in a database: what *back* and *forward* go between.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The filter as its language writes it; empty for every event.
    pub filter: String,
    /// The order of the event table.
    pub sort: Sort,
    /// The event that is selected.
    pub event: Option<Position>,
    /// The stream whose history is shown.
    #[serde(skip)]
    pub stream: Option<StreamName>,
    /// The version at which the state is shown; `None` for the last one there is.
    pub version: Option<Version>,
    /// The filtered place that was left to look around an event of it.
    #[serde(skip)]
    pub around: Option<Box<Around>>,
    /// The other table that is shown instead of the events.
    pub table: Option<String>,
    /// How that table is shown.
    #[serde(default)]
    pub table_view: TableView,
}

/// The neighbours of an event that are looked at: a filter is left for that, to come back to.
#[derive(Clone, Debug, PartialEq)]
pub struct Around {
    /// The place that was left.
    pub from: Place,
    /// The event.
    pub event: Position,
    /// Which neighbours.
    pub neighbours: Neighbours,
}

/// Which neighbours of an event are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbours {
    /// The events of its stream.
    Stream,
    /// The events that share its correlation id.
    Correlation,
    /// The events before and after it in the whole store.
    Time,
}

/// How a table other than that of the events is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableView {
    /// The row that is selected, counted from 0 in ascending order.
    pub row: Option<u64>,
    /// The column that the rows are sorted by; their key where there is none.
    pub sort: Option<TableSort>,
    /// Whether the statements that made it are shown in place of its rows.
    pub definition: bool,
}

/// A table sorted by one of its columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSort {
    /// The column, by its place.
    pub column: usize,
    /// Whether greatest first.
    pub descending: bool,
}

impl TableView {
    /// The view after a press on the heading of a column: ascending, descending, and then the order of the key again.
    /// Rows have other numbers in another order, so none is selected.
    #[must_use]
    pub fn sorted_by(self, column: usize) -> Self {
        let sort = match self.sort {
            Some(TableSort { column: known, descending: false }) if known == column => {
                // The same rows, from the other end: their numbers stay.
                return Self { sort: Some(TableSort { column, descending: true }), ..self };
            }
            Some(TableSort { column: known, descending: true }) if known == column => None,
            _ => Some(TableSort { column, descending: false }),
        };
        Self { sort, row: None, ..self }
    }

    /// Whether greatest rows come first.
    #[must_use]
    pub fn is_descending(self) -> bool {
        self.sort.is_some_and(|sort| sort.descending)
    }
}

/// A window over the panels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overlay {
    /// The panels alone.
    #[default]
    None,
    /// The command palette.
    Palette,
    /// The list of shortcuts.
    Shortcuts,
    /// The manual.
    Manual,
    /// The field for a path to open.
    OpenPath,
    /// The question before writing is allowed.
    Unlock,
    /// The form for a new event.
    Append,
    /// The form for a new store.
    NewStore,
    /// Where a copy of the store goes.
    BackUp,
    /// What is to be imported.
    Import,
    /// Where in the store to go.
    GoTo,
    /// The name under which the filter is saved.
    SaveFilter,
    /// Where exported events go.
    Export,
    /// What is to be archived.
    Archive,
    /// What verifying found.
    Verified,
    /// The mapping: which tables and columns the events come from.
    Mapping,
    /// The command of the application's reducer.
    Reducer,
    /// The rules of an aggregate type.
    Rules,
    /// What is right in the state.
    Correct,
    /// What is watched for.
    Watches,
    /// What must hold.
    Invariants,
    /// The bookmarks with their notes.
    Bookmarks,
    /// The stored snapshots that are not what the events fold to.
    Snapshots,
    /// What led to an event and what followed from it.
    Causes,
    /// How much there is of what.
    Statistics,
    /// What the data of each event type looks like.
    Schemas,
    /// What is wrong in the store.
    Audit,
    /// Two states side by side.
    Compare,
    /// A what-if branch.
    WhatIf,
    /// Where something goes that is written to a new file.
    SaveFile,
    /// A server whose events are to be opened.
    #[cfg(feature = "postgres")]
    Server,
    /// Where a copy of a server's slice goes.
    #[cfg(feature = "postgres")]
    SliceCopy,
    /// What this program is.
    About,
}

/// How many versions a second playing steps through.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Speed(f32);

impl Default for Speed {
    fn default() -> Self {
        Self(1.0)
    }
}

impl Speed {
    /// The speeds offered, as multiples of one version a second.
    pub const ALL: [Self; 7] = [Self(0.5), Self(1.0), Self(2.0), Self(5.0), Self(10.0), Self(30.0), Self(100.0)];

    /// Versions a second.
    #[must_use]
    pub const fn per_second(self) -> f32 {
        self.0
    }

    /// As it is written on its button: `2×`.
    #[must_use]
    pub fn text(self) -> String {
        format!("{}×", self.0)
    }

    /// The next faster one; itself where there is none.
    #[must_use]
    pub fn faster(self) -> Self {
        Self::ALL.into_iter().find(|any| any.0 > self.0).unwrap_or(self)
    }

    /// The next slower one; itself where there is none.
    #[must_use]
    pub fn slower(self) -> Self {
        Self::ALL.into_iter().rev().find(|any| any.0 < self.0).unwrap_or(self)
    }
}

/// Everything that decides what is on the screen, save what was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct ViewState {
    /// Where in the database.
    pub place: Place,
    /// The tab of the event panel.
    pub tab: Tab,
    /// Whether the versions are stepped through by themselves.
    #[serde(skip)]
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// The columns of the event table.
    pub columns: ColumnLayout,
    /// The colours.
    pub theme: ThemeChoice,
    /// How times are written.
    pub time_mode: TimeMode,
    /// What is watched for in this database.
    #[serde(skip)]
    pub watches: Vec<Watch>,
    /// What is noted in this database.
    #[serde(skip)]
    pub noted: Noted,
    /// What is marked on the timeline.
    pub marks: MarkKinds,
    /// Whether the newest event is not followed, though it is in view.
    #[serde(skip)]
    pub follow_paused: bool,
    /// The part of the timeline that is in view; `None` for all of it.
    #[serde(skip)]
    pub span: Option<Span>,
    /// The question that is answered below the state.
    #[serde(skip)]
    pub inquiry: Option<Inquiry>,
    /// The streams whose states are kept in view side by side.
    #[serde(skip)]
    pub beside: Vec<StreamName>,
    /// Whether values are plotted over time rather than over versions.
    pub plot_by_time: bool,
    /// Whether a text is looked for in the state.
    #[serde(skip)]
    pub finding: bool,
    /// Whether of the state only what the shown event changed is in view.
    pub changes_only: bool,
    /// The window over the panels.
    #[serde(skip)]
    pub overlay: Overlay,
    /// Whether the list of streams is shown.
    pub streams_shown: bool,
    /// Whether the event and its state are shown.
    pub details_shown: bool,
    /// Whether the timeline is shown.
    pub timeline_shown: bool,
    /// Whether the file was unlocked for writing. Never remembered: each opening starts read-only.
    #[serde(skip)]
    pub unlocked: bool,
}

impl Default for ViewState {
    fn default() -> Self {
        Self {
            place: Place::default(),
            tab: Tab::default(),
            playing: false,
            speed: Speed::default(),
            columns: ColumnLayout::default(),
            theme: ThemeChoice::default(),
            time_mode: TimeMode::default(),
            watches: Vec::new(),
            noted: Noted::default(),
            marks: MarkKinds::default(),
            follow_paused: false,
            span: None,
            inquiry: None,
            beside: Vec::new(),
            plot_by_time: false,
            finding: false,
            changes_only: false,
            overlay: Overlay::None,
            streams_shown: true,
            details_shown: true,
            timeline_shown: true,
            unlocked: false,
        }
    }
}

impl ViewState {
    /// What is watched for in the streams of an aggregate type, in the order in which it was added.
    #[must_use]
    pub fn conditions(&self, aggregate_type: &str) -> Vec<Condition> {
        let of_type = self.watches.iter().filter(|watch| watch.aggregate_type == aggregate_type);
        of_type.map(|watch| watch.condition.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_go_up_and_down_and_stop_at_the_ends() {
        assert_eq!(Speed::default().faster().slower(), Speed::default());
        let fastest = (0..20).fold(Speed::default(), |speed, _| speed.faster());
        assert_eq!(Some(&fastest), Speed::ALL.last());
        assert_eq!(Speed::default().text(), "1×");
    }

    #[test]
    fn a_heading_sorts_turns_round_and_lets_go() {
        let view = TableView { row: Some(3), ..TableView::default() };
        let up = view.sorted_by(2);
        assert_eq!((up.sort, up.row), (Some(TableSort { column: 2, descending: false }), None));
        assert!(up.sorted_by(2).is_descending());
        assert_eq!(up.sorted_by(2).sorted_by(2).sort, None);
        assert_eq!(up.sorted_by(2).sorted_by(0).sort, Some(TableSort { column: 0, descending: false }));
    }

    #[test]
    fn an_unlocked_file_and_a_running_replay_are_not_remembered() {
        let view = ViewState { unlocked: true, playing: true, overlay: Overlay::Palette, ..ViewState::default() };
        let json = serde_json::to_string(&view).unwrap();
        let read: ViewState = serde_json::from_str(&json).unwrap();
        assert_eq!(read, ViewState::default());
    }
}
