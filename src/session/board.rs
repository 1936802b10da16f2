//! The board on which workers say what long work they do, so that a person sees it and can stop it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::event::StreamName;

use super::desk::Ticket;
use super::{JobId, JobView, Wake};

/// Work that takes less than this is over before anybody could read its title.
const WORTH_SHOWING: std::time::Duration = std::time::Duration::from_millis(150);

/// What long work is going on.
#[derive(Clone)]
pub(super) struct Board {
    wake: Wake,
    entries: Arc<Mutex<BTreeMap<JobId, Entry>>>,
    last: Arc<AtomicU64>,
}

/// What a piece of work is about: whoever stops it must not ask for it again.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Subject {
    /// The rows of the event table.
    Rows,
    /// The history of a stream.
    Replay(StreamName),
    /// The comparison of the snapshots of an aggregate type.
    Snapshots(String),
    /// The rows of a table.
    Tables,
    /// A large value.
    Large,
    /// The copy of the file that is being opened.
    Opening,
    /// Something that nobody asks for again by itself.
    Other,
}

struct Entry {
    subject: Subject,
    title: String,
    started: Instant,
    done: u64,
    of: Option<u64>,
    ticket: Ticket,
}

impl Board {
    /// An empty board. Somebody is woken whenever work that was worth showing is over.
    pub(super) fn new(wake: Wake) -> Self {
        Self { wake, entries: Arc::default(), last: Arc::default() }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<JobId, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a piece of work up. It comes down when the returned note is dropped, also by a panic.
    pub(super) fn post(&self, subject: Subject, title: impl Into<String>, of: Option<u64>, ticket: &Ticket) -> Note {
        let id = JobId(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let entry =
            Entry { subject, title: title.into(), started: Instant::now(), done: 0, of, ticket: ticket.clone() };
        self.entries().insert(id, entry);
        Note { board: self.clone(), id }
    }

    /// The work that is worth showing, oldest first.
    pub(super) fn jobs(&self) -> Vec<JobView> {
        let entries = self.entries();
        entries.iter().filter(|(_, entry)| entry.started.elapsed() >= WORTH_SHOWING).map(view).collect()
    }

    /// Stops one piece of work, and nothing that came after it. Returns what it was about.
    pub(super) fn stop(&self, job: JobId) -> Option<Subject> {
        let entries = self.entries();
        let entry = entries.get(&job)?;
        entry.ticket.withdraw();
        Some(entry.subject.clone())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share and a rate are shown with two digits")]
fn view((id, entry): (&JobId, &Entry)) -> JobView {
    let seconds = entry.started.elapsed().as_secs_f64();
    let share = |of: u64| (entry.done as f32 / of.max(1) as f32).clamp(0.0, 1.0);
    // Events are what is counted by the second.
    let counted = !matches!(entry.subject, Subject::Tables | Subject::Large | Subject::Opening);
    let rate = (counted && entry.done > 0 && seconds > 0.0).then(|| entry.done as f64 / seconds);
    JobView { id: *id, title: entry.title.clone(), progress: entry.of.map(share), rate }
}

/// A piece of work on the board.
pub(super) struct Note {
    board: Board,
    id: JobId,
}

impl Note {
    /// Says how much is done.
    pub(super) fn done(&self, done: u64) {
        if let Some(entry) = self.board.entries().get_mut(&self.id) {
            entry.done = done;
        }
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let entry = self.board.entries().remove(&self.id);
        if entry.is_some_and(|entry| entry.started.elapsed() >= WORTH_SHOWING) {
            (self.board.wake)();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_shown_once_it_is_worth_it_and_stopping_withdraws_it() {
        let woken = Arc::new(AtomicU64::new(0));
        let told = Arc::clone(&woken);
        let board = Board::new(Arc::new(move || {
            told.fetch_add(1, Ordering::Relaxed);
        }));
        let ticket = Ticket::default();
        let note = board.post(Subject::Rows, "Filtering events", Some(200), &ticket);
        assert_eq!(board.jobs(), []);
        std::thread::sleep(WORTH_SHOWING);
        note.done(50);
        let jobs = board.jobs();
        assert_eq!((jobs[0].title.as_str(), jobs[0].progress), ("Filtering events", Some(0.25)));
        assert_eq!(board.stop(jobs[0].id), Some(Subject::Rows));
        assert!(ticket.is_withdrawn());
        drop(note);
        assert_eq!((board.jobs(), woken.load(Ordering::Relaxed)), (Vec::new(), 1));
    }
}
