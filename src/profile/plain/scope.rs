//! Which table each alias of a mapping's FROM stands for, and how it is joined to the table of the events.

use super::super::mapping::Mapping;
use super::token::{Token, tokens};

/// A column of an alias.
type Column = (String, String);

/// The tables that an expression may name.
#[derive(Debug, Default)]
pub(super) struct Scope {
    tables: Vec<Table>,
    /// Pairs of columns that a join sets equal.
    joins: Vec<(Column, Column)>,
    /// The alias of the table whose rows are the events.
    home: String,
}

#[derive(Debug)]
struct Table {
    alias: String,
    name: String,
    /// The column whose list this unpacks, for a call of `json_each`.
    list: Option<(Option<String>, String)>,
}

impl Scope {
    pub(super) fn of(mapping: &Mapping) -> Self {
        let mut scope = Self::default();
        if mapping.from != mapping.table
            && let Some(tokens) = tokens(&mapping.from)
        {
            scope.read(&tokens);
        }
        let home = scope.tables.iter().find(|table| table.name.eq_ignore_ascii_case(&mapping.table));
        scope.home = home.map_or_else(|| mapping.table.clone(), |table| table.alias.clone());
        scope
    }

    /// A column as it is seen from the table of the events; `None` for one that nothing leads to.
    pub(super) fn column(&self, alias: Option<&str>, column: &str) -> Option<String> {
        let Some(alias) = alias.filter(|alias| !alias.eq_ignore_ascii_case(&self.home)) else {
            return Some(column.to_owned());
        };
        let table = self.tables.iter().find(|table| table.alias.eq_ignore_ascii_case(alias))?;
        if let Some((alias, list)) = &table.list {
            return Some(format!("{}[]", self.column(alias.as_deref(), list)?)).filter(|_| column == "value");
        }
        self.through(&table.alias, column, 0)
    }

    /// `local=>table.key:column`, over further tables where the join is not a direct one.
    fn through(&self, alias: &str, column: &str, depth: usize) -> Option<String> {
        if alias == self.home {
            return Some(column.to_owned());
        }
        let table = self.tables.iter().find(|table| table.alias == alias)?;
        let ends = self.joins.iter().flat_map(|(a, b)| [(a, b), (b, a)]).filter(|(this, _)| this.0 == alias);
        let (key, local) = ends.min_by_key(|(_, other)| other.0 != self.home).filter(|_| depth < 3)?;
        let local = self.through(&local.0, &local.1, depth + 1)?;
        // The two sides of a join are equal.
        let same = key.1.eq_ignore_ascii_case(column);
        Some(if same { local } else { format!("{local}=>{}.{}:{column}", table.name, key.1) })
    }

    fn read(&mut self, tokens: &[Token]) {
        let mut rest = tokens;
        while let Some(first) = rest.first() {
            let join = matches!(first, Token::Word(word) if is_join(word)) || *first == symbol(",");
            if join {
                rest = rest.get(1..).unwrap_or_default();
            } else if matches!(first, Token::Word(word) if word.eq_ignore_ascii_case("on")) {
                rest = self.read_condition(rest.get(1..).unwrap_or_default());
            } else {
                rest = self.read_table(rest);
            }
        }
    }

    fn read_table<'a>(&mut self, tokens: &'a [Token]) -> &'a [Token] {
        let (mut name, mut list, mut rest) = (String::new(), None, tokens);
        if let [Token::Word(word) | Token::Name(word), after @ ..] = tokens {
            (name, rest) = (word.clone(), after);
        }
        if rest.first() == Some(&symbol("(")) {
            let (inner, after) = parenthesised(rest);
            list = last_column(inner);
            rest = after;
        } else if name.is_empty() {
            return tokens.get(1..).unwrap_or_default();
        }
        if matches!(rest.first(), Some(Token::Word(word)) if word.eq_ignore_ascii_case("as")) {
            rest = rest.get(1..).unwrap_or_default();
        }
        let mut alias = name.clone();
        if let [Token::Word(word) | Token::Name(word), after @ ..] = rest
            && !is_join(word)
            && !word.eq_ignore_ascii_case("on")
        {
            (alias, rest) = (word.clone(), after);
        }
        let list = list.filter(|_| name.eq_ignore_ascii_case("json_each"));
        self.tables.push(Table { alias, name, list });
        rest
    }

    /// Takes every `a.b = c.d` of a condition.
    fn read_condition<'a>(&mut self, tokens: &'a [Token]) -> &'a [Token] {
        let (mut rest, mut depth) = (tokens, 0_usize);
        while let Some(first) = rest.first() {
            match first {
                Token::Word(word) if depth == 0 && is_join(word) => break,
                Token::Symbol(it) if it == "(" => depth += 1,
                Token::Symbol(it) if it == ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if let (Some(left), Some(right)) = (column_at(rest, 0), column_at(rest, 4))
                && rest.get(3) == Some(&symbol("="))
            {
                self.joins.push((left, right));
            }
            rest = rest.get(1..).unwrap_or_default();
        }
        rest
    }
}

fn symbol(text: &str) -> Token {
    Token::Symbol(text.to_owned())
}

fn is_join(word: &str) -> bool {
    ["join", "left", "inner", "outer", "cross"].iter().any(|it| word.eq_ignore_ascii_case(it))
}

/// `alias.column` at a place.
fn column_at(tokens: &[Token], place: usize) -> Option<Column> {
    let name = |token: Option<&Token>| match token {
        Some(Token::Word(name) | Token::Name(name)) => Some(name.clone()),
        _ => None,
    };
    let dot = tokens.get(place + 1) == Some(&symbol("."));
    dot.then(|| Some((name(tokens.get(place))?, name(tokens.get(place + 2))?))).flatten()
}

/// What stands in the parentheses that open here, and what follows them.
fn parenthesised(tokens: &[Token]) -> (&[Token], &[Token]) {
    let mut depth = 0_usize;
    let end = tokens.iter().position(|token| {
        match token {
            Token::Symbol(it) if it == "(" => depth += 1,
            Token::Symbol(it) if it == ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    let end = end.unwrap_or(tokens.len());
    (tokens.get(1..end).unwrap_or_default(), tokens.get(end + 1..).unwrap_or_default())
}

/// The column whose list a call unpacks: the one that its argument names.
fn last_column(tokens: &[Token]) -> Option<(Option<String>, String)> {
    let qualified = (0..tokens.len()).find_map(|place| column_at(tokens, place));
    if let Some((alias, column)) = qualified {
        return Some((Some(alias), column));
    }
    let functions = |name: &String| ["coalesce", "decoded", "json"].contains(&name.as_str());
    tokens.iter().find_map(|token| match token {
        Token::Word(name) | Token::Name(name) if !functions(name) => Some((None, name.clone())),
        _ => None,
    })
}
