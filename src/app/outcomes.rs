//! What work on a whole store came to, in words.

use std::path::Path;
use std::sync::Arc;

use super::App;
use super::messages::{bad, good, of_error};
use crate::error::Error;
use crate::model::{Command, Overlay};
use crate::session::{Archived, Count, Done, Imported, Task};
use crate::ui::Message;
use crate::ui::numbers::counted;

impl App {
    /// A piece of work is done.
    pub(super) fn task_done(&mut self, done: Done) {
        match done {
            Done::Verified(verified) => {
                let sound = verified.is_sound();
                self.drafts.maintenance.verified(verified);
                if self.view.overlay == Overlay::None {
                    self.view.overlay = Overlay::Verified;
                } else {
                    // Somebody is at something else: what was found waits for them.
                    let offer = Some(Command::ShowVerification);
                    let message = if sound {
                        good("The store is as it was written.")
                    } else {
                        bad("The store is not as it was written.")
                    };
                    self.messages.add(Message { offer, ..message });
                }
            }
            Done::BackedUp(path) => self.messages.add(good(format!("The store was copied to {}.", path.display()))),
            Done::ImportedLines(lines) => self.messages.add(good(format!("{} were imported.", events(lines)))),
            Done::Imported(imported) => self.messages.add(good(taken_over(&imported))),
            Done::Exported { to, events: written } => {
                self.messages.add(good(format!("{} were written to {}.", events(written), to.display())));
            }
            Done::Planned(plan) => self.drafts.maintenance.planned(plan),
            Done::Archived(archived) => {
                self.messages.add(good(moved(&archived)));
                // Rows have gone from the file, which is more than growing.
                self.refresh();
            }
        }
    }

    /// A piece of work failed, or was stopped.
    pub(super) fn task_failed(&mut self, task: &Task, error: Arc<Error>) {
        if matches!(task, Task::PlanArchive(_)) {
            self.drafts.maintenance.not_planned(error);
            return;
        }
        if error.is_cancelled() {
            self.messages.add(Message { hint: error.hint().map(str::to_owned), ..bad(stopped(task)) });
        } else {
            self.messages.add(of_error(&error));
        }
    }
}

fn events(number: u64) -> String {
    counted(Count::complete(number), "event", "events")
}

fn taken_over(imported: &Imported) -> String {
    if imported.compared == 0 {
        return "There are no events to import.".to_owned();
    }
    let streams = counted(Count::complete(imported.streams), "stream", "streams");
    let all = events(imported.compared);
    format!(
        "{} were imported. All {all} of that database, in {streams}, are as they are there.",
        events(imported.imported)
    )
}

fn moved(archived: &Archived) -> String {
    let Archived { archive, events: moved, streams, finished } = archived;
    let streams = counted(Count::complete(*streams), "stream", "streams");
    let rest = if *finished { "" } else { " It was stopped: the others are where they were." };
    format!("{} of {streams} were archived into {}.{rest}", events(*moved), name(archive))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn stopped(task: &Task) -> &'static str {
    match task {
        Task::Verify => "Verifying was stopped.",
        Task::BackUp(_) => "The backup was stopped. There is no copy.",
        Task::Import(_) => "The import was stopped.",
        Task::Export { .. } => "The export was stopped. There is no file.",
        Task::PlanArchive(_) | Task::Archive(_) => "Archiving was stopped.",
    }
}
