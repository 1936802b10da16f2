//! Whether the service runs, whether it can be asked, and what it has done.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;

use super::{Answer, json, with};
use crate::serve::problem::Problem;
use crate::serve::service::Service;

/// `GET /healthz`: the process runs.
pub(super) async fn healthz() -> Response {
    json(StatusCode::OK, r#"{"status":"ok"}"#.to_owned())
}

/// `GET /readyz`: the database is read, the writer writes, and the service is not being ended.
pub(super) async fn readyz(State(service): State<Arc<Service>>) -> Answer {
    if service.is_closing() {
        return Err(Problem::closing());
    }
    service.readers.read(|log| log.last_position()).await?;
    if let Some(writer) = &service.writer {
        writer.carry_out(|store| store.last_position()).await?;
    }
    Ok(json(StatusCode::OK, r#"{"status":"ready"}"#.to_owned()))
}

/// `GET /metrics`.
pub(super) async fn metrics(State(service): State<Arc<Service>>) -> Response {
    let text = service.metrics.text();
    with(json(StatusCode::OK, text), header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
}
