//! The family of asking: watches, the histories of values, and going from one to the next.

use super::App;
use crate::app::messages::{bad, good, of_error};
use crate::event::Version;
use crate::model::{Command, Condition, Inquiry, Overlay, WATCHES_LIMIT, Watch};
use crate::session::{Loading, Question, check_condition};
use crate::ui::Message;

impl App {
    pub(super) fn carry_out_asking(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::EditWatches => self.edit_watches(String::new()),
            Command::WatchFor(text) => self.edit_watches(text),
            Command::AddWatch(watch) => self.add_watch(watch),
            Command::RemoveWatch(watch) => self.remove_watch(&watch),
            Command::BreakOnType => self.break_on_type(),
            Command::NextHit => self.go_to_hit(true),
            Command::PreviousHit => self.go_to_hit(false),
            Command::Inquire(inquiry) => self.view.inquiry = Some(inquiry),
            Command::CloseInquiry => self.view.inquiry = None,
            Command::PinState => self.pin_state(),
            Command::Compare => self.compare(),
            other => return Err(other),
        }
        Ok(())
    }

    fn edit_watches(&mut self, text: String) {
        self.drafts.watch.begin(text);
        self.view.overlay = Overlay::Watches;
    }

    fn add_watch(&mut self, watch: Watch) {
        if let Err(error) = check_condition(&watch.condition) {
            return self.messages.add(of_error(&error));
        }
        if !self.view.watches.contains(&watch) {
            if self.view.watches.len() >= WATCHES_LIMIT {
                return self.messages.add(bad(format!("No more than {WATCHES_LIMIT} watches. Remove one first.")));
            }
            self.view.watches.push(watch.clone());
            self.note_watches();
        }
        self.view.inquiry = Some(Inquiry::Watch(watch));
        if self.view.overlay == Overlay::Watches {
            self.view.overlay = Overlay::None;
        }
    }

    fn remove_watch(&mut self, watch: &Watch) {
        self.view.watches.retain(|other| other != watch);
        if self.view.inquiry == Some(Inquiry::Watch(watch.clone())) {
            self.view.inquiry = None;
        }
        self.note_watches();
    }

    fn break_on_type(&mut self) {
        let Some((event, stream)) = self.selected_event().zip(self.view.place.stream.clone()) else { return };
        let condition = Condition::Type(event.event_type.clone());
        self.add_watch(Watch { aggregate_type: stream.aggregate_type, condition });
    }

    /// Remembers what is watched for; the demo goes with the program.
    fn note_watches(&mut self) {
        if let Some(path) = self.open_file().filter(|path| !self.is_demo(path)) {
            self.settings.watched(&path, &self.view.watches);
        }
    }

    /// Keeps the shown state as the one that others are compared with.
    fn pin_state(&mut self) {
        let Some((stream, versions)) = self.view.place.stream.clone().zip(self.versions()) else { return };
        self.drafts.compare.pin(&stream, versions.shown);
        let text = format!("{stream} at version {} is pinned as A.", versions.shown);
        self.messages.add(Message { offer: Some(Command::Compare), ..good(text) });
    }

    /// Compares the shown state with the pinned one, or else with that of the version before.
    fn compare(&mut self) {
        let Some((stream, versions)) = self.view.place.stream.clone().zip(self.versions()) else { return };
        let before = self.shown_history().and_then(|history| {
            let index = history.marks.until(versions.shown).checked_sub(2)?;
            history.marks.get(index).map(|mark| mark.version)
        });
        self.drafts.compare.begin(&stream, versions.shown, before.unwrap_or(versions.shown));
        self.view.overlay = Overlay::Compare;
    }

    /// Goes to the next version at which a watch is met, or to the one before; as soon as it is found.
    fn go_to_hit(&mut self, forward: bool) {
        self.view.playing = false;
        self.pending.hit = Some(forward);
        self.resolve_hit();
    }

    /// Looks once more for the version that is wanted.
    pub(in crate::app) fn resolve_hit(&mut self) {
        let Some(forward) = self.pending.hit else { return };
        match self.find_hit(forward) {
            Sought::Waiting => {}
            Sought::Found(version) => {
                self.pending.hit = None;
                self.show_version(version);
            }
            Sought::Nothing(reason) => {
                self.pending.hit = None;
                self.messages.add(bad(reason));
            }
        }
    }

    fn find_hit(&self, forward: bool) -> Sought {
        let place = self.view.place.stream.as_ref().zip(self.session.as_ref()).zip(self.versions());
        let Some(((stream, session), versions)) = place else { return Sought::Nothing("No stream is selected.") };
        let question = Question::Hits(self.view.conditions(&stream.aggregate_type));
        let loading = session.ask(stream, &question);
        let findings = match &loading {
            Loading::Ready(findings) => findings,
            Loading::Failed(_) => return Sought::Nothing("The stream cannot be searched for the watches."),
            _ => return Sought::Waiting,
        };
        let hits = findings.hits();
        let until = hits.partition_point(|hit| hit.moment.version < versions.shown + Version::from(forward));
        let hit = if forward { hits.get(until) } else { until.checked_sub(1).and_then(|index| hits.get(index)) };
        // Of those before, none may be missing: the search has to be past the version that is shown.
        let known = findings.is_over() || (hit.is_some() && (forward || hits.len() > until));
        match hit {
            _ if !known => Sought::Waiting,
            Some(hit) => Sought::Found(hit.moment.version),
            None if forward => Sought::Nothing("No watch is met after this version."),
            None => Sought::Nothing("No watch is met before this version."),
        }
    }
}

/// Whether a version is found at which a watch is met.
enum Sought {
    Waiting,
    Found(Version),
    Nothing(&'static str),
}
