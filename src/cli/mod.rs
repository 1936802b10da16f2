//! The verbs of the command line.
//!
//! [`run`] reads the arguments and carries out a verb, or hands back what the window is to show. The answer goes to the
//! standard output, errors go to the standard error, and the exit code tells a script which it was: 0 fine, 1 a plain
//! no, 2 bad input, 3 a version conflict.

mod adapter;
mod append;
mod archive;
mod arguments;
mod audit;
mod backup;
mod blame;
mod check;
mod demo;
mod diff;
mod events;
mod export;
mod folding;
#[cfg(feature = "postgres")]
mod gather;
mod help;
mod import;
mod info;
mod json;
mod kept_notes;
mod migrate;
mod new;
mod output;
mod own_store;
mod packaging;
mod profiles;
mod progress;
#[cfg(feature = "serve")]
mod publish;
mod reducers;
mod restore;
mod rules;
mod schema;
mod schemas;
#[cfg(feature = "serve")]
mod serve;
mod settings;
mod snapshots;
mod state;
mod stats;
mod streams;
mod trace;
mod upcaster;
mod values;
mod verify;
mod watch;
mod what_if;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
#[cfg(feature = "postgres")]
use std::path::PathBuf;
use std::sync::Arc;

use crate::codec::{visible, visible_lines};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{StreamName, Version};
use crate::model::{DeepLink, LinkPlace, ReducerCommand, is_server};
use crate::session::OpenRequest;
use crate::source::{Choice, OpenOptions, Source};
use crate::store::EventStore;

use arguments::{Database, Demo, Reading, Verb};
use output::{Failure, Outcome};

/// What the program does after the arguments are read.
#[derive(Debug)]
pub enum Next {
    /// It ends with this code.
    Exit(u8),
    /// The window opens.
    Window(Box<WindowRequest>),
}

/// What the window shows first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowRequest {
    /// The database, where one was named; the reducers and the profile go with it.
    pub open: Option<OpenRequest>,
    /// Whether a fresh copy of the demo is to be opened.
    pub demo: bool,
    /// The place to show.
    pub at: Option<LinkPlace>,
}

/// Reads the program's arguments, the first of which is its own name, and carries out a verb where there is one.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Next {
    let arguments = match arguments::parse(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not errors; nobody may be reading either of them.
            let _ = error.print();
            return Next::Exit(u8::from(error.use_stderr()) * 2);
        }
    };
    match arguments.verb {
        None => Next::Window(Box::new(window(arguments.window))),
        Some(Verb::Demo(Demo { file: None, .. })) => {
            Next::Window(Box::new(WindowRequest { demo: true, ..WindowRequest::default() }))
        }
        Some(verb) => Next::Exit(finished(carry_out(verb))),
    }
}

fn window(window: arguments::Window) -> WindowRequest {
    let (profile, reducers, mode) = (window.profile, window.reducers, window.mode);
    let command = window.reducer_command.map(|line| ReducerCommand { line, folder: std::env::current_dir().ok() });
    let link = window.file.as_ref().and_then(|file| DeepLink::parse(file.to_str()?));
    let at = window.at.map(|text| {
        let (stream, version) = StreamName::split_version(&text);
        LinkPlace::Stream(stream.to_owned(), version)
    });
    let (file, at) = match link {
        Some(link) => (link.file, at.or(link.at)),
        None => (window.file, at),
    };
    let open = |path| OpenRequest { path, profile, reducers, command, mode, ..OpenRequest::default() };
    WindowRequest { open: file.map(open), demo: false, at }
}

fn carry_out(verb: Verb) -> Outcome {
    match verb {
        Verb::Demo(arguments) => demo::run(&arguments),
        Verb::New(arguments) => new::run(&arguments),
        Verb::Info(database) => info::run(&database),
        Verb::Profiles { json } => profiles::list(json),
        Verb::Profile { name } => profiles::print(&name),
        Verb::Streams(database) => streams::run(&database),
        Verb::Events { database, filter, limit, offset, count, folding } => {
            let filter = filter.unwrap_or_default();
            let folding = Some(&folding);
            events::run(&database, &events::Wanted { filter: &filter, limit, offset, count, folding })
        }
        Verb::State { database, stream, folding } => state::state(&database, &stream, &folding),
        Verb::Changes { database, stream, folding } => state::changes(&database, &stream, &folding),
        Verb::Blame { database, stream, pointer, history, folding } => {
            let wanted = blame::Wanted { stream: &stream, pointer: &pointer, history };
            blame::run(&database, &folding, &wanted)
        }
        Verb::Watch(arguments) => watch::run(&arguments),
        Verb::Diff(arguments) => diff::run(&arguments),
        Verb::WhatIf(arguments) => what_if::run(&arguments),
        Verb::Check { database, rules, folding } => check::run(&database, &folding, &rules),
        Verb::Snapshots { database, folding } => snapshots::run(&database, &folding),
        Verb::Schema(schema) => schema::run(&schema),
        Verb::Trace(tracing) => trace::run(&tracing),
        Verb::Stats(stats) => stats::run(&stats),
        Verb::Audit(audit) => audit::run(&audit),
        Verb::Rules(rules) => rules::run(&rules),
        Verb::Append(append) => append::run(&append),
        Verb::Import(arguments) => import::run(&arguments),
        Verb::Export(arguments) => export::run(&arguments),
        Verb::Adapter { name: Some(name), .. } => adapter::print(&name),
        Verb::Adapter { name: None, json } => adapter::list(json),
        Verb::Help { topic, json } if topic.is_empty() => help::list(json),
        Verb::Help { topic, json } => help::topic(&topic, json),
        Verb::Completions { shell } => packaging::completions(shell),
        Verb::Man { verb, folder } => packaging::man(verb.as_deref(), folder.as_deref()),
        Verb::Verify(store) => verify::run(&store),
        Verb::Schemas(schemas) => schemas::run(&schemas),
        Verb::Settings(settings) => settings::run(&settings),
        Verb::Archive(archive) => archive::run(&archive),
        Verb::Restore { store, streams } => restore::run(&store, streams),
        Verb::Backup { store, to } => backup::run(&store, &to),
        Verb::Migrate { store, down } => migrate::run(&store, down),
        #[cfg(feature = "postgres")]
        Verb::Gather(arguments) => gather::run(&arguments),
        #[cfg(feature = "serve")]
        Verb::Serve(arguments) => serve::run(*arguments),
        #[cfg(feature = "serve")]
        Verb::Publish(arguments) => publish::run(arguments),
    }
}

/// Opens the event store of a verb that only the native format knows.
fn open_store(file: &Path) -> Result<EventStore> {
    if let Some(_elsewhere) = own_store::address(file)? {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "this verb is for event stores in files, and this one is on a server",
        ));
    }
    EventStore::open(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => named_wrongly(&error),
        _ => error,
    })
}

/// Opens the database of a verb, and says what is left out of it.
fn open(database: &Database) -> Result<Source> {
    let source = opened(database)?;
    for note in source.notes() {
        // As with an error, there is nowhere left to say that nobody reads it.
        let _ = writeln!(std::io::stderr().lock(), "note: {}", visible(note));
    }
    Ok(source)
}

fn opened(database: &Database) -> Result<Source> {
    let Reading { profile, mode, infer } = &database.reading;
    let (profile, library) = (profile.as_deref().map(Choice::from_text), Arc::new(profiles::library()));
    let options = OpenOptions { profile, library, mode: *mode, infer: *infer };
    local(database).and_then(|file| Source::open(file, &options)).map_err(|error| match error.kind() {
        // A file or a profile that is not there was named wrongly; a stream that is not there is a plain no.
        ErrorKind::NotFound => named_wrongly(&error),
        _ => error,
    })
}

/// The file that is read for what a person named.
#[cfg(feature = "postgres")]
fn local(database: &Database) -> Result<PathBuf> {
    gather::local(&database.file, &database.slice)
}

/// The file that is read for what a person named.
#[cfg(not(feature = "postgres"))]
fn local(database: &Database) -> Result<&Path> {
    if is_server(&database.file) {
        return Err(Error::new(ErrorKind::Unsupported, "this program opens files, and no servers")
            .with_hint("Build it with the feature postgres."));
    }
    Ok(&database.file)
}

/// What a person named, as it may be shown: without a password.
fn shown(database: &Database) -> String {
    let text = database.file.to_string_lossy();
    #[cfg(feature = "postgres")]
    if is_server(&database.file) {
        return crate::server::without_password(&text);
    }
    text.into_owned()
}

fn named_wrongly(error: &Error) -> Error {
    let wrong = Error::bad_input(error.to_string());
    match error.hint() {
        Some(hint) => wrong.with_hint(hint),
        None => wrong,
    }
}

/// Opens the database of a verb that needs events; the answer is a plain no where nothing recognises it.
fn open_events(database: &Database) -> Result<Source> {
    let source = open(database)?;
    if source.mapping().is_some() {
        return Ok(source);
    }
    let message = format!("{} was not recognised as an event store", shown(database));
    Err(Error::new(ErrorKind::Unsupported, message)
        .with_hint("Name a profile with --profile, or look at its tables with `eventscope info`."))
}

/// The stream that `STREAM[@VERSION]` names.
fn stream_at(source: &Source, text: &str) -> Result<(StreamName, Option<Version>)> {
    source.stream_at(text)
}

/// The exit code of a verb that is done.
fn finished(outcome: Outcome) -> u8 {
    match outcome {
        Ok(()) | Err(Failure::NobodyReads) => 0,
        Err(Failure::No) => 1,
        Err(Failure::Failed(error)) => fail(&error),
    }
}

/// Says on the standard error what went wrong and what to do now, and gives the exit code for it.
#[must_use]
pub fn fail(error: &Error) -> u8 {
    let mut stderr = std::io::stderr().lock();
    // There is nowhere left to say that the standard error cannot be written.
    let _ = writeln!(stderr, "error: {}", visible_lines(&error.to_string()));
    if let Some(hint) = error.hint() {
        let _ = writeln!(stderr, "hint: {}", visible_lines(hint));
    }
    exit_code(error)
}

/// 1 a plain no, 2 bad input, 3 a version conflict.
fn exit_code(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Conflict { .. } => 3,
        ErrorKind::BadInput | ErrorKind::Io | ErrorKind::NotLive => 2,
        _ => 1,
    }
}
