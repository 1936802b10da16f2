//! The words of the verb that writes events out.

use std::path::PathBuf;

use clap::Args;

use crate::transfer::Format;

#[cfg(feature = "postgres")]
use super::SliceOf;
use super::{Database, Reading};

/// What is exported, in which form, and what of it is replaced by pseudonyms.
#[derive(Args, Debug)]
pub(in crate::cli) struct Export {
    /// The database, or that of a server.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) reading: Reading,
    /// Which events, in the language of the window's filter; all where none is given.
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub(in crate::cli) filter: Option<String>,
    /// All events of this correlation id; with a filter, those of them that it lets through.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) correlation: Option<String>,
    /// How they are written: as lines of JSON, a list of JSON, a table for a spreadsheet (in which no cell is a formula) or a
    /// text, statements, a batch of `CloudEvents`, one stream as a test (given, when, then), an event store of its own (db), or a
    /// small database of the format that this one has (original). Parquet needs a program with that feature.
    #[arg(long, value_name = "ndjson|json|csv|markdown|sql|cloudevents|parquet|fixture|db|original", value_parser = format, default_value = "ndjson")]
    pub(in crate::cli) format: Format,
    /// Replace by a pseudonym, the same for the same value: what lies at a path (`data.customer.email`, `metadata.ip`,
    /// `data.lines[].name`), a field of the envelope (`actor`, `stream`), or what looks like an `email`, an `iban` or a
    /// `card` number, or is found by a regular `/expression/`. May be given several times.
    #[arg(long, value_name = "RULE")]
    pub(in crate::cli) redact: Vec<String>,
    /// What pseudonyms are made with: with the same key they are the same in every export, and who knows it can tell
    /// whose they are. By chance where none is given.
    #[arg(long, value_name = "KEY", requires = "redact")]
    pub(in crate::cli) redact_key: Option<String>,
    /// With what is noted in the window on bookmarks of this file, in Markdown.
    #[arg(long)]
    pub(in crate::cli) notes: bool,
    /// The file to write; nothing may be there yet. The standard output where none is given.
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Answer in JSON how many events were written to the file.
    #[arg(long, requires = "output")]
    pub(in crate::cli) json: bool,
    #[cfg(feature = "postgres")]
    #[command(flatten)]
    pub(in crate::cli) slice: SliceOf,
}

impl Export {
    /// The database.
    pub(in crate::cli) fn database(&self) -> Database {
        Database {
            #[cfg(feature = "postgres")]
            slice: self.slice.clone(),
            ..Database::whole(self.file.clone(), self.reading.clone(), self.json)
        }
    }
}

fn format(name: &str) -> Result<Format, String> {
    Format::by_name(name).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
        format!("it is one of {}", names.join(", "))
    })
}
