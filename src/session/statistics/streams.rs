//! The list of streams, grouped by aggregate type.
//!
//! The database gives streams in the order of letters, which its indexes have; here they are put into the order in which
//! a person counts. To have the database do that, it would have to sort all of them before it gave the first one.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::event::{Event, StreamName};

use super::natural::natural;
use crate::session::{Count, StreamSummary};

/// The streams of one aggregate type, by id; numbers within ids count as numbers.
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
    /// Adds streams, in any order; quickest where they are sorted. One that grew meanwhile is there already.
    pub(in crate::session) fn extend(&mut self, mut streams: Vec<StreamSummary>) {
        sort(&mut streams);
        let mut streams = streams.into_iter().peekable();
        while let Some(first) = streams.next() {
            let kind = first.name.aggregate_type.clone();
            let mut added = vec![first];
            while let Some(next) = streams.next_if(|next| next.name.aggregate_type == kind) {
                added.push(next);
            }
            let known = &mut self.group(&kind).streams;
            let before = known.len();
            merge(known, added);
            self.total.value += (known.len() - before) as u64;
        }
    }

    /// Takes in an event that was appended.
    pub(in crate::session) fn grow(&mut self, event: &Event) {
        let group = self.group(&event.stream.aggregate_type);
        let id = &event.stream.aggregate_id;
        let place = place_of(&group.streams, id);
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
        let place = self.groups.partition_point(|group| natural(&group.aggregate_type, aggregate_type).is_lt());
        if self.groups.get(place).is_none_or(|group| *group.aggregate_type != *aggregate_type) {
            self.groups.insert(place, StreamGroup { aggregate_type: aggregate_type.into(), streams: Vec::new() });
        }
        &mut self.groups[place]
    }
}

/// Puts streams into the order of the list.
pub(super) fn sort(streams: &mut [StreamSummary]) {
    streams.sort_by(|a, b| order(&a.name, &b.name));
}

fn order(a: &StreamName, b: &StreamName) -> Ordering {
    natural(&a.aggregate_type, &b.aggregate_type).then_with(|| natural(&a.aggregate_id, &b.aggregate_id))
}

/// Where the stream with this id is among those of its type, or belongs.
fn place_of(streams: &[StreamSummary], id: &str) -> usize {
    streams.partition_point(|known| natural(&known.name.aggregate_id, id).is_lt())
}

/// Merges sorted streams into sorted ones of the same type; what is added takes the place of what is known already.
///
/// There may be a million of them: each one that is added looks for its place, and what lies between moves unlooked at.
fn merge(known: &mut Vec<StreamSummary>, added: Vec<StreamSummary>) {
    let Some(first) = added.first() else { return };
    let behind = known.split_off(place_of(known, &first.name.aggregate_id));
    known.reserve(behind.len() + added.len());
    let mut behind = behind.into_iter();
    for stream in added {
        let before = place_of(behind.as_slice(), &stream.name.aggregate_id);
        known.extend(behind.by_ref().take(before));
        if behind.as_slice().first().is_some_and(|next| next.name == stream.name) {
            behind.next();
        }
        match known.last_mut() {
            Some(last) if last.name == stream.name => *last = stream,
            _ => known.push(stream),
        }
    }
    known.extend(behind);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn numbers_within_names_count_as_numbers() {
        let mut list = StreamList::default();
        // As the database gives them: in the order of letters.
        list.extend(["acc-1", "acc-10", "acc-100"].map(|id| summary("account", id)).to_vec());
        list.extend(["acc-2", "acc-20", "acc-9"].map(|id| summary("account", id)).to_vec());
        let ids: Vec<_> = list.groups[0].streams.iter().map(|stream| stream.name.aggregate_id.as_str()).collect();
        assert_eq!(ids, ["acc-1", "acc-2", "acc-9", "acc-10", "acc-20", "acc-100"]);
    }

    proptest! {
        #[test]
        fn however_streams_come_each_is_there_once(ids in prop::collection::vec(0_u32..300, 0..120), cut in 1_usize..40) {
            let mut list = StreamList::default();
            for batch in ids.chunks(cut) {
                list.extend(batch.iter().map(|id| summary("account", &format!("acc-{id}"))).collect());
            }
            let mut expected = ids;
            expected.sort_unstable();
            expected.dedup();
            let names: Vec<_> = expected.iter().map(|id| format!("acc-{id}")).collect();
            let found: Vec<_> =
                list.groups.iter().flat_map(|group| &group.streams).map(|s| s.name.aggregate_id.clone()).collect();
            prop_assert_eq!(list.total.value, found.len() as u64);
            prop_assert_eq!(found, names);
        }
    }
}
