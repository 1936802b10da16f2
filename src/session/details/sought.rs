//! Events that a person looks for by a few words: a position, an event's id, a text in the data. Only the first ones
//! are found, and only once no more is typed.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::related::EventRef;
use crate::error::Result;
use crate::event::{Decoded, Event, Payload, Position};
use crate::filter::{Field, Filter, Term, compile};
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::scan_together::scan_together;
use crate::session::workers::worker::{CancelToken, Worker};
use crate::source::{ScanRange, Source};

/// How many events are found by their text.
const LIMIT: usize = 12;
/// From how many characters on a text is looked for.
const LETTERS: usize = 3;
/// How long nothing more is to be typed before the whole store is looked through: in so many steps of so long.
const PAUSE: (u32, Duration) = (12, Duration::from_millis(20));
/// The largest payload in which the place of a text is shown, in bytes.
const SHOWN: u64 = 256 << 10;
/// How much stands around a text that was found, in characters.
const AROUND: usize = 24;

/// Events that were found by what a person typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sought {
    /// The events: first those that the text names, then those whose data holds it, in the order of the store.
    pub events: Vec<SoughtEvent>,
    /// Whether everything was looked through, or enough was found.
    pub is_over: bool,
    /// Whether there are more of them.
    pub has_more: bool,
}

/// An event that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct SoughtEvent {
    /// The event.
    pub event: EventRef,
    /// By what it was found.
    pub by: SoughtBy,
}

/// By what an event was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SoughtBy {
    /// Its position.
    Position,
    /// Its id.
    Id,
    /// Its data, with what stands around the text there; empty where that is not shown.
    Text(String),
}

/// The generation of the question, and what was found since the last answer.
pub(in crate::session) type SoughtAnswer = (u64, Sought);

/// Looks for events, for one text at a time.
pub(in crate::session) struct Seeking {
    worker: Worker<String>,
    last: RefCell<Option<(String, Arc<Sought>)>>,
}

impl Seeking {
    /// Starts the worker.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<SoughtAnswer>, jobs: &Jobs) -> Result<Self> {
        let (mut reader, jobs) = (Reader::new(origin), jobs.clone());
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "sought events",
            1,
            move |text: String, context| {
                let token = &context.token;
                let mut tell = |events: Vec<SoughtEvent>, has_more| {
                    sent.send((token.generation(), Sought { events, is_over: false, has_more }));
                };
                // Who looks for something hears of what is found; that a file cannot be read is said elsewhere.
                reader.source(token).and_then(|source| look(source, &text, &jobs, token, &mut tell)).ok();
                sent.send((token.generation(), Sought { is_over: true, ..Sought::default() }));
            },
            move |_, generation, _| told.send((generation, Sought { is_over: true, ..Sought::default() })),
        )?;
        Ok(Self { worker, last: RefCell::default() })
    }

    /// What was found for a text so far; another text than the last one begins anew.
    pub(in crate::session) fn of(&self, text: &str) -> Arc<Sought> {
        if let Some((_, found)) = self.last.borrow().as_ref().filter(|(last, _)| last == text) {
            return Arc::clone(found);
        }
        let found = Arc::<Sought>::default();
        self.last.replace(Some((text.to_owned(), Arc::clone(&found))));
        self.worker.cancel();
        self.worker.submit(text.to_owned());
        found
    }

    /// Looks for nothing any more.
    pub(in crate::session) fn forget(&self) {
        if self.last.take().is_some() {
            self.worker.cancel();
        }
    }

    /// What was found so far is all.
    pub(in crate::session) fn stopped(&self) {
        if let Some((_, found)) = self.last.borrow_mut().as_mut() {
            Arc::make_mut(found).is_over = true;
        }
    }

    /// Takes in what was found.
    pub(in crate::session) fn take(&self, (generation, more): SoughtAnswer) {
        let mut last = self.last.borrow_mut();
        let Some((_, found)) = last.as_mut().filter(|_| generation == self.worker.generation()) else { return };
        let found = Arc::make_mut(found);
        let is_new = |sought: &SoughtEvent| found.events.iter().all(|known| known.event != sought.event);
        let new: Vec<_> = more.events.into_iter().filter(is_new).collect();
        found.events.extend(new);
        found.is_over |= more.is_over;
        found.has_more |= more.has_more;
    }
}

/// The position that a text is, with or without commas.
fn position(text: &str) -> Option<Position> {
    text.replace(',', "").parse().ok()
}

fn look(
    source: &Source,
    text: &str,
    jobs: &Jobs,
    token: &CancelToken,
    tell: &mut dyn FnMut(Vec<SoughtEvent>, bool),
) -> Result<()> {
    let Some(mapping) = source.mapping() else { return Ok(()) };
    source.leave_unread(Some(SHOWN));
    if let Some(event) = position(text).map(|position| source.event(position)).transpose()?.flatten() {
        tell(vec![SoughtEvent { event: named(event), by: SoughtBy::Position }], false);
    }
    if text.chars().count() < LETTERS {
        return Ok(());
    }
    let id = Term::field(Field::Id, text);
    let mut terms = vec![Filter { terms: vec![Term::text(text)] }];
    let by_id = compile(&Filter { terms: vec![id.clone()] }, mapping);
    let mut found = Vec::new();
    let is_indexed = source.scan_by_index(&by_id, ScanRange::default(), &mut |batch| {
        found.extend(batch.positions);
        if found.len() < LIMIT { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    if is_indexed {
        found.truncate(LIMIT);
        let events = source.events_at(&found)?.into_iter();
        tell(events.map(|event| SoughtEvent { event: named(event), by: SoughtBy::Id }).collect(), false);
    } else {
        terms.push(Filter { terms: vec![id] });
    }
    for _ in 0..PAUSE.0 {
        if token.is_cancelled() {
            return Ok(());
        }
        thread::sleep(PAUSE.1);
    }
    // Only some are asked for: how many there are to look through is not known before.
    let _running = jobs.begin(Subject::Seeking, "Looking for events", None, token);
    let filter = compile(&Filter { terms: vec![Term::any(terms)] }, mapping);
    let mut count = 0;
    let mut failure = None;
    scan_together(source, &filter, ScanRange::default(), &mut |batch| {
        let left = LIMIT - count;
        let has_more = batch.positions.len() > left;
        let some = batch.positions.get(..left).unwrap_or(&batch.positions);
        count += some.len();
        match source.events_at(some) {
            Ok(events) if !some.is_empty() => {
                tell(events.into_iter().map(|event| sought(event, text)).collect(), has_more);
            }
            Ok(_) => {}
            Err(error) => failure = Some(error),
        }
        let is_enough = has_more || failure.is_some();
        if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    failure.map_or(Ok(()), Err)
}

fn named(event: Event) -> EventRef {
    crate::source::EventRef::from(event).into()
}

fn sought(event: Event, text: &str) -> SoughtEvent {
    let by = if event.id.as_deref() == Some(text) {
        SoughtBy::Id
    } else {
        SoughtBy::Text(excerpt(&event.data, text).unwrap_or_default())
    };
    SoughtEvent { event: named(event), by }
}

/// What stands around a text in a payload.
fn excerpt(payload: &Payload, wanted: &str) -> Option<String> {
    let text = match payload.decoded() {
        Decoded::Document { value, .. } => value.to_string(),
        Decoded::Text(text) => text.clone(),
        _ => return None,
    };
    let at = text.to_ascii_lowercase().find(&wanted.to_ascii_lowercase())?;
    let (before, rest) = (text.get(..at)?, text.get(at..)?);
    let begin = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(begin, _)| begin);
    let length = wanted.chars().count() + AROUND;
    let end = rest.char_indices().nth(length).map_or(text.len(), |(end, _)| at + end);
    let (first, last) = (if begin > 0 { "…" } else { "" }, if end < text.len() { "…" } else { "" });
    Some(format!("{first}{}{last}", text.get(begin..end)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_position_is_written_with_or_without_commas() {
        assert_eq!(["4,812", "4812", "48x", "", "1.5"].map(position), [Some(4812), Some(4812), None, None, None]);
    }

    #[test]
    fn what_stands_around_a_text_is_cut_out_between_letters() {
        let payload = Payload::json(json!({"note": format!("{}Gift ärger{}", "ü".repeat(40), "ß".repeat(60))}));
        let found = excerpt(&payload, "gift Är").is_none();
        assert!(found, "only A to Z are alike in any case");
        let text = excerpt(&payload, "gift ä").unwrap();
        assert!(text.starts_with(&format!("…{}Gift ärger", "ü".repeat(AROUND))) && text.ends_with("ß…"), "{text}");
        assert_eq!(excerpt(&Payload::json(json!({"a": 1})), "\"A\"").as_deref(), Some("{\"a\":1}"));
        assert_eq!(excerpt(&Payload::json(json!({"a": 1})), "b"), None);
    }
}
