//! Moving events into the store's archive.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json as document;

use super::{Answer, json};
use crate::error::Result;
use crate::event::StreamName;
use crate::serve::body;
use crate::serve::incoming::misread;
use crate::serve::params::Params;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use crate::store::{ArchiveSelection, EventStore};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    streams: Vec<Stream>,
    aggregate_type: Option<String>,
    closed: Option<String>,
    before: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    aggregate_type: String,
    aggregate_id: String,
}

/// `POST /archive`.
pub(super) async fn archive(State(service): State<Arc<Service>>, request: Request) -> Answer {
    service.writer()?;
    Params::new(request.uri().query())?.finish()?;
    let body = body::read(&service, request).await?;
    let hint =
        "It has streams, aggregate_type, closed (how the type of a stream's last event looks), before, and dry_run.";
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|error| misread(&error).hint(hint))?;
    let before = wanted.before.as_deref().map(moment).transpose()?;
    let name = |stream: Stream| StreamName::new(stream.aggregate_type, stream.aggregate_id);
    let selection = ArchiveSelection {
        streams: wanted.streams.into_iter().map(name).collect(),
        aggregate_type: wanted.aggregate_type,
        closed: wanted.closed,
        before,
    };
    let Some(store) = service.file.clone() else { return Err(no_archive()) };
    let Ok(_alone) = service.archiving.try_acquire() else {
        return Err(Problem::new(StatusCode::CONFLICT, "archiving", "the store is being archived already")
            .hint("Ask again when that is done."));
    };
    let closing = service.closing.clone();
    let work = move || carry_out(&store, &selection, wanted.dry_run, &|| *closing.borrow());
    let done = tokio::task::spawn_blocking(work).await.map_err(|_| Problem::closing())??;
    Ok(json(StatusCode::OK, done))
}

fn no_archive() -> Problem {
    Problem::new(StatusCode::NOT_IMPLEMENTED, "unsupported", "this store keeps no archive")
        .hint("Only a store in a file moves events into another file.")
}

/// On a connection of its own, so that those who append wait only for moments.
fn carry_out(
    store: &Path,
    selection: &ArchiveSelection,
    dry_run: bool,
    is_closing: &dyn Fn() -> bool,
) -> Result<String> {
    let mut store = EventStore::open(store)?;
    let plan = store.plan_archive(selection, None)?;
    let file = plan.archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if dry_run {
        let planned =
            document!({"archive": file, "events": plan.events, "streams": plan.streams.len(), "dry_run": true});
        return Ok(planned.to_string());
    }
    let stop = |_| if is_closing() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let done = store.archive(&plan, stop)?;
    let archived =
        document!({"archive": file, "events": done.events, "streams": done.streams, "finished": done.finished});
    Ok(archived.to_string())
}

fn moment(text: &str) -> std::result::Result<DateTime<Utc>, Problem> {
    let read = DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc());
    read.map_err(|_| {
        Problem::invalid("before is no moment").at("before").hint("Give one such as 2026-01-01T12:00:00Z.")
    })
}
