//! The program: a verb of the command line, or the window.

use std::process::ExitCode;

use eventscope::cli::{self, Next};

fn main() -> ExitCode {
    match cli::run(std::env::args_os()) {
        Next::Exit(code) => ExitCode::from(code),
        Next::Window(_) => ExitCode::SUCCESS,
    }
}
