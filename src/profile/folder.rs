//! Where a library spreads its events over the files of a folder: which files, and how their events follow each other.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

use super::tables::matches;

/// How the files of a folder are read as one data set. Each of them is a database that the profile describes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderSpec {
    /// Where the files are, seen from the folder that is opened: `.` for that folder itself. The first one in which there
    /// are any counts.
    #[serde(rename = "in", default = "here")]
    pub within: Vec<String>,
    /// The names of the files: a pattern with `*`.
    pub files: String,
    /// Files whose events only repeat those of the others, so that they are not read twice. Their other tables stand
    /// beside the events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
    /// The order of the events of all files, as an SQL expression; those of one file stay in their order where it is the
    /// same. None: file after file, in the order of the names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
}

fn here() -> Vec<String> {
    vec![".".to_owned()]
}

impl FolderSpec {
    /// Whether a file of this name holds events of the data set.
    #[must_use]
    pub fn holds_events(&self, name: &str) -> bool {
        matches(&self.files, name) && !self.is_beside(name)
    }

    /// Whether a file of this name only has tables beside the events.
    #[must_use]
    pub fn is_beside(&self, name: &str) -> bool {
        self.beside.iter().any(|pattern| matches(pattern, name))
    }

    /// A profile must not lead out of the folder that a person chose.
    pub(super) fn check(&self) -> Result<()> {
        let is_inside = |path: &str| {
            let mut components = Path::new(path).components();
            !path.is_empty() && components.all(|part| matches!(part, Component::CurDir | Component::Normal(_)))
        };
        if let Some(outside) = self.within.iter().find(|path| !is_inside(path)) {
            return Err(Error::bad_input(format!(
                "folder.in names `{outside}`, which is not inside the opened folder"
            ))
            .with_hint("Name folders as they are seen from the opened one, such as \"history/runs\"."));
        }
        let mut names = self.beside.iter().chain([&self.files]);
        match names.find(|name| name.is_empty() || name.contains(['/', '\\'])) {
            Some(name) => Err(Error::bad_input(format!("the name `{name}` in [folder] is no file's name"))
                .with_hint("Name files without their folder, such as \"*.db\"; `in` names the folders.")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Profile;

    fn parsed(folder: &str) -> crate::Result<Profile> {
        let events = "name = 'x'\ntitle = 'X'\n[events]\nfrom = 'log'\ndata = 'body'\n";
        Profile::parse(&format!("{events}[folder]\n{folder}\n"))
    }

    #[test]
    fn a_folder_is_described_by_the_names_in_it() {
        let profile = parsed("files = '*.db'\nbeside = ['index.db']\norder = 'at'").unwrap();
        let folder = profile.folder.as_ref().unwrap();
        assert_eq!(folder.within, ["."]);
        assert!(folder.holds_events("1.db") && folder.is_beside("INDEX.db"));
        assert!(!folder.holds_events("index.db") && !folder.holds_events("1.db-wal"));
        assert_eq!(Profile::parse(&profile.to_toml().unwrap()).unwrap(), profile);
    }

    #[test]
    fn a_profile_does_not_lead_out_of_the_folder() {
        for outside in ["../x", "/etc", "a/../../b", ""] {
            let error = parsed(&format!("files = '*.db'\nin = ['{outside}']")).unwrap_err();
            assert!(error.to_string().contains("folder.in"), "{outside}: {error}");
        }
        for name in ["a/*.db", "", "..\\\\x.db"] {
            assert!(parsed(&format!("files = \"{name}\"")).is_err(), "{name}");
        }
    }

    #[test]
    fn the_events_of_such_files_are_rows_of_one_table() {
        let toml = "name = 'x'\ntitle = 'X'\n[events]\nfrom = 'a JOIN b'\ntable = 'a'\ndata = 'body'\n\
                    [folder]\nfiles = '*.db'\n";
        let error = Profile::parse(toml).unwrap_err();
        assert!(error.to_string().contains("[folder]"), "{error}");
    }
}
