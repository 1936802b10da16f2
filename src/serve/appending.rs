//! What one request appends, in a transaction that it may share: all of its events or none, and nothing twice.

use serde_json::Value;

use super::incoming::Incoming;
use super::problem::Problem;
use crate::error::{Error, ErrorKind};
use crate::event::{Event, ExpectedVersion, NewEvent, Payload, StreamName};
use crate::store::Transaction;

/// What a request led to.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The events as they are stored.
    pub(super) events: Vec<Event>,
    /// Whether they were stored before, so that nothing was appended.
    pub(super) repeated: bool,
}

/// Why a request is not carried out.
#[derive(Debug)]
pub(super) enum Refusal {
    /// What the store says, and of which event of the request.
    Store(Error, usize),
    /// What this service says.
    Service(Problem),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Store(error, 0)
    }
}

impl Refusal {
    /// Whether the store could not do what it should have done, rather than the request being wrong.
    pub(super) fn is_failure(&self) -> bool {
        match self {
            Self::Store(error, _) => !matches!(
                error.kind(),
                ErrorKind::BadInput | ErrorKind::Conflict { .. } | ErrorKind::NotFound | ErrorKind::Unsupported
            ),
            Self::Service(_) => false,
        }
    }

    pub(super) fn into_problem(self) -> Problem {
        match self {
            Self::Store(error, place) => Problem::from(error).with("event", Value::from(place)),
            Self::Service(problem) => problem,
        }
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Store(error, _) => error,
            Self::Service(_) => Error::new(ErrorKind::Database, "the transaction ended while it was being written"),
        }
    }
}

/// Appends the events of a request. A request that was carried out before is answered with what it stored then, whatever
/// is expected now.
pub(super) fn append(transaction: &Transaction<'_>, events: &[Incoming]) -> Result<Outcome, Refusal> {
    if let Some(stored) = stored_before(transaction, events)? {
        return Ok(Outcome { events: stored, repeated: true });
    }
    let appended = match events {
        [one] => write(transaction, one.expected, std::slice::from_ref(one), 0)?,
        _ => transaction.attempt(|transaction| {
            let mut appended = Vec::with_capacity(events.len());
            for (first, run) in runs(events) {
                let expected = run.first().map_or(ExpectedVersion::Any, |first| first.expected);
                appended.extend(write(transaction, expected, run, first)?);
            }
            Ok::<_, Refusal>(appended)
        })?,
    };
    Ok(Outcome { events: appended, repeated: false })
}

fn write(
    transaction: &Transaction<'_>,
    expected: ExpectedVersion,
    run: &[Incoming],
    first: usize,
) -> Result<Vec<Event>, Refusal> {
    let Some(stream) = run.first().map(|first| &first.stream) else { return Ok(Vec::new()) };
    let events: Vec<NewEvent> = run.iter().map(|incoming| incoming.event.clone()).collect();
    let at = |error| Refusal::Store(error, first);
    let appended = transaction.append(stream, expected, &events).map_err(at)?;
    let last = appended.last_version();
    transaction.read_stream(stream, appended.versions.start, last).map_err(at)
}

/// Neighbours that are appended together: of one stream, of which only the first expects something; and where each run
/// begins.
fn runs(events: &[Incoming]) -> impl Iterator<Item = (usize, &[Incoming])> {
    let together = |a: &Incoming, b: &Incoming| a.stream == b.stream && b.expected == ExpectedVersion::Any;
    events.chunk_by(together).scan(0, |next, run| {
        let first = *next;
        *next += run.len();
        Some((first, run))
    })
}

/// The events as they are stored, where all of them are.
fn stored_before(transaction: &Transaction<'_>, events: &[Incoming]) -> Result<Option<Vec<Event>>, Refusal> {
    let mut stored = Vec::new();
    for (place, incoming) in events.iter().enumerate() {
        let Some(id) = &incoming.event.id else { continue };
        let Some(event) = transaction.event(id)? else { continue };
        if !is_same(&event, &incoming.stream, &incoming.event) {
            return Err(refused(id, place, "with another content", &event));
        }
        stored.push((place, event));
    }
    if stored.is_empty() {
        return Ok(None);
    }
    if stored.len() == events.len() {
        let last = events.iter().zip(0..).last();
        if let Some((id, place)) = last.and_then(|(last, place)| Some((last.beyond.as_ref()?, place)))
            && let Some(event) = transaction.event(id)?
        {
            return Err(refused(id, place, "of a longer request with this key", &event));
        }
        return Ok(Some(stored.into_iter().map(|(_, event)| event).collect()));
    }
    let (place, event) = stored.swap_remove(0);
    let id = event.id.clone().unwrap_or_default();
    Err(refused(&id, place, "without the others of this request", &event))
}

fn refused(id: &str, place: usize, how: &str, stored: &Event) -> Refusal {
    let detail = format!("an event with the id {id} is stored already, {how}");
    let problem = Problem::new(axum::http::StatusCode::CONFLICT, "repeated", detail)
        .hint("Nothing was written. Repeat a request as it was, and give another one another id or Idempotency-Key.")
        .with("event", Value::from(place))
        .with("position", Value::from(stored.position));
    Refusal::Service(problem)
}

/// Whether what is stored is what somebody wants to append.
fn is_same(stored: &Event, stream: &StreamName, wanted: &NewEvent) -> bool {
    stored.stream == *stream
        && stored.event_type == wanted.event_type
        && stored.schema_version.as_deref().unwrap_or("1") == wanted.schema_version.as_deref().unwrap_or("1")
        && document(&stored.data) == *wanted.data.value()
        && document(&stored.metadata) == *wanted.metadata.value()
}

fn document(payload: &Payload) -> Value {
    payload.to_json()
}
