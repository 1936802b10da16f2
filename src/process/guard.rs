//! Sees to it that the process ends with this program, with all that it started, even where this program is killed.
//!
//! On Unix the process leads a group of its own. Beside it a shell waits for a line on a pipe that only this program holds:
//! when that is closed, by us or by the system because we are gone, the shell kills the group. A signal at the death of the
//! parent (`PR_SET_PDEATHSIG`) would reach the process alone and not what it started, exists on Linux only, and needs `unsafe`.

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
            let mut child = command.process_group(0).spawn()?;
            match guard(child.id()) {
                Ok(guard) => Ok(Self { child, guard }),
                Err(error) => {
                    child.kill()?;
                    child.wait()?;
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

#[cfg(unix)]
fn guard(group: u32) -> io::Result<Child> {
    use std::os::unix::process::CommandExt as _;
    // The group is in `$0`. An interrupt from the terminal goes to our group and not to this one.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", r#"read -r _; kill -s KILL -- "-$0""#, &group.to_string()]).process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}
