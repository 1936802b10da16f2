//! The threads at the pipes of the process: one writes what it is told, one reads its answers, one its standard error.
//!
//! Each pipe has a thread, so that neither side can wait for the other for ever: whoever talks to the process only ever waits
//! for a channel, and can be stopped there.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use serde_json::Value;

use super::wire::Line;

/// What hears the lines of the process's standard error, from a thread of its own.
pub type Said = Arc<dyn Fn(&str) + Send + Sync>;

/// How many pieces of what it is told may wait, and how many answers.
const WAITING: usize = 16;

/// The longest line of the standard error that is shown whole.
const SAID: u64 = 4096;

/// What was read from the process.
#[derive(Debug)]
pub(super) enum Heard {
    /// It says what it is.
    Hello { protocol: u32, stored: bool, resume: bool },
    /// A state. The same one as before is the same value in memory.
    State { state: Arc<Value>, resume: Option<Arc<Value>> },
    /// Something failed: what, at which operation.
    Failed { message: Arc<str>, op: String },
    /// A line that says none of this; what is wrong with it.
    Nonsense(String),
}

/// Starts the thread that writes.
pub(super) fn writing(mut pipe: impl Write + Send + 'static) -> io::Result<SyncSender<Vec<u8>>> {
    let (sender, receiver) = sync_channel::<Vec<u8>>(WAITING);
    let body = move || {
        for lines in receiver {
            // A process that reads no more has ended, or is about to: its other pipe tells.
            if pipe.write_all(&lines).and_then(|()| pipe.flush()).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("reducer input".to_owned()).spawn(body)?;
    Ok(sender)
}

/// Starts the thread that reads answers of at most `limit` bytes. The channel is closed when the process says no more.
pub(super) fn reading(pipe: impl Read + Send + 'static, limit: usize) -> io::Result<Receiver<Heard>> {
    let (sender, receiver) = sync_channel(WAITING);
    let mut reader = Reader { pipe: BufReader::with_capacity(1 << 16, pipe), limit, line: Vec::new(), last: None };
    let body = move || {
        while let Some(heard) = reader.next() {
            let ends = matches!(heard, Heard::Nonsense(_));
            if sender.send(heard).is_err() || ends {
                return;
            }
        }
    };
    thread::Builder::new().name("reducer output".to_owned()).spawn(body)?;
    Ok(receiver)
}

/// Starts the thread that hears the standard error. The channel is closed when there is no more of it.
pub(super) fn hearing(pipe: impl Read + Send + 'static, said: Said) -> io::Result<Receiver<()>> {
    let (sender, receiver) = sync_channel::<()>(1);
    let body = move || {
        let _ends_with_this_thread = sender;
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        // A longer line goes on as another one.
        while matches!(pipe.by_ref().take(SAID).read_until(b'\n', &mut line), Ok(read) if read > 0) {
            said(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']));
            line.clear();
        }
    };
    thread::Builder::new().name("reducer errors".to_owned()).spawn(body)?;
    Ok(receiver)
}

struct Reader<R> {
    pipe: BufReader<R>,
    limit: usize,
    line: Vec<u8>,
    /// The last line that was a state and nothing else, and the state.
    last: Option<(Vec<u8>, Arc<Value>)>,
}

impl<R: Read> Reader<R> {
    fn next(&mut self) -> Option<Heard> {
        self.line.clear();
        let limit = u64::try_from(self.limit).unwrap_or(u64::MAX).saturating_add(1);
        let read = self.pipe.by_ref().take(limit).read_until(b'\n', &mut self.line);
        if !matches!(read, Ok(read) if read > 0) {
            return None;
        }
        if self.line.len() > self.limit {
            return Some(Heard::Nonsense(format!("its answer is longer than {} MiB", self.limit >> 20)));
        }
        if let Some((line, state)) = &self.last
            && *line == self.line
        {
            return Some(Heard::State { state: Arc::clone(state), resume: None });
        }
        Some(self.parse().unwrap_or_else(|error| Heard::Nonsense(format!("{}: {error}", self.shown()))))
    }

    fn parse(&mut self) -> Result<Heard, String> {
        let line: Line = serde_json::from_slice(&self.line).map_err(|error| error.to_string())?;
        if let Some(message) = line.error {
            let op = line.op.unwrap_or_default();
            return Ok(Heard::Failed { message: message.into(), op });
        }
        if let Some(state) = line.state {
            let (state, resume) = (Arc::new(state), line.resume.map(Arc::new));
            if resume.is_none() {
                self.last = Some((self.line.clone(), Arc::clone(&state)));
            }
            return Ok(Heard::State { state, resume });
        }
        let protocol = line.protocol.ok_or("it has neither a state nor an error")?;
        Ok(Heard::Hello { protocol, stored: line.stored, resume: line.resume == Some(Value::Bool(true)) })
    }

    /// The beginning of the line, for an error.
    fn shown(&self) -> String {
        let begin = self.line.get(..200).unwrap_or(&self.line);
        format!("it answered with the line {:?}", String::from_utf8_lossy(begin).trim_end())
    }
}
