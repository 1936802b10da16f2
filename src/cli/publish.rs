//! `eventscope publish`: the events of any database to Redis, as they come.

use serde_json::json;

use crate::error::Error;
use crate::serve::{self, Database};

use super::arguments::Publish;
use super::output::{Outcome, Output};

/// Publishes until the process is told to end.
pub(super) fn run(arguments: Publish) -> Outcome {
    let Publish { database, publishing, checkpoint, once } = arguments;
    let Some(options) = publishing.options() else {
        let missing = Error::bad_input("nothing says where to publish");
        return Err(missing.with_hint("Name a Redis with --redis URL.").into());
    };
    if checkpoint.is_none() && crate::model::is_server(&database.file) {
        let missing = Error::bad_input("nothing says where the checkpoint is kept: there is no file to keep it beside");
        return Err(missing.with_hint("Name a file with --checkpoint.").into());
    }
    let source = super::open_events(&database)?;
    let checkpoint = checkpoint.unwrap_or_else(|| {
        let mut name = database.file.clone().into_os_string();
        name.push(".redis-checkpoint");
        name.into()
    });
    let served = Database::Foreign(source.opener());
    drop(source);
    let published = serve::publish(&options, served, &checkpoint, once, &super::serve::say())?;
    let mut output = Output::new(database.json);
    if database.json {
        output.document(&json!({"published": published}))?;
    } else {
        output.line(&format!("published {published} events"))?;
    }
    output.finish()
}
