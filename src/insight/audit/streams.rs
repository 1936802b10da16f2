//! Versions and times along each stream, and positions along the store.

use std::cmp::Ordering;
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
    /// The first event of all.
    first: Option<Instance>,
    last_position: Option<Position>,
    gaps: Instances,
    duplicates: Instances,
    backwards: Instances,
    ties: Instances,
    position_gaps: Instances,
    position_duplicates: Instances,
    unreadable_times: Instances,
    untold: bool,
}

struct Stream {
    first: Version,
    first_position: Position,
    last: Version,
    events: u64,
    first_time: Option<Moment>,
    last_time: Option<DateTime<Utc>>,
    had_gap: bool,
    had_duplicate: bool,
    went_back: bool,
}

/// The time of an event of a stream.
#[derive(Clone, Copy)]
struct Moment {
    time: DateTime<Utc>,
    position: Position,
    version: Version,
}

impl Streams {
    pub(super) fn new(mapping: &Mapping) -> Self {
        Self {
            has_versions: mapping.version.is_some(),
            has_positions: mapping.position.is_some(),
            outside: mapping.aggregate_id.is_some().then(|| StreamName::new("", mapping.table.clone())),
            by_name: HashMap::new(),
            first: None,
            last_position: None,
            gaps: Instances::default(),
            duplicates: Instances::default(),
            backwards: Instances::default(),
            ties: Instances::default(),
            position_gaps: Instances::default(),
            position_duplicates: Instances::default(),
            unreadable_times: Instances::default(),
            untold: false,
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
        let moment = time.map(|time| Moment { time, position: event.position, version: event.version });
        let Some(stream) = self.by_name.get_mut(&event.stream) else {
            let stream = Stream {
                first: event.version,
                first_position: event.position,
                last: event.version,
                events: 1,
                first_time: moment,
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
            match Step::between(last, version) {
                Step::Next => {}
                Step::Gap => {
                    stream.had_gap = true;
                    self.gaps.note(|| Instance::of(event, Step::Gap.words(last, version)));
                }
                step => {
                    stream.had_duplicate = true;
                    self.duplicates.note(|| Instance::of(event, step.words(last, version)));
                }
            }
            stream.last = last.max(version);
        }
        if let (Some(before), Some(now)) = (stream.last_time, time) {
            if now < before {
                stream.went_back = true;
                self.backwards.note(|| Instance::of(event, format!("{now} after {before}")));
            } else if now == before && !self.has_versions && !self.has_positions {
                self.ties.note(|| Instance::of(event, format!("{now}, as the event before")));
            }
        }
        stream.first_time = stream.first_time.or(moment);
        stream.last_time = time.or(stream.last_time);
    }

    fn see_position(&mut self, event: &Event) {
        if !self.has_positions {
            return;
        }
        if self.first.is_none() {
            self.first = Some(Instance::of(event, ""));
        }
        if let Some(last) = self.last_position {
            match Missing::between(last, event.position) {
                Missing::None => {}
                Missing::Again => {
                    self.position_duplicates.note(|| Instance::of(event, format!("position {last} again")));
                }
                Missing::Some(missing) => {
                    self.position_gaps.note(|| Instance::of(event, format!("{missing} missing before")));
                }
            }
        }
        self.last_position = Some(event.position);
    }

    /// Takes in where the streams stand after the events that follow. Only stores with positions are read in stretches.
    pub(super) fn join(&mut self, later: Self) {
        self.untold |= later.untold;
        let (mut gap, mut again) = (Vec::new(), Vec::new());
        if let (Some(last), Some(first)) = (self.last_position, &later.first) {
            let instance = |what| Instance { what, ..first.clone() };
            match Missing::between(last, first.position.unwrap_or_default()) {
                Missing::None => {}
                Missing::Again => again.push(instance(format!("position {last} again"))),
                Missing::Some(missing) => gap.push(instance(format!("{missing} missing before"))),
            }
        }
        self.first = self.first.take().or(later.first);
        self.position_gaps.join(gap, later.position_gaps);
        self.position_duplicates.join(again, later.position_duplicates);
        self.unreadable_times.extend(later.unreadable_times);
        self.last_position = later.last_position.or(self.last_position);
        let mut seam = Seam::default();
        for (name, stream) in later.by_name {
            match self.by_name.get_mut(&name) {
                Some(known) => known.join(&name, &stream, self.has_versions, &mut seam),
                None => drop(self.by_name.insert(name, stream)),
            }
        }
        self.untold |= seam.untold;
        self.gaps.join(seam.gaps, later.gaps);
        self.duplicates.join(seam.duplicates, later.duplicates);
        self.backwards.join(seam.backwards, later.backwards);
        self.ties.extend(later.ties);
    }

    /// Whether it takes one pass over the store to tell.
    pub(super) fn is_untold(&self) -> bool {
        self.untold
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
        let is_own_way = |has: fn(&Stream) -> bool| {
            let streams = self.by_name.values().filter(|stream| has(stream)).count();
            #[allow(clippy::cast_precision_loss, reason = "a share of streams")]
            let share = streams as f64 / (long.max(1)) as f64;
            long >= 10 && share > OWN_WAY
        };
        let severity = |has, worst| if is_own_way(has) { Severity::Note } else { worst };
        let gaps = severity(|stream| stream.had_gap, Severity::Error);
        let duplicates = severity(|stream| stream.had_duplicate, Severity::Error);
        let backwards = severity(|stream| stream.went_back, Severity::Warning);
        [
            self.gaps.finding(
                "version_gap",
                gaps,
                if gaps == Severity::Note {
                    "Versions are left out in many streams: this store counts something else with them, too."
                } else {
                    "Versions are missing within a stream: events were deleted, or never written."
                },
                "Find out what took the events away; a state folded without them may be wrong.",
            ),
            self.duplicates.finding(
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
            self.backwards.finding(
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

/// How a version follows the highest one before it.
#[derive(Clone, Copy)]
enum Step {
    Next,
    Gap,
    Again,
    Behind,
}

impl Step {
    fn between(last: Version, version: Version) -> Self {
        match version.cmp(&last) {
            Ordering::Equal => Self::Again,
            Ordering::Less => Self::Behind,
            Ordering::Greater if last.checked_add(1) == Some(version) => Self::Next,
            Ordering::Greater => Self::Gap,
        }
    }

    fn words(self, last: Version, version: Version) -> String {
        match self {
            Self::Again => format!("version {version} again"),
            Self::Next | Self::Gap | Self::Behind => format!("version {version} after {last}"),
        }
    }
}

/// How a position follows the one before it.
enum Missing {
    None,
    Again,
    Some(u64),
}

impl Missing {
    fn between(last: Position, position: Position) -> Self {
        match position.abs_diff(last) {
            0 => Self::Again,
            1 => Self::None,
            further => Self::Some(further - 1),
        }
    }
}

/// What is met where streams are joined with what follows of them.
#[derive(Default)]
struct Seam {
    gaps: Vec<Instance>,
    duplicates: Vec<Instance>,
    backwards: Vec<Instance>,
    untold: bool,
}

impl Stream {
    fn join(&mut self, name: &StreamName, later: &Self, has_versions: bool, seam: &mut Seam) {
        let at = |position, version, what| Instance {
            position: Some(position),
            stream: Some(name.clone()),
            version: Some(version),
            what,
        };
        self.events += later.events;
        self.had_gap |= later.had_gap;
        self.had_duplicate |= later.had_duplicate;
        self.went_back |= later.went_back;
        if has_versions {
            let (last, version) = (self.last, later.first);
            let step = Step::between(last, version);
            let instance = || at(later.first_position, version, step.words(last, version));
            match step {
                Step::Next => {}
                Step::Gap => {
                    self.had_gap = true;
                    seam.gaps.push(instance());
                }
                Step::Again => {
                    self.had_duplicate = true;
                    seam.duplicates.push(instance());
                }
                // Those that follow may be behind the highest version, too.
                Step::Behind => seam.untold = true,
            }
            self.last = last.max(later.last);
        }
        if let (Some(before), Some(Moment { time, position, version })) = (self.last_time, later.first_time)
            && time < before
        {
            self.went_back = true;
            seam.backwards.push(at(position, version, format!("{time} after {before}")));
        }
        self.first_time = self.first_time.or(later.first_time);
        self.last_time = later.last_time.or(self.last_time);
    }
}
