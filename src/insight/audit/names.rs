//! Names of event types: those off the store's own convention, and those that differ by a slip.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::finding::{Finding, Instance, Instances, Severity};
use crate::event::{Event, Position};

/// The share of the types that makes a style the store's convention, and how many types that needs.
const CONVENTION: f64 = 0.75;
const FEWEST: usize = 4;
/// How many types are kept.
const MOST_TYPES: usize = 20_000;
/// Beyond how many types they are no longer compared pair by pair.
const COMPARED: usize = 1_000;

/// Collects the names of event types.
#[derive(Default)]
pub(super) struct Names(IndexMap<String, (u64, Position)>);

impl Names {
    pub(super) fn see(&mut self, event: &Event) {
        let is_full = self.0.len() >= MOST_TYPES;
        match self.0.get_mut(&event.event_type) {
            Some((count, _)) => *count += 1,
            None if is_full => {}
            None => drop(self.0.insert(event.event_type.clone(), (1, event.position))),
        }
    }

    /// Takes in the names of the events that follow.
    pub(super) fn join(&mut self, later: Self) {
        for (name, (count, position)) in later.0 {
            let is_full = self.0.len() >= MOST_TYPES;
            match self.0.get_mut(&name) {
                Some((known, _)) => *known += count,
                None if is_full => {}
                None => drop(self.0.insert(name, (count, position))),
            }
        }
    }

    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.0.sort_keys();
        [self.off_convention(), self.near_duplicates()].into_iter().flatten().collect()
    }

    fn off_convention(&self) -> Option<Finding> {
        let mut styles: BTreeMap<Style, usize> = BTreeMap::new();
        self.0.keys().for_each(|name| *styles.entry(Style::of(name)).or_default() += 1);
        let (convention, count) = styles.into_iter().max_by_key(|(_, count)| *count)?;
        #[allow(clippy::cast_precision_loss, reason = "a share of types")]
        let is_convention = self.0.len() >= FEWEST && count as f64 >= CONVENTION * self.0.len() as f64;
        if !is_convention || convention == Style::Other {
            return None;
        }
        let mut instances = Instances::default();
        for (name, (events, position)) in self.0.iter().filter(|(name, _)| Style::of(name) != convention) {
            instances.note(|| Instance {
                position: Some(*position),
                ..Instance::said(format!("`{name}`, {events} events"))
            });
        }
        instances.finding(
            "type_convention",
            Severity::Note,
            format!("Most event types are written {}; some are not.", convention.words()),
            "Name new types as the others are; what is stored stays as it is.",
        )
    }

    fn near_duplicates(&self) -> Option<Finding> {
        let mut instances = Instances::default();
        let names: Vec<(&String, &(u64, Position))> = self.0.iter().take(COMPARED).collect();
        for (number, (name, (count, position))) in names.iter().enumerate() {
            for (other, (others, other_position)) in names.iter().skip(number + 1) {
                if !is_slip(name, other) {
                    continue;
                }
                let (rare, often, at) =
                    if count <= others { (name, other, position) } else { (other, name, other_position) };
                let (least, most) = (count.min(others), count.max(others));
                instances.note(|| Instance {
                    position: Some(*at),
                    ..Instance::said(format!("`{rare}` ({least} events) beside `{often}` ({most} events)"))
                });
            }
        }
        instances.finding(
            "near_duplicate_type",
            Severity::Warning,
            "Two event types have nearly the same name.",
            "If they mean the same, have the readers take both, and write one of them.",
        )
    }
}

/// How the words of a name are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Style {
    Dotted,
    Pascal,
    Camel,
    Snake,
    Kebab,
    Upper,
    Other,
}

impl Style {
    fn of(name: &str) -> Self {
        // Names of classes stand behind those of their packages.
        let last = name.rsplit(['\\', ':', '+', '/']).next().unwrap_or(name);
        let only = |allowed: &dyn Fn(char) -> bool| !last.is_empty() && last.chars().all(allowed);
        let begins = |test: &dyn Fn(char) -> bool| last.chars().next().is_some_and(test);
        let lower = |char: char| char.is_lowercase() || char.is_ascii_digit();
        if last.contains('.') && only(&|char| lower(char) || "._-".contains(char)) {
            Self::Dotted
        } else if last.contains('.') {
            // `Shop.Orders.OrderPlaced`: as the last of its parts is.
            last.rsplit('.').next().map_or(Self::Other, Self::of)
        } else if begins(&char::is_uppercase) && only(&char::is_alphanumeric) {
            if last.len() > 1 && !last.contains(char::is_lowercase) { Self::Upper } else { Self::Pascal }
        } else if begins(&char::is_lowercase) && only(&char::is_alphanumeric) && last.contains(char::is_uppercase) {
            Self::Camel
        } else if only(&|char| lower(char) || char == '_') {
            Self::Snake
        } else if only(&|char| lower(char) || char == '-') {
            Self::Kebab
        } else if only(&|char| char.is_uppercase() || char == '_' || char.is_ascii_digit()) {
            Self::Upper
        } else {
            Self::Other
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Dotted => "with dots, as `order.placed`",
            Self::Pascal => "as `OrderPlaced`",
            Self::Camel => "as `orderPlaced`",
            Self::Snake => "as `order_placed`",
            Self::Kebab => "as `order-placed`",
            Self::Upper => "as `ORDER_PLACED`",
            Self::Other => "in a way of their own",
        }
    }
}

/// Whether two names are the same but for case and what joins their words, or but for one letter of a long one.
fn is_slip(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> Vec<char> {
        name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (plain(a), plain(b));
    if a == b {
        return true;
    }
    let has_number = |name: &[char]| name.iter().any(char::is_ascii_digit);
    let long_enough = a.len().min(b.len()) >= 8 && !has_number(&a) && !has_number(&b);
    long_enough && is_one_letter_off(&a, &b)
}

/// Whether one letter is another, too many, missing, or changed places with its neighbour.
fn is_one_letter_off(a: &[char], b: &[char]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    match (a, b) {
        ([], [_]) | ([_], []) => true,
        ([first, second, rest @ ..], [other_first, other_second, others @ ..])
            if first == other_second && second == other_first && rest == others =>
        {
            true
        }
        ([_, rest @ ..], [_, others @ ..]) => rest == others || rest == b || a == others,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_a_difference_that_nobody_meant() {
        assert!(is_slip("order.placed", "OrderPlaced"));
        assert!(is_slip("order.shipped", "order.shiped"));
        assert!(is_slip("order.placed", "order.palced"));
        assert!(!is_slip("order.opened", "order.closed"));
        assert!(!is_slip("line.added", "fine.padded"));
        assert!(!is_slip("a.on", "a.in"));
        assert!(!is_slip("stage1.reached", "stage2.reached"));
    }

    #[test]
    fn styles_are_told_from_the_last_part_of_a_name() {
        let styles =
            ["order.placed", "OrderPlaced", "App\\Events\\OrderPlaced", "Shop.OrderPlaced", "order_placed", "-x!"];
        let expected = [Style::Dotted, Style::Pascal, Style::Pascal, Style::Pascal, Style::Snake, Style::Other];
        assert_eq!(styles.map(Style::of), expected);
    }
}
