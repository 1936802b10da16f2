//! Sees to it that the process ends with this program, with all that it started, even where this program is killed.
//!
//! On Unix a shell comes first, which leads a group of its own and waits for a line on a pipe that only this program holds:
//! when that is closed, by us or by the system because we are gone, it kills its group. The process joins the group as it
//! starts, so that there is no moment at which it could be left behind. A signal at the death of the parent
//! (`PR_SET_PDEATHSIG`) would reach the process alone and not what it started, exists on Linux only, and needs `unsafe`.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A running process that ends with us.
pub(super) struct Guarded {
    child: Child,
    #[cfg(unix)]
    guard: Child,
}

impl Guarded {
    /// Runs a command line as the person's shell would.
    pub(super) fn spawn(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            let mut guard = guard()?;
            let group = i32::try_from(guard.id()).map_err(io::Error::other)?;
            match command.process_group(group).spawn() {
                Ok(child) => Ok(Self { child, guard }),
                Err(error) => {
                    drop(guard.stdin.take());
                    guard.wait()?;
                    Err(error)
                }
            }
        }
        #[cfg(not(unix))]
        command.spawn().map(|child| Self { child })
    }

    fn ends_within(&mut self, patience: Duration) -> Option<ExitStatus> {
        let since = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if since.elapsed() < patience => std::thread::sleep(Duration::from_millis(5)),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// The process itself.
    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Ends the process and what it started, after waiting a while for it to end by itself. Says how it did, where it did.
    pub(super) fn end(&mut self, patience: Duration) -> Option<ExitStatus> {
        let by_itself = self.ends_within(patience);
        #[cfg(unix)]
        {
            drop(self.guard.stdin.take());
            // It kills the group, and has nothing to say about it.
            let _ = self.guard.wait();
        }
        // A process that ended already cannot be killed, and does not have to be.
        let _ = self.child.kill();
        let _ = self.child.wait();
        by_itself
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

/// Starts the shell that leads the group.
#[cfg(unix)]
fn guard() -> io::Result<Child> {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new("/bin/sh");
    // To this group an interrupt from the terminal does not come; it ends us, and that ends the group.
    command.args(["-c", "read -r _; kill -s KILL 0"]).process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}
