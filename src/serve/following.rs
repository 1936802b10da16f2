//! A reader of the log, as a body that goes on: first what is there, from the file, then what is committed, from the
//! tail. It goes by positions, so that nothing is missing where the one ends and the other begins, and nothing is there
//! twice; a reader that is too slow for the tail reads from the file again.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::Frame;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::mpsc;

use super::form::Form;
use super::log::Log;
use super::outgoing::event_json;
use super::problem::Problem;
use super::room::Filled;
use super::service::Service;
use super::tail::{Batch, Tailed};
use super::wanted::{Filter, Page};
use crate::error::Result;
use crate::event::{Event, Position};

/// How many events are read from the file at a time.
const PAGE: usize = 500;

/// How many bytes of them, unless one is longer: there are many readers.
const ROOM: usize = 1 << 20;

/// How long nothing may come before something is said all the same.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How many bytes are sent together, unless one event is longer.
const CHUNK: usize = 64 * 1024;

/// A reader.
struct Reader {
    service: Arc<Service>,
    filter: Filter,
    form: Form,
    /// The position of the last event that it has dealt with.
    behind: Option<Position>,
    chunk: BytesMut,
    events: u64,
    to: mpsc::Sender<Bytes>,
}

/// The reader's client went away, or the service is being ended.
struct Ended;

/// A body that follows the log behind a position.
pub(super) fn body(service: Arc<Service>, filter: Filter, form: Form, behind: Option<Position>) -> Body {
    // One chunk is on its way while the next is made.
    let (to, chunks) = mpsc::channel(1);
    service.metrics.readers.add(1);
    let reader = Reader { service, filter, form, behind, chunk: BytesMut::new(), events: 0, to };
    tokio::spawn(async move {
        let service = Arc::clone(&reader.service);
        let _ = reader.follow().await;
        service.metrics.readers.add(-1);
    });
    Body::new(Chunks(chunks))
}

impl Reader {
    async fn follow(mut self) -> Result<(), Ended> {
        self.to.send(self.form.greeting()).await.map_err(|_| Ended)?;
        let mut closing = self.service.closing.clone();
        tokio::select! {
            ended = self.work() => ended,
            _ = closing.wait_for(|closing| *closing) => Err(Ended),
        }
    }

    async fn work(&mut self) -> Result<(), Ended> {
        loop {
            // It listens before it reads, so that what is committed meanwhile is heard.
            let tail = self.service.tail.listen();
            self.catch_up().await?;
            self.listen(tail).await?;
            self.service.metrics.lagged.add(1);
        }
    }

    /// Sends what lies in the file, until there is no more.
    async fn catch_up(&mut self) -> Result<(), Ended> {
        loop {
            let (behind, filter) = (self.behind, self.filter.clone());
            let read = self.service.readers.read(move |log| page(log, behind, filter)).await;
            let (events, behind, is_last) = match read {
                Ok(read) => read,
                Err(problem) => return self.fail(&problem).await,
            };
            for event in &events {
                let Ok(json) = event_json(event) else { return self.fail(&unreadable(event)).await };
                self.push(event.position, json.as_bytes()).await?;
            }
            self.behind = behind;
            if is_last {
                return self.flush().await;
            }
        }
    }

    /// Sends what is committed; ends where it is too slow for that.
    async fn listen(&mut self, mut tail: Receiver<Arc<Batch>>) -> Result<(), Ended> {
        loop {
            let next = tokio::select! {
                next = tokio::time::timeout(HEARTBEAT, tail.recv()) => next,
                () = self.to.closed() => return Err(Ended),
            };
            match next {
                Ok(Ok(batch)) => self.take(&batch).await?,
                Ok(Err(RecvError::Lagged(_))) => return Ok(()),
                Ok(Err(RecvError::Closed)) => return Err(Ended),
                Err(_) => self.to.send(self.form.heartbeat()).await.map_err(|_| Ended)?,
            }
            // What came meanwhile goes along.
            loop {
                match tail.try_recv() {
                    Ok(batch) => self.take(&batch).await?,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Lagged(_)) => {
                        self.flush().await?;
                        return Ok(());
                    }
                    Err(TryRecvError::Closed) => return Err(Ended),
                }
            }
            self.flush().await?;
        }
    }

    async fn take(&mut self, batch: &Batch) -> Result<(), Ended> {
        // Those who want all, and have all before it, share its bytes.
        if self.filter.is_empty()
            && let Some((bytes, first, last)) = batch.whole(self.form)
            && self.behind.is_none_or(|behind| behind < first)
        {
            self.flush().await?;
            self.behind = Some(last);
            self.service.metrics.sent.add(batch.events.len() as u64);
            return self.to.send(bytes).await.map_err(|_| Ended);
        }
        for Tailed { event, json } in &batch.events {
            if self.behind.is_some_and(|behind| event.position <= behind) {
                continue;
            }
            if self.filter.is_empty() || self.filter.keeps(event) {
                let Ok(json) = json else { return self.fail(&unreadable(event)).await };
                self.push(event.position, json).await?;
            }
            self.behind = Some(event.position);
        }
        Ok(())
    }

    async fn push(&mut self, position: Position, json: &[u8]) -> Result<(), Ended> {
        self.form.push(&mut self.chunk, position, json);
        self.events += 1;
        if self.chunk.len() >= CHUNK { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Ended> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        self.service.metrics.sent.add(std::mem::take(&mut self.events));
        let chunk = self.chunk.split().freeze();
        self.to.send(chunk).await.map_err(|_| Ended)
    }

    /// Says why it goes no further, where the form has a way to say it. The client comes back and is told in full.
    async fn fail(&mut self, problem: &Problem) -> Result<(), Ended> {
        self.flush().await?;
        if self.form == Form::ServerSent {
            let said = format!(": {}\n\n", problem.detail().replace(['\n', '\r'], " "));
            let _ = self.to.send(Bytes::from(said)).await;
        }
        Err(Ended)
    }
}

/// The next events that are wanted of those behind a position, how far that is, and whether it is as far as there are any.
fn page(log: &dyn Log, behind: Option<Position>, filter: Filter) -> Result<(Vec<Event>, Option<Position>, bool)> {
    // Before the page: what it does not hold of those up to here is not wanted.
    let last = log.last_position()?;
    let Filled { events, has_more } = if filter.is_empty() {
        log.behind(behind, PAGE, ROOM)?
    } else {
        let from = behind.map(|behind| behind.saturating_add(1));
        log.page(&Page { filter, from, limit: PAGE, ..Page::default() }, ROOM)?
    };
    let reached = events.last().map(|event| event.position);
    if has_more { Ok((events, reached, false)) } else { Ok((events, reached.max(last).max(behind), true)) }
}

fn unreadable(event: &Event) -> Problem {
    Problem::invalid(format!("the payload of the event at position {} cannot be read", event.position))
}

/// The chunks of a body, as they come.
struct Chunks(mpsc::Receiver<Bytes>);

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|chunk| chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}
