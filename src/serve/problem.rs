//! Errors as `application/problem+json` (RFC 9457): what was wrong, where, and what to do.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind};
use crate::event::ExpectedVersion;
use crate::store::Refusal;

/// The media type of a problem.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request is not carried out. Its inside is boxed, so that what succeeds does not pay for it.
#[derive(Clone, Debug)]
pub(super) struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    status: StatusCode,
    /// The last part of the problem's type, by which a program tells problems apart.
    kind: &'static str,
    detail: String,
    hint: Option<String>,
    /// The members that problems of this type have besides.
    members: Map<String, Value>,
    challenge: bool,
}

impl Problem {
    pub(super) fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self(Box::new(Inner { status, kind, detail, hint: None, members: Map::new(), challenge: false }))
    }

    /// A request that cannot be read.
    pub(super) fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable", detail)
    }

    /// A request that can be read and not be carried out as it is.
    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// A caller that has not said who it is.
    pub(super) fn unauthorized(detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail);
        problem.0.challenge = true;
        problem
    }

    /// Something that this service, as it was started, does for nobody.
    pub(super) fn read_only() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "read-only", "this service only reads its database")
            .hint("Start it without --read-only to write to an event store.")
    }

    /// The service is being ended.
    pub(super) fn closing() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "closing", "the service is being ended")
            .hint("Nothing was written. Ask again once it is back.")
    }

    /// A stream that is not as `expected`.
    pub(super) fn conflict(error: &Error, expected: ExpectedVersion, actual: Option<i64>) -> Self {
        Self::from_error(StatusCode::CONFLICT, "conflict", error)
            .with("expected", expected_json(expected))
            .with("actual", actual.map_or(Value::Null, Value::from))
    }

    fn from_error(status: StatusCode, kind: &'static str, error: &Error) -> Self {
        let mut problem = Self::new(status, kind, error.to_string());
        problem.0.hint = error.hint().map(str::to_owned);
        problem
    }

    /// The same with advice.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same with the place that is wrong: a field, a parameter, a header.
    pub(super) fn at(self, place: impl Into<String>) -> Self {
        let place: String = place.into();
        self.with("where", Value::from(place))
    }

    /// The same with one more member.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.0.members.insert(name.to_owned(), value);
        self
    }

    /// The same with another status: what a header asked for is answered in another way than what a field did.
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// Which event of a request it is about, as far as that is known.
    pub(super) fn place(&self) -> usize {
        let place = self.0.members.get("event").and_then(Value::as_u64).unwrap_or_default();
        usize::try_from(place).unwrap_or_default()
    }

    pub(super) fn kind(&self) -> &'static str {
        self.0.kind
    }

    pub(super) fn detail(&self) -> &str {
        &self.0.detail
    }

    pub(super) fn status(&self) -> StatusCode {
        self.0.status
    }
}

fn expected_json(expected: ExpectedVersion) -> Value {
    match expected {
        ExpectedVersion::Any => Value::from("any"),
        ExpectedVersion::NoStream => Value::from("none"),
        ExpectedVersion::StreamExists => Value::from("exists"),
        ExpectedVersion::Exactly(version) => Value::from(version),
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let as_status = |status, kind| Self::from_error(status, kind, &error);
        match error.kind() {
            ErrorKind::NotFound => as_status(StatusCode::NOT_FOUND, "not-found"),
            ErrorKind::BadInput => as_status(StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            ErrorKind::Busy | ErrorKind::NotLive => as_status(StatusCode::SERVICE_UNAVAILABLE, "busy"),
            ErrorKind::ReadOnly => as_status(StatusCode::METHOD_NOT_ALLOWED, "read-only"),
            ErrorKind::Unsupported => as_status(StatusCode::NOT_IMPLEMENTED, "unsupported"),
            ErrorKind::Cancelled => as_status(StatusCode::SERVICE_UNAVAILABLE, "stopped"),
            ErrorKind::Conflict { expected, actual, .. } => Self::conflict(&error, *expected, *actual),
            ErrorKind::Io => as_status(StatusCode::INSUFFICIENT_STORAGE, "storage"),
            ErrorKind::Database => as_status(StatusCode::INTERNAL_SERVER_ERROR, "database"),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Entry { error, entry } => Self::from(error).with("event", Value::from(entry)),
            Refusal::Repeated { id, entry, position, how } => {
                let detail = format!("an event with the id {id} is stored already, {how}");
                let hint = "Nothing was written. Repeat a request as it was, and give another one another id or Idempotency-Key.";
                Self::new(StatusCode::CONFLICT, "repeated", detail)
                    .hint(hint)
                    .with("event", Value::from(entry))
                    .with("position", Value::from(position))
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let Inner { status, kind, detail, hint, members: more, challenge } = *self.0;
        let mut members = Map::new();
        members.insert("type".to_owned(), Value::from(format!("urn:eventscope:problem:{kind}")));
        members.insert("title".to_owned(), json!(status.canonical_reason().unwrap_or("Error")));
        members.insert("status".to_owned(), json!(status.as_u16()));
        members.insert("detail".to_owned(), Value::from(detail));
        if let Some(hint) = hint {
            members.insert("hint".to_owned(), Value::from(hint));
        }
        members.extend(more);
        let mut response = Response::new(Body::from(Value::Object(members).to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
