//! `eventscope serve`: the store over HTTP.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use crate::codec::visible;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{StreamName, Version};
use crate::serve::{self, Database as Served, Fold, Folded, Options, Say, StoreOpener};
use crate::session::FoundReducers;
use crate::source::{Mode, Opener, Source};
use crate::store::{Durability, EventStore, Places, ndjson_line};

use super::arguments::{Database, Folding, Reading, Serve};
use super::output::{Outcome, Output};
use super::own_store::{self, Address};
use super::state;

/// Serves until the process is told to end.
pub(super) fn run(arguments: Serve) -> Outcome {
    let say = say();
    let file = own_store::place(&arguments.database.file);
    let (json, is_read_only) = (arguments.database.json, arguments.read_only);
    let (database, fold) = if let Some(address) = own_store::address(&arguments.database.file)? {
        elsewhere(address, arguments.database, arguments.folding, is_read_only)?
    } else {
        let (database, source) = open(&arguments.database, is_read_only)?;
        (database, Folder::new(arguments.database, arguments.folding, &source)?.into_fold())
    };
    let options = Options {
        database,
        listen: arguments.listen,
        read_only: is_read_only,
        fold,
        token_file: arguments.token_file,
        tls: arguments.cert.zip(arguments.key),
        hosts: arguments.hosts,
        patience: arguments.timeout,
        redis: arguments.publishing.options(),
        say,
    };
    let mut said = Ok(());
    serve::run(options, |address, is_secure| {
        let url = format!("{}://{address}", if is_secure { "https" } else { "http" });
        said = tell(json, &url, &file, is_read_only);
    })?;
    said
}

/// What an operator should know is said on the standard error.
pub(super) fn say() -> Say {
    Arc::new(|line: &str| {
        // There is nowhere left to say that the standard error cannot be written.
        let _ = writeln!(std::io::stderr().lock(), "eventscope: {}", visible(line));
    })
}

/// Says where it listens: the first line, which whoever started it may wait for.
fn tell(json: bool, url: &str, file: &str, is_read_only: bool) -> Outcome {
    let mut output = Output::new(json);
    if json {
        output.document(&json!({"listening": url, "file": file, "read_only": is_read_only}))?;
    } else {
        let how = if is_read_only { ", read-only" } else { "" };
        output.line(&format!("serving {file} on {url}{how}"))?;
    }
    output.finish()
}

/// What is served; and the same database through a profile, from which states are folded.
fn open(database: &Database, is_read_only: bool) -> Result<(Served, Source)> {
    if !is_read_only {
        EventStore::open(&database.file).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::bad_input(error.to_string()).with_hint("`eventscope new FILE` makes one."),
            ErrorKind::BadInput => Error::bad_input(error.to_string())
                .with_hint("Only an event store of this program is written to. --read-only serves any database."),
            _ => error,
        })?;
        return Ok((Served::Store(database.file.clone()), super::open_events(database)?));
    }
    let source = super::open_events(database)?;
    let Reading { profile, mode, infer } = &database.reading;
    let is_plain = *mode == Mode::Live && profile.is_none() && !infer;
    if is_plain && EventStore::open_read_only(&database.file).is_ok() {
        return Ok((Served::Store(database.file.clone()), source));
    }
    Ok((Served::Foreign(source.opener()), source))
}

/// A store on a server, and what folds its streams.
fn elsewhere(address: Address, database: Database, folding: Folding, is_read_only: bool) -> Result<(Served, Fold)> {
    let opener: StoreOpener = Arc::new(move |may_write| own_store::open_at(&address, may_write));
    // What cannot be opened is said at the start.
    drop(opener(!is_read_only)?);
    let fold = folding_copies(Arc::clone(&opener), database, folding);
    Ok((Served::Elsewhere(opener), fold))
}

/// How many events of a stream are copied at a time.
const COPIED: Version = 1_000;

/// Folds each stream from a copy of its own in a file: rules, the application's code and what they say of themselves are
/// then the same as for any file.
fn folding_copies(opener: StoreOpener, database: Database, folding: Folding) -> Fold {
    Arc::new(move |stream, at| {
        let store = opener(false)?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("stream.db");
        let mut copy = EventStore::create(&file)?;
        copy.set_durability(Durability::Normal)?;
        let (mut next, last) = (1, at.unwrap_or(Version::MAX));
        while next <= last {
            let to = last.min(next.saturating_add(COPIED - 1));
            let events = store.read_stream(stream, next, Some(to))?;
            let Some(end) = events.last() else { break };
            next = end.version.saturating_add(1);
            let lines = events.iter().map(ndjson_line).collect::<Result<Vec<_>>>()?.join("\n");
            copy.import(&mut lines.as_bytes(), Places::Kept, |_| {})?;
        }
        if next == 1 {
            return Err(Error::not_found(format!("there is no stream {stream}")));
        }
        drop(copy);
        let source = super::open_events(&Database { file, ..database.clone() })?;
        let found = super::reducers::choose(&database, &source, &folding, std::slice::from_ref(stream))?;
        let (version, document) = state::document(&source, stream, at, &found)?;
        Ok(Folded { version, document })
    })
}

/// Folds streams as `eventscope state` does. Rules that have to be looked for are looked for once for each aggregate
/// type, when its first state is asked for.
struct Folder {
    database: Database,
    folding: Folding,
    opener: Opener,
    given: Option<FoundReducers>,
    found: Mutex<HashMap<String, FoundReducers>>,
}

impl Folder {
    /// What was given to fold by is read now, so that what cannot be used is said at the start.
    fn new(database: Database, folding: Folding, source: &Source) -> Result<Self> {
        let is_given = folding.merge || folding.reducers.is_some() || folding.reducer_command.is_some();
        let choose = || super::reducers::choose(&database, source, &folding, &[]);
        let given = is_given.then(choose).transpose()?;
        Ok(Self { database, folding, opener: source.opener(), given, found: Mutex::default() })
    }

    fn into_fold(self) -> Fold {
        Arc::new(move |stream, at| {
            let source = self.opener.open()?;
            if source.last_version(stream)?.is_none() {
                return Err(Error::not_found(format!("there is no stream {stream}")));
            }
            let found = self.reducers(&source, stream)?;
            let (version, document) = state::document(&source, stream, at, &found)?;
            Ok(Folded { version, document })
        })
    }

    fn reducers(&self, source: &Source, stream: &StreamName) -> Result<FoundReducers> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        let known = |found: &Mutex<HashMap<String, FoundReducers>>| {
            found.lock().unwrap_or_else(PoisonError::into_inner).get(&stream.aggregate_type).cloned()
        };
        if let Some(found) = known(&self.found) {
            return Ok(found);
        }
        let chosen = super::reducers::choose(&self.database, source, &self.folding, std::slice::from_ref(stream))?;
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(found.entry(stream.aggregate_type.clone()).or_insert(chosen).clone())
    }
}
