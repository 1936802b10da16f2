//! The bodies of requests: how they may come, how long, and how slowly.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::problem::Problem;
use super::service::Service;

/// How many bytes a body has at most.
const MOST: usize = 1 << 20;

/// How many bytes of a body that is refused are taken in all the same.
const POURED_AWAY: usize = 16 << 20;

/// Reads the JSON of a request.
pub(super) async fn read(service: &Service, request: Request) -> Result<Bytes, Problem> {
    let (parts, mut body) = request.into_parts();
    let refused = match require_json(&parts.headers).and_then(|()| fit(&parts.headers)) {
        Ok(()) => match timeout(service.patience, whole(&mut body)).await {
            Ok(Ok(bytes)) => return Ok(bytes),
            Ok(Err(problem)) => problem,
            Err(_) => {
                let detail = format!("the body did not come within {} s", service.patience.as_secs_f32());
                return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "slow", detail)
                    .hint("Nothing was written. Send it again."));
            }
        },
        Err(problem) => problem,
    };
    // One that asks before it sends has not sent anything.
    if !parts.headers.contains_key(header::EXPECT) {
        pour_away(&mut body, service.patience).await;
    }
    Err(refused)
}

/// Refuses a length that is too much.
fn fit(headers: &HeaderMap) -> Result<(), Problem> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > MOST) { Err(too_large()) } else { Ok(()) }
}

async fn whole(body: &mut Body) -> Result<Bytes, Problem> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::unreadable("the body ended before its end"))?;
        let data = frame.into_data().unwrap_or_default();
        if whole.len() + data.len() > MOST {
            return Err(too_large());
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// Takes in what else is sent, and leaves it: a client whose connection is closed while it sends never reads why.
async fn pour_away(body: &mut Body, patience: Duration) {
    let mut left = POURED_AWAY;
    let rest = async {
        while let Some(Ok(frame)) = body.frame().await {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            let Some(less) = left.checked_sub(bytes) else { return };
            left = less;
        }
    };
    // What does not come in time is not waited for.
    let _ = timeout(patience, rest).await;
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
