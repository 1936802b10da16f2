//! Hands every answer of a worker to the part of the session that asked for it.

use std::sync::Arc;

use super::answer::Answer;
use super::event_table::EventTableAnswer;
use super::opening::watcher::{FileAnswer, Growth};
use super::replay::replayer::Replayed;
use super::{FileStatus, Notice, Session};

impl Session {
    pub(super) fn take(&mut self, answer: Answer, notices: &mut Vec<Notice>) {
        let Some(parts) = &mut self.parts else { return };
        match answer {
            Answer::Opened(generation, opened) => {
                if generation == parts.open.generation() {
                    notices.extend(opened.iter().flat_map(|opened| opened.broken.clone()).map(Notice::ProfileFailed));
                    notices.extend(self.take_opened(opened));
                }
            }
            Answer::EventTable(answer) => {
                let complete = matches!(answer, EventTableAnswer::Complete { .. });
                parts.event_table.take(answer);
                if let Some(matches) = parts.event_table.matches().filter(|_| complete) {
                    parts.statistics.ask_histogram(Some(matches));
                }
            }
            Answer::Statistics(generation, answer) => self.take_statistics(generation, answer, notices),
            Answer::Detail(answer) => parts.details.take(answer),
            Answer::Sought(answer) => parts.seeking.take(answer),
            Answer::Tables(answer) => self.take_table(answer),
            Answer::Mapping(answer) => parts.mappings.take(answer),
            Answer::ExportPreview(answer) => parts.export_previews.take(answer),
            Answer::ImportPreview(generation, preview) => parts.import_previews.take(generation, preview),
            Answer::Replayed(generation, answer) => {
                let other_reducers = matches!(answer, Replayed::Reducers(..));
                notices.extend(parts.histories.take(generation, answer));
                if other_reducers {
                    parts.records.mark_stale();
                    parts.event_table.set_reducers(parts.histories.reducers().clone());
                    parts.asking.mark_stale();
                    parts.branches.mark_stale();
                    let reducers = parts.histories.reducers();
                    parts.checking.refold(|check| check.reducers = reducers.clone());
                    parts.drifting.refold(|compare| compare.0 = reducers.clone());
                    parts.auditing.refold(|audit| audit.reducers = reducers.clone());
                    parts.comparisons.mark_stale();
                    parts.workshop.mark_stale();
                    parts.examples.mark_stale();
                    parts.aparts.mark_stale();
                }
            }
            Answer::Records(generation, stream, records) => parts.records.take(generation, stream, records),
            Answer::Asked(generation, key, more) => parts.asking.take(generation, key, more),
            Answer::Branch(generation, branch, outcome) => parts.branches.take(generation, &branch, outcome),
            Answer::Compared(answer) => parts.comparisons.take(answer),
            Answer::Checked(answer) => parts.checking.take(answer),
            Answer::Drifted(answer) => parts.drifting.take(answer),
            Answer::Counted(answer) => parts.counting.take(answer),
            Answer::Inferred(answer) => parts.inferring.take(answer),
            Answer::Causes(answer) => parts.causes.take(answer),
            Answer::Fit(answer) => parts.fitting.take(answer),
            Answer::Audited(answer) => parts.auditing.take(answer),
            Answer::Maintained(task, done) => notices.push(self.take_maintained(*task, done)),
            Answer::Agreement(generation, kind, agreement) => {
                notices.extend(parts.histories.take_agreement(generation, kind, agreement));
            }
            Answer::Known(generation, found) => notices.extend(parts.histories.take_known(generation, found)),
            Answer::Examples(generation, corrections, found) => parts.examples.take(generation, &corrections, found),
            Answer::Apart(generation, place, counted) => parts.aparts.take(generation, &place, counted),
            Answer::Worked(answer) => {
                let saved = parts.workshop.take(answer);
                notices.extend(saved.map(|saved| self.take_saved_rules(saved)));
            }
            Answer::Written(draft, written) => notices.push(self.take_written(*draft, written)),
            Answer::File(FileAnswer::Grown(Ok(growth))) => notices.extend(self.take_growth(growth)),
            Answer::File(FileAnswer::Status(status)) => {
                let before = std::mem::replace(&mut self.file_status, status);
                notices.push(Notice::FileStatus);
                // What could not be read meanwhile is read now. For a lock everything waits by itself.
                if self.file_status == FileStatus::Sound && !matches!(before, FileStatus::Sound | FileStatus::Locked) {
                    notices.extend(self.take_growth(Growth::Rewritten));
                }
            }
            Answer::File(FileAnswer::Grown(Err(error))) => notices.push(Notice::WorkFailed(Arc::new(error))),
        }
    }
}
