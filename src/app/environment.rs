//! The state of the program as commands are resolved against it.

use super::App;
use crate::filter::Root;
use crate::model::Environment;
use crate::session::{Large, Status};

impl App {
    /// The state of the program as commands are resolved against it.
    pub(super) fn environment(&self) -> Environment {
        let place = &self.view.place;
        let mut environment = Environment {
            recent: self.settings.recent().len(),
            unlocked: self.view.unlocked,
            planned: self.drafts.maintenance.plan().is_some(),
            verified: self.drafts.maintenance.was_verified(),
            filtered: !place.filter.is_empty(),
            around: place.around.is_some(),
            stream: place.stream.is_some(),
            watches: place.stream.as_ref().map_or(0, |stream| self.view.conditions(&stream.aggregate_type).len()),
            bookmarks: place.stream.as_ref().map_or(0, |stream| self.view.noted.bookmarks(stream).count()),
            finding: self.view.finding,
            table: place.table.is_some(),
            versions: self.versions(),
            can_go_back: self.history.can_go_back(),
            can_go_forward: self.history.can_go_forward(),
            ..Environment::default()
        };
        self.add_session(&mut environment);
        #[cfg(feature = "postgres")]
        {
            environment.server = self.open_server_facts();
        }
        environment
    }

    fn add_session(&self, environment: &mut Environment) {
        let Some(session) = &self.session else { return };
        environment.closable = true;
        // A file that failed to open can be tried again.
        environment.open = !matches!(session.status(), Status::Opening);
        environment.jobs = session.jobs().len();
        environment.reducer_command = session.request().command.is_some();
        environment.guessing = !session.has_own_reducers() && !environment.reducer_command;
        environment.rules_found = session.offers_rules();
        environment.snapshots = session.has_snapshots();
        environment.invariants = session.kept_invariants().len() + self.view.noted.invariants().len();
        if let Some(overview) = session.overview() {
            environment.known = true;
            environment.has_events = overview.has_events();
            environment.native = overview.profile_name == "native";
            environment.cannot_append = overview.can_append.as_ref().err().cloned();
        }
        let Some(position) = self.view.place.event else { return };
        if let Some(event) = session.event(position).value() {
            environment.event = true;
            environment.unread = event.data.unread().is_some();
            let place = crate::session::ValuePlace::Event(position, Root::Data);
            environment.loaded = environment.unread && matches!(session.large(&place), Large::Ready(_));
            environment.correlated = event.correlation_id.is_some();
            environment.caused = session.related(position).value().is_some_and(|related| related.cause.is_some());
        }
        let shown = self.view.place.stream.as_ref().zip(environment.versions);
        environment.state =
            shown.is_some_and(|(stream, versions)| session.state(stream, versions.shown).value().is_some());
    }
}
