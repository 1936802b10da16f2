//! Scans a store with as many readers as there are cores, each on a connection of its own.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::error::Result;
use crate::event::Position;
use crate::filter::Compiled;
use crate::source::{ScanBatch, ScanRange, Source};

use super::waiting;

/// How many events a reader takes at a time: few enough that all end at nearly the same moment.
const PART: u64 = 100_000;

/// More readers than this only wait for the same memory.
const MOST_READERS: usize = 8;

/// How many batches may wait to be taken in.
const WAITING: usize = 64;

/// What a reader found in a part of the range.
type Told = (usize, Result<ScanBatch>);

/// Finds the events that a filter keeps, as [`Source::scan`] does and in the same order, with the help of other readers
/// of the same file where there is much to look at.
///
/// # Errors
/// Those of [`Source::scan`]; where the system gives no more threads, too.
pub fn scan_together(
    source: &Source,
    filter: &Compiled,
    range: ScanRange,
    on: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
) -> Result<()> {
    if source.mapping().is_none() {
        // Where nothing is known as events, none is kept.
        let _ = on(ScanBatch { last: true, ..ScanBatch::default() });
        return Ok(());
    }
    if source.scan_by_index(filter, range, on)? {
        return Ok(());
    }
    let parts = source.divide(range, PART)?;
    let readers = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_READERS).min(parts.len());
    if readers < 2 {
        return source.scan_all(filter, range, on);
    }
    let (send, receive) = sync_channel(WAITING);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..readers {
            let (reader, send, parts, next) = (source.reopen()?, send.clone(), parts.as_slice(), &next);
            reader.set_interrupt(source.interrupt())?;
            let work = waiting::work();
            thread::Builder::new().name(format!("eventscope scan {number}")).spawn_scoped(scope, move || {
                waiting::works_for(work);
                read(&reader, filter, parts, next, &send);
            })?;
        }
        drop(send);
        // Where positions have no gaps the readers need not walk over them first; they begin while that is found out.
        source.learn_gaps()?;
        // Owned by the call: readers stop where nobody receives any more.
        take_in(receive, parts.len(), on)
    })
}

/// Reads one part after the other, of those that nobody has taken.
fn read(source: &Source, filter: &Compiled, parts: &[ScanRange], next: &AtomicUsize, send: &SyncSender<Told>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(part) = parts.get(number) else { return };
        let mut wanted = ControlFlow::Continue(());
        let done = source.scan_all(filter, *part, &mut |batch| {
            if send.send((number, Ok(batch))).is_err() {
                wanted = ControlFlow::Break(());
            }
            wanted
        });
        if let Err(error) = done {
            send.send((number, Err(error))).ok();
            return;
        }
        if wanted.is_break() {
            return;
        }
    }
}

/// A part that is read, and not yet handed on since one before it is not ready.
#[derive(Default)]
struct Part {
    positions: Vec<Position>,
    ended: bool,
}

/// Hands on what the readers find, in the order of the store.
fn take_in(receive: Receiver<Told>, parts: usize, on: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>) -> Result<()> {
    let mut waiting: BTreeMap<usize, Part> = BTreeMap::new();
    let mut scanned_of = vec![0; parts];
    let (mut scanned, mut present) = (0, 0);
    for (number, batch) in receive {
        let batch = batch?;
        if let Some(before) = scanned_of.get_mut(number) {
            scanned += batch.scanned - *before;
            *before = batch.scanned;
        }
        let part = waiting.entry(number).or_default();
        part.positions.extend(batch.positions);
        part.ended = batch.last;
        let mut positions = Vec::new();
        while let Some(part) = waiting.get_mut(&present) {
            positions.append(&mut part.positions);
            if !part.ended {
                break;
            }
            waiting.remove(&present);
            present += 1;
        }
        let last = present == parts;
        if on(ScanBatch { positions, scanned, last }).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{ExpectedVersion, NewEvent, StreamName};
    use crate::filter::{Filter, compile};
    use crate::source::{Interrupt, OpenOptions};
    use crate::store::EventStore;

    /// A store with a number in each event.
    fn source(events: u64) -> (tempfile::TempDir, Source) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut store = EventStore::create(&path).unwrap();
        let batch: Vec<NewEvent> = (0..events).map(|n| NewEvent::new("it.counted", json!({"n": n}))).collect();
        store.append(&StreamName::new("it", "1"), ExpectedVersion::Any, &batch).unwrap();
        drop(store);
        (folder, Source::open(&path, &OpenOptions::default()).unwrap())
    }

    fn compiled(source: &Source, text: &str) -> Compiled {
        compile(&Filter::parse(text).unwrap(), source.mapping().unwrap())
    }

    #[test]
    fn many_readers_find_what_one_finds_in_the_same_order() {
        let (_folder, source) = source(2 * PART + 5_000);
        for (text, range) in [
            ("data.n>150000", ScanRange::default()),
            ("\"99\"", ScanRange { after: Some(7), through: Some(203_000) }),
            ("data.missing:*", ScanRange::default()),
            ("-data.n>3", ScanRange { after: Some(100_000), through: None }),
        ] {
            let filter = compiled(&source, text);
            let (mut alone, mut together, mut lasts) = (Vec::new(), Vec::new(), 0);
            source
                .scan(&filter, range, &mut |batch| {
                    alone.extend(batch.positions);
                    ControlFlow::Continue(())
                })
                .unwrap();
            scan_together(&source, &filter, range, &mut |batch| {
                together.extend(batch.positions);
                lasts += usize::from(batch.last);
                ControlFlow::Continue(())
            })
            .unwrap();
            assert!(alone == together, "{text}: {} and {}", alone.len(), together.len());
            assert_eq!(lasts, 1, "{text}");
        }
    }

    #[test]
    fn it_stops_when_it_is_told_to() {
        let (_folder, source) = source(2 * PART);
        let filter = compiled(&source, "data.n>=0");
        let mut batches = 0;
        scan_together(&source, &filter, ScanRange::default(), &mut |_| {
            batches += 1;
            ControlFlow::Break(())
        })
        .unwrap();
        assert_eq!(batches, 1);
        let counter = std::sync::Arc::default();
        source.set_interrupt(Interrupt::new(&counter)).unwrap();
        let stopped = scan_together(&source, &filter, ScanRange::default(), &mut |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            ControlFlow::Continue(())
        });
        assert!(stopped.is_err_and(|error| error.is_cancelled()));
    }
}
