//! The family of filtering: the text of the filter, and asking the session for what it lets through.

use super::super::messages::bad;
use super::App;
use crate::filter::{Field, Filter, Term};
use crate::model::Command;
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
            Command::RemoveTerm(index) => self.set_filter(self.filter().without(index).to_string()),
            Command::ClearFilter => self.set_filter(String::new()),
            Command::FilterByStream => {
                let term = self.view.place.stream.as_ref().map(Term::stream);
                self.add_terms(term);
            }
            Command::FilterByType => {
                let term = self.selected_event().map(|event| Term::field(Field::Type, &event.event_type));
                self.add_terms(term);
            }
            Command::FilterByCorrelation => {
                let id = self.selected_event().and_then(|event| event.correlation_id.clone());
                self.add_terms(id.map(|id| Term::field(Field::Correlation, id)));
            }
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

    fn set_filter(&mut self, text: String) {
        self.pending.row = None;
        self.pending.only = !text.is_empty();
        self.go(|place| {
            place.filter = text;
            place.table = None;
        });
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
                self.with_session(|session| session.set_query(Query { filter, sort }));
            }
            // The bar shows where it is wrong; the rows stay as they are.
            Err(error) => self.messages.add(bad(format!("The filter cannot be read: {error}."))),
        }
        self.asked = Some(question);
    }
}
