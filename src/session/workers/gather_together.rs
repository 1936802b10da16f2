//! Gathers of all the events of a store with as many readers as there are cores, each on a connection of its own.
//!
//! Each reader goes along a stretch of the store, so that what it gathers is joined once, not part by part. One that is
//! at the end of its own takes half of what another one has before it. Stretches are joined as soon as they meet: what is
//! gathered of each may know all streams.

use std::num::NonZero;
use std::ops::{ControlFlow, Range};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::error::{Error, ErrorKind, Result};
use crate::insight::gather::{Gather, TOLD, gather};
use crate::source::{ScanRange, Source};

use super::waiting;

/// How many events a part of a stretch has at most.
const PART: u64 = 50_000;

/// More readers than this only wait for the same memory, and each has tables of its own.
const MOST_READERS: usize = 4;

/// How many parts must lie before a reader for another one to take half of them: each stretch is joined in the end.
const WORTH_TAKING: usize = 16;

/// Gathers of every event of a store what one reader would in one pass, with the help of others where there is much to
/// look at. `on` hears of how many events were looked at, and may stop it.
///
/// # Errors
/// Those of reading; [`Cancelled`](crate::ErrorKind::Cancelled) where `on` or the source's interrupt stopped it; where the
/// system gives no more threads, too.
pub(crate) fn gather_together<G: Gather>(
    source: &Source,
    begin: &(dyn Fn() -> G + Sync),
    on: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<G> {
    let readers = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_READERS);
    gather_with(source, (PART, readers), begin, on)
}

fn gather_with<G: Gather>(
    source: &Source,
    (part, readers): (u64, usize),
    begin: &(dyn Fn() -> G + Sync),
    on: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<G> {
    let parts = source.divide(ScanRange::default(), part)?;
    let readers = readers.min(parts.len());
    if readers < 2 {
        return gather(source, begin(), on);
    }
    let mut gathered = in_stretches(source, &parts, readers, begin, on)?;
    if let Some(untold) = gathered.untold() {
        gathered.told(gather(source, untold, on)?);
    }
    Ok(gathered)
}

fn in_stretches<G: Gather>(
    source: &Source,
    parts: &[ScanRange],
    readers: usize,
    begin: &(dyn Fn() -> G + Sync),
    on: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<G> {
    let (work, done, stopped) = (Work::new(parts, readers), Done::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        let (send, receive) = channel();
        let mut handles = Vec::new();
        for number in 0..readers {
            let (reader, send, work, done, stopped) = (source.reopen()?, send.clone(), &work, &done, &stopped);
            reader.set_interrupt(source.interrupt())?;
            let wanted = waiting::work();
            let body = move || {
                waiting::works_for(wanted);
                let read = read(&reader, (work, done), begin, (&send, stopped));
                if read.is_err() {
                    stopped.store(true, Ordering::Relaxed);
                }
                read
            };
            handles.push(thread::Builder::new().name(format!("eventscope gather {number}")).spawn_scoped(scope, body)?);
        }
        drop(send);
        let mut seen = 0;
        for more in receive {
            seen += more;
            if on(seen).is_break() {
                stopped.store(true, Ordering::Relaxed);
            }
        }
        for handle in handles {
            handle.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        }
        Ok::<_, Error>(())
    })?;
    if stopped.load(Ordering::Relaxed) {
        return Err(Error::new(ErrorKind::Cancelled, "the work was stopped"));
    }
    Ok(done.whole().unwrap_or_else(begin))
}

/// Reads one stretch after the other, as long as there are any.
fn read<G: Gather>(
    source: &Source,
    (work, done): (&Work<'_>, &Done<G>),
    begin: &(dyn Fn() -> G + Sync),
    (send, stopped): (&Sender<u64>, &AtomicBool),
) -> Result<()> {
    while let Some((stretch, first)) = work.take() {
        let mut of_stretch = begin();
        let columns = of_stretch.columns();
        let mut untold = 0;
        while let Some(part) = work.next(stretch) {
            let _ = source.skim_range(part, columns, &mut |events| {
                for event in events {
                    of_stretch.see(event);
                }
                untold += events.len() as u64;
                if untold < TOLD {
                    return ControlFlow::Continue(());
                }
                let is_heard = send.send(std::mem::take(&mut untold)).is_ok();
                if is_heard && !stopped.load(Ordering::Relaxed) {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
            if stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
        send.send(untold).ok();
        done.add(first..work.end(stretch), of_stretch);
    }
    Ok(())
}

/// What was gathered of the stretches that are read, each with the numbers of its parts; no two of them meet.
struct Done<G>(Mutex<Vec<(Range<usize>, G)>>);

impl<G> Default for Done<G> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<G: Gather> Done<G> {
    /// Takes in one, joined with those that it meets. Others are not kept waiting meanwhile.
    fn add(&self, parts: Range<usize>, gathered: G) {
        let mut joined = (parts, gathered);
        loop {
            let known = {
                let mut done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                let meets = |other: &Range<usize>| other.end == joined.0.start || other.start == joined.0.end;
                match done.iter().position(|(other, _)| meets(other)) {
                    Some(place) => done.swap_remove(place),
                    None => return done.push(joined),
                }
            };
            let (mut before, behind) = if known.0.end == joined.0.start { (known, joined) } else { (joined, known) };
            before.1.join(behind.1);
            joined = (before.0.start..behind.0.end, before.1);
        }
    }

    /// All of them, once every part is read.
    fn whole(self) -> Option<G> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).pop().map(|(_, gathered)| gathered)
    }
}

/// The parts that nobody has read yet, in stretches.
struct Work<'p> {
    parts: &'p [ScanRange],
    stretches: Mutex<Vec<Stretch>>,
}

/// Parts that follow each other.
struct Stretch {
    next: usize,
    end: usize,
    is_taken: bool,
}

impl<'p> Work<'p> {
    fn new(parts: &'p [ScanRange], readers: usize) -> Self {
        let at = |reader: usize| parts.len() * reader / readers;
        let stretch = |reader| Stretch { next: at(reader), end: at(reader + 1), is_taken: false };
        Self { parts, stretches: Mutex::new((0..readers).map(stretch).collect()) }
    }

    /// A stretch that nobody reads, with the number of its first part: one that is left, or half of what is left of the
    /// longest one.
    fn take(&self) -> Option<(usize, usize)> {
        let mut stretches = self.stretches.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((number, free)) = stretches.iter_mut().enumerate().find(|(_, stretch)| !stretch.is_taken) {
            free.is_taken = true;
            return Some((number, free.next));
        }
        let longest = stretches.iter_mut().max_by_key(|stretch| stretch.end - stretch.next)?;
        let left = longest.end - longest.next;
        if left < WORTH_TAKING {
            return None;
        }
        let (middle, end) = (longest.end - left / 2, longest.end);
        longest.end = middle;
        stretches.push(Stretch { next: middle, end, is_taken: true });
        Some((stretches.len() - 1, middle))
    }

    /// The number of the part behind a stretch's last one.
    fn end(&self, stretch: usize) -> usize {
        let stretches = self.stretches.lock().unwrap_or_else(PoisonError::into_inner);
        stretches.get(stretch).map_or(0, |stretch| stretch.end)
    }

    /// The next part of a stretch; `None` at its end.
    fn next(&self, stretch: usize) -> Option<ScanRange> {
        let mut stretches = self.stretches.lock().unwrap_or_else(PoisonError::into_inner);
        let stretch = stretches.get_mut(stretch).filter(|stretch| stretch.next < stretch.end)?;
        let part = self.parts.get(stretch.next).copied();
        stretch.next += 1;
        part
    }
}

#[cfg(test)]
mod tests;
