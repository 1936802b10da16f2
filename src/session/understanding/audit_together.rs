//! Audits a store with several readers: some look at the events, and meanwhile SQLite looks through the file.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::insight::audit::{self, AuditRules, AuditStep, Checks, Finding};
use crate::session::workers::gather_together::gather_together;
use crate::session::workers::waiting;
use crate::source::{Interrupt, Source};

/// How often, while SQLite looks through the file, somebody is asked whether that is still wanted.
const PACE: Duration = Duration::from_millis(50);

/// Finds what [`audit::audit`] finds, with the help of other readers of the same file.
///
/// # Errors
/// Those of [`audit::audit`]; where the system gives no more threads, too.
pub(crate) fn audit_together(
    source: &Source,
    rules: Option<&mut AuditRules<'_>>,
    on: &mut dyn FnMut(AuditStep) -> ControlFlow<()>,
) -> Result<Vec<Finding>> {
    let wanted = Arc::new(AtomicU64::new(0));
    let (of_file, checks) = thread::scope(|scope| {
        let (reader, (send, receive)) = (source.reopen()?, channel());
        reader.set_interrupt(Interrupt::new(&wanted))?;
        let work = waiting::work();
        thread::Builder::new().name("eventscope audit of the file".to_owned()).spawn_scoped(scope, move || {
            waiting::works_for(work);
            send.send(audit::of_file(&reader)).ok();
        })?;
        let mut on = |step| {
            let heard = on(step);
            if heard.is_break() {
                wanted.fetch_add(1, Ordering::Relaxed);
            }
            heard
        };
        let found = together(source, &receive, &mut on);
        if found.is_err() {
            wanted.fetch_add(1, Ordering::Relaxed);
        }
        found
    })?;
    audit::conclude(source, of_file, checks, rules, on)
}

fn together(
    source: &Source,
    of_file: &Receiver<Result<Vec<Finding>>>,
    on: &mut dyn FnMut(AuditStep) -> ControlFlow<()>,
) -> Result<(Vec<Finding>, Option<Checks>)> {
    let checks = match source.mapping() {
        Some(mapping) => {
            Some(gather_together(source, &|| Checks::new(mapping), &mut |seen| on(AuditStep::Events(seen)))?)
        }
        None => None,
    };
    loop {
        match of_file.recv_timeout(PACE) {
            Ok(found) => return Ok((found?, checks)),
            Err(RecvTimeoutError::Timeout) if on(AuditStep::File).is_continue() => source.check()?,
            Err(_) => return Err(Error::new(ErrorKind::Cancelled, "the work was stopped")),
        }
    }
}
