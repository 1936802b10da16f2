//! The words that the program understands on the command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::event::{ExpectedVersion, StreamName, Version};
use crate::source::Mode;
use crate::store::Encoding;

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
    /// The database to open, or a folder whose files are one data set.
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
    /// Append the events in a file of JSON lines, or those of any other database that is recognised.
    ///
    /// Lines are appended all of them, or after an error none. A database is appended in batches: an import that was
    /// stopped goes on where it was when it is done again, and nothing is appended twice. At the end both sides are
    /// compared event by event.
    Import(Import),
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
}

/// What is imported into which event store.
#[derive(Args, Debug)]
pub(super) struct Import {
    /// The event store, of the native format; `eventscope new` makes one.
    pub(super) file: PathBuf,
    /// A database, or a file of JSON, one object a line; its first bytes say which. `-` for lines on the standard input.
    #[arg(value_name = "FROM")]
    pub(super) from: PathBuf,
    /// Keep the positions, versions and timestamps that the lines carry, instead of assigning them anew.
    #[arg(long)]
    pub(super) keep: bool,
    /// For a database: a profile's name, or the path of its file; recognised where none is given.
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// For a database: which events, in the language of the window's filter; all where none is given.
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub(super) filter: Option<String>,
    /// For a database: the aggregate type of events that have none; the profile's name where none is given.
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) aggregate_type: Option<String>,
    /// For a database: how payloads are carried along that nothing can read; without it they are an error.
    #[arg(long, value_enum)]
    pub(super) opaque: Option<Carried>,
    /// Answer in JSON; for a database, with a document for the progress after every batch.
    #[arg(long)]
    pub(super) json: bool,
}

impl Import {
    /// The first option that was given and makes no sense for lines.
    pub(super) fn for_databases_only(&self) -> Option<&'static str> {
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
pub(super) enum Carried {
    /// As `{"base64": "…"}`.
    Base64,
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

/// The schemas of an event store.
#[derive(Args, Debug)]
pub(super) struct Schemas {
    #[command(flatten)]
    pub(super) store: Store,
    /// Register a schema for an event type, at a version of its shape; version 1 where none is given.
    #[arg(long, value_name = "TYPE[@VERSION]=SCHEMA.json")]
    pub(super) add: Vec<SchemaFile>,
    /// Let --add replace schemas that events were stored under.
    #[arg(long, requires = "add")]
    pub(super) replace: bool,
    /// Remove the schema of an event type.
    #[arg(long, value_name = "TYPE[@VERSION]")]
    pub(super) remove: Vec<SchemaName>,
    /// Hold the stored events against the schemas, and name those that do not fit, instead of listing the schemas.
    #[arg(long)]
    pub(super) check: bool,
}

/// What a schema is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SchemaName {
    /// The event type.
    pub(super) event_type: String,
    /// The version of its shape.
    pub(super) version: u32,
}

impl FromStr for SchemaName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (event_type, version) = split_version(text);
        let version = u32::try_from(version.unwrap_or(1)).map_err(|_| "schema versions go from 1 on".to_owned())?;
        Ok(Self { event_type: event_type.to_owned(), version })
    }
}

/// A schema and the file that it is in.
#[derive(Clone, Debug)]
pub(super) struct SchemaFile {
    /// What it is for.
    pub(super) name: SchemaName,
    /// Where it is.
    pub(super) file: PathBuf,
}

impl FromStr for SchemaFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').ok_or_else(|| "expected TYPE[@VERSION]=SCHEMA.json".to_owned())?;
        Ok(Self { name: name.parse()?, file: file.into() })
    }
}

/// The settings of an event store.
#[derive(Args, Debug)]
pub(super) struct Settings {
    #[command(flatten)]
    pub(super) store: Store,
    /// What event types have to match: `dotted` as in order.placed, a regular expression, or `any`.
    #[arg(long, value_name = "dotted|any|PATTERN")]
    pub(super) event_types: Option<String>,
    /// What aggregate types have to match: `dotted` as in order, a regular expression, or `any`.
    #[arg(long, value_name = "dotted|any|PATTERN")]
    pub(super) aggregate_types: Option<String>,
    /// In what data is written from now on.
    #[arg(long, value_name = "json|messagepack")]
    pub(super) encoding: Option<Encoding>,
}

/// What to archive, and where to. Every condition narrows it.
#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true)))]
pub(super) struct Archive {
    #[command(flatten)]
    pub(super) store: Store,
    /// The archive; it is made where it is not there. The one that was used last where none is given, or else
    /// `shop.archive.db` for `shop.db`.
    #[arg(long, value_name = "ARCHIVE")]
    pub(super) to: Option<PathBuf>,
    /// Only of this stream; may be given several times.
    #[arg(long = "stream", value_name = "TYPE/ID", group = "what")]
    pub(super) streams: Vec<Stream>,
    /// Only of streams of this aggregate type.
    #[arg(long = "type", value_name = "TYPE", group = "what")]
    pub(super) aggregate_type: Option<String>,
    /// Only of streams whose last event is of a type like this: `*.closed`.
    #[arg(long, value_name = "PATTERN", group = "what")]
    pub(super) closed: Option<String>,
    /// Only events recorded before this moment: `2026-01-01`, `2026-01-01T12:00:00Z`.
    #[arg(long, value_name = "TIME", group = "what")]
    pub(super) before: Option<Moment>,
    /// Say what would be moved, and move nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// A stream as it is written on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stream(pub(super) StreamName);

impl FromStr for Stream {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            Some((kind, id)) if !kind.is_empty() && !id.is_empty() => Ok(Self(StreamName::new(kind, id))),
            _ => Err("expected TYPE/ID, such as order/ord-1".to_owned()),
        }
    }
}

/// A moment as it is written on the command line: with its offset, or a day, which begins in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(pub(super) DateTime<Utc>);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day = || text.parse().ok().map(|day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc());
        let moment = DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc());
        moment.or_else(day).map(Self).ok_or_else(|| "expected 2026-01-01 or 2026-01-01T12:00:00Z".to_owned())
    }
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
    /// The database, or a folder whose files are one data set.
    pub(super) file: PathBuf,
    /// A profile's name, or the path of its file; recognised where none is given.
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// The way in which it is read: live, frozen (without locks, and without what is only in a write-ahead log), or as
    /// a copy of this moment.
    #[arg(long, value_name = "live|frozen|copy", default_value_t = Mode::Live)]
    pub(super) mode: Mode,
    /// Switch every profile off, and infer from the tables alone what they mean.
    #[arg(long, conflicts_with = "profile")]
    pub(super) infer: bool,
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
    fn a_moment_is_a_day_or_has_an_offset() {
        let moment = |text: &str| text.parse::<Moment>().map(|moment| moment.0.to_rfc3339());
        assert_eq!(moment("2026-01-01").as_deref(), Ok("2026-01-01T00:00:00+00:00"));
        assert_eq!(moment("2026-01-01T12:00:00+02:00").as_deref(), Ok("2026-01-01T10:00:00+00:00"));
        assert!(moment("2026-01-01T12:00:00").is_err() && moment("soon").is_err());
        assert!("ord-1".parse::<Stream>().is_err() && "order/".parse::<Stream>().is_err());
        assert_eq!("a/b/c".parse(), Ok(Stream(StreamName::new("a", "b/c"))));
    }

    #[test]
    fn a_version_follows_the_last_at_sign() {
        assert_eq!(split_version("order/ord-1@3"), ("order/ord-1", Some(3)));
        assert_eq!(split_version("anna@example.org"), ("anna@example.org", None));
        assert_eq!(split_version("anna@example.org@0"), ("anna@example.org", Some(0)));
        assert_eq!(split_version("@3"), ("@3", None));
    }

    #[test]
    fn a_schema_is_named_by_type_and_version() {
        let named = |text: &str| text.parse::<SchemaName>().map(|name| (name.event_type, name.version));
        assert_eq!(named("order.placed"), Ok(("order.placed".to_owned(), 1)));
        assert_eq!(named("order.placed@2"), Ok(("order.placed".to_owned(), 2)));
        assert!(named("order.placed@-1").is_err());
        let file: SchemaFile = "order.placed@2=a=b.json".parse().unwrap();
        assert_eq!((file.name.version, file.file), (2, PathBuf::from("a=b.json")));
        assert!("order.placed".parse::<SchemaFile>().is_err());
    }

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
