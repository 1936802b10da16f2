//! A branch laid over the events of its stream, one step at a time.

use std::collections::VecDeque;

use super::{Branch, Insertion};
use crate::error::Result;
use crate::event::{Event, Payload, Position, StreamName, Timestamp, Version};

/// What becomes of an event of the stream in a branch, or an event that only the branch has.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "steps are looked at one by one, and few are edits")]
pub enum BranchStep {
    /// The event is the same in both.
    Same(Event),
    /// The branch leaves this event out.
    Skipped(Event),
    /// The branch has an event with other data.
    Edited {
        /// The event as it is in the stream.
        real: Event,
        /// The event as it is in the branch.
        edited: Event,
    },
    /// Only the branch has this event. It bears the position and the time of the event before it.
    Inserted(Event),
}

impl BranchStep {
    /// The event as the branch has it; `None` where it leaves it out.
    #[must_use]
    pub fn into_event(self) -> Option<Event> {
        match self {
            Self::Skipped(_) => None,
            Self::Same(event) | Self::Inserted(event) | Self::Edited { edited: event, .. } => Some(event),
        }
    }

    /// The version at which it stands.
    #[must_use]
    pub fn version(&self) -> Version {
        match self {
            Self::Same(event) | Self::Skipped(event) | Self::Inserted(event) | Self::Edited { real: event, .. } => {
                event.version
            }
        }
    }
}

/// The steps of a branch: see [`Branch::steps`].
#[derive(Debug)]
pub struct Steps<'b, I> {
    branch: &'b Branch,
    stream: StreamName,
    events: I,
    /// What is to be inserted, the earliest first.
    waiting: VecDeque<&'b Insertion>,
    /// The event that waits for what is inserted before it.
    next: Option<Event>,
    last: Last,
}

/// The event before, of which an inserted one takes what it has not of its own.
#[derive(Debug, Default)]
struct Last {
    version: Option<Version>,
    position: Position,
    timestamp: Option<Timestamp>,
}

impl<'b, I: Iterator<Item = Result<Event>>> Steps<'b, I> {
    pub(super) fn new(branch: &'b Branch, events: I) -> Self {
        let mut waiting: Vec<&Insertion> = branch.insert.iter().collect();
        waiting.sort_by_key(|insertion| insertion.after);
        let (waiting, stream) = (waiting.into(), branch.stream());
        Self { branch, stream, events, waiting, next: None, last: Last::default() }
    }

    /// What is inserted before an event of this version.
    fn inserted_before(&mut self, version: Version) -> Option<BranchStep> {
        let insertion = self.waiting.pop_front_if(|insertion| insertion.after < version)?;
        Some(self.inserted(insertion, insertion.after.saturating_add(1)))
    }

    /// What stands behind the last event of the stream, with the versions that it would have there.
    fn inserted_at_the_end(&mut self) -> Option<BranchStep> {
        let insertion = self.waiting.pop_front()?;
        let version = self.last.version.unwrap_or(insertion.after).saturating_add(1);
        // Several after the last version take one version each, of which the later may lie behind the end.
        if self.branch.end.is_some_and(|end| version > end) {
            return None;
        }
        self.last.version = Some(version);
        Some(self.inserted(insertion, version))
    }

    fn inserted(&self, insertion: &Insertion, version: Version) -> BranchStep {
        let (position, timestamp) = (self.last.position, self.last.timestamp.clone());
        BranchStep::Inserted(Event { position, timestamp, ..insertion.event(&self.stream, version) })
    }

    fn of_the_stream(&mut self, event: Event) -> BranchStep {
        let Event { version, position, .. } = event;
        self.last = Last { version: Some(version), position, timestamp: event.timestamp.clone() };
        if self.branch.skip.contains(&version) {
            return BranchStep::Skipped(event);
        }
        match self.branch.set.get(&version) {
            None => BranchStep::Same(event),
            Some(data) => {
                let edited = Event { data: Payload::json(data.clone()), ..event.clone() };
                BranchStep::Edited { real: event, edited }
            }
        }
    }
}

impl<I: Iterator<Item = Result<Event>>> Iterator for Steps<'_, I> {
    type Item = Result<BranchStep>;

    fn next(&mut self) -> Option<Self::Item> {
        let event = match self.next.take().map(Ok).or_else(|| self.events.next()) {
            None => return self.inserted_at_the_end().map(Ok),
            Some(Err(error)) => return Some(Err(error)),
            Some(Ok(event)) => event,
        };
        if let Some(inserted) = self.inserted_before(event.version) {
            self.next = Some(event);
            return Some(Ok(inserted));
        }
        Some(Ok(self.of_the_stream(event)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn laid_over(branch: &Branch, versions: &[Version]) -> Vec<(char, Version)> {
        let events = versions.iter().map(|version| Ok(Event { version: *version, ..Event::default() }));
        let told = |step: Result<BranchStep>| {
            let step = step.unwrap();
            let kind = match step {
                BranchStep::Same(_) => '=',
                BranchStep::Skipped(_) => '-',
                BranchStep::Edited { .. } => '~',
                BranchStep::Inserted(_) => '+',
            };
            (kind, step.version())
        };
        branch.steps(events).map(told).collect()
    }

    #[test]
    fn an_inserted_event_takes_the_place_behind_its_version() {
        let mut branch = Branch::of(&StreamName::new("a", "b"));
        for after in [3, 0, 1, 9, 1] {
            branch.insert(Insertion::new(after, "x", json!({})));
        }
        branch.skip(2);
        branch.set(3, json!({}));
        let expected = [('+', 1), ('=', 1), ('+', 2), ('+', 2), ('-', 2), ('~', 3), ('+', 4), ('+', 5)];
        assert_eq!(laid_over(&branch, &[1, 2, 3]), expected);
    }

    #[test]
    fn a_branch_up_to_a_version_behind_the_streams_end_has_what_is_inserted_up_to_it_and_no_more() {
        let mut branch = Branch::of(&StreamName::new("a", "b"));
        for after in [2, 2, 9] {
            branch.insert(Insertion::new(after, "x", json!({})));
        }
        let told = |until| laid_over(&branch.clone().until(until), &[1, 2]);
        assert_eq!(told(2), [('=', 1), ('=', 2)]);
        assert_eq!(told(3), [('=', 1), ('=', 2), ('+', 3)]);
        assert_eq!(told(4), [('=', 1), ('=', 2), ('+', 3), ('+', 4)]);
        assert_eq!(told(10), [('=', 1), ('=', 2), ('+', 3), ('+', 4), ('+', 5)]);
    }

    #[test]
    fn a_branch_of_nothing_is_what_is_inserted() {
        let mut branch = Branch::of(&StreamName::new("a", "b"));
        branch.insert(Insertion::new(0, "x", json!({})));
        branch.insert(Insertion::new(0, "y", json!({})));
        assert_eq!(laid_over(&branch, &[]), [('+', 1), ('+', 2)]);
    }
}
