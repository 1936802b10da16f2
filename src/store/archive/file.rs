//! The archive's file: where it lies, how it is told from others, and how a new one is made.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::ledger::Entry;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{connection, id, schema};

/// What an archive says of itself.
pub(super) struct Mark {
    pub(super) id: String,
    /// How often something was written to it.
    pub(super) generation: i64,
    /// Whether it holds nothing at all.
    pub(super) empty: bool,
}

/// The store's own file.
pub(super) fn store_path(connection: &Connection) -> Result<PathBuf> {
    let path = connection.path().filter(|path| !path.is_empty()).map(PathBuf::from);
    path.ok_or_else(|| Error::new(ErrorKind::Unsupported, "an event store in memory has no archive"))
}

/// Where an archive lies that is remembered under a name.
pub(super) fn path_of(connection: &Connection, file: &str) -> Result<PathBuf> {
    // A full path takes the place of the folder.
    Ok(store_path(connection)?.with_file_name("").join(file))
}

/// Where the first archive of a store goes unless somebody says otherwise: `shop.db` has `shop.archive.db`.
pub(super) fn default_path(store: &Path) -> PathBuf {
    let mut name = store.file_stem().unwrap_or_default().to_owned();
    name.push(".archive");
    if let Some(extension) = store.extension() {
        name.push(".");
        name.push(extension);
    }
    store.with_file_name(name)
}

/// The name under which an archive is remembered: as seen from the store's folder, so that both can be moved together,
/// or its full path where it lies elsewhere.
pub(super) fn name_of(store: &Path, archive: &Path) -> Result<String> {
    let archive = settled(archive)?;
    let store = settled(store)?;
    if archive == store {
        return Err(Error::bad_input(format!("{} is the event store itself", archive.display()))
            .with_hint("Name another file for its archive."));
    }
    let inside = store.parent().and_then(|folder| archive.strip_prefix(folder).ok());
    let parts = inside.map(|inside| inside.iter().map(|part| part.to_str()).collect::<Option<Vec<_>>>());
    let name = match parts {
        Some(parts) => parts.map(|parts| parts.join("/")),
        None => archive.to_str().map(str::to_owned),
    };
    name.ok_or_else(|| Error::bad_input(format!("{} is no name that can be remembered", archive.display())))
}

/// The full path of a file that need not be there, in a folder that must.
fn settled(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Error::bad_input(format!("{} is no file", path.display())));
    };
    let folder = folder.canonicalize().map_err(|error| Error::from(error).context(folder.display()))?;
    Ok(folder.join(name))
}

/// How a file is attached so that nothing can be written to it (<https://www.sqlite.org/uri.html>).
pub(super) fn read_only_uri(path: &Path) -> Result<String> {
    use std::fmt::Write;
    let text = path.to_str().ok_or_else(|| Error::bad_input(format!("{} is no Unicode path", path.display())))?;
    let text = if cfg!(windows) { of_windows(text) } else { text.to_owned() };
    let mut uri = String::from("file:");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' | b':' => uri.push(byte.into()),
            // Writing to a string does not fail.
            _ => write!(uri, "%{byte:02X}").unwrap_or_default(),
        }
    }
    uri.push_str("?mode=ro");
    Ok(uri)
}

/// `C:\x.db` becomes `/C:/x.db`, and `\\server\share\x.db` becomes `////server/share/x.db`.
fn of_windows(path: &str) -> String {
    let path = path.replace('\\', "/");
    if let Some(drive) = path.strip_prefix("//?/").filter(|rest| !rest.starts_with("UNC/")) {
        return format!("/{drive}");
    }
    match path.strip_prefix("//?/UNC/").or_else(|| path.strip_prefix("//")) {
        Some(share) => format!("////{share}"),
        None => format!("/{path}"),
    }
}

/// What an archive says of itself; an error where the file is none.
pub(super) fn mark(path: &Path) -> Result<Mark> {
    schema::recognise(path)?;
    let read = || -> Result<Option<Mark>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(connection::BUSY_TIMEOUT)?;
        schema::refuse_newer(schema::version(&connection)?)?;
        mark_in(&connection)
    };
    let mark = match read() {
        Err(error) if *error.kind() == ErrorKind::ReadOnly => {
            take_back(path)?;
            read()
        }
        read => read,
    };
    mark?.ok_or_else(|| no_archive(path))
}

/// Takes back what a crash left half done as the archive was woken up or came to rest: its journal, which a connection
/// for reading must not touch (<https://www.sqlite.org/rescode.html#readonly_rollback>).
fn take_back(path: &Path) -> Result<()> {
    let connection = connection::connect(path)?;
    Ok(connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?)
}

fn mark_in(connection: &Connection) -> Result<Option<Mark>> {
    if !has_marks(connection)? {
        return Ok(None);
    }
    let sql = "SELECT id, generation, NOT EXISTS (SELECT 1 FROM events) FROM archive_of";
    let mark = |row: &rusqlite::Row<'_>| Ok(Mark { id: row.get(0)?, generation: row.get(1)?, empty: row.get(2)? });
    Ok(connection.query_row(sql, [], mark).optional()?)
}

/// Whether the schema of a file knows archives.
fn has_marks(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE name = 'archive_of')";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

fn no_archive(path: &Path) -> Error {
    Error::bad_input(format!("{} is an event store of its own, not an archive", path.display()))
        .with_hint("It was left as it is. Name another file for the archive.")
}

/// Fails for a file that is an archive: it is read and written through the store that it belongs to.
pub(in crate::store) fn refuse_archive(connection: &Connection) -> Result<()> {
    match mark_in(connection)? {
        None => Ok(()),
        Some(_) => Err(Error::bad_input("it is the archive of an event store, and no event store of its own")
            .with_hint("Open the event store that it belongs to, which reads what is in it. It was left as it is.")),
    }
}

/// Makes sure that an archive is the one, and as far, as the store remembers.
pub(super) fn examine(path: &Path, entry: &Entry) -> Result<()> {
    let shown = path.display();
    if !path.exists() {
        let count = entry.events;
        return Err(Error::not_found(format!("the archive {shown} is missing, in which {count} events lie"))
            .with_hint("Put it back in that place; if the event store was moved, move its archive along with it."));
    }
    let mark = mark(path).map_err(|error| error.context(format_args!("reading the archive {shown}")))?;
    if mark.id != entry.id {
        return Err(Error::new(ErrorKind::Database, format!("{shown} is the archive of another event store"))
            .with_hint("Put the archive that belongs to this event store in its place."));
    }
    if mark.generation < entry.generation {
        let message = format!("the archive {shown} is an older copy: events that were archived since are not in it");
        return Err(Error::new(ErrorKind::Database, message)
            .with_hint("Put the newest copy in its place, together with its `-wal` file where there is one."));
    }
    Ok(())
}

/// Makes an empty archive, and answers with its id. Either it is there as a whole or not at all.
pub(super) fn make(path: &Path) -> Result<String> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    if unfinished.exists() {
        // A crash left it; nobody could have written to it.
        fs::remove_file(&unfinished)?;
    }
    let made = fill(&unfinished).and_then(|id| {
        fs::rename(&unfinished, path)?;
        sync_folder(path)?;
        Ok(id)
    });
    made.map_err(|error| {
        for suffix in ["", "-journal"] {
            let mut name = unfinished.clone().into_os_string();
            name.push(suffix);
            fs::remove_file(name).ok();
        }
        error.context(format_args!("making the archive {}", path.display()))
    })
}

fn fill(path: &Path) -> Result<String> {
    connection::claim(path)?;
    let mut connection = connection::connect(path)?;
    schema::migrate(&mut connection, schema::SCHEMA_VERSION)?;
    let id = id::random(&connection)?;
    connection.execute("INSERT INTO archive_of (id, generation) VALUES (?1, 0)", [&id])?;
    Ok(id)
}

/// Makes a file's name as durable as what is in it: events are about to be nowhere else.
fn sync_folder(path: &Path) -> Result<()> {
    if cfg!(unix)
        && let Some(folder) = path.parent()
    {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_remembered_as_seen_from_the_folder_of_its_store() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("shop.db");
        fs::create_dir(folder.path().join("old")).unwrap();
        let name = |path: &str| name_of(&store, &folder.path().join(path));
        assert_eq!(name("shop.archive.db").unwrap(), "shop.archive.db");
        assert_eq!(name("old/2025.db").unwrap(), "old/2025.db");
        assert_eq!(*name("shop.db").unwrap_err().kind(), ErrorKind::BadInput);
        assert_eq!(*name("nowhere/2025.db").unwrap_err().kind(), ErrorKind::NotFound);
        let elsewhere = tempfile::tempdir().unwrap();
        let outside = elsewhere.path().canonicalize().unwrap().join("2025.db");
        assert_eq!(name_of(&store, &outside).unwrap(), outside.to_str().unwrap());
    }

    #[test]
    fn an_archive_is_named_after_its_store() {
        let name = |store: &str| default_path(Path::new(store)).to_str().map(str::to_owned);
        assert_eq!(name("/data/shop.db").as_deref(), Some("/data/shop.archive.db"));
        assert_eq!(name("/data/shop").as_deref(), Some("/data/shop.archive"));
    }

    #[test]
    fn a_drive_and_a_share_of_windows_are_named_in_a_uri() {
        for (path, wanted) in [
            (r"C:\a\x.db", "/C:/a/x.db"),
            (r"\\?\C:\a\x.db", "/C:/a/x.db"),
            (r"\\?\UNC\server\share\x.db", "////server/share/x.db"),
            (r"\\server\share\x.db", "////server/share/x.db"),
        ] {
            assert_eq!(of_windows(path), wanted, "{path}");
        }
    }

    #[test]
    fn every_letter_of_a_path_survives_in_a_uri() {
        let uri = read_only_uri(Path::new("/a b/100%?#ü.db")).unwrap();
        if cfg!(unix) {
            assert_eq!(uri, "file:/a%20b/100%25%3F%23%C3%BC.db?mode=ro");
        }
    }
}
