//! Personal data by its pattern: addresses, account numbers and card numbers, the latter two with their check digits.

use indexmap::IndexMap;

use super::finding::{Finding, Instance, Instances, Severity};
use crate::event::{Decoded, Event};
use crate::insight::node::{Content, Look, Node};
use crate::insight::schema::is_email;

/// How deep documents are looked into.
const DEEPEST: usize = 32;
/// How many places, as event type and member, are named.
const MOST_PLACES: usize = 100;

/// Where personal data was found: what it is, the event type and the member.
type Place = (&'static str, String, String);

/// Looks for personal data in payloads.
#[derive(Default)]
pub(super) struct Personal {
    /// How often it is in each place, and where first; in the order in which they were met.
    found: IndexMap<Place, (u64, Option<Instance>)>,
    beyond: u64,
    untold: bool,
}

impl Personal {
    pub(super) fn see(&mut self, event: &Event, content: &Content<'_>) {
        match content {
            Content::Plain(plain) => self.look(event, "", plain, 0),
            Content::Decoded(Decoded::Document { value, .. }) => self.look(event, "", value, 0),
            Content::Decoded(_) => {}
        }
    }

    /// Takes in what was found in the events that follow.
    pub(super) fn join(&mut self, later: Self) {
        // Among what was not told apart there may be some of these places.
        self.untold |= later.untold || later.beyond > 0;
        self.beyond += later.beyond;
        for (place, (count, instance)) in later.found {
            let is_full = self.found.len() >= MOST_PLACES;
            match self.found.get_mut(&place) {
                Some((known, _)) => *known += count,
                None if is_full => self.beyond += count,
                None => drop(self.found.insert(place, (count, instance))),
            }
        }
    }

    /// Whether it takes one pass over the store to tell.
    pub(super) fn is_untold(&self) -> bool {
        self.untold
    }

    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.found.sort_keys();
        let mut instances = Instances { count: self.beyond, named: Vec::new() };
        for ((what, event_type, member), (count, instance)) in self.found {
            let said = format!("{what} in `{member}` of {event_type}, {count} times");
            instances.count += count;
            instances.named.extend(instance.map(|instance| Instance { what: said, ..instance }));
        }
        let explanation = "Payloads hold what looks like personal data, which cannot be deleted from a log of facts.";
        let advice = "Keep personal data outside of the events, or encrypt it with a key that can be thrown away.";
        instances.finding("personal_data", Severity::Note, explanation, advice).into_iter().collect()
    }

    fn look(&mut self, event: &Event, member: &str, node: &impl Node, depth: usize) {
        match node.look() {
            Look::Text(text) => {
                if let Some(what) = personal(text) {
                    self.note(event, member, what);
                }
            }
            Look::Items(items) if depth < DEEPEST => {
                for item in items {
                    self.look(event, member, item, depth + 1);
                }
            }
            Look::Members(_) if depth < DEEPEST => {
                node.each_member(|name, value| self.look(event, name, value, depth + 1));
            }
            _ => {}
        }
    }

    fn note(&mut self, event: &Event, member: &str, what: &'static str) {
        let place = (what, event.event_type.clone(), member.to_owned());
        let is_full = self.found.len() >= MOST_PLACES;
        match self.found.get_mut(&place) {
            Some((count, _)) => *count += 1,
            None if is_full => self.beyond += 1,
            None => drop(self.found.insert(place, (1, Some(Instance::of(event, ""))))),
        }
    }
}

fn personal(text: &str) -> Option<&'static str> {
    if text.len() > 254 {
        None
    } else if memchr::memchr(b'@', text.as_bytes()).is_some() {
        is_email(text).then_some("an e-mail address")
    } else if is_iban(text) {
        Some("an IBAN")
    } else if is_card_number(text) {
        Some("a card number")
    } else {
        None
    }
}

/// ISO 13616: country, two check digits, up to 30 letters and digits; the whole, as a number, is 1 modulo 97.
fn is_iban(text: &str) -> bool {
    // Nearly every text is told by how it begins, or by its length.
    let begins = text.bytes().find(|byte| *byte != b' ').is_some_and(|byte| byte.is_ascii_uppercase());
    if !begins || text.len() < 15 {
        return false;
    }
    let compact = || text.bytes().filter(|byte| *byte != b' ');
    let country = compact().take(2).all(|byte| byte.is_ascii_uppercase());
    let check = compact().skip(2).take(2).all(|byte| byte.is_ascii_digit());
    let shaped = country
        && check
        && compact().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && (15..=34).contains(&compact().count());
    let rotated = compact().skip(4).chain(compact().take(4));
    let rest = |rest: u64, byte| match byte {
        digit @ b'0'..=b'9' => (rest * 10 + u64::from(digit - b'0')) % 97,
        letter => (rest * 100 + u64::from(letter.saturating_sub(b'A')) + 10) % 97,
    };
    shaped && rotated.fold(0, rest) == 1
}

/// ISO/IEC 7812: the number of a large network, of its length, with a check digit by Luhn's rule.
fn is_card_number(text: &str) -> bool {
    let is_grouped = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ' || byte == b'-');
    if !is_grouped || text.len() < 15 {
        return false;
    }
    let digits: Vec<u32> = text.chars().filter_map(|char| char.to_digit(10)).collect();
    let first = |count: usize| digits.iter().take(count).fold(0, |number, digit| number * 10 + digit);
    let of_network = match digits.len() {
        15 => matches!(first(2), 34 | 37),
        16 => matches!(first(1), 4) || matches!(first(2), 51..=55) || matches!(first(4), 2221..=2720 | 6011),
        _ => false,
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => *digit,
            _ if *digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    of_network && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_only_personal_with_the_right_check_digits() {
        // The examples of the registries themselves.
        assert_eq!(personal("GB82 WEST 1234 5698 7654 32"), Some("an IBAN"));
        assert_eq!(personal("DE89370400440532013000"), Some("an IBAN"));
        assert_eq!(personal("DE89370400440532013001"), None);
        assert_eq!(personal("4111 1111 1111 1111"), Some("a card number"));
        assert_eq!(personal("4111111111111112"), None);
        assert_eq!(personal("378282246310005"), Some("a card number"));
        assert_eq!(personal("1234567890123456"), None);
        assert_eq!(personal("ada@example.org"), Some("an e-mail address"));
        assert_eq!(personal("@ada"), None);
    }
}
