//! Takes the events of any database that a profile describes over into an event store of the native format.
//!
//! [`import`] reads a [`Source`] in the order in which its events happened and appends them to an [`EventStore`], a
//! batch a transaction. How far it has come is a checkpoint in the same transaction, so that an import that was stopped
//! or killed goes on behind its last batch, and one that is done again appends only what is new. At the end everything
//! that was taken over is read again on both sides and compared, event by event.
//!
//! What the native format says otherwise than the source is decided in one place (`translate`), and what the source said
//! is kept in the event's metadata, under [`IMPORTED`]:
//!
//! | the source | the store |
//! | --- | --- |
//! | data that is JSON | the same text, byte for byte |
//! | data in another encoding | the document that it decodes to; numbers keep their digits |
//! | data that is text, or nothing | a string of JSON, or `null` |
//! | data that nothing can read | an error that names the position, or, with [`Options::opaque`], `{"base64": "…"}` |
//! | positions | new ones behind the last; the source's in `imported.position` |
//! | versions, from 0 or 1 | from 1 without gaps, in the same order; the source's in `imported.version` |
//! | moments | the same, but never going back; the source's in `imported.timestamp` |
//! | a stream whose own order is not that of the positions | the stream's own order, in the places that it has |
//! | no positions, but moments | in the order of the moments, each stream in its own order |
//! | no aggregate type | [`Options::aggregate_type`], or the name of the profile |
//! | no stream, no event type | the name of the table |
//! | no event id, or one that is taken | one derived from the source, always the same; `imported.event_id` |
//! | a schema version such as `v2` or `1.0` | the whole number; what is none becomes 1; `imported.schema_version` |
//! | an unknown actor type or way in | none, and `import`; `imported.actor_type`, `imported.source` |
//! | metadata that is no object | in `imported.metadata` |
//! | snapshots, and rows that the profile leaves out, such as archived ones | are not taken over |

mod export;
mod lines;
mod order;
mod origin;
mod translate;
mod verify;

use std::collections::HashSet;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, Position};
use crate::filter::{Filter, compile};
use crate::source::Source;
use crate::store::{EventStore, Places};

pub use export::{ExportOptions, Format, Notes, Redaction, export, export_text};
pub use lines::{import_lines, is_database};

use order::Order;
use origin::Origin;
use translate::{Translated, Translation};

/// The member of an event's metadata that says what the source said of it.
pub const IMPORTED: &str = "imported";

/// How many events are appended in one transaction: other writers wait for as long.
const BATCH: usize = 1_000;

/// What an import is to do.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which of the source's events; all where it is empty.
    pub filter: Filter,
    /// The aggregate type of events that have none; the profile's name where none is given.
    pub aggregate_type: Option<String>,
    /// What becomes of payloads that nothing can read.
    pub opaque: Opaque,
}

/// What becomes of payloads that nothing here can read, such as encrypted ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opaque {
    /// The import ends before the batch of the first such event, and says where it is.
    #[default]
    Refused,
    /// Their bytes are carried along in Base64, in a document that says so.
    Base64,
}

/// What an import is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It finds the order of the events.
    Ordering,
    /// It appends.
    Importing,
    /// It compares both sides.
    Verifying,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is at.
    pub phase: Phase,
    /// How many events of the source it has looked at in this phase.
    pub looked_at: u64,
    /// How many there are to look at.
    pub total: u64,
    /// How many it has appended.
    pub imported: u64,
}

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many events it appended.
    pub imported: u64,
    /// How many of the source's events were in the store already, from an earlier import.
    pub before: u64,
    /// How many events were compared at the end: all that were taken over from this source, now and earlier.
    pub compared: u64,
    /// Of how many streams.
    pub streams: u64,
    /// SHA-256 over stream, version, type and data of all of them, in hexadecimal digits; the same on both sides.
    pub hash: String,
    /// The last position of the store.
    pub last_position: Option<Position>,
}

/// Takes a database's events over into a store, and compares both at the end. `progress` is told after every batch.
///
/// Each batch is one transaction with its checkpoint. Raise the source's [`Interrupt`](crate::source::Interrupt) to
/// stop it; what was appended stays, and the next import goes on from there.
///
/// # Errors
/// [`ErrorKind::BadInput`] for an event that the store cannot hold, by its position in the source;
/// [`ErrorKind::Unsupported`] where nothing is known as events, or the source is the store itself;
/// [`ErrorKind::Cancelled`] where it was stopped; [`ErrorKind::Database`] where both sides differ at the end.
pub fn import(
    source: &Source,
    store: &mut EventStore,
    store_path: &Path,
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> Result<Imported> {
    refuse_itself(source, store_path)?;
    source.require_whole()?;
    let Some(origin) = Origin::of(source, options)? else { return Ok(Imported::default()) };
    let compiled = source.mapping().map(|mapping| compile(&options.filter, mapping)).unwrap_or_default();
    let translation = Translation::new(source, &origin, options);
    let count = source.count()?;
    let order = Order::of(source, &compiled, &mut |looked_at| {
        progress(Progress { phase: Phase::Ordering, looked_at, total: count, imported: 0 });
    })?;
    let as_it_is = Redaction::default();
    let mut importing = Importing { store, origin: &origin, redaction: &as_it_is, imported: 0, before: 0 };
    importing.run(source, &order, &translation, &mut progress)?;
    let (imported, before) = (importing.imported, importing.before);
    let total = order.total();
    let compared = verify::compare(source, store, &order, &translation, &mut |looked_at| {
        progress(Progress { phase: Phase::Verifying, looked_at, total, imported });
    })?;
    Ok(Imported {
        imported,
        before,
        compared: compared.events,
        streams: compared.streams,
        hash: compared.hash,
        last_position: store.last_position()?,
    })
}

/// Importing a store into itself would never end.
fn refuse_itself(source: &Source, store_path: &Path) -> Result<()> {
    if store_path.canonicalize().is_ok_and(|path| path == source.path()) {
        return Err(Error::new(ErrorKind::Unsupported, "a store cannot be imported into itself")
            .with_hint("Nothing was imported. Use `eventscope backup` for a copy."));
    }
    Ok(())
}

/// An import under way.
struct Importing<'a> {
    store: &'a mut EventStore,
    origin: &'a Origin,
    redaction: &'a Redaction,
    imported: u64,
    before: u64,
}

impl Importing<'_> {
    fn run(
        &mut self,
        source: &Source,
        order: &Order,
        translation: &Translation<'_>,
        progress: &mut impl FnMut(Progress),
    ) -> Result<()> {
        let reached = self.store.checkpoint(&self.origin.checkpoint)?;
        // In any other order what is new may lie anywhere: then each event is looked for by its id.
        let after = reached.filter(|_| order.is_by_position);
        let mut expected = reached;
        let mut moments = translate::Moments::default();
        let total = order.total();
        order.each_batch(source, after, BATCH, &mut |events, looked_at| {
            if self.redaction.is_empty() {
                self.batch(events, translation, &mut moments, &mut expected)?;
            } else {
                let events: Vec<Event> = events.iter().map(|event| self.redaction.of(event).into_owned()).collect();
                self.batch(&events, translation, &mut moments, &mut expected)?;
            }
            progress(Progress { phase: Phase::Importing, looked_at, total, imported: self.imported });
            Ok(())
        })
    }

    /// Appends those of a batch that are not there yet, together with the checkpoint behind them.
    fn batch(
        &mut self,
        events: &[Event],
        translation: &Translation<'_>,
        moments: &mut translate::Moments,
        expected: &mut Option<Position>,
    ) -> Result<()> {
        let Some(last) = events.last() else { return Ok(()) };
        moments.look_ahead(events);
        let (mut lines, mut given) = (Vec::new(), HashSet::new());
        for event in events {
            let mut translated = translation.of(event)?;
            if self.is_there(&mut translated, event, &mut given)? {
                self.before += 1;
            } else {
                lines.push(translated.line(moments.of(event))?);
            }
        }
        let (before, reached) = (*expected, last.position);
        let imported = self.store.transaction(|transaction| {
            if transaction.checkpoint(&self.origin.checkpoint)? != before {
                return Err(Error::new(ErrorKind::Busy, "another import from this database is under way")
                    .with_hint("Let it come to its end, then import again."));
            }
            transaction.set_checkpoint(&self.origin.checkpoint, reached)?;
            transaction.import(lines.iter().map(String::as_bytes), Places::Moments)
        })?;
        *expected = Some(reached);
        self.imported += imported;
        Ok(())
    }

    /// Whether an event was taken over before. One that is new but has an id that is taken gets one of its own.
    fn is_there(&self, translated: &mut Translated, event: &Event, given: &mut HashSet<String>) -> Result<bool> {
        if let Some(there) = translated.find(self.store)? {
            if (&there.stream, &there.event_type) != (&translated.stream, &translated.event_type) {
                return Err(Error::bad_input(format!(
                    "the event at position {} was imported before, as {} of {}",
                    event.position, there.event_type, there.stream
                ))
                .with_hint("Import with the settings of the first time, or into another store."));
            }
            return Ok(true);
        }
        let taken = given.contains(translated.id()) || self.store.event(translated.id())?.is_some();
        if taken {
            translated.rename();
        }
        given.insert(translated.id().to_owned());
        Ok(false)
    }
}
