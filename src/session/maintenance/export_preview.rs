//! How an export begins, before anything is written.

use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::session::workers::cache::AnswerCache;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::Worker;
use crate::session::{Loading, Session};
use crate::source::Source;
use crate::transfer::{ExportOptions, Format, Notes, Redaction, export_text};

use std::sync::Arc;

/// How many events are shown.
const SHOWN: u64 = 12;

/// How much of the text is shown, in bytes.
const LONGEST: usize = 16 << 10;

/// More of a payload than this many bytes is not read for it.
const PAYLOAD: u64 = 1 << 20;

/// What is to be exported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExportRequest {
    /// Which events.
    pub filter: Filter,
    /// The form.
    pub format: Format,
    /// What is replaced by pseudonyms, as it was typed.
    pub redact: String,
    /// What pseudonyms are made with; by chance where nothing was typed.
    pub key: String,
    /// What is written beside events in Markdown.
    pub notes: Notes,
}

impl ExportRequest {
    /// The same as it is written.
    pub(in crate::session) fn options(&self) -> Result<ExportOptions> {
        let key = Some(self.key.as_str()).filter(|key| !key.is_empty());
        let redaction = Redaction::parse_line(&self.redact, key)?;
        Ok(ExportOptions {
            filter: self.filter.clone(),
            format: self.format,
            redaction,
            notes: self.notes.clone(),
            limit: None,
        })
    }
}

/// The question, and how its export begins.
pub(in crate::session) type ExportPreviewAnswer = (u64, ExportRequest, Result<Arc<str>>);

/// The previews that were asked for.
pub(in crate::session) struct ExportPreviews {
    worker: Worker<ExportRequest>,
    kept: AnswerCache<ExportRequest, Arc<str>>,
}

impl ExportPreviews {
    /// Starts the worker.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<ExportPreviewAnswer>) -> Result<Self> {
        let mut reader = Reader::new(origin);
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "export preview",
            1,
            move |request: ExportRequest, context| {
                let begins = reader.source(&context.token).and_then(|source| begins(source, &request));
                sent.send((context.token.generation(), request, begins));
            },
            move |request, generation, error| told.send((generation, request, Err(error))),
        )?;
        Ok(Self { worker, kept: AnswerCache::new(8) })
    }

    fn of(&self, request: &ExportRequest) -> Loading<Arc<str>> {
        self.kept.get_or_ask(request, || self.worker.submit(request.clone()))
    }

    /// Takes in how an export begins.
    pub(in crate::session) fn take(&self, (generation, request, begins): ExportPreviewAnswer) {
        if generation == self.worker.generation() {
            self.kept.insert(request, begins);
        }
    }

    /// Lets everything be looked at anew.
    pub(in crate::session) fn mark_stale(&self) {
        self.worker.cancel();
        self.kept.mark_stale();
    }
}

fn begins(source: &Source, request: &ExportRequest) -> Result<Arc<str>> {
    source.leave_unread(Some(PAYLOAD));
    let mut options = request.options()?;
    options.limit = Some(SHOWN);
    if options.format == Format::Original {
        source.require_extractable()?;
    }
    if !options.format.is_text() && options.format.is_available() {
        // What is in the file is what the lines would hold.
        options.format = Format::Ndjson;
    }
    let mut text = Vec::new();
    let written = export_text(source, &options, &mut |bytes, _| {
        let free = LONGEST.saturating_sub(text.len());
        text.extend_from_slice(bytes.get(..free).unwrap_or(bytes));
        Ok(())
    });
    match written {
        Ok(_) => Ok(String::from_utf8_lossy(&text).into()),
        Err(error) if error.is_cancelled() => Err(error),
        Err(error) => Err(Error::bad_input(error.to_string()).with_hint(error.hint().unwrap_or_default())),
    }
}

impl Session {
    /// How an export begins.
    #[must_use]
    pub fn export_preview(&self, request: &ExportRequest) -> Loading<Arc<str>> {
        self.ready().map(|parts| parts.export_previews.of(request)).unwrap_or_default()
    }
}
