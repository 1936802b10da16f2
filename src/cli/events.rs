//! `eventscope events`: the events that a filter lets through, oldest first.

use std::ops::ControlFlow;

use serde_json::json;

use crate::error::{Error, Result};
use crate::event::{Event, Position, StreamName};
use crate::filter::{Compiled, Filter, compile};
use crate::insight;
use crate::process::StopSwitch;
use crate::profile::Mapping;
use crate::session::{EventRow, scan_together};
use crate::source::{ScanRange, Source, Stored};

use super::arguments::{Database, Folding};
use super::output::{Align, Columns, Failure, Outcome, Output};
use super::progress::Progress;

/// Which events are wanted.
pub(super) struct Wanted<'a> {
    pub(super) filter: &'a str,
    pub(super) limit: Option<u64>,
    pub(super) offset: u64,
    pub(super) count: bool,
    /// What streams are folded by, where the filter asks what events did.
    pub(super) folding: Option<&'a Folding>,
}

/// Lists the events, or counts them.
pub(super) fn run(database: &Database, wanted: &Wanted<'_>) -> Outcome {
    let filter = parsed(wanted.filter)?;
    let source = super::open_events(database)?;
    let compiled = source.mapping().map(|mapping| compile(&filter, mapping)).unwrap_or_default();
    let mut output = Output::new(database.json);
    let folded = match wanted.folding {
        Some(folding) if filter.has_effects() => Some(with_effects(database, &source, &filter, folding)?),
        _ => None,
    };
    let found = folded.as_deref().map_or(Found::ByScan(&compiled), Found::Already);
    if wanted.count {
        let count = match found {
            Found::ByScan(compiled) => counted(&source, &filter, compiled)?,
            Found::Already(positions) => positions.len() as u64,
        };
        if database.json {
            output.document(&json!({"count": count}))?;
        } else {
            output.line(&count.to_string())?;
        }
    } else if database.json {
        each_event(&source, found, wanted, |event| output.document(&super::json::event(&event)))?;
    } else {
        table(&source, found, wanted, &mut output)?;
    }
    output.finish()
}

/// How the events are found.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    /// By looking at each.
    ByScan(&'a Compiled),
    /// They are found, at these positions.
    Already(&'a [Position]),
}

/// The events that a filter with effects keeps; streams have to be folded for it.
fn with_effects(database: &Database, source: &Source, filter: &Filter, folding: &Folding) -> Result<Vec<Position>> {
    let found = super::reducers::choose(database, source, folding, &[])?;
    let mut progress = Progress::new();
    let mut evolver = |stream: &StreamName| found.evolver(stream, &StopSwitch::default());
    insight::positions_with_effects(source, filter, &mut evolver, &mut |count| {
        progress.tell(count, "events");
        ControlFlow::Continue(())
    })
}

/// The filter, or where it is wrong with a line that points at it.
pub(super) fn parsed(text: &str) -> Result<Filter> {
    Filter::parse(text).map_err(|error| {
        let before = text.get(..error.at.start).unwrap_or_default().chars().count();
        let wide = text.get(error.at.clone()).unwrap_or_default().chars().count().max(1);
        Error::bad_input(format!("the filter is wrong: {}", error.message)).with_hint(format!(
            "{text}\n      {}{}",
            " ".repeat(before),
            "^".repeat(wide)
        ))
    })
}

fn counted(source: &Source, filter: &Filter, compiled: &Compiled) -> Result<u64> {
    if filter.terms.is_empty() {
        return source.count();
    }
    if let Some(count) = source.count_by_index(compiled)? {
        return Ok(count);
    }
    let (mut count, mut progress) = (0, Progress::new());
    scan_together(source, compiled, ScanRange::default(), &mut |batch| {
        count += batch.positions.len() as u64;
        progress.tell(batch.scanned, "events looked at");
        ControlFlow::Continue(())
    })?;
    Ok(count)
}

fn table(source: &Source, found: Found<'_>, wanted: &Wanted<'_>, output: &mut Output) -> Outcome {
    let headings = [
        ("POSITION", Align::Right),
        ("TIME (UTC)", Align::Left),
        ("STREAM", Align::Left),
        ("VERSION", Align::Right),
        ("TYPE", Align::Left),
        ("DATA", Align::Left),
    ];
    let mut columns = Columns::new(output, &headings);
    let aside = source.mapping().map(Mapping::members_elsewhere).unwrap_or_default();
    each_event(source, found, wanted, |event| {
        let row = EventRow::of(event, &aside);
        let (position, version) = (row.position.to_string(), row.version.to_string());
        columns.row(vec![position, row.time_utc, row.stream_text, version, row.event_type.to_string(), row.preview])
    })?;
    columns.write()
}

/// Gives every wanted event to `each`, and ends at its first failure.
pub(super) fn each_event(
    source: &Source,
    found: Found<'_>,
    wanted: &Wanted<'_>,
    mut each: impl FnMut(Event) -> Outcome,
) -> Outcome {
    let (mut passed, mut left) = (wanted.offset, wanted.limit.unwrap_or(u64::MAX));
    let compiled = match found {
        Found::ByScan(compiled) => compiled,
        Found::Already(positions) => {
            let offset = usize::try_from(passed).unwrap_or(usize::MAX);
            let rest = positions.get(offset..).unwrap_or_default();
            let taken = rest.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(rest);
            return given(source, taken, &mut each);
        }
    };
    let mut failure: Option<Failure> = None;
    let mut range = ScanRange::default();
    if passed > 0 && compiled.sql == "1" && compiled.residual.is_empty() {
        // Where positions have no gaps, nothing need be walked over.
        source.learn_gaps()?;
        if let Some(near) = source.rows().locate(passed)
            && let [Stored::Integer(first)] = near.values.as_slice()
        {
            range.after = first.checked_sub(1);
            passed -= near.row;
        }
    }
    scan_together(source, compiled, range, &mut |batch| {
        let skipped = passed.min(batch.positions.len() as u64);
        passed -= skipped;
        let rest = batch.positions.get(usize::try_from(skipped).unwrap_or(usize::MAX)..).unwrap_or_default();
        let taken = rest.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(rest);
        left -= taken.len() as u64;
        match given(source, taken, &mut each) {
            Ok(()) if left > 0 => ControlFlow::Continue(()),
            Ok(()) => ControlFlow::Break(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failure.map_or(Ok(()), Err)
}

fn given(source: &Source, positions: &[Position], each: &mut impl FnMut(Event) -> Outcome) -> Outcome {
    for some in positions.chunks(256) {
        for event in source.events_at(some)? {
            each(event)?;
        }
    }
    Ok(())
}
