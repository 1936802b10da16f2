//! The family of what the whole store is held against: invariants, and the replay of its snapshots.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::App;
use crate::app::answers::Answer;
use crate::app::messages::good;
use crate::error::{Error, Result};
use crate::model::{Command, InvariantRule, Overlay};
use crate::replay::with_invariant;

impl App {
    pub(super) fn carry_out_invariants(&mut self, command: Command) -> std::result::Result<(), Command> {
        match command {
            Command::EditInvariants => {
                let kind = self.view.place.stream.as_ref().map(|stream| stream.aggregate_type.as_str());
                self.drafts.invariant.begin(kind);
                self.view.overlay = Overlay::Invariants;
            }
            Command::AddInvariant(rule) => {
                self.drafts.invariant.taken();
                self.view.noted.add_invariant(rule);
                self.remember_noted();
            }
            Command::RemoveInvariant(rule) => {
                self.view.noted.remove_invariant(&rule);
                self.remember_noted();
            }
            Command::KeepInvariant(rule) => self.keep_invariant(rule),
            Command::CheckInvariants => self.check_invariants(),
            Command::CompareSnapshots => self.compare_snapshots(),
            Command::CompareSnapshotsAgain => self.with_session(crate::session::Session::compare_snapshots),
            Command::StopComparingSnapshots => {
                self.with_session(crate::session::Session::stop_comparing_snapshots);
            }
            Command::StopChecking => self.with_session(crate::session::Session::stop_checking),
            other => return Err(other),
        }
        Ok(())
    }

    /// Holds the whole store against those of the reducers and those of this file.
    fn check_invariants(&mut self) {
        let Some(session) = &mut self.session else { return };
        let mut rules = session.kept_invariants();
        rules.extend(
            self.view.noted.invariants().iter().filter(|rule| !rules.contains(rule)).cloned().collect::<Vec<_>>(),
        );
        session.check_invariants(rules);
        self.view.overlay = Overlay::Invariants;
    }

    /// Shows the snapshots that differ; they are compared where that was not done yet, or holds no longer.
    fn compare_snapshots(&mut self) {
        self.view.overlay = Overlay::Snapshots;
        self.with_session(|session| {
            if session.drifts().is_none_or(|drifts| drifts.outdated) {
                session.compare_snapshots();
            }
        });
    }

    /// Writes an invariant into the file of the reducers, which the command line reads as well.
    fn keep_invariant(&mut self, rule: InvariantRule) {
        let Some(path) = self.session.as_ref().map(crate::session::Session::reducers_file) else { return };
        self.in_background("keep invariant", move || match keep(&path, &rule) {
            Ok(()) => Answer::InvariantKept(path),
            Err(error) => Answer::Failed(error.context("keeping the invariant")),
        });
    }

    /// An invariant was kept: the reducers are read anew.
    pub(in crate::app) fn invariant_kept(&mut self, path: &Path) {
        self.messages.add(good(format!("The invariant is kept in {}.", path.display())));
        self.with_session(crate::session::Session::reread_reducers);
    }
}

/// Puts an invariant into a file of reducers; the file is as it was, or has it.
fn keep(path: &PathBuf, rule: &InvariantRule) -> Result<()> {
    let about = |error: std::io::Error| Error::from(error).context(format!("the reducers in {}", path.display()));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(about(error)),
    };
    let text = with_invariant(&text, &rule.aggregate, &rule.predicate)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if !path.exists() {
        return std::fs::write(path, text).map_err(about);
    }
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(about)?;
    file.write_all(text.as_bytes()).map_err(about)?;
    if let Ok(known) = std::fs::metadata(path) {
        file.as_file().set_permissions(known.permissions()).map_err(about)?;
    }
    file.persist(path).map_err(|error| about(error.error))?;
    Ok(())
}
