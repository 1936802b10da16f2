//! The program: a verb of the command line, or the window.

use std::process::ExitCode;

use eventscope::app::{self, Launch};
use eventscope::cli::{self, Next, WindowRequest};
use eventscope::session::OpenRequest;

fn main() -> ExitCode {
    match cli::run(std::env::args_os()) {
        Next::Exit(code) => ExitCode::from(code),
        Next::Window(request) => window(request),
    }
}

/// Opens the window and stays until it is closed.
fn window(request: WindowRequest) -> ExitCode {
    let WindowRequest { open, demo, at } = request;
    let open = open.unwrap_or_default();
    let file = Some(open.path).filter(|path| !path.as_os_str().is_empty());
    let profiles = eventscope::profile::library::folder();
    let OpenRequest { reducers, command, profile, mode, .. } = open;
    let launch = Launch { file, at, reducers, command, profile, profiles, mode, demo };
    match app::run(launch) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(cli::fail(&error)),
    }
}
