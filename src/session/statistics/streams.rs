//! The list of streams, grouped by aggregate type.

use std::sync::Arc;

use crate::event::Event;

use crate::session::{Count, StreamSummary};

/// The streams of one aggregate type, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamGroup {
    /// The type; empty where the store does not say.
    pub aggregate_type: Arc<str>,
    /// Its streams.
    pub streams: Vec<StreamSummary>,
}

/// All streams that were read so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamList {
    /// By aggregate type, in the order of their names.
    pub groups: Vec<StreamGroup>,
    /// How many streams there are in all groups.
    pub total: Count,
}

impl StreamList {
    /// Adds streams. They mostly come in the list's own order; one that grew meanwhile is there already.
    pub(in crate::session) fn extend(&mut self, streams: Vec<StreamSummary>) {
        for stream in streams {
            let group = self.group(&stream.name.aggregate_type);
            let id = &stream.name.aggregate_id;
            let place = match group.streams.last() {
                Some(last) if last.name.aggregate_id >= *id => {
                    group.streams.partition_point(|known| known.name.aggregate_id < *id)
                }
                _ => group.streams.len(),
            };
            if let Some(known) = group.streams.get_mut(place).filter(|known| known.name == stream.name) {
                *known = stream;
            } else {
                group.streams.insert(place, stream);
                self.total.value += 1;
            }
        }
    }

    /// Takes in an event that was appended.
    pub(in crate::session) fn grow(&mut self, event: &Event) {
        let group = self.group(&event.stream.aggregate_type);
        let id = &event.stream.aggregate_id;
        let place = group.streams.partition_point(|known| known.name.aggregate_id < *id);
        if let Some(stream) = group.streams.get_mut(place).filter(|known| known.name == event.stream) {
            stream.events += 1;
            stream.last_version = stream.last_version.max(event.version);
        } else {
            let stream = StreamSummary { name: event.stream.clone(), events: 1, last_version: event.version };
            group.streams.insert(place, stream);
            self.total.value += 1;
        }
    }

    /// The group of a type, which is made where there is none, at its place.
    fn group(&mut self, aggregate_type: &str) -> &mut StreamGroup {
        let place = self.groups.partition_point(|group| *group.aggregate_type < *aggregate_type);
        if self.groups.get(place).is_none_or(|group| *group.aggregate_type != *aggregate_type) {
            self.groups.insert(place, StreamGroup { aggregate_type: aggregate_type.into(), streams: Vec::new() });
        }
        &mut self.groups[place]
    }
}

#[cfg(test)]
mod tests {
    use crate::event::StreamName;

    use super::*;

    fn summary(kind: &str, id: &str) -> StreamSummary {
        StreamSummary { name: StreamName::new(kind, id), events: 2, last_version: 2 }
    }

    #[test]
    fn streams_are_grouped_and_ordered_however_they_come() {
        let mut list = StreamList::default();
        list.extend(vec![summary("order", "b"), summary("account", "z"), summary("order", "a")]);
        let event = |kind: &str, id: &str| Event { stream: StreamName::new(kind, id), version: 3, ..Event::default() };
        list.grow(&event("order", "a"));
        list.grow(&event("order", "aa"));
        let names: Vec<String> =
            list.groups.iter().flat_map(|group| &group.streams).map(|stream| stream.name.to_string()).collect();
        assert_eq!(names, ["account/z", "order/a", "order/aa", "order/b"]);
        assert_eq!(list.total.value, 4);
        assert_eq!((list.groups[1].streams[0].events, list.groups[1].streams[0].last_version), (3, 3));
    }
}
