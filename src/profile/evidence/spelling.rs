//! How a table writes the ids of streams: as the events do, or in another way that one expression undoes.

use uuid::Uuid;

/// How many values of a column are looked at for what they begin with.
const GLANCED: usize = 6;
/// What stands between the name of a kind and an id.
const SEPARATORS: [char; 8] = ['-', ':', '/', '$', '_', '|', '@', '.'];

/// What is done to a value to make it the id that the events have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Nothing.
    Same,
    /// A UUID gets its hyphens.
    Hyphenated,
    /// A UUID loses them.
    Bare,
    /// It gets what the ids of the events begin with.
    With(String),
    /// It loses what its own begin with.
    Without(String),
}

impl Spelling {
    /// The spellings worth trying for some values, where the ids of the events begin with these.
    pub(super) fn of(values: &[String], prefixes: &[String]) -> Vec<Self> {
        let mut found = vec![Self::Same];
        if values.iter().all(|value| Uuid::try_parse(value).is_ok()) {
            found.extend([Self::Hyphenated, Self::Bare]);
        }
        found.extend(prefixes.iter().cloned().map(Self::With));
        let mut own: Vec<&str> = values.iter().take(GLANCED).flat_map(|value| beginnings(value)).collect();
        own.sort_unstable();
        own.dedup();
        found.extend(own.into_iter().map(|prefix| Self::Without(prefix.to_owned())));
        found
    }

    /// The id that the events have for a value; `None` where it cannot be one.
    pub(super) fn apply(&self, value: &str) -> Option<String> {
        match self {
            Self::Same => Some(value.to_owned()),
            Self::Hyphenated => Uuid::try_parse(value).ok().map(|id| id.hyphenated().to_string()),
            Self::Bare => Uuid::try_parse(value).ok().map(|id| id.simple().to_string()),
            Self::With(prefix) => Some(format!("{prefix}{value}")),
            Self::Without(prefix) => value.strip_prefix(prefix.as_str()).map(str::to_owned),
        }
    }

    /// The same as SQL.
    pub(super) fn sql(&self, column: &str) -> String {
        match self {
            Self::Same => column.to_owned(),
            Self::Hyphenated => {
                let plain = format!("lower(replace(id_text({column}), '-', ''))");
                let part = |from: u8, length: u8| format!("substr({plain}, {from}, {length})");
                [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join(" || '-' || ")
            }
            Self::Bare => format!("lower(replace(id_text({column}), '-', ''))"),
            Self::With(prefix) => format!("{} || {column}", sql_text(prefix)),
            Self::Without(prefix) => format!("substr({column}, {})", prefix.chars().count() + 1),
        }
    }
}

/// What a name may begin with: up to each of its first separators.
pub(super) fn beginnings(name: &str) -> impl Iterator<Item = &str> {
    let places = name.char_indices().filter(|(at, letter)| *at > 0 && SEPARATORS.contains(letter)).take(3);
    places.filter_map(|(at, letter)| name.get(..at + letter.len_utf8()))
}

/// What such a beginning calls the things: without what separates it from the id.
pub(super) fn kind_of(prefix: &str) -> &str {
    prefix.trim_end_matches(SEPARATORS)
}

/// A text as SQL writes it.
pub(super) fn sql_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn what_is_done_to_a_value_is_done_by_sqlite_too() {
        let conn = Connection::open_in_memory().unwrap();
        super::super::super::functions::install(&conn).unwrap();
        let uuid = "0B9E4A52-5D7C-4B6E-9C59-2D7B6A0E1F33";
        for (spelling, value) in [
            (Spelling::Same, "x"),
            (Spelling::Hyphenated, "0b9e4a525d7c4b6e9c592d7b6a0e1f33"),
            (Spelling::Hyphenated, uuid),
            (Spelling::Bare, uuid),
            (Spelling::With("it's-".to_owned()), "7"),
            (Spelling::Without("łódź:".to_owned()), "łódź:9"),
        ] {
            let sql = format!("SELECT {} FROM (SELECT ?1 AS c)", spelling.sql("c"));
            let found: String = conn.query_row(&sql, [value], |row| row.get(0)).unwrap();
            assert_eq!(Some(found), spelling.apply(value), "{spelling:?}");
        }
    }

    #[test]
    fn a_name_begins_with_what_stands_before_its_separators() {
        assert_eq!(beginnings("bank_account-88-1").collect::<Vec<_>>(), ["bank_", "bank_account-", "bank_account-88-"]);
        assert_eq!(kind_of("bank_account-"), "bank_account");
    }
}
