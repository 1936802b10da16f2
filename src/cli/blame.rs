//! `eventscope blame`: which event last set each value of a state, and every value that a place had.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::error::Error;
use crate::event::{Position, StreamName, Timestamp, TimestampRef, Version};
use crate::process::StopSwitch;
use crate::replay::probe::{Moment, ValueHistory};
use crate::replay::{Limits, Mark, Timeline, leaves};
use crate::session::{briefs_ahead, read_ahead};

use super::arguments::{Database, Folding};
use super::folding::{Folder, short};
use super::output::{Align, List, Outcome, Output};
use super::progress::Progress;

/// Whose values are asked for.
pub(super) struct Wanted<'a> {
    /// The stream, maybe with a version.
    pub(super) stream: &'a str,
    /// The place; the whole state where it is empty.
    pub(super) pointer: &'a str,
    /// Whether every value that it had is wanted.
    pub(super) history: bool,
}

/// Lists the leaves of a state, or the values of a place.
pub(super) fn run(database: &Database, folding: &Folding, wanted: &Wanted<'_>) -> Outcome {
    if !wanted.pointer.is_empty() && !wanted.pointer.starts_with('/') {
        let error = Error::bad_input(format!("`{}` is no place in a state", wanted.pointer));
        return Err(error.with_hint("A place is a JSON Pointer, as in /status or /lines/L1/qty.").into());
    }
    let folder = Folder::open(database, folding, &[wanted.stream])?;
    let at = folder.stream_at(wanted.stream)?;
    let mut output = Output::new(database.json);
    output.folded_by(folder.label(&at.0));
    let mut list = List::new(&mut output, &HEADINGS);
    if wanted.history {
        history(&folder, &at, wanted.pointer, &mut list)?;
    } else {
        present(&folder, &at, wanted.pointer, &mut list)?;
    }
    list.flush()
}

/// The values of a place, as they are found.
fn history(folder: &Folder, at: &(StreamName, Option<Version>), pointer: &str, list: &mut List<'_>) -> Outcome {
    let (stream, to) = (&at.0, at.1);
    let mut is_told = false;
    let mut tell_initial = |values: &ValueHistory, list: &mut List<'_>| match values.initial() {
        Some(initial) if !std::mem::replace(&mut is_told, true) => put(list, pointer, Some(initial), &Set::default()),
        _ => Ok(()),
    };
    let mut values = ValueHistory::new(pointer);
    let mut any = false;
    let end = folder.ask((stream, to), &mut values, &mut Progress::new(), |values, found| {
        tell_initial(values, list)?;
        any = true;
        found.iter().try_for_each(|found| put(list, pointer, found.value.as_ref(), &Set::at(&found.moment)))?;
        list.flush()
    })?;
    tell_initial(&values, list)?;
    end.require(stream, to)?;
    if any || values.initial().is_some() {
        return Ok(());
    }
    Err(Error::not_found(format!("nothing ever was at {} of {stream}", shown(pointer))).into())
}

/// The leaves of the state at a place, each with the event that last set it.
fn present(folder: &Folder, at: &(StreamName, Option<Version>), pointer: &str, list: &mut List<'_>) -> Outcome {
    let (stream, to) = (&at.0, at.1);
    let evolve = folder.found.evolver(stream, &StopSwitch::default());
    // Only the last state is looked at: nothing is gained by keeping others.
    let mut timeline = Timeline::new(stream, evolve, Limits { bytes: 0 })?;
    let mut progress = Progress::new();
    let again = folder.source.reopen()?;
    let (again, range) = (move || Ok(again), (Version::MIN, to));
    if timeline.reads_data_alone() {
        briefs_ahead(again, stream, range, true, |briefs| {
            timeline.extend_by(briefs)?;
            progress.tell(timeline.marks().len() as u64, "events");
            Ok(ControlFlow::Continue(()))
        })?;
    } else {
        read_ahead(again, stream, range, |events| {
            timeline.extend(events.into_iter().map(Ok))?;
            progress.tell(timeline.marks().len() as u64, "events");
            Ok(ControlFlow::Continue(()))
        })?;
    }
    progress.clear();
    let reached = timeline.marks().last().map(|mark| mark.version);
    let Some(version) = reached.filter(|reached| to.is_none_or(|to| *reached >= to)) else {
        return Err(super::state::not_reached(stream, to, reached).into());
    };
    let found = timeline.state_at(version, |_, _| Ok(Vec::new()))?;
    let Some(value) = found.state.pointer(pointer) else {
        let error = Error::not_found(format!("nothing is at {} of {stream} at version {version}", shown(pointer)));
        return Err(error.with_hint("With --history every value is listed that it had before.").into());
    };
    let mut written = Ok(());
    leaves(pointer, value, &mut |place, value| {
        let version = found.blame.last_set(place);
        let mark = version.and_then(|version| timeline.marks().get(timeline.marks().index_of(version)?));
        let set = mark.map(Set::by).unwrap_or_default();
        if written.is_ok() {
            written = put(list, place, Some(value), &set);
        }
    });
    written
}

const HEADINGS: [(&str, Align); 6] = [
    ("POINTER", Align::Left),
    ("VERSION", Align::Right),
    ("POSITION", Align::Right),
    ("TYPE", Align::Left),
    ("TIME", Align::Left),
    ("VALUE", Align::Left),
];

/// The event that set a value; nothing of it where that was so before the first event.
#[derive(Default)]
struct Set<'a> {
    version: Option<Version>,
    position: Option<Position>,
    event_type: Option<&'a str>,
    timestamp: Option<TimestampRef<'a>>,
}

impl<'a> Set<'a> {
    fn by(mark: Mark<'a>) -> Self {
        Self {
            version: Some(mark.version),
            position: Some(mark.position),
            event_type: Some(mark.event_type),
            timestamp: mark.timestamp,
        }
    }

    fn at(moment: &'a Moment) -> Self {
        Self {
            version: Some(moment.version),
            position: Some(moment.position),
            event_type: Some(&moment.event_type),
            timestamp: moment.timestamp.as_ref().map(Timestamp::by_ref),
        }
    }
}

fn put(list: &mut List<'_>, pointer: &str, value: Option<&Value>, set: &Set<'_>) -> Outcome {
    let document = || {
        let mut document = json!({
            "pointer": pointer,
            "version": set.version,
            "position": set.position,
            "event_type": set.event_type,
            "timestamp": set.timestamp.map(super::json::stored),
            "value": value,
        });
        if let (None, Some(members)) = (value, document.as_object_mut()) {
            // A value may be `null` itself.
            members.insert("removed".to_owned(), Value::Bool(true));
        }
        document
    };
    let number = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    list.put(document, || {
        vec![
            shown(pointer).to_owned(),
            number(set.version),
            number(set.position),
            set.event_type.unwrap_or("-").to_owned(),
            set.timestamp.map_or_else(|| "-".to_owned(), |timestamp| timestamp.stored.to_string()),
            short(value),
        ]
    })
}

fn shown(pointer: &str) -> &str {
    if pointer.is_empty() { "(all)" } else { pointer }
}
