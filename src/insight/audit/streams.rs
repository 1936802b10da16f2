//! Versions and times along each stream, and positions along the store.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::finding::{Finding, Instance, Instances, Severity};
use crate::event::{Event, Position, StreamName, Version};
use crate::profile::Mapping;

/// The share of the streams in which something is so that makes it the store's own way.
const OWN_WAY: f64 = 0.2;

/// Where each stream stands, and what is wrong on the way there.
pub(super) struct Streams {
    has_versions: bool,
    has_positions: bool,
    /// The name of those that are in no stream, where others are in one.
    outside: Option<StreamName>,
    by_name: HashMap<StreamName, Stream>,
    last_position: Option<Position>,
    gaps: Faults,
    duplicates: Faults,
    backwards: Faults,
    ties: Instances,
    position_gaps: Instances,
    position_duplicates: Instances,
    unreadable_times: Instances,
}

struct Stream {
    first: Version,
    first_position: Position,
    last: Version,
    events: u64,
    last_time: Option<DateTime<Utc>>,
    had_gap: bool,
    had_duplicate: bool,
    went_back: bool,
}

/// Faults with the number of streams that have them.
#[derive(Default)]
struct Faults {
    instances: Instances,
    streams: u64,
}

impl Faults {
    fn note(&mut self, known: &mut bool, instance: impl FnOnce() -> Instance) {
        self.streams += u64::from(!std::mem::replace(known, true));
        self.instances.note(instance);
    }
}

impl Streams {
    pub(super) fn new(mapping: &Mapping) -> Self {
        Self {
            has_versions: mapping.version.is_some(),
            has_positions: mapping.position.is_some(),
            outside: mapping.aggregate_id.is_some().then(|| StreamName::new("", mapping.table.clone())),
            by_name: HashMap::new(),
            last_position: None,
            gaps: Faults::default(),
            duplicates: Faults::default(),
            backwards: Faults::default(),
            ties: Instances::default(),
            position_gaps: Instances::default(),
            position_duplicates: Instances::default(),
            unreadable_times: Instances::default(),
        }
    }

    pub(super) fn see(&mut self, event: &Event) {
        self.see_position(event);
        let time = event.timestamp.as_ref().and_then(|time| time.utc);
        if let (Some(stored), None) = (&event.timestamp, time) {
            self.unreadable_times.note(|| Instance::of(event, format!("`{}` is no time", stored.stored)));
        }
        if self.outside.as_ref() == Some(&event.stream) {
            return;
        }
        let Some(stream) = self.by_name.get_mut(&event.stream) else {
            let stream = Stream {
                first: event.version,
                first_position: event.position,
                last: event.version,
                events: 1,
                last_time: time,
                had_gap: false,
                had_duplicate: false,
                went_back: false,
            };
            self.by_name.insert(event.stream.clone(), stream);
            return;
        };
        stream.events += 1;
        if self.has_versions {
            let (last, version) = (stream.last, event.version);
            if version == last {
                self.duplicates
                    .note(&mut stream.had_duplicate, || Instance::of(event, format!("version {version} again")));
            } else if version < last {
                self.duplicates
                    .note(&mut stream.had_duplicate, || Instance::of(event, format!("version {version} after {last}")));
            } else if last.checked_add(1) != Some(version) {
                self.gaps.note(&mut stream.had_gap, || Instance::of(event, format!("version {version} after {last}")));
            }
            stream.last = last.max(version);
        }
        if let (Some(before), Some(now)) = (stream.last_time, time) {
            if now < before {
                let what = || Instance::of(event, format!("{now} after {before}"));
                self.backwards.note(&mut stream.went_back, what);
            } else if now == before && !self.has_versions && !self.has_positions {
                self.ties.note(|| Instance::of(event, format!("{now}, as the event before")));
            }
        }
        stream.last_time = time.or(stream.last_time);
    }

    fn see_position(&mut self, event: &Event) {
        if !self.has_positions {
            return;
        }
        if let Some(last) = self.last_position {
            let missing = event.position.abs_diff(last).saturating_sub(1);
            if event.position == last {
                self.position_duplicates.note(|| Instance::of(event, format!("position {last} again")));
            } else if missing > 0 {
                self.position_gaps.note(|| Instance::of(event, format!("{missing} missing before")));
            }
        }
        self.last_position = Some(event.position);
    }

    /// The version of a stream's last event, where the store counts versions.
    pub(super) fn last_version(&self, stream: &StreamName) -> Option<Version> {
        self.has_versions.then(|| self.by_name.get(stream).map(|stream| stream.last)).flatten()
    }

    /// The streams with this id, where a snapshot says no type.
    pub(super) fn last_version_of_id(&self, id: &str) -> Option<Version> {
        let mut found = self.by_name.iter().filter(|(name, _)| name.aggregate_id == id);
        let first = found.next().filter(|_| self.has_versions)?;
        Some(found.map(|(_, stream)| stream.last).fold(first.1.last, Version::max))
    }

    /// The last position of the store.
    pub(super) fn last_position(&self) -> Option<Position> {
        self.last_position
    }

    pub(super) fn finish(self) -> Vec<Finding> {
        let long = self.by_name.values().filter(|stream| stream.events > 1).count();
        let starts = self.starts();
        let is_own_way = |faults: &Faults| {
            #[allow(clippy::cast_precision_loss, reason = "a share of streams")]
            let share = faults.streams as f64 / (long.max(1)) as f64;
            long >= 10 && share > OWN_WAY
        };
        let severity = |faults: &Faults, worst| if is_own_way(faults) { Severity::Note } else { worst };
        let (gaps, duplicates) = (severity(&self.gaps, Severity::Error), severity(&self.duplicates, Severity::Error));
        let backwards = severity(&self.backwards, Severity::Warning);
        [
            self.gaps.instances.finding(
                "version_gap",
                gaps,
                if gaps == Severity::Note {
                    "Versions are left out in many streams: this store counts something else with them, too."
                } else {
                    "Versions are missing within a stream: events were deleted, or never written."
                },
                "Find out what took the events away; a state folded without them may be wrong.",
            ),
            self.duplicates.instances.finding(
                "version_duplicate",
                duplicates,
                if duplicates == Severity::Note {
                    "Several events of a stream share a version in many streams: this store counts commits."
                } else {
                    "A stream has a version twice, or one behind a later one: two writers did not see each other."
                },
                "Append with the expected version, and have a unique constraint on stream and version.",
            ),
            starts,
            self.backwards.instances.finding(
                "time_backwards",
                backwards,
                "Times go back within a stream: clocks that disagree, or events that were brought in later.",
                "Order by version, not by time.",
            ),
            self.ties.finding(
                "time_tie",
                Severity::Note,
                "Events of a stream share a time, and nothing else says which came first.",
                "Keep a version or a position beside the time.",
            ),
            self.position_duplicates.finding(
                "position_duplicate",
                Severity::Error,
                "A position names several events.",
                "Give each event a position of its own; readers that continue behind one may miss the others.",
            ),
            self.position_gaps.finding(
                "position_gap",
                Severity::Note,
                "Positions are left out: by writers that gave up, or because events were deleted.",
                "Nothing, where writers give up now and then; else find out what deletes events.",
            ),
            self.unreadable_times.finding(
                "unreadable_time",
                Severity::Warning,
                "The time of an event is in no form that is known.",
                "Correct the mapping of the time, or what writes it.",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The streams that begin later than most do.
    fn starts(&self) -> Option<Finding> {
        if !self.has_versions {
            return None;
        }
        let mut counts: HashMap<Version, u64> = HashMap::new();
        self.by_name.values().for_each(|stream| *counts.entry(stream.first).or_default() += 1);
        let (usual, count) = counts.into_iter().max_by_key(|(version, count)| (*count, -version))?;
        // Where no version is the usual one, none is missed.
        if count * 2 <= self.by_name.len() as u64 {
            return None;
        }
        let mut late: Vec<(&StreamName, &Stream)> =
            self.by_name.iter().filter(|(_, stream)| stream.first != usual).collect();
        late.sort_by_key(|(_, stream)| stream.first_position);
        let mut instances = Instances::default();
        for (name, stream) in late {
            instances.note(|| Instance {
                position: Some(stream.first_position),
                stream: Some(name.clone()),
                version: Some(stream.first),
                what: format!("begins with version {}", stream.first),
            });
        }
        instances.finding(
            "version_start",
            Severity::Note,
            format!("Streams usually begin with version {usual}; some do not."),
            "Nothing, where the beginnings of streams are archived or trimmed; else their first events are missing.",
        )
    }
}
