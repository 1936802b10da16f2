//! `eventscope import`: lines of JSON, or the events of another database, become events of a store.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::store::{EventStore, Places, Query, Store};
use crate::transfer::{self, Imported, Opaque, Options, Phase, Progress};

use super::arguments::{Database, Import, Reading};
use super::output::{Outcome, Output};
use super::own_store;

/// Imports a database or lines; which of them it is, its first bytes say.
pub(super) fn run(arguments: &Import) -> Outcome {
    if is_database(&arguments.from)? { database(arguments) } else { lines(arguments) }
}

fn is_database(from: &Path) -> Result<bool> {
    Ok(!is_standard_input(from) && (crate::model::is_server(from) || transfer::is_database(from)?))
}

fn is_standard_input(from: &Path) -> bool {
    from.as_os_str() == "-"
}

fn lines(arguments: &Import) -> Outcome {
    let Import { file, from, keep, json, .. } = arguments;
    if let Some(option) = arguments.for_databases_only() {
        return Err(Error::bad_input(format!("{option} is for databases, and {} is none", from.display()))
            .with_hint("Lines of JSON are imported all of them, as they are.")
            .into());
    }
    let mut store = own_store::open(file)?;
    let places = if *keep { Places::Kept } else { Places::Anew };
    let imported = store.import(&mut *reader(from)?, places, &mut |events| say(&format!("{events} events")));
    let imported = imported.map_err(|error| error.context(from.display()))?;
    let mut output = Output::new(*json);
    if *json {
        output.document(&json!({"imported": imported, "last_position": store.last_position()?}))?;
    } else {
        output.line(&format!("imported {imported} events"))?;
    }
    output.finish()
}

fn reader(lines: &Path) -> Result<Box<dyn BufRead>> {
    if is_standard_input(lines) {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(lines)
        .map_err(|error| Error::bad_input(format!("{}: {error}", lines.display())).with_source(error))?;
    Ok(Box::new(BufReader::new(file)))
}

fn database(arguments: &Import) -> Outcome {
    if arguments.keep {
        let hint = "Its moments are kept, its positions and versions are assigned anew; a backup keeps all of them.";
        return Err(Error::bad_input("--keep is for lines of JSON").with_hint(hint).into());
    }
    let options = Options {
        filter: super::events::parsed(arguments.filter.as_deref().unwrap_or_default())?,
        aggregate_type: arguments.aggregate_type.clone(),
        opaque: arguments.opaque.map_or(Opaque::Refused, |_| Opaque::Base64),
    };
    let (from, json) = (arguments.from.clone(), arguments.json);
    let reading = Reading { profile: arguments.profile.clone(), ..Reading::default() };
    let source = super::open_events(&Database::whole(from, reading, json))?;
    let onto = own_store::address(&arguments.file)?;
    let server = onto.map(|address| own_store::open_at(&address, true)).transpose()?;
    // The events of another database go onto a server by way of a store in a file, where they are compared.
    let on_the_way = server.as_ref().map(|_| tempfile::tempdir()).transpose().map_err(Error::from)?;
    let path = on_the_way.as_ref().map_or_else(|| arguments.file.clone(), |folder| folder.path().join("on-the-way.db"));
    let mut store = if on_the_way.is_some() { EventStore::create(&path)? } else { super::open_store(&path)? };
    let mut output = Output::new(json);
    let mut unread = None;
    let done = transfer::import(&source, &mut store, &path, &options, |progress| {
        if !json {
            say(&in_words(progress));
        } else if unread.is_none() {
            unread = output.document(&in_json(progress)).and_then(|()| output.finish()).err();
        }
    })?;
    if let Some(failure) = unread {
        return Err(failure);
    }
    if let Some(mut server) = server {
        carry(&store, &path.with_extension("lines"), &mut *server)?;
    }
    if json {
        output.document(&answer(&done))?;
    } else {
        output.line(&sentence(&done))?;
    }
    output.finish()
}

/// Appends all events of a store in a file to another one, with their moments.
fn carry(from: &EventStore, lines: &Path, to: &mut dyn Store) -> Result<()> {
    from.export(Query::default(), &mut BufWriter::new(File::create_new(lines)?), |_| {})?;
    to.import(&mut BufReader::new(File::open(lines)?), Places::Moments, &mut |_| {})?;
    Ok(())
}

fn in_words(progress: Progress) -> String {
    let doing = match progress.phase {
        Phase::Ordering => "looked at",
        Phase::Importing => "imported",
        Phase::Verifying => "compared",
    };
    format!("{doing} {} of {} events", progress.looked_at, progress.total)
}

fn in_json(progress: Progress) -> Value {
    let phase = match progress.phase {
        Phase::Ordering => "ordering",
        Phase::Importing => "importing",
        Phase::Verifying => "verifying",
    };
    let Progress { looked_at, total, imported, .. } = progress;
    json!({"progress": phase, "looked_at": looked_at, "total": total, "imported": imported})
}

fn answer(done: &Imported) -> Value {
    json!({
        "imported": done.imported,
        "before": done.before,
        "compared": done.compared,
        "streams": done.streams,
        "hash": done.hash,
        "last_position": done.last_position,
    })
}

fn sentence(done: &Imported) -> String {
    let Imported { imported, compared, streams, hash, .. } = done;
    if *compared == 0 {
        return "imported 0 events: there are none to import".to_owned();
    }
    format!(
        "imported {imported} events; all {compared} from this database, in {streams} streams, are as they are there \
         ({hash})"
    )
}

/// Says how far it has come, where somebody is watching.
fn say(progress: &str) {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        // Whoever cannot be told waits for the answer.
        let _ = write!(stderr, "\r{progress}\u{1b}[K");
    }
}
