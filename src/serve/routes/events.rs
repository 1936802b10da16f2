//! Appending events, and finding one.

use std::sync::Arc;

use axum::extract::{Request as Asked, State};
use axum::http::{HeaderMap, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Answer, Named, etag, named, with};
use crate::event::{ExpectedVersion, NewEvent};
use crate::serve::body;
use crate::serve::incoming;
use crate::serve::log::Log;
use crate::serve::outgoing::{event_json, events_json};
use crate::serve::params::Params;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use crate::store::{Answered, Entry, Request};

/// How many places that do not fit a schema are told.
const MOST_FAULTS: usize = 100;

/// How long an Idempotency-Key is at most.
const LONGEST_KEY: usize = 255;

/// `POST /events/`.
pub(super) async fn append(State(service): State<Arc<Service>>, request: Asked) -> Answer {
    let writer = service.writer()?;
    Params::new(request.uri().query())?.finish()?;
    let key = idempotency_key(request.headers())?;
    let condition = condition(request.headers())?;
    let body = body::read(&service, request).await?;
    let mut wanted = incoming::event(&body, key.as_deref())?;
    if let (Some(condition), Some(event)) = (condition, wanted.entries.first_mut()) {
        if event.expected != ExpectedVersion::Any {
            let problem = Problem::invalid("both expected_version and a header say what the stream has to be at");
            return Err(problem.at("expected_version").hint("Give one of them."));
        }
        event.expected = condition;
    }
    let stands_in_header = condition.is_some();
    let wanted = Arc::new(wanted);
    let answered = match writer.append(Arc::clone(&wanted)).await {
        Err(problem) if stands_in_header && problem.kind() == "conflict" => {
            return Err(problem.with_status(StatusCode::PRECONDITION_FAILED));
        }
        Err(problem) => return Err(explained(&service, problem, wanted).await),
        Ok(answered) => answered,
    };
    let Some(event) = answered.events.first() else { return Err(Problem::invalid("nothing was appended")) };
    let response = super::json(status(&answered), event_json(event)?);
    let id = utf8_percent_encode(event.id.as_deref().unwrap_or_default(), NON_ALPHANUMERIC).to_string();
    let location = format!("/events/{}", id.replace("%2D", "-"));
    Ok(with(with(response, header::ETAG, &etag(event.version)), header::LOCATION, &location))
}

/// `POST /events/batch`.
pub(super) async fn append_batch(State(service): State<Arc<Service>>, request: Asked) -> Answer {
    let writer = service.writer()?;
    Params::new(request.uri().query())?.finish()?;
    let key = idempotency_key(request.headers())?;
    if condition(request.headers())?.is_some() {
        let problem = Problem::invalid("a batch may be of several streams, and a header is about one");
        return Err(problem.at("If-Match").hint("Give each event its expected_version."));
    }
    let body = body::read(&service, request).await?;
    let wanted = incoming::events(&body, key.as_deref())?;
    if wanted.entries.is_empty() {
        return Ok(super::json(StatusCode::OK, "[]".to_owned()));
    }
    refuse_same_ids(&wanted.entries)?;
    let wanted = Arc::new(wanted);
    let answered = match writer.append(Arc::clone(&wanted)).await {
        Err(problem) => return Err(explained(&service, problem, wanted).await),
        Ok(answered) => answered,
    };
    Ok(super::json(status(&answered), events_json(&answered.events)?))
}

/// `GET /events/{id}`.
pub(super) async fn event(State(service): State<Arc<Service>>, id: Named<String>, request: Asked) -> Answer {
    let id = named(id)?;
    Params::new(request.uri().query())?.finish()?;
    let wanted = incoming::canonical_id(&id).unwrap_or_else(|_| id.clone());
    let mut found = service.readers.look(move |log| log.event(&wanted)).await?;
    if found.is_none() {
        // Another program may write ids in capitals.
        let exactly = id.clone();
        found = service.readers.read(move |log| log.event(&exactly)).await?;
    }
    let Some(event) = found else { return Err(Problem::not_found(format!("there is no event with the id {id}"))) };
    Ok(super::json(StatusCode::OK, event_json(&event)?))
}

/// The same problem with every place at which the data of an event does not fit its schema, where it is that.
async fn explained(service: &Service, problem: Problem, wanted: Arc<Request>) -> Problem {
    if problem.kind() != "invalid" {
        return problem;
    }
    let place = problem.place();
    let faults = move |log: &dyn Log| {
        let schema_version =
            |event: &NewEvent| event.schema_version.as_deref().map_or(Some(1), |text| text.parse().ok());
        let at = |(place, entry): (usize, &Entry)| {
            let event = &entry.event;
            let version = schema_version(event)?;
            let faults = log.faults(&event.event_type, version, &event.data.value(), MOST_FAULTS);
            faults.map(|faults| (!faults.is_empty()).then_some((place, faults))).transpose()
        };
        // Which of several neighbours it is the store does not say.
        wanted.entries.iter().enumerate().skip(place).find_map(at).transpose()
    };
    match service.readers.read(faults).await {
        Ok(Some((place, faults))) => {
            let errors: Vec<Value> =
                faults.into_iter().map(|(pointer, detail)| json!({"pointer": pointer, "detail": detail})).collect();
            problem.with("event", Value::from(place)).with("errors", Value::from(errors))
        }
        _ => problem,
    }
}

fn status(answered: &Answered) -> StatusCode {
    if answered.repeated { StatusCode::OK } else { StatusCode::CREATED }
}

fn refuse_same_ids(entries: &[Entry]) -> Result<(), Problem> {
    let mut ids: Vec<&str> = entries.iter().filter_map(|entry| entry.event.id.as_deref()).collect();
    ids.sort_unstable();
    let same = ids.windows(2).find_map(|pair| match pair {
        [a, b] if a == b => Some(*a),
        _ => None,
    });
    same.map_or(Ok(()), |id| Err(Problem::invalid(format!("two events of the batch have the id {id}")).at("id")))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let name = "Idempotency-Key";
    let Some(value) = headers.get(name) else { return Ok(None) };
    // The draft of the header has it as a string in quotes; most send it without.
    let key = value.to_str().unwrap_or_default().trim().trim_matches('"');
    if key.is_empty() || key.len() > LONGEST_KEY {
        let detail = format!("an Idempotency-Key has 1 to {LONGEST_KEY} letters of ASCII");
        return Err(Problem::invalid(detail).at(name));
    }
    Ok(Some(key.to_owned()))
}

/// What the headers say that the stream has to be at.
fn condition(headers: &HeaderMap) -> Result<Option<ExpectedVersion>, Problem> {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
    match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
        (None, None) => Ok(None),
        (Some("*"), None) => Ok(Some(ExpectedVersion::StreamExists)),
        (None, Some("*")) => Ok(Some(ExpectedVersion::NoStream)),
        (Some(tag), None) => {
            let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok());
            let wrong = || Problem::invalid("If-Match is no ETag of a stream").at("If-Match");
            version
                .filter(|version| *version >= 1)
                .map(|version| Some(ExpectedVersion::Exactly(version)))
                .ok_or_else(|| wrong().hint("Send the ETag that GET /streams/{type}/{id} answered with, or *."))
        }
        _ => {
            Err(Problem::invalid("If-None-Match can only be *, for a stream that is not there yet").at("If-None-Match"))
        }
    }
}
