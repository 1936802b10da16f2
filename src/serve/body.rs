//! The bodies of requests: how they may come, how long, and how slowly.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::problem::Problem;
use super::service::Service;

/// How many bytes a body has at most.
const MOST: usize = 1 << 20;

/// Reads the JSON of a request.
pub(super) async fn read(service: &Service, request: Request) -> Result<Bytes, Problem> {
    require_json(request.headers())?;
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > MOST) {
        return Err(too_large());
    }
    let whole = Limited::new(request.into_body(), MOST).collect();
    match tokio::time::timeout(service.patience, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Problem::unreadable("the body ended before its end")),
        Err(_) => {
            let detail = format!("the body did not come within {} s", service.patience.as_secs_f32());
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "slow", detail).hint("Nothing was written. Send it again."))
        }
    }
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", format!("the body has more than {MOST} bytes"))
        .hint("Nothing was written. Send it in parts, or refer to what is large by where it lies.")
}

/// Only what says that it is JSON is taken: a form of a web page cannot say that.
fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json") {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "no-json", "the body does not say that it is JSON")
        .at("Content-Type")
        .hint("Send `Content-Type: application/json`."))
}
