//! The key that a walk has reached. It must go forward: in a file whose index is damaged SQLite can lead back to rows that
//! were read before, and a walk that follows would never end.

use std::cmp::Ordering;

use rusqlite::types::ValueRef;

use super::bound::stretches;
use super::query::Query;
use super::value::Stored;
use crate::error::{Error, Result};

/// How far a walk by key has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Advance {
    last: Option<Vec<Stored>>,
    /// Which of the stretches behind that key is read.
    stretch: usize,
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

    /// The condition that a row comes next after the key that was reached, ready to follow an ` AND`; none at the
    /// beginning. There may be more behind those rows: see [`Self::goes_on`].
    pub(crate) fn beyond(&self, order: &[String]) -> Option<Query> {
        stretches(order, self.last()?).into_iter().nth(self.stretch)
    }

    /// Whether there may be more behind what was just read. `full`: whether that was as much as was asked for; then the
    /// walk goes on [from its last key](Self::to), else with the next stretch.
    pub(crate) fn goes_on(&mut self, order: &[String], full: bool) -> bool {
        if full {
            return true;
        }
        let Some(last) = &self.last else { return false };
        self.stretch += 1;
        self.stretch < stretches(order, last).len()
    }

    /// Goes on to the last key of what was read. An error where that is not beyond the one before.
    pub(crate) fn to(&mut self, key: Vec<Stored>) -> Result<()> {
        let back = self.last.as_deref().is_some_and(|last| !may_follow(last, &key));
        if back || self.mark.as_ref() == Some(&key) {
            return Err(damaged(self.last.as_deref().unwrap_or(&key)));
        }
        self.steps += 1;
        if self.steps.is_power_of_two() {
            self.mark = Some(key.clone());
        }
        self.last = Some(key);
        self.stretch = 0;
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

/// Whether rows come in their order while one statement reads them: the first value of each key, where it is an integer.
#[derive(Debug, Default)]
pub(super) struct InOrder {
    before: Option<i64>,
}

impl InOrder {
    /// Takes in the key of the next row.
    pub(super) fn next(&mut self, key: &[Stored]) -> Result<()> {
        let now = key.first().and_then(Stored::as_integer);
        // A page that is reached from many places could be read for ever without the statement coming to an end.
        let back = self.before.zip(now).is_some_and(|(before, now)| now < before);
        self.before = now;
        if back { Err(damaged(key)) } else { Ok(()) }
    }
}

fn damaged(key: &[Stored]) -> Error {
    let key: Vec<String> = key.iter().map(|value| value.as_ref()).map(said).collect();
    Error::out_of_order(format_args!("after the row of key {} come rows that were read before", key.join(", ")))
}

fn said(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).chars().take(80).collect(),
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
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
    fn rows_of_one_statement_are_in_order() {
        let mut order = InOrder::default();
        let mut next = |first: i64, second: i64| order.next(&[first.into(), second.into()]).is_ok();
        assert!(next(1, 5) && next(1, 7) && next(2, 1));
        assert!(!next(1, 9));
        let error = damaged(&[Stored::Integer(7), Stored::text("a")]).to_string();
        assert!(error.contains("damaged") && error.contains("key 7, a"), "{error}");
    }

    #[test]
    fn a_circle_of_texts_is_found() {
        let circle: Vec<_> = ["a", "b", "c"].into_iter().cycle().take(1000).map(Stored::text).collect();
        assert!(walk(&circle) < 20);
    }
}
