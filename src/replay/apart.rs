//! What events say that their rules do not read: it belongs to the events alone, and is told apart from the state, with
//! the last of each kind, how many there were, and what their numbers come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::reducers::Reducers;
use crate::event::{Event, Version};

/// How many fields of one event type are kept.
const FIELDS: usize = 24;

/// How deep fields are looked for.
const DEEPEST: usize = 3;

/// The longest value that is kept, in characters.
const LONGEST: usize = 80;

/// How events say what they are called: all rules reach an event's data by it.
const DATA: &str = "$event.data";

/// Counts what the events of one stream say for themselves.
#[derive(Clone, Debug)]
pub struct Apart {
    reducers: Reducers,
    aggregate_type: String,
    version: Option<Version>,
    types: BTreeMap<Arc<str>, ApartType>,
    /// What the rules read, by event type; `None` where they read everything.
    reads: BTreeMap<Arc<str>, Option<Vec<Vec<String>>>>,
}

/// What events of one type say for themselves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApartType {
    /// How many events of it there were.
    pub count: u64,
    /// The version of the last one.
    pub last: Version,
    /// What the last one said, by its place in the data: `price.amount`.
    pub fields: IndexMap<String, ApartField>,
}

/// One thing that events say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApartField {
    /// What the last event said, as JSON, in short.
    pub last: String,
    /// What all events come to, where they are numbers and there is more than one.
    pub sum: Option<String>,
    total: Option<Sum>,
    numbers: u64,
}

impl Apart {
    /// Nothing was counted yet.
    #[must_use]
    pub fn new(reducers: &Reducers, aggregate_type: &str) -> Self {
        Self {
            reducers: reducers.clone(),
            aggregate_type: aggregate_type.to_owned(),
            version: None,
            types: BTreeMap::new(),
            reads: BTreeMap::new(),
        }
    }

    /// The version of the last event that was counted.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.version
    }

    /// What was counted, by event type. Types of which the rules read everything are left out.
    pub fn types(&self) -> impl Iterator<Item = (&Arc<str>, &ApartType)> {
        self.types.iter().filter(|(_, seen)| !seen.fields.is_empty())
    }

    /// Counts the next event.
    pub fn take(&mut self, event: &Event) {
        self.version = Some(event.version);
        let event_type: Arc<str> = event.event_type.as_str().into();
        let (reducers, aggregate_type) = (&self.reducers, &self.aggregate_type);
        let read = self.reads.entry(Arc::clone(&event_type)).or_insert_with(|| {
            match reducers.written(aggregate_type, &event_type) {
                Some(rule) => paths_read(&rule.text),
                None => Some(Vec::new()),
            }
        });
        let Some(read) = read else { return };
        let seen = self.types.entry(event_type).or_default();
        seen.count += 1;
        seen.last = event.version;
        seen.fields.values_mut().for_each(|field| field.last.clear());
        if let Some(Value::Object(members)) = event.data.value() {
            let mut path = Vec::new();
            seen.object(members, &mut path, read);
        }
        // What the last event no longer says stays where there is a sum of it.
        seen.fields.retain(|_, field| !field.last.is_empty() || field.sum.is_some());
    }
}

impl ApartType {
    fn object(&mut self, members: &serde_json::Map<String, Value>, path: &mut Vec<String>, read: &[Vec<String>]) {
        for (key, value) in members {
            path.push(key.clone());
            if !read.iter().any(|read| path.starts_with(read)) {
                match value {
                    Value::Object(inner) if path.len() < DEEPEST => self.object(inner, path, read),
                    Value::Object(_) | Value::Array(_) | Value::Null => {}
                    scalar => self.field(path.join("."), scalar),
                }
            }
            path.pop();
        }
    }

    fn field(&mut self, name: String, value: &Value) {
        if self.fields.len() >= FIELDS && !self.fields.contains_key(&name) {
            return;
        }
        let first = !self.fields.contains_key(&name);
        let field = self.fields.entry(name).or_default();
        let text = value.to_string();
        let cut = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
        field.last = format!("{}{}", text.get(..cut).unwrap_or_default(), if cut < text.len() { "…" } else { "" });
        if let Value::Number(number) = value {
            let number = Sum::of(number.as_str());
            field.total = if first { number } else { field.total.zip(number).and_then(|(a, b)| a.plus(b)) };
            field.numbers += 1;
        } else {
            field.total = None;
        }
        field.sum = field.total.filter(|_| field.numbers > 1).map(Sum::text);
    }
}

/// The places in an event's data that a rule reads; `None` where it reads all of it.
fn paths_read(rule: &str) -> Option<Vec<Vec<String>>> {
    if matches!(rule.trim(), "merge" | "replace" | "guess") {
        return None;
    }
    let mut paths = Vec::new();
    let mut rest = rule;
    while let Some(at) = rest.find("$event") {
        let from = rest.get(at..)?;
        let Some(mut after) = from.strip_prefix(DATA) else {
            after_name(from, &mut rest)?;
            continue;
        };
        let mut path = Vec::new();
        while let Some((key, left)) = step(after) {
            path.push(key);
            after = left;
        }
        if path.is_empty() {
            return None;
        }
        paths.push(path);
        rest = after;
    }
    Some(paths)
}

/// Goes on behind `$event` where it does not lead to the data; `None` where the event is used whole.
fn after_name<'r>(from: &'r str, rest: &mut &'r str) -> Option<()> {
    let after = from.strip_prefix("$event")?;
    *rest = after;
    after.starts_with('.').then_some(())
}

/// The first step of a path in jq, `.a` or `["a"]`, and what is behind it.
fn step(text: &str) -> Option<(String, &str)> {
    let quoted = text.strip_prefix(".[").or_else(|| text.strip_prefix('['));
    if let Some(inner) = quoted.filter(|inner| inner.starts_with('"')) {
        let mut values = serde_json::Deserializer::from_str(inner).into_iter::<String>();
        let key = values.next()?.ok()?;
        return Some((key, inner.get(values.byte_offset()..)?.strip_prefix(']')?));
    }
    let name = text.strip_prefix('.')?;
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(name.len());
    let (key, after) = name.split_at(end);
    (!key.is_empty()).then(|| (key.to_owned(), after))
}

/// A decimal number that loses no digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sum {
    units: i128,
    scale: u32,
}

impl Sum {
    fn of(number: &str) -> Option<Self> {
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let units = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { units, scale: u32::try_from(fraction.len()).ok()? })
    }

    fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let units = |sum: Self| 10_i128.checked_pow(scale - sum.scale)?.checked_mul(sum.units);
        Some(Self { units: units(self)?.checked_add(units(other)?)?, scale })
    }

    fn text(self) -> String {
        if self.scale == 0 {
            return self.units.to_string();
        }
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = format!("{:0width$}", self.units.unsigned_abs(), width = self.scale as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Payload;

    const RULES: &str = r"
        [aggregate.account.on]
        Opened = '.owner = $event.data.owner'
        Deposited = '.balance += $event.data.amount | .at = $event.timestamp'
        Noted = '. + $event.data'
    ";

    fn counted(events: &[(&str, Value)]) -> Apart {
        let mut apart = Apart::new(&Reducers::parse(RULES, "test").unwrap(), "account");
        for ((event_type, data), version) in events.iter().zip(1..) {
            let data = Payload::json(data.clone());
            apart.take(&Event { event_type: (*event_type).into(), version, data, ..Event::default() });
        }
        apart
    }

    #[test]
    fn what_no_rule_reads_is_counted_and_summed_to_the_last_digit() {
        let deposited = |fee: &str, by: &str| {
            let fee: Value = serde_json::from_str(fee).unwrap();
            ("Deposited", json!({"amount": 5, "fee": fee, "via": {"name": by}}))
        };
        let apart = counted(&[
            ("Opened", json!({"owner": "ann"})),
            deposited("0.10", "card"),
            deposited("0.2", "cash"),
            ("Lost", json!({"keys": 2})),
            ("Noted", json!({"n": 1})),
        ]);
        let types: Vec<_> = apart.types().map(|(name, _)| name.to_string()).collect();
        assert_eq!(types, ["Deposited", "Lost"]);
        let (_, deposited) = apart.types().next().unwrap();
        assert_eq!((deposited.count, deposited.last), (2, 3));
        let field = |name: &str| (deposited.fields[name].last.as_str(), deposited.fields[name].sum.as_deref());
        assert_eq!(field("fee"), ("0.2", Some("0.30")));
        assert_eq!(field("via.name"), ("\"cash\"", None));
        assert!(!deposited.fields.contains_key("amount"));
    }

    #[test]
    fn what_a_rule_reads_is_seen_in_its_text() {
        let read =
            |rule: &str| paths_read(rule).map(|paths| paths.iter().map(|path| path.join("/")).collect::<Vec<_>>());
        assert_eq!(read(".a = $event.data.a.b + $event.data[\"c d\"].e"), Some(vec!["a/b".into(), "c d/e".into()]));
        assert_eq!(read(".a = $event.type"), Some(Vec::new()));
        assert_eq!([read(". + $event.data"), read("f($event)"), read("merge")], [None, None, None]);
    }

    #[test]
    fn sums_are_exact_or_there_is_none() {
        let sum = |a: &str, b: &str| Some(Sum::of(a)?.plus(Sum::of(b)?)?.text());
        assert_eq!(sum("0.1", "0.2").as_deref(), Some("0.3"));
        assert_eq!(sum("-0.05", "0.01").as_deref(), Some("-0.04"));
        assert_eq!(sum("1e3", "1"), None);
        assert_eq!(sum(&i128::MAX.to_string(), "1"), None);
    }
}
