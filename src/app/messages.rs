//! What the session and the dialogs tell, made into messages and into what the panels show next.

use super::App;
use crate::error::{Error, ErrorKind};
use crate::model::{Command, Overlay};
use crate::session::Notice;
use crate::ui::controls::sentence;
use crate::ui::{Message, Tone};

/// How many messages stand at once; the oldest gives way.
const LIMIT: usize = 4;
/// How long good news stands, in seconds. Bad news stands until it is put away.
const GOOD_STANDS: f64 = 8.0;

/// The messages that were not put away yet.
#[derive(Debug, Default)]
pub(super) struct Messages {
    next: u64,
    all: Vec<Message>,
    /// When the newest good news came, in seconds of egui's clock.
    good_came: Option<f64>,
}

impl Messages {
    /// The messages, oldest first.
    pub(super) fn all(&self) -> &[Message] {
        &self.all
    }

    /// Adds a message; one that says the same goes.
    pub(super) fn add(&mut self, message: Message) {
        self.next += 1;
        self.all.retain(|other| other.text != message.text);
        if message.tone == Tone::Good {
            self.good_came = None;
        }
        self.all.push(Message { id: self.next, ..message });
        if self.all.len() > LIMIT {
            self.all.remove(0);
        }
    }

    /// Puts good news away after a while; answers in how many seconds that will be.
    pub(super) fn age(&mut self, now: f64) -> Option<f64> {
        if !self.all.iter().any(|message| message.tone == Tone::Good) {
            self.good_came = None;
            return None;
        }
        let left = *self.good_came.get_or_insert(now) + GOOD_STANDS - now;
        if left <= 0.0 {
            self.all.retain(|message| message.tone != Tone::Good);
            return None;
        }
        Some(left)
    }

    /// Puts a message away.
    pub(super) fn dismiss(&mut self, id: u64) {
        self.all.retain(|message| message.id != id);
    }

    /// Puts all messages away.
    pub(super) fn clear(&mut self) {
        self.all.clear();
    }
}

/// A message that something failed.
pub(super) fn bad(text: impl Into<String>) -> Message {
    Message { id: 0, tone: Tone::Bad, text: text.into(), hint: None, offer: None }
}

/// A message that something went well.
pub(super) fn good(text: impl Into<String>) -> Message {
    Message { tone: Tone::Good, ..bad(text) }
}

/// A message of an error, with its advice.
pub(super) fn of_error(error: &Error) -> Message {
    Message { hint: error.hint().map(str::to_owned), ..bad(sentence(&error.to_string())) }
}

impl App {
    /// Takes in what the session has to tell.
    pub(super) fn take_notices(&mut self) {
        let Some(session) = &mut self.session else { return };
        for notice in session.poll() {
            self.take_notice(notice);
        }
    }

    fn take_notice(&mut self, notice: Notice) {
        match notice {
            Notice::Opened => self.opened(),
            Notice::Failed(error) => self.failed(&error),
            Notice::Appended { stream, version, position } => {
                self.view.overlay = Overlay::None;
                self.drafts.append.written();
                self.messages.add(good(format!("Version {version} of {stream} was written.")));
                self.go(|place| {
                    place.stream = Some(stream);
                    place.version = Some(version);
                    place.event = Some(position);
                });
            }
            Notice::Conflict { stream, expected, actual } => {
                self.drafts.append.conflicts(&Error::conflict(stream, expected, actual));
            }
            Notice::AppendFailed(error) => self.drafts.append.failed(&error),
            Notice::ReducersFailed(error) => {
                let runs = self.request.as_ref().is_some_and(|request| request.command.is_some());
                let offer = Some(if runs { Command::EditReducerCommand } else { Command::ChooseReducers });
                self.messages.add(Message { offer, ..of_error(&error) });
            }
            Notice::RulesSaved(path) => self.rules_saved(&path),
            Notice::Done(done) => self.task_done(done),
            Notice::TaskFailed(task, error) => self.task_failed(&task, error),
            Notice::RulesNotSaved(error) | Notice::ProfileFailed(error) => self.messages.add(of_error(&error)),
            Notice::WorkFailed(error) if !error.is_cancelled() => self.messages.add(of_error(&error)),
            // The state's own panel offers them.
            Notice::RulesFound | Notice::WorkFailed(_) | Notice::Changed | Notice::FileStatus => {}
        }
    }

    fn opened(&mut self) {
        let path = self.request.as_ref().map(|request| request.path.clone());
        if let Some(path) = path.filter(|path| !self.is_demo(path)) {
            self.settings.opened(&self.known_as(&path));
        }
        self.offer_reducer_command();
    }

    /// The page of the failure says what happened; here a file that is gone is forgotten.
    fn failed(&mut self, error: &Error) {
        if let Some(request) = self.request.as_ref().filter(|_| *error.kind() == ErrorKind::NotFound) {
            self.settings.forget(&request.path);
        }
    }
}
