//! The user's own profiles: a folder of TOML files, read when a database opens and written by "Save as profile".

use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::Profile;
use crate::error::{Error, ErrorKind, Result};

/// The environment variable that names the folder, in place of the one in the user's configuration.
const FOLDER: &str = "EVENTSCOPE_PROFILES";
/// What the files end in.
const EXTENSION: &str = "toml";
/// The longest name of a profile: it is a file's name, too.
const LONGEST: usize = 64;

/// The user's own profiles, and what is wrong with those that could not be read.
#[derive(Clone, Debug, Default)]
pub struct Library {
    profiles: Vec<OwnProfile>,
    broken: Vec<Arc<Error>>,
}

/// A profile of the user's own.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnProfile {
    /// The profile.
    pub profile: Profile,
    /// The file that it was read from.
    pub path: PathBuf,
}

impl Library {
    /// Reads every profile of a folder, in the order of the files' names. A folder that is not there holds none; a file
    /// that cannot be read is told of in [`Library::broken`] and stops nothing.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let mut library = Self::default();
        match files(folder) {
            Ok(files) => files.into_iter().for_each(|path| library.take(path)),
            Err(error) if error.kind() == Io::NotFound => {}
            Err(error) => library.complain(Error::from(error).context(folder.display())),
        }
        library
    }

    fn take(&mut self, path: PathBuf) {
        match load(&path) {
            Ok(profile) => match self.named(&profile.name) {
                Some(other) => {
                    let message = format!("the profile {} is in {} already", profile.name, other.path.display());
                    let hint = "Give one of the two another name, or take one of the files away.";
                    self.complain(Error::bad_input(message).context(path.display()).with_hint(hint));
                }
                None => self.profiles.push(OwnProfile { profile, path }),
            },
            Err(error) => self.complain(error),
        }
    }

    fn complain(&mut self, error: Error) {
        self.broken.push(Arc::new(error));
    }

    /// The profiles, in the order of their files' names.
    #[must_use]
    pub fn profiles(&self) -> &[OwnProfile] {
        &self.profiles
    }

    /// The profile of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&OwnProfile> {
        self.profiles.iter().find(|own| own.profile.name == name)
    }

    /// What is wrong with the files that could not be read: which, where, what.
    #[must_use]
    pub fn broken(&self) -> &[Arc<Error>] {
        &self.broken
    }
}

/// The folder of the user's own profiles: what `EVENTSCOPE_PROFILES` names, else `profiles` in the user's configuration
/// folder. `None` where the system has no such folder.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    named.or_else(|| Some(directories::ProjectDirs::from("", "", "eventscope")?.config_dir().join("profiles")))
}

/// Where a profile of this name is kept.
#[must_use]
pub fn place(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.{EXTENSION}"))
}

/// Reads the profile in a file.
///
/// # Errors
/// Where the file cannot be read, or holds no profile: then with the line and what is wrong there.
pub fn load(path: &Path) -> Result<Profile> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::from(error).context(format_args!("reading the profile {}", path.display())))?;
    Profile::parse(&text).map_err(|error| error.context(path.display()))
}

/// What became of saving a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is in this file.
    Written(PathBuf),
    /// There is a profile of this name, in this file, and it was not to be replaced.
    Exists(PathBuf),
}

/// Saves a profile under its own name in a folder, which is made where it is missing.
///
/// # Errors
/// Bad input for a name that cannot be a file's; those of the system.
pub fn save(folder: &Path, profile: &Profile, replace: bool) -> Result<Saved> {
    check_name(&profile.name)?;
    // A profile of this name may be in a file of another name.
    let place =
        Library::read(folder).named(&profile.name).map_or_else(|| place(folder, &profile.name), |own| own.path.clone());
    if !replace && place.exists() {
        return Ok(Saved::Exists(place));
    }
    let make = |error| Error::from(error).context(format_args!("making the folder {}", folder.display()));
    std::fs::create_dir_all(folder).map_err(make)?;
    write(&place, profile)?;
    Ok(Saved::Written(place))
}

/// Writes a profile to a file, all of it or nothing: it is written beside the file and then put in its place.
///
/// # Errors
/// Those of the system.
pub fn write(path: &Path, profile: &Profile) -> Result<()> {
    let toml = profile.to_toml()?;
    let name = path.file_name().ok_or_else(|| Error::bad_input(format!("{} names no file", path.display())))?;
    let unfinished = path.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let written = std::fs::write(&unfinished, toml).and_then(|()| std::fs::rename(&unfinished, path));
    written.map_err(|error| {
        // What is left of it is of no use; that it cannot be taken away changes nothing about the failure.
        let _ = std::fs::remove_file(&unfinished);
        Error::from(error).context(format_args!("writing the profile {}", path.display()))
    })
}

/// Whether a name can be a profile's: it is typed on the command line, and it is a file's name.
///
/// # Errors
/// Bad input that says what a name may hold.
pub fn check_name(name: &str) -> Result<()> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let message = if name.is_empty() {
        "a profile needs a name".to_owned()
    } else if name.len() > LONGEST {
        format!("the name is longer than {LONGEST} letters")
    } else if !name.chars().all(plain) || name.starts_with('-') {
        format!("`{name}` cannot be the name of a profile")
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::BadInput, message).with_hint("Use lowercase letters, digits and dashes."))
}

/// The files of a folder that end as profiles do. Hidden ones are unfinished, or somebody else's.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSION)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str) -> Profile {
        Profile::parse(&format!("name = '{name}'\ntitle = 'X'\n[events]\nfrom = 'log'\ndata = 'body'\n")).unwrap()
    }

    #[test]
    fn what_is_saved_is_read_again_and_not_replaced_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let profiles = folder.path().join("a/profiles");
        assert!(Library::read(&profiles).profiles().is_empty() && Library::read(&profiles).broken().is_empty());
        let first = profile("shop-log");
        let place = place(&profiles, "shop-log");
        assert_eq!(save(&profiles, &first, false).unwrap(), Saved::Written(place.clone()));
        let second = Profile { title: "Y".into(), ..first.clone() };
        assert_eq!(save(&profiles, &second, false).unwrap(), Saved::Exists(place.clone()));
        let library = Library::read(&profiles);
        assert_eq!(library.profiles(), [OwnProfile { profile: first, path: place.clone() }]);
        assert_eq!(save(&profiles, &second, true).unwrap(), Saved::Written(place));
        assert_eq!(Library::read(&profiles).named("shop-log").unwrap().profile, second);
        assert_eq!(std::fs::read_dir(&profiles).unwrap().count(), 1, "nothing unfinished is left");
    }

    #[test]
    fn a_broken_file_is_told_of_and_the_others_are_read() {
        let folder = tempfile::tempdir().unwrap();
        save(folder.path(), &profile("fine"), false).unwrap();
        std::fs::write(folder.path().join("broken.toml"), "name = 'x'\ntitel = 'X'\n").unwrap();
        std::fs::write(folder.path().join("twice.toml"), profile("fine").to_toml().unwrap()).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "none of ours").unwrap();
        let library = Library::read(folder.path());
        assert_eq!(library.profiles().len(), 1);
        let said: Vec<String> = library.broken().iter().map(ToString::to_string).collect();
        assert!(
            said[0].contains("broken.toml") && said[0].contains("line 2") && said[0].contains("`titel`"),
            "{said:?}"
        );
        assert!(said[1].contains("twice.toml") && said[1].contains("fine.toml"), "{said:?}");
    }

    #[test]
    fn a_name_is_one_that_a_file_can_have() {
        assert!(check_name("our-shop-2").is_ok());
        for name in ["", "Our", "a b", "../x", "-x", "a.b", &"x".repeat(65)] {
            let error = check_name(name).unwrap_err();
            assert!(error.hint().is_some_and(|hint| hint.contains("lowercase")), "{name}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(save(folder.path(), &profile("../x"), true).is_err());
    }
}
