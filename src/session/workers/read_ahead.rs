//! Reading a stream on a thread of its own, a few batches ahead of whoever folds it: decoding an event takes about as
//! long as folding it, and a machine has two cores at least.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use crate::error::{Error, Result};
use crate::event::{Briefs, Event, StreamName, Version};
use crate::source::Source;

/// How many batches, each what the source reads together, may wait: enough that neither side waits for the other, and little to throw away.
const WAITING: usize = 4;

/// Events that were read, and what reading failed with after them.
type Batch = (Vec<Event>, Option<Error>);

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
    with_batches(source, stream, range, |batches| {
        for (events, failed) in batches {
            if take(events)?.is_break() {
                return Ok(false);
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(true)
    })
}

/// Reads a stream in the same way, and gives its events to `fold` as they come, with what reading failed with.
///
/// # Errors
/// What opening fails with, or `fold`.
pub fn fold_ahead<S: AsRef<Source>, R>(
    source: impl FnOnce() -> Result<S> + Send,
    stream: &StreamName,
    range: (Version, Option<Version>),
    fold: impl FnOnce(&mut dyn Iterator<Item = Result<Event>>) -> Result<R>,
) -> Result<R> {
    with_batches(source, stream, range, |batches| {
        let one_by_one = |(events, failed): Batch| events.into_iter().map(Ok).chain(failed.map(Err));
        fold(&mut batches.into_iter().flat_map(one_by_one))
    })
}

/// Reads a stream in the same way for a fold that [reads data alone](crate::replay::Evolve::reads_data_alone), and hands
/// out the briefs of its events, with what a mark has of each or without. Says whether the stream was read to its end.
///
/// # Errors
/// As [`read_ahead`].
pub fn briefs_ahead<S: AsRef<Source>>(
    source: impl FnOnce() -> Result<S> + Send,
    stream: &StreamName,
    range: (Version, Option<Version>),
    marks: bool,
    mut take: impl FnMut(&Briefs) -> Result<ControlFlow<()>>,
) -> Result<bool> {
    // What was taken in is filled again: to allocate on one thread and free on another costs as much as to read.
    let (give_back, used) = channel::<Briefs>();
    let read = move |sender: &SyncSender<(Briefs, Option<Error>)>| {
        let source = source()?;
        let mut events = source.as_ref().read_history(stream, range.0, range.1)?;
        loop {
            let mut briefs = used.try_recv().unwrap_or_default();
            match events.next_briefs(marks, &mut briefs) {
                Some(Ok(())) if sender.send((briefs, None)).is_ok() => {}
                Some(Err(error)) => return Err(error),
                Some(Ok(())) | None => return Ok(()),
            }
        }
    };
    on_two_threads(read, |batches| {
        for (briefs, failed) in batches {
            if take(&briefs)?.is_break() {
                return Ok(false);
            }
            if let Some(error) = failed {
                return Err(error);
            }
            // The reader may be done.
            drop(give_back.send(briefs));
        }
        Ok(true)
    })
}

fn with_batches<S: AsRef<Source>, R>(
    source: impl FnOnce() -> Result<S> + Send,
    stream: &StreamName,
    range: (Version, Option<Version>),
    take: impl FnOnce(Receiver<Batch>) -> Result<R>,
) -> Result<R> {
    on_two_threads(move |sender| read(source, stream, range, sender), take)
}

/// What one thread reads, batch by batch, another takes in. What reading fails with comes behind the batches.
fn on_two_threads<B: Default + Send, R>(
    read: impl FnOnce(&SyncSender<(B, Option<Error>)>) -> Result<()> + Send,
    take: impl FnOnce(Receiver<(B, Option<Error>)>) -> Result<R>,
) -> Result<R> {
    thread::scope(|scope| {
        let (sender, batches) = sync_channel(WAITING);
        let read = move || {
            if let Err(error) = read(&sender) {
                // Nobody takes it where enough was read.
                drop(sender.send((B::default(), Some(error))));
            }
        };
        let reader = thread::Builder::new().name("eventscope read-ahead".to_owned()).spawn_scoped(scope, read)?;
        // The batches are gone when this returns, so that the reader ends.
        let taken = take(batches);
        match reader.join() {
            Ok(()) => taken,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn read<S: AsRef<Source>>(
    source: impl FnOnce() -> Result<S>,
    stream: &StreamName,
    range: (Version, Option<Version>),
    sender: &SyncSender<Batch>,
) -> Result<()> {
    let source = source()?;
    let mut events = source.as_ref().read_history(stream, range.0, range.1)?;
    while let Some(chunk) = events.next_chunk() {
        let (batch, failed) = match chunk {
            Ok(batch) => (batch, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        if sender.send((batch, failed)).is_err() {
            break;
        }
    }
    Ok(())
}
