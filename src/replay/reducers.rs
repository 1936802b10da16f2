//! What an event does to a state: the rules of a file, or the guess where there is none.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::bounds::Bounds;
use super::document;
use super::evolve::Maker;
use super::fact;
use super::jq::Program;
use super::native::Native;
use super::pattern::Pattern;
use super::predicate::Predicate;
use super::rule_text::Flaw;
use super::rules::{Action, Rule, Section};
use super::upcast::Upcast;
use super::val;
use crate::error::{Error, Result};
use crate::event::{Event, StreamName, Version};

/// The rules by which streams are folded. Cheap to clone.
///
/// For each aggregate type (`[aggregate."T"]`) a state before the first event and a rule for each event type; for each
/// event type the upcasters (`[upcast."type"]`) that turn the data of an old schema version into the next one.
///
/// Which rule is taken: the sections whose name fits the aggregate type, a plain name before patterns (`*` stands for any
/// characters), a pattern with more letters before one with fewer, so `"*"` last; in each section the same for the event
/// type; the first rule found counts. So `[aggregate."*".on]` holds the rules for what no other section names. The
/// state before the first event is that of the first such section that has an `initial`, or `{}`.
///
/// A section may also have `invariants`, a list of conditions in jq that must hold at every version of its streams (see
/// [`Invariants`](super::probe::Invariants)), and a `snapshot`: a jq filter on the states that the application itself stored, for those that
/// name or write things in another way than the rules do.
#[derive(Clone, Debug)]
pub struct Reducers(Arc<Inner>, Bounds);

/// A rule as it is written in a reducers file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenRule {
    /// The pattern for event types that it stands under.
    pub event_type: Arc<str>,
    /// A filter of jq, or `merge`, `replace`, `ignore`; `guess` for the guess.
    pub text: Arc<str>,
}

#[derive(Debug)]
struct Inner {
    guess: bool,
    sections: Vec<Arc<Section>>,
    upcasts: Vec<Arc<Upcast>>,
    /// The rules for aggregate types that no section is for.
    beneath: Option<Reducers>,
}

impl Reducers {
    /// The reducer for a database without rules: each event's data is a merge patch (RFC 7396). It is a guess.
    #[must_use]
    pub fn guess() -> Self {
        let rule = Rule { event_type: Pattern::new("*"), action: Action::Guess };
        let section = Section { rules: vec![Arc::new(rule)], ..Section::new(Pattern::new("*")) };
        Self(
            Arc::new(Inner { guess: true, sections: vec![Arc::new(section)], upcasts: Vec::new(), beneath: None }),
            Bounds::default(),
        )
    }

    /// Whether a text is a rule: a filter of jq, `merge`, `replace` or `ignore`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn check(rule: &str) -> std::result::Result<(), Flaw> {
        match rule.trim() {
            "merge" | "replace" | "ignore" => Ok(()),
            _ => Program::compile(rule).map(|_| ()),
        }
    }

    /// Whether a text is an upcaster: a filter of jq from an old schema version's data to the next one's.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn check_upcast(upcast: &str) -> std::result::Result<(), Flaw> {
        Program::compile(upcast).map(|_| ())
    }

    /// The state before the first event that a text of JSON says; an empty one where it says nothing.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn check_initial(initial: &str) -> std::result::Result<Value, Flaw> {
        if initial.trim().is_empty() {
            return Ok(Value::Object(Map::new()));
        }
        serde_json::from_str(initial).map_err(|error| {
            let lines = initial.split_inclusive('\n').take(error.line().saturating_sub(1));
            let at = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            Flaw { message: format!("this is no JSON: {message}"), at: at.min(initial.len()) }
        })
    }

    /// The rules of a reducers file. `name` is what its errors call it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadInput`] with the rule and the place where the file is wrong.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let (sections, upcasts) = document::parse(text).map_err(|error| error.context(name))?;
        Ok(Self::new(sections, upcasts))
    }

    fn new(mut sections: Vec<Section>, mut upcasts: Vec<Upcast>) -> Self {
        for section in &mut sections {
            section.rules.sort_by_key(|rule| std::cmp::Reverse(rule.event_type.weight()));
        }
        sections.sort_by_key(|section| std::cmp::Reverse(section.aggregate.weight()));
        upcasts.sort_by_key(|upcast| std::cmp::Reverse(upcast.event_type.weight()));
        let sections = sections.into_iter().map(Arc::new).collect();
        let upcasts = upcasts.into_iter().map(Arc::new).collect();
        Self(Arc::new(Inner { guess: false, sections, upcasts, beneath: None }), Bounds::default())
    }

    /// These rules, and for the aggregate types that no section of theirs is for, those others.
    #[must_use]
    pub fn over(&self, beneath: Self) -> Self {
        let rules = &self.0;
        let sections = rules.sections.clone();
        let upcasts = rules.upcasts.clone();
        Self(Arc::new(Inner { guess: rules.guess, sections, upcasts, beneath: Some(beneath) }), self.1)
    }

    /// The same rules, each of which may take so much for one event.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        Self(self.0, bounds)
    }

    /// How much each rule may take for one event.
    pub(crate) fn bounds(&self) -> Bounds {
        self.1
    }

    /// These rules with others in place of the guess that lies beneath all of them; as they are where none does.
    #[must_use]
    pub fn floored(&self, floor: &Self) -> Self {
        if self.0.guess {
            return floor.clone();
        }
        match &self.0.beneath {
            Some(beneath) => self.over(beneath.floored(floor)),
            None => self.clone(),
        }
    }

    /// Whether what these rules make of an aggregate type is only the guess.
    #[must_use]
    pub fn is_guess_for(&self, aggregate_type: &str) -> bool {
        match &self.0.beneath {
            Some(beneath) if !self.has_section(aggregate_type) => beneath.is_guess_for(aggregate_type),
            _ => self.0.guess,
        }
    }

    fn has_section(&self, aggregate_type: &str) -> bool {
        let says = self.0.sections.iter().filter(|section| !section.only_holds());
        says.into_iter().any(|section| section.aggregate.matches(aggregate_type))
    }

    /// Whether they say what must hold, and nothing of how streams are folded.
    #[must_use]
    pub fn only_hold(&self) -> bool {
        let rules = &self.0;
        !rules.sections.is_empty()
            && rules.upcasts.is_empty()
            && rules.sections.iter().all(|section| section.only_holds())
    }

    /// Whether these are no rules of the user's but the guess.
    #[must_use]
    pub fn is_guess(&self) -> bool {
        self.0.guess
    }

    /// What they are, in a few words for the window.
    #[must_use]
    pub fn label(&self) -> &'static str {
        if self.0.guess { "guess: merge patch" } else { "your rules" }
    }

    /// A state that the application stored at a version of a stream, as these rules would have it: through the
    /// `snapshot` filter of the stream's section, with `$event` holding the stream's name and the version.
    ///
    /// # Errors
    /// What the filter fails with.
    pub fn comparable(&self, stream: &StreamName, version: Version, stored: &Value) -> Result<Value> {
        let Some(program) = self.snapshot(&stream.aggregate_type) else { return Ok(stored.clone()) };
        let event = Event { stream: stream.clone(), version, ..Event::default() };
        let state = program.run(val::from_json(stored), &fact::value_of(&event), self.1);
        let state = state.and_then(|state| val::to_json(&state, self.1.memory));
        state.map_err(|message| Error::bad_input(format!("the snapshot filter of {stream}: {message}")))
    }

    /// The filter on stored snapshots: how a library writes them holds for whatever rules are used.
    fn snapshot(&self, aggregate_type: &str) -> Option<&Program> {
        let own = self.sections(aggregate_type).find_map(|section| section.snapshot.as_ref());
        own.or_else(|| self.0.beneath.as_ref()?.snapshot(aggregate_type))
    }

    /// What makes the state of events of a type.
    #[must_use]
    pub fn maker(&self, aggregate_type: &str, event_type: &str) -> Maker {
        match self.rule(aggregate_type, event_type) {
            None => Maker::Nothing,
            Some(rule) if matches!(rule.action, Action::Guess) => Maker::Guess,
            Some(rule) => Maker::Rule(rule.event_type.as_str().into()),
        }
    }

    /// Whether others fold events of these types, in streams of an aggregate type, as these do: the rules that differ
    /// are for events that are not there. Then what these have folded need not be folded again.
    #[must_use]
    pub fn fold_alike<'t>(
        &self,
        others: &Self,
        aggregate_type: &str,
        event_types: impl IntoIterator<Item = &'t str>,
    ) -> bool {
        let form = |reducers: &Self| (reducers.uses_jq(aggregate_type), reducers.initial(aggregate_type));
        form(self) == form(others)
            && event_types.into_iter().all(|event_type| {
                let action = |reducers: &Self| {
                    reducers.rule(aggregate_type, event_type).map(|rule| rule.action.text().to_owned())
                };
                let upcasts = |reducers: &Self| -> Vec<(u64, String)> {
                    let all = reducers.upcasts(event_type);
                    all.iter().map(|upcast| (upcast.from, upcast.program.text().to_owned())).collect()
                };
                action(self) == action(others) && upcasts(self) == upcasts(others)
            })
    }

    /// What must hold at every version, each with the pattern of the aggregate types that it is about.
    pub(crate) fn invariants(&self) -> impl Iterator<Item = (&Pattern, &Arc<Predicate>)> {
        let sections = self.0.sections.iter();
        sections.flat_map(|section| section.invariants.iter().map(|predicate| (&section.aggregate, predicate)))
    }

    /// The state of a stream of this aggregate type before its first event.
    pub(crate) fn initial(&self, aggregate_type: &str) -> Value {
        let initial = self.sections(aggregate_type).find_map(|section| section.initial.clone());
        initial.unwrap_or_else(|| Value::Object(Map::new()))
    }

    /// Whether any rule for this aggregate type is written in jq.
    pub(crate) fn uses_jq(&self, aggregate_type: &str) -> bool {
        self.sections(aggregate_type)
            .flat_map(|section| &section.rules)
            .any(|rule| matches!(rule.action, Action::Jq(_)))
    }

    /// Whether of the events of an aggregate type's streams they look at nothing but the type and the data.
    pub(crate) fn read_data_alone(&self, aggregate_type: &str) -> bool {
        let alone = |rule: &Arc<Rule>| match &rule.action {
            Action::Guess | Action::Merge | Action::Replace | Action::Ignore => true,
            Action::Jq(program) => program.native().is_some_and(Native::reads_data_alone),
        };
        self.0.upcasts.is_empty() && self.sections(aggregate_type).flat_map(|section| &section.rules).all(alone)
    }

    /// The rule for an event type of an aggregate type.
    pub(crate) fn rule(&self, aggregate_type: &str, event_type: &str) -> Option<Arc<Rule>> {
        let mut rules = self.sections(aggregate_type).flat_map(|section| &section.rules);
        rules.find(|rule| rule.event_type.matches(event_type)).cloned()
    }

    /// The rule for an event type of an aggregate type as it is written; `None` where there is none.
    #[must_use]
    pub fn written(&self, aggregate_type: &str, event_type: &str) -> Option<WrittenRule> {
        let rule = self.rule(aggregate_type, event_type)?;
        Some(WrittenRule { event_type: rule.event_type.as_str().into(), text: rule.action.text().into() })
    }

    /// The state of a stream of this aggregate type before its first event, where it is not empty, as JSON.
    #[must_use]
    pub fn written_initial(&self, aggregate_type: &str) -> Option<String> {
        let initial = self.initial(aggregate_type);
        let empty = initial.as_object().is_some_and(Map::is_empty);
        (!empty).then(|| serde_json::to_string_pretty(&initial).unwrap_or_default())
    }

    /// The upcasters for an event type as they are written, with the schema version that each takes.
    #[must_use]
    pub fn written_upcasts(&self, event_type: &str) -> Vec<(u64, String)> {
        let mut upcasts: Vec<(u64, String)> = Vec::new();
        for upcast in self.upcasts(event_type) {
            // The most specific one counts.
            if !upcasts.iter().any(|(from, _)| *from == upcast.from) {
                upcasts.push((upcast.from, upcast.program.text().to_owned()));
            }
        }
        upcasts.sort_by_key(|(from, _)| *from);
        upcasts
    }

    /// The upcasters for an event type, the most specific first.
    pub(crate) fn upcasts(&self, event_type: &str) -> Vec<Arc<Upcast>> {
        self.0.upcasts.iter().filter(|upcast| upcast.event_type.matches(event_type)).cloned().collect()
    }

    fn sections(&self, aggregate_type: &str) -> impl Iterator<Item = &Section> {
        let mut rules = self;
        while let Some(beneath) = rules.0.beneath.as_ref().filter(|_| !rules.has_section(aggregate_type)) {
            rules = beneath;
        }
        let sections = rules.0.sections.iter().map(AsRef::as_ref);
        sections.filter(move |section: &&Section| section.aggregate.matches(aggregate_type))
    }
}
