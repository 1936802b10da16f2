//! The key that a walk has reached. It must go forward: in a file whose index is damaged SQLite can lead back to rows that
//! were read before, and a walk that follows would never end.

use std::cmp::Ordering;

use super::bound::{Side, bound};
use super::query::Query;
use super::value::Stored;
use crate::error::{Error, Result};

/// How far a walk by key has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Advance {
    last: Option<Vec<Stored>>,
    /// A key that was reached some steps ago, and how many steps until the next one is taken: where texts are sorted in
    /// an order of their own only a key that comes back tells of a circle (Brent's algorithm).
    mark: Option<Vec<Stored>>,
    steps: u64,
}

impl Advance {
    /// A walk that goes on from a key.
    pub(crate) fn from(last: Option<Vec<Stored>>) -> Self {
        Self { last, ..Self::default() }
    }

    /// The key that was reached; `None` at the beginning.
    pub(crate) fn last(&self) -> Option<&[Stored]> {
        self.last.as_deref()
    }

    /// The condition that a row comes after the key that was reached, ready to follow an ` AND`; none at the beginning.
    pub(crate) fn beyond(&self, order: &[String]) -> Option<Query> {
        self.last().map(|last| bound(order, Side::After, last))
    }

    /// Goes on to the last key of what was read. An error where that is not beyond the one before.
    pub(crate) fn to(&mut self, key: Vec<Stored>) -> Result<()> {
        let back = self.last.as_deref().is_some_and(|last| !may_follow(last, &key));
        if back || self.mark.as_ref() == Some(&key) {
            return Err(damaged());
        }
        self.steps += 1;
        if self.steps.is_power_of_two() {
            self.mark = Some(key.clone());
        }
        self.last = Some(key);
        Ok(())
    }
}

/// Whether a key may come after another. Texts may be sorted in an order that is not known here.
fn may_follow(last: &[Stored], key: &[Stored]) -> bool {
    for (before, after) in last.iter().zip(key) {
        match (before, after) {
            (Stored::Text(before), Stored::Text(after)) if before != after => return true,
            _ => match before.compare(after) {
                Ordering::Less => return true,
                Ordering::Greater => return false,
                Ordering::Equal => {}
            },
        }
    }
    false
}

fn damaged() -> Error {
    Error::out_of_order("the rows come back to where they were read before")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(keys: &[Stored]) -> usize {
        let mut advance = Advance::default();
        keys.iter().take_while(|key| advance.to(vec![(*key).clone()]).is_ok()).count()
    }

    #[test]
    fn a_walk_that_goes_forward_is_left_alone() {
        assert_eq!(walk(&(1..100).map(Stored::Integer).collect::<Vec<_>>()), 99);
        assert_eq!(walk(&[Stored::Null, Stored::Real(0.5), Stored::Integer(1), Stored::text("a")]), 4);
        assert_eq!(walk(&["b", "B", "a"].map(Stored::text)), 3, "a collation may sort so");
    }

    #[test]
    fn a_walk_that_stands_or_goes_back_is_stopped() {
        assert_eq!(walk(&[3, 5, 5].map(Stored::Integer)), 2);
        assert_eq!(walk(&[3, 5, 4].map(Stored::Integer)), 2);
        assert_eq!(walk(&[Stored::text("a"), Stored::text("a")]), 1);
    }

    #[test]
    fn a_circle_of_texts_is_found() {
        let circle: Vec<_> = ["a", "b", "c"].into_iter().cycle().take(1000).map(Stored::text).collect();
        assert!(walk(&circle) < 20);
    }
}
