//! Widgets that more than one panel uses. None of them knows the session or the commands.

mod json_rows;
mod json_tree;
mod paint;
mod scroll;
mod table;
mod table_header;

pub use json_tree::{JsonTree, Notes, TreeAction};
pub use paint::{cross, focus_ring, one_line, text_in, triangle};
pub use scroll::{Anchor, Extent, RowArea, RowScroll};
pub use table::{Cell, Table, TableColumn, TableRows};
