//! States that an application stores.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Answer, Named, json, stream_of};
use crate::error::Error;
use crate::event::{StreamName, Version};
use crate::serve::body;
use crate::serve::incoming::misread;
use crate::serve::log::Kept;
use crate::serve::params::Params;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use crate::store::{Store, moment_text, raw_json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given<'a> {
    version: Version,
    state_version: Option<u32>,
    #[serde(borrow)]
    state: &'a RawValue,
}

#[derive(Serialize)]
struct Shown<'a> {
    aggregate_type: &'a str,
    aggregate_id: &'a str,
    version: Version,
    state_version: Option<u32>,
    taken_at: Option<String>,
    state: &'a RawValue,
}

/// `GET /snapshots/{type}/{id}`.
pub(super) async fn get(
    State(service): State<Arc<Service>>,
    path: Named<(String, String)>,
    request: Request,
) -> Answer {
    let stream = stream_of(&service, path)?;
    let mut params = Params::new(request.uri().query())?;
    let at = params.parsed("at", "a version")?;
    params.finish()?;
    let wanted = stream.clone();
    let found = service.readers.read(move |log| log.snapshot(&wanted, at)).await?;
    let Some(kept) = found else {
        let until = at.map_or_else(String::new, |at: Version| format!(" up to version {at}"));
        return Err(Problem::not_found(format!("there is no snapshot of {stream}{until}")));
    };
    Ok(json(StatusCode::OK, shown(&stream, &kept)?))
}

fn shown(stream: &StreamName, kept: &Kept) -> Result<String, Problem> {
    let shown = Shown {
        aggregate_type: &stream.aggregate_type,
        aggregate_id: &stream.aggregate_id,
        version: kept.version,
        state_version: kept.state_version,
        taken_at: kept.taken_at.as_ref().map(|taken_at| moment_text(taken_at).into_owned()),
        state: raw_json(&kept.state)?,
    };
    serde_json::to_string(&shown).map_err(|error| Error::bad_input(error.to_string()).into())
}

/// `PUT /snapshots/{type}/{id}`.
pub(super) async fn put(
    State(service): State<Arc<Service>>,
    path: Named<(String, String)>,
    request: Request,
) -> Answer {
    let writer = service.writer()?;
    let stream = stream_of(&service, path)?;
    Params::new(request.uri().query())?.finish()?;
    let body = body::read(&service, request).await?;
    let given: Given<'_> = serde_json::from_slice(&body).map_err(|error| {
        misread(&error).hint("A snapshot has version, state, and where it is counted state_version.")
    })?;
    let (version, state_version) = (given.version, given.state_version.unwrap_or(1));
    if version < 1 || state_version < 1 {
        return Err(Problem::invalid("versions go from 1 on").at("version"));
    }
    if serde_json::from_str::<serde_json::Value>(given.state.get()).is_err() {
        return Err(Problem::invalid("the state is nested too deeply").at("state"));
    }
    let state = given.state.to_owned();
    let wanted = stream.clone();
    let save = move |store: &mut dyn Store| {
        store.save_snapshot(&wanted, version, state_version, state.into())?;
        store.snapshot(&wanted, Some(version))
    };
    let Some(saved) = writer.carry_out(save).await? else {
        return Err(Problem::not_found(format!("the snapshot of {stream} is gone again")));
    };
    Ok(json(StatusCode::OK, shown(&stream, &Kept::from(saved))?))
}
