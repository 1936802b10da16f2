//! What a table shows: its columns, and the rows that somebody else knows.

use std::borrow::Cow;
use std::ops::Range;

use egui::{Color32, FontId, Ui};

/// A column of a table.
#[derive(Clone, Debug)]
pub struct TableColumn<'a> {
    /// The heading.
    pub title: &'a str,
    /// What is said quietly beside it, such as the type of its values.
    pub caption: &'a str,
    /// Its width in points.
    pub width: f32,
    /// How narrow it may get before the table scrolls sideways, in points; the one that fills is never narrower.
    pub least: f32,
    /// Whether its texts stand at the right edge, as numbers do.
    pub right: bool,
    /// Whether the rows are in the order of this column, and if so whether greatest first.
    pub sorted: Option<bool>,
    /// Whether a press on the heading sorts.
    pub sortable: bool,
    /// Whether it takes the width that the others leave.
    pub fills: bool,
}

/// A text of a row, and how it is painted.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// Its colour.
    pub color: Color32,
    /// Its font.
    pub font: FontId,
    /// A dot before it, in this colour.
    pub dot: Option<Color32>,
    /// Whether it is cut in its middle where it is too long, because its end tells it from others, as an id's does.
    pub middle: bool,
}

/// The rows that a table shows.
pub trait TableRows {
    /// A row that was read; cheap to clone, such as an `Arc`.
    type Row;

    /// How many rows there are.
    fn count(&self) -> u64;
    /// Says which rows are in view.
    fn want(&self, rows: Range<u64>);
    /// Says which of them is the first that is wholly in view.
    fn first_whole(&mut self, _row: u64) {}
    /// A row by its number, from 0, where it is there already.
    fn row(&self, number: u64) -> Option<Self::Row>;
    /// A row's text in a column.
    fn cell<'r>(&'r self, row: &'r Self::Row, column: usize) -> Cell<'r>;
    /// Whether the row is the selected one.
    fn is_selected(&self, number: u64, row: &Self::Row) -> bool;
    /// What a flag at the left edge of a row says; `None` where it has none.
    fn flag(&self, _row: &Self::Row) -> Option<String> {
        None
    }
    /// What more there is to say about a cell under the pointer.
    fn tooltip(&self, _row: &Self::Row, _column: usize) -> Option<String> {
        None
    }
    /// The row was pressed.
    fn pressed(&mut self, number: u64, row: &Self::Row);
    /// Return was pressed on the selected row, or on none.
    fn entered(&mut self) {}
    /// The column that the menu is about, where it is opened by the keyboard.
    fn menu_column(&self) -> usize {
        0
    }
    /// The heading was pressed.
    fn sort(&mut self, _column: usize) {}
    /// A column was dragged to another width, in points.
    fn resize(&mut self, _column: usize, _width: f32) {}
    /// What can be done with a cell.
    fn cell_menu(&mut self, _ui: &mut Ui, _row: &Self::Row, _column: usize) {}
    /// What can be done with the columns; `None` where they cannot be chosen.
    fn columns_menu(&mut self) -> Option<impl FnOnce(&mut Ui)> {
        None::<fn(&mut Ui)>
    }
}
