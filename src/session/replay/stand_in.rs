//! The state at a version that the fold has yet to reach, from a snapshot that our own store keeps before it: it is shown
//! until the fold is there, which alone knows the events before the snapshot.

use crate::error::Result;
use crate::event::{StreamName, Version};
use crate::replay::{Ahead, Applied, Blame, Evolve, StateAt};
use crate::source::Source;

use super::reducers::FoundReducers;

/// How many versions ahead of the fold one must be. To fold less than that takes about as long as to look for a snapshot.
pub(super) const FAR: Version = 20_000;

/// The state, where a snapshot lies behind what is folded and near enough to the version. `folded` is the last version
/// that is.
pub(super) fn stand_in(
    source: &Source,
    reducers: &FoundReducers,
    evolve: &mut dyn Evolve,
    (stream, folded, version): (&StreamName, Version, Version),
) -> Result<Option<StateAt>> {
    let ours = source.detection().is_some_and(|found| found.profile.name == "native");
    if !ours || !source.has_snapshots() || reducers.application.is_some() {
        return Ok(None);
    }
    let Some(snapshot) = source.snapshot_before(stream, version)? else { return Ok(None) };
    let near = snapshot.version.saturating_sub(folded) > FAR && version.saturating_sub(snapshot.version) < FAR;
    let Some(stored) = snapshot.state.value().filter(|_| near) else { return Ok(None) };
    let state = reducers.reducers.comparable(stream, snapshot.version, stored)?;
    evolve.begin(stream, Some(&state.into()))?;
    let (mut last, mut position) = (None, None);
    let events = source.read_history(stream, snapshot.version.saturating_add(1), Some(version))?;
    let mut events = Ahead::new(events);
    while let Some(event) = events.next(evolve) {
        let event = event?;
        last = Some((event.version, evolve.apply(&event)?));
        position = Some(event.position);
    }
    let Some((version, Applied { changes, outcome })) = last else { return Ok(None) };
    let (state, blame) = (evolve.state().to_json(), Blame::default());
    Ok(Some(StateAt { version, position, state, changes, outcome, blame, snapshot: Some(snapshot.version) }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{ExpectedVersion, NewEvent};
    use crate::replay::Fold;
    use crate::source::OpenOptions;
    use crate::store::EventStore;

    #[test]
    fn a_version_far_ahead_is_folded_from_the_snapshot_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let mut store = EventStore::create(&path).unwrap();
        let stream = StreamName::new("counter", "c");
        let events: Vec<_> =
            (1..=FAR + 20).map(|n| NewEvent::new("counted", json!({"n": n, "at": {"x": n % 7}}))).collect();
        store.append(&stream, ExpectedVersion::NoStream, &events).unwrap();
        let at = FAR + 5;
        store.save_snapshot(&stream, at, 1, json!({"n": at, "at": {"x": at % 7}, "only": "snapshot"})).unwrap();
        drop(store);
        let source = Source::open(&path, &OpenOptions::default()).unwrap();
        let reducers = FoundReducers::guess();
        let mut fold = Fold::new(&reducers.reducers, "counter");
        let mut state = |folded, version| stand_in(&source, &reducers, &mut fold, (&stream, folded, version)).unwrap();
        let found = state(0, FAR + 9).unwrap();
        assert_eq!((found.version, found.position, found.snapshot), (FAR + 9, Some(FAR + 9), Some(at)));
        assert_eq!(found.state, json!({"n": FAR + 9, "at": {"x": (FAR + 9) % 7}, "only": "snapshot"}));
        assert_eq!(found.changes.len(), 2);
        assert!(state(0, at - 1).is_none(), "the snapshot is behind it");
        assert!(state(10, FAR + 9).is_none(), "the fold is nearly there");
    }
}
