//! The words of the verbs that ask the whole store what is in it, what is wrong with it and what caused what.

use clap::{Args, ValueEnum};

use super::database::{Database, Folding};

/// Which schemas are shown, and how.
#[derive(Args, Debug)]
pub(in crate::cli) struct Schema {
    #[command(flatten)]
    pub(in crate::cli) database: Database,
    /// Of which event type, and of which version of its schema; all where none is given.
    #[arg(value_name = "TYPE[@VERSION]", id = "event_type")]
    pub(in crate::cli) event_type: Option<String>,
    /// Write JSON Schema (draft 2020-12), which every event that was looked at fulfils: one document for one schema, else
    /// one a line.
    #[arg(long = "json-schema")]
    pub(in crate::cli) standard: bool,
    /// Write the skeleton of an upcaster from one schema version of the type to another, as in `order.placed@1..2`; without
    /// versions between the two newest. For a reducers file, or with `=rust` for the application itself.
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "jq",
        requires = "event_type",
        conflicts_with_all = ["standard", "json"]
    )]
    pub(in crate::cli) upcaster: Option<UpcasterForm>,
}

/// How an upcaster is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum UpcasterForm {
    /// A filter of jq, as a section of a reducers file.
    Jq,
    /// A function in Rust.
    Rust,
}

/// What is traced.
#[derive(Args, Debug)]
pub(in crate::cli) struct Tracing {
    #[command(flatten)]
    pub(in crate::cli) database: Database,
    /// The event, by its own id or by its position.
    #[arg(value_name = "EVENT-ID|POSITION", required_unless_present = "correlation")]
    pub(in crate::cli) event: Option<String>,
    /// All events of this correlation instead.
    #[arg(long, value_name = "ID", conflicts_with = "event")]
    pub(in crate::cli) correlation: Option<String>,
}

/// What is counted.
#[derive(Args, Debug)]
pub(in crate::cli) struct Stats {
    #[command(flatten)]
    pub(in crate::cli) database: Database,
    /// How many types, streams and actors are listed, the largest first.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(in crate::cli) top: usize,
    /// For people as text, unless --json is given; or as CSV, a row for each type, stream, actor, day and hour.
    #[arg(long, value_enum, conflicts_with = "json")]
    pub(in crate::cli) format: Option<TableFormat>,
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TableFormat {
    /// Comma-separated values.
    Csv,
}

/// What is looked through, and how the report is written.
#[derive(Args, Debug)]
pub(in crate::cli) struct Audit {
    #[command(flatten)]
    pub(in crate::cli) database: Database,
    /// For people as text, unless --json is given; or as SARIF 2.1.0, which build servers show.
    #[arg(long, value_enum, conflicts_with = "json")]
    pub(in crate::cli) format: Option<ReportFormat>,
    #[command(flatten)]
    pub(in crate::cli) folding: Folding,
}

/// How the report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReportFormat {
    /// The Static Analysis Results Interchange Format.
    Sarif,
}
