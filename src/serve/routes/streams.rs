//! One stream: its events, and its state.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Answer, Named, etag, json, stream_of, with};
use crate::error::Error;
use crate::event::{StreamName, Version};
use crate::serve::outgoing::events_json;
use crate::serve::params::Params;
use crate::serve::problem::Problem;
use crate::serve::room;
use crate::serve::service::Service;
use crate::serve::wanted::MOST;

/// `GET /streams/{type}/{id}`.
pub(super) async fn stream(
    State(service): State<Arc<Service>>,
    path: Named<(String, String)>,
    request: Request,
) -> Answer {
    let stream = stream_of(&service, path)?;
    let mut params = Params::new(request.uri().query())?;
    let from: Version = params.parsed("from_version", "a version, from 1 on")?.unwrap_or(1);
    let limit: usize = params.parsed("limit", "a number of events")?.unwrap_or(MOST);
    params.finish()?;
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::invalid(format!("a page has 1 to {MOST} events")).at("limit"));
    }
    let seen = request.headers().get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let wanted = stream.clone();
    let read = move |log: &dyn crate::serve::log::Log| {
        // First, so that no event is given that the version does not count.
        let Some(version) = log.version(&wanted)? else { return Err(no_stream(&wanted)) };
        if seen.as_deref() == Some(etag(version).as_str()) {
            return Ok((version, None, None));
        }
        let mut events = log.stream(&wanted, from, limit, room::PAGE)?.events;
        events.retain(|event| event.version <= version);
        let last = events.last().map(|event| event.version).filter(|last| *last < version);
        Ok((version, Some(events_json(&events)?), last))
    };
    let (version, text, last) = service.readers.read(read).await?;
    let response = if let Some(text) = text {
        json(StatusCode::OK, text)
    } else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    };
    let response = with(response, header::ETAG, &etag(version));
    Ok(match last {
        Some(last) => with(response, header::LINK, &next_link(&stream, last, limit)),
        None => response,
    })
}

fn no_stream(stream: &StreamName) -> Error {
    Error::not_found(format!("there is no stream {stream}"))
}

fn next_link(stream: &StreamName, last: Version, limit: usize) -> String {
    let part = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let (aggregate_type, aggregate_id) = (part(&stream.aggregate_type), part(&stream.aggregate_id));
    let next = last.saturating_add(1);
    format!("</streams/{aggregate_type}/{aggregate_id}?limit={limit}&from_version={next}>; rel=\"next\"")
}

/// `GET /streams/{type}/{id}/state`.
pub(super) async fn state(
    State(service): State<Arc<Service>>,
    path: Named<(String, String)>,
    request: Request,
) -> Answer {
    let stream = stream_of(&service, path)?;
    let mut params = Params::new(request.uri().query())?;
    let at = params.parsed("at", "a version")?;
    params.finish()?;
    let fold = Arc::clone(&service.fold);
    let folded = tokio::task::spawn_blocking(move || fold(&stream, at)).await.map_err(|_| Problem::closing())?;
    let folded = folded?;
    Ok(with(json(StatusCode::OK, folded.document.to_string()), header::ETAG, &etag(folded.version)))
}
