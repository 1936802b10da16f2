//! Lines of JSON in files: what comes into a store, with its progress.

use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::store::{EventStore, Places};

/// What every SQLite database begins with (<https://www.sqlite.org/fileformat.html>); no line of JSON does.
const DATABASE: &[u8] = b"SQLite format 3\0";

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
