//! What all requests share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{Semaphore, watch};

use super::metrics::Metrics;
use super::problem::Problem;
use super::readers::Readers;
use super::tail::Tail;
use super::whence::Names;
use super::who::{Role, Tokens};
use super::writer::Writer;
use super::{Fold, Say};

/// The parts of the service.
pub(super) struct Service {
    pub(super) readers: Arc<Readers>,
    /// None where the database is only read.
    pub(super) writer: Option<Writer>,
    pub(super) tail: Tail,
    pub(super) metrics: Arc<Metrics>,
    pub(super) fold: Fold,
    /// Whether it is an event store of this program.
    pub(super) is_own: bool,
    /// The file of the event store, for what takes long and has a connection of its own.
    pub(super) file: Option<PathBuf>,
    /// One archival at a time.
    pub(super) archiving: Semaphore,
    pub(super) tokens: Option<Tokens>,
    pub(super) names: Names,
    /// How long a client may take to send a request.
    pub(super) patience: Duration,
    /// Whether the service is being ended.
    pub(super) closing: watch::Receiver<bool>,
    pub(super) say: Say,
}

impl Service {
    pub(super) fn writer(&self) -> Result<&Writer, Problem> {
        self.writer.as_ref().ok_or_else(Problem::read_only)
    }

    pub(super) fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }
}

/// Lets through what may be asked, and counts what is answered.
pub(super) async fn guard(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    let asked = format!("{} {}", request.method(), request.uri().path());
    let response = match admit(&service, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let status = response.status();
    if status.is_server_error() {
        (service.say)(&format!("{asked} was answered with {status}"));
    }
    service.metrics.answered(status, started.elapsed());
    response
}

fn admit(service: &Service, request: &Request) -> Result<(), Problem> {
    service.names.check(request.headers())?;
    match (&service.tokens, Role::needed(request.method(), request.uri().path())) {
        (Some(tokens), Some(role)) => tokens.check(request.headers(), role),
        _ => Ok(()),
    }
}
