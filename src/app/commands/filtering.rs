//! The family of filtering: the text of the filter, and asking the session for what it lets through.

use super::super::messages::bad;
use super::App;
use crate::filter::{Field, Filter, Term};
use crate::model::{Around, Command, Neighbours, Overlay, Sort};
use crate::session::Query;

impl App {
    pub(super) fn carry_out_filtering(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::FocusFilter => {
                self.view.place.table = None;
                crate::ui::events::focus_filter(&self.ctx);
            }
            Command::FocusStreams => {
                self.view.streams_shown = true;
                crate::ui::streams::focus_find(&self.ctx);
            }
            Command::SetFilter(text) => self.set_filter(text),
            Command::AddTerm(text) => match Filter::parse(&text) {
                Ok(added) => self.add_terms(added.terms),
                Err(error) => self.messages.add(bad(format!("This condition cannot be read: {error}."))),
            },
            Command::OnlyTerm(text) => match Filter::parse(&text) {
                Ok(added) => self.only(added.terms),
                Err(error) => self.messages.add(bad(format!("This condition cannot be read: {error}."))),
            },
            Command::RemoveTerm(index) => self.set_filter(self.filter().without(index).to_string()),
            Command::ClearFilter => self.set_filter(String::new()),
            Command::FilterByStream => {
                let term = self.view.place.stream.as_ref().map(Term::stream);
                self.only(term);
            }
            Command::FilterByType => {
                let term = self.selected_event().map(|event| Term::field(Field::Type, &event.event_type));
                self.only(term);
            }
            Command::FilterByCorrelation => {
                let id = self.selected_event().and_then(|event| event.correlation_id.clone());
                self.only(id.map(|id| Term::field(Field::Correlation, id)));
            }
            Command::NameFilter => {
                self.drafts.filter_name.clear();
                self.view.overlay = Overlay::SaveFilter;
            }
            Command::SaveFilter(saved) => {
                self.settings.filters.save(&self.kind(), saved);
                self.view.overlay = Overlay::None;
            }
            Command::ForgetFilter(name) => self.settings.filters.forget(&self.kind(), &name),
            Command::LookAroundStream => self.look_around(Neighbours::Stream),
            Command::LookAroundCorrelation => self.look_around(Neighbours::Correlation),
            Command::LookAroundTime => self.look_around(Neighbours::Time),
            Command::BackToFilter => self.back_to_filter(),
            Command::Sort(column) => self.go(|place| place.sort = place.sort.pressed(column)),
            other => return Err(other),
        }
        Ok(())
    }

    /// The filter as it was last understood.
    pub(super) fn filter(&self) -> Filter {
        Filter::parse(&self.view.place.filter).unwrap_or_default()
    }

    fn add_terms(&mut self, terms: impl IntoIterator<Item = Term>) {
        let filter = terms.into_iter().fold(self.filter(), Filter::with);
        self.set_filter(filter.to_string());
    }

    fn only(&mut self, terms: impl IntoIterator<Item = Term>) {
        let filter = terms.into_iter().fold(self.filter(), Filter::only);
        self.set_filter(filter.to_string());
    }

    fn set_filter(&mut self, text: String) {
        self.pending.row = None;
        self.pending.only = !text.is_empty();
        self.settings.filters.used(&self.kind(), &self.view.place.filter, &text);
        self.go(|place| {
            place.filter = text;
            place.table = None;
            place.around = None;
        });
    }

    /// The kind of database that is open: filters are kept for it.
    fn kind(&self) -> String {
        let overview = self.session.as_ref().and_then(crate::session::Session::overview);
        overview.map(|overview| overview.profile_name.clone()).unwrap_or_default()
    }

    /// Shows the selected event among its neighbours in place of the filter, which is kept to come back to.
    fn look_around(&mut self, neighbours: Neighbours) {
        let Some(event) = self.selected_event() else { return };
        let filter = match neighbours {
            Neighbours::Stream => Term::stream(&event.stream).to_string(),
            Neighbours::Correlation => {
                let Some(id) = event.correlation_id.clone() else { return };
                Term::field(Field::Correlation, id).to_string()
            }
            Neighbours::Time => String::new(),
        };
        self.pending.row = None;
        self.pending.only = false;
        self.go(|place| {
            // Whoever looks from one neighbour to the next still comes back to the filter.
            let from = place.around.take().map_or_else(|| place.clone(), |around| around.from);
            place.around = Some(Box::new(Around { from, event: event.position, neighbours }));
            place.filter = filter;
            place.table = None;
            if place.sort.column != Sort::default().column {
                place.sort = Sort::default();
            }
        });
    }

    fn back_to_filter(&mut self) {
        let Some(around) = self.view.place.around.clone() else { return };
        self.go(|place| *place = around.from);
        self.pending.row = None;
        if let Some(event) = self.view.place.event {
            self.show_event(event);
        }
    }

    /// Asks the session for the rows, where the question is another one than before.
    pub(in crate::app) fn ask(&mut self) {
        let place = &self.view.place;
        let question = (place.filter.clone(), place.sort);
        if self.asked.as_ref() == Some(&question) || self.session.is_none() {
            return;
        }
        match Filter::parse(&question.0) {
            Ok(filter) => {
                let sort = question.1;
                let left = place.around.as_ref().and_then(|around| Filter::parse(&around.from.filter).ok());
                self.with_session(|session| session.keep_hits(left.as_ref()));
                self.with_session(|session| session.set_query(Query { filter, sort }));
            }
            // The bar shows where it is wrong; the rows stay as they are.
            Err(error) => self.messages.add(bad(format!("The filter cannot be read: {error}."))),
        }
        self.asked = Some(question);
    }
}
