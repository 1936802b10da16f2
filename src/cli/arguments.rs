//! The words that the program understands on the command line.

mod database;
mod export;
mod history;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "postgres")]
mod slice;
mod store;
mod understanding;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;

use crate::source::Mode;

use super::values::Stream;

pub(super) use database::{Database, Folding, Reading};
pub(super) use export::Export;
pub(super) use history::{Diff, Rules, RulesFrom, Watch, WhatIf};
#[cfg(feature = "serve")]
pub(super) use serve::{Publish, Serve};
#[cfg(feature = "postgres")]
pub(super) use slice::{Gather, SliceOf};
pub(super) use store::{Append, Archive, Import, New, Schemas, Settings, Store};
pub(super) use understanding::{Audit, Schema, Stats, Tracing, UpcasterForm};

/// An inspector and time-travel debugger for event-sourced SQLite databases.
///
/// Without a verb the window opens, on FILE where there is one.
#[derive(Debug, Parser)]
#[command(name = "eventscope", version, args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(super) struct Arguments {
    /// What to do without a window.
    #[command(subcommand)]
    pub(super) verb: Option<Verb>,
    /// The window's arguments.
    #[command(flatten)]
    pub(super) window: Window,
}

/// What the window is to show first.
#[derive(Args, Debug)]
pub(super) struct Window {
    /// The database to open, or a folder whose files are one data set; or a link: `eventscope:FILE#order/ord-1@3`.
    pub(super) file: Option<PathBuf>,
    /// The stream to show, and its version: `order/ord-1` or `ord-1@3`.
    #[arg(long, value_name = "STREAM[@VERSION]", requires = "file")]
    pub(super) at: Option<String>,
    /// The file with the reducers to replay with.
    #[arg(long, value_name = "FILE", requires = "file")]
    pub(super) reducers: Option<PathBuf>,
    /// The command of a process that folds in place of rules: the application's own code. It runs as in a shell.
    #[arg(long, value_name = "CMD", requires = "file", conflicts_with = "reducers")]
    pub(super) reducer_command: Option<String>,
    /// A profile's name, or the path of its file.
    #[arg(long, value_name = "NAME", requires = "file")]
    pub(super) profile: Option<String>,
    /// The way in which it is read: live, frozen (without locks, and without what is only in a write-ahead log), or as
    /// a copy of this moment.
    #[arg(long, value_name = "live|frozen|copy", default_value_t = Mode::Live, requires = "file")]
    pub(super) mode: Mode,
}

/// The demo, and how much of it.
#[derive(Args, Debug)]
pub(super) struct Demo {
    /// Write it here; nothing may be there yet. Without it the window opens.
    pub(super) file: Option<PathBuf>,
    /// A large database of so many events, with streams, payloads and schema versions such as real ones have.
    #[arg(long, value_name = "N", requires = "file", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) events: Option<u64>,
    /// In so many streams; a hundredth of the events where nothing is said.
    #[arg(long, value_name = "M", requires = "events", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) streams: Option<u64>,
    /// What chance begins with: the same number gives the same events.
    #[arg(long, value_name = "S", default_value_t = 1, requires = "events")]
    pub(super) seed: u64,
    /// Answer in JSON.
    #[arg(long, requires = "file")]
    pub(super) json: bool,
}

/// What the program does without a window.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Open the window on a fresh copy of the demo, or write its database to a file: the small shop's, or a large one.
    Demo(Demo),
    /// Make an empty event store.
    New(New),
    /// Say what a database is, where each field of its events comes from, and what it holds.
    ///
    /// A source is a column, or `column->path` in a document, or `column=>table.key:label` for a look-up, or `(a,b)` for
    /// several columns together; what none of these says is an SQL expression.
    Info(Database),
    /// List the streams.
    Streams(Database),
    /// List events, oldest first.
    Events {
        #[command(flatten)]
        database: Database,
        /// Which events, in the language of the window's filter: `type:order.* data.total>100 -actor:import`. What
        /// events did to the state is asked with `changed:/lines/*/qty`, `changed:none`, `failed:*` and `unhandled:*`.
        #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
        filter: Option<String>,
        /// At most so many.
        #[arg(long, value_name = "N")]
        limit: Option<u64>,
        /// Pass over so many first.
        #[arg(long, value_name = "N", default_value_t = 0)]
        offset: u64,
        /// Only how many there are.
        #[arg(long, conflicts_with_all = ["limit", "offset"])]
        count: bool,
        #[command(flatten)]
        folding: Folding,
    },
    /// Show the state of a stream.
    State {
        #[command(flatten)]
        database: Database,
        /// Which one, and at which version: `order/ord-1`, `ord-1@3`. The last version where none is given.
        #[arg(value_name = "STREAM[@VERSION]")]
        stream: String,
        #[command(flatten)]
        folding: Folding,
    },
    /// Show what each event of a stream changed.
    Changes {
        #[command(flatten)]
        database: Database,
        /// Which one: `order/ord-1`, or `ord-1` where that is unique.
        stream: String,
        #[command(flatten)]
        folding: Folding,
    },
    /// Say which event last set each value of a stream's state, or list every value that one had.
    ///
    /// One line a leaf: pointer, version, position, event type, timestamp, value. What was so before the first event has
    /// no version.
    Blame {
        #[command(flatten)]
        database: Database,
        /// Which one, and at which version; the last where none is given.
        #[arg(value_name = "STREAM[@VERSION]")]
        stream: String,
        /// Only this place and what is in it, as a JSON Pointer: `/lines/L1/qty`.
        #[arg(value_name = "POINTER", default_value = "")]
        pointer: String,
        /// Every value that the place ever had up to that version, instead of the present one.
        #[arg(long)]
        history: bool,
        #[command(flatten)]
        folding: Folding,
    },
    /// List every version at which a condition on a stream's state starts or stops being true.
    Watch(Watch),
    /// Show what differs between two states: of a stream at two versions, of two streams, or of two databases.
    ///
    /// The elements of arrays are matched by a key that names them, such as `id` or `sku`, where they have one.
    Diff(Diff),
    /// Show the state of a stream if some of its events had been others. Nothing is written.
    WhatIf(WhatIf),
    /// Find every stream that breaks a rule, and the first version at which it does; then the exit code is 1.
    Check {
        #[command(flatten)]
        database: Database,
        /// What must hold at every version of every stream of an aggregate type, in jq on the state:
        /// `'inventory: .on_hand >= 0'`. `*` in the type stands for any characters. Beside these the `invariants` of the
        /// reducers are checked.
        #[arg(long = "rule", value_name = "AGGREGATE: EXPR")]
        rules: Vec<String>,
        #[command(flatten)]
        folding: Folding,
    },
    /// Compare each snapshot that the application stored with the replay at the snapshot's own version.
    Snapshots {
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        folding: Folding,
    },
    /// Infer what the data of each event type looks like, or of one: every path with its types, how often it is there, from
    /// where to where, and what changed without a new version.
    Schema(Schema),
    /// Print what caused an event and what it caused, as a tree.
    Trace(Tracing),
    /// Count events and bytes by type, stream, actor, day and hour, and name the largest.
    Stats(Stats),
    /// Look for everything that is wrong in a store: gaps, duplicates, broken data, snapshots that drift, missing
    /// constraints. An error-level finding makes the exit code 1.
    Audit(Audit),
    /// Print the rules that it would use, as a reducers file with their evidence.
    ///
    /// They are learnt from the states that the database keeps, its snapshots and read models, or suggested by names and
    /// values where there are none.
    Rules(Rules),
    /// Append one event.
    Append(Append),
    /// Append the events in a file of JSON lines, or those of any other database that is recognised.
    ///
    /// Lines are appended all of them, or after an error none. A database is appended in batches: an import that was
    /// stopped goes on where it was when it is done again, and nothing is appended twice. At the end both sides are
    /// compared event by event.
    Import(Import),
    /// Write events out: to the standard output or a file, in one of several forms, with what is personal replaced by
    /// pseudonyms where that is wanted.
    Export(Export),
    /// List the profiles: the user's own, which go first, and the built-in ones.
    Profiles {
        /// Answer in JSON; one document a line.
        #[arg(long)]
        json: bool,
    },
    /// Print a profile's TOML, as a beginning for one's own.
    Profile {
        /// Its name.
        name: String,
    },
    /// Print an adapter through which the application's own code folds, see --reducer-command; without a name, list them.
    Adapter {
        /// Its name.
        name: Option<String>,
        /// Answer in JSON; one document a line.
        #[arg(long, conflicts_with = "name")]
        json: bool,
    },
    /// Hold an event store against what it promises: the file, the order of its events, its hash chain.
    Verify(Store),
    /// List the JSON Schemas that an event store holds its events against; register and remove them.
    Schemas(Schemas),
    /// Show what an event store asks of names and in what it writes data, or change it.
    Settings(Settings),
    /// Move streams or events out of an event store into its archive, where it still reads them.
    Archive(Archive),
    /// Bring events back from the archives into the event store.
    Restore {
        #[command(flatten)]
        store: Store,
        /// Only those of this stream; may be given several times.
        #[arg(long = "stream", value_name = "TYPE/ID")]
        streams: Vec<Stream>,
    },
    /// Copy an event store and its archives, as it is at one moment, while it may be in use.
    Backup {
        #[command(flatten)]
        store: Store,
        /// Where; nothing may be there yet.
        to: PathBuf,
    },
    /// Bring an event store to the schema of this version of the program.
    Migrate {
        #[command(flatten)]
        store: Store,
        /// One schema back, so that an older version of the program can open it; refused where events would be lost.
        #[arg(long)]
        down: bool,
    },
    /// Show a page of the manual, or what a verb takes, or where words stand; without any the list of pages.
    Help {
        /// The name of a page, of a verb, or words to look for.
        #[arg(value_name = "TOPIC|VERB")]
        topic: Vec<String>,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print what completes the words of this command line in a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the page for `man` of the program or of a verb.
    Man {
        /// The verb.
        #[arg(conflicts_with = "folder")]
        verb: Option<String>,
        /// Write the pages of the program and of every verb into this folder instead.
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
    /// Serve an event store over HTTP: appends, reads, states, and a stream of events that goes on.
    ///
    /// It runs until it is told to end by SIGTERM or SIGINT, and then finishes what it has begun. /openapi.json describes
    /// what can be asked.
    #[cfg(feature = "serve")]
    Serve(Box<Serve>),
    /// Gather the events of a server into a file, which then is read as any database.
    ///
    /// Nothing is made or changed on the server. A gathering that was cut off goes on where it was when it is done again,
    /// and one that was whole gets what has come since.
    #[cfg(feature = "postgres")]
    Gather(Gather),
    /// Publish the events of a database to Redis as they come, and leave the database as it is.
    #[cfg(feature = "serve")]
    Publish(Publish),
}

/// What the program takes, as its help and its completions say it.
pub(super) fn command() -> clap::Command {
    Arguments::command()
}

/// What a verb takes, as its `--help` says it.
pub(super) fn help_of(verb: &str) -> Option<String> {
    command().find_subcommand(verb)?;
    Arguments::try_parse_from(["eventscope", verb, "--help"]).err().map(|help| help.to_string())
}

/// Reads the arguments, the first of which is the program's own name.
pub(super) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(args)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Arguments {
        parse(line.split_whitespace().map(OsString::from)).unwrap()
    }

    #[test]
    fn without_a_verb_it_is_the_window() {
        let arguments = parsed("eventscope orders.db --at ord-1@3 --reducers r.toml");
        assert!(arguments.verb.is_none());
        assert_eq!(arguments.window.file, Some(PathBuf::from("orders.db")));
        assert_eq!(arguments.window.at.as_deref(), Some("ord-1@3"));
        assert!(parsed("eventscope").window.file.is_none());
        assert!(matches!(parsed("eventscope demo").verb, Some(Verb::Demo(Demo { file: None, .. }))));
    }

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
