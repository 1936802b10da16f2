//! Writes a store as lines of JSON with as many readers as there are cores, each on a connection of its own, while the
//! caller takes in what they have written.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::error::Result;
use crate::source::{Lines, ScanRange, Source};

/// How many events a part has at most. Readers take parts in turn, so that their order is known beforehand.
const PART: u64 = 10_000;

/// How many bytes a reader hands on at a time, and how many times it may be ahead of whoever takes them in.
const CHUNK: usize = 1 << 20;
const AHEAD: usize = 2;

/// More readers than this only wait for the same memory.
const MOST_READERS: usize = 4;

/// Lines in the order of the store, and how many there are; the last ones of a part say so.
type Told = Result<(Vec<u8>, Lines)>;

/// Gives the lines of all events to `on`, some at a time with their number, in the order of the store, until it breaks
/// off. [`Source::gives_lines`] says whether that can be had.
///
/// # Errors
/// Those of [`Source::lines`]; where the system gives no more threads, too.
pub fn export_together(source: &Source, on: &mut dyn FnMut(&[u8], u64) -> ControlFlow<()>) -> Result<()> {
    let parts = source.divide(ScanRange::default(), PART)?;
    let readers = thread::available_parallelism().map_or(1, NonZero::get).clamp(1, MOST_READERS).min(parts.len());
    thread::scope(|scope| {
        let mut receivers = Vec::new();
        for number in 0..readers {
            let (reader, (send, receive)) = (source.reopen()?, sync_channel(AHEAD));
            reader.set_interrupt(source.interrupt())?;
            let mine: Vec<ScanRange> = parts.iter().skip(number).step_by(readers).copied().collect();
            let body = move || read(&reader, &mine, &send);
            thread::Builder::new().name(format!("eventscope export {number}")).spawn_scoped(scope, body)?;
            receivers.push(receive);
        }
        // The receivers go with this block: readers stop where nobody receives any more.
        take_in(&receivers, parts.len(), on)
    })
}

fn read(source: &Source, parts: &[ScanRange], send: &SyncSender<Told>) {
    for part in parts {
        let mut range = *part;
        loop {
            let mut bytes = Vec::with_capacity(CHUNK + CHUNK / 8);
            let told = source.lines(range, CHUNK, &mut bytes);
            let reached = told.as_ref().map_or(None, |lines| lines.reached);
            let failed = told.is_err();
            if send.send(told.map(|lines| (bytes, lines))).is_err() || failed {
                return;
            }
            let Some(reached) = reached else { break };
            range.after = Some(reached);
        }
    }
}

fn take_in(
    receivers: &[Receiver<Told>],
    parts: usize,
    on: &mut dyn FnMut(&[u8], u64) -> ControlFlow<()>,
) -> Result<()> {
    let mut turn = receivers.iter().cycle();
    for _ in 0..parts {
        let Some(reader) = turn.next() else { return Ok(()) };
        loop {
            let Ok(told) = reader.recv() else { return Ok(()) };
            let (bytes, lines) = told?;
            if on(&bytes, lines.events).is_break() {
                return Ok(());
            }
            if lines.reached.is_none() {
                break;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{ExpectedVersion, NewEvent, StreamName};
    use crate::source::OpenOptions;
    use crate::store::EventStore;

    #[test]
    fn many_readers_write_what_one_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut store = EventStore::create(&path).unwrap();
        for stream in 0..5 {
            let batch: Vec<NewEvent> =
                (0..7_000).map(|n| NewEvent::new("it.counted", json!({"n": n, "pad": "x".repeat(60)}))).collect();
            store.append(&StreamName::new("it", stream.to_string()), ExpectedVersion::Any, &batch).unwrap();
        }
        drop(store);
        let source = Source::open(&path, &OpenOptions::default()).unwrap();
        let (mut alone, mut together, mut events) = (Vec::new(), Vec::new(), 0);
        source.lines(ScanRange::default(), usize::MAX, &mut alone).unwrap();
        export_together(&source, &mut |bytes, written| {
            together.extend_from_slice(bytes);
            events += written;
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(events, 35_000);
        assert!(alone == together);
        let mut taken = 0;
        export_together(&source, &mut |_, _| {
            taken += 1;
            ControlFlow::Break(())
        })
        .unwrap();
        assert_eq!(taken, 1, "it ends where nobody takes it in");
    }
}
