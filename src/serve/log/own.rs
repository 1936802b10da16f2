//! An event store of this program as what is served, wherever its events lie.

use serde_json::Value;

use super::{Faults, Kept, Log};
use crate::error::Result;
use crate::event::{Event, Position, StreamName, Version};
use crate::serve::room::{Filled, fill};
use crate::serve::wanted::Page;
use crate::store::{Query, Store};

/// A store.
pub(super) struct Own(pub(super) Box<dyn Store>);

impl Log for Own {
    fn event(&self, id: &str) -> Result<Option<Event>> {
        self.0.event(id)
    }

    fn page(&self, page: &Page, room: usize) -> Result<Filled> {
        fill(page.limit, room, |last, wanted| next_of(&*self.0, page, last, wanted))
    }

    fn stream(&self, stream: &StreamName, from: Version, limit: usize, room: usize) -> Result<Filled> {
        fill(limit, room, |last, wanted| {
            let from = last.map_or(from.max(1), |last| last.version.saturating_add(1));
            let to = from.saturating_add(i64::try_from(wanted).unwrap_or(i64::MAX)).saturating_sub(1);
            self.0.read_stream(stream, from, Some(to))
        })
    }

    fn version(&self, stream: &StreamName) -> Result<Option<Version>> {
        self.0.current_version(stream)
    }

    fn behind(&self, position: Option<Position>, limit: usize, room: usize) -> Result<Filled> {
        fill(limit, room, |last, wanted| self.0.read_all(last.map(|last| last.position).or(position), wanted))
    }

    fn last_position(&self) -> Result<Option<Position>> {
        self.0.last_position()
    }

    fn snapshot(&self, stream: &StreamName, at: Option<Version>) -> Result<Option<Kept>> {
        Ok(self.0.snapshot(stream, at)?.map(Kept::from))
    }

    fn schema(&self, event_type: &str, version: u32) -> Result<Option<Value>> {
        self.0.schema(event_type, version)
    }

    fn faults(&self, event_type: &str, version: u32, data: &Value, limit: usize) -> Result<Faults> {
        self.0.faults(event_type, version, data, limit)
    }
}

/// The next events of a page, behind the last that it has so far.
fn next_of(store: &dyn Store, page: &Page, last: Option<&Event>, wanted: usize) -> Result<Vec<Event>> {
    let mut queries = page.filter.queries();
    for query in &mut queries {
        match last {
            Some(last) => go_on_behind(last, page, query),
            None => begin_at(store, page, query)?,
        }
        query.newest_first = page.newest_first;
    }
    let offset = if last.is_some() { 0 } else { page.offset };
    if let [only] = queries.as_slice() {
        return store.query(&Query { offset, limit: Some(wanted), ..only.clone() });
    }
    // The first of all together are among the first of each.
    let most = offset.saturating_add(wanted);
    let mut found = Vec::new();
    for query in queries {
        found.extend(store.query(&Query { limit: Some(most), ..query })?);
    }
    found.sort_by_key(|event| if page.newest_first { -event.position } else { event.position });
    Ok(found.into_iter().skip(offset).take(wanted).collect())
}

/// Has a query go on behind an event.
fn go_on_behind(last: &Event, page: &Page, query: &mut Query) {
    match (page.filter.stream(), page.newest_first) {
        (Some(_), true) => query.to_version = Some(last.version.saturating_sub(1)),
        (Some(_), false) => query.from_version = Some(last.version.saturating_add(1)),
        (None, true) => query.before = Some(last.position),
        (None, false) => query.after = Some(last.position),
    }
}

/// Has a query begin at the position that a page begins at. Within one stream that is a version: its index goes by
/// versions, and a bound on positions would be held against all that lie before it.
fn begin_at(store: &dyn Store, page: &Page, query: &mut Query) -> Result<()> {
    let Some(from) = page.from else { return Ok(()) };
    let behind = from.saturating_add(1);
    match page.filter.stream() {
        Some(stream) if page.newest_first => query.to_version = Some(first_version_at(store, &stream, behind)? - 1),
        Some(stream) => query.from_version = Some(first_version_at(store, &stream, from)?),
        None if page.newest_first => query.before = Some(behind),
        None => query.after = Some(from.saturating_sub(1)),
    }
    Ok(())
}

/// The first version of a stream that lies at a position or behind it, found by halving; the one behind its last where
/// there is none.
fn first_version_at(store: &dyn Store, stream: &StreamName, position: Position) -> Result<Version> {
    let (mut low, mut high) = (1, store.current_version(stream)?.unwrap_or_default() + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let event = store.read_stream(stream, middle, Some(middle))?.pop();
        if event.is_some_and(|event| event.position < position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{ExpectedVersion, NewEvent};
    use crate::serve::room;
    use crate::serve::wanted::Filter;
    use crate::store::EventStore;

    fn store() -> Own {
        let mut store = EventStore::open_in_memory().unwrap();
        for number in 0..40 {
            let (stream, event_type) = (format!("s{}", number % 3), format!("t{}", number % 4));
            let event = NewEvent::new(event_type, json!({ "n": number }));
            store.append(&StreamName::new("cup", stream), ExpectedVersion::Any, &[event]).unwrap();
        }
        Own(Box::new(store))
    }

    fn positions(store: &Own, page: &Page) -> Vec<Position> {
        store.page(page, room::PAGE).unwrap().events.iter().map(|event| event.position).collect()
    }

    #[test]
    fn pages_by_position_are_the_same_as_one_long_page_whatever_is_wanted() {
        let store = store();
        let filters = [
            Filter::default(),
            Filter { aggregate_type: Some("cup".to_owned()), aggregate_id: Some("s1".to_owned()), ..Filter::default() },
            Filter { event_types: vec!["t1".to_owned(), "t3".to_owned()], ..Filter::default() },
            Filter { aggregate_type: Some("cup".to_owned()), event_types: vec!["t2".to_owned()], ..Filter::default() },
        ];
        for filter in filters {
            for newest_first in [false, true] {
                let whole = Page { filter: filter.clone(), newest_first, limit: 1_000, ..Page::default() };
                let all = positions(&store, &whole);
                assert!(all.len() >= 10, "{filter:?}");
                let mut paged: Vec<Position> = Vec::new();
                loop {
                    let next = paged.last().map(|last| if newest_first { last - 1 } else { last + 1 });
                    let page = positions(&store, &Page { from: next, limit: 3, ..whole.clone() });
                    if page.is_empty() {
                        break;
                    }
                    paged.extend(page);
                }
                assert_eq!(paged, all, "{filter:?} {newest_first}");
                let offset = positions(&store, &Page { offset: 4, limit: 3, ..whole });
                assert_eq!(offset, all[4..7]);
            }
        }
    }
}
