//! The window and the console, on Windows.
//!
//! The program is one of the console, so that a shell waits for its verbs and shows their answers. The window needs no
//! console: from a shell it would keep that waiting until it is closed, and one that is started from Explorer would have
//! an empty black window beside it. (Windows 11 24H2 makes none where a program's manifest asks for that, as the
//! packaged one's does; before, it is there for a moment.) So the window lives in a process of its own without one.
//! The other way, a program of windows that attaches itself to the console of whoever started it, leaves a shell that
//! does not wait: its prompt stands before the answer.

use std::io::{self, IsTerminal};
use std::os::windows::process::CommandExt as _;
use std::process::{Command, Stdio};

use crate::error::Error;

/// Without the console of whoever starts it, and without one of its own
/// (<https://learn.microsoft.com/windows/win32/procthread/process-creation-flags>).
const DETACHED_PROCESS: u32 = 0x0000_0008;

/// Starts the program anew without a console, where all that it would say goes to one. Says whether it did, and this
/// process is done.
#[must_use]
pub fn leave_console() -> bool {
    let all = [io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal()];
    // Somebody wants to have what it says, and waits for its end.
    if all.contains(&false) {
        return false;
    }
    let Ok(program) = std::env::current_exe() else { return false };
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1)).creation_flags(DETACHED_PROCESS);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}

/// Says in a dialog why there is no window, where no console says it.
pub fn say(error: &Error) {
    if io::stderr().is_terminal() {
        return;
    }
    let text = match error.hint() {
        Some(hint) => format!("{error}\n\n{hint}"),
        None => error.to_string(),
    };
    let dialog = rfd::MessageDialog::new().set_level(rfd::MessageLevel::Error);
    dialog.set_title("Eventscope").set_description(text).show();
}
