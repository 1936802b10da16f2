//! The family of walking: through versions, rows and places.

use super::App;
use crate::model::{Command, Name, Overlay};
use crate::session::Landmark;
use crate::ui::keyboard;

impl App {
    pub(super) fn carry_out_replaying(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::FirstVersion | Command::StepBack | Command::StepForward | Command::LastVersion => {
                self.view.playing = false;
                if let Some(steps) = steps_of(command.name()) {
                    self.walk(steps);
                }
            }
            Command::SelectVersion(version) => {
                self.view.playing = false;
                self.pending.walk.clear();
                self.show_version(version);
            }
            Command::PlayPause => self.play_or_pause(),
            Command::Slower => self.view.speed = self.view.speed.slower(),
            Command::Faster => self.view.speed = self.view.speed.faster(),
            Command::SetSpeed(speed) => self.view.speed = speed,
            other => return self.carry_out_going(other),
        }
        Ok(())
    }

    fn carry_out_going(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::PreviousEvent => self.move_rows(-1),
            Command::NextEvent => self.move_rows(1),
            Command::PageUp => self.move_rows(-self.page()),
            Command::PageDown => self.move_rows(self.page()),
            Command::OldestEvent => self.select_row(0),
            Command::NewestEvent => self.select_last_row(),
            Command::SelectEvent(position) => self.select_event(position),
            Command::SelectStream(stream) => {
                self.pending.walk.clear();
                self.select_stream(stream, None);
            }
            Command::SelectStreamAt((stream, version)) => {
                self.pending.walk.clear();
                self.select_stream(stream, Some(version));
            }
            Command::ShowTable(table) => self.show_table(table, None),
            Command::ShowTableRow((table, row)) => self.show_table(table, Some(row)),
            Command::ShowTableRows(table) => self.with_session(|session| session.show_table(&table)),
            Command::SelectRow(row) => self.view.place.table_view.row = Some(row),
            Command::SortTable(column) => {
                self.view.place.table_view = self.view.place.table_view.sorted_by(column);
            }
            Command::ToggleDefinition => {
                let view = &mut self.view.place.table_view;
                view.definition = !view.definition;
            }
            Command::ShowEvents => self.go(|place| place.table = None),
            Command::NextPanel => keyboard::hand_on(&self.ctx, true),
            Command::PreviousPanel => keyboard::hand_on(&self.ctx, false),
            Command::RowMenu => keyboard::want_menu(&self.ctx),
            Command::MenuBar => keyboard::want_menu_bar(&self.ctx),
            Command::LookInside => self.look_inside(),
            Command::TypePlace => {
                self.drafts.place.clear();
                self.view.overlay = Overlay::GoTo;
            }
            Command::GoToPosition(position) => self.go_to(Landmark::Position(position)),
            Command::GoToMoment(moment) => self.go_to(Landmark::Moment(moment)),
            Command::GoToLink(link) => self.go_to_link(link),
            Command::GoToCause => self.go_to_cause(),
            Command::Back => self.cross(true),
            Command::Forward => self.cross(false),
            other => return Err(other),
        }
        Ok(())
    }

    /// How many rows a page is: those that are in view.
    fn page(&self) -> i64 {
        i64::try_from(self.drafts.page(self.view.place.table.is_some()).max(1)).unwrap_or(i64::MAX)
    }

    /// Keeps a step that cannot be taken yet, as what it starts from is still being read. Whether it was such a one.
    pub(super) fn postpone(&mut self, command: &Command) -> bool {
        let Some(steps) = steps_of(command.name()).filter(|_| self.is_on_its_way()) else { return false };
        self.view.playing = false;
        self.walk(steps);
        true
    }

    /// Playing from the last version begins anew with the first.
    fn play_or_pause(&mut self) {
        self.view.playing = !self.view.playing;
        let at_the_end = self.versions().is_some_and(|versions| versions.shown >= versions.last);
        if self.view.playing && at_the_end {
            self.step(isize::MIN);
        }
    }

    fn look_inside(&mut self) {
        self.view.details_shown = true;
        keyboard::give(&self.ctx, keyboard::Stop::Data);
    }

    fn go_to_cause(&mut self) {
        let selected = self.view.place.event.zip(self.session.as_ref());
        let related = selected.and_then(|(position, session)| session.related(position).value().cloned());
        if let Some(cause) = related.and_then(|related| related.cause.clone()) {
            self.select_event(cause.position);
        }
    }

    /// Back or forward. What was waited for belonged to the place that is left.
    fn cross(&mut self, back: bool) {
        self.view.playing = false;
        self.pending.event = None;
        self.pending.row = None;
        self.pending.newest = false;
        self.pending.only = false;
        self.pending.walk.clear();
        let place = &mut self.view.place;
        if back {
            self.history.back(place)
        } else {
            self.history.forward(place)
        };
    }
}

/// How many versions a command goes on, where it is a step along them.
fn steps_of(name: Name) -> Option<isize> {
    match name {
        Name::FirstVersion => Some(isize::MIN),
        Name::StepBack => Some(-1),
        Name::StepForward => Some(1),
        Name::LastVersion => Some(isize::MAX),
        _ => None,
    }
}
