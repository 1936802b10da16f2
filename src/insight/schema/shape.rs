//! What the values at one path of a type's documents are like: counted as they pass, in bounded memory.

use indexmap::IndexMap;
use serde_json::{Map, Number, Value};

use super::formats::{Common, Format};
use crate::event::Position;

/// With how many different keys the objects at a path are taken for a map: its keys are values, not names.
const MOST_MEMBERS: usize = 100;
/// How many different values are kept to tell an enumeration.
const MOST_VALUES: usize = 16;
/// The longest text, in bytes, that is kept as an example or as a value of an enumeration.
const LONGEST: usize = 80;
/// How many examples are shown.
const EXAMPLES: usize = 3;
/// How deep documents are looked into.
pub(super) const DEEPEST: usize = 32;

/// A kind of JSON value, whole numbers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number without fraction or exponent.
    Integer,
    /// Any other number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Null, Self::Boolean, Self::Integer, Self::Number, Self::String, Self::Array, Self::Object];

    /// The name that JSON Schema has for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// The kind of a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if is_whole(number) => Self::Integer,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

fn is_whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || !number.to_string().contains(['.', 'e', 'E'])
}

/// Where something was seen, by position and by the number of the event among those of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How often.
    pub count: u64,
    /// The position of the first event that has it.
    pub first: Position,
    /// The position of the last event that has it.
    pub last: Position,
    /// The first of these events, counted from 0 among those of the type.
    pub first_event: u64,
    /// The last of these events, counted likewise.
    pub last_event: u64,
}

impl Span {
    /// Something that was seen once.
    #[must_use]
    pub fn once(at: Place) -> Self {
        Self { count: 1, first: at.position, last: at.position, first_event: at.event, last_event: at.event }
    }

    pub(super) fn see(&mut self, at: Place) {
        self.count += 1;
        self.last = at.position;
        self.last_event = at.event;
    }
}

/// The event that a value is in.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its position.
    pub position: Position,
    /// Its number among the events of its type, from 0.
    pub event: u64,
}

/// The values at one path.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    seen: Option<Span>,
    kinds: [Option<Span>; Kind::ALL.len()],
    members: IndexMap<String, Self>,
    /// What the values of a map are like, whose keys are not names.
    any_member: Option<Box<Self>>,
    items: Option<Box<Self>>,
    range: Option<(Number, Number)>,
    lengths: Option<(usize, usize)>,
    formats: Common,
    values: Values,
}

/// The different short values at a path, as long as they are few.
#[derive(Clone, Debug, Default)]
struct Values {
    found: Vec<(Value, u64)>,
    overflowed: bool,
}

impl Values {
    fn see(&mut self, value: &Value) {
        if let Some((_, count)) = self.found.iter_mut().find(|(known, _)| known == value) {
            *count += 1;
        } else if self.found.len() == MOST_VALUES || matches!(value, Value::String(text) if text.len() > LONGEST) {
            self.overflowed = true;
        } else {
            self.found.push((value.clone(), 1));
        }
    }
}

impl Shape {
    /// Takes a value in.
    pub fn see(&mut self, value: &Value, at: Place) {
        self.see_within(value, at, 0);
    }

    fn see_within(&mut self, value: &Value, at: Place, depth: usize) {
        note(&mut self.seen, at);
        if let Some(kind) = self.kinds.get_mut(Kind::of(value) as usize) {
            note(kind, at);
        }
        match value {
            Value::Bool(_) => self.values.see(value),
            Value::Number(number) => {
                self.values.see(value);
                self.widen(number);
            }
            Value::String(text) => {
                self.values.see(value);
                self.formats.see(text);
                self.measure(text.chars().count());
            }
            Value::Array(items) => {
                self.measure(items.len());
                if depth < DEEPEST {
                    let shape = self.items.get_or_insert_default();
                    for item in items {
                        shape.see_within(item, at, depth + 1);
                    }
                }
            }
            Value::Object(members) if depth < DEEPEST => self.see_members(members, at, depth),
            Value::Null | Value::Object(_) => {}
        }
    }

    fn see_members(&mut self, members: &Map<String, Value>, at: Place, depth: usize) {
        for (name, value) in members {
            if let Some(any) = &mut self.any_member {
                any.see_within(value, at, depth + 1);
            } else if let Some(member) = self.members.get_mut(name) {
                member.see_within(value, at, depth + 1);
            } else if self.members.len() < MOST_MEMBERS {
                self.members.entry(name.clone()).or_default().see_within(value, at, depth + 1);
            } else {
                let mut any = Self::default();
                std::mem::take(&mut self.members).into_values().for_each(|member| any.merge(member));
                any.see_within(value, at, depth + 1);
                self.any_member = Some(Box::new(any));
            }
        }
    }

    /// Takes in what another shape saw, before or after or among what this one did.
    fn merge(&mut self, other: Self) {
        merge_spans(&mut self.seen, other.seen);
        self.kinds.iter_mut().zip(other.kinds).for_each(|(mine, theirs)| merge_spans(mine, theirs));
        for (name, member) in other.members {
            self.members.entry(name).or_default().merge(member);
        }
        for (mine, theirs) in [(&mut self.any_member, other.any_member), (&mut self.items, other.items)] {
            match (mine.as_mut(), theirs) {
                (Some(mine), Some(theirs)) => mine.merge(*theirs),
                (None, Some(theirs)) => *mine = Some(theirs),
                (_, None) => {}
            }
        }
        if let Some((least, most)) = other.range {
            self.widen(&least);
            self.widen(&most);
        }
        if let Some((least, most)) = other.lengths {
            self.measure(least);
            self.measure(most);
        }
        self.formats.merge(other.formats);
        self.values.overflowed |= other.values.overflowed;
        for (value, count) in other.values.found {
            self.values.see(&value);
            if let Some((_, known)) = self.values.found.iter_mut().find(|(known, _)| *known == value) {
                *known += count - 1;
            }
        }
    }

    fn widen(&mut self, number: &Number) {
        let size = |number: &Number| number.as_f64().unwrap_or_default();
        match &mut self.range {
            None => self.range = Some((number.clone(), number.clone())),
            Some((least, _)) if size(number) < size(least) => *least = number.clone(),
            Some((_, most)) if size(number) > size(most) => *most = number.clone(),
            Some(_) => {}
        }
    }

    fn measure(&mut self, length: usize) {
        let (least, most) = self.lengths.unwrap_or((length, length));
        self.lengths = Some((least.min(length), most.max(length)));
    }

    /// Where values were seen here; `None` where none was.
    #[must_use]
    pub fn seen(&self) -> Option<Span> {
        self.seen
    }

    /// How many values were seen here.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.seen.map_or(0, |seen| seen.count)
    }

    /// The kinds of the values, with where each was seen.
    pub fn kinds(&self) -> impl Iterator<Item = (Kind, Span)> + '_ {
        Kind::ALL.into_iter().zip(&self.kinds).filter_map(|(kind, span)| Some((kind, (*span)?)))
    }

    /// How many of the values were of a kind.
    #[must_use]
    pub fn count_of(&self, kind: Kind) -> u64 {
        self.kinds.get(kind as usize).copied().flatten().map_or(0, |span| span.count)
    }

    /// The members of the objects, in the order in which they were met; none where the objects are maps.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.members.iter().map(|(name, member)| (name.as_str(), member))
    }

    /// What the values of the objects are like, where these are maps whose keys are no names.
    #[must_use]
    pub fn any_member(&self) -> Option<&Self> {
        self.any_member.as_deref()
    }

    /// What the items of the lists are like.
    #[must_use]
    pub fn items(&self) -> Option<&Self> {
        self.items.as_deref().filter(|items| items.seen.is_some())
    }

    /// The least and the largest of the numbers.
    #[must_use]
    pub fn range(&self) -> Option<(&Number, &Number)> {
        self.range.as_ref().map(|(least, most)| (least, most))
    }

    /// The shortest and the longest of the texts, in characters, and of the lists, in items.
    #[must_use]
    pub fn lengths(&self) -> Option<(usize, usize)> {
        self.lengths
    }

    /// The form that all texts have; `None` where there is none, or also other values.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.formats.format()
    }

    /// All the values, where they are few texts that come again and again.
    #[must_use]
    pub fn enumeration(&self) -> Option<Vec<&str>> {
        let values = &self.values.found;
        let all: u64 = values.iter().map(|(_, count)| count).sum();
        let is_few = !self.values.overflowed && values.len() <= 12 && all >= 4 * values.len() as u64;
        let is_id = self.format().is_some();
        if values.is_empty() || !is_few || is_id {
            return None;
        }
        values.iter().map(|(value, _)| value.as_str()).collect()
    }

    /// Some of the values.
    pub fn examples(&self) -> impl Iterator<Item = &Value> {
        self.values.found.iter().map(|(value, _)| value).take(EXAMPLES)
    }
}

fn note(span: &mut Option<Span>, at: Place) {
    match span {
        Some(span) => span.see(at),
        None => *span = Some(Span::once(at)),
    }
}

fn merge_spans(mine: &mut Option<Span>, theirs: Option<Span>) {
    let Some(theirs) = theirs else { return };
    let Some(mine) = mine else {
        *mine = Some(theirs);
        return;
    };
    mine.count += theirs.count;
    if theirs.first_event < mine.first_event {
        (mine.first, mine.first_event) = (theirs.first, theirs.first_event);
    }
    if theirs.last_event > mine.last_event {
        (mine.last, mine.last_event) = (theirs.last, theirs.last_event);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(values: &[Value]) -> Shape {
        let mut shape = Shape::default();
        for (number, value) in (0..).zip(values) {
            shape.see(value, Place { position: 100 + i64::try_from(number).unwrap(), event: number });
        }
        shape
    }

    fn member<'a>(shape: &'a Shape, name: &str) -> &'a Shape {
        shape.members().find(|(other, _)| *other == name).unwrap().1
    }

    #[test]
    fn each_path_says_what_stood_there_and_from_where_to_where() {
        let shape = shape(&[json!({"a": 1}), json!({"a": 2.5, "b": "x"}), json!({"b": "y"})]);
        let (a, b) = (member(&shape, "a"), member(&shape, "b"));
        assert_eq!((shape.count(), a.count(), b.count()), (3, 2, 2));
        assert_eq!(a.kinds().map(|(kind, _)| kind).collect::<Vec<_>>(), [Kind::Integer, Kind::Number]);
        assert_eq!(a.range(), Some((&Number::from(1), &Number::from_f64(2.5).unwrap())));
        assert_eq!((b.seen().unwrap().first, b.seen().unwrap().last), (101, 102));
        assert_eq!(b.examples().collect::<Vec<_>>(), [&json!("x"), &json!("y")]);
    }

    #[test]
    fn texts_that_come_again_and_again_are_an_enumeration() {
        let states: Vec<Value> = ["open", "closed"].iter().cycle().take(20).map(|state| json!(state)).collect();
        assert_eq!(shape(&states).enumeration(), Some(vec!["open", "closed"]));
        let names: Vec<Value> = (0..40).map(|number| json!(format!("name {number}"))).collect();
        assert_eq!(shape(&names).enumeration(), None);
    }

    #[test]
    fn objects_with_very_many_keys_are_maps() {
        let maps: Vec<Value> = (0..300).map(|number| json!({format!("sku-{number}"): number})).collect();
        let shape = shape(&maps);
        assert_eq!(shape.members().count(), 0);
        let any = shape.any_member().unwrap();
        assert_eq!((any.count(), any.range()), (300, Some((&Number::from(0), &Number::from(299)))));
        assert_eq!(any.seen().unwrap().last_event, 299);
    }
}
