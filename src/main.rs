//! The program: a verb of the command line, or the window.

use std::process::ExitCode;

use eventscope::cli::{self, Next, WindowRequest};

fn main() -> ExitCode {
    match cli::run(std::env::args_os()) {
        Next::Exit(code) => ExitCode::from(code),
        Next::Window(request) => window(&request),
    }
}

/// Opens the window and stays until it is closed.
#[cfg(feature = "window")]
fn window(request: &WindowRequest) -> ExitCode {
    use eventscope::app::{self, Launch};
    use eventscope::session::OpenRequest;

    #[cfg(windows)]
    if app::leave_console() {
        return ExitCode::SUCCESS;
    }
    let WindowRequest { open, demo, at } = request.clone();
    let open = open.unwrap_or_default();
    let file = Some(open.path).filter(|path| !path.as_os_str().is_empty());
    let profiles = eventscope::profile::library::folder();
    let OpenRequest { reducers, command, profile, mode, .. } = open;
    let launch = Launch {
        file,
        at,
        reducers,
        command,
        profile,
        profiles,
        #[cfg(feature = "postgres")]
        cache: None,
        mode,
        demo,
    };
    match app::run(launch) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[cfg(windows)]
            app::say(&error);
            ExitCode::from(cli::fail(&error))
        }
    }
}

/// Says that this program has no window, and what it has instead.
#[cfg(not(feature = "window"))]
fn window(request: &WindowRequest) -> ExitCode {
    use eventscope::{Error, ErrorKind};

    let wanted = match request {
        WindowRequest { demo: true, .. } => "the demo opens in a window",
        WindowRequest { open: Some(_), .. } => "a file without a verb opens in a window",
        _ => "without a verb the window opens",
    };
    let error = Error::new(ErrorKind::Unsupported, format!("{wanted}, and this build has none"))
        .with_hint("Name a verb, such as `eventscope info FILE`, or use a build with the feature `window`.");
    ExitCode::from(cli::fail(&error))
}
