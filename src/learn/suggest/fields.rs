//! What fields are by their names and by where they occur: keys, circumstances, what surrounds every event.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::super::facts::{Facts, Field, Kind, Root};
use super::super::verbs;
use super::super::words::{singular, words};

/// How a kind of event behaves.
#[derive(Clone, Copy, Default)]
pub(super) struct Habit {
    /// It begins most of the streams that it occurs in.
    pub(super) begins: bool,
    /// It happens to hardly any stream twice.
    pub(super) once: bool,
}

pub(super) fn habit(facts: &Facts, kind: usize) -> Habit {
    let Some(known) = facts.kinds.get(kind) else { return Habit::default() };
    let (mut streams, mut again) = (0_usize, 0_usize);
    for (_, events) in &facts.streams {
        let count =
            events.iter().filter(|event| facts.events.get(**event).is_some_and(|fact| fact.kind == kind)).count();
        streams += usize::from(count > 0);
        again += usize::from(count > 1);
    }
    let begins = known.first * 10 >= known.count * 9 && known.count > 0;
    Habit { begins, once: begins || (streams > 0 && again * 50 <= streams) }
}

/// The fields that turn up in events of which they are not: they say how an event came about, and nothing of a state.
#[derive(Default)]
pub(in super::super) struct Strays {
    fields: HashSet<Vec<Arc<str>>>,
    /// Whether most types of events have some that are known by their names.
    usual: bool,
}

impl Strays {
    /// Those of a whole store: what its types have in common is seen best together.
    pub(in super::super) fn of(types: &[&Facts]) -> Self {
        let mut seen: HashMap<&[Arc<str>], Occurrence> = HashMap::new();
        for (index_of_type, facts) in types.iter().copied().enumerate() {
            let begun: HashSet<&[Arc<str>]> = beginnings(facts).map(|field| &*field.path).collect();
            for (index, kind) in facts.kinds.iter().enumerate() {
                // An event that speaks of none of its fields may be about all of them.
                let speaks =
                    kind.fields.iter().any(|field| is_member(field) && mentions(&kind.event_type, field.name()));
                let about_all = habit(facts, index).begins || verbs::changes(&kind.event_type) && !speaks;
                let says = verbs::says(&kind.event_type);
                let mut subject = words(&kind.event_type);
                subject.pop();
                for field in kind.fields.iter().filter(|field| is_member(field) && !is_key(field)) {
                    let counted = field.counts() && verbs::direction(&kind.event_type) != 0;
                    let told = mentions(&kind.event_type, field.name());
                    let occurrence = seen.entry(&field.path).or_default();
                    occurrence.told |= told;
                    // What streams begin with, an event that changes something may change with it.
                    let anew = says && begun.contains(&*field.path);
                    if !told && !counted && !about_all && !anew {
                        occurrence.strange.insert((index_of_type, subject.clone()));
                        occurrence.begun |= begun.contains(&*field.path);
                    }
                }
            }
        }
        let everywhere = |path: &[Arc<str>]| types.iter().any(|facts| is_everywhere(facts, path));
        // One that all events of a type have is of the store; one that several have that are not about it, or that the
        // first event has and one that is not about it, is a circumstance.
        let strays = seen.into_iter().filter(|(path, occurrence)| {
            (occurrence.strange.len() > 1 || occurrence.begun) && !occurrence.told && !everywhere(path)
        });
        let fields = strays.map(|(path, _)| path.to_vec()).collect();
        let kinds = || types.iter().flat_map(|facts| &facts.kinds);
        let circumstantial = |kind: &&Kind| kind.fields.iter().any(|field| is_member(field) && is_circumstance(field));
        Self { fields, usual: kinds().filter(circumstantial).count() * 2 > kinds().count() }
    }

    pub(super) fn has(&self, field: &Field) -> bool {
        self.fields.contains(&field.path)
    }

    /// Whether the events of this store say more than what comes of them: then what nothing confirms is not believed.
    pub(super) fn are_many(&self) -> bool {
        self.usual || !self.fields.is_empty()
    }
}

/// The members of the events that begin streams.
fn beginnings(facts: &Facts) -> impl Iterator<Item = &Field> {
    let kinds = facts.kinds.iter().enumerate().filter(|(index, _)| habit(facts, *index).begins);
    kinds.flat_map(|(_, kind)| kind.fields.iter().filter(|field| is_member(field)))
}

/// Where a field occurs.
#[derive(Default)]
struct Occurrence {
    /// What the event types are about that have it and are not about it, as it is that of an aggregate type.
    strange: HashSet<(usize, Vec<String>)>,
    /// Whether streams that have one of them begin with it, too.
    begun: bool,
    /// Whether one speaks of it.
    told: bool,
}

/// Whether all kinds of events have a field: it surrounds events, as their time does.
pub(super) fn is_everywhere(facts: &Facts, path: &[Arc<str>]) -> bool {
    let has = |kind: &Kind| kind.fields.iter().any(|other| is_member(other) && other.path == path);
    facts.kinds.len() > 2 && facts.kinds.iter().all(has)
}

/// Whether an event type has all the words of a name.
pub(super) fn mentions(event_type: &str, name: &str) -> bool {
    let normal = |name: &str| words(name).iter().map(|word| singular(word)).collect::<Vec<_>>();
    let (all, own) = (normal(event_type), normal(name));
    !own.is_empty() && own.iter().all(|word| all.contains(word))
}

/// Whether an event type speaks of what a name is about, if in other words, too.
pub(super) fn concerns(event_type: &str, name: &str) -> bool {
    super::super::words::agreement(event_type, name) > 0.0
}

/// A member of the data itself.
pub(super) fn is_member(field: &Field) -> bool {
    field.root == Root::Data && field.path.len() == 1
}

/// Whether a field tells how an event came about, and not what it is about.
pub(super) fn is_circumstance(field: &Field) -> bool {
    const CIRCUMSTANCES: [&str; 26] = [
        "memo",
        "note",
        "comment",
        "reason",
        "channel",
        "device",
        "request id",
        "trace id",
        "correlation id",
        "causation id",
        "command id",
        "event id",
        "message id",
        "user agent",
        "ip",
        "ip address",
        "client",
        "via",
        "trigger",
        "retries",
        "attempt",
        "attempts",
        "batch",
        "event version",
        "schema version",
        "occurred at",
    ];
    let name = words(field.name()).join(" ");
    CIRCUMSTANCES.contains(&name.as_str()) || field.path.first().is_some_and(|name| name.starts_with('_'))
}

/// Whether a field looks like one that names things.
pub(super) fn is_key(field: &Field) -> bool {
    let last = words(field.name()).pop().unwrap_or_default();
    let keys: BTreeSet<&str> = ["id", "key", "uuid", "sku", "code", "no", "number", "ref"].into();
    keys.contains(last.as_str()) && field.lists + field.objects == 0
}

/// Whether a field has a part of a name of which a state may have the whole.
pub(super) fn is_part_of_name(field: &Field) -> bool {
    let parts = words(field.name());
    matches!(parts.as_slice(), [only] if ["first", "last", "middle", "family", "given"].contains(&only.as_str()))
}

/// What a document is called that has a name for nothing but that it holds others.
pub(super) fn is_container(name: &str) -> bool {
    ["details", "data", "payload", "info", "fields", "properties", "params"].contains(&words(name).join(" ").as_str())
}

/// A name as the events write theirs.
pub(super) fn styled(name: &str, like: &str) -> Arc<str> {
    let parts = words(name);
    let capital = |part: &String| {
        part.chars().next().into_iter().flat_map(char::to_uppercase).chain(part.chars().skip(1)).collect::<String>()
    };
    if like.starts_with(char::is_uppercase) {
        return parts.iter().map(capital).collect::<String>().into();
    }
    if like.contains(char::is_uppercase) {
        let mut parts = parts.iter();
        let first = parts.next().cloned().unwrap_or_default();
        return (first + &parts.map(capital).collect::<String>()).into();
    }
    name.into()
}
