//! `eventscope export`: the events of any database, in the form that somebody else reads.

use std::ops::ControlFlow;
use std::path::Path;

use serde_json::json;

use crate::error::{Error, ErrorKind};
use crate::filter::{Field, Term, compile};
use crate::session::{export_together, thousands};
use crate::source::Source;
use crate::store::{Query, Store, ndjson_line};
use crate::transfer::{self, ExportOptions, Format, Notes, Redaction, export_text};

use super::arguments::{Database, Export};
use super::events::{Found, Wanted, each_event, parsed};
use super::kept_notes;
use super::output::{Failure, Outcome, Output};
use super::own_store;
use super::progress::Progress;

/// Writes the events, oldest first. The database is only read.
pub(super) fn run(arguments: &Export) -> Outcome {
    let Export { file, format, redact, redact_key, output, .. } = arguments;
    let filter = selection(arguments)?;
    #[cfg(feature = "postgres")]
    let is_whole = arguments.slice.is_whole();
    #[cfg(not(feature = "postgres"))]
    let is_whole = true;
    if let Some(address) = own_store::address(file)?
        && output.is_none()
        && *format == Format::Ndjson
        && redact.is_empty()
        && filter.trim().is_empty()
        && is_whole
        && let Ok(store) = own_store::open_at(&address, false)
    {
        return on_server(&*store);
    }
    let database = arguments.database();
    let redaction = Redaction::parse(redact.iter().map(String::as_str), redact_key.as_deref())?;
    let notes = match (arguments.notes, format) {
        (false, _) => Notes::default(),
        (true, Format::Markdown) => kept_notes::of(file)?,
        (true, _) => {
            let hint = "Add --format markdown, or leave --notes out.";
            return Err(Error::bad_input("only Markdown has room for notes").with_hint(hint).into());
        }
    };
    let options = ExportOptions { filter: parsed(&filter)?, format: *format, redaction, notes, limit: None };
    match output {
        Some(to) => to_file(&database, &options, to),
        None if options.format.is_database() => {
            Err(Error::bad_input("a database has to be written to a file").with_hint("Name it with --output.").into())
        }
        None if options.format == Format::Ndjson && options.redaction.is_empty() => lines(&database, &filter),
        None => to_output(&database, &options),
    }
}

/// Writes all events of a store on a server as lines of JSON.
fn on_server(store: &dyn Store) -> Outcome {
    let mut progress = Progress::new();
    let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
    match store.export(&mut stdout, &mut |count| progress.tell(count, "events")) {
        Err(error) if *error.kind() == ErrorKind::Io => Err(Failure::NobodyReads),
        exported => Ok(exported.map(drop)?),
    }
}

/// The filter that lets through what is asked for.
fn selection(arguments: &Export) -> Outcome<String> {
    let filter = arguments.filter.clone().unwrap_or_default();
    let Some(correlation) = &arguments.correlation else { return Ok(filter) };
    let parsed = parsed(&filter)?;
    Ok(parsed.with(Term::field(Field::Correlation, correlation)).to_string())
}

/// Writes a new file.
fn to_file(database: &Database, options: &ExportOptions, to: &Path) -> Outcome {
    let source = super::open_events(database)?;
    let mut progress = Progress::new();
    let count = transfer::export(&source, options, to, |looked_at| progress.tell(looked_at, "events"))?;
    progress.clear();
    let mut output = Output::new(database.json);
    if output.json {
        output.document(&json!({"events": count, "file": to.to_string_lossy()}))?;
    } else {
        let count = thousands(i64::try_from(count).unwrap_or(i64::MAX));
        output.line(&format!("{count} events were written to {}", to.display()))?;
    }
    output.finish()
}

/// Writes to the standard output.
fn to_output(database: &Database, options: &ExportOptions) -> Outcome {
    let source = super::open_events(database)?;
    let (mut output, mut progress, mut failure) = (Output::new(true), Progress::new(), None);
    let written = export_text(&source, options, &mut |bytes, looked_at| {
        progress.tell(looked_at, "events");
        output.bytes(bytes).map_err(|error| {
            failure = Some(error);
            Error::new(ErrorKind::Cancelled, "the output was closed")
        })
    });
    match failure {
        Some(failure) => Err(failure),
        None => written.map(drop).map_err(Failure::from).and_then(|()| output.finish()),
    }
}

/// Writes all events as lines of JSON.
fn lines(database: &Database, filter: &str) -> Outcome {
    let parsed = parsed(filter)?;
    if filter.trim().is_empty() && !super::opened(database)?.archives()?.is_empty() {
        return whole(&database.file);
    }
    let source = super::open_events(database)?;
    source.require_whole()?;
    if parsed.is_empty() && source.gives_lines()? {
        return straight(&source);
    }
    let compiled = source.mapping().map(|mapping| compile(&parsed, mapping)).unwrap_or_default();
    let wanted = Wanted { filter, limit: None, offset: 0, count: false, folding: None };
    let mut output = Output::new(true);
    each_event(&source, Found::ByScan(&compiled), &wanted, |event| output.exactly(&ndjson_line(&event)?))?;
    output.finish()
}

/// Writes all events as their rows have them, read by as many readers as there are cores.
fn straight(source: &Source) -> Outcome {
    let (mut output, mut written, mut progress, mut count) = (Output::new(true), Ok(()), Progress::new(), 0);
    export_together(source, &mut |lines, events| {
        count += events;
        progress.tell(count, "events");
        written = output.bytes(lines);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written?;
    output.finish()
}

/// Writes all events of a store with archives, wherever they lie.
fn whole(file: &Path) -> Outcome {
    let store = super::open_store(file)?;
    let mut output = Output::new(true);
    for event in store.events(Query::default()) {
        output.exactly(&ndjson_line(&event?)?)?;
    }
    output.finish()
}
