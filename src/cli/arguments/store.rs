//! The words of the verbs that write: what is appended and imported, and the upkeep of an event store.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::database::{Database, Reading};
use crate::cli::values::{Expect, Moment, SchemaFile, SchemaName, Stream};
use crate::store::Encoding;

/// Where an event store is made.
#[derive(Args, Debug)]
pub(in crate::cli) struct New {
    /// A file that is not there yet, or `postgres://HOST/DATABASE` for a database that holds no event store yet.
    pub(in crate::cli) file: PathBuf,
    /// On a server: let this role append, which can then neither change nor delete events; may be given several times.
    #[arg(long = "writer", value_name = "ROLE")]
    pub(in crate::cli) writers: Vec<String>,
    /// On a server: let this role read; may be given several times.
    #[arg(long = "reader", value_name = "ROLE")]
    pub(in crate::cli) readers: Vec<String>,
    /// Answer in JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl Append {
    /// The database.
    pub(in crate::cli) fn database(&self) -> Database {
        Database::whole(self.file.clone(), self.reading.clone(), self.json)
    }
}

/// One event to append.
#[derive(Args, Debug)]
pub(in crate::cli) struct Append {
    /// The database.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) reading: Reading,
    /// Answer in JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// The stream that it goes to; it may be a new one.
    #[arg(long, value_name = "TYPE/ID")]
    pub(in crate::cli) stream: String,
    /// What happened.
    #[arg(long = "type", value_name = "TYPE")]
    pub(in crate::cli) event_type: String,
    /// What the event says.
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    pub(in crate::cli) data: String,
    /// What surrounds it.
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    pub(in crate::cli) metadata: Option<String>,
    /// The version of the event type's own shape.
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) schema_version: Option<String>,
    /// Who caused it.
    #[arg(long)]
    pub(in crate::cli) actor: Option<String>,
    /// The id of the event or command that caused it.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) causation: Option<String>,
    /// The id that everything caused by one request shares.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) correlation: Option<String>,
    /// What the stream has to be at: `any`, `none`, `exists`, or its last version.
    #[arg(long, value_name = "any|none|exists|N", default_value = "any", allow_hyphen_values = true)]
    pub(in crate::cli) expect: Expect,
    /// Show the row that would be written, and write nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// What is imported into which event store.
#[derive(Args, Debug)]
pub(in crate::cli) struct Import {
    /// The event store, of the native format; `eventscope new` makes one.
    pub(in crate::cli) file: PathBuf,
    /// A database, or a file of JSON, one object a line; its first bytes say which. `-` for lines on the standard input.
    #[arg(value_name = "FROM")]
    pub(in crate::cli) from: PathBuf,
    /// Keep the positions, versions and timestamps that the lines carry, instead of assigning them anew.
    #[arg(long)]
    pub(in crate::cli) keep: bool,
    /// For a database: a profile's name, or the path of its file; recognised where none is given.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    /// For a database: which events, in the language of the window's filter; all where none is given.
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub(in crate::cli) filter: Option<String>,
    /// For a database: the aggregate type of events that have none; the profile's name where none is given.
    #[arg(long = "type", value_name = "TYPE")]
    pub(in crate::cli) aggregate_type: Option<String>,
    /// For a database: how payloads are carried along that nothing can read; without it they are an error.
    #[arg(long, value_enum)]
    pub(in crate::cli) opaque: Option<Carried>,
    /// Answer in JSON; for a database, with a document for the progress after every batch.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl Import {
    /// The first option that was given and makes no sense for lines.
    pub(in crate::cli) fn for_databases_only(&self) -> Option<&'static str> {
        [
            ("--profile", self.profile.is_some()),
            ("--filter", self.filter.is_some()),
            ("--type", self.aggregate_type.is_some()),
            ("--opaque", self.opaque.is_some()),
        ]
        .into_iter()
        .find_map(|(name, given)| given.then_some(name))
    }
}

/// How payloads that nothing can read are carried along.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum Carried {
    /// As `{"base64": "…"}`.
    Base64,
}

/// An event store of the native format, and how to answer.
#[derive(Args, Debug)]
pub(in crate::cli) struct Store {
    /// The event store.
    pub(in crate::cli) file: PathBuf,
    /// Answer in JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// The schemas of an event store.
#[derive(Args, Debug)]
pub(in crate::cli) struct Schemas {
    #[command(flatten)]
    pub(in crate::cli) store: Store,
    /// Register a schema for an event type, at a version of its shape; version 1 where none is given.
    #[arg(long, value_name = "TYPE[@VERSION]=SCHEMA.json")]
    pub(in crate::cli) add: Vec<SchemaFile>,
    /// Let --add replace schemas that events were stored under.
    #[arg(long, requires = "add")]
    pub(in crate::cli) replace: bool,
    /// Remove the schema of an event type.
    #[arg(long, value_name = "TYPE[@VERSION]")]
    pub(in crate::cli) remove: Vec<SchemaName>,
    /// Hold the stored events against the schemas, and name those that do not fit, instead of listing the schemas.
    #[arg(long)]
    pub(in crate::cli) check: bool,
}

/// The settings of an event store.
#[derive(Args, Debug)]
pub(in crate::cli) struct Settings {
    #[command(flatten)]
    pub(in crate::cli) store: Store,
    /// What event types have to match: `dotted` as in order.placed, a regular expression, or `any`.
    #[arg(long, value_name = "dotted|any|PATTERN")]
    pub(in crate::cli) event_types: Option<String>,
    /// What aggregate types have to match: `dotted` as in order, a regular expression, or `any`.
    #[arg(long, value_name = "dotted|any|PATTERN")]
    pub(in crate::cli) aggregate_types: Option<String>,
    /// In what data is written from now on.
    #[arg(long, value_name = "json|messagepack")]
    pub(in crate::cli) encoding: Option<Encoding>,
}

/// What to archive, and where to. Every condition narrows it.
#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true)))]
pub(in crate::cli) struct Archive {
    #[command(flatten)]
    pub(in crate::cli) store: Store,
    /// The archive; it is made where it is not there. The one that was used last where none is given, or else
    /// `shop.archive.db` for `shop.db`.
    #[arg(long, value_name = "ARCHIVE")]
    pub(in crate::cli) to: Option<PathBuf>,
    /// Only of this stream; may be given several times.
    #[arg(long = "stream", value_name = "TYPE/ID", group = "what")]
    pub(in crate::cli) streams: Vec<Stream>,
    /// Only of streams of this aggregate type.
    #[arg(long = "type", value_name = "TYPE", group = "what")]
    pub(in crate::cli) aggregate_type: Option<String>,
    /// Only of streams whose last event is of a type like this: `*.closed`.
    #[arg(long, value_name = "PATTERN", group = "what")]
    pub(in crate::cli) closed: Option<String>,
    /// Only events recorded before this moment: `2026-01-01`, `2026-01-01T12:00:00Z`.
    #[arg(long, value_name = "TIME", group = "what")]
    pub(in crate::cli) before: Option<Moment>,
    /// Say what would be moved, and move nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}
