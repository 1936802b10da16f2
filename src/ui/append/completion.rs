//! What the data of a new event may go on with, as events of its type have it: names of members, and values.

use serde_json::Value;

use super::place::{Place, Step, Typing, place};
use crate::insight::schema::{Kind, Shape, TypeSchema};
use crate::ui::widgets::{Offer, Offers};

/// How many are offered.
const MOST: usize = 40;

/// What a text may go on with at a byte, and whether Return takes the first of it. `asked` says that a person wants to see
/// it even where nothing is typed yet.
pub(super) fn offers(schema: &TypeSchema, text: &str, at: usize, asked: bool) -> Option<(Offers, bool)> {
    let at = text.floor_char_boundary(at);
    let place = place(text, at)?;
    let typed = text.get(place.from..at)?;
    if typed.is_empty() && !asked {
        return None;
    }
    let shape = place.steps.iter().try_fold(&schema.data, |shape, step| match step {
        Step::Member(name) => shape.members().find(|(known, _)| known == name).map(|(_, member)| member),
        Step::Item => shape.items(),
    });
    let shape = shape?;
    let rest = text.get(at..)?;
    let offers = match place.typing {
        Typing::Name => names(shape, &place, typed, rest),
        Typing::Value => values(shape, typed, rest),
    };
    // Return behind a number or a word begins a new line.
    let first = typed.is_empty() || typed.starts_with('"');
    Some((Offers { from: place.from, offers }, first))
}

fn names(shape: &Shape, place: &Place, typed: &str, rest: &str) -> Vec<Offer> {
    let wanted = typed.trim_start_matches('"').to_lowercase();
    let objects = shape.count_of(Kind::Object);
    let fits = |name: &str| name.to_lowercase().contains(&wanted) && !place.taken.iter().any(|taken| taken == name);
    let mut found: Vec<(&str, &Shape)> = shape.members().filter(|(name, _)| fits(name)).collect();
    // What begins with it is meant before what holds it.
    found.sort_by_key(|(name, _)| !name.to_lowercase().starts_with(&wanted));
    let offer = |(name, member): (&str, &Shape)| {
        let always = if member.count() == objects { "always there" } else { "sometimes there" };
        Offer { text: closed(&Value::from(name).to_string(), rest, ": "), note: format!("{}, {always}", kinds(member)) }
    };
    found.into_iter().take(MOST).map(offer).collect()
}

fn values(shape: &Shape, typed: &str, rest: &str) -> Vec<Offer> {
    let few: Vec<Value> = shape.enumeration().unwrap_or_default().into_iter().map(Value::from).collect();
    let some = if few.is_empty() { shape.examples().cloned().collect() } else { few };
    let whole = [shape.example()].into_iter().filter(|value| value.is_object() || value.is_array());
    let words = [Value::Bool(true), Value::Bool(false)].into_iter().filter(|_| shape.count_of(Kind::Boolean) > 0);
    let null = [Value::Null].into_iter().filter(|_| shape.count_of(Kind::Null) > 0);
    let mut texts: Vec<String> = Vec::new();
    for value in some.into_iter().chain(whole).chain(words).chain(null) {
        let text = value.to_string();
        if text.starts_with(typed) && text != typed && !texts.contains(&text) && texts.len() < MOST {
            texts.push(text);
        }
    }
    let note = kinds(shape);
    texts.into_iter().map(|text| Offer { text: closed(&text, rest, ""), note: note.clone() }).collect()
}

/// A text, without its last quotation mark where that stands behind the cursor already, and else with what follows.
fn closed(text: &str, rest: &str, more: &str) -> String {
    match text.strip_suffix('"').filter(|_| rest.starts_with('"')) {
        Some(open) => open.to_owned(),
        None if rest.trim_start().starts_with(':') => text.to_owned(),
        None => format!("{text}{more}"),
    }
}

fn kinds(shape: &Shape) -> String {
    let names: Vec<&str> = shape.kinds().map(|(kind, _)| kind.name()).collect();
    names.join(" or ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{Event, Payload};
    use crate::insight::schema::Schemas;

    fn offered(text: &str, asked: bool) -> (Vec<String>, bool) {
        let mut schemas = Schemas::default();
        for number in 0..8 {
            let state = if number % 2 == 0 { "open" } else { "closed" };
            let lines = json!([{"sku": "cup", "qty": 2}]);
            let mut data = json!({"state": state, "total": 12.5, "gift": true, "lines": lines});
            if number == 0 {
                data["note"] = json!("x");
            }
            let data = Payload::json(data);
            schemas.see(&Event { position: 1, event_type: "t".to_owned(), data, ..Event::default() });
        }
        let at = text.find('|').unwrap();
        let found = offers(schemas.types().next().unwrap(), &text.replace('|', ""), at, asked);
        let (offers, first) = found.unwrap_or_default();
        (offers.offers.into_iter().map(|offer| offer.text).collect(), first)
    }

    #[test]
    fn names_are_offered_that_are_not_there_yet() {
        assert_eq!(
            offered("{\"total\": 1, \"t|", false),
            (["\"state\": ", "\"gift\": ", "\"note\": "].map(str::to_owned).to_vec(), true)
        );
        assert_eq!(offered("{\"no|\": 1}", false).0, ["\"note"], "what stands behind the cursor stays");
        assert_eq!(offered("{\"lines\": [{\"|", false).0, ["\"sku\": ", "\"qty\": "]);
        assert_eq!(offered("{|", false).0, [""; 0]);
        assert_eq!(offered("{|", true).0.len(), 5);
    }

    #[test]
    fn values_are_offered_as_they_were_seen() {
        assert_eq!(offered("{\"state\": \"|", false), (vec!["\"open\"".to_owned(), "\"closed\"".to_owned()], true));
        assert_eq!(offered("{\"gift\": t|", false), (vec!["true".to_owned()], false));
        assert_eq!(offered("{\"lines\": [|", true).0, [r#"{"sku":"cup","qty":2}"#]);
        assert_eq!(offered("{\"other\": |", true).0, [""; 0]);
    }
}
