//! Reading a stream on a thread of its own, a few batches ahead of whoever folds it: decoding an event takes about as
//! long as folding it, and a machine has two cores at least.

use std::ops::ControlFlow;
use std::sync::mpsc::sync_channel;
use std::thread;

use crate::error::Result;
use crate::event::{Event, StreamName, Version};
use crate::source::Source;

/// How many events are handed over at a time.
const BATCH: usize = 512;

/// How many batches may wait: enough that neither side waits for the other, and little to throw away.
const WAITING: usize = 4;

/// Reads a stream from one version to another, both included, on a thread of its own, and takes its events in, batch by
/// batch and in their order. `source` opens what is read from. Says whether the stream was read to its end.
///
/// # Errors
/// What reading failed with, after the events before were taken in; or what `take` fails with.
pub fn read_ahead<S: AsRef<Source>>(
    source: impl FnOnce() -> Result<S> + Send,
    stream: &StreamName,
    range: (Version, Option<Version>),
    mut take: impl FnMut(Vec<Event>) -> Result<ControlFlow<()>>,
) -> Result<bool> {
    thread::scope(|scope| {
        let (sender, batches) = sync_channel(WAITING);
        let read = move || -> Result<()> {
            let source = source()?;
            let mut events = source.as_ref().read_history(stream, range.0, range.1)?;
            loop {
                let mut batch = Vec::with_capacity(BATCH);
                let mut failed = None;
                for event in events.by_ref().take(BATCH) {
                    match event {
                        Ok(event) => batch.push(event),
                        Err(error) => failed = Some(error),
                    }
                }
                let ended = batch.len() < BATCH;
                // Nobody takes it where enough was read.
                if sender.send(batch).is_err() {
                    return Ok(());
                }
                match failed {
                    Some(error) => return Err(error),
                    None if ended => return Ok(()),
                    None => {}
                }
            }
        };
        let reader = thread::Builder::new().name("eventscope read-ahead".to_owned()).spawn_scoped(scope, read)?;
        for batch in &batches {
            if take(batch)?.is_break() {
                return Ok(false);
            }
        }
        match reader.join() {
            Ok(read) => read.map(|()| true),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
