//! The program: the window, or a verb of the command line.
fn main() {
    let mut args = std::env::args_os().skip(1);
    let first = args.next();
    let demo = first.as_deref() == Some(std::ffi::OsStr::new("demo"));
    let launch = eventscope::app::Launch { file: first.filter(|_| !demo).map(Into::into), demo, ..Default::default() };
    eventscope::app::run(launch).ok();
}
