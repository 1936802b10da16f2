//! The routes, one subject each.

mod archive;
mod events;
mod health;
mod list;
mod openapi;
mod schemas;
mod snapshots;
mod streams;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::{Router, get, post};

use super::problem::Problem;
use super::service::{Service, guard};
use crate::event::{StreamName, Version};

/// An answer, or why there is none.
type Answer = Result<Response, Problem>;

/// What a path names, where it can be read.
type Named<T> = Result<Path<T>, PathRejection>;

/// All routes.
pub(super) fn router(service: &Arc<Service>) -> Router {
    Router::new()
        .route("/events", get(list::list).post(events::append))
        .route("/events/", get(list::list).post(events::append))
        .route("/events/batch", post(events::append_batch))
        .route("/events/stream", get(list::follow))
        .route("/events/{id}", get(events::event))
        .route("/streams/{type}/{id}", get(streams::stream))
        .route("/streams/{type}/{id}/state", get(streams::state))
        .route("/snapshots/{type}/{id}", get(snapshots::get).put(snapshots::put))
        .route("/schemas/{event_type}/{version}", get(schemas::get).put(schemas::put))
        .route("/archive", post(archive::archive))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(openapi::document))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(service), guard))
        .with_state(Arc::clone(service))
}

async fn unknown(uri: Uri) -> Problem {
    Problem::not_found(format!("there is no {}", uri.path())).hint("/openapi.json describes what there is.")
}

async fn wrong_method(uri: Uri) -> Problem {
    let detail = format!("{} cannot be asked that", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail).hint("The header Allow lists what can be asked.")
}

/// An answer in JSON.
fn json(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Adds a header to an answer; a value that no header can have is left out.
fn with(mut response: Response, name: header::HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// What a path names.
fn named<T>(named: Named<T>) -> Result<T, Problem> {
    named.map(|Path(named)| named).map_err(|rejection| Problem::unreadable(rejection.body_text()).at("path"))
}

/// The stream that a path names. A dash stands for the missing type of a database that has none.
fn stream_of(service: &Service, path: Named<(String, String)>) -> Result<StreamName, Problem> {
    let (mut aggregate_type, aggregate_id) = named(path)?;
    if !service.is_own && aggregate_type == "-" {
        aggregate_type.clear();
    }
    Ok(StreamName { aggregate_type, aggregate_id })
}

/// The entity tag of a stream at a version.
fn etag(version: Version) -> String {
    format!("\"{version}\"")
}
