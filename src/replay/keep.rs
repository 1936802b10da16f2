//! Writes a condition into the text of a reducers file, and leaves all that a person wrote there as it is.

use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::probe::Invariant;
use super::reducers::Reducers;
use crate::error::{Error, Result};

/// The text of a reducers file with one more invariant for an aggregate type, or the same text where it has it already.
///
/// # Errors
/// [`crate::ErrorKind::BadInput`] where the text is no reducers file, or the condition cannot be read.
pub fn with_invariant(text: &str, aggregate: &str, predicate: &str) -> Result<String> {
    Invariant::new(aggregate, predicate)?;
    let known = Invariant::of(&Reducers::parse(text, "the reducers")?);
    if known.iter().any(|known| known.aggregate() == aggregate && known.predicate().text() == predicate) {
        return Ok(text.to_owned());
    }
    let mut document: DocumentMut = text.parse().map_err(unreadable)?;
    let types = document.entry("aggregate").or_insert_with(|| Item::Table(implicit()));
    let types = types.as_table_like_mut().ok_or_else(odd)?;
    let section = types.entry(aggregate).or_insert_with(|| Item::Table(Table::new()));
    if let Some(section) = section.as_table_mut().filter(|section| section.is_implicit()) {
        // Its header goes behind all that is there, so that each comment stays above what it is about.
        section.set_implicit(false);
        section.set_position(Some(isize::MAX));
    }
    let section = section.as_table_like_mut().ok_or_else(odd)?;
    let kept = section.entry("invariants").or_insert_with(|| Item::Value(Value::Array(Array::new())));
    kept.as_array_mut().ok_or_else(odd)?.push(predicate);
    let text = document.to_string();
    // What would not be read back is not written.
    let read = Invariant::of(&Reducers::parse(&text, "the reducers")?);
    if read.len() == known.len() + 1 { Ok(text) } else { Err(odd()) }
}

/// A table that is only the way to those in it.
fn implicit() -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    table
}

fn unreadable(error: toml_edit::TomlError) -> Error {
    Error::bad_input(format!("the reducers are no TOML: {}", error.message())).with_source(error)
}

fn odd() -> Error {
    Error::bad_input("the reducers are written in a way that no condition can be put into")
        .with_hint("Write it into the file by hand: invariants = ['…'] in the section [aggregate.TYPE].")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Vec<(String, String)> {
        let all = Invariant::of(&Reducers::parse(text, "test").unwrap());
        all.iter().map(|one| (one.aggregate().to_owned(), one.predicate().text().to_owned())).collect()
    }

    #[test]
    fn a_condition_goes_to_its_section_and_all_else_stays_as_it_was_written() {
        let text = "# Mine.\n[aggregate.stock.on]\n\"in\" = '.n += 1' # one more\n\n[aggregate.\"or*\"]\n\
                    invariants = [ '.total >= 0' ]   # never negative\n";
        let once = with_invariant(text, "stock", ".n < 5").unwrap();
        assert!(once.starts_with("# Mine.\n") && once.contains("\"in\" = '.n += 1' # one more"), "{once}");
        assert!(once.contains("# never negative"), "{once}");
        let twice = with_invariant(&once, "or*", r#".status != "x""#).unwrap();
        let mut all = kept(&twice);
        all.sort();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(all, [pair("or*", r#".status != "x""#), pair("or*", ".total >= 0"), pair("stock", ".n < 5")]);
        assert_eq!(with_invariant(&twice, "stock", ".n < 5").unwrap(), twice, "once is enough");
    }

    #[test]
    fn an_empty_file_gets_a_section_of_its_own_and_names_are_quoted_where_they_must() {
        let text = with_invariant("", "Shop::Order", ".a").unwrap();
        assert_eq!(kept(&text), [("Shop::Order".to_owned(), ".a".to_owned())]);
        assert!(!text.contains("[aggregate]\n"), "{text}");
    }

    #[test]
    fn what_cannot_be_read_is_not_written() {
        assert!(with_invariant("", "a", ".x <").is_err());
        assert!(with_invariant("[aggregat.x]", "a", ".x").is_err());
        assert!(with_invariant("= 3", "a", ".x").is_err());
    }
}
