//! Lines of JSON in files: what goes out of any database, and what comes into a store, each with its progress.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::filter::{Filter, compile};
use crate::source::{ScanRange, Source};
use crate::store::{EventStore, Places, Query, ndjson_line};

/// What every SQLite database begins with (<https://www.sqlite.org/fileformat.html>); no line of JSON does.
const DATABASE: &[u8] = b"SQLite format 3\0";

/// How many events are read at once.
const CHUNK: usize = 256;

/// Whether a file is a database rather than lines of JSON, by its first bytes. A folder is one as far as its files are.
///
/// # Errors
/// [`ErrorKind::BadInput`] where the file cannot be read.
pub fn is_database(path: &Path) -> Result<bool> {
    if path.is_dir() {
        return Ok(true);
    }
    let mut header = Vec::new();
    open(path)?.take(DATABASE.len() as u64).read_to_end(&mut header)?;
    Ok(header == DATABASE)
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| Error::bad_input(format!("{}: {error}", path.display())).with_source(error))
}

/// Imports a file of lines, as [`EventStore::import`] does. `progress` is told how many of the file's bytes were read,
/// and how many there are, and may stop it: then nothing is imported.
///
/// # Errors
/// As [`EventStore::import`]; [`ErrorKind::Cancelled`] where it was stopped.
pub fn import_lines(
    path: &Path,
    store: &mut EventStore,
    places: Places,
    progress: impl FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<u64> {
    let file = open(path)?;
    let total = file.metadata()?.len();
    let mut watched = BufReader::new(Watched { file, read: 0, total, stopped: false, progress });
    let imported = store.import(&mut watched, places, |_| {});
    if watched.get_ref().stopped {
        return Err(Error::new(ErrorKind::Cancelled, "the import was stopped"));
    }
    imported.map_err(|error| error.context(path.display()))
}

/// A file that says how much of it was read, and ends with an error once nobody wants it any more.
struct Watched<P> {
    file: File,
    read: u64,
    total: u64,
    stopped: bool,
    progress: P,
}

impl<P: FnMut(u64, u64) -> ControlFlow<()>> Read for Watched<P> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(into)?;
        self.read += read as u64;
        if (self.progress)(self.read, self.total).is_break() {
            self.stopped = true;
            return Err(std::io::Error::other("the import was stopped"));
        }
        Ok(read)
    }
}

/// Writes the events that a filter keeps into a new file of lines, and answers with how many there were. `progress` is
/// told how many events were looked at. Stopped by the source's interrupt, or after an error, there is no file.
///
/// # Errors
/// [`ErrorKind::BadInput`] where there is a file of that name already, which is left as it is, and for a payload that
/// no JSON can stand for.
pub fn export(source: &Source, filter: &Filter, to: &Path, progress: impl FnMut(u64)) -> Result<u64> {
    let file = File::create_new(to).map_err(|error| cannot_create(to, error))?;
    write_lines(source, filter, file, progress).inspect_err(|_| {
        // Half an export is worse than none.
        std::fs::remove_file(to).ok();
    })
}

fn write_lines(source: &Source, filter: &Filter, file: File, mut progress: impl FnMut(u64)) -> Result<u64> {
    if filter.terms.is_empty() && !source.archives()?.is_empty() {
        return write_whole(source, file, progress);
    }
    source.require_whole()?;
    let compiled = source.mapping().map(|mapping| compile(filter, mapping)).unwrap_or_default();
    let (mut file, mut count, mut failure) = (BufWriter::new(file), 0, None);
    let mut write = |positions: &[i64]| -> Result<()> {
        for some in positions.chunks(CHUNK) {
            for event in source.events_at(some)? {
                writeln!(file, "{}", ndjson_line(&event)?)?;
                count += 1;
            }
        }
        Ok(())
    };
    source.scan(&compiled, ScanRange::default(), &mut |batch| {
        if let Err(error) = write(&batch.positions) {
            failure = Some(error);
            return ControlFlow::Break(());
        }
        progress(batch.scanned);
        ControlFlow::Continue(())
    })?;
    failure.map_or(Ok(()), Err)?;
    file.flush()?;
    file.get_ref().sync_all()?;
    Ok(count)
}

/// Writes all events of a store with archives, wherever they lie.
fn write_whole(source: &Source, file: File, mut progress: impl FnMut(u64)) -> Result<u64> {
    let store = EventStore::open(source.path())?;
    let (mut file, mut count) = (BufWriter::new(file), 0);
    for event in store.events(Query::default()) {
        source.check()?;
        writeln!(file, "{}", ndjson_line(&event?)?)?;
        count += 1;
        progress(count);
    }
    file.flush()?;
    file.get_ref().sync_all()?;
    Ok(count)
}

fn cannot_create(to: &Path, error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return Error::bad_input(format!("{} exists already", to.display()))
            .with_hint("It was left as it is. Choose another name.");
    }
    Error::from(error).context(format_args!("creating {}", to.display()))
}
