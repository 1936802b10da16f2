//! What lies beside a database: how much of a write-ahead log is not in the file yet, and whether a journal holds a
//! transaction that was never finished.
//!
//! The formats are described at <https://www.sqlite.org/fileformat.html>.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Both byte orders of the checksums of a write-ahead log.
const WAL_MAGIC: [u32; 2] = [0x377f_0682, 0x377f_0683];
const WAL_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;
const JOURNAL_MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// With more pages than this in a log they are only counted: comparing each would take seconds.
const MOST: usize = 50_000;

/// The file that SQLite keeps beside a database under its name and a suffix.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// How many pages of the log beside a database say something else than the database itself.
pub(super) fn unseen_pages(path: &Path) -> io::Result<u64> {
    let Some((pages, size)) = committed(&beside(path, "-wal"))? else { return Ok(0) };
    if pages.len() > MOST {
        return Ok(pages.len() as u64);
    }
    let (mut log, mut file) = (File::open(beside(path, "-wal"))?, File::open(path)?);
    let mut unseen = 0;
    for (page, at) in pages {
        let there = page_at(&mut file, u64::from(page.saturating_sub(1)) * u64::from(size), size)?;
        if there != page_at(&mut log, at, size)? {
            unseen += 1;
        }
    }
    Ok(unseen)
}

fn page_at(file: &mut File, at: u64, size: u32) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut page = Vec::new();
    file.by_ref().take(size.into()).read_to_end(&mut page)?;
    Ok(page)
}

/// The pages that finished transactions left in a log, each with where its newest content lies, and their size.
fn committed(log: &Path) -> io::Result<Option<(BTreeMap<u32, u64>, u32)>> {
    let file = match File::open(log) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut reader = BufReader::new(file);
    let Some([magic, _, size, _, salt_1, salt_2, ..]) = words::<8>(&mut reader)? else { return Ok(None) };
    if !WAL_MAGIC.contains(&magic) || !(512..=65536).contains(&size) || !size.is_power_of_two() {
        return Ok(None);
    }
    let (mut pages, mut pending, mut at) = (BTreeMap::new(), Vec::new(), WAL_HEADER);
    while let Some([page, commit, frame_salt_1, frame_salt_2, ..]) = words::<6>(&mut reader)? {
        // From here on it is what a former round of the log left behind.
        if (frame_salt_1, frame_salt_2) != (salt_1, salt_2) {
            break;
        }
        pending.push((page, at + FRAME_HEADER));
        if commit > 0 {
            pages.extend(pending.drain(..));
        }
        at += FRAME_HEADER + u64::from(size);
        reader.seek_relative(size.into())?;
    }
    Ok(Some((pages, size)))
}

/// Some numbers of four bytes; `None` at the end of the file.
fn words<const N: usize>(reader: &mut impl Read) -> io::Result<Option<[u32; N]>> {
    let mut words = [0; N];
    for word in &mut words {
        let mut bytes = [0; 4];
        match reader.read_exact(&mut bytes) {
            Ok(()) => *word = u32::from_be_bytes(bytes),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(words))
}

/// Whether the journal beside a database holds a transaction: one that goes on, or one that was never finished.
pub(super) fn has_journal(path: &Path) -> bool {
    let mut magic = [0; 8];
    let read = File::open(beside(path, "-journal")).and_then(|mut journal| journal.read_exact(&mut magic));
    read.is_ok() && magic == JOURNAL_MAGIC
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn only_pages_that_differ_are_unseen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x);").unwrap();
        conn.query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(())).unwrap();
        assert_eq!(unseen_pages(&path).unwrap(), 0, "all of it is in the file");
        conn.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        assert_eq!(unseen_pages(&path).unwrap(), 1);
        drop(conn);
        assert_eq!(unseen_pages(&path).unwrap(), 0, "without a log");
    }

    #[test]
    fn what_is_no_log_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        std::fs::write(&path, b"anything").unwrap();
        for log in [b"".as_slice(), b"short", &[7; 500]] {
            std::fs::write(beside(&path, "-wal"), log).unwrap();
            std::fs::write(beside(&path, "-journal"), log).unwrap();
            assert_eq!(unseen_pages(&path).unwrap(), 0);
            assert!(!has_journal(&path));
        }
    }
}
