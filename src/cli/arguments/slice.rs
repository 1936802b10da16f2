//! The words for a slice of a server's events.

use std::path::PathBuf;

use clap::Args;

use crate::cli::values::Moment;
use crate::server::{Last, Wanted};

/// Which events of a server: for a database that is named by a URL.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct SliceOf {
    /// Of a server: the table of events; the one that looks most like it where none is given.
    #[arg(id = "slice_table", long = "table", value_name = "[SCHEMA.]TABLE")]
    pub(in crate::cli) table: Option<String>,
    /// Of a server: only the last N events, or all; 100000 where neither streams, types nor times are given.
    #[arg(id = "slice_last", long = "last", value_name = "N|all", value_parser = last)]
    pub(in crate::cli) last: Option<Last>,
    /// Of a server: only the events of this stream; may be given several times.
    #[arg(id = "slice_stream", long = "stream", value_name = "STREAM")]
    pub(in crate::cli) streams: Vec<String>,
    /// Of a server: only the events of this type, in which `*` stands for any text; may be given several times.
    #[arg(id = "slice_type", long = "type", value_name = "TYPE")]
    pub(in crate::cli) types: Vec<String>,
    /// Of a server: only the events from this moment on: 2026-01-01, or 2026-01-01T12:00:00Z.
    #[arg(id = "slice_after", long = "after", value_name = "TIME")]
    pub(in crate::cli) after: Option<Moment>,
    /// Of a server: only the events before this moment.
    #[arg(id = "slice_before", long = "before", value_name = "TIME")]
    pub(in crate::cli) before: Option<Moment>,
}

impl SliceOf {
    /// All of it.
    pub(in crate::cli) fn all() -> Self {
        Self { last: Some(Last::All), ..Self::default() }
    }

    /// Whether nothing is asked for but what is usual.
    pub(in crate::cli) fn is_whole(&self) -> bool {
        self.wanted() == Wanted::default()
    }

    /// Whether it leaves nothing out that a file has, so that it may stand beside one.
    pub(in crate::cli) fn takes_files(&self) -> bool {
        self.is_whole() || self.wanted() == Self::all().wanted()
    }

    /// What is asked for.
    pub(in crate::cli) fn wanted(&self) -> Wanted {
        let Self { table, last, streams, types, after, before } = self.clone();
        let (after, before) = (after.map(|moment| moment.0), before.map(|moment| moment.0));
        Wanted { table, last: last.unwrap_or_default(), streams, types, after, before }
    }
}

fn last(text: &str) -> Result<Last, String> {
    if text == "all" {
        return Ok(Last::All);
    }
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Last::Events).ok_or_else(|| "expected a number from 1 on, or all".to_owned())
}

/// What is gathered, and where to.
#[derive(Args, Debug)]
pub(in crate::cli) struct Gather {
    /// The database: `postgres://USER@HOST/DATABASE`, with what it leaves out as `psql` takes it.
    pub(in crate::cli) url: String,
    /// The file to gather into. What is missing in one that was begun is added.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) slice: SliceOf,
    /// Go on, and add new events as they come, until the process is ended.
    #[arg(long)]
    pub(in crate::cli) follow: bool,
    /// Answer in JSON; one document a line.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
