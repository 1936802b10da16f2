//! What surrounds the events of one command: who gave it, through what it came, what caused it, and its metadata.

use std::fmt::Write as _;

use super::super::chance::Chance;
use super::super::journal::Moment;
use crate::event::Json;

/// So many of the latest commands can cause another one.
const REMEMBERED: usize = 256;

/// Who acts, what kind of actor that is, and through what it comes.
const ACTORS: [(&str, &str, &str, i64); 10] = [
    ("anna", "user", "ui", 14),
    ("bruno", "user", "ui", 9),
    ("Inês Carvalho", "user", "ui", 6),
    ("tom", "user", "api", 12),
    ("checkout", "service", "system", 25),
    ("payments", "service", "webhook", 14),
    ("stock-keeper", "service", "system", 12),
    ("import", "system", "import", 5),
    ("sweeper", "system", "system", 2),
    ("健太", "user", "ui", 1),
];

/// An event that can cause others, and the request that it belongs to.
#[derive(Clone)]
pub(super) struct Cause {
    pub(super) event: Option<String>,
    pub(super) correlation: String,
}

/// What surrounds the events of one command.
pub(super) struct Context {
    pub(super) actor: &'static str,
    pub(super) actor_type: &'static str,
    pub(super) source: &'static str,
    pub(super) cause: Cause,
    pub(super) metadata: Json,
}

/// The latest commands.
#[derive(Default)]
pub(super) struct Latest {
    causes: Vec<Cause>,
    next: usize,
}

impl Latest {
    /// What surrounds a command at a moment: one in three follows from another.
    pub(super) fn context(&self, moment: Moment, chance: &mut Chance) -> Context {
        let (actor, actor_type, source, _) =
            chance.weighted(&ACTORS, |actor| actor.3).copied().unwrap_or(("anna", "user", "ui", 1));
        let followed = if chance.percent(35) { self.any(chance) } else { None };
        let cause = followed.cloned().unwrap_or_else(|| request(moment, chance));
        Context { actor, actor_type, source, cause, metadata: metadata(actor_type, chance) }
    }

    /// Remembers the last event of a command.
    pub(super) fn remember(&mut self, cause: Cause) {
        match self.causes.get_mut(self.next) {
            Some(oldest) => *oldest = cause,
            None => self.causes.push(cause),
        }
        self.next = (self.next + 1) % REMEMBERED;
    }

    fn any(&self, chance: &mut Chance) -> Option<&Cause> {
        let count = i64::try_from(self.causes.len()).unwrap_or(0);
        self.causes.get(usize::try_from(chance.between(0, count)).unwrap_or(0))
    }
}

/// A request from outside. Its id begins with its moment, as sortable ids do.
fn request(moment: Moment, chance: &mut Chance) -> Cause {
    let correlation = format!("req-{:013x}{:04x}", moment, chance.bits() & 0xFFFF);
    Cause { event: None, correlation }
}

fn metadata(actor_type: &str, chance: &mut Chance) -> Json {
    let mut text = String::with_capacity(96);
    let bits = chance.bits();
    // Writing to a string never fails.
    let _ = match actor_type {
        "user" => write!(text, r#"{{"ip":"203.0.113.{}","session":"s-{:08x}"}}"#, bits % 250 + 1, bits >> 32),
        "service" => write!(text, r#"{{"handler":"on-{}","host":"node-{}"}}"#, bits % 7, bits >> 32 & 7),
        _ => write!(text, "null"),
    };
    Json::text(text).unwrap_or_else(|_| serde_json::Value::Null.into())
}
