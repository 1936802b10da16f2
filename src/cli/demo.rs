//! `eventscope demo FILE`: the demo's database, or a large one, as a file to keep.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use serde_json::json;

use crate::demo::large::{Command, History, Size, Writer};
use crate::error::Result;
use crate::session::thousands;

use super::arguments::Demo;
use super::output::{Outcome, Output};
use super::progress::Progress;

/// So many events are written in one transaction.
const TOGETHER: usize = 20_000;

/// So many transactions may wait to be written.
const AHEAD: usize = 2;

/// Writes the database.
pub(super) fn run(arguments: &Demo) -> Outcome {
    let Demo { file: Some(file), events, streams, seed, json } = arguments else { return Ok(()) };
    let Some(events) = *events else { return small(file, *json) };
    let size = Size::of(events, *streams, *seed);
    let written = large(file, size)?;
    let mut output = Output::new(*json);
    if *json {
        let file = file.to_string_lossy();
        output.document(&json!({"file": file, "events": written, "streams": size.streams, "seed": size.seed}))?;
    } else {
        let (events, streams) = (whole(written), whole(size.streams));
        output.line(&format!("made {}: {events} events in {streams} streams", file.display()))?;
    }
    output.finish()
}

fn small(file: &Path, json: bool) -> Outcome {
    crate::demo::create(file)?;
    let mut output = Output::new(json);
    if json {
        output.document(&json!({"file": file.to_string_lossy()}))?;
    } else {
        output.line(&format!("made {}: the month of a small shop", file.display()))?;
    }
    output.finish()
}

/// What happens is thought up on one thread and written on another. Answers with how many events were written.
fn large(file: &Path, size: Size) -> Result<u64> {
    let mut writer = Writer::create(file)?;
    let (send, receive) = sync_channel(AHEAD);
    thread::scope(|scope| {
        thread::Builder::new().name("demo".to_owned()).spawn_scoped(scope, move || think_up(size, &send))?;
        write(&mut writer, receive, size)
    })
}

fn think_up(size: Size, send: &SyncSender<Vec<Command>>) {
    let (mut together, mut events) = (Vec::new(), 0);
    for command in History::new(size) {
        events += command.len();
        together.push(command);
        if events >= TOGETHER {
            // The writer has failed where nobody receives.
            if send.send(std::mem::take(&mut together)).is_err() {
                return;
            }
            events = 0;
        }
    }
    send.send(together).ok();
}

fn write(writer: &mut Writer, receive: Receiver<Vec<Command>>, size: Size) -> Result<u64> {
    let mut progress = Progress::new();
    let what = format!("of {} events written; what is written stays, should you stop here", whole(size.events));
    let mut written = 0;
    // Owned by this call, so that the other thread ends when this fails.
    for commands in receive {
        written = writer.write(&commands)?;
        progress.tell(written, &what);
    }
    Ok(written)
}

fn whole(number: u64) -> String {
    thousands(i64::try_from(number).unwrap_or(i64::MAX))
}
