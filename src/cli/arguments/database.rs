//! Which database a verb reads, and what its streams are folded with.

use std::path::PathBuf;

use clap::Args;

use crate::source::Mode;

#[cfg(feature = "postgres")]
use super::SliceOf;

/// A database to read, and how to answer.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Database {
    /// The database, or a folder whose files are one data set, or a server's database: `postgres://USER@HOST/DATABASE`.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) reading: Reading,
    /// Answer in JSON; lists as one document a line.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[cfg(feature = "postgres")]
    #[command(flatten)]
    pub(in crate::cli) slice: SliceOf,
}

/// As what a database is read, and in which way.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct Reading {
    /// A profile's name, or the path of its file; recognised where none is given.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    /// The way in which it is read: live, frozen (without locks, and without what is only in a write-ahead log), or as
    /// a copy of this moment.
    #[arg(long, value_name = "live|frozen|copy", default_value_t = Mode::Live)]
    pub(in crate::cli) mode: Mode,
    /// Switch every profile off, and infer from the tables alone what they mean.
    #[arg(long, conflicts_with = "profile")]
    pub(in crate::cli) infer: bool,
}

impl Database {
    /// A database that other words than these name; of a server's all events.
    pub(in crate::cli) fn whole(file: PathBuf, reading: Reading, json: bool) -> Self {
        Self {
            file,
            reading,
            json,
            #[cfg(feature = "postgres")]
            slice: SliceOf::all(),
        }
    }
}

/// What the events of a stream are folded with.
#[derive(Args, Debug)]
pub(in crate::cli) struct Folding {
    /// The file with the reducers; else the one beside the database, else the best that is known: the library's, those
    /// learnt from snapshots and read models, suggested ones, a guess.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) reducers: Option<PathBuf>,
    /// Merge each event's data into the state, whatever rules there are.
    #[arg(long, conflicts_with_all = ["reducers", "reducer_command"])]
    pub(in crate::cli) merge: bool,
    /// The command of a process that folds in place of rules: the application's own code. It runs as in a shell.
    /// `eventscope adapter` lists what there is for it.
    #[arg(long, value_name = "CMD", conflicts_with = "reducers")]
    pub(in crate::cli) reducer_command: Option<String>,
}
