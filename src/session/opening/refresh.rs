//! Taking in what changes more than one part: the file that was opened, that grew, or that was written to.

use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::source::KeyBatch;

use super::Opened;
use super::watcher::{Growth, Watcher};
use crate::session::answer::Answer;
use crate::session::statistics::StatisticsAnswer;
use crate::session::tables::TablesAnswer;
use crate::session::{Count, Done, Draft, FileStatus, Notice, Session, Status, Task};

impl Session {
    /// The file is open, for the first time or anew.
    pub(in crate::session) fn take_opened(&mut self, opened: Result<Box<Opened>>) -> Option<Notice> {
        let parts = self.parts.as_mut()?;
        let opened = match opened {
            Ok(opened) => *opened,
            Err(error) => {
                let error = Arc::new(error);
                if let Some(overview) = &self.overview {
                    // What was read stays, and is read on in the way that it was.
                    self.request.mode = overview.mode;
                    return Some(Notice::WorkFailed(error));
                }
                self.status = Status::Failed(Arc::clone(&error));
                return Some(Notice::Failed(error));
            }
        };
        let again = matches!(self.status, Status::Ready);
        let (has_events, timed) = (opened.overview.has_events(), opened.overview.timed);
        self.status = Status::Ready;
        self.overview = Some(match self.overview.take().filter(|_| again) {
            Some(before) => before.renewed(opened.overview),
            None => opened.overview,
        });
        parts.histories.set_snapshots(opened.snapshots);
        parts.histories.read_reducers(&self.request);
        parts.details.mark_stale();
        parts.seeking.forget();
        parts.tables.mark_stale();
        parts.records.mark_stale();
        parts.mappings.mark_stale();
        parts.surveys_grown();
        self.file_status = FileStatus::Sound;
        if has_events {
            if again {
                parts.event_table.mark_stale();
            } else {
                parts.event_table.begin();
            }
            parts.statistics.read_all(timed);
        } else {
            parts.event_table.set_total(Count::complete(0));
        }
        match Watcher::start(&self.origin, &self.outbox.of(Answer::File)) {
            Ok(watcher) => parts.watcher = Some(watcher),
            Err(error) => return Some(Notice::WorkFailed(Arc::new(error))),
        }
        Some(if again { Notice::Changed } else { Notice::Opened })
    }

    /// Something is known about the whole database.
    pub(in crate::session) fn take_statistics(
        &mut self,
        generation: u64,
        answer: StatisticsAnswer,
        notices: &mut Vec<Notice>,
    ) {
        let (Some(parts), Some(overview)) = (&mut self.parts, &mut self.overview) else { return };
        if let StatisticsAnswer::Rows(total) = &answer {
            overview.events = *total;
            parts.event_table.set_total(*total);
            let unfiltered = parts.event_table.query().filter.terms.is_empty();
            let matches = parts.event_table.matches();
            // Under a filter that is still being looked for, its end asks.
            if total.complete && parts.statistics.is_histogram_due() && (unfiltered || matches.is_some()) {
                parts.statistics.ask_histogram(matches);
            }
            return;
        }
        notices.extend(parts.statistics.take(generation, answer, overview));
    }

    /// Something is known about a table. A whole count is also told in the list of tables.
    pub(in crate::session) fn take_table(&mut self, answer: TablesAnswer) {
        let (Some(parts), Some(overview)) = (&self.parts, &mut self.overview) else { return };
        if let TablesAnswer::Counted(order, KeyBatch { rows, complete: true }) = &answer
            && let Some(entry) = overview.tables.iter_mut().find(|entry| *entry.name == *order.table)
        {
            entry.rows = Some(*rows);
        }
        parts.tables.take(answer);
    }

    /// The file holds other events than before.
    pub(in crate::session) fn take_growth(&mut self, growth: Growth) -> Option<Notice> {
        let (Some(parts), Some(overview)) = (&mut self.parts, &mut self.overview) else { return None };
        let events = match growth {
            Growth::Appended(events) => events,
            Growth::OtherTables => {
                self.read_again();
                return None;
            }
            Growth::Rewritten => {
                parts.event_table.mark_stale();
                parts.details.mark_stale();
                parts.seeking.forget();
                parts.tables.mark_stale();
                parts.records.mark_stale();
                parts.histories.read_reducers(&self.request);
                parts.statistics.read_all(overview.timed);
                parts.surveys_grown();
                return Some(Notice::Changed);
            }
            Growth::Touched => {
                parts.tables.grown();
                if overview.has_events() {
                    parts.statistics.ask_checkpoints();
                }
                return None;
            }
        };
        parts.tables.grown();
        parts.statistics.grown(&events, overview);
        parts.event_table.grown();
        parts.details.grown();
        parts.records.mark_stale();
        let streams: Vec<_> = events.iter().map(|event| event.stream.clone()).collect();
        parts.asking.grown(&streams);
        parts.branches.grown(&streams);
        parts.checking.grown();
        parts.drifting.grown();
        parts.surveys_grown();
        parts.comparisons.mark_stale();
        parts.histories.grown(streams);
        (!events.is_empty()).then_some(Notice::Changed)
    }

    /// A piece of work on the whole store is done, or not. The watcher is told, since it may have written.
    pub(in crate::session) fn take_maintained(&mut self, task: Task, done: Result<Box<Done>>) -> Notice {
        if let Some(watcher) = self.parts.as_ref().and_then(|parts| parts.watcher.as_ref()) {
            watcher.look_now();
        }
        match done {
            Ok(done) => Notice::Done(*done),
            Err(error) => Notice::TaskFailed(task, Arc::new(error)),
        }
    }

    /// The copy that was being made is not wanted any more.
    pub(in crate::session) fn opening_stopped(&mut self) {
        if let Some(overview) = &self.overview {
            self.request.mode = overview.mode;
        } else {
            let stopped = Error::new(ErrorKind::Cancelled, "copying was stopped, and nothing of the copy is left");
            self.status = Status::Failed(Arc::new(stopped.with_hint("Try again, or open the file in another way.")));
        }
    }

    /// A draft was written, or not. The watcher is told, so that the event arrives at once.
    pub(in crate::session) fn take_written(&mut self, draft: Draft, written: Result<Box<Event>>) -> Notice {
        if let Some(watcher) = self.parts.as_ref().and_then(|parts| parts.watcher.as_ref()) {
            watcher.look_now();
        }
        let error: Error = match written {
            Ok(event) => {
                let Event { version, position, .. } = *event;
                return Notice::Appended { stream: draft.stream, version, position };
            }
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::Conflict { stream, expected, actual } => {
                Notice::Conflict { stream: stream.clone(), expected: *expected, actual: *actual }
            }
            _ => Notice::AppendFailed(Arc::new(error)),
        }
    }
}
