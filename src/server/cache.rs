//! Where gathered files are kept: a folder that its owner alone can read, a file for each slice.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::address::Address;
use super::local;
use super::wanted::Wanted;
use crate::error::{Error, ErrorKind, Result};
use crate::source::Slice;

/// The variable that names the folder, in place of the one in the user's cache.
const FOLDER: &str = "EVENTSCOPE_CACHE";

/// For how many days a slice is kept that nobody opened, unless somebody wanted it otherwise.
pub const KEPT_DAYS: u32 = 30;

/// The file of the folder that says for how many days.
const DAYS: &str = "kept-days";

/// What a file's name ends in.
const EXTENSION: &str = "gathered.db";

/// The folder.
///
/// # Errors
/// Where the system names no folder for caches.
pub fn folder() -> Result<PathBuf> {
    let named = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let usual = || Some(directories::ProjectDirs::from("", "", "eventscope")?.cache_dir().join("gathered"));
    named.or_else(usual).ok_or_else(|| {
        Error::new(ErrorKind::Io, "the system names no folder for caches")
            .with_hint(format!("Name one with {FOLDER}, or gather into a file of your choice."))
    })
}

/// The file of a slice, in a folder that is made where it is not there.
///
/// # Errors
/// Where the folder cannot be made.
pub fn file(folder: &Path, address: &Address, wanted: &Wanted) -> Result<PathBuf> {
    make(folder)?;
    let asked = serde_json::to_string(wanted).unwrap_or_default();
    let hash = hmac_sha256::Hash::hash(format!("{address}\n{asked}").as_bytes());
    let short = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    let database: String = address.database().chars().take(40).map(plain).collect();
    Ok(folder.join(format!("{database}-{short:016x}.{EXTENSION}")))
}

fn make(folder: &Path) -> Result<()> {
    let failed = |error: std::io::Error| Error::from(error).context(folder.display());
    let mut builder = fs::DirBuilder::new();
    private(builder.recursive(true)).create(folder).map_err(failed)
}

#[cfg(unix)]
fn private(builder: &mut fs::DirBuilder) -> &fs::DirBuilder {
    std::os::unix::fs::DirBuilderExt::mode(builder, 0o700)
}

#[cfg(not(unix))]
fn private(builder: &mut fs::DirBuilder) -> &fs::DirBuilder {
    builder
}

/// Deletes a slice, with what stands beside its file.
///
/// # Errors
/// Where it cannot be deleted; that it is not there is none.
pub fn forget(file: &Path) -> Result<()> {
    for name in std::iter::once(file.to_owned()).chain(["-wal", "-shm", ".lock"].map(|end| beside(file, end))) {
        match fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::from(error).context(name.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// For how many days slices are kept in a folder that nobody opened.
#[must_use]
pub fn kept_days(folder: &Path) -> u32 {
    let said = fs::read_to_string(folder.join(DAYS)).ok().and_then(|text| text.trim().parse().ok());
    said.unwrap_or(KEPT_DAYS)
}

/// Keeps slices for so many days from now on.
///
/// # Errors
/// Where that cannot be written down.
pub fn keep_for(folder: &Path, days: u32) -> Result<()> {
    make(folder)?;
    let file = folder.join(DAYS);
    fs::write(&file, days.to_string()).map_err(|error| Error::from(error).context(file.display()))
}

/// Deletes the slices that nobody has gathered or opened for as long as slices are kept there.
pub fn clean(folder: &Path) {
    clean_older(folder, Duration::from_hours(24 * u64::from(kept_days(folder))));
}

/// What cannot be looked at stays.
fn clean_older(folder: &Path, kept: Duration) {
    let now = SystemTime::now();
    for file in files(folder) {
        let used = fs::metadata(&file).and_then(|about| Ok(about.modified()?.max(about.accessed()?)));
        let is_old = used.is_ok_and(|used| now.duration_since(used).is_ok_and(|age| age > kept));
        if is_old && held(&file).is_ok() {
            // The next start tries it again.
            let _ = forget(&file);
        }
    }
}

/// A slice that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSlice {
    /// Its file.
    pub file: PathBuf,
    /// What it is a slice of.
    pub slice: Slice,
    /// Which events were asked for.
    pub wanted: Wanted,
    /// How many bytes it fills.
    pub bytes: u64,
}

/// The slices that are kept in a folder, those that were written to last first. What cannot be read is none.
#[must_use]
pub fn slices(folder: &Path) -> Vec<KeptSlice> {
    let mut found: Vec<(SystemTime, KeptSlice)> = files(folder).filter_map(|file| kept(&file)).collect();
    found.sort_by(|(a, _), (b, _)| b.cmp(a));
    found.into_iter().map(|(_, kept)| kept).collect()
}

fn kept(file: &Path) -> Option<(SystemTime, KeptSlice)> {
    let about = fs::metadata(file).ok()?;
    let (wanted, slice) = local::about(file).ok()??;
    Some((about.modified().ok()?, KeptSlice { file: file.to_owned(), slice, wanted, bytes: about.len() }))
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    files.filter(|file| file.to_string_lossy().ends_with(EXTENSION))
}

/// Copies a slice into a new file that is no slice any more: a database of its own, which may be written to.
///
/// # Errors
/// Where something is there already, or where reading or writing fails.
pub fn copy(file: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        return Err(Error::bad_input(format!("{} is there already", to.display())).with_hint("Name a new file."));
    }
    let copied = local::copy_without_slice(file, to).map_err(|error| error.context(to.display()));
    if copied.is_err() {
        // What was written until then is no database that anybody could use.
        let _ = fs::remove_file(to);
    }
    copied
}

/// A slice that nobody else gathers into, as long as this lives.
pub(super) struct Held {
    /// It is let go with this value.
    _lock: File,
    name: PathBuf,
}

/// Holds a slice.
pub(super) fn held(file: &Path) -> Result<Held> {
    let name = beside(file, ".lock");
    let failed = |error: std::io::Error| Error::from(error).context(name.display());
    let lock = File::options().create(true).truncate(false).write(true).open(&name).map_err(failed)?;
    let busy = || {
        Error::new(ErrorKind::Busy, format!("somebody else gathers into {} at this moment", file.display()))
            .with_hint("Wait until that is done, or gather into another file.")
    };
    lock.try_lock().map_err(|_| busy())?;
    // Whoever held it before took the file away: this may be one that is not there any more.
    if !is_there(&lock, &name) {
        return Err(busy());
    }
    Ok(Held { _lock: lock, name })
}

#[cfg(unix)]
fn is_there(lock: &File, name: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let held = lock.metadata().map(|about| about.ino());
    held.ok() == fs::metadata(name).map(|about| about.ino()).ok()
}

#[cfg(not(unix))]
fn is_there(_: &File, name: &Path) -> bool {
    name.is_file()
}

impl Drop for Held {
    fn drop(&mut self) {
        // One that stays is taken by the next.
        let _ = fs::remove_file(&self.name);
    }
}

/// Whether somebody gathers into a slice at this moment.
#[must_use]
pub fn is_held(file: &Path) -> bool {
    held(file).is_err()
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_has_a_file_of_its_own_and_goes_when_it_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::parse("postgres://me:secret@h/shop").unwrap();
        let all = Wanted::default();
        let some = Wanted { types: vec!["a".to_owned()], ..Wanted::default() };
        let (one, two) = (file(folder.path(), &address, &all).unwrap(), file(folder.path(), &address, &some).unwrap());
        assert_ne!(one, two);
        assert_eq!(one, file(folder.path(), &address.with_password("another"), &all).unwrap());
        fs::write(&one, "x").unwrap();
        clean(folder.path());
        assert!(one.exists());
        let lock = held(&one).unwrap();
        assert_eq!(*held(&one).err().unwrap().kind(), ErrorKind::Busy);
        clean_older(folder.path(), Duration::ZERO);
        assert!(one.exists());
        drop(lock);
        clean_older(folder.path(), Duration::ZERO);
        assert!(!one.exists() && fs::read_dir(folder.path()).unwrap().next().is_none());
    }

    #[test]
    fn for_how_long_is_said_once_for_every_program() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("gathered");
        assert_eq!(kept_days(&folder), KEPT_DAYS);
        keep_for(&folder, 7).unwrap();
        assert_eq!(kept_days(&folder), 7);
        fs::write(folder.join(DAYS), "soon").unwrap();
        assert_eq!(kept_days(&folder), KEPT_DAYS);
    }

    #[test]
    fn what_is_no_slice_is_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.gathered.db"), "x").unwrap();
        assert_eq!(slices(folder.path()), []);
        let taken = folder.path().join("taken.db");
        fs::write(&taken, "mine").unwrap();
        assert!(copy(&folder.path().join("x.gathered.db"), &taken).is_err());
        assert_eq!(fs::read_to_string(&taken).unwrap(), "mine");
        assert!(copy(&folder.path().join("x.gathered.db"), &folder.path().join("new.db")).is_err());
        assert!(!folder.path().join("new.db").exists());
    }
}
