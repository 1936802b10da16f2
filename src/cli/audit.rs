//! `eventscope audit`: everything that is wrong in a store, with what to do about it.

use std::ops::ControlFlow;

use crate::event::StreamName;
use crate::insight::audit::{AuditRules, AuditStep, Finding, Severity, report};
use crate::process::StopSwitch;
use crate::session::{audit_together, thousands};

use super::arguments::Audit;
use super::folding::Folder;
use super::output::{Failure, Outcome, Output};
use super::progress::Progress;

/// How many instances of a finding people are shown.
const SHOWN: usize = 5;

/// Reports what is found. An error-level finding is a plain no.
pub(super) fn run(arguments: &Audit) -> Outcome {
    let Audit { database, folding, format } = arguments;
    let source = super::open(database)?;
    let folder = if source.mapping().is_some() { Some(Folder::open(database, folding, &[])?) } else { None };
    let mut progress = Progress::new();
    let stop = StopSwitch::default();
    let mut evolver = folder.as_ref().map(|folder| |stream: &StreamName| folder.found.evolver(stream, &stop));
    let mut rules = folder
        .as_ref()
        .zip(evolver.as_mut())
        .map(|(folder, evolver)| AuditRules { reducers: &folder.found.reducers, evolver });
    let findings = audit_together(&source, rules.as_mut(), &mut |step| {
        match step {
            AuditStep::File => {}
            AuditStep::Events(count) => progress.tell(count, "events"),
            AuditStep::Snapshots(count) => progress.tell(count, "snapshots"),
        }
        ControlFlow::Continue(())
    })?;
    progress.clear();
    let mut output = Output::new(database.json);
    if format.is_some() {
        output.pretty(&report::sarif(super::shown(database).as_ref(), &findings))?;
    } else if output.json {
        findings.iter().try_for_each(|finding| output.document(&report::document(finding)))?;
    } else {
        show(&mut output, &findings)?;
    }
    output.finish()?;
    let is_broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    if is_broken { Err(Failure::No) } else { Ok(()) }
}

fn show(output: &mut Output, findings: &[Finding]) -> Outcome {
    if findings.is_empty() {
        return output.line("nothing is wrong");
    }
    for finding in findings {
        let count = thousands(i64::try_from(finding.count).unwrap_or(i64::MAX));
        output.line(&format!("{}: {} ({count})", finding.severity.name(), finding.kind))?;
        output.line(&format!("  {}", finding.explanation))?;
        output.line(&format!("  {}", finding.advice))?;
        for instance in finding.instances.iter().take(SHOWN) {
            output.line(&format!("    {}", crate::session::one_line(&instance.to_string())))?;
        }
        if finding.count > SHOWN as u64 && finding.instances.len() > SHOWN {
            output.line("    …")?;
        }
    }
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, notes) = (of(Severity::Error), of(Severity::Warning), of(Severity::Note));
    output.line(&format!("{errors} errors, {warnings} warnings, {notes} notes"))
}
