//! What the process is told from outside: to end, and to read its tokens again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::service::Service;
use crate::error::Result;

/// Watches for signals as long as the service runs.
pub(super) fn watch(service: Arc<Service>, close: Arc<watch::Sender<bool>>) -> Result<()> {
    #[cfg(unix)]
    watch_hangup(&service)?;
    let mut ends = Ends::new()?;
    tokio::spawn(async move {
        ends.next().await;
        (service.say)("ending: what was begun is finished");
        close.send_replace(true);
    });
    Ok(())
}

/// Something that is set once the process is told to end, for work that looks at it.
pub(super) fn stopped_by_signals() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let set = Arc::clone(&stop);
    let mut ends = runtime.block_on(async { Ends::new() })?;
    // It lives as long as the process, which does nothing else.
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(ends.next());
        set.store(true, Ordering::Relaxed);
    })?;
    Ok(stop)
}

/// The signals that end a process.
pub(super) struct Ends {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Ends {
    #[cfg(unix)]
    pub(super) fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps)]
    pub(super) fn new() -> Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(unix)]
fn watch_hangup(service: &Arc<Service>) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup())?;
    let service = Arc::clone(service);
    let mut closing = service.closing.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                told = hangup.recv() => if told.is_none() { return },
                _ = closing.wait_for(|closing| *closing) => return,
            }
            let Some(tokens) = &service.tokens else { continue };
            match tokens.reread() {
                Ok(()) => (service.say)("the tokens were read again"),
                Err(error) => (service.say)(&format!("the tokens stay as they were: {error}")),
            }
        }
    });
    Ok(())
}
