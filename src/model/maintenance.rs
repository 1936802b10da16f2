//! What a person wants done with a whole store: made, copied, filled, archived.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

/// A path that a window over the panels asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Where a new store goes.
    NewStore,
    /// Where a copy of the store goes.
    BackUp,
    /// What is to be imported.
    Import,
    /// Where exported events go.
    Export,
    /// Where something else goes that is written to a new file.
    NewFile,
    /// Where a copy of a server's slice goes.
    #[cfg(feature = "postgres")]
    SliceCopy,
}

/// A store to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewStore {
    /// Where; nothing may be there yet.
    pub path: PathBuf,
    /// Whether it keeps a hash chain.
    pub chained: bool,
}

/// What is to be imported, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Importing {
    /// A database, or a file of lines of JSON.
    pub path: PathBuf,
    /// Of a database: how it is read, by name; as it is recognised where none is given.
    pub read_as: Option<String>,
    /// Of a database: which events, in the language of the filter; all where it is empty.
    pub filter: String,
    /// Of lines: keep positions, versions and moments.
    pub keep_places: bool,
    /// Of a database: the aggregate type of events that have none.
    pub aggregate_type: Option<String>,
    /// Of a database: carry payloads along that nothing can read.
    pub carry_opaque: bool,
}

/// Where the events go that the filter lets through, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exporting {
    /// The file; nothing may be there yet.
    pub path: PathBuf,
    /// Which events, in the language of the filter; those that the window's filter lets through where none is given.
    pub only: Option<String>,
    /// The form, by its name.
    pub format: String,
    /// What is replaced by pseudonyms: rules with spaces between them.
    pub redact: String,
    /// What pseudonyms are made with; by chance where it is empty.
    pub key: String,
    /// Whether what is noted on bookmarks is written beside their events, in a form that has room for it.
    pub notes: bool,
}

/// Which events are to be archived. Each condition that is set narrows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archiving {
    /// Only of streams whose last event is of a type like this.
    pub closed: Option<String>,
    /// Only of streams of this aggregate type.
    pub aggregate_type: Option<String>,
    /// Only what was recorded before this moment.
    pub before: Option<DateTime<Utc>>,
}
