//! What a person can do and see: commands with their keys, what each needs, the view and its history, settings.
//!
//! A panel paints from a [`ViewState`] and answers with [`Command`]s; `app` carries them out. Everything here is plain
//! data, so that it can be tested without a window.

mod chord;
pub mod column;
mod command;
mod environment;
mod history;
mod key;
mod look;
mod maintenance;
mod reducer_command;
mod settings;
mod view;
mod watch;

pub use chord::{Chord, Focus};
pub use column::{Column, ColumnLayout, Sort};
pub use command::{Appending, Command, Entry, Menu, Name};
pub use environment::{Environment, Versions};
pub use history::History;
pub use key::Key;
pub use look::{Tab, ThemeChoice, TimeMode};
pub use maintenance::{Archiving, Asked, Importing, NewStore};
pub use reducer_command::ReducerCommand;
pub use settings::{RECENT_LIMIT, Settings};
pub use view::{Overlay, Place, Speed, TableSort, TableView, ViewState};
pub use watch::{Condition, Inquiry, WATCHES_LIMIT, Watch};
