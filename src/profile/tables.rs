//! What the tables beside the events are for: projections, checkpoints, streams, commands.

use std::fmt;

use globset::GlobBuilder;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The events themselves.
    Events,
    /// States that the application stored.
    Snapshots,
    /// One row per stream.
    Streams,
    /// What was asked of the application.
    Commands,
    /// What was made of the events for reading.
    Projections,
    /// How far a reader of the events has come.
    Checkpoints,
    /// Which events were moved out of the file, and where to.
    Archives,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Events => "events",
            Self::Snapshots => "snapshots",
            Self::Streams => "streams",
            Self::Commands => "commands",
            Self::Projections => "projection",
            Self::Checkpoints => "checkpoints",
            Self::Archives => "archives",
        })
    }
}

/// The tables beside the events, by name or by a pattern with `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedTables {
    /// One row per stream.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<String>,
    /// What was asked of the application.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// States that the application stored and that `[snapshots]` does not read, or reads through a join.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<String>,
    /// What was made of the events for reading.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projections: Vec<String>,
    /// How far the readers of the events have come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkpoints: Vec<Checkpoints>,
    /// Which events were moved out of the file, and where to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archives: Vec<String>,
}

impl NamedTables {
    /// What a table is for, where the profile says it. Names are compared as SQLite does: without regard to case.
    #[must_use]
    pub fn role(&self, table: &str) -> Option<Role> {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, table));
        if any(&self.streams) {
            Some(Role::Streams)
        } else if any(&self.commands) {
            Some(Role::Commands)
        } else if any(&self.snapshots) {
            Some(Role::Snapshots)
        } else if self.checkpoints.iter().any(|checkpoints| matches(&checkpoints.table, table)) {
            Some(Role::Checkpoints)
        } else if any(&self.projections) {
            Some(Role::Projections)
        } else if any(&self.archives) {
            Some(Role::Archives)
        } else {
            None
        }
    }

    /// What is known of a table of checkpoints.
    #[must_use]
    pub fn checkpoints_of(&self, table: &str) -> Option<&Checkpoints> {
        self.checkpoints.iter().find(|checkpoints| matches(&checkpoints.table, table))
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether a table's name fits a pattern. A pattern that is no valid glob is a plain name.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    pattern.eq_ignore_ascii_case(name)
        || pattern.contains('*')
            && GlobBuilder::new(pattern)
                .case_insensitive(true)
                .build()
                .is_ok_and(|glob| glob.compile_matcher().is_match(name))
}

/// A table of checkpoints. In TOML its name alone, or `{ table, name, position }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoints {
    /// The table's name, or a pattern with `*`.
    pub table: String,
    /// The expression for the reader's name.
    pub name: Option<String>,
    /// The expression for the position up to which it has read, an integer.
    pub position: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointsTable {
    table: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position: Option<String>,
}

impl Serialize for Checkpoints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.name.is_none() && self.position.is_none() {
            return serializer.serialize_str(&self.table);
        }
        let Self { table, name, position } = self.clone();
        CheckpointsTable { table, name, position }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Checkpoints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CheckpointsVisitor;

        impl<'de> Visitor<'de> for CheckpointsVisitor {
            type Value = Checkpoints;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a table, or { table, name, position }")
            }

            fn visit_str<E: serde::de::Error>(self, table: &str) -> Result<Checkpoints, E> {
                Ok(Checkpoints { table: table.to_owned(), ..Checkpoints::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Checkpoints, A::Error> {
                let CheckpointsTable { table, name, position } =
                    CheckpointsTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Checkpoints { table, name, position })
            }
        }

        deserializer.deserialize_any(CheckpointsVisitor)
    }
}
