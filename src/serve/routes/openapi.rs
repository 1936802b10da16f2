//! The description of the routes, for programs that read one.

use axum::http::StatusCode;
use axum::response::Response;

use super::json;

/// The description, as `OpenAPI` 3.1.
const DOCUMENT: &str = include_str!("../../../assets/openapi.json");

/// `GET /openapi.json`.
pub(super) async fn document() -> Response {
    json(StatusCode::OK, DOCUMENT.to_owned())
}
