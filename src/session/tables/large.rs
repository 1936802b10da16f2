//! Large values: left unread until a person asks, then read by a worker that says how far it is and can be stopped.
//!
//! A document of more than 8 MiB is not turned into a value of this program, which would take many times its size: it is
//! outlined, and shown from its own bytes.

use std::sync::Arc;

use crate::codec::{self, Outline};
use crate::error::{Error, Result};
use crate::event::{Decoded, Payload, StorageClass};
use crate::source::{LoadedValue, ValuePlace};

use super::TablesAnswer;
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{JobContext, Worker};

/// What the reading of a large value is called among the jobs.
pub const LOADING: &str = "Loading a value";

/// The largest document that becomes a value of this program.
const DOCUMENT: usize = 8 << 20;

/// A large value, as far as it was asked for.
#[derive(Clone, Debug, Default)]
pub enum Large {
    /// Nobody asked for it.
    #[default]
    Unread,
    /// A worker reads it.
    Loading {
        /// How many bytes are read.
        read: u64,
        /// How many it has; 0 until that is known.
        of: u64,
    },
    /// It is read.
    Ready(Arc<LargeValue>),
    /// It could not be read.
    Failed(Arc<Error>),
}

/// A large value that was read.
#[derive(Debug)]
pub struct LargeValue {
    /// Its bytes as stored, and what they mean where that is small enough; else it stays [`Decoded::Unread`].
    pub payload: Payload,
    /// What the bytes mean where they are a large document.
    pub document: Option<LargeDocument>,
}

/// A document that is read from its own bytes.
#[derive(Debug)]
pub struct LargeDocument {
    /// Where its values are.
    pub outline: Arc<Outline>,
    /// The layers that were taken off, outermost first.
    pub encodings: Vec<&'static str>,
}

/// Starts the worker that reads large values.
pub(super) fn start(origin: &Origin, outbox: &Outbox<TablesAnswer>, jobs: &Jobs) -> Result<Worker<ValuePlace>> {
    let mut reader = Reader::new(origin);
    let (sent, told, jobs) = (outbox.clone(), outbox.clone(), jobs.clone());
    Worker::start(
        "large values",
        1,
        move |place, context| {
            let loaded = load(&mut reader, &place, context, &sent, &jobs).map(Arc::new);
            sent.send(TablesAnswer::Loaded(place, loaded));
        },
        move |place, _, error| told.send(TablesAnswer::Loaded(place, Err(error))),
    )
}

fn load(
    reader: &mut Reader,
    place: &ValuePlace,
    context: &JobContext<'_>,
    outbox: &Outbox<TablesAnswer>,
    jobs: &Jobs,
) -> Result<LargeValue> {
    let source = reader.source(&context.token)?;
    let running = jobs.begin(Subject::Large, LOADING, Some(100), &context.token);
    let mut told = 0;
    let loaded = source.load_value(place, &mut |read, of| {
        let share = read * 100 / of.max(1);
        if share > told {
            told = share;
            running.done(share);
            outbox.send(TablesAnswer::Progress(place.clone(), read, of));
        }
    })?;
    let value = understood(loaded);
    context.token.interrupt().check()?;
    Ok(value)
}

/// What a value means: a value of this program where it is small enough, else an outline of it.
fn understood(loaded: LoadedValue) -> LargeValue {
    let LoadedValue { storage, raw } = loaded;
    let is_text = storage != StorageClass::Blob;
    if raw.len() <= DOCUMENT
        && let Some(decoded) = codec::decode_within(&raw, is_text, DOCUMENT)
    {
        return LargeValue { payload: Payload::new(raw, storage, decoded), document: None };
    }
    let document =
        codec::outlined(&raw).map(|(outline, encodings)| LargeDocument { outline: Arc::new(outline), encodings });
    let bytes = raw.len() as u64;
    LargeValue { payload: Payload::new(raw, storage, Decoded::Unread { bytes }), document }
}
