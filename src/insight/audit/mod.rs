//! What is wrong in a store: one report of everything that a careful reader would stumble over, and what to do about it.
//!
//! The events pass once, in the store's order, or in stretches that are joined; each check looks at them for one kind of
//! thing, in bounded memory. What
//! SQLite knows of the file, and what stands beside the events, is asked before and after. Which faults are none because
//! a library works like that is for each check to tell from the store itself: what is so in most streams is how the
//! store is, and what is so in few of them is a fault.

mod beside;
mod causes;
mod checks;
mod file;
mod finding;
mod hashes;
mod names;
mod payloads;
mod personal;
pub mod report;
mod shapes;
mod streams;

use std::ops::ControlFlow;

use crate::error::Result;
use crate::event::StreamName;
use crate::replay::{Evolve, Reducers};
use crate::source::Source;

use super::gather::gather;
use super::node::Content;
use super::sample::{Sampled, sample};
use super::statistics::hear;
use payloads::Payloads;
use personal::Personal;

pub(crate) use checks::Checks;
pub use finding::{Finding, Instance, Severity};

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
    let of_file = of_file(source)?;
    let checks = match source.mapping() {
        Some(mapping) => Some(gather(source, Checks::new(mapping), &mut |seen| on(AuditStep::Events(seen)))?),
        None => None,
    };
    conclude(source, of_file, checks, rules, on)
}

/// What SQLite says of the file, and what protects its events.
pub(crate) fn of_file(source: &Source) -> Result<Vec<Finding>> {
    file::findings(source)
}

/// All that was found: what is known of the file, and what was seen of the events, held against what stands beside them.
pub(crate) fn conclude(
    source: &Source,
    of_file: Vec<Finding>,
    checks: Option<Checks>,
    rules: Option<&mut AuditRules<'_>>,
    on: &mut dyn FnMut(AuditStep) -> ControlFlow<()>,
) -> Result<Vec<Finding>> {
    let mut findings = of_file;
    if let Some(checks) = checks {
        let (streams, of_events) = checks.finish(source, on)?;
        findings.extend(beside::findings(source, &streams)?);
        findings.extend(beside::snapshots(source, &streams, rules, on)?);
        findings.extend(streams.finish());
        findings.extend(of_events);
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
    let (mut payloads, mut personal) = (Payloads::default(), Personal::default());
    let sampled = sample(source, &mut |event| {
        let content = Content::of(&event.data);
        payloads.see(event, &content);
        personal.see(event, &content);
    })?;
    let Some(sampled) = sampled else { return Ok(None) };
    let mut findings = file::protection(source)?;
    findings.extend(payloads.finish());
    findings.extend(personal.finish());
    sort(&mut findings);
    Ok(Some((findings, sampled)))
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| b.count.cmp(&a.count)).then(a.kind.cmp(b.kind)));
}
