//! Where watches are met: the flips of predicates and the events of types, with what a predicate looks at before and after.

use std::sync::Arc;

use serde_json::Value;

use super::question::{Hit, line};
use crate::error::Result;
use crate::event::StreamName;
use crate::model::Condition;
use crate::replay::change::touches;
use crate::replay::probe::{Truth, Watches};
use crate::replay::{Finds, Moment, Predicate, Probe, Seen, State};

/// Finds where conditions are met.
pub(super) struct Hits {
    watches: Watches,
    /// For each predicate, which condition it is, and the place that it looks at.
    predicates: Vec<(usize, Option<Subject>)>,
    types: Vec<(usize, String)>,
    found: Vec<Hit>,
}

/// The place that a predicate looks at, and what is there.
struct Subject {
    pointer: String,
    before: Option<Value>,
    now: Option<Value>,
}

impl Hits {
    /// Looks for these conditions.
    pub(super) fn new(conditions: &[Condition]) -> Result<Self> {
        let (mut compiled, mut predicates, mut types) = (Vec::new(), Vec::new(), Vec::new());
        for (index, condition) in conditions.iter().enumerate() {
            match condition {
                Condition::When(text) => {
                    compiled.push(Arc::new(Predicate::compile(text)?));
                    let subject = |pointer| Subject { pointer, before: None, now: None };
                    predicates.push((index, subject_of(text).map(subject)));
                }
                Condition::Type(name) => types.push((index, name.clone())),
            }
        }
        Ok(Self { watches: Watches::new(compiled), predicates, types, found: Vec::new() })
    }
}

impl Probe for Hits {
    fn begin(&mut self, stream: &StreamName, state: &State) {
        self.watches.begin(stream, state);
        for subject in self.predicates.iter_mut().filter_map(|(_, subject)| subject.as_mut()) {
            subject.now = state.at(&subject.pointer);
            subject.before.clone_from(&subject.now);
        }
    }

    fn after(&mut self, seen: &Seen<'_>) {
        self.watches.after(seen);
        for subject in self.predicates.iter_mut().filter_map(|(_, subject)| subject.as_mut()) {
            subject.follow(seen);
        }
        let moment = || Moment::of(seen.event);
        for (condition, _) in self.types.iter().filter(|(_, name)| *name == seen.event.event_type) {
            let (condition, truth) = (*condition, Truth::True);
            self.found.push(Hit { condition, moment: moment(), truth, before: None, after: None });
        }
        for flip in self.watches.take() {
            let Some((condition, subject)) = self.predicates.get(flip.watch) else { continue };
            let subject = subject.as_ref();
            let before = subject.and_then(|subject| subject.before.as_ref()).map(line);
            let after = subject.and_then(|subject| subject.now.as_ref()).map(line);
            let (condition, moment, truth) = (*condition, flip.moment, flip.truth);
            self.found.push(Hit { condition, moment, truth, before, after });
        }
    }
}

impl Subject {
    /// The state is looked at only where an event changed the place.
    fn follow(&mut self, seen: &Seen<'_>) {
        self.before.clone_from(&self.now);
        if seen.changes.iter().any(|change| touches(&change.path, &self.pointer)) {
            self.now = seen.state.at(&self.pointer);
        }
    }
}

impl Finds for Hits {
    type Finding = Hit;

    fn take(&mut self) -> Vec<Hit> {
        std::mem::take(&mut self.found)
    }
}

/// The place that a predicate begins with, as a JSON Pointer: `/stock/on_hand` for `.stock.on_hand < 0`. Most name the
/// one place that they are about first; of the others nothing is said.
fn subject_of(predicate: &str) -> Option<String> {
    let text = predicate.trim_start();
    let end =
        text.find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '.' | '_'))).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let compared = rest.trim_start().starts_with(['<', '>', '=', '!']) || rest.trim().is_empty();
    let keys = path.strip_prefix('.').filter(|keys| !keys.is_empty() && compared)?;
    let is_key = |key: &str| key.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    keys.split('.').all(is_key).then(|| keys.split('.').fold(String::new(), |pointer, key| pointer + "/" + key))
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use serde_json::json;

    use super::*;
    use crate::event::{Event, Payload};
    use crate::replay::{Fold, Reducers, probe};

    #[test]
    fn the_place_that_a_predicate_is_about_is_read_off_it() {
        for (text, pointer) in [
            (".on_hand < 0", Some("/on_hand")),
            (" .a.b_1==2", Some("/a/b_1")),
            (".paid", Some("/paid")),
            (".a + .b > 3", None),
            (".lines[0].qty > 1", None),
            (". == {}", None),
            ("$event.type == \"x\"", None),
        ] {
            assert_eq!(subject_of(text).as_deref(), pointer, "{text}");
        }
    }

    #[test]
    fn flips_come_with_the_values_around_them_and_types_at_each_event() {
        let stream = StreamName::new("stock", "cup");
        let events = [(5, "in"), (-1, "out"), (-2, "out"), (3, "in")].into_iter().zip(1..);
        let events = events.map(|((on_hand, event_type), version)| {
            let data = Payload::json(json!({"on_hand": on_hand}));
            let (stream, event_type) = (StreamName::new("stock", "cup"), event_type.to_owned());
            Ok(Event { stream, version, event_type, data, ..Event::default() })
        });
        let mut fold = Fold::new(&Reducers::guess(), "stock");
        let conditions = [Condition::Type("out".into()), Condition::When(".on_hand < 0".into())];
        let mut hits = Hits::new(&conditions).unwrap();
        probe::pass(&mut fold, &stream, events, &mut hits, |_, _| ControlFlow::Continue(())).unwrap();
        let found: Vec<_> = hits
            .take()
            .into_iter()
            .map(|hit| (hit.condition, hit.moment.version, hit.truth, hit.before, hit.after))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                (0, 2, Truth::True, None, None),
                (1, 2, Truth::True, text("5"), text("-1")),
                (0, 3, Truth::True, None, None),
                (1, 4, Truth::False, text("-2"), text("3")),
            ]
        );
    }
}
