//! Widgets that more than one panel uses. None of them knows the commands; what they are told to do they answer with.

mod chip;
mod completion;
mod drop_down;
mod entry;
mod jq_path;
mod json_editor;
mod json_paint;
mod json_rows;
mod json_search;
mod json_text;
mod json_tree;
mod outline_tree;
mod paint;
mod row_keys;
mod scroll;
mod table;
mod table_header;
mod table_rows;
mod tail;
mod tree_area;

pub use chip::{ChipResponse, chip};
pub use completion::{Completion, Offer, Offers, cursor_in};
pub use drop_down::{MENU_HEIGHT, MENU_WIDTH, drop_down, highest};
pub use entry::Entry;
pub use jq_path::jq_path;
pub use json_editor::{JsonEditor, JsonFault};
pub use json_search::{Find, TreeSearch};
pub use json_tree::{EventOf, Filterable, JsonTree, Made, Notes, TreeAction, TreeView};
pub use outline_tree::OutlineTree;
pub use paint::{cross, flag, focus_ring, one_line, text_in, triangle};
pub use row_keys::RowKeys;
pub use scroll::{Anchor, Extent, RowArea, RowScroll};
pub use table::Table;
pub use table_rows::{Cell, TableColumn, TableRows};
pub use tail::Tail;
pub use tree_area::KEPT;
