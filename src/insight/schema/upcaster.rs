//! The skeleton of an upcaster between two schema versions of an event type: what came, what went, what may have been
//! renamed, what has another kind. Whoever wrote the events knows what they mean: it is a beginning, and says so.
//!
//! It is written as a filter of jq, which a reducers file takes, or as a function in Rust for the application itself.

use super::paths::PathStep;
use super::shape::{Kind, Shape};
use super::upcaster_steps::{At, Step, Upcaster};
use super::{TypeSchema, upcaster_jq, upcaster_rust};
use crate::replay::toml_text;

/// From how much evidence on a path is taken for another one under a new name.
const ENOUGH: u32 = 4;

/// A path of a schema.
struct Known<'s> {
    at: At,
    shape: &'s Shape,
    presence: f64,
}

impl Upcaster {
    /// The one that leads from a schema version of a type to another.
    #[must_use]
    pub fn between(before: &TypeSchema, after: &TypeSchema) -> Self {
        let versions = (before.schema_version.clone(), after.schema_version.clone());
        let events = (before.events.count, after.events.count);
        Self { event_type: after.event_type.clone(), versions, events, steps: steps(before, after) }
    }

    /// As a filter of jq from the data of the older version to that of the newer.
    #[must_use]
    pub fn jq(&self) -> String {
        upcaster_jq::write(self)
    }

    /// As a section of a reducers file; `None` where its versions are no numbers that follow each other.
    #[must_use]
    pub fn section(&self) -> Option<String> {
        let (name, number) = (toml_text::basic(&self.event_type), self.number()?);
        Some(format!("[upcast.{name}]\n{number} = {}\n", toml_text::literal(&self.jq())))
    }

    /// As Rust: a function that changes a document, with the helpers that it calls. It needs `serde_json` alone.
    #[must_use]
    pub fn rust(&self) -> String {
        upcaster_rust::write(self)
    }

    /// The version that it takes, as the upcasters of a reducers file are named: a number, from which one more is the one
    /// that it gives. `None` where the versions are no such numbers.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        let number = |version: &Option<String>| version.as_ref()?.parse::<u64>().ok();
        let (from, to) = (number(&self.versions.0)?, number(&self.versions.1)?);
        (from.checked_add(1) == Some(to)).then_some(from)
    }

    /// A sentence on what it is.
    pub(super) fn told(&self) -> String {
        let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
        format!(
            "{} from schema version {} to {}: a skeleton, told from {} and {} events. Check every line.",
            self.event_type,
            version(&self.versions.0),
            version(&self.versions.1),
            self.events.0,
            self.events.1
        )
    }
}

fn known(schema: &TypeSchema) -> Vec<Known<'_>> {
    let paths = schema.paths().into_iter();
    let known =
        paths.filter_map(|path| Some(Known { at: At::of(&path.steps)?, shape: path.shape, presence: path.presence }));
    // The keys of a map are no names that could come or go.
    known.filter(|known| !known.at.around.contains(&PathStep::AnyMember)).collect()
}

/// Those that the other has not, without what lies within another one of them.
fn only<'k, 's>(these: &'k [Known<'s>], others: &[Known<'_>]) -> Vec<&'k Known<'s>> {
    // What lies in something that held nothing before came with its other kind, and that is told by itself.
    let holds = |shape: &Shape| shape.count_of(Kind::Object) + shape.count_of(Kind::Array) > 0;
    let is_there = |at: &At| {
        let held = |other: &Known<'_>| at.around.starts_with(&other.at.steps()) && !holds(other.shape);
        others.iter().any(|other| other.at == *at || held(other))
    };
    let mut found: Vec<&Known<'_>> = Vec::new();
    for known in these.iter().filter(|known| !is_there(&known.at)) {
        if !found.iter().any(|outer| known.at.around.starts_with(&outer.at.steps())) {
            found.push(known);
        }
    }
    found
}

fn steps(before: &TypeSchema, after: &TypeSchema) -> Vec<Step> {
    let (old, new) = (known(before), known(after));
    let (gone, came) = (only(&old, &new), only(&new, &old));
    let renamed = renamed(&gone, &new, &old);
    let is_target = |at: &At| renamed.iter().any(|(_, to)| to.at == *at);
    let mut steps = Vec::new();
    for known in came.iter().filter(|known| !is_target(&known.at)) {
        let at = known.at.clone();
        if known.presence >= 1.0 {
            let kinds = known.shape.kinds().map(|(kind, _)| kind).collect();
            steps.push(Step::Add { at, kinds, value: known.shape.example() });
        } else {
            steps.push(Step::Sometimes { at });
        }
    }
    for (from, to) in &renamed {
        steps.push(Step::Rename { from: from.at.clone(), to: to.at.clone() });
    }
    for known in &gone {
        if !renamed.iter().any(|(from, _)| from.at == known.at) {
            steps.push(Step::Remove { at: known.at.clone() });
        }
    }
    for (old, new) in old.iter().filter_map(|old| Some((old, new.iter().find(|new| new.at == old.at)?))) {
        steps.extend(conversion(&old.at, old.shape, new.shape));
        if old.presence < 1.0 && new.presence >= 1.0 {
            let kinds = new.shape.kinds().map(|(kind, _)| kind).collect();
            steps.push(Step::Add { at: old.at.clone(), kinds, value: new.shape.example() });
        }
    }
    for (from, to) in &renamed {
        steps.extend(conversion(&to.at, from.shape, to.shape));
    }
    steps
}

/// What turns values of the kinds of one shape into those of another, where that takes anything.
fn conversion(at: &At, before: &Shape, after: &Shape) -> Option<Step> {
    let kinds = |shape: &Shape| -> Vec<Kind> { shape.kinds().map(|(kind, _)| kind).collect() };
    let (old, new) = (kinds(before), kinds(after));
    let numbers = |kinds: &[Kind]| {
        !kinds.is_empty() && kinds.iter().all(|kind| matches!(kind, Kind::Integer | Kind::Number | Kind::Null))
    };
    let texts =
        |kinds: &[Kind]| !kinds.is_empty() && kinds.iter().all(|kind| matches!(kind, Kind::String | Kind::Null));
    let fits = |kind: &Kind| new.contains(kind) || *kind == Kind::Integer && new.contains(&Kind::Number);
    let at = at.clone();
    if old.iter().all(fits) || numbers(&old) && numbers(&new) {
        None
    } else if numbers(&old) && texts(&new) {
        Some(Step::ToText { at })
    } else if texts(&old) && numbers(&new) {
        Some(Step::ToNumber { at })
    } else {
        Some(Step::Unclear { at, before: old, after: new })
    }
}

/// The paths that went, each with the one that seems to be it now, by how much speaks for that.
fn renamed<'k, 's>(
    gone: &[&'k Known<'s>],
    new: &'k [Known<'s>],
    old: &[Known<'_>],
) -> Vec<(&'k Known<'s>, &'k Known<'s>)> {
    let is_old = |at: &At| old.iter().any(|old| old.at == *at);
    let mut pairs: Vec<(u32, &Known<'_>, &Known<'_>)> = Vec::new();
    for from in gone {
        for to in new.iter().filter(|to| !is_old(&to.at)) {
            let evidence = alike(from, to);
            if evidence >= ENOUGH {
                pairs.push((evidence, *from, to));
            }
        }
    }
    pairs.sort_by_key(|(evidence, _, _)| std::cmp::Reverse(*evidence));
    let mut found: Vec<(&Known<'_>, &Known<'_>)> = Vec::new();
    for (_, from, to) in pairs {
        let is_free = |(taken, given): &(&Known<'_>, &Known<'_>)| taken.at != from.at && given.at != to.at;
        if found.iter().all(is_free) {
            found.push((from, to));
        }
    }
    found
}

/// How much speaks for a path being another one under a new name; 0 where it cannot be.
fn alike(from: &Known<'_>, to: &Known<'_>) -> u32 {
    let same_place = from.at.around == to.at.around;
    if !(same_place || from.at.is_single() && to.at.is_single()) {
        return 0;
    }
    let kind = |shape: &Shape| shape.kinds().filter(|(kind, _)| *kind != Kind::Null).max_by_key(|(_, span)| span.count);
    let kinds = kind(from.shape).zip(kind(to.shape)).map(|((from, _), (to, _))| (from, to));
    let numbers = |kind: Kind| matches!(kind, Kind::Integer | Kind::Number);
    let mut evidence = match kinds {
        Some((from, to)) if from == to || numbers(from) && numbers(to) => 1,
        // Cents became a text, or a text a number.
        Some((from, to)) if numbers(from) && to == Kind::String || from == Kind::String && numbers(to) => 0,
        _ => return 0,
    };
    evidence += u32::from(same_place);
    evidence += 2 * words_alike(&from.at.name, &to.at.name);
    let shared = from.shape.examples().any(|value| to.shape.examples().any(|other| other == value));
    let enumerated = from.shape.enumeration().zip(to.shape.enumeration());
    let overlaps = enumerated.is_some_and(|(from, to)| from.iter().any(|value| to.contains(value)));
    // Two flags share their values whatever they mean.
    let telling = kinds.is_some_and(|(kind, _)| matches!(kind, Kind::String | Kind::Integer | Kind::Number));
    evidence += 2 * u32::from((shared || overlaps) && telling);
    evidence += u32::from(from.shape.format().is_some() && from.shape.format() == to.shape.format());
    evidence + u32::from((from.presence >= 1.0) == (to.presence >= 1.0) && evidence > 1)
}

/// How alike two names are: 2 where they are the same but for how they are written, 1 where they share a word.
fn words_alike(one: &str, other: &str) -> u32 {
    let words = |name: &str| -> Vec<String> {
        let mut words: Vec<String> = vec![String::new()];
        let mut lower = false;
        for letter in name.chars() {
            let begins = !letter.is_alphanumeric() || letter.is_uppercase() && lower;
            if begins {
                words.push(String::new());
            }
            lower = letter.is_lowercase();
            if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
                word.extend(letter.to_lowercase());
            }
        }
        words.retain(|word| !word.is_empty());
        words
    };
    let (one, other) = (words(one), words(other));
    if one.concat() == other.concat() {
        return 2;
    }
    u32::from(one.iter().any(|word| word.len() > 2 && other.contains(word)))
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::super::fit::tests::schema;
    use super::*;
    use crate::event::{Event, Payload, StreamName};
    use crate::replay::{Fold, Reducers};

    /// Documents of an older version, and of a newer one.
    pub(in crate::insight::schema) fn old() -> Vec<serde_json::Value> {
        let of = |number: i64| {
            json!({"customerName": format!("Ann {number}"), "total": 100 + number, "weight": format!("{number}.5"),
                   "legacy": true, "lines": [{"sku": "cup", "amount": number}], "note": "x"})
        };
        (0..4).map(of).collect()
    }

    pub(in crate::insight::schema) fn new() -> Vec<serde_json::Value> {
        let of = |number: i64| {
            let mut document = json!({
                "customer": {"name": format!("Ann {number}"), "tier": "gold"}, "total": format!("{}", 100 + number),
                "weight": 0.5, "lines": [{"sku": "cup", "qty": number, "gift": false}], "note": {"text": "x"},
                "currency": "EUR",
            });
            if number == 0 {
                document["coupon"] = json!("SPRING");
            }
            document
        };
        (0..4).map(of).collect()
    }

    fn upcaster() -> Upcaster {
        let mut older = schema(&old());
        let mut newer = schema(&new());
        older.schema_version = Some("1".to_owned());
        newer.schema_version = Some("2".to_owned());
        Upcaster::between(&older, &newer)
    }

    #[test]
    fn what_came_went_and_changed_is_told_and_names_that_changed_are_guessed() {
        let upcaster = upcaster();
        let told: Vec<String> = upcaster
            .steps
            .iter()
            .map(|step| {
                let path = |at: &At| super::super::rule::path(&at.steps());
                match step {
                    Step::Add { at, value, .. } => format!("+ {} {value}", path(at)),
                    Step::Rename { from, to } => format!("{} -> {}", path(from), path(to)),
                    Step::Remove { at } => format!("- {}", path(at)),
                    Step::ToText { at } => format!("text {}", path(at)),
                    Step::ToNumber { at } => format!("number {}", path(at)),
                    Step::Unclear { at, .. } => format!("? {}", path(at)),
                    Step::Sometimes { at } => format!("~ {}", path(at)),
                }
            })
            .collect();
        assert_eq!(
            told,
            [
                r#"+ .customer {"name":"Ann 0","tier":"gold"}"#,
                "+ .lines[].gift false",
                r#"+ .currency "EUR""#,
                "~ .coupon",
                ".customerName -> .customer.name",
                ".lines[].amount -> .lines[].qty",
                "- .legacy",
                "text .total",
                "number .weight",
                "? .note",
            ]
        );
        assert_eq!((upcaster.number(), Upcaster { versions: (None, None), ..upcaster }.number()), (Some(1), None));
    }

    #[test]
    fn the_filter_of_jq_turns_old_documents_into_such_as_fit_where_that_can_be_told() {
        let newer = schema(&new());
        let jq = upcaster().jq();
        let file = format!("{}[aggregate.order.on]\nt = \"replace\"\n", upcaster().section().unwrap());
        let reducers = Reducers::parse(&file, "rules").unwrap();
        for document in old() {
            let mut fold = Fold::new(&reducers, "order");
            let (stream, data) = (StreamName::new("order", "1"), Payload::json(document));
            let schema_version = Some("1".to_owned());
            fold.step(&Event {
                stream,
                version: 1,
                event_type: "t".to_owned(),
                schema_version,
                data,
                ..Event::default()
            });
            let state = fold.state();
            let misfits: Vec<String> = newer.misfits(&state).iter().map(ToString::to_string).collect();
            assert_eq!(misfits, ["note is string, and was always object"], "{jq}\n{state}");
        }
    }

    #[test]
    fn versions_that_are_alike_take_nothing() {
        let same = schema(&old());
        let upcaster = Upcaster::between(&same, &same);
        assert_eq!(upcaster.steps, []);
        assert_eq!(upcaster.jq().lines().count(), 2);
        assert!(upcaster.rust().contains("Nothing can be told"));
    }

    #[test]
    fn names_are_compared_by_their_words() {
        for (one, other, wanted) in
            [("customer_id", "customerId", 2), ("customerName", "name", 1), ("a", "b", 0), ("qty", "amount", 0)]
        {
            assert_eq!(words_alike(one, other), wanted, "{one} {other}");
        }
    }
}
