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
    let launch = match open {
        Some(open) => {
            let OpenRequest { path, profile, reducers, mode } = open;
            Launch { file: Some(path), at, reducers, profile, mode, demo }
        }
        None => Launch { demo, ..Launch::default() },
    };
    match app::run(launch) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(cli::fail(&error)),
    }
}
