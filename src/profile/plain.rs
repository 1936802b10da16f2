//! Says where a field comes from as plainly as can be: for people and scripts that compare, not for SQLite.
//!
//! | written | means |
//! | --- | --- |
//! | `event_type` | a column of the events' table, or `rowid` |
//! | `metadata->user.id` | what the document in a column has there |
//! | `other key of payload` | the key that a document has beside those that all have, which names the type |
//! | `flags created,deleted` | the one of several columns that is set, which names the type |
//! | `first key of payload` | the only key of the document, which names the type |
//! | `stream_id=>streams.id:name` | the `name` in the row of `streams` whose `id` is in the column `stream_id` |
//! | `(app,session)` | several columns together |
//! | `old_value,new_value` | several columns as the members of one document |
//! | `Payload[]->Body` | of each element of the list in the document |
//!
//! What none of these says is the SQL expression itself.

mod scope;
mod token;

use scope::Scope;
use token::{Token, tokens};

use super::mapping::Mapping;

/// Where the value of an expression of a mapping comes from.
#[must_use]
pub fn plain(mapping: &Mapping, sql: &str) -> String {
    let scope = Scope::of(mapping);
    expression(&scope, sql).unwrap_or_else(|| sql.to_owned())
}

/// The plain form of a whole expression, if it has one.
fn expression(scope: &Scope, sql: &str) -> Option<String> {
    // How values compare is no matter of where they are.
    let sql = sql.strip_suffix(" COLLATE BINARY").unwrap_or(sql);
    let tokens = tokens(sql)?;
    let mut reader = Reader { scope, rest: &tokens };
    let found = reader.joined()?;
    reader.rest.is_empty().then_some(found)
}

/// Reads tokens from the front.
struct Reader<'a> {
    scope: &'a Scope,
    rest: &'a [Token],
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first.clone())
    }

    fn takes(&mut self, symbol: &str) -> bool {
        let found = matches!(self.rest.first(), Some(Token::Symbol(it)) if it == symbol);
        if found {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.rest.first(), Some(Token::Word(it)) if it.eq_ignore_ascii_case(word));
        if found {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        found
    }

    /// Columns with `||` between them, and texts, which do not count.
    fn joined(&mut self) -> Option<String> {
        let (mut sources, mut texts) = (Vec::new(), 0);
        loop {
            match self.rest.first() {
                Some(Token::Text(_)) => {
                    self.next();
                    texts += 1;
                }
                _ => sources.push(self.path()?),
            }
            if !self.takes("||") {
                break;
            }
        }
        match sources.as_slice() {
            [one] if texts == 0 => Some(one.clone()),
            [] | [_] => None,
            several => Some(format!("({})", several.join(","))),
        }
    }

    /// A value, and the way into it.
    fn path(&mut self) -> Option<String> {
        let mut source = self.value()?;
        while self.takes("->>") || self.takes("->") {
            let Some(Token::Text(path)) = self.next() else { return None };
            source = inside(&source, &path);
        }
        Some(source)
    }

    fn value(&mut self) -> Option<String> {
        if self.takes("(") {
            if self.takes_word("select") {
                return self.other_key();
            }
            let inner = self.joined()?;
            return self.takes(")").then_some(inner);
        }
        match self.next()? {
            Token::Word(word) if word.eq_ignore_ascii_case("case") => self.case(),
            Token::Word(word) if self.takes("(") => self.call(&word.to_lowercase()),
            Token::Word(name) | Token::Name(name) if self.takes(".") => match self.next()? {
                Token::Word(column) | Token::Name(column) => self.scope.column(Some(&name), &column),
                _ => None,
            },
            Token::Word(name) | Token::Name(name) => self.scope.column(None, &name),
            _ => None,
        }
    }

    /// `CASE WHEN json_valid(x) THEN y END`, which only guards `y`; and what finds the first key of a document.
    fn case(&mut self) -> Option<String> {
        if self.takes_word("when") {
            if let Some(Token::Word(name) | Token::Name(name)) = self.rest.first()
                && !name.eq_ignore_ascii_case("json_valid")
            {
                return self.flags();
            }
            let guards = self.takes_word("json_valid") && self.takes("(");
            let _guarded = guards.then(|| self.joined()).flatten()?;
            let then = self.takes(")") && self.takes_word("then");
            let inner = then.then(|| self.joined()).flatten()?;
            return self.takes_word("end").then_some(inner);
        }
        let typed = self.takes_word("json_type") && self.takes("(");
        let inner = typed.then(|| self.joined()).flatten()?;
        let keys = self.rest.iter().any(|token| matches!(token, Token::Word(it) if it == "json_each"));
        self.rest = &[];
        keys.then(|| format!("first key of {inner}"))
    }

    /// `(SELECT key FROM json_each(x) WHERE …)`, after its second word.
    fn other_key(&mut self) -> Option<String> {
        let begins =
            self.takes_word("key") && self.takes_word("from") && self.takes_word("json_each") && self.takes("(");
        let inner = begins.then(|| self.joined()).flatten()?;
        self.rest = &[];
        Some(format!("other key of {inner}"))
    }

    /// `CASE WHEN x THEN 'x' WHEN y THEN 'y' ELSE … END`, after its second word.
    fn flags(&mut self) -> Option<String> {
        let mut flags = Vec::new();
        loop {
            flags.push(self.path()?);
            let said = self.takes_word("then").then(|| self.next());
            let Some(Some(Token::Text(_))) = said else { return None };
            if !self.takes_word("when") {
                break;
            }
        }
        if self.takes_word("else") {
            self.next();
        }
        self.takes_word("end").then(|| format!("flags {}", flags.join(",")))
    }

    /// A function that changes how a value is written and not what it is; or one that makes a document of columns.
    fn call(&mut self, name: &str) -> Option<String> {
        let source = match name {
            "id_text" | "decoded" | "json" => self.joined()?,
            "coalesce" => {
                let inner = self.joined()?;
                let other = self.takes(",") && matches!(self.next(), Some(Token::Text(_)));
                other.then_some(inner)?
            }
            "cast" => {
                let inner = self.joined()?;
                let typed = self.takes_word("as") && matches!(self.next(), Some(Token::Word(_)));
                typed.then_some(inner)?
            }
            "json_extract" => {
                let inner = self.joined()?;
                let path = self.takes(",").then(|| self.next()).flatten();
                let Some(Token::Text(path)) = path else { return None };
                inside(&inner, &path)
            }
            "json_object" | "members" | "whole_row" => self.members()?,
            _ => return None,
        };
        self.takes(")").then_some(source)
    }

    fn members(&mut self) -> Option<String> {
        let mut sources = Vec::new();
        loop {
            match self.rest.first() {
                Some(Token::Text(_)) => drop(self.next()),
                _ => sources.push(self.joined()?),
            }
            let value = self.takes(",").then(|| self.joined()).flatten()?;
            sources.push(value);
            if !self.takes(",") {
                return Some(sources.join(","));
            }
        }
    }
}

/// The key that a tagged value keeps its text under: `{"_type_": "datetime_iso", "_data_": "2026-…"}`. It is a matter of
/// how the value is written, not of where it is.
const TAGGED: &str = "_data_";

/// The way into a document: `$."a".b` as `a.b`.
fn inside(source: &str, path: &str) -> String {
    let path = path.strip_prefix('$').map_or(path, |rest| rest.strip_prefix('.').unwrap_or(rest)).replace('"', "");
    let path = path.strip_suffix(TAGGED).and_then(|rest| rest.strip_suffix('.')).unwrap_or(&path);
    match path {
        "" => source.to_owned(),
        path if source.contains("->") => format!("{source}.{path}"),
        path => format!("{source}->{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(from: &str, table: &str, sql: &str) -> String {
        plain(&Mapping { from: from.to_owned(), table: table.to_owned(), ..Mapping::default() }, sql)
    }

    #[test]
    fn columns_and_documents_are_said_without_sql() {
        for (sql, expected) in [
            ("\"event-type\"", "event-type"),
            ("id_text(uuid)", "uuid"),
            ("decoded(state) ->> '$.timestamp._data_'", "state->timestamp"),
            ("CASE WHEN json_valid(meta) THEN meta ->> '$.\"user\".id' END", "meta->user.id"),
            ("json_extract(CAST(data AS TEXT), '$.at')", "data->at"),
            ("user_id || '/' || session_id", "(user_id,session_id)"),
            ("json_object('old', old_value, 'new', json(new_value))", "old_value,new_value"),
            ("CASE WHEN gone THEN 'gone' WHEN made THEN 'made' ELSE 'changed' END", "flags gone,made"),
            ("(SELECT key FROM json_each(decoded(body)) WHERE key NOT IN ('1') LIMIT 1)", "other key of body"),
            ("coalesce(name, '')", "name"),
            ("json_object(\"column\", value)", "column,value"),
            ("substr(stream, 1, 3)", "substr(stream, 1, 3)"),
            ("(\"name\") COLLATE BINARY", "name"),
            ("members('a', a, 'b', \"b c\")", "a,b c"),
            ("'fixed'", "'fixed'"),
        ] {
            assert_eq!(of("log", "log", sql), expected, "{sql}");
        }
    }

    #[test]
    fn look_ups_name_both_sides() {
        let from = "\"log\" AS e LEFT JOIN streams AS s ON s.id = e.stream_no JOIN kinds k ON (e.kind = k.no)";
        assert_eq!(of(from, "log", "e.body"), "body");
        assert_eq!(of(from, "log", "s.name"), "stream_no=>streams.id:name");
        assert_eq!(of(from, "log", "k.label"), "kind=>kinds.no:label");
    }

    #[test]
    fn look_ups_are_seen_from_the_table_of_the_events() {
        let from = "links AS l JOIN streams AS s ON s.id = l.stream JOIN log AS e ON e.id = l.event";
        assert_eq!(of(from, "log", "s.name"), "id=>links.event:stream=>streams.id:name");
        assert_eq!(of(from, "log", "l.version"), "id=>links.event:version");
    }

    #[test]
    fn lists_are_said_by_their_elements() {
        let from = "Commits c JOIN json_each(coalesce(decoded(c.Payload), '[]')) item";
        assert_eq!(of(from, "Commits", "item.value ->> '$.Body'"), "Payload[]->Body");
    }
}
