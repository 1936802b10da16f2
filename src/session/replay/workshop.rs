//! Where rules are worked on: what there is to know for it, how a step comes out by edited rules, and saving them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::model::RuleEdits;
use crate::replay::{Reducers, RulesFile};

use super::edits::edited;
use super::held::Held;
use super::reducers::FoundReducers;
use super::sheet::{RuleSheet, SheetJob, lay_out};
use super::trial::{Trial, TrialJob, TrialOutcome, try_out};
use crate::session::Loading;
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{JobContext, Worker};

/// What the workshop's workers answer.
pub(in crate::session) enum Worked {
    /// What there is to know of the rules of an aggregate type.
    Sheet(u64, String, Result<Arc<RuleSheet>>),
    /// How a step comes out.
    Trial(u64, Box<Trial>, Result<Arc<TrialOutcome>>),
    /// Rules were saved in this file, or not.
    Saved(Result<PathBuf>),
}

/// Rules to be saved in a file.
#[derive(Clone, PartialEq)]
struct SaveJob {
    edits: RuleEdits,
    path: PathBuf,
    /// What the file begins with where there is none.
    text: Arc<str>,
}

/// The workers, and what they answered last.
pub(in crate::session) struct Workshop {
    sheets: Worker<SheetJob>,
    trials: Worker<TrialJob>,
    saving: Worker<SaveJob>,
    sheet: Held<String, Arc<RuleSheet>>,
    trial: Held<Trial, Arc<TrialOutcome>>,
}

impl Workshop {
    /// Starts the workers.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<Worked>, jobs: &Jobs) -> Result<Self> {
        let (mut reader, running) = (Reader::new(origin), jobs.clone());
        let (sent, told) = (outbox.clone(), outbox.clone());
        let sheets = Worker::start(
            "rule sheet",
            1,
            move |job: SheetJob, context: &JobContext<'_>| {
                let title = format!("Reading events of {}", job.aggregate_type);
                let _note = running.begin(Subject::Other, title, None, &context.token);
                let sheet = reader.source(&context.token).and_then(|source| lay_out(source, &job, &context.token));
                sent.send(Worked::Sheet(context.token.generation(), job.aggregate_type, sheet.map(Arc::new)));
            },
            move |job, generation, error| told.send(Worked::Sheet(generation, job.aggregate_type, Err(error))),
        )?;
        let (mut reader, running) = (Reader::new(origin), jobs.clone());
        let (sent, told) = (outbox.clone(), outbox.clone());
        let trials = Worker::start(
            "rule trial",
            1,
            move |job: TrialJob, context: &JobContext<'_>| {
                let title = format!("Trying rules on {}", job.trial.stream);
                let note = running.begin(Subject::Other, title, None, &context.token);
                let outcome =
                    reader.source(&context.token).and_then(|source| try_out(source, &job, &note, &context.token));
                let trial = Box::new(job.trial);
                sent.send(Worked::Trial(context.token.generation(), trial, outcome.map(Arc::new)));
            },
            move |job, generation, error| told.send(Worked::Trial(generation, Box::new(job.trial), Err(error))),
        )?;
        let (sent, told) = (outbox.clone(), outbox.clone());
        let saving = Worker::start(
            "saving rules",
            8,
            move |job: SaveJob, _: &JobContext<'_>| sent.send(Worked::Saved(save(&job))),
            move |_, _, error| told.send(Worked::Saved(Err(error))),
        )?;
        Ok(Self { sheets, trials, saving, sheet: Held::default(), trial: Held::default() })
    }

    /// What there is to know of the rules of an aggregate type.
    pub(in crate::session) fn sheet(&self, job: SheetJob) -> Loading<Arc<RuleSheet>> {
        let leave = || {
            self.sheets.cancel();
        };
        self.sheet.answer(
            &job.aggregate_type.clone(),
            |_| false,
            leave,
            || {
                self.sheets.submit(job);
                self.sheets.generation()
            },
        )
    }

    /// How a step comes out by edited rules. While it is folded, what came out before stands in.
    pub(in crate::session) fn trial(
        &self,
        trial: &Trial,
        sheet: &RuleSheet,
        reducers: &FoundReducers,
    ) -> Loading<Arc<TrialOutcome>> {
        // Nobody waits for how it came out before.
        let leave = || {
            self.trials.cancel();
        };
        self.trial.answer(
            trial,
            |before| before.stream == trial.stream,
            leave,
            || {
                let (trial, text, reducers) = (trial.clone(), Arc::clone(&sheet.text), reducers.clone());
                self.trials.submit(TrialJob { trial, text, reducers });
                self.trials.generation()
            },
        )
    }

    /// Has edited rules saved.
    pub(in crate::session) fn save(&self, edits: RuleEdits, sheet: &RuleSheet) {
        self.saving.submit(SaveJob { edits, path: sheet.path.clone(), text: Arc::clone(&sheet.text) });
    }

    /// The rules are others now: what was known of them is read again.
    pub(in crate::session) fn mark_stale(&self) {
        self.sheets.cancel();
        self.trials.cancel();
        self.sheet.mark_stale();
        self.trial.mark_stale();
    }

    /// Takes in what a worker answered; `Some` where rules were saved, or not.
    pub(in crate::session) fn take(&self, answer: Worked) -> Option<Result<PathBuf>> {
        match answer {
            Worked::Saved(saved) => return Some(saved),
            Worked::Sheet(generation, of, sheet) => self.sheet.take(&of, generation, sheet),
            Worked::Trial(generation, of, outcome) => self.trial.take(&of, generation, outcome),
        }
        None
    }
}

/// Edits the rules as the file has them by now, and writes it anew, whole or not at all.
fn save(job: &SaveJob) -> Result<PathBuf> {
    let failed = |error: std::io::Error| {
        let message = format!("the rules cannot be saved in {}: {error}", job.path.display());
        Error::bad_input(message).with_source(error)
    };
    let mut text = match std::fs::read_to_string(&job.path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => job.text.to_string(),
        Err(error) => return Err(failed(error)),
    };
    let name = job.path.file_name().unwrap_or_default().to_string_lossy();
    if Reducers::parse(&text, &name).is_ok_and(|held| held.only_hold()) {
        // Others fold by now: their rules go into it, too, or all but the edited ones would be lost.
        let mut file = RulesFile::parse(&text)?;
        file.adopt(&RulesFile::parse(&job.text)?)?;
        text = file.text();
    }
    let edited = edited(&text, &job.edits)?;
    Reducers::parse(&edited, &name)?;
    let folder = job.path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or_else(|| ".".as_ref())).map_err(failed)?;
    std::io::Write::write_all(&mut file, edited.as_bytes()).map_err(failed)?;
    if let Ok(before) = std::fs::metadata(&job.path) {
        file.as_file().set_permissions(before.permissions()).map_err(failed)?;
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&job.path).map_err(|error| failed(error.error))?;
    Ok(job.path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(path: PathBuf, rule: &str) -> SaveJob {
        let mut edits = RuleEdits::new("account");
        edits.rules.insert("Deposited".to_owned(), Some(rule.to_owned()));
        SaveJob { edits, path, text: "[aggregate.order.on]\n\"*\" = \"merge\"\n".into() }
    }

    #[test]
    fn rules_are_saved_in_the_file_as_it_is_by_now_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bank.db.reducers.toml");
        save(&job(path.clone(), ".balance += 1")).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("[aggregate.order.on]") && text.contains("Deposited = '.balance += 1'"), "{text}");
        // Somebody else edits the file meanwhile.
        std::fs::write(&path, format!("{text}Closed = 'ignore'\n")).unwrap();
        save(&job(path.clone(), ".balance += 2")).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("+= 2") && text.contains("Closed = 'ignore'"), "{text}");
        assert!(save(&job(path.clone(), ".balance +=")).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        let nowhere = save(&job(folder.path().join("no/x.toml"), ".a = 1")).unwrap_err();
        assert!(nowhere.to_string().contains("cannot be saved"), "{nowhere}");
    }
}
