//! Gathers events from a server into a local file: piece by piece, each in a short transaction there and one here, so that
//! a gathering that was cut off goes on where it stopped.

use std::path::Path;

use chrono::{SecondsFormat, Utc};

use super::cache::held;
use super::connection::Server;
use super::find;
use super::gathering::Gathering;
use super::key::Key;
use super::late;
use super::progress::Report;
use super::wanted::Wanted;
use crate::error::Result;
use crate::profile::Library;
use crate::source::{Interrupt, Slice};

/// Gathers what is wanted into a file, or adds to what was gathered there before: what is missing of it, and what the
/// server has got since.
///
/// # Errors
/// Where nothing on the server is known as events; what connecting and reading fail with; bad input where the file holds
/// something else. What was gathered until then stays, and is gone on with.
pub fn gather(
    server: &mut Server,
    library: &Library,
    wanted: &Wanted,
    file: &Path,
    interrupt: &Interrupt,
    on: &mut Report<'_>,
) -> Result<Slice> {
    let _held = held(file)?;
    let chosen = find::chosen(server, library, wanted.table.as_deref())?;
    let mut gathering = Gathering::open(server, chosen, wanted, file)?;
    catch_up(&mut gathering, server, interrupt, on)?;
    gathering.close()
}

/// This moment, as a slice says it.
pub(super) fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Takes in all that is wanted and not in the file yet.
pub(super) fn catch_up(
    gathering: &mut Gathering,
    server: &mut Server,
    interrupt: &Interrupt,
    on: &mut Report<'_>,
) -> Result<()> {
    // What has come by now is in it in the end, and maybe more.
    let as_of = now();
    if gathering.slice.whole {
        late::take_in(gathering, server, interrupt)?;
    }
    gathering.advance(server, interrupt, on)?;
    if matches!(gathering.state.key, Key::None) {
        gathering.everything(server, interrupt)?;
    }
    gathering.beside(server, interrupt, on)?;
    on(&gathering.progress());
    gathering.finish(as_of)
}
