//! What is wrong in a store: one report of everything that a careful reader would stumble over, and what to do about it.
//!
//! The events pass once, in the store's order; each check looks at them for one kind of thing, in bounded memory. What
//! SQLite knows of the file, and what stands beside the events, is asked before and after. Which faults are none because
//! a library works like that is for each check to tell from the store itself: what is so in most streams is how the
//! store is, and what is so in few of them is a fault.

mod beside;
mod causes;
mod file;
mod finding;
mod names;
mod payloads;
mod personal;
pub mod report;
mod shapes;
mod streams;

use std::ops::ControlFlow;

use crate::error::Result;
use crate::event::{Event, StreamName};
use crate::profile::Mapping;
use crate::replay::{Evolve, Reducers};
use crate::source::Source;
use crate::source::layout::Columns;

use super::sample::{Sampled, sample};
use super::statistics::hear;

pub use finding::{Finding, Instance, Severity};

/// A question that is asked of every event.
trait Check {
    /// Looks at an event. They come in the order of the store.
    fn see(&mut self, event: &Event);

    /// What was found, once all were seen.
    fn finish(self: Box<Self>) -> Vec<Finding>;
}

/// By what streams are folded, so as to compare snapshots with what they should be.
pub struct AuditRules<'r> {
    /// The rules, which also say how a snapshot is to be read.
    pub reducers: &'r Reducers,
    /// What folds a stream.
    pub evolver: &'r mut dyn FnMut(&StreamName) -> Box<dyn Evolve>,
}

/// How far an audit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditStep {
    /// SQLite looks through the file.
    File,
    /// So many events were looked at.
    Events(u64),
    /// The snapshots are compared, so many so far.
    Snapshots(u64),
}

/// Looks for everything that is wrong in a store. `on` hears of how far it is, and may stop it; findings are in the order
/// of their severity, the worst first.
///
/// # Errors
/// Those of reading; [`Cancelled`](crate::ErrorKind::Cancelled) where `on` or the source's interrupt stopped it. What is
/// wrong with the store is no error but a finding, as far as it can be read at all.
pub fn audit(
    source: &Source,
    rules: Option<&mut AuditRules<'_>>,
    on: &mut dyn FnMut(AuditStep) -> ControlFlow<()>,
) -> Result<Vec<Finding>> {
    hear(on(AuditStep::File))?;
    let mut findings = file::findings(source)?;
    let mapping = source.mapping();
    if let Some(mapping) = mapping {
        let mut streams = streams::Streams::new(mapping);
        let mut checks = checks(mapping);
        let mut seen = 0;
        let walked = source.skim(columns(mapping), &mut |events| {
            for event in events {
                streams.see(event);
                for check in &mut checks {
                    check.see(event);
                }
            }
            seen += events.len() as u64;
            on(AuditStep::Events(seen))
        })?;
        hear(walked)?;
        findings.extend(beside::findings(source, &streams)?);
        findings.extend(beside::snapshots(source, &streams, rules, on)?);
        findings.extend(streams.finish());
        findings.extend(checks.into_iter().flat_map(Check::finish));
    }
    sort(&mut findings);
    Ok(findings)
}

/// What a sample tells of what is wrong, and how large it was; `None` where there is no need of one. What SQLite says of
/// the whole file is left out, and so is all that only a whole stream tells.
///
/// # Errors
/// Those of reading.
pub fn glance(source: &Source) -> Result<Option<(Vec<Finding>, Sampled)>> {
    if source.mapping().is_none() {
        return Ok(None);
    }
    let mut checks: Vec<Box<dyn Check>> =
        vec![Box::<payloads::Payloads>::default(), Box::<personal::Personal>::default()];
    let sampled = sample(source, &mut |event| checks.iter_mut().for_each(|check| check.see(event)))?;
    let Some(sampled) = sampled else { return Ok(None) };
    let mut findings = file::protection(source)?;
    findings.extend(checks.into_iter().flat_map(Check::finish));
    sort(&mut findings);
    Ok(Some((findings, sampled)))
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| b.count.cmp(&a.count)).then(a.kind.cmp(b.kind)));
}

fn checks(mapping: &Mapping) -> Vec<Box<dyn Check>> {
    let mut checks: Vec<Box<dyn Check>> = vec![
        Box::<payloads::Payloads>::default(),
        Box::<personal::Personal>::default(),
        Box::<shapes::Shapes>::default(),
    ];
    if mapping.event_type.is_some() {
        checks.push(Box::<names::Names>::default());
    }
    if mapping.event_id.is_some() || mapping.correlation_id.is_some() {
        checks.push(Box::<causes::Causes>::default());
    }
    checks
}

/// All that some check looks at.
fn columns(mapping: &Mapping) -> Columns {
    let optional = [
        (mapping.event_id.is_some(), Columns::EVENT_ID),
        (mapping.schema_version.is_some(), Columns::SCHEMA_VERSION),
        (mapping.timestamp.is_some(), Columns::TIMESTAMP),
        (mapping.causation_id.is_some(), Columns::CAUSATION),
        (mapping.correlation_id.is_some(), Columns::CORRELATION),
        (mapping.version.is_some(), Columns::VERSION),
    ];
    let always = Columns::STREAM.with(Columns::EVENT_TYPE).with(Columns::DATA);
    optional.into_iter().filter(|(is_there, _)| *is_there).fold(always, |all, (_, column)| all.with(column))
}
