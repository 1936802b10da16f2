//! Verifying: reads the whole log once and names the first event that is not as the store would have written it.

use super::query;
use super::session::Session;
use crate::error::Result;
use crate::event::{Position, Version};
use crate::store::course::Course;
use crate::store::verify::{Fault, Verification};

/// How many events are read at a time.
const PAGE: usize = 1_000;

/// How many streams are.
const STREAMS: usize = 5_000;

pub(super) fn verify(session: &mut Session, progress: &mut dyn FnMut(u64)) -> Result<Verification> {
    // What is committed meanwhile is not looked at.
    let end = query::one(session, "SELECT position FROM eventscope.log", &[])?.unwrap_or_default();
    let mut course = Course::default();
    let broken = |course: &Course, position: Position, reason: String| Verification {
        events: course.events(),
        chained: false,
        fault: Some(Fault { position, reason }),
    };
    loop {
        let events = query::behind(session, Some(course.position()), PAGE)?;
        let events: Vec<_> = events.into_iter().take_while(|event| event.position <= end).collect();
        if events.is_empty() {
            break;
        }
        for event in &events {
            if let Some(reason) = course.fault(event) {
                return Ok(broken(&course, event.position, reason));
            }
            course.go_on(event);
        }
        progress(course.events());
    }
    let last = course.position();
    if last != end {
        return Ok(broken(&course, last + 1, format!("`log` ends at position {end}, but the events do not")));
    }
    let behind_end = query::last_position(session)?.unwrap_or_default();
    let ends: Position = query::one(session, "SELECT position FROM eventscope.log", &[])?.unwrap_or_default();
    if behind_end > ends {
        return Ok(broken(&course, ends + 1, "another program wrote it: `log` ends before".to_owned()));
    }
    if let Some(stream) = stream_out_of_step(session, &course, end)? {
        return Ok(broken(&course, last, format!("`streams` does not agree with the events of {stream}")));
    }
    Ok(Verification { events: course.events(), chained: false, fault: None })
}

/// A stream whose version in `streams` is not that of its last event. Those that grew meanwhile are behind what was read.
fn stream_out_of_step(session: &mut Session, course: &Course, end: Position) -> Result<Option<String>> {
    let (mut after, mut seen) = (None, 0);
    loop {
        let page = query::streams(session, after.as_ref(), STREAMS)?;
        for counted in &page {
            let read = course.version(&counted.stream);
            seen += usize::from(read.is_some());
            let is_longer = counted.version > read.unwrap_or_default();
            if counted.version < read.unwrap_or_default()
                || is_longer && !has_grown(session, counted.version, &counted.stream, end)?
            {
                return Ok(Some(counted.stream.to_string()));
            }
        }
        match page.into_iter().last() {
            Some(last) => after = Some(last.stream),
            None => break,
        }
    }
    if seen == course.names().count() {
        return Ok(None);
    }
    for stream in course.names() {
        if query::version(session, stream)?.is_none() {
            return Ok(Some(stream.to_string()));
        }
    }
    Ok(None)
}

fn has_grown(
    session: &mut Session,
    version: Version,
    stream: &crate::event::StreamName,
    end: Position,
) -> Result<bool> {
    let last = query::stream(session, stream, version, Some(version))?.pop();
    Ok(last.is_some_and(|event| event.position > end))
}
