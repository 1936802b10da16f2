//! Reads any database through a profile, without ever changing it; and appends to it, where that is asked for, through
//! a connection of its own.
//!
//! A [`Source`] is one read-only connection. It is `Send` but not `Sync`: each worker opens its own with
//! [`Source::reopen`], and they share what they learn, such as the index of keys. Every question is answered in short
//! transactions, so that an application that writes to the file is not held up; long ones can be stopped with an
//! [`Interrupt`] and hand out what they have as they go.
//!
//! Rows, positions, versions:
//! - *Rows* count the events from 0 in the store's order. [`RowIndex`] finds a row's key.
//! - *Positions* name events. They are the store's own where it has them, and then they are its order, too; otherwise
//!   they are the row plus 1.
//! - *Versions* are the store's own, or else count the events of a stream from 1 in the stream's order.

mod access;
mod advance;
pub mod append;
mod archives;
mod beside;
mod bound;
mod by_index;
mod census;
mod chunk;
mod columns;
mod commands;
mod connect;
mod copy;
mod ends;
mod explain;
mod extract;
mod folder;
mod follow;
mod full_path;
mod guard;
mod history;
mod identity;
mod indexes;
mod interrupt;
mod keys;
pub(crate) mod layout;
mod lines;
mod listed;
mod mapping_preview;
mod mode;
mod names;
mod open;
mod page;
mod query;
mod read;
mod read_models;
mod related;
mod scan;
mod slice;
mod sorted;
mod soundness;
mod stream_key;
mod streams;
mod tables;
mod tally;
mod temporary;
mod value;
mod versions;
mod wal;
mod walk;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};

use rusqlite::Connection;

use crate::error::{Error, ErrorKind, Result};
use crate::profile::schema::Table;
use crate::profile::{Detection, Mapping, StateSpec};

pub use beside::wait_until_closed;
pub use census::Census;
pub use columns::ColumnSample;
pub use commands::CommandRecord;
pub use connect::OnLock;
pub use copy::CopyProgress;
pub use extract::Replace;
pub use follow::{FileStatus, Followed, News};
pub use full_path::full_path;
pub use history::History;
pub use interrupt::Interrupt;
pub use keys::{KeyBatch, RowIndex, RowKey};
pub use lines::Lines;
pub use mapping_preview::{Fault, MappingPreview, NewestSnapshot, PreviewEvent, Severity, SnapshotPreview};
pub use mode::Mode;
pub use open::{Choice, OpenOptions, Opener};
pub use read::StreamReader;
pub use read_models::ModelRow;
pub use related::{EventRef, Related};
pub use scan::{ScanBatch, ScanRange};
pub use slice::{SLICE_TABLE, Slice};
pub use soundness::{BrokenReference, BrokenTexts, Guards, Protection, StreamRow, Uniqueness};
pub use streams::{Snapshot, StreamSummary};
pub use tables::{
    Checkpoint, Definition, GlancedRow, Glimpse, Link, LoadedValue, Mention, TableColumn, TableInfo, TableOrder,
    TableRow, TableStart, Target, ValuePlace,
};
pub use value::Stored;

use access::Access;
use layout::{Layout, Payloads};
use versions::Versions;

/// How many instructions of SQLite's machine run between two looks at the [`Interrupt`]: some tens of microseconds.
const INSTRUCTIONS: i32 = 2_000;

/// A database, opened read-only.
pub struct Source {
    conn: Connection,
    access: Arc<Access>,
    shared: Arc<Shared>,
    interrupt: RefCell<Interrupt>,
    /// The file's version when the shared versions were last known to be up to date.
    seen: Cell<Option<i64>>,
    /// The largest payload that pages read.
    most: Cell<Option<u64>>,
    payloads: Cell<Payloads>,
    /// What waits for the locks of others; without it they are waited for a moment.
    on_lock: Option<OnLock>,
}

/// Itself: for work that may be given a source or something that holds one.
impl AsRef<Self> for Source {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// What all readers of one file share.
struct Shared {
    tables: Vec<Table>,
    detection: Option<Detection>,
    others: Vec<Detection>,
    layout: Option<Layout>,
    rows: RwLock<RowIndex>,
    /// Held by whoever changes `rows`, from looking at what is there to adding to it.
    building: Mutex<()>,
    versions: Mutex<Versions>,
    /// How the rows of the tables that somebody looks at are numbered.
    table_rows: RwLock<HashMap<TableOrder, RowIndex>>,
}

impl Shared {
    fn new(tables: Vec<Table>, detection: Option<Detection>, others: Vec<Detection>) -> Self {
        let layout = detection.as_ref().map(|detection| Layout::new(&detection.profile.events, &tables));
        Self {
            tables,
            detection,
            others,
            layout,
            rows: RwLock::default(),
            building: Mutex::default(),
            versions: Mutex::default(),
            table_rows: RwLock::default(),
        }
    }
}

impl Source {
    fn assemble(conn: Connection, access: Arc<Access>, shared: Arc<Shared>) -> Self {
        Self {
            conn,
            access,
            shared,
            interrupt: RefCell::default(),
            seen: Cell::default(),
            most: Cell::default(),
            payloads: Cell::default(),
            on_lock: None,
        }
    }

    /// The file or folder, with its full path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.access.path
    }

    /// Whether it is a folder, whose files were gathered.
    #[must_use]
    pub fn is_gathered(&self) -> bool {
        self.access.gathered().is_some()
    }

    /// Whether an event has the same position whenever the database is opened. Without positions of the store's own, and
    /// in a folder, it has another one once events were added before it.
    #[must_use]
    pub fn keeps_positions(&self) -> bool {
        !self.is_gathered() && self.mapping().is_some_and(|mapping| mapping.position.is_some())
    }

    /// What the database was recognised as, and why; `None` where nothing fits.
    #[must_use]
    pub fn detection(&self) -> Option<&Detection> {
        self.shared.detection.as_ref()
    }

    /// What the library that wrote the events says that a stream's state is, as far as its profile knows.
    #[must_use]
    pub fn state_spec(&self) -> Option<&StateSpec> {
        self.detection()?.profile.state.as_ref()
    }

    /// What else would fit, best first.
    #[must_use]
    pub fn others(&self) -> &[Detection] {
        &self.shared.others
    }

    /// Where the events are; `None` for a database that is only known as its tables.
    #[must_use]
    pub fn mapping(&self) -> Option<&Mapping> {
        self.shared.layout.as_ref().map(|layout| &layout.mapping)
    }

    /// Work from now on is stopped, with an error of kind [`ErrorKind::Cancelled`], once `interrupt` is raised.
    pub fn set_interrupt(&self, interrupt: Interrupt) -> Result<()> {
        let watched = interrupt.clone();
        self.conn.progress_handler(INSTRUCTIONS, Some(move || watched.is_raised()))?;
        *self.interrupt.borrow_mut() = interrupt;
        Ok(())
    }

    /// What stops the work of this reader: for others that do a part of it.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.borrow().clone()
    }

    /// Pages, single events and streams from now on leave data and metadata of more than `most` bytes
    /// [unread](crate::event::Decoded::Unread). Scans read all: their answers would be wrong without.
    pub fn leave_unread(&self, most: Option<u64>) {
        self.most.set(most);
    }

    /// Pages and streams from now on have data and metadata that are decoded when somebody asks for them, or when they are
    /// read: for whoever holds many events, and looks at each of them once.
    pub(crate) fn decode_later(&self, later: bool) {
        self.payloads.set(if later { Payloads::Waiting } else { Payloads::Decoded });
    }

    /// A number that changes whenever another connection has written to the file. Only numbers of the same `Source`
    /// compare (<https://www.sqlite.org/pragma.html#pragma_data_version>).
    pub fn data_version(&self) -> Result<i64> {
        Ok(self.conn.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    /// Forgets what was learned about keys and versions, for a file that was changed other than by appending.
    pub fn forget(&self) {
        {
            let _alone = self.alone();
            self.replace_rows(RowIndex::default());
        }
        *self.versions() = Versions::default();
        self.seen.set(None);
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.interrupt.borrow().check()
    }

    fn layout(&self) -> Result<&Layout> {
        self.shared.layout.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, format!("nothing in {} is known as events", self.path().display()))
                .with_hint("Read its tables as they are, or choose a profile that says where the events are.")
        })
    }
}

#[cfg(test)]
mod tests;
