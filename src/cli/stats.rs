//! `eventscope stats`: how much of what there is.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::insight::{Amount, Extent, ExtentSummary};
use crate::session::{gather_together, thousands};

use super::arguments::Stats;
use super::output::{Align, Columns, Outcome, Output};
use super::progress::Progress;

/// Counts, then lists what there is.
pub(super) fn run(arguments: &Stats) -> Outcome {
    let source = super::open_events(&arguments.database)?;
    let mut progress = Progress::new();
    let extent = gather_together(&source, &Extent::default, &mut |counted| {
        progress.tell(counted, "events");
        ControlFlow::Continue(())
    })?;
    progress.clear();
    let summary = extent.summary(arguments.top);
    let mut output = Output::new(arguments.database.json);
    if arguments.format.is_some() {
        output.bytes(summary.csv().as_bytes())?;
    } else if output.json {
        output.document(&document(&summary))?;
    } else {
        show(&mut output, &summary, arguments.top)?;
    }
    output.finish()
}

fn grouped(number: u64) -> String {
    thousands(i64::try_from(number).unwrap_or(i64::MAX))
}

fn show(output: &mut Output, extent: &ExtentSummary, most: usize) -> Outcome {
    let Amount { events, bytes } = extent.total;
    let rate = extent.per_day.map(|rate| format!(", {rate:.1} a day")).unwrap_or_default();
    let (events, bytes, streams) = (grouped(events), grouped(bytes), grouped(extent.streams_count.unwrap_or_default()));
    output.line(&format!("{events} events{rate}; {bytes} bytes of payload; {streams} streams"))?;
    list(output, "TYPE", &extent.types)?;
    list(output, "STREAM", &extent.streams)?;
    list(output, "ACTOR", &extent.actors)?;
    let recent = extent.days.len().saturating_sub(most);
    list(output, "DAY", extent.days.get(recent..).unwrap_or_default())?;
    if !extent.days.is_empty() {
        let hours = (0..24).zip(extent.hours).map(|(hour, amount)| (format!("{hour:02}:00"), amount));
        list(output, "HOUR", &hours.collect::<Vec<_>>())?;
    }
    powers(output, ("EVENTS IN A STREAM", "STREAMS"), &extent.stream_lengths)?;
    powers(output, ("BYTES OF AN EVENT", "EVENTS"), &extent.sizes)?;
    output.line("")?;
    let headings =
        [("BYTES", Align::Right), ("POSITION", Align::Right), ("TYPE", Align::Left), ("STREAM", Align::Left)];
    let mut columns = Columns::new(output, &headings);
    for large in &extent.largest {
        let (bytes, position) = (grouped(large.bytes), large.position.to_string());
        columns.row(vec![bytes, position, large.event_type.clone(), large.stream.to_string()])?;
    }
    columns.write()
}

fn list<K: ToString>(output: &mut Output, what: &str, amounts: &[(K, Amount)]) -> Outcome {
    if amounts.is_empty() {
        return Ok(());
    }
    output.line("")?;
    let mut columns = Columns::new(output, &[("EVENTS", Align::Right), ("BYTES", Align::Right), (what, Align::Left)]);
    for (name, amount) in amounts {
        columns.row(vec![grouped(amount.events), grouped(amount.bytes), name.to_string()])?;
    }
    columns.write()
}

fn powers(output: &mut Output, (what, of): (&str, &str), counts: &[(u32, u64)]) -> Outcome {
    output.line("")?;
    let mut columns = Columns::new(output, &[(what, Align::Right), (of, Align::Right)]);
    for (power, count) in counts {
        columns.row(vec![format!("up to {}", grouped(1_u64 << power.min(&63))), grouped(*count)])?;
    }
    columns.write()
}

fn document(extent: &ExtentSummary) -> Value {
    let amount = |amount: &Amount| json!({"events": amount.events, "bytes": amount.bytes});
    let largest = extent.largest.iter().map(|large| {
        json!({
            "bytes": large.bytes,
            "position": large.position,
            "event_type": large.event_type,
            "stream": large.stream.to_string(),
        })
    });
    json!({
        "events": extent.total.events,
        "bytes": extent.total.bytes,
        "streams_count": extent.streams_count,
        "events_per_day": extent.per_day,
        "types": named(&extent.types),
        "streams": named(&extent.streams),
        "actors": named(&extent.actors),
        "days": named(&extent.days),
        "hours": extent.hours.iter().map(amount).collect::<Vec<_>>(),
        "stream_lengths": counted(&extent.stream_lengths),
        "payload_sizes": counted(&extent.sizes),
        "largest": largest.collect::<Vec<_>>(),
    })
}

fn named<K: ToString>(amounts: &[(K, Amount)]) -> Vec<Value> {
    let entry = |(name, amount): &(K, Amount)| json!({"name": name.to_string(), "events": amount.events, "bytes": amount.bytes});
    amounts.iter().map(entry).collect()
}

fn counted(counts: &[(u32, u64)]) -> Vec<Value> {
    counts.iter().map(|(power, count)| json!({"up_to": 1_u64 << power.min(&63), "count": count})).collect()
}
