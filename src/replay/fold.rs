//! The fold itself: one event in, the changes that it caused out.

use std::collections::HashMap;
use std::sync::Arc;

use jaq_json::Val;
use serde_json::Value;

use super::bounds::Bounds;
use super::change::{self, Change};
use super::evolve::{Evolve, Maker, Outcome, Touched};
use super::fact::Fact;
use super::merge::{merge_in, merge_noting};
use super::overlay::lay_over;
use super::plain::{Plain, merge_plain};
use super::reducers::Reducers;
use super::rules::{Action, Rule};
use super::state::{Form, State, size};
use super::upcast::Upcast;
use super::val;
use crate::error::Result as Answer;
use crate::event::{Brief, Decoded, Event, Position, StreamName, Version};

/// What one event did.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The event's version.
    pub version: Version,
    /// The event's position.
    pub position: Position,
    /// What it changed in the state, in the order in which [`change::apply`] takes it.
    pub changes: Vec<Change>,
    /// Whether its rule did its work.
    pub outcome: Outcome,
}

/// Folds the events of one stream, in their order, into a state.
#[derive(Clone, Debug)]
pub struct Fold {
    reducers: Reducers,
    aggregate_type: Arc<str>,
    state: State,
    /// Roughly how large a state is that rules in jq change.
    bytes: usize,
    /// What the rules say of each event type, looked up once.
    routes: HashMap<Box<str>, Arc<Route>>,
    /// What stands for an event of which nothing is looked at but its data.
    nothing: Event,
}

#[derive(Debug)]
struct Route {
    rule: Option<Arc<Rule>>,
    upcasts: Vec<Arc<Upcast>>,
}

impl Fold {
    /// A fold at the state before the first event.
    #[must_use]
    pub fn new(reducers: &Reducers, aggregate_type: &str) -> Self {
        let state = initial(reducers, aggregate_type);
        let bytes = state.size();
        Self {
            reducers: reducers.clone(),
            aggregate_type: aggregate_type.into(),
            state,
            bytes,
            routes: HashMap::new(),
            nothing: Event::default(),
        }
    }

    /// Takes one event. A rule that fails leaves the state as it was.
    pub fn step(&mut self, event: &Event) -> Step {
        let mut changes = Vec::new();
        let outcome = self.applied(event, &mut changes);
        Step { version: event.version, position: event.position, changes, outcome }
    }

    /// The state after the events taken so far.
    #[must_use]
    pub fn state(&self) -> Value {
        self.state.to_json()
    }

    fn applied(&mut self, event: &Event, changes: &mut Vec<Change>) -> Outcome {
        changes.clear();
        let route = self.route(&event.event_type);
        self.take(event, &route, changes).unwrap_or_else(|message| {
            changes.clear();
            Outcome::Failed(message.into())
        })
    }

    fn route(&mut self, event_type: &str) -> Arc<Route> {
        if let Some(route) = self.routes.get(event_type) {
            return route.clone();
        }
        let route = Arc::new(Route {
            rule: self.reducers.rule(&self.aggregate_type, event_type),
            upcasts: self.reducers.upcasts(event_type),
        });
        self.routes.insert(event_type.into(), route.clone());
        route
    }

    fn take(&mut self, event: &Event, route: &Route, changes: &mut Vec<Change>) -> Result<Outcome, String> {
        let Some(rule) = &route.rule else { return Ok(Outcome::Unhandled) };
        if matches!(rule.action, Action::Ignore) {
            return Ok(Outcome::Ignored);
        }
        if let Some(bytes) = event.data.unread() {
            return Err(format!("the event's data of {bytes} bytes is too large to be replayed here"));
        }
        let fact = Fact::new(event, &route.upcasts, self.reducers.bounds())?;
        match (&rule.action, self.state.form_mut()) {
            (Action::Guess | Action::Merge | Action::Replace, _) if !fact.has_data() => {
                return unreadable(event, &rule.action);
            }
            (Action::Guess, _) if !fact.is_object() => return Ok(Outcome::Unhandled),
            (Action::Guess | Action::Merge, Form::Document(state)) => match fact.plain() {
                Some(plain) => merge_plain(Arc::make_mut(state), plain, Some(changes)),
                None => merge_noting(Arc::make_mut(state), &*fact.document()?, changes),
            },
            (Action::Replace, Form::Document(state)) => {
                let data = fact.document()?.into_owned();
                *changes = change::diff(state, &data);
                *state = Arc::new(data);
            }
            (action, Form::Shared(state)) => {
                let bounds = self.reducers.bounds();
                if natively(action, state, &fact, bounds, changes) {
                    match grown(self.bytes, changes, action, bounds) {
                        Ok(bytes) => self.bytes = bytes,
                        Err(error) => {
                            changes
                                .iter()
                                .rev()
                                .for_each(|change| val::put(state, &change.path, change.before.as_ref()));
                            return Err(error);
                        }
                    }
                    return Ok(Outcome::Applied);
                }
                let after = shared(action, state, &fact, bounds)?;
                *changes = val::diff(state, &after, bounds.memory)?;
                self.bytes = grown(self.bytes, changes, action, bounds)?;
                *state = after;
            }
            (Action::Jq(_) | Action::Ignore, Form::Document(_)) => {}
        }
        Ok(Outcome::Applied)
    }
}

impl Evolve for Fold {
    fn begin(&mut self, stream: &StreamName, from: Option<&State>) -> Answer<()> {
        if *self.aggregate_type != *stream.aggregate_type {
            self.aggregate_type = stream.aggregate_type.as_str().into();
            self.routes.clear();
        }
        self.state = match from {
            Some(state) => state.in_form(self.reducers.uses_jq(&self.aggregate_type)),
            None => initial(&self.reducers, &self.aggregate_type),
        };
        self.bytes = self.state.size();
        Ok(())
    }

    fn apply_into(&mut self, event: &Event, changes: &mut Vec<Change>) -> Answer<Outcome> {
        Ok(self.applied(event, changes))
    }

    fn reads_data_alone(&self) -> bool {
        self.reducers.read_data_alone(&self.aggregate_type)
    }

    fn advance(&mut self, event: &mut Event) -> Answer<Outcome> {
        let route = self.route(&event.event_type);
        if let (Some(rule), Form::Document(state), true) =
            (&route.rule, self.state.form_mut(), route.upcasts.is_empty())
            && matches!(rule.action, Action::Guess | Action::Merge)
        {
            if let Some(plain) = event.data.bare_json().and_then(Plain::object) {
                merge_plain(Arc::make_mut(state), &plain, None);
                return Ok(Outcome::Applied);
            }
            if event.data.value().is_some_and(Value::is_object)
                && let Decoded::Document { value, .. } = std::mem::take(&mut event.data).into_decoded()
            {
                merge_in(Arc::make_mut(state), value);
                return Ok(Outcome::Applied);
            }
        }
        Ok(self.applied(event, &mut Vec::new()))
    }

    fn advance_by(&mut self, brief: &Brief<'_>, touched: Option<Touched<'_>>) -> Option<Outcome> {
        let route = self.route(brief.event_type);
        let Some(rule) = &route.rule else { return Some(Outcome::Unhandled) };
        if matches!(rule.action, Action::Ignore) {
            return Some(Outcome::Ignored);
        }
        let plain = brief.json().filter(|_| route.upcasts.is_empty()).and_then(Plain::object)?;
        match (&rule.action, self.state.form_mut()) {
            (Action::Guess | Action::Merge, Form::Document(state)) => lay_over(Arc::make_mut(state), &plain, touched),
            (Action::Jq(program), Form::Shared(state)) => {
                let (native, fact) = (program.native()?, Fact::of_data(&self.nothing, plain));
                if !native.reads_data_alone() {
                    return None;
                }
                self.bytes = native.advance(state, &fact, (self.bytes, self.reducers.bounds()), touched)?;
            }
            _ => return None,
        }
        Some(Outcome::Applied)
    }

    fn state(&self) -> &State {
        &self.state
    }

    fn maker(&self, event_type: &str) -> Maker {
        self.reducers.maker(&self.aggregate_type, event_type)
    }

    fn another(&self) -> Answer<Box<dyn Evolve>> {
        Ok(Box::new(self.clone()))
    }
}

/// The state of a stream before its first event, in the form in which its rules work.
fn initial(reducers: &Reducers, aggregate_type: &str) -> State {
    let initial = reducers.initial(aggregate_type);
    if reducers.uses_jq(aggregate_type) { val::from_json(&initial).into() } else { initial.into() }
}

/// The outcome for an event whose data merging and replacing cannot use, as there is no document.
fn unreadable(event: &Event, action: &Action) -> Result<Outcome, String> {
    match (event.data.decoded(), action) {
        (Decoded::Missing, Action::Guess | Action::Merge) => Ok(Outcome::Applied),
        (Decoded::Missing, _) => Err("the event has no data to replace the state with".to_owned()),
        (_, Action::Guess) => Ok(Outcome::Unhandled),
        _ => Err("the event's data cannot be read".to_owned()),
    }
}

/// How large a state is after some changes. One that a rule makes larger than it may be is refused.
fn grown(bytes: usize, changes: &[Change], action: &Action, bounds: Bounds) -> Result<usize, String> {
    let of = |value: &Option<Value>| value.as_ref().map_or(0, size);
    let (added, removed) = changes
        .iter()
        .fold((0_usize, 0_usize), |(added, removed), change| (added + of(&change.after), removed + of(&change.before)));
    let grown = bytes.saturating_add(added).saturating_sub(removed);
    if matches!(action, Action::Jq(_)) && added > removed && grown > bounds.memory {
        return Err(format!("the rule makes a state of more than {} bytes", bounds.memory));
    }
    Ok(grown)
}

/// Runs a rule of a common form without jq; false where jq is to run it, and nothing was done.
fn natively(action: &Action, state: &mut Val, fact: &Fact<'_>, bounds: Bounds, changes: &mut Vec<Change>) -> bool {
    let Action::Jq(program) = action else { return false };
    let found = program.native().and_then(|native| native.apply(state, fact, bounds.memory));
    found.map(|found| *changes = found).is_some()
}

fn shared(action: &Action, state: &Val, fact: &Fact<'_>, bounds: Bounds) -> Result<Val, String> {
    match action {
        Action::Jq(program) => program.run(state.clone(), &program.reads().of(fact), bounds),
        Action::Guess | Action::Merge => Ok(val::merge_patch(state.clone(), &fact.shared_data())),
        Action::Replace => Ok(fact.shared_data()),
        Action::Ignore => Ok(state.clone()),
    }
}
