//! What a filter may go on with: names of fields, event types, aggregate types, streams, paths and values that were seen.

use std::sync::Arc;

use super::super::numbers::counted;
use super::super::widgets::{Offer, Offers};
use crate::filter::{EffectKind, Field, NumberField, Operand, Pattern, Root};
use crate::session::{Count, Seen, Session, StreamList};

/// How many are offered.
const MOST: usize = 40;

/// How many streams are looked through; a list of millions would be felt while typing.
const STREAMS: usize = 50_000;

/// Moments that are told from now, and what they are.
const MOMENTS: [(&str, &str); 5] = [
    ("now-15m", "a quarter of an hour ago"),
    ("now-1h", "an hour ago"),
    ("now-24h", "this time yesterday"),
    ("now-7d", "a week ago"),
    ("now-4w", "four weeks ago"),
];

/// Words between conditions.
const WORDS: [(&str, &str); 3] =
    [("or", "one or the other"), ("not", "the opposite of what follows"), ("and", "as a space: both")];

/// The characters that stand between a field or a path and its value.
const OPERATORS: [char; 5] = [':', '=', '!', '<', '>'];

/// What is known of a database that filters speak of.
#[derive(Clone, Copy)]
pub(super) struct Vocabulary<'a> {
    pub(super) types: &'a [(Arc<str>, u64)],
    pub(super) streams: &'a StreamList,
    pub(super) seen: &'a Seen,
}

/// What the text of a filter may go on with at byte `at`. `asked` says that a person wants to see it even where nothing
/// is typed yet.
pub(super) fn offers_in(session: &Session, text: &str, at: usize, asked: bool) -> Offers {
    let (seen, streams) = (session.seen(), session.streams());
    let none = Arc::default();
    let types = session.overview().map(|overview| overview.event_types.as_slice()).unwrap_or_default();
    offers(text, at, Vocabulary { types, streams: &streams, seen: seen.value().unwrap_or(&none) }, asked)
}

/// The same, from what is known.
fn offers(text: &str, at: usize, known: Vocabulary<'_>, asked: bool) -> Offers {
    let before = text.get(..text.floor_char_boundary(at)).unwrap_or(text);
    let start = word_start(before);
    let word = before.get(start..).unwrap_or_default();
    // Text in quotes and regular expressions are a person's own.
    if word.starts_with(['"', '\'', '/']) || word.is_empty() && !asked {
        return Offers::default();
    }
    let Some(operator) = find_operator(word) else {
        let mut found = Found::new(word);
        if word.starts_with("data") || word.starts_with("meta") {
            found.paths(known, "");
        }
        found.names(known);
        return found.offers(start);
    };
    let (name, rest) = word.split_at(operator);
    let symbol = rest.find(|letter| !OPERATORS.contains(&letter)).unwrap_or(rest.len());
    let (symbol, value) = rest.split_at(symbol);
    // A comma stands for "or" between patterns.
    let list = if symbol == ":" { last_in_list(value) } else { 0 };
    let value = value.get(list..).unwrap_or_default();
    let from = before.len() - value.len();
    let mut found = Found::new(value.strip_prefix(['"', '\'']).unwrap_or(value));
    found.values(name, symbol, known);
    found.offers(from)
}

/// Where the condition begins that a text ends within, without the minus that negates it.
fn word_start(text: &str) -> usize {
    let (mut start, mut quote, mut escaped, mut last) = (0, None, false, ' ');
    for (at, letter) in text.char_indices() {
        match quote {
            Some(mark) if letter == mark && !escaped => quote = None,
            None if letter == '"' || letter == '\'' && (OPERATORS.contains(&last) || last == ',') => {
                quote = Some(letter);
            }
            None if letter.is_whitespace() || letter == '(' => start = at + letter.len_utf8(),
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
        last = letter;
    }
    let word = text.get(start..).unwrap_or_default();
    start + word.len() - word.trim_start_matches('-').len()
}

/// Where the operator of a condition begins, outside of quotes in its path.
fn find_operator(word: &str) -> Option<usize> {
    let mut quoted = false;
    word.char_indices().find_map(|(at, letter)| {
        quoted ^= letter == '"';
        (!quoted && OPERATORS.contains(&letter)).then_some(at)
    })
}

/// Where the last of several patterns begins.
fn last_in_list(value: &str) -> usize {
    let mut quote = None;
    let mut begin = 0;
    for (at, letter) in value.char_indices() {
        match quote {
            Some(mark) if mark == letter => quote = None,
            None if at == begin && matches!(letter, '"' | '\'') => quote = Some(letter),
            None if letter == ',' => begin = at + 1,
            _ => {}
        }
    }
    begin
}

/// What answers to what was typed: first what begins with it, then what has it in the middle.
struct Found<'a> {
    typed: &'a str,
    lower: String,
    begin: Vec<Offer>,
    hold: Vec<Offer>,
}

impl<'a> Found<'a> {
    fn new(typed: &'a str) -> Self {
        Self { typed, lower: typed.to_lowercase(), begin: Vec::new(), hold: Vec::new() }
    }

    fn offers(self, from: usize) -> Offers {
        let mut offers = self.begin;
        offers.extend(self.hold);
        offers.truncate(MOST);
        Offers { from, offers }
    }

    /// Offers `text`, where `key`, which a person may type of it, answers.
    fn add(&mut self, key: &str, text: impl FnOnce() -> String, note: impl FnOnce() -> String) {
        let list = match key.get(..self.typed.len()) {
            Some(begin) if begin.eq_ignore_ascii_case(self.typed) => &mut self.begin,
            _ if key.to_lowercase().contains(&self.lower) => &mut self.hold,
            _ => return,
        };
        if list.len() >= MOST || key == self.typed {
            return;
        }
        let text = text();
        if !list.iter().any(|offer| offer.text == text) {
            list.push(Offer { text, note: note() });
        }
    }

    /// Offers a name that what was typed begins.
    fn name(&mut self, name: &str, note: &str) {
        if name.starts_with(self.typed) && name != self.typed {
            self.begin.push(Offer { text: name.to_owned(), note: note.to_owned() });
        }
    }

    fn names(&mut self, known: Vocabulary<'_>) {
        for field in Field::ALL {
            self.name(&format!("{}:", field.name()), about(field));
        }
        for field in [NumberField::Version, NumberField::Position] {
            self.name(&format!("{}:", field.name()), "a number, or a range such as 1..10");
        }
        for (name, note) in [
            ("after:", "at or after a moment"),
            ("before:", "before a moment"),
            ("data.", "a value in the data"),
            ("metadata.", "a value in the metadata"),
            ("has:", "that there is a field or a value"),
        ] {
            self.name(name, note);
        }
        let effects = ["what the event changed in the state", "the event's rule failed", "there is no rule for it"];
        for (kind, note) in EffectKind::ALL.into_iter().zip(effects) {
            self.name(&format!("{}:", kind.name()), note);
        }
        for (word, note) in WORDS {
            self.name(word, note);
        }
        // What a value is called leads to its field, too; a single letter is in most of them.
        if self.typed.len() < 2 {
            return;
        }
        for (name, events) in known.types {
            self.add(
                name,
                || format!("type:{}", pattern(name)),
                || counted(Count::complete(*events), "event", "events"),
            );
        }
        self.paths(known, "");
    }

    /// Offers the paths that were seen, behind `prefix`.
    fn paths(&mut self, known: Vocabulary<'_>, prefix: &str) {
        for seen in &known.seen.paths {
            let path = format!("{}{}", seen.root.name(), seen.path);
            let example = || seen.values.first().map(ToString::to_string).unwrap_or_default();
            self.add(&path, || format!("{prefix}{path}"), example);
        }
    }

    fn values(&mut self, name: &str, symbol: &str, known: Vocabulary<'_>) {
        match name {
            "after" | "since" | "before" | "until" if symbol == ":" => {
                for (moment, note) in MOMENTS {
                    self.add(moment, || moment.to_owned(), || note.to_owned());
                }
            }
            "has" if symbol == ":" => {
                for field in Field::ALL {
                    self.name(field.name(), about(field));
                }
                self.paths(known, "");
            }
            "changed" if symbol == ":" => self.name("none", "it changed nothing"),
            _ if name.starts_with("data") || name.starts_with("meta") => self.path_values(name, symbol, known),
            _ if symbol == ":" || symbol == "=" => {
                if let Some(field) = Field::by_name(name) {
                    self.field_values(field, known);
                }
            }
            _ => {}
        }
    }

    fn field_values(&mut self, field: Field, known: Vocabulary<'_>) {
        match field {
            Field::Type => {
                for (name, events) in known.types {
                    self.add(name, || pattern(name), || counted(Count::complete(*events), "event", "events"));
                }
            }
            Field::Aggregate => {
                for group in &known.streams.groups {
                    let note = || counted(Count::complete(group.streams.len() as u64), "stream", "streams");
                    self.add(&group.aggregate_type, || pattern(&group.aggregate_type), note);
                }
            }
            Field::Stream => {
                for stream in known.streams.groups.iter().flat_map(|group| &group.streams).take(STREAMS) {
                    let note = || counted(Count::complete(stream.events), "event", "events");
                    let key = &stream.name.aggregate_id;
                    // What begins with the type is typed as a whole.
                    if self.typed.contains('/') {
                        let name = stream.name.to_string();
                        self.add(&name, || pattern(&name), note);
                    } else {
                        self.add(key, || pattern(&stream.name.to_string()), note);
                    }
                    if self.begin.len() >= MOST {
                        break;
                    }
                }
            }
            _ => {
                let values = known.seen.fields.iter().find(|(seen, _)| *seen == field).map(|(_, values)| values);
                for value in values.into_iter().flatten() {
                    self.add(value, || pattern(value), || about(field).to_owned());
                }
            }
        }
    }

    /// Offers values that were seen at a path, written as its operator wants them.
    fn path_values(&mut self, name: &str, symbol: &str, known: Vocabulary<'_>) {
        let name = name.strip_prefix("meta.").map_or_else(|| name.to_owned(), |path| format!("metadata.{path}"));
        let is_it = |root: Root, path: &dyn std::fmt::Display| format!("{}{path}", root.name()) == name;
        let Some(seen) = known.seen.paths.iter().find(|seen| is_it(seen.root, &seen.path)) else { return };
        for value in &seen.values {
            let (Operand::Number(text) | Operand::Text(text)) = value;
            let written = || if symbol == ":" { pattern(text) } else { value.to_string() };
            self.add(text, written, || "a value it had".to_owned());
        }
    }
}

/// A text as a filter has it that asks for just that.
fn pattern(text: &str) -> String {
    Pattern::literal(text).to_string()
}

fn about(field: Field) -> &'static str {
    match field {
        Field::Type => "event type",
        Field::Stream => "an aggregate's id, or TYPE/ID",
        Field::Aggregate => "aggregate type",
        Field::Id => "the event's own id",
        Field::Schema => "schema version",
        Field::Actor => "who caused it",
        Field::ActorType => "what kind of actor",
        Field::Source => "through what it came",
        Field::Correlation => "what one request caused",
        Field::Causation => "the id of its cause",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StreamName;
    use crate::filter::{Filter, Path, Segment};
    use crate::session::{SeenPath, StreamGroup, StreamSummary};

    fn texts(text: &str, asked: bool) -> (usize, Vec<String>) {
        let types = [("order.placed".into(), 12), ("order.line added".into(), 3), ("stock.moved".into(), 1)];
        let stream = |id: &str| StreamSummary { name: StreamName::new("order", id), events: 2, last_version: 2 };
        let group = StreamGroup { aggregate_type: "order".into(), streams: vec![stream("ord-1"), stream("ord-2")] };
        let streams = StreamList { groups: vec![group], ..StreamList::default() };
        let key = |key: &str| Segment::Key(key.to_owned());
        let path = |segments: Vec<Segment>, values| SeenPath { root: Root::Data, path: Path { segments }, values };
        let paths = vec![
            path(vec![key("total")], vec![Operand::Number("10".into())]),
            path(vec![key("tier")], vec![Operand::Text("gold".into()), Operand::Text("9".into())]),
            path(vec![key("lines"), Segment::Each, key("sku")], Vec::new()),
        ];
        let seen = Seen { paths, fields: vec![(Field::Actor, vec!["anna".to_owned(), "Ben Q".to_owned()])] };
        let found = offers(text, text.len(), Vocabulary { types: &types, streams: &streams, seen: &seen }, asked);
        (found.from, found.offers.into_iter().map(|offer| offer.text).collect())
    }

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn names_types_and_paths_are_offered_where_a_condition_begins() {
        assert_eq!(texts("typ", false), (0, owned(&["type:"])));
        assert_eq!(texts("a -(sou", false), (4, owned(&["source:"])));
        assert_eq!(texts("placed", false), (0, owned(&["type:order.placed"])));
        assert_eq!(texts("version>3 data.to", false), (10, owned(&["data.total"])));
        assert_eq!(texts("sku", false), (0, owned(&["data.lines[].sku"])));
        assert_eq!(texts("", false).1, Vec::<String>::new());
        assert!(texts("", true).1.contains(&"has:".to_owned()));
    }

    #[test]
    fn values_are_offered_behind_their_field_as_it_is_written() {
        assert_eq!(texts("type:order", false), (5, owned(&["order.placed", "\"order.line added\""])));
        assert_eq!(texts("type:a,pla", false), (7, owned(&["order.placed"])));
        assert_eq!(texts("type:\"order.l", false), (5, owned(&["\"order.line added\""])));
        assert_eq!(texts("aggregate:", false), (10, owned(&["order"])));
        assert_eq!(texts("stream:ord-", false).1, owned(&["order/ord-1", "order/ord-2"]));
        assert_eq!(texts("stream:order/ord-2", false).1, Vec::<String>::new(), "what is there already is not offered");
        assert_eq!(texts("actor:be", false), (6, owned(&["\"Ben Q\""])));
        assert_eq!(texts("data.tier=", false), (10, owned(&["gold", "\"9\""])));
        assert_eq!(texts("data.tier:", false), (10, owned(&["gold", "9"])));
        assert_eq!(texts("has:data.t", false), (4, owned(&["data.total", "data.tier"])));
        assert_eq!(texts("after:now-2", false).1, owned(&["now-24h"]));
    }

    #[test]
    fn text_and_expressions_are_a_persons_own() {
        for text in ["\"type", "/typ", "type:a \"ord"] {
            assert_eq!(texts(text, true).1, Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn whatever_is_put_in_can_be_read() {
        for text in
            ["type:", "aggregate:", "stream:", "actor:", "data.tier=", "data.tier:", "has:data.", "has:", "before:"]
        {
            let (from, offers) = texts(text, true);
            assert!(!offers.is_empty(), "{text}");
            for offer in offers {
                let whole = format!("{}{offer}", &text[..from]);
                assert!(Filter::parse(&whole).is_ok(), "{whole}");
            }
        }
    }
}
