//! Importing lines of JSON.

use std::io::BufRead;

use super::writing::Writing;
use crate::error::{Error, Result};
use crate::event::{Json, NewEvent, StreamName};
use crate::store::append::check_stream;
use crate::store::line::Line;
use crate::store::placing::{Places, Placing, at_line, read_line};
use crate::store::row;

/// How many events are written together.
const BATCH: usize = 1_000;

/// How many bytes of lines are held until they are written.
const ROOM: usize = 8 << 20;

/// Appends the events in lines, and answers with how many there were.
pub(super) fn import(
    writing: &mut Writing<'_>,
    lines: &mut dyn BufRead,
    places: Places,
    progress: &mut dyn FnMut(u64),
) -> Result<u64> {
    // Lines may come slowly.
    writing.session.batch("SET LOCAL idle_in_transaction_session_timeout = 0")?;
    let moment = row::stored_moment(match places {
        Places::Anew => writing.plan.moment(),
        Places::Kept | Places::Moments => writing.last_moment()?,
    });
    let mut placing = Placing::new(places, writing.plan.position(), &moment);
    let (mut lines, mut number, mut count) = (lines, 0_u64, 0_u64);
    loop {
        let batch = read_batch(&mut lines, &mut number)?;
        if batch.is_empty() {
            return Ok(count);
        }
        count += take(writing, &batch, &mut placing)?;
        progress(count);
    }
}

/// The next lines that hold something, with their numbers.
fn read_batch(mut lines: &mut dyn BufRead, number: &mut u64) -> Result<Vec<(u64, Vec<u8>)>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < BATCH && bytes < ROOM {
        let mut line = Vec::new();
        if !read_line(&mut lines, &mut line)? {
            break;
        }
        *number += 1;
        if !line.trim_ascii().is_empty() {
            bytes += line.len();
            batch.push((*number, line));
        }
    }
    Ok(batch)
}

fn take(writing: &mut Writing<'_>, batch: &[(u64, Vec<u8>)], placing: &mut Placing) -> Result<u64> {
    let mut parsed = Vec::with_capacity(batch.len());
    for (number, line) in batch {
        let line = Line::parse(line.trim_ascii()).map_err(|error| at_line(*number, error))?;
        let stream = line.stream();
        check_stream(&stream).map_err(|error| at_line(*number, error))?;
        parsed.push((*number, event(&line), stream, line));
    }
    let streams: Vec<&StreamName> = parsed.iter().map(|(_, _, stream, _)| stream).collect();
    writing.look_at_streams(streams.into_iter())?;
    let ids: Vec<&str> = parsed.iter().filter_map(|(_, event, ..)| event.id.as_deref()).collect();
    writing.look_for_ids(&ids)?;
    for (number, event, stream, line) in &parsed {
        add(writing, event, stream, line, placing).map_err(|error| at_line(*number, error))?;
    }
    writing.write()?;
    Ok(parsed.len() as u64)
}

/// The event in a line, its payloads to the letter.
fn event(line: &Line<'_>) -> NewEvent {
    let metadata = line.metadata.map(|text| Json::Text(text.to_owned())).unwrap_or_default();
    NewEvent { data: Json::Text(line.data.to_owned()), metadata, ..line.event() }
}

fn add(
    writing: &mut Writing<'_>,
    event: &NewEvent,
    stream: &StreamName,
    line: &Line<'_>,
    placing: &mut Placing,
) -> Result<()> {
    let full = || Error::bad_input(format!("the stream {stream} is full"));
    let next = writing.plan.version(stream).unwrap_or_default().checked_add(1).ok_or_else(full)?;
    let position = placing.place(line, stream, next)?;
    if let Some(moment) = placing.moment.utc {
        writing.plan.set_moment(moment);
    }
    let (plan, mut admission) = writing.planning();
    admission.rules.check_stream(stream)?;
    plan.add(stream, event, position, &mut admission)?;
    placing.position = plan.position();
    Ok(())
}
