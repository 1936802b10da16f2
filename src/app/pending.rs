//! What is wanted but not yet read: an event's stream, a row of the table, a stream by a part of its name.

use std::collections::VecDeque;

use super::App;
use super::messages::bad;
use crate::event::{Position, StreamName, Version};
use crate::model::RuleStart;
use crate::session::{EventPlace, Landmark, Loading, StreamList};

/// What is still to be found before it can be shown.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The stream that the program was started for.
    pub(super) stream: Option<(String, Option<Version>)>,
    /// The event whose stream and version are to be shown once it is read.
    pub(super) event: Option<Position>,
    /// The row whose event is to be selected once it is read.
    pub(super) row: Option<u64>,
    /// How many rows to go on from the selected event, once it is known which row it is.
    pub(super) steps: i64,
    /// The rule that is to be begun once its event is read.
    pub(super) rule: Option<RuleStart>,
    /// The steps along the versions that are still to be taken, once it is known where they lead.
    pub(super) walk: VecDeque<isize>,
    /// The stream whose timeline is in view.
    pub(super) span_of: Option<StreamName>,
    /// Whether the next version at which a watch is met is to be shown once it is found, or the one before.
    pub(super) hit: Option<bool>,
    /// The place from which on the first event is to be shown once it is found.
    pub(super) landmark: Option<Landmark>,
    /// Whether the newest event is to be shown once it is known.
    pub(super) newest: bool,
    /// Whether the only event that the filter lets through is to be shown once all are found.
    pub(super) only: bool,
}

impl App {
    /// Looks once more for what was not read yet, now that workers may have found it.
    pub(super) fn resolve_pending(&mut self) {
        self.resolve_stream();
        self.resolve_newest();
        self.resolve_landmark();
        self.resolve_only();
        self.resolve_steps();
        self.resolve_row();
        self.resolve_event();
        self.resolve_rule();
        self.resolve_walk();
        self.resolve_hit();
        self.follow_version();
        self.follow_stream();
    }

    fn resolve_stream(&mut self) {
        let Some((name, version)) = self.pending.stream.clone() else { return };
        let Some(session) = &self.session else { return };
        let streams = session.streams();
        match named(&streams, &name) {
            Named::One(stream) => {
                self.pending.stream = None;
                self.select_stream(stream, version);
            }
            Named::Many => {
                self.pending.stream = None;
                self.messages.add(bad(format!("More than one stream has the id {name}. Name it as TYPE/ID.")));
            }
            Named::None if streams.total.complete => {
                self.pending.stream = None;
                self.messages.add(bad(format!("No stream is named {name}.")));
            }
            Named::None => {}
        }
    }

    fn resolve_newest(&mut self) {
        let Some(session) = self.session.as_ref().filter(|_| self.pending.newest) else { return };
        let loading = session.newest();
        if loading.is_loading() && loading.value().is_none() {
            return;
        }
        let newest = loading.value().copied();
        self.pending.newest = false;
        if let Some(position) = newest {
            self.show_event(position);
        }
    }

    fn resolve_landmark(&mut self) {
        let Some((landmark, session)) = self.pending.landmark.zip(self.session.as_ref()) else { return };
        let loading = session.event_from(landmark);
        if loading.is_loading() {
            return;
        }
        self.pending.landmark = None;
        match (loading.value().copied(), loading.error()) {
            (Some(position), _) => self.select_event(position),
            (None, Some(error)) => self.messages.add(bad(crate::ui::controls::sentence(&error.to_string()))),
            (None, None) => {}
        }
    }

    fn resolve_only(&mut self) {
        let Some(session) = self.session.as_ref().filter(|_| self.pending.only) else { return };
        let place = &self.view.place;
        let asked = self.asked.as_ref().is_some_and(|(filter, sort)| *filter == place.filter && *sort == place.sort);
        let found = session.rows().len();
        if asked && found.complete {
            self.pending.only = false;
            if found.value == 1 {
                self.select_row(0);
            }
        }
    }

    fn resolve_steps(&mut self) {
        let selected = self.view.place.event.zip(self.session.as_ref()).filter(|_| self.pending.steps != 0);
        let Some((position, session)) = selected else { return };
        if session.place_of(position) != EventPlace::Unknown {
            let steps = std::mem::take(&mut self.pending.steps);
            self.move_rows(steps);
        }
    }

    fn resolve_row(&mut self) {
        let Some((row, session)) = self.pending.row.zip(self.session.as_ref()) else { return };
        match session.rows().get(row) {
            Some(found) => {
                self.pending.row = None;
                self.show_event(found.position);
            }
            None => session.want_rows(row..row + 1),
        }
    }

    fn resolve_event(&mut self) {
        let Some((position, session)) = self.pending.event.zip(self.session.as_ref()) else { return };
        let loading = session.event(position);
        if let Some(event) = loading.value().filter(|event| event.position == position) {
            self.view.place.stream = Some(event.stream.clone());
            self.view.place.version = Some(event.version);
            self.pending.event = None;
        } else if !loading.is_loading() {
            self.pending.event = None;
            // Where the file was left there may be no event any more.
            self.pending.newest = self.view.place.stream.is_none();
        }
    }

    /// Takes the steps whose way is known by now, in the order in which they were asked for.
    fn resolve_walk(&mut self) {
        if self.is_unreadable() {
            self.pending.walk.clear();
        }
        while let Some(steps) = self.pending.walk.front().copied() {
            if !self.step(steps) {
                return;
            }
            self.pending.walk.pop_front();
        }
    }

    /// Whether what is shown is still on its way, so that a step cannot be taken yet.
    pub(super) fn is_on_its_way(&self) -> bool {
        let pending = &self.pending;
        let wanted = pending.event.is_some() || pending.row.is_some() || pending.newest || pending.stream.is_some();
        wanted || (self.view.place.stream.is_some() && self.versions().is_none() && !self.is_unreadable())
    }

    /// Whether the history of the shown stream will not come.
    fn is_unreadable(&self) -> bool {
        let place = self.view.place.stream.as_ref().zip(self.session.as_ref());
        place.is_some_and(|(stream, session)| match session.history(stream) {
            Loading::Failed(_) => true,
            Loading::Ready(history) => history.complete && history.marks.is_empty(),
            _ => false,
        })
    }

    /// The part of a timeline that is in view is of one stream.
    fn follow_stream(&mut self) {
        if self.pending.span_of != self.view.place.stream {
            self.pending.span_of.clone_from(&self.view.place.stream);
            self.view.span = None;
        }
    }

    /// While no version is chosen, the last one is shown, and the event that made it.
    fn follow_version(&mut self) {
        if self.pending.event.is_some() || self.pending.row.is_some() || self.pending.newest {
            return;
        }
        let Some(versions) = self.versions() else { return };
        let Some(history) = self.shown_history() else { return };
        if self.view.place.version.is_some() && self.view.place.event.is_some() {
            return;
        }
        if !history.complete && self.view.place.version.is_none() {
            return;
        }
        if let Some(mark) = crate::ui::timeline::mark_of(&history, versions.shown) {
            self.view.place.event = Some(mark.position);
        }
    }
}

#[derive(Debug, PartialEq)]
enum Named {
    None,
    One(StreamName),
    Many,
}

/// The stream that is named `TYPE/ID`, or the only one whose id is `name`.
fn named(streams: &StreamList, name: &str) -> Named {
    let all = || streams.groups.iter().flat_map(|group| &group.streams).map(|stream| &stream.name);
    if let Some(stream) = all().find(|stream| stream.to_string() == name) {
        return Named::One(stream.clone());
    }
    let mut matching = all().filter(|stream| stream.aggregate_id == name);
    match (matching.next(), matching.next()) {
        (Some(_), Some(_)) => Named::Many,
        // While the list is being read, another one may still come.
        (Some(stream), None) if streams.total.complete => Named::One(stream.clone()),
        _ => Named::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Count, StreamGroup, StreamSummary};

    fn streams(names: &[(&str, &str)], total: Count) -> StreamList {
        let group = |(kind, id): &(&str, &str)| {
            let name = StreamName::new(*kind, *id);
            StreamGroup {
                aggregate_type: (*kind).into(),
                streams: vec![StreamSummary { name, events: 1, last_version: 1 }],
            }
        };
        StreamList { groups: names.iter().map(group).collect(), total }
    }

    #[test]
    fn an_id_alone_is_enough_where_it_is_unique() {
        let known = [("order", "1"), ("stock", "1"), ("stock", "cup")];
        let all = streams(&known, Count::complete(3));
        assert_eq!(named(&all, "cup"), Named::One(StreamName::new("stock", "cup")));
        assert_eq!(named(&all, "order/1"), Named::One(StreamName::new("order", "1")));
        assert_eq!(named(&all, "1"), Named::Many);
        assert_eq!(named(&all, "pot"), Named::None);
        let some = streams(&known, Count::so_far(3));
        assert_eq!(named(&some, "cup"), Named::None, "another one may still come");
    }
}
