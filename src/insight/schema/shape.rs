//! What the values at one path of a type's documents are like: counted as they pass, in bounded memory.

use indexmap::IndexMap;
use serde_json::{Number, Value};

use super::formats::{Common, Format};
use super::range::Range;
use super::values::Values;
use crate::event::Position;
use crate::insight::node::{Look, Node};

/// With how many different keys the objects at a path are taken for a map: its keys are values, not names.
const MOST_MEMBERS: usize = 100;
/// How many values an enumeration has at most.
const MOST_NAMED: usize = 12;
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
        Self::of_look(&value.look())
    }

    fn of_look<N>(look: &Look<'_, N>) -> Self {
        match look {
            Look::Null => Self::Null,
            Look::Bool(_) => Self::Boolean,
            Look::Number(digits) if digits.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => Self::Number,
            Look::Number(_) => Self::Integer,
            Look::Text(_) => Self::String,
            Look::Items(_) => Self::Array,
            Look::Members(_) => Self::Object,
        }
    }
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

    /// Counts the events from another one on.
    pub(super) fn shift(&mut self, by: u64) {
        self.first_event += by;
        self.last_event += by;
    }

    /// Takes in where the same was seen elsewhere.
    pub(super) fn merge(&mut self, other: Self) {
        self.count += other.count;
        if other.first_event < self.first_event {
            (self.first, self.first_event) = (other.first, other.first_event);
        }
        if other.last_event > self.last_event {
            (self.last, self.last_event) = (other.last, other.last_event);
        }
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
    /// Whether it is the shape of the values of a map, or within one: such shapes are merged when the map is known for
    /// one, and then the order of their members tells nothing.
    within_map: bool,
    range: Option<Range>,
    lengths: Option<(usize, usize)>,
    formats: Common,
    values: Values,
}

impl Shape {
    /// Takes a value in.
    pub fn see(&mut self, value: &Value, at: Place) {
        self.see_within(value, at, 0);
    }

    /// Takes in a value as it is looked at, that lies so deep in its document.
    pub(in crate::insight) fn see_within<N: Node>(&mut self, node: &N, at: Place, depth: usize) {
        let look = node.look();
        note(&mut self.seen, at);
        if let Some(kind) = self.kinds.get_mut(Kind::of_look(&look) as usize) {
            note(kind, at);
        }
        match look {
            Look::Bool(_) => self.values.see(&look, at.event),
            Look::Number(digits) => {
                self.values.see(&look, at.event);
                match &mut self.range {
                    Some(range) => range.widen(digits),
                    None => self.range = Range::of(digits),
                }
            }
            Look::Text(text) => {
                self.values.see(&look, at.event);
                self.formats.see(text);
                self.measure(text.chars().count());
            }
            Look::Items(items) => {
                self.measure(items.len());
                if depth < DEEPEST {
                    let within_map = self.within_map;
                    let shape = self.items.get_or_insert_with(|| Box::new(Self::new(within_map)));
                    for item in items {
                        shape.see_within(item, at, depth + 1);
                    }
                }
            }
            Look::Members(_) if depth < DEEPEST => {
                let mut number = 0;
                node.each_member(|name, member| {
                    self.see_member((number, name), member, at, depth + 1);
                    number += 1;
                });
            }
            Look::Null | Look::Members(_) => {}
        }
    }

    fn new(within_map: bool) -> Self {
        Self { within_map, ..Self::default() }
    }

    /// Takes in the member of an object that has so many before it.
    fn see_member<N: Node>(&mut self, (number, name): (usize, &str), value: &N, at: Place, depth: usize) {
        if let Some(any) = &mut self.any_member {
            return any.see_within(value, at, depth);
        }
        // Objects of one type have the same members in the same order.
        if let Some((_, member)) = self.members.get_index_mut(number).filter(|(known, _)| *known == name) {
            return member.see_within(value, at, depth);
        }
        if let Some(member) = self.members.get_mut(name) {
            return member.see_within(value, at, depth);
        }
        let mut member = Self::new(self.within_map);
        member.see_within(value, at, depth);
        self.members.insert(name.to_owned(), member);
        self.settle();
    }

    /// Makes a map of objects with too many members.
    fn settle(&mut self) {
        if self.members.len() <= MOST_MEMBERS && self.any_member.is_none() {
            return;
        }
        let any = self.any_member.get_or_insert_with(|| Box::new(Self::new(true)));
        for (_, mut member) in std::mem::take(&mut self.members) {
            member.lies_within_map();
            any.merge(member);
        }
    }

    fn lies_within_map(&mut self) {
        self.within_map = true;
        self.inner_mut().for_each(Self::lies_within_map);
    }

    fn inner_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        self.members.values_mut().chain(self.any_member.as_deref_mut()).chain(self.items.as_deref_mut())
    }

    /// Takes in what another shape saw, of other events or at another path of the same ones.
    pub(super) fn merge(&mut self, other: Self) {
        merge_spans(&mut self.seen, other.seen);
        self.kinds.iter_mut().zip(other.kinds).for_each(|(mine, theirs)| merge_spans(mine, theirs));
        for (name, member) in other.members {
            match self.members.get_mut(&name) {
                Some(mine) => mine.merge(member),
                None => drop(self.members.insert(name, member)),
            }
        }
        for (mine, theirs) in [(&mut self.any_member, other.any_member), (&mut self.items, other.items)] {
            match (mine.as_mut(), theirs) {
                (Some(mine), Some(theirs)) => mine.merge(*theirs),
                (None, Some(theirs)) => *mine = Some(theirs),
                (_, None) => {}
            }
        }
        self.settle();
        match (&mut self.range, other.range) {
            (Some(mine), Some(theirs)) => mine.merge(theirs),
            (mine, theirs) => *mine = mine.take().or(theirs),
        }
        if let Some((least, most)) = other.lengths {
            self.measure(least);
            self.measure(most);
        }
        self.formats.merge(other.formats);
        self.values.merge(other.values);
    }

    /// Counts the events that it saw from another one on.
    pub(super) fn shift(&mut self, by: u64) {
        self.seen.iter_mut().chain(self.kinds.iter_mut().flatten()).for_each(|span| span.shift(by));
        self.values.shift(by);
        self.inner_mut().for_each(|inner| inner.shift(by));
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
        let mut members: Vec<(&str, &Self)> =
            self.members.iter().map(|(name, member)| (name.as_str(), member)).collect();
        if self.within_map {
            members.sort_by_key(|(name, member)| (member.seen.map(|seen| seen.first_event), *name));
        }
        members.into_iter()
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
        self.range.as_ref().map(Range::ends)
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
        let values = self.values.all()?;
        let number = values.len();
        if number == 0 || number > MOST_NAMED || self.format().is_some() {
            return None;
        }
        let mut texts = Vec::with_capacity(number);
        let mut all = 0;
        for (value, count) in values {
            texts.push(value.as_str()?);
            all += count;
        }
        (all >= 4 * number as u64).then_some(texts)
    }

    /// Some of the values.
    pub fn examples(&self) -> impl Iterator<Item = &Value> {
        self.values.examples()
    }
}

fn note(span: &mut Option<Span>, at: Place) {
    match span {
        Some(span) => span.see(at),
        None => *span = Some(Span::once(at)),
    }
}

fn merge_spans(mine: &mut Option<Span>, theirs: Option<Span>) {
    match (mine.as_mut(), theirs) {
        (Some(mine), Some(theirs)) => mine.merge(theirs),
        (None, theirs) => *mine = theirs,
        (Some(_), None) => {}
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
