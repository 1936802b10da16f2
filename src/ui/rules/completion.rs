//! What a rule may go on with: what its events say, places in the state, event types, and functions of jq.

use crate::session::{RuleSheet, SheetType};
use crate::ui::widgets::{Offer, Offers};

/// How many are offered.
const MOST: usize = 40;

/// The fields of an event that every event has.
const EVENT: [&str; 12] = [
    "$event.data",
    "$event.metadata",
    "$event.type",
    "$event.version",
    "$event.position",
    "$event.timestamp",
    "$event.actor",
    "$event.id",
    "$event.aggregate_id",
    "$event.aggregate_type",
    "$event.causation_id",
    "$event.correlation_id",
];

/// Functions that rules are often made of.
const FUNCTIONS: [&str; 34] = [
    "add",
    "all",
    "any",
    "ascii_downcase",
    "contains",
    "del",
    "delpaths",
    "empty",
    "endswith",
    "floor",
    "from_entries",
    "has",
    "if . then . else . end",
    "index",
    "join",
    "keys",
    "length",
    "ltrimstr",
    "map",
    "map_values",
    "max",
    "min",
    "select",
    "setpath",
    "sort",
    "sort_by",
    "split",
    "startswith",
    "to_entries",
    "tonumber",
    "tostring",
    "type",
    "unique",
    "with_entries",
];

/// What the text of a rule for `kind` may go on with at byte `at`. `asked` says that a person wants to see it even where
/// nothing is typed yet.
pub(super) fn offers(text: &str, at: usize, sheet: &RuleSheet, kind: Option<&SheetType>, asked: bool) -> Offers {
    let before = text.get(..text.floor_char_boundary(at)).unwrap_or(text);
    if let Some(from) = open_string(before) {
        let typed = before.get(from..).unwrap_or_default();
        let known = sheet.types.iter();
        let fitting = known.filter(|known| known.event_type.contains(typed) && *known.event_type != *typed);
        let offer = |known: &SheetType| Offer { text: known.event_type.to_string(), note: "event type".to_owned() };
        return Offers { from, offers: fitting.take(MOST).map(offer).collect() };
    }
    let is_path = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$');
    let from = before.char_indices().rev().take_while(|(_, letter)| is_path(*letter)).last();
    let from = from.map_or(before.len(), |(start, _)| start);
    let typed = before.get(from..).unwrap_or_default();
    if typed.is_empty() && !asked {
        return Offers::default();
    }
    let mut offers: Vec<Offer> = Vec::new();
    let mut offer = |text: &str, note: &str| {
        if text.starts_with(typed) && text != typed && offers.len() < MOST {
            offers.push(Offer { text: text.to_owned(), note: note.to_owned() });
        }
    };
    if typed.is_empty() || typed.starts_with('$') {
        for field in kind.map(|kind| kind.fields.as_slice()).unwrap_or_default() {
            offer(&field.path, &field.example);
        }
        for name in EVENT {
            offer(name, "event");
        }
    }
    if typed.is_empty() || typed.starts_with('.') {
        for place in &sheet.places {
            offer(place, "state");
        }
    }
    if typed.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        for name in FUNCTIONS {
            offer(name, "jq");
        }
    }
    Offers { from, offers }
}

/// Where the string begins that a text ends within.
fn open_string(text: &str) -> Option<usize> {
    let (mut start, mut escaped) = (None, false);
    for (at, letter) in text.char_indices() {
        match (start, letter) {
            (None, '"') => start = Some(at + 1),
            (Some(_), '"') if !escaped => start = None,
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::SheetField;

    fn sheet() -> RuleSheet {
        let field = |path: &str, example: &str| SheetField { path: path.to_owned(), example: example.to_owned() };
        let kind = |name: &str, fields| SheetType { event_type: name.into(), fields, ..SheetType::default() };
        let fields = vec![field("$event.data.amount", "25"), field("$event.data.note", "\"x\"")];
        RuleSheet {
            types: vec![kind("Closed", Vec::new()), kind("Deposited", fields)],
            places: vec![".balance".to_owned(), ".owner".to_owned(), ".owner.name".to_owned()],
            ..RuleSheet::default()
        }
    }

    fn texts(text: &str, asked: bool) -> (usize, Vec<String>) {
        let sheet = sheet();
        let found = offers(text, text.len(), &sheet, sheet.types.get(1), asked);
        (found.from, found.offers.into_iter().map(|offer| offer.text).collect())
    }

    #[test]
    fn fields_places_types_and_functions_are_offered_where_they_may_stand() {
        assert_eq!(
            texts(".balance += $event.data.", false),
            (12, vec!["$event.data.amount".into(), "$event.data.note".into()])
        );
        assert_eq!(texts("del(.ow", false), (4, vec![".owner".into(), ".owner.name".into()]));
        assert_eq!(texts("if $event.type == \"De", false), (19, vec!["Deposited".into()]));
        assert_eq!(texts(".x |= sel", false), (6, vec!["select".into()]));
        assert_eq!(texts(".balance += ", false).1, Vec::<String>::new());
        assert!(texts(".balance += ", true).1.contains(&"$event.data.amount".to_owned()));
        assert_eq!(texts(".balance", false).1, Vec::<String>::new(), "what is there already is not offered");
    }

    #[test]
    fn a_string_that_is_closed_is_none() {
        assert_eq!(open_string("\"a\" + \"b"), Some(7));
        assert_eq!(open_string("\"a\\\"\" | "), None);
    }
}
