//! The words of the verbs that ask the history of streams, and what they are folded by.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::database::{Database, Folding};
use crate::cli::values::{Edit, ExpectedValue, Insertion};
use crate::event::Version;
use crate::insight::DifferenceForm;

/// Which rules to look for.
#[derive(Args, Debug)]
pub(in crate::cli) struct Rules {
    #[command(flatten)]
    pub(in crate::cli) database: Database,
    /// For this aggregate type alone.
    #[arg(long, value_name = "TYPE")]
    pub(in crate::cli) aggregate: Option<String>,
    /// From what; all where nothing is said.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "snapshots,tables,names")]
    pub(in crate::cli) from: Vec<RulesFrom>,
    /// Learn from this, too: the value at a place in the state of a stream at a version, as JSON; without a value, there
    /// is none. `--expect 'account/7@3:/balance=120'`
    #[arg(long, value_name = "STREAM@V:/POINTER=JSON", allow_hyphen_values = true)]
    pub(in crate::cli) expect: Vec<ExpectedValue>,
}

/// What rules are looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum RulesFrom {
    /// The states that the application stored.
    Snapshots,
    /// The tables whose rows are what streams came to.
    Tables,
    /// Names and values, where there is nothing else.
    Names,
}

/// A condition, and what it is watched in.
#[derive(Args, Debug)]
#[command(override_usage = "eventscope watch [OPTIONS] <FILE> <STREAM[@VERSION]> <EXPR>\n       \
                            eventscope watch [OPTIONS] <FILE> --all <EXPR>")]
pub(in crate::cli) struct Watch {
    #[command(flatten)]
    pub(in crate::cli) database: Database,
    /// The stream, up to a version where one is given, and then the condition: jq on the state, with the event in
    /// `$event`, as in '`.on_hand < 0`'. With --all only the condition.
    #[arg(value_name = "STREAM|EXPR", required = true, num_args = 1..=2)]
    pub(in crate::cli) words: Vec<String>,
    /// In every stream.
    #[arg(long)]
    pub(in crate::cli) all: bool,
    #[command(flatten)]
    pub(in crate::cli) folding: Folding,
}

/// Two states that are compared.
#[derive(Args, Debug)]
pub(in crate::cli) struct Diff {
    #[command(flatten)]
    pub(in crate::cli) database: Database,
    /// The first, and its version; the last where none is given.
    #[arg(value_name = "STREAM[@A]")]
    pub(in crate::cli) a: String,
    /// The second.
    #[arg(value_name = "STREAM[@B]")]
    pub(in crate::cli) b: String,
    /// The database that the second is in; the same where none is given.
    #[arg(long, value_name = "FILE2")]
    pub(in crate::cli) other: Option<PathBuf>,
    /// For people as text, unless --json is given; or as a document for others.
    #[arg(long, value_enum, conflicts_with = "json")]
    pub(in crate::cli) format: Option<DiffFormat>,
    #[command(flatten)]
    pub(in crate::cli) folding: Folding,
}

/// The form in which what differs is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DiffFormat {
    /// An object a line.
    Ndjson,
    /// One object of JSON, which says what was compared, too.
    Json,
    /// A table for a spreadsheet.
    Csv,
    /// A table for an issue or a page.
    Markdown,
}

impl From<DiffFormat> for DifferenceForm {
    fn from(format: DiffFormat) -> Self {
        match format {
            DiffFormat::Ndjson => Self::Ndjson,
            DiffFormat::Json => Self::Json,
            DiffFormat::Csv => Self::Csv,
            DiffFormat::Markdown => Self::Markdown,
        }
    }
}

/// A stream, and what is other in it.
#[derive(Args, Debug)]
pub(in crate::cli) struct WhatIf {
    #[command(flatten)]
    pub(in crate::cli) database: Database,
    /// Which one: `order/ord-1`, or `ord-1` where that is unique.
    pub(in crate::cli) stream: String,
    /// Leave the event of this version out; may be given several times.
    #[arg(long, value_name = "V", allow_negative_numbers = true)]
    pub(in crate::cli) skip: Vec<Version>,
    /// Give the event of this version other data.
    #[arg(long, value_name = "V=JSON")]
    pub(in crate::cli) set: Vec<Edit>,
    /// Insert an event after this version: `152=stock.counted:{"on_hand": 4}`.
    #[arg(long, value_name = "AFTER=TYPE:JSON")]
    pub(in crate::cli) insert: Vec<Insertion>,
    /// A branch that was saved, as a beginning.
    #[arg(long, value_name = "BRANCH.json")]
    pub(in crate::cli) branch: Option<PathBuf>,
    /// At this version instead of at the end.
    #[arg(long, value_name = "V", allow_negative_numbers = true)]
    pub(in crate::cli) at: Option<Version>,
    #[command(flatten)]
    pub(in crate::cli) folding: Folding,
}
