//! Why a file does not open, in words: which file stands in the way, and what to do now.
//!
//! The file itself is only looked into once SQLite has refused it: see `identity` for why not before.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi;

use super::full_path::full_path;
use super::wal;
use crate::error::{Error, ErrorKind, Result};

/// The first bytes of every SQLite database (<https://www.sqlite.org/fileformat.html>).
const MAGIC: &[u8] = b"SQLite format 3\0";
/// The newest way of reading that this SQLite knows: 2 is the write-ahead log.
const NEWEST: u8 = 2;

/// The full path of a file, once its name leads to one.
pub(super) fn check_file(path: &Path) -> Result<PathBuf> {
    let refuse = |what: &str| Error::bad_input(format!("{} {what}", path.display()));
    let full = full_path(path).map_err(|error| no_file(path, error))?;
    let metadata = full.metadata().map_err(|error| no_file(path, error))?;
    if metadata.is_dir() {
        return Err(refuse("is a directory").with_hint("Open the database file inside it."));
    }
    // Opening a named pipe would wait for somebody who writes to it.
    if !metadata.is_file() {
        let what = format!("is {}, not a file", kind_of(&metadata));
        return Err(refuse(&what).with_hint("Copy what it holds into a file, and open that."));
    }
    if metadata.len() == 0 {
        return Err(refuse("is empty").with_hint("An application may not have written to it yet; try again later."));
    }
    Ok(full)
}

#[cfg(unix)]
fn kind_of(metadata: &std::fs::Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind_of(_: &std::fs::Metadata) -> &'static str {
    "something else"
}

fn no_file(path: &Path, error: std::io::Error) -> Error {
    if let Ok(target) = path.read_link() {
        let at = format!("{} is a link to {}", path.display(), target.display());
        return match error.kind() {
            std::io::ErrorKind::NotFound => Error::not_found(format!("{at}, where there is no file")),
            std::io::ErrorKind::PermissionDenied => Error::from(error).context(at),
            _ => Error::new(ErrorKind::Io, format!("{at}, which leads to no file: {error}")).with_source(error),
        }
        .with_hint("Open the file that it should lead to.");
    }
    match error.kind() {
        std::io::ErrorKind::NotFound => Error::not_found(format!("there is no file {}", path.display())),
        std::io::ErrorKind::PermissionDenied => {
            Error::new(ErrorKind::Io, format!("{} cannot be reached: {error}", path.display()))
                .with_hint("A folder on the way to it may not be entered by this user.")
        }
        _ => Error::from(error).context(path.display()),
    }
}

/// What SQLite's refusal means for this file.
pub(super) fn explain(path: &Path, error: rusqlite::Error) -> Error {
    let code = error.sqlite_error().map_or(0, |error| error.extended_code);
    let explained = match (code, error.sqlite_error_code()) {
        (ffi::SQLITE_READONLY_ROLLBACK, _) => Some(unfinished(path)),
        (ffi::SQLITE_READONLY_RECOVERY | ffi::SQLITE_READONLY_CANTINIT, _) => Some(no_shared_memory(path)),
        (_, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)) => Some(cannot_open(path)),
        (_, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => Some(locked(path)),
        (_, Some(ErrorCode::NotADatabase)) => Some(no_database(path)),
        (_, Some(ErrorCode::DatabaseCorrupt)) => cut_short(path),
        _ => None,
    };
    match explained {
        Some(explained) => explained.with_source(error),
        None => Error::from(error).context(format_args!("opening {}", path.display())),
    }
}

fn unfinished(path: &Path) -> Error {
    let journal = wal::beside(path, "-journal");
    let message =
        format!("{} holds a transaction that was never finished, and undoing it would change the file", name(&journal));
    Error::new(ErrorKind::NotLive, message).with_hint(
        "Open a copy: there it is undone. Frozen shows the file as it stands, in the middle of that transaction.",
    )
}

fn no_shared_memory(path: &Path) -> Error {
    let (shared, folder) = (wal::beside(path, "-shm"), path.parent().unwrap_or(path));
    let message = format!(
        "{} has a write-ahead log, and reading that live needs {} beside it, which cannot be made in {}",
        name(path),
        name(&shared),
        folder.display()
    );
    Error::new(ErrorKind::NotLive, message)
        .with_hint("Open a copy, which has everything in it, or frozen, which leaves out what is only in the log.")
}

/// SQLite says no more than that it cannot; the system says why.
fn cannot_open(path: &Path) -> Error {
    match header(path) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Error::new(ErrorKind::Io, format!("{} may not be read by this user", path.display()))
                .with_hint("Ask its owner for the right to read it, or for a copy.")
                .with_source(error)
        }
        Err(error) if is_kept_by_another(&error) => {
            Error::new(ErrorKind::Busy, format!("another program keeps {} to itself", path.display()))
                .with_hint("Close the file there, or try again when that program is done.")
                .with_source(error)
        }
        Err(error) => Error::from(error).context(path.display()),
        Ok(_) if wal::has_journal(path) => unfinished(path),
        Ok(_) => no_shared_memory(path),
    }
}

/// Whether a program on Windows has opened the file so that no other one may (`ERROR_SHARING_VIOLATION`), or a part of it
/// (`ERROR_LOCK_VIOLATION`).
fn is_kept_by_another(error: &std::io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33))
}

fn locked(path: &Path) -> Error {
    Error::new(ErrorKind::Busy, format!("another process has locked {} against everybody else", path.display()))
        .with_hint("Try again when it is done, or open the file frozen, which asks for no lock.")
}

fn no_database(path: &Path) -> Error {
    let refuse = |what: &str| Error::bad_input(format!("{} {what}", path.display()));
    let Ok(header) = header(path) else { return refuse("is not a SQLite database") };
    if !header.starts_with(MAGIC) {
        return if is_text(&header) {
            refuse("is a text file, and not a SQLite database").with_hint("Open the database that belongs to it.")
        } else {
            refuse("is not a SQLite database")
                .with_hint("It may be another kind of file, or be encrypted: then open a decrypted copy.")
        };
    }
    match header.get(19) {
        Some(version) if *version > NEWEST => {
            refuse(&format!("is a SQLite database of a newer format (read version {version}) than this program knows"))
                .with_hint("Open it with a newer version of this program, or save it with the one that wrote it.")
        }
        _ => refuse("begins like a SQLite database, but its header is damaged")
            .with_hint("Work on a copy, and try SQLite's own recovery."),
    }
}

/// A file that ends before the last page that its header counts.
fn cut_short(path: &Path) -> Option<Error> {
    let header = header(path).ok()?;
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    let size = match u16::from_be_bytes(header.get(16..18)?.try_into().ok()?) {
        1 => 65_536,
        size => u64::from(size),
    };
    let (pages, there) = (u64::from(number(28)?), path.metadata().ok()?.len().checked_div(size)?);
    let message = format!("{} is cut short: {there} of its {pages} pages are there", path.display());
    (there < pages)
        .then(|| Error::new(ErrorKind::Database, message).with_hint("Copy it again from where it came, whole."))
}

fn header(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut header = Vec::new();
    File::open(path)?.take(100).read_to_end(&mut header)?;
    Ok(header)
}

fn is_text(header: &[u8]) -> bool {
    let text = match std::str::from_utf8(header) {
        Ok(text) => text,
        // The last character may be cut.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(header.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
