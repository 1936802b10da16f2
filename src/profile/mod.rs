//! What the tables of a database mean.
//!
//! A [`Profile`] is data: a TOML file that says how to recognise one kind of database, which table or join its events
//! come from, and an SQL expression for each field. [`detect`] finds the profiles that fit a database, best first. What
//! the values that the expressions give say is read by [`codec`](crate::codec).
//!
//! Where no profile fits, [`infer`] guesses the mapping from the structure and a sample of the rows.
//!
//! A user's own profiles are a folder of such files: the [`library`].
//!
//! Expressions may call `decoded`, `items`, `id_text` and others, which [`functions::install`] adds to a connection: whoever
//! runs the expressions of a profile installs them first. [`detect`], [`apply`] and [`infer`] do so themselves.

mod append;
mod built_in;
mod built_in_reducers;
mod detect;
mod detection;
mod evidence;
pub mod expression;
mod field;
mod file;
mod fit;
mod folder;
pub mod functions;
mod gather;
mod infer;
pub(crate) mod large;
pub mod library;
mod mapping;
mod pattern;
mod plain;
pub mod quotes;
mod read_model;
mod recognise;
mod sample;
pub mod schema;
mod state;
mod tables;

pub use append::{AppendSpec, PARAMETERS, Requirement, parameters_of};
pub use built_in::{built_in, by_name, text_of};
pub use detect::{apply, apply_because, detect, detect_among, detect_with, instance};
pub use detection::{Confidence, Detection, FieldReason, Level};
pub use evidence::{Evidence, evidence, with_evidence};
pub use field::Field;
pub use file::Profile;
pub use folder::FolderSpec;
pub use gather::{GatherSpec, NamedIn};
pub use infer::{infer, infer_table, promise};
pub use library::{Library, OwnProfile};
pub use mapping::{Mapping, SnapshotMapping};
pub use plain::plain;
pub use read_model::ReadModelMapping;
pub use recognise::detect_section;
pub use state::StateSpec;
pub use tables::{Checkpoints, NamedTables, Role};
