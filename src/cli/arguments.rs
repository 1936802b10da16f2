//! The words that the program understands on the command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::event::{ExpectedVersion, Version};
use crate::source::Mode;

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
    /// The database to open.
    pub(super) file: Option<PathBuf>,
    /// The stream to show, and its version: `order/ord-1` or `ord-1@3`.
    #[arg(long, value_name = "STREAM[@VERSION]", requires = "file")]
    pub(super) at: Option<String>,
    /// The file with the reducers to replay with.
    #[arg(long, value_name = "FILE", requires = "file")]
    pub(super) reducers: Option<PathBuf>,
    /// A profile's name, or the path of its file.
    #[arg(long, value_name = "NAME", requires = "file")]
    pub(super) profile: Option<String>,
    /// The way in which it is read: live, frozen (without locks, and without what is only in a write-ahead log), or as
    /// a copy of this moment.
    #[arg(long, value_name = "live|frozen|copy", default_value_t = Mode::Live, requires = "file")]
    pub(super) mode: Mode,
}

/// What the program does without a window.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Open the window on a fresh copy of the demo.
    Demo,
    /// Make an empty event store.
    New {
        /// Where; nothing may be there yet.
        file: PathBuf,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say what a database is, and what it holds.
    Info(Database),
    /// List the streams.
    Streams(Database),
    /// List events, oldest first.
    Events {
        #[command(flatten)]
        database: Database,
        /// Which events, in the language of the window's filter: `type:order.* data.total>100 -actor:import`.
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
    },
    /// Show the state of a stream.
    State {
        #[command(flatten)]
        database: Database,
        /// Which one, and at which version: `order/ord-1`, `ord-1@3`. The last version where none is given.
        #[arg(value_name = "STREAM[@VERSION]")]
        stream: String,
        /// The file with the reducers; else the one beside the database, else a guess.
        #[arg(long, value_name = "FILE")]
        reducers: Option<PathBuf>,
    },
    /// Show what each event of a stream changed.
    Changes {
        #[command(flatten)]
        database: Database,
        /// Which one: `order/ord-1`, or `ord-1` where that is unique.
        stream: String,
        /// The file with the reducers; else the one beside the database, else a guess.
        #[arg(long, value_name = "FILE")]
        reducers: Option<PathBuf>,
    },
    /// Append one event.
    Append(Append),
    /// Append the events in a file of JSON, one object a line: all of them, or after an error none.
    Import {
        /// The event store, of the native format; `eventscope new` makes one.
        file: PathBuf,
        /// The lines; `-` for the standard input.
        #[arg(value_name = "IN.ndjson")]
        lines: PathBuf,
        /// Keep the positions, versions and timestamps that the lines carry, instead of assigning them anew.
        #[arg(long)]
        keep: bool,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write events to the standard output, as JSON, one object a line, data as it is stored.
    Export {
        /// The database.
        file: PathBuf,
        /// A profile's name, or the path of its file; recognised where none is given.
        #[arg(long, value_name = "NAME")]
        profile: Option<String>,
        /// The way in which it is read: live, frozen (without locks, and without what is only in a write-ahead log), or as
        /// a copy of this moment.
        #[arg(long, value_name = "live|frozen|copy", default_value_t = Mode::Live)]
        mode: Mode,
        /// Which events, in the language of the window's filter; all where none is given.
        #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
        filter: Option<String>,
        /// How they are written.
        #[arg(long, value_enum, default_value_t = Format::Ndjson)]
        format: Format,
    },
    /// Hold an event store against what it promises: the file, the order of its events, its hash chain.
    Verify(Store),
    /// Copy an event store, as it is at one moment, while it may be in use.
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
}

/// An event store of the native format, and how to answer.
#[derive(Args, Debug)]
pub(super) struct Store {
    /// The event store.
    pub(super) file: PathBuf,
    /// Answer in JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// How events are exported.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// JSON, one object a line.
    Ndjson,
}

/// A database to read, and how to answer.
#[derive(Args, Debug)]
pub(super) struct Database {
    /// The database.
    pub(super) file: PathBuf,
    /// A profile's name, or the path of its file; recognised where none is given.
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// The way in which it is read: live, frozen (without locks, and without what is only in a write-ahead log), or as
    /// a copy of this moment.
    #[arg(long, value_name = "live|frozen|copy", default_value_t = Mode::Live)]
    pub(super) mode: Mode,
    /// Answer in JSON; lists as one document a line.
    #[arg(long)]
    pub(super) json: bool,
}

/// One event to append.
#[derive(Args, Debug)]
pub(super) struct Append {
    #[command(flatten)]
    pub(super) database: Database,
    /// The stream that it goes to; it may be a new one.
    #[arg(long, value_name = "TYPE/ID")]
    pub(super) stream: String,
    /// What happened.
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) event_type: String,
    /// What the event says.
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    pub(super) data: String,
    /// What surrounds it.
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    pub(super) metadata: Option<String>,
    /// The version of the event type's own shape.
    #[arg(long, value_name = "VERSION")]
    pub(super) schema_version: Option<String>,
    /// Who caused it.
    #[arg(long)]
    pub(super) actor: Option<String>,
    /// The id of the event or command that caused it.
    #[arg(long, value_name = "ID")]
    pub(super) causation: Option<String>,
    /// The id that everything caused by one request shares.
    #[arg(long, value_name = "ID")]
    pub(super) correlation: Option<String>,
    /// What the stream has to be at: `any`, `none`, `exists`, or its last version.
    #[arg(long, value_name = "any|none|exists|N", default_value = "any", allow_hyphen_values = true)]
    pub(super) expect: Expect,
    /// Show the row that would be written, and write nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// An expected version as it is written on the command line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expect(pub(super) ExpectedVersion);

impl FromStr for Expect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text {
            "any" => ExpectedVersion::Any,
            "none" => ExpectedVersion::NoStream,
            "exists" => ExpectedVersion::StreamExists,
            number => ExpectedVersion::Exactly(
                number.parse().map_err(|_| "expected any, none, exists or a version".to_owned())?,
            ),
        }))
    }
}

/// Splits `STREAM@VERSION`. An `@` that no whole number follows belongs to the stream's name.
pub(super) fn split_version(text: &str) -> (&str, Option<Version>) {
    match text.rsplit_once('@') {
        Some((stream, version)) if !stream.is_empty() => match version.parse() {
            Ok(version) => (stream, Some(version)),
            Err(_) => (text, None),
        },
        _ => (text, None),
    }
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
        assert!(matches!(parsed("eventscope demo").verb, Some(Verb::Demo)));
    }

    #[test]
    fn what_is_expected_is_a_word_or_a_version() {
        let expect = |text: &str| text.parse::<Expect>().map(|expect| expect.0);
        assert_eq!(expect("none"), Ok(ExpectedVersion::NoStream));
        assert_eq!(expect("0"), Ok(ExpectedVersion::Exactly(0)));
        assert_eq!(expect("-1"), Ok(ExpectedVersion::Exactly(-1)));
        assert!(expect("soon").is_err());
    }

    #[test]
    fn a_version_follows_the_last_at_sign() {
        assert_eq!(split_version("order/ord-1@3"), ("order/ord-1", Some(3)));
        assert_eq!(split_version("anna@example.org"), ("anna@example.org", None));
        assert_eq!(split_version("anna@example.org@0"), ("anna@example.org", Some(0)));
        assert_eq!(split_version("@3"), ("@3", None));
    }

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
