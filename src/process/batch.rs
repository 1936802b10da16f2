//! Folding a batch of events: what the process is told and asked ahead, and what is done when it ends on the way.

use std::collections::{HashSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::error::Result;
use crate::event::{Event, StreamName};

use super::channel::Heard;
use super::conversation::{Answered, Point, Talk, ended, out_of_turn, stopped};
use super::running::Silence;
use super::wire::{Envelope, Told};

/// How many questions the process may leave waiting in its buffer, at most. Four times as many are open at once.
const UNHURRIED: usize = 256;

/// How many bytes are handed over at once.
const PIECE: usize = 1 << 15;

/// A process that gets to the next hurried question within this time may leave more of them waiting.
const PACE: Duration = Duration::from_millis(50);

/// After how many events a fold can be taken up again, at the latest.
const RESUMED: u64 = 32;

/// Events of one stream that are folded together.
pub(super) struct Batch<'a> {
    stream: &'a StreamName,
    events: &'a [Event],
    stop: &'a dyn Fn() -> bool,
    each: &'a mut dyn FnMut(usize, Answered) -> ControlFlow<()>,
    /// How many events were told to `each`.
    done: usize,
    /// The point after the last of them.
    last: Point,
    /// From where the process can begin, and the event that follows.
    anchor: (usize, Point),
    /// The events that the process ended at.
    fatal: HashSet<usize>,
    /// Whether each event is only sent when the one before is answered: it shows which one the process ends at.
    one_by_one: bool,
}

/// A question that is open: the state after an event.
struct Question {
    event: usize,
    hurried: bool,
    failed: Option<Arc<str>>,
}

/// What is under way to the process.
struct Flight {
    lines: Vec<u8>,
    next: usize,
    open: VecDeque<Question>,
    unhurried: usize,
    since: Instant,
    /// The name of the point after the first event of the batch.
    first_id: u64,
    /// Why the process could not begin at the anchor.
    not_begun: Option<Arc<str>>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        stream: &'a StreamName,
        from: &Point,
        events: &'a [Event],
        stop: &'a dyn Fn() -> bool,
        each: &'a mut dyn FnMut(usize, Answered) -> ControlFlow<()>,
    ) -> Self {
        let (last, anchor) = (from.clone(), (0, from.clone()));
        Self { stream, events, stop, each, done: 0, last, anchor, fatal: HashSet::new(), one_by_one: false }
    }

    /// Folds all of them, with as many processes as that takes.
    pub(super) fn run(&mut self, talk: &mut Talk) -> Result<()> {
        while self.done < self.events.len() {
            let why = match self.last.broken.clone() {
                Some(why) => why,
                None => match self.pass(talk) {
                    Ok(()) => continue,
                    Err(Silence::Stopped) => return Err(stopped()),
                    Err(Silence::Ended(why)) => {
                        let known = self.one_by_one || talk.is_given_up();
                        talk.ended(&why, known);
                        if !known {
                            // What was sent ahead is sent again, to see which event it was.
                            self.one_by_one = true;
                            continue;
                        }
                        ended(&why).into()
                    }
                },
            };
            self.fatal.insert(self.done);
            if self.tell(self.last.clone(), Some(why)).is_break() {
                return Err(stopped());
            }
        }
        Ok(())
    }

    fn tell(&mut self, point: Point, failed: Option<Arc<str>>) -> ControlFlow<()> {
        self.last = point.clone();
        let event = self.done;
        self.done += 1;
        (self.each)(event, Answered { point, failed })
    }

    /// Sends the events from the anchor on, and takes in the answers as they come.
    fn pass(&mut self, talk: &mut Talk) -> Result<(), Silence> {
        let mut flight = Flight {
            lines: Vec::with_capacity(PIECE * 2),
            next: self.anchor.0,
            open: VecDeque::new(),
            unhurried: 0,
            since: Instant::now(),
            first_id: talk.name(self.events.len()),
            not_begun: None,
        };
        talk.running(self.stop)?;
        if talk.at != Some(self.anchor.1.id) {
            let begin = self.anchor.1.resume.as_ref();
            let state = begin.ok_or_else(|| Silence::Ended("it cannot go on from this state".to_owned()))?;
            Told::Begin { stream: self.stream.into(), state: Some(state) }.write(&mut flight.lines);
        }
        talk.at = None;
        let flown = self.fly(talk, &mut flight);
        talk.stale += flight.open.len();
        flown?;
        talk.at = Some(self.last.id);
        Ok(())
    }

    fn fly(&mut self, talk: &mut Talk, flight: &mut Flight) -> Result<(), Silence> {
        while flight.next < self.events.len() || !flight.open.is_empty() {
            if (self.stop)() {
                return Err(Silence::Stopped);
            }
            // Slow code is not sent far ahead: when it is stopped, it first gets to the end of what it was sent.
            let most = if self.one_by_one { 1 } else { talk.hurry * 4 };
            if flight.open.len() <= most / 2 {
                self.send(talk, flight, most)?;
            }
            let Some(mut heard) = self.await_answer(talk, flight)? else { continue };
            loop {
                self.take(talk, flight, heard)?;
                match talk.running(self.stop)?.ready() {
                    Some(next) => heard = next,
                    None => break,
                }
            }
        }
        Ok(())
    }

    fn await_answer(&self, talk: &mut Talk, flight: &Flight) -> Result<Option<Heard>, Silence> {
        if flight.open.is_empty() { Ok(None) } else { talk.running(self.stop)?.next(self.stop).map(Some) }
    }

    /// Sends events, each with the question for the state after it, as many as may be open.
    fn send(&self, talk: &mut Talk, flight: &mut Flight, most: usize) -> Result<(), Silence> {
        let hurry = talk.hurry;
        let running = talk.running(self.stop)?;
        while let Some(event) = self.events.get(flight.next).filter(|_| flight.open.len() < most) {
            let index = flight.next;
            flight.next += 1;
            if self.fatal.contains(&index) {
                continue;
            }
            let unread = event.data.unread();
            let failed =
                unread.map(|bytes| format!("the event's data of {bytes} bytes is too large to be replayed here"));
            if unread.is_none() {
                Told::Apply { event: Box::new(Envelope::new(event, running.stored)) }.write(&mut flight.lines);
            }
            let is_last = flight.next == self.events.len();
            flight.unhurried += 1;
            let hurried = is_last || self.one_by_one || flight.unhurried >= hurry;
            if hurried {
                flight.unhurried = 0;
            }
            let lasting = is_last || self.one_by_one || self.after(index).is_multiple_of(RESUMED);
            let resume = running.resume && lasting;
            Told::State { resume, more: !hurried }.write(&mut flight.lines);
            flight.open.push_back(Question { event: index, hurried, failed: failed.map(Into::into) });
            if flight.lines.len() >= PIECE {
                running.tell(std::mem::take(&mut flight.lines), self.stop)?;
            }
        }
        if flight.lines.is_empty() { Ok(()) } else { running.tell(std::mem::take(&mut flight.lines), self.stop) }
    }

    /// How many events of the stream there are up to one of these.
    fn after(&self, index: usize) -> u64 {
        let (anchor, point) = &self.anchor;
        // The anchor moves on with the answers, and is never beyond what is sent.
        point.events + (index + 1).saturating_sub(*anchor) as u64
    }

    /// Takes in one answer.
    fn take(&mut self, talk: &mut Talk, flight: &mut Flight, heard: Heard) -> Result<(), Silence> {
        let (state, resume, failed) = match heard {
            Heard::State { state, resume } => (Some(state), resume, None),
            Heard::Failed { message, op, .. } if op == "state" => (None, None, Some(message)),
            Heard::Failed { .. } if talk.stale > 0 => return Ok(()),
            Heard::Failed { message, op, .. } => {
                match flight.open.front_mut() {
                    Some(question) if op == "apply" => question.failed = Some(message),
                    _ => flight.not_begun = Some(message),
                }
                return Ok(());
            }
            Heard::Hello { .. } | Heard::Nonsense(_) => return Err(out_of_turn()),
        };
        if talk.stale > 0 {
            talk.stale -= 1;
            return Ok(());
        }
        let question = flight.open.pop_front().ok_or_else(out_of_turn)?;
        if question.hurried {
            let in_time = flight.since.elapsed() < PACE;
            talk.hurry = if in_time { (talk.hurry * 2).min(UNHURRIED) } else { (talk.hurry / 2).max(1) };
            flight.since = Instant::now();
        }
        let point = self.point(talk, flight, &question, state, resume)?;
        if point.resume.is_some() {
            self.anchor = (question.event + 1, point.clone());
        }
        let failed = flight.not_begun.clone().or(failed).or(question.failed);
        if failed.is_none() {
            talk.worked();
        }
        if question.event + 1 == self.done {
            // It was told of before the process ended; now a fold may be able to begin there.
            self.last = point;
        } else if question.event >= self.done && self.tell(point, failed).is_break() {
            return Err(Silence::Stopped);
        }
        Ok(())
    }

    fn point(
        &self,
        talk: &mut Talk,
        flight: &Flight,
        question: &Question,
        state: Option<Arc<Value>>,
        resume: Option<Arc<Value>>,
    ) -> Result<Point, Silence> {
        let written = state.is_some();
        let state = state.unwrap_or_else(|| Arc::clone(&self.last.state));
        let resume = if talk.running(self.stop)?.resume { resume } else { written.then(|| Arc::clone(&state)) };
        let id = flight.first_id + question.event as u64;
        Ok(Point { id, events: self.after(question.event), state, resume, broken: None })
    }
}
