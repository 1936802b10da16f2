//! Writes the events of any database out: as text in the forms that others read, or as a store of the native format.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`format`] | the forms, and what each writes for an event |
//! | `columnar` | Parquet, with the feature of that name |
//! | [`notes`] | what a person noted, for the form that people read |
//! | [`redaction`] | what is replaced by pseudonyms before anything is written |

#[cfg(feature = "parquet")]
mod columnar;
mod fields;
mod fixture;
mod format;
mod notes;
mod redaction;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::filter::{Filter, compile};
use crate::source::{Replace, ScanRange, Source};
use crate::store::{EventStore, Query};

use super::{Importing, Opaque, Options, Order, Origin, Progress, Translation};

pub use format::Format;
pub use notes::Notes;
pub use redaction::Redaction;

/// How many events are read at once.
const CHUNK: usize = 256;

/// How many bytes of lines are written at a time.
const BYTES: usize = 1 << 20;

/// What is written, and how.
#[derive(Clone, Debug, Default)]
pub struct ExportOptions {
    /// Which events; all where it is empty.
    pub filter: Filter,
    /// The form.
    pub format: Format,
    /// What is replaced by pseudonyms.
    pub redaction: Redaction,
    /// What is written beside events in Markdown; other forms have no room for it.
    pub notes: Notes,
    /// At most so many events.
    pub limit: Option<u64>,
}

/// Writes the events into a new file, in the order of the store, and answers with how many there were. `progress` is told
/// how many events were looked at. Stopped by the source's interrupt, or after an error, there is no file.
///
/// # Errors
/// [`BadInput`](crate::ErrorKind::BadInput) where there is a file of that name already, which is left as it is, and for a payload that
/// the form cannot hold.
pub fn export(source: &Source, options: &ExportOptions, to: &Path, progress: impl FnMut(u64)) -> Result<u64> {
    match options.format {
        Format::Store => return export_store(source, options, to, progress),
        Format::Original => return export_original(source, options, to, progress),
        _ => {}
    }
    let file = File::create_new(to).map_err(|error| cannot_create(to, error))?;
    let mut progress = progress;
    let written = || {
        let mut file = BufWriter::with_capacity(BYTES, file);
        let count = export_text(source, options, &mut |bytes, looked_at| {
            progress(looked_at);
            Ok(file.write_all(bytes)?)
        })?;
        file.flush()?;
        file.get_ref().sync_all()?;
        Ok(count)
    };
    written().inspect_err(|_: &Error| {
        // Half an export is worse than none.
        std::fs::remove_file(to).ok();
    })
}

/// Gives what is to be written to `on`, some at a time, with how many events were looked at by then, until that fails.
///
/// # Errors
/// What `on` answered; else as [`export`].
pub fn export_text(
    source: &Source,
    options: &ExportOptions,
    on: &mut dyn FnMut(&[u8], u64) -> Result<()>,
) -> Result<u64> {
    let ExportOptions { filter, format, redaction, notes, limit } = options;
    let archives = filter.is_empty() && !source.archives()?.is_empty();
    if !archives {
        source.require_whole()?;
        let is_plain = *format == Format::Ndjson && redaction.is_empty() && limit.is_none();
        if is_plain && filter.is_empty() && source.gives_lines()? {
            return straight(source, on);
        }
    }
    let mut writer = format.writer(source, !notes.is_empty())?;
    let (mut out, mut count) = (Vec::new(), 0);
    let mut each = |event: &Event, looked_at: u64, out: &mut Vec<u8>| -> Result<ControlFlow<()>> {
        let note = notes.of(event).map(|note| redaction.of_text(note));
        writer.event(&redaction.of(event), note.as_deref(), out)?;
        count += 1;
        if out.len() >= BYTES {
            on(out, looked_at)?;
            out.clear();
        }
        let is_enough = limit.is_some_and(|limit| count >= limit);
        Ok(if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    if archives {
        whole(source, &mut out, &mut each)?;
    } else {
        scanned(source, filter, &mut out, &mut each)?;
    }
    writer.end(&mut out)?;
    on(&out, count)?;
    Ok(count)
}

/// What is done with an event; it says whether there are to be more.
type Each<'e> = &'e mut dyn FnMut(&Event, u64, &mut Vec<u8>) -> Result<ControlFlow<()>>;

/// The events that a filter lets through.
fn scanned(source: &Source, filter: &Filter, out: &mut Vec<u8>, each: Each<'_>) -> Result<()> {
    let compiled = source.mapping().map(|mapping| compile(filter, mapping)).unwrap_or_default();
    let mut failure = None;
    source.scan(&compiled, ScanRange::default(), &mut |batch| {
        let mut write = || -> Result<ControlFlow<()>> {
            for some in batch.positions.chunks(CHUNK) {
                for event in source.events_at(some)? {
                    if each(&event, batch.scanned, out)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            Ok(ControlFlow::Continue(()))
        };
        write().unwrap_or_else(|error| {
            failure = Some(error);
            ControlFlow::Break(())
        })
    })?;
    failure.map_or(Ok(()), Err)
}

/// All events of a store with archives, wherever they lie.
fn whole(source: &Source, out: &mut Vec<u8>, each: Each<'_>) -> Result<()> {
    let store = EventStore::open_read_only(source.path())?;
    for (number, event) in (1..).zip(store.events(Query::default())) {
        source.check()?;
        if each(&event?, number, out)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// All events as their rows have them.
fn straight(source: &Source, on: &mut dyn FnMut(&[u8], u64) -> Result<()>) -> Result<u64> {
    let (mut bytes, mut range, mut count) = (Vec::new(), ScanRange::default(), 0);
    loop {
        bytes.clear();
        let lines = source.lines(range, BYTES, &mut bytes)?;
        count += lines.events;
        on(&bytes, count)?;
        let Some(reached) = lines.reached else { return Ok(count) };
        range.after = Some(reached);
    }
}

/// Writes a store of the native format. What its format says otherwise is as for [`import`](super::import).
fn export_store(source: &Source, options: &ExportOptions, to: &Path, mut progress: impl FnMut(u64)) -> Result<u64> {
    source.require_whole()?;
    let mut store = EventStore::create(to)?;
    let written = write_store(source, options, &mut store, &mut progress);
    drop(store);
    written.inspect_err(|_| {
        for ending in ["", "-wal", "-shm"] {
            let mut path = to.as_os_str().to_owned();
            path.push(ending);
            std::fs::remove_file(path).ok();
        }
    })
}

/// Writes a database of the format that the source has.
fn export_original(source: &Source, options: &ExportOptions, to: &Path, mut progress: impl FnMut(u64)) -> Result<u64> {
    source.require_whole()?;
    let compiled = source.mapping().map(|mapping| compile(&options.filter, mapping)).unwrap_or_default();
    let redaction = &options.redaction;
    let replace = (!redaction.is_empty()).then_some(redaction as &dyn Replace);
    source.extract(&compiled, replace, to, &mut progress)
}

fn write_store(
    source: &Source,
    options: &ExportOptions,
    store: &mut EventStore,
    progress: &mut dyn FnMut(u64),
) -> Result<u64> {
    let ExportOptions { filter, redaction, .. } = options;
    let importing = Options { filter: filter.clone(), opaque: Opaque::Base64, ..Options::default() };
    let Some(origin) = Origin::of(source, &importing)? else { return Ok(0) };
    let compiled = source.mapping().map(|mapping| compile(filter, mapping)).unwrap_or_default();
    let translation = Translation::new(source, &origin, &importing);
    let order = Order::of(source, &compiled, &mut |_| {})?;
    let mut importing = Importing { store, origin: &origin, redaction, imported: 0, before: 0 };
    importing.run(source, &order, &translation, &mut |at: Progress| progress(at.looked_at))?;
    Ok(importing.imported)
}

/// A new file could not be made.
fn cannot_create(to: &Path, error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return Error::bad_input(format!("{} exists already", to.display()))
            .with_hint("It was left as it is. Choose another name.");
    }
    Error::from(error).context(format_args!("creating {}", to.display()))
}
