//! The JSON Schemas that events are held against.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::{Answer, Named, json, named};
use crate::serve::body;
use crate::serve::incoming::misread;
use crate::serve::params::Params;
use crate::serve::problem::Problem;
use crate::serve::service::Service;

/// `GET /schemas/{event_type}/{version}`.
pub(super) async fn get(
    State(service): State<Arc<Service>>,
    path: Named<(String, String)>,
    request: Request,
) -> Answer {
    let (event_type, version) = name(path)?;
    Params::new(request.uri().query())?.finish()?;
    let wanted = event_type.clone();
    let found = service.readers.read(move |log| log.schema(&wanted, version)).await?;
    match found {
        Some(schema) => Ok(json(StatusCode::OK, schema.to_string())),
        None => Err(Problem::not_found(format!("there is no schema of {event_type}, schema version {version}"))),
    }
}

/// `PUT /schemas/{event_type}/{version}`.
pub(super) async fn put(
    State(service): State<Arc<Service>>,
    path: Named<(String, String)>,
    request: Request,
) -> Answer {
    let writer = service.writer()?;
    let (event_type, version) = name(path)?;
    let mut params = Params::new(request.uri().query())?;
    let replace = params.parsed("replace", "true or false")?.unwrap_or(false);
    params.finish()?;
    let body = body::read(&service, request).await?;
    let schema: Value = serde_json::from_slice(&body).map_err(|error| misread(&error))?;
    let text = schema.to_string();
    writer.carry_out(move |store| store.put_schema(&event_type, version, &schema, replace)).await?;
    Ok(json(StatusCode::OK, text))
}

fn name(path: Named<(String, String)>) -> Result<(String, u32), Problem> {
    let (event_type, version) = named(path)?;
    let wrong = || Problem::invalid(format!("`{version}` is no schema version")).at("path");
    match version.parse() {
        Ok(version) if version >= 1 => Ok((event_type, version)),
        _ => Err(wrong().hint("They go from 1 on.")),
    }
}
