//! What a rule looks at in the event: to hand it all of an event costs more than most rules do.

use std::collections::BTreeMap;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::Term;
use jaq_core::path::{Opt, Part};
use jaq_json::{Map, Val};

use super::super::fact::Fact;
use super::super::val;

/// The name by which rules know the event.
pub(super) const EVENT: &str = "$event";

/// Keys on the way into an event, to what is looked at as a whole.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    whole: bool,
    keys: BTreeMap<String, Reads>,
}

impl Reads {
    /// Notes that all of it is looked at.
    pub(super) fn note_whole(&mut self) {
        self.whole = true;
        self.keys.clear();
    }

    /// Notes what a path from it leads to, as far as that stands in the rule; false where its first step does not.
    pub(super) fn note_path(&mut self, path: &[(Part<Term<&str>>, Opt)]) -> bool {
        let mut place = self;
        for (number, (part, _)) in path.iter().enumerate() {
            match key(part) {
                Some(key) if !place.whole => place = place.keys.entry(key.to_owned()).or_default(),
                None if number == 0 => return false,
                _ => break,
            }
        }
        place.note_whole();
        true
    }

    /// The event as far as the rule looks at it.
    pub(crate) fn of(&self, fact: &Fact<'_>) -> Val {
        self.part(fact, &mut Vec::new()).unwrap_or_else(|| fact.value())
    }

    fn part(&self, fact: &Fact<'_>, way: &mut Vec<String>) -> Option<Val> {
        if self.whole {
            return if way.is_empty() { None } else { fact.look(way) };
        }
        let mut object = Map::default();
        for (key, inner) in &self.keys {
            way.push(key.clone());
            let value = inner.part(fact, way);
            way.pop();
            object.insert(val::from_text(key), value?);
        }
        Some(Val::obj(object))
    }
}

/// The key that a step of a path names in the rule itself.
fn key<'s>(part: &Part<Term<&'s str>>) -> Option<&'s str> {
    match part {
        Part::Index(Term::Str(None, parts)) => match parts.as_slice() {
            [StrPart::Str(key)] => Some(key),
            _ => None,
        },
        _ => None,
    }
}
