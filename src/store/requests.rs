//! Appending what several callers want, in one commit.

use super::append::Appended;
use super::event_store::EventStore;
use super::request::{Answered, Entry, Refusal, Request};
use super::transaction::Transaction;
use crate::error::Result;
use crate::event::{Event, ExpectedVersion, NewEvent};

impl EventStore {
    /// Appends what several callers want, in one commit that they share: each request is carried out whole or refused by
    /// itself, in their order, and answered once all are committed.
    ///
    /// # Errors
    /// Where the commit fails, or what one request met leaves nothing of the transaction: then nothing of any is written.
    pub fn append_requests(&mut self, requests: &[&Request]) -> Result<Vec<Result<Answered, Refusal>>> {
        self.transaction(|transaction| requests.iter().map(|request| transaction.try_request(request)).collect())
    }
}

impl Transaction<'_> {
    /// Carries out what one caller wants: all of it or nothing.
    ///
    /// # Errors
    /// Why not; the transaction goes on, unless it [is open](Self::is_open) no more.
    pub fn append_request(&self, request: &Request) -> Result<Answered, Refusal> {
        if let Some(events) = request.stored_before(|id| self.event(id))? {
            return Ok(Answered { events, repeated: true });
        }
        let events = self.attempt(|transaction| {
            let mut events = Vec::with_capacity(request.entries.len());
            for (first, run) in request.runs() {
                let expected = run.first().map_or(ExpectedVersion::Any, |first| first.expected);
                events.extend(transaction.append_run(expected, run, first)?);
            }
            Ok::<_, Refusal>(events)
        })?;
        Ok(Answered { events, repeated: false })
    }

    /// The outer error is one that leaves nothing of the transaction.
    fn try_request(&self, request: &Request) -> Result<Result<Answered, Refusal>> {
        match self.append_request(request) {
            Err(refusal) if !self.is_open() || refusal.is_failure() => Err(refusal.into_error()),
            answered => Ok(answered),
        }
    }

    /// Appends what goes to one stream; the caller takes all of the request back where it fails. A savepoint for each run
    /// would have SQLite put every page that it changes aside, again and again.
    fn append_run(&self, expected: ExpectedVersion, run: &[Entry], first: usize) -> Result<Vec<Event>, Refusal> {
        let Some(stream) = run.first().map(|first| &first.stream) else { return Ok(Vec::new()) };
        let events: Vec<NewEvent> = run.iter().map(|entry| entry.event.clone()).collect();
        let at = |error| Refusal::Entry { error, entry: first };
        let appended = self.write(stream, expected, &events).map_err(at)?;
        let last = Appended::last_version(&appended);
        self.read_stream(stream, appended.versions.start, last).map_err(at)
    }
}
