//! What a person can do and see: commands with their keys, what each needs, the view and its history, settings.
//!
//! A panel paints from a [`ViewState`] and answers with [`Command`]s; `app` carries them out. Everything here is plain
//! data, so that it can be tested without a window.

mod bookmark;
mod chord;
pub mod column;
mod command;
mod environment;
mod history;
mod invariant;
mod kept_filters;
mod key;
mod link;
mod look;
mod maintenance;
pub mod manual;
mod marks;
mod new_file;
mod noted;
mod reducer_command;
mod rule_edits;
#[cfg(feature = "postgres")]
mod server;
mod settings;
mod view;
mod watch;

pub use bookmark::{Bookmark, NOTE_LIMIT, bookmarks_as_markdown};
pub use chord::{Chord, Focus};
pub use column::{Column, ColumnLayout, Sort};
pub use command::{Appending, Command, Entry, Menu, Name};
#[cfg(feature = "postgres")]
pub use environment::OpenServer;
pub use environment::{Environment, Versions};
pub use history::History;
pub use invariant::InvariantRule;
pub use kept_filters::{KeptFilters, SavedFilter};
pub use key::Key;
pub use link::{DeepLink, LinkPlace, is_server};
pub use look::{Tab, ThemeChoice, TimeMode};
pub use maintenance::{Archiving, Asked, Exporting, Importing, NewStore};
pub use marks::{MarkKind, MarkKinds, Span};
pub use new_file::NewFile;
pub use noted::{NOTED_LIMIT, Noted, PinnedPath};
pub use reducer_command::ReducerCommand;
pub use rule_edits::{Correction, RuleEdits, RulePart, RuleStart};
#[cfg(feature = "postgres")]
pub use server::{Secret, ServerAsked, SliceAsked};
pub use settings::{RECENT_LIMIT, SETTINGS_KEY, Settings};
pub use view::{Around, Neighbours, Overlay, Place, Speed, TableSort, TableView, ViewState};
pub use watch::{Condition, Inquiry, WATCHES_LIMIT, Watch};
