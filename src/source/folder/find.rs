//! Finds out which files of a folder are one data set, and through which profile they are read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::profile::schema::Table;
use crate::profile::{self, FolderSpec, Profile};

use super::super::full_path::full_path;
use super::super::mode::Mode;
use super::super::open::OpenOptions;
use super::shard::Shard;

/// So many files are looked into to find out whether a profile fits. An application begins each of them in the same way.
const TRIED: usize = 20;
/// So many files are named in an error.
const NAMED: usize = 3;
/// How the files of databases end, for telling a person what else is there.
const ENDINGS: [&str; 4] = ["db", "sqlite", "sqlite3", "db3"];

/// Which files are one data set.
#[derive(Debug)]
pub(in crate::source) struct DataSet {
    /// What each of the files means, with the names that its patterns stand for.
    pub(super) profile: Arc<Profile>,
    pub(super) spec: FolderSpec,
    /// The table of one of the files that its events are in.
    pub(super) table: Table,
    /// The folder that the files are in.
    pub(super) folder: PathBuf,
}

/// Finds the data set in a folder.
///
/// # Errors
/// `BadInput` where no profile knows its files as one data set; `Unsupported` where a chosen profile knows no folders.
pub(in crate::source) fn find(path: &Path, options: &OpenOptions) -> Result<DataSet> {
    if let Some(choice) = &options.profile {
        let profile = choice.load(&options.library)?;
        let Some(spec) = profile.folder.clone() else {
            let message =
                format!("{} is a folder, and the profile {} reads single files", path.display(), profile.name);
            return Err(Error::new(ErrorKind::Unsupported, message)
                .with_hint("Open one of its files, or add a [folder] section to the profile."));
        };
        return data_set(path, &profile, &spec, options.mode)?.ok_or_else(|| no_files(path, &profile, &spec));
    }
    let own = options.library.profiles().iter().map(|own| &own.profile);
    for profile in own.chain(profile::built_in()).filter(|_| !options.infer) {
        let Some(spec) = &profile.folder else { continue };
        if let Some(found) = data_set(path, profile, spec, options.mode)? {
            return Ok(found);
        }
    }
    Err(no_data_set(path))
}

/// The files' names, in their order.
pub(super) fn names(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        // A name that is no text cannot be written in a profile either.
        let Ok(name) = entry?.file_name().into_string() else { continue };
        if is_wanted(&name) && folder.join(&name).metadata().is_ok_and(|file| file.is_file()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn data_set(path: &Path, profile: &Profile, spec: &FolderSpec, mode: Mode) -> Result<Option<DataSet>> {
    for within in &spec.within {
        let folder = path.join(within);
        let names = match names(&folder, |name| spec.holds_events(name)) {
            Ok(names) => names,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::from(error).context(folder.display())),
        };
        let mut shards = names.iter().take(TRIED).filter_map(|name| Shard::open(&folder.join(name), mode).ok());
        if let Some((instance, table)) = shards.find_map(|shard| shard.fit(profile).ok().flatten()) {
            let folder = full_path(&folder).map_err(|error| Error::from(error).context(folder.display()))?;
            return Ok(Some(DataSet { profile: Arc::new(instance), spec: spec.clone(), folder, table }));
        }
    }
    Ok(None)
}

fn no_files(path: &Path, profile: &Profile, spec: &FolderSpec) -> Error {
    let message = format!("{} has no files {} that the profile {} fits", path.display(), spec.files, profile.name);
    Error::bad_input(message).with_hint(databases_in(path))
}

fn no_data_set(path: &Path) -> Error {
    Error::bad_input(format!("{} is a folder, and no profile knows its files as one data set", path.display()))
        .with_hint(databases_in(path))
}

/// What a person can open instead.
fn databases_in(path: &Path) -> String {
    let is_database = |name: &str| {
        let ending = Path::new(name).extension();
        ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
    };
    let names = names(path, is_database).unwrap_or_default();
    match names.as_slice() {
        [] => "There is no database in it: choose another folder, or a file.".to_owned(),
        [only] => format!("Open the database in it: {only}."),
        several => format!("Open one of its databases: {}.", listed(several)),
    }
}

/// Some names, and how many more there are.
pub(super) fn listed(names: &[String]) -> String {
    match names.split_at_checked(NAMED) {
        Some((first, rest)) if !rest.is_empty() => format!("{} and {} more", first.join(", "), rest.len()),
        _ => names.join(", "),
    }
}
