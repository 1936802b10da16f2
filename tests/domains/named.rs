//! How much of a domain's states its events name at all: what no reading of events can exceed, whatever it makes of values.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Aggregate, leaves};

/// How many leaves there are in all states, and of how many each name on the way to them is made of words that some event
/// of the aggregate has in its type or in the names of its members, or is a value that an event of the stream has said.
pub fn named(aggregate: &Aggregate) -> (usize, usize) {
    let mut known = Said::default();
    for row in aggregate.streams.iter().flat_map(|stream| &stream.rows) {
        known.words.extend(words(&row.envelope.event_type));
        known.take(&row.data);
    }
    let (mut all, mut named) = (0, 0);
    for stream in &aggregate.streams {
        let mut said = Said::default();
        for row in &stream.rows {
            said.take(&row.data);
            for (pointer, _) in leaves(&row.state) {
                let is_named = |name: &str| {
                    let index = name.parse::<usize>().is_ok();
                    index || said.values.contains(name) || words(name).iter().all(|word| known.words.contains(word))
                };
                all += 1;
                named += usize::from(pointer.split('/').skip(1).all(is_named));
            }
        }
    }
    (all, named)
}

/// What events say.
#[derive(Default)]
struct Said {
    words: BTreeSet<String>,
    values: BTreeSet<String>,
}

impl Said {
    fn take(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.words.extend(words(name));
                    self.take(value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.take(item)),
            Value::String(text) => drop(self.values.insert(text.clone())),
            _ => {}
        }
    }
}

/// The words of a name in small letters, without the endings of plurals.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for letter in name.chars() {
        if letter.is_alphanumeric() {
            if !before.is_alphanumeric() || letter.is_uppercase() && !before.is_uppercase() {
                words.push(String::new());
            }
            words.last_mut().unwrap().extend(letter.to_lowercase());
        }
        before = letter;
    }
    let singular = |word: String| match word.strip_suffix('s') {
        Some(one) if word.len() > 3 && !one.ends_with(['s', 'u']) => one.to_owned(),
        _ => word,
    };
    words.into_iter().map(singular).collect()
}
