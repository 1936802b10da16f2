//! Filters that a person keeps for a kind of database: some by name, and the last ones that were used.

use serde::{Deserialize, Serialize};

/// How many filters are kept by name, and how many that were used last.
const SAVED: usize = 100;
const RECENT: usize = 8;

/// A filter with the name that a person gave it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilter {
    /// What it is called.
    pub name: String,
    /// The filter as its language writes it.
    pub filter: String,
}

/// The filters of one kind of database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// By name, in the order of the names.
    saved: Vec<SavedFilter>,
    /// The last ones first.
    recent: Vec<String>,
}

/// The filters that are kept, by the name of the profile that says what kind a database is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptFilters {
    kinds: Vec<(String, Kept)>,
}

impl KeptFilters {
    /// The filters that were saved for a kind of database, in the order of their names.
    #[must_use]
    pub fn saved(&self, kind: &str) -> &[SavedFilter] {
        self.of(kind).map_or(&[], |kept| &kept.saved)
    }

    /// The filters that were used last in a kind of database, the latest first.
    #[must_use]
    pub fn recent(&self, kind: &str) -> &[String] {
        self.of(kind).map_or(&[], |kept| &kept.recent)
    }

    /// Keeps a filter by its name, in place of another one of that name.
    pub fn save(&mut self, kind: &str, filter: SavedFilter) {
        let saved = &mut self.of_mut(kind).saved;
        saved.retain(|other| other.name != filter.name);
        let place = saved.partition_point(|other| other.name.to_lowercase() < filter.name.to_lowercase());
        saved.insert(place, filter);
        saved.truncate(SAVED);
    }

    /// Forgets the filter of this name.
    pub fn forget(&mut self, kind: &str, name: &str) {
        self.of_mut(kind).saved.retain(|saved| saved.name != name);
    }

    /// Remembers that a filter is used in place of another one. While one is built up condition by condition only the
    /// latest is remembered.
    pub fn used(&mut self, kind: &str, before: &str, filter: &str) {
        if filter.is_empty() {
            return;
        }
        let recent = &mut self.of_mut(kind).recent;
        let grown = filter.strip_prefix(before).is_some_and(|more| more.starts_with(' '));
        recent.retain(|other| other != filter && !(grown && other == before));
        recent.insert(0, filter.to_owned());
        recent.truncate(RECENT);
    }

    fn of(&self, kind: &str) -> Option<&Kept> {
        self.kinds.iter().find(|(name, _)| name == kind).map(|(_, kept)| kept)
    }

    fn of_mut(&mut self, kind: &str) -> &mut Kept {
        let at = self.kinds.iter().position(|(name, _)| name == kind).unwrap_or_else(|| {
            self.kinds.push((kind.to_owned(), Kept::default()));
            self.kinds.len() - 1
        });
        &mut self.kinds[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(name: &str, filter: &str) -> SavedFilter {
        SavedFilter { name: name.to_owned(), filter: filter.to_owned() }
    }

    #[test]
    fn filters_are_kept_by_name_for_their_kind_of_database_alone() {
        let mut kept = KeptFilters::default();
        kept.save("emmett", saved("Late", "type:late"));
        kept.save("emmett", saved("big", "data.total>100"));
        kept.save("emmett", saved("Late", "type:late.*"));
        let json = serde_json::to_string(&kept).unwrap();
        let mut read: KeptFilters = serde_json::from_str(&json).unwrap();
        assert_eq!(read.saved("emmett"), [saved("big", "data.total>100"), saved("Late", "type:late.*")]);
        assert_eq!(read.saved("axon"), []);
        read.forget("emmett", "big");
        assert_eq!(read.saved("emmett").len(), 1);
    }

    #[test]
    fn the_last_ones_are_remembered_once_and_without_their_beginnings() {
        let mut kept = KeptFilters::default();
        kept.used("axon", "", "type:a");
        kept.used("axon", "type:a", "type:a version>3");
        kept.used("axon", "type:a version>3", "");
        kept.used("axon", "", "type:b");
        kept.used("axon", "type:b", "type:a version>3");
        assert_eq!(kept.recent("axon"), ["type:a version>3", "type:b"]);
        for number in 0..20 {
            kept.used("axon", "", &format!("version:{number}"));
        }
        assert_eq!(kept.recent("axon").len(), RECENT);
    }
}
