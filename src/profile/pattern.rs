//! Profiles for libraries that let the application choose the names of tables: `{*}` in a table's name stands for any
//! text, and everywhere else in the profile for what it stood for there.

use std::borrow::Cow;

use super::file::Profile;
use super::schema::{Column, Table, quoted};

const ANY: &str = "{*}";

/// In the expression of the data: the columns of the table that `[detect]` does not ask for, as further arguments of
/// `json_object`. For libraries that write a row's own columns beside their own.
const COLUMNS: &str = "{columns}";

/// The profiles that a profile with `{*}` stands for in this database; the profile itself where it has none.
pub(super) fn instances<'a>(profile: &'a Profile, tables: &[Table]) -> Vec<Cow<'a, Profile>> {
    let Some(pattern) = profile.detect.keys().find(|name| name.contains(ANY)) else {
        return vec![Cow::Borrowed(profile)];
    };
    let Ok(toml) = profile.to_toml() else { return Vec::new() };
    let asked: &[String] = profile.detect.get(pattern).map_or(&[], Vec::as_slice);
    let fitting =
        tables.iter().filter(|table| asked.iter().all(|name| name.starts_with('!') || table.column(name).is_some()));
    let named = fitting.filter_map(|table| Some((table, stood_for(pattern, &table.name)?)));
    let made = named.filter_map(|(table, text)| {
        let mut made = Profile::parse(&toml.replace(ANY, text)).ok()?;
        made.events.data.sql = made.events.data.sql.replace(COLUMNS, &other_columns(table, asked));
        Some(made)
    });
    made.map(Cow::Owned).collect()
}

fn other_columns(table: &Table, asked: &[String]) -> String {
    let others = table.columns.iter().filter(|column| !asked.contains(&column.name));
    let argument = |column: &Column| format!(", '{}', {}", column.name.replace('\'', "''"), quoted(&column.name));
    others.map(argument).collect::<Vec<_>>().concat()
}

/// What `{*}` stands for in a name. Only letters, digits, `_`, `-`, `.` and spaces: the text is put into SQL.
fn stood_for<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    let (before, after) = pattern.split_once(ANY)?;
    let text = name.strip_prefix(before)?.strip_suffix(after)?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    (!text.is_empty() && text.chars().all(plain)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_texts_stand_for_the_pattern() {
        assert_eq!(stood_for("{*}_messages", "my_messages"), Some("my"));
        assert_eq!(stood_for("{*}_messages", "_messages"), None);
        assert_eq!(stood_for("{*}", "x\"; DROP TABLE y"), None);
        assert_eq!(stood_for("{*}_messages", "messages_my"), None);
    }
}
