//! A process that is running, with its pipes: it is told lines, and gives answers within a time, or is ended.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

use super::channel::{self, Heard, Said};
use super::guard::Guarded;
use super::wire::{PROTOCOL, Told};

/// How often somebody who waits looks whether the answer is still wanted.
const LOOK: Duration = Duration::from_millis(20);

/// How long a process that is not wanted any more has to end by itself.
const PATIENCE: Duration = Duration::from_millis(200);

/// How long a process that ended has to say the rest on its standard error.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A command line, as a shell takes it, and the folder that it runs in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// The command line.
    pub line: String,
    /// The folder; that of this program where there is none.
    pub folder: Option<PathBuf>,
}

/// What a process may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take to say who it is: an application may have to be loaded.
    pub start: Duration,
    /// How long one event may take.
    pub answer: Duration,
    /// How many bytes an answer may have.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { start: Duration::from_mins(1), answer: Duration::from_secs(10), bytes: 32 << 20 }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Silence {
    /// Nobody wants it any more.
    Stopped,
    /// The process has ended, or was ended; why.
    Ended(String),
}

/// A running process.
pub(super) struct Running {
    /// What is told to it; closed before it is ended.
    told: Option<SyncSender<Vec<u8>>>,
    heard: Receiver<Heard>,
    /// Answers that came while it was told more.
    early: VecDeque<Heard>,
    last_words: Receiver<()>,
    last_line: Arc<Mutex<String>>,
    process: Guarded,
    limits: Limits,
    /// Whether it wants the data as it is stored.
    pub(super) stored: bool,
    /// Whether a state of it is not enough to go on from.
    pub(super) resume: bool,
}

impl Running {
    /// Starts the process and waits until it says who it is.
    pub(super) fn start(launch: &Launch, limits: Limits, said: &Said, stop: &dyn Fn() -> bool) -> Result<Self> {
        let failed = |error: std::io::Error| {
            Error::new(ErrorKind::Io, format!("the reducer's process cannot be started: {error}")).with_source(error)
        };
        let mut process = Guarded::spawn(shell(launch)).map_err(failed)?;
        let child = process.child();
        let (Some(input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(Error::new(ErrorKind::Io, "the reducer's process has no pipes"));
        };
        let last_line = Arc::new(Mutex::new(String::new()));
        let (said, kept) = (Arc::clone(said), Arc::clone(&last_line));
        let said: Said = Arc::new(move |line| {
            if !line.trim().is_empty() {
                line.trim().clone_into(&mut kept.lock().unwrap_or_else(PoisonError::into_inner));
            }
            said(line);
        });
        let mut running = Self {
            told: Some(channel::writing(input).map_err(failed)?),
            heard: channel::reading(output, limits.bytes).map_err(failed)?,
            early: VecDeque::new(),
            last_words: channel::hearing(errors, said).map_err(failed)?,
            last_line,
            process,
            limits,
            stored: false,
            resume: false,
        };
        running.greet(stop)?;
        Ok(running)
    }

    fn greet(&mut self, stop: &dyn Fn() -> bool) -> Result<()> {
        let mut lines = Vec::new();
        Told::Hello { protocol: PROTOCOL }.write(&mut lines);
        let answer = self.tell(lines, stop).and_then(|()| self.answer(self.limits.start, stop));
        match answer {
            Ok(Heard::Hello { protocol: PROTOCOL, stored, resume }) => {
                (self.stored, self.resume) = (stored, resume);
                Ok(())
            }
            Ok(Heard::Hello { protocol, .. }) => {
                let message = format!("the reducer's process speaks protocol {protocol}, and this program {PROTOCOL}");
                Err(Error::bad_input(message).with_hint("Print its adapter anew with `eventscope adapter NAME`."))
            }
            Ok(Heard::Failed { message, .. }) => Err(not_started(&message)),
            Ok(Heard::State { .. }) => Err(not_started("it answered with a state before it was asked for one")),
            Ok(Heard::Nonsense(what)) | Err(Silence::Ended(what)) => Err(not_started(&what)),
            Err(Silence::Stopped) => {
                Err(Error::new(ErrorKind::Cancelled, "the reducer's process is not wanted any more"))
            }
        }
    }

    /// Tells the process something. What it answers meanwhile is kept, so that neither side waits for the other.
    pub(super) fn tell(&mut self, lines: Vec<u8>, stop: &dyn Fn() -> bool) -> Result<(), Silence> {
        let mut lines = lines;
        let mut since = Instant::now();
        loop {
            let Some(told) = &self.told else { return Err(self.ended()) };
            match told.try_send(lines) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(self.ended()),
                Err(TrySendError::Full(back)) => lines = back,
            }
            match self.heard.recv_timeout(Duration::from_millis(1)) {
                Ok(heard) => {
                    self.early.push_back(heard);
                    since = Instant::now();
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
            }
            if stop() {
                return Err(Silence::Stopped);
            }
            if since.elapsed() > self.limits.answer {
                return Err(self.too_late(self.limits.answer));
            }
        }
    }

    /// The next answer, which may take as long as one event may.
    pub(super) fn next(&mut self, stop: &dyn Fn() -> bool) -> Result<Heard, Silence> {
        self.answer(self.limits.answer, stop)
    }

    /// The next answer, where it is there.
    pub(super) fn ready(&mut self) -> Option<Heard> {
        self.early.pop_front().or_else(|| self.heard.try_recv().ok())
    }

    fn answer(&mut self, within: Duration, stop: &dyn Fn() -> bool) -> Result<Heard, Silence> {
        if let Some(heard) = self.early.pop_front() {
            return Ok(heard);
        }
        let since = Instant::now();
        loop {
            match self.heard.recv_timeout(LOOK) {
                Ok(Heard::Nonsense(what)) => {
                    self.process.end(Duration::ZERO);
                    return Err(Silence::Ended(what));
                }
                Ok(heard) => return Ok(heard),
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
                Err(RecvTimeoutError::Timeout) if stop() => return Err(Silence::Stopped),
                Err(RecvTimeoutError::Timeout) if since.elapsed() > within => return Err(self.too_late(within)),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn too_late(&mut self, within: Duration) -> Silence {
        self.process.end(Duration::ZERO);
        Silence::Ended(format!("it gave no answer within {} s, and was ended", within.as_secs_f32()))
    }

    /// What there is to say about a process that ended by itself.
    fn ended(&mut self) -> Silence {
        // Its last words come on another pipe, which closes when it is gone.
        let _ = self.last_words.recv_timeout(LAST_WORDS);
        let how = match self.process.end(LAST_WORDS) {
            Some(status) => format!("it ended ({status})"),
            None => "it closed its output".to_owned(),
        };
        let last = self.last_line.lock().unwrap_or_else(PoisonError::into_inner);
        Silence::Ended(if last.is_empty() { how } else { format!("{how}: {last}") })
    }
}

/// It is given a moment to end by itself, as it does when its input ends.
impl Drop for Running {
    fn drop(&mut self) {
        self.told = None;
        self.process.end(PATIENCE);
    }
}

fn not_started(why: &str) -> Error {
    Error::bad_input(format!("the reducer's process did not begin to speak: {why}"))
        .with_hint("`eventscope adapter` lists the adapters, and `eventscope help application-code` tells what a process has to answer.")
}

fn shell(launch: &Launch) -> Command {
    let mut command = shell_with(&launch.line);
    if let Some(folder) = &launch.folder {
        command.current_dir(folder);
    }
    command
}

#[cfg(not(windows))]
fn shell_with(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}

/// `cmd` knows no escapes: the line goes to it as it is, between the quotes that `/S` takes away (`cmd /?`). The window
/// has no console, and without the flag there would be one for the process.
#[cfg(windows)]
fn shell_with(line: &str) -> Command {
    use std::os::windows::process::CommandExt as _;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    let mut command = Command::new("cmd");
    command.raw_arg("/S /C").raw_arg(format!("\"{line}\"")).creation_flags(CREATE_NO_WINDOW);
    command
}
