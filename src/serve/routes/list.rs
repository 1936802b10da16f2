//! Lists of events, and streams of them that go on.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Answer, json, with};
use crate::event::Position;
use crate::serve::following;
use crate::serve::form::Form;
use crate::serve::outgoing::events_json;
use crate::serve::params::Params;
use crate::serve::problem::Problem;
use crate::serve::room;
use crate::serve::service::Service;
use crate::serve::wanted::{Filter, Page};

/// `GET /events/`.
pub(super) async fn list(State(service): State<Arc<Service>>, request: Request) -> Answer {
    let mut params = Params::new(request.uri().query())?;
    let page = Page::read(&mut params)?;
    params.finish()?;
    let wanted = page.clone();
    let (text, last) = service
        .readers
        .read(move |log| {
            let page = log.page(&wanted, room::PAGE)?;
            let last = page.events.last().map(|event| event.position).filter(|_| page.has_more);
            Ok((events_json(&page.events)?, last))
        })
        .await?;
    let response = json(StatusCode::OK, text);
    Ok(match last {
        Some(last) => with(response, header::LINK, &next_link(&page, last)),
        None => response,
    })
}

/// The link to the page behind a position.
fn next_link(page: &Page, last: Position) -> String {
    let Filter { aggregate_type, aggregate_id, event_types, after, before, correlation_id } = &page.filter;
    let moment = |moment: &Option<chrono::DateTime<chrono::Utc>>| moment.as_ref().map(chrono::DateTime::to_rfc3339);
    let mut query = Vec::new();
    let mut push = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            query.push(format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        }
    };
    push("aggregate_type", aggregate_type.as_deref());
    push("aggregate_id", aggregate_id.as_deref());
    for event_type in event_types {
        push("event_type", Some(event_type));
    }
    push("after", moment(after).as_deref());
    push("before", moment(before).as_deref());
    push("correlation_id", correlation_id.as_deref());
    let next = if page.newest_first { last.saturating_sub(1) } else { last.saturating_add(1) };
    push("order", page.newest_first.then_some("desc"));
    push("limit", Some(&page.limit.to_string()));
    query.push(format!("from_position={next}"));
    format!("</events/?{}>; rel=\"next\"", query.join("&"))
}

/// `GET /events/stream`.
pub(super) async fn follow(State(service): State<Arc<Service>>, request: Request) -> Answer {
    let mut params = Params::new(request.uri().query())?;
    let filter = Filter::read(&mut params)?;
    let from: Option<Position> = params.parsed("from_position", "a position")?;
    params.finish()?;
    if service.is_closing() {
        return Err(Problem::closing());
    }
    let form = form(request.headers());
    let behind = match (last_event_id(request.headers())?, from) {
        (Some(last), _) => Some(last),
        (None, Some(from)) => Some(from.saturating_sub(1)),
        // What comes from now on: it is found out before the answer begins.
        (None, None) => service.readers.read(|log| log.last_position()).await?,
    };
    let mut response = Response::new(following::body(service, filter, form, behind));
    let headers = response.headers_mut();
    let media_type = if form == Form::Lines { "application/x-ndjson" } else { "text/event-stream" };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn form(headers: &HeaderMap) -> Form {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.split(',').any(|range| range.trim().starts_with("application/x-ndjson")) {
        Form::Lines
    } else {
        Form::ServerSent
    }
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    // A client that was never given one says nothing by it.
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Problem::invalid("Last-Event-ID is no position").at("Last-Event-ID");
    text.parse().map(Some).map_err(|_| wrong().hint("Send the id that came last."))
}
