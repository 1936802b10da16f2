//! The columns of the event table, how they are laid out and by which the table is sorted.

use serde::{Deserialize, Serialize};

pub use crate::event::Column;

impl Column {
    /// The heading, in sentence case.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Position => "Position",
            Self::Time => "Time",
            Self::Stream => "Stream",
            Self::Version => "Ver",
            Self::Type => "Type",
            Self::Data => "Data",
            Self::EventId => "Event id",
            Self::SchemaVersion => "Schema",
            Self::Actor => "Actor",
            Self::Source => "Source",
            Self::Correlation => "Correlation",
            Self::Causation => "Causation",
        }
    }

    /// The width in points that it starts with; [`Column::Data`] takes what is left.
    #[must_use]
    pub const fn default_width(self) -> f32 {
        match self {
            Self::Position => 72.0,
            Self::Time => 132.0,
            Self::Stream => 120.0,
            Self::Data => 168.0,
            Self::Version => 44.0,
            Self::Type => 166.0,
            Self::SchemaVersion => 60.0,
            Self::Actor | Self::Source => 90.0,
            Self::EventId | Self::Correlation | Self::Causation => 150.0,
        }
    }

    /// How narrow it may get where the window is narrow, in points, as long as nobody chose its width. Of
    /// [`Column::Data`] twenty letters stay; the time is never cut.
    #[must_use]
    pub const fn least_width(self) -> f32 {
        match self {
            Self::Position | Self::Actor | Self::Source => 60.0,
            Self::Time => 132.0,
            Self::Stream | Self::EventId | Self::Correlation | Self::Causation => 84.0,
            Self::Version => 40.0,
            Self::Type => 116.0,
            Self::Data => 168.0,
            Self::SchemaVersion => 48.0,
        }
    }

    /// Whether its values are numbers, which stand at the right edge.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Position | Self::Version)
    }

    /// Whether it is shown before a person chooses.
    #[must_use]
    pub const fn shown_at_first(self) -> bool {
        matches!(self, Self::Position | Self::Time | Self::Stream | Self::Version | Self::Type | Self::Data)
    }
}

/// The order of the event table. As it is by default, that of the store itself, it needs no work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    /// By the values of this column.
    pub column: Column,
    /// Greatest or newest first.
    pub descending: bool,
}

impl Sort {
    /// The order after a press on the heading of `column`: turned round where it is this one already.
    #[must_use]
    pub fn pressed(self, column: Column) -> Self {
        Self { column, descending: self.column == column && !self.descending }
    }
}

/// Which columns are shown, and how wide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnLayout {
    /// The columns that are shown, in the order of [`Column::ALL`].
    shown: Vec<Column>,
    /// The widths that a person chose, in points.
    widths: Vec<(Column, f32)>,
}

impl Default for ColumnLayout {
    fn default() -> Self {
        Self { shown: Column::ALL.into_iter().filter(|column| column.shown_at_first()).collect(), widths: Vec::new() }
    }
}

impl ColumnLayout {
    /// The narrowest a column gets, in points: its heading's first letters stay readable.
    pub const MIN_WIDTH: f32 = 36.0;
    /// The widest a column gets, in points.
    pub const MAX_WIDTH: f32 = 1200.0;

    /// The columns that are shown, from left to right.
    #[must_use]
    pub fn shown(&self) -> &[Column] {
        &self.shown
    }

    /// Whether `column` is shown.
    #[must_use]
    pub fn shows(&self, column: Column) -> bool {
        self.shown.contains(&column)
    }

    /// Shows `column`, or hides it; the last one stays.
    pub fn toggle(&mut self, column: Column) {
        if !self.shows(column) {
            self.shown.push(column);
            self.shown.sort_by_key(|shown| Column::ALL.iter().position(|any| any == shown));
        } else if self.shown.len() > 1 {
            self.shown.retain(|shown| *shown != column);
        }
    }

    /// The width of `column` in points.
    #[must_use]
    pub fn width(&self, column: Column) -> f32 {
        let chosen = self.widths.iter().find(|(any, _)| *any == column).map(|(_, width)| *width);
        chosen.unwrap_or_else(|| column.default_width()).clamp(Self::MIN_WIDTH, Self::MAX_WIDTH)
    }

    /// How narrow `column` may get where the window is narrow, in points: no narrower than a person chose.
    #[must_use]
    pub fn least_width(&self, column: Column) -> f32 {
        if self.is_chosen(column) { self.width(column) } else { column.least_width() }
    }

    /// Whether a person chose the width of `column`.
    #[must_use]
    pub fn is_chosen(&self, column: Column) -> bool {
        self.widths.iter().any(|(any, _)| *any == column)
    }

    /// Makes `column` `width` points wide, within [`Self::MIN_WIDTH`] and [`Self::MAX_WIDTH`].
    pub fn set_width(&mut self, column: Column, width: f32) {
        self.widths.retain(|(any, _)| *any != column);
        self.widths.push((column, width.clamp(Self::MIN_WIDTH, Self::MAX_WIDTH)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_on_the_sorted_heading_turns_the_order_round() {
        let by_time = Sort::default().pressed(Column::Time);
        assert_eq!(by_time, Sort { column: Column::Time, descending: false });
        assert_eq!(by_time.pressed(Column::Time), Sort { column: Column::Time, descending: true });
        assert!(Sort::default().pressed(Column::Position).descending);
    }

    #[test]
    fn a_column_returns_to_its_place_and_the_last_one_stays() {
        let mut layout = ColumnLayout::default();
        let before = layout.clone();
        layout.toggle(Column::Stream);
        assert!(!layout.shows(Column::Stream));
        layout.toggle(Column::Stream);
        assert_eq!(layout, before);
        for column in Column::ALL {
            if layout.shows(column) {
                layout.toggle(column);
            }
        }
        assert_eq!(layout.shown().len(), 1);
    }

    #[test]
    fn a_width_stays_within_its_bounds() {
        let mut layout = ColumnLayout::default();
        layout.set_width(Column::Type, -4.0);
        assert!((layout.width(Column::Type) - ColumnLayout::MIN_WIDTH).abs() < f32::EPSILON);
    }
}
