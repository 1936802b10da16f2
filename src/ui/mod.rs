//! Panels and widgets: they paint and return commands.

pub mod append;
mod asking;
mod banner;
pub mod bytes;
pub mod controls;
pub mod dialogs;
pub mod event;
pub mod events;
pub mod fuzzy;
pub mod keyboard;
pub mod large;
pub mod layout;
pub mod maintenance;
pub mod mapping;
pub mod messages;
pub mod moment;
pub mod numbers;
pub mod palette;
pub mod reducer;
pub mod scene;
pub mod shortcuts;
pub mod state;
pub mod status;
pub mod streams;
pub mod tables;
pub mod theme;
pub mod timeline;
pub mod title_bar;
pub mod welcome;
mod what_if;
mod whence;
pub mod widgets;

pub use layout::Drafts;
pub use scene::{Message, Scene, Tone};
