//! The repository: loads aggregates from their streams or snapshots, and saves what they recorded.

use std::marker::PhantomData;

use super::aggregate::{Aggregate, Root};
use super::append::Appended;
use super::event_store::EventStore;
use super::read;
use super::snapshot::Snapshot;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, ExpectedVersion, Version};

/// When a repository takes snapshots, and how many of a stream it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotPolicy {
    /// Whenever a save reaches or passes a multiple of so many events; never for 0.
    pub every: u32,
    /// How many of a stream's snapshots stay: the newest.
    pub keep: usize,
}

impl SnapshotPolicy {
    /// No snapshots are taken; those that are there are still used.
    pub const NEVER: Self = Self { every: 0, keep: usize::MAX };

    /// A snapshot every so many events, of which the two newest stay.
    #[must_use]
    pub const fn every(events: u32) -> Self {
        Self { every: events, keep: 2 }
    }

    /// What is wrong with a stream at this version that has no snapshot.
    fn missing(self, current: Version) -> Option<String> {
        (self.keep > 0 && self.is_due(0, current)).then(|| {
            format!(
                "there is no snapshot, though one is to be taken every {} events and there are {current}",
                self.every
            )
        })
    }

    fn is_due(self, before: Version, after: Version) -> bool {
        let every = Version::from(self.every);
        every > 0 && before / every < after / every
    }
}

/// Loads and saves the aggregates of one type. See [`Aggregate`] for an example.
pub struct Repository<'store, A> {
    store: &'store mut EventStore,
    policy: SnapshotPolicy,
    aggregate: PhantomData<A>,
}

impl<'store, A: Aggregate> Repository<'store, A> {
    /// A repository over a store.
    pub fn new(store: &'store mut EventStore, policy: SnapshotPolicy) -> Self {
        Self { store, policy, aggregate: PhantomData }
    }

    /// Loads an aggregate: from its newest snapshot and the events behind it, or from all of its events. One that has
    /// no events is new: its state is the default.
    ///
    /// A snapshot that is of another shape, cannot be read, or is ahead of the stream is not used: all events are folded,
    /// and [`Root::snapshot_fault`] says why. So it is where there is none though the policy would have taken one.
    ///
    /// # Errors
    /// Where the aggregate does not understand one of its events; the message names it.
    pub fn load(&self, id: &str) -> Result<Root<A>> {
        let mut root = Root::new(id);
        // The snapshot first: of one that another process takes in between, the stream would seem to be behind.
        let snapshot = self.store.snapshot(&root.stream, None)?;
        let Some(current) = self.store.current_version(&root.stream)? else { return Ok(root) };
        match snapshot.map(|snapshot| restored::<A>(&snapshot, current)) {
            Some(Ok((version, state))) => (root.state, root.version) = (state, Some(version)),
            Some(Err(fault)) => root.snapshot_fault = Some(fault),
            None => root.snapshot_fault = self.policy.missing(current),
        }
        let Root { stream, state, version, .. } = &mut root;
        read::fold_stream(&self.store.connection, stream, version.unwrap_or(0) + 1, |event| {
            state.apply(event).map_err(|error| misunderstood(event, error))?;
            *version = Some(event.version);
            Ok(())
        })?;
        Ok(root)
    }

    /// Saves what an aggregate recorded, behind the version at which it was loaded, and takes a snapshot where one is
    /// due. Answers with what the store gave the events.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where somebody else has written to the stream since. What was recorded stays recorded.
    pub fn save(&mut self, root: &mut Root<A>) -> Result<Appended> {
        let expected = root.version.map_or(ExpectedVersion::NoStream, ExpectedVersion::Exactly);
        if root.pending.is_empty() {
            return Ok(Appended::default());
        }
        let before = root.version.unwrap_or(0);
        let appended = self.store.append(&root.stream, expected, &root.pending)?;
        root.pending.clear();
        root.version = appended.last_version();
        if let Some(after) = root.version.filter(|after| self.policy.is_due(before, *after)) {
            // The events are saved: a snapshot that fails is a matter for the next load, and no reason to save again.
            root.snapshot_fault = self.take_snapshot(root, after).err().map(|error| error.to_string());
        }
        Ok(appended)
    }

    /// Loads an aggregate, lets `decide` record what happens, and saves it: again from the beginning, up to `attempts`
    /// times in all, where somebody else was quicker.
    ///
    /// # Errors
    /// What `decide` answers with, and what loading and saving do; the conflict where the last attempt met one.
    pub fn update<T>(
        &mut self,
        id: &str,
        attempts: usize,
        mut decide: impl FnMut(&mut Root<A>) -> Result<T>,
    ) -> Result<T> {
        let mut left = attempts.max(1);
        loop {
            left -= 1;
            let mut root = self.load(id)?;
            let answer = decide(&mut root)?;
            match self.save(&mut root) {
                Ok(_) => return Ok(answer),
                Err(error) if left > 0 && matches!(error.kind(), ErrorKind::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn take_snapshot(&mut self, root: &Root<A>, version: Version) -> Result<()> {
        let state = serde_json::value::to_raw_value(&root.state)
            .map_err(|error| Error::bad_input(format!("the state cannot be kept: {error}")).with_source(error))?;
        self.store.save_snapshot(&root.stream, version, A::STATE_VERSION, state)?;
        self.store.prune_snapshots(&root.stream, self.policy.keep)?;
        Ok(())
    }
}

/// The state in a snapshot and its version, or why it cannot be used.
fn restored<A: Aggregate>(snapshot: &Snapshot, current: Version) -> Result<(Version, A), String> {
    let Snapshot { version, state_version, state, .. } = snapshot;
    if *version > current {
        return Err(format!("the snapshot is at version {version}, but the stream is only at {current}"));
    }
    if *state_version != A::STATE_VERSION {
        return Err(format!("the snapshot at version {version} has shape {state_version}, not {}", A::STATE_VERSION));
    }
    let state = serde_json::from_str(state);
    state
        .map(|state| (*version, state))
        .map_err(|error| format!("the snapshot at version {version} cannot be read: {error}"))
}

fn misunderstood(event: &Event, error: Error) -> Error {
    error.context(format_args!("folding {} at version {} of {}", event.event_type, event.version, event.stream))
}
