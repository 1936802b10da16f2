//! The words that the program understands on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::event::Version;
use crate::source::Mode;
use crate::store::Encoding;

use super::values::{Edit, Expect, ExpectedValue, Insertion, Moment, SchemaFile, SchemaName, Stream};

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
    Diff {
        #[command(flatten)]
        database: Database,
        /// The first, and its version; the last where none is given.
        #[arg(value_name = "STREAM[@A]")]
        a: String,
        /// The second.
        #[arg(value_name = "STREAM[@B]")]
        b: String,
        /// The database that the second is in; the same where none is given.
        #[arg(long, value_name = "FILE2")]
        other: Option<PathBuf>,
        #[command(flatten)]
        folding: Folding,
    },
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

/// How events are exported.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// JSON, one object a line.
    Ndjson,
}

/// A database to read, and how to answer.
#[derive(Args, Clone, Debug)]
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

/// Which rules to look for.
#[derive(Args, Debug)]
pub(super) struct Rules {
    #[command(flatten)]
    pub(super) database: Database,
    /// For this aggregate type alone.
    #[arg(long, value_name = "TYPE")]
    pub(super) aggregate: Option<String>,
    /// From what; all where nothing is said.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "snapshots,tables,names")]
    pub(super) from: Vec<RulesFrom>,
    /// Learn from this, too: the value at a place in the state of a stream at a version, as JSON; without a value, there
    /// is none. `--expect 'account/7@3:/balance=120'`
    #[arg(long, value_name = "STREAM@V:/POINTER=JSON", allow_hyphen_values = true)]
    pub(super) expect: Vec<ExpectedValue>,
}

/// What rules are looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RulesFrom {
    /// The states that the application stored.
    Snapshots,
    /// The tables whose rows are what streams came to.
    Tables,
    /// Names and values, where there is nothing else.
    Names,
}

/// What the events of a stream are folded with.
#[derive(Args, Debug)]
pub(super) struct Folding {
    /// The file with the reducers; else the one beside the database, else the best that is known: the library's, those
    /// learnt from snapshots and read models, suggested ones, a guess.
    #[arg(long, value_name = "FILE")]
    pub(super) reducers: Option<PathBuf>,
    /// Merge each event's data into the state, whatever rules there are.
    #[arg(long, conflicts_with_all = ["reducers", "reducer_command"])]
    pub(super) merge: bool,
    /// The command of a process that folds in place of rules: the application's own code. It runs as in a shell.
    /// `eventscope adapter` lists what there is for it.
    #[arg(long, value_name = "CMD", conflicts_with = "reducers")]
    pub(super) reducer_command: Option<String>,
}

/// A condition, and what it is watched in.
#[derive(Args, Debug)]
#[command(override_usage = "eventscope watch [OPTIONS] <FILE> <STREAM[@VERSION]> <EXPR>\n       \
                            eventscope watch [OPTIONS] <FILE> --all <EXPR>")]
pub(super) struct Watch {
    #[command(flatten)]
    pub(super) database: Database,
    /// The stream, up to a version where one is given, and then the condition: jq on the state, with the event in
    /// `$event`, as in '`.on_hand < 0`'. With --all only the condition.
    #[arg(value_name = "STREAM|EXPR", required = true, num_args = 1..=2)]
    pub(super) words: Vec<String>,
    /// In every stream.
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) folding: Folding,
}

/// A stream, and what is other in it.
#[derive(Args, Debug)]
pub(super) struct WhatIf {
    #[command(flatten)]
    pub(super) database: Database,
    /// Which one: `order/ord-1`, or `ord-1` where that is unique.
    pub(super) stream: String,
    /// Leave the event of this version out; may be given several times.
    #[arg(long, value_name = "V", allow_negative_numbers = true)]
    pub(super) skip: Vec<Version>,
    /// Give the event of this version other data.
    #[arg(long, value_name = "V=JSON")]
    pub(super) set: Vec<Edit>,
    /// Insert an event after this version: `152=stock.counted:{"on_hand": 4}`.
    #[arg(long, value_name = "AFTER=TYPE:JSON")]
    pub(super) insert: Vec<Insertion>,
    /// A branch that was saved, as a beginning.
    #[arg(long, value_name = "BRANCH.json")]
    pub(super) branch: Option<PathBuf>,
    /// At this version instead of at the end.
    #[arg(long, value_name = "V", allow_negative_numbers = true)]
    pub(super) at: Option<Version>,
    #[command(flatten)]
    pub(super) folding: Folding,
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
    fn the_arguments_are_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
