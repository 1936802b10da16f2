//! Reads a reducers file: TOML, with the rules in jq. An error names the rule and the line.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::jq::Program;
use super::pattern::Pattern;
use super::predicate::Predicate;
use super::rule_text::Flaw;
use super::rules::{Action, Rule, Section};
use super::upcast::Upcast;
use crate::error::{Error, Result};

/// The sections and upcasters of a reducers file, in the order of the file.
pub(crate) fn parse(text: &str) -> Result<(Vec<Section>, Vec<Upcast>)> {
    let root = DeTable::parse(text).map_err(|error| not_toml(text, &error))?;
    let reader = Reader { text };
    let mut sections = Vec::new();
    let mut upcasts = Vec::new();
    for (key, value) in in_order(root.get_ref()) {
        match key.get_ref().as_ref() {
            "aggregate" => {
                for (name, value) in in_order(reader.table(value, "aggregate")?) {
                    sections.push(reader.section(name.get_ref(), value)?);
                }
            }
            "upcast" => {
                for (name, value) in in_order(reader.table(value, "upcast")?) {
                    reader.upcasts(name.get_ref(), value, &mut upcasts)?;
                }
            }
            other => {
                return Err(reader.error(key.span(), &format!("there is no section [{other}]")).with_hint(
                    "The sections are [aggregate.\"TYPE\"], [aggregate.\"TYPE\".on] and [upcast.\"TYPE\"].",
                ));
            }
        }
    }
    Ok((sections, upcasts))
}

type Entry<'a, 'i> = (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

/// A table's entries as the file has them; the parser sorts them by name.
fn in_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn not_toml(text: &str, error: &toml::de::Error) -> Error {
    let message = error.message().to_owned();
    match error.span() {
        Some(span) => (Reader { text }).error(span, &message),
        None => Error::bad_input(message),
    }
}

struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    fn section(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<Section> {
        let title = format!("aggregate.\"{name}\"");
        let mut section = Section::new(Pattern::new(name));
        for (key, value) in in_order(self.table(value, &title)?) {
            match key.get_ref().as_ref() {
                "initial" => section.initial = Some(self.initial(value, &title)?),
                "snapshot" => section.snapshot = Some(self.program(value, &format!("{title}.snapshot"))?),
                "invariants" => section.invariants = self.invariants(value, &format!("{title}.invariants"))?,
                "on" => {
                    for (event_type, value) in in_order(self.table(value, &format!("{title}.on"))?) {
                        let rule = format!("{title}.on.\"{}\"", event_type.get_ref());
                        let action = self.action(value, &rule)?;
                        let event_type = Pattern::new(event_type.get_ref().as_ref());
                        section.rules.push(Arc::new(Rule { event_type, action }));
                    }
                }
                other => {
                    let error = self.error(key.span(), &format!("{title} has no entry `{other}`"));
                    return Err(error.with_hint(
                        "The entries are `initial`, a JSON text, `on`, the rules, `invariants`, a list of conditions in \
                         jq, and `snapshot`, a jq filter.",
                    ));
                }
            }
        }
        Ok(section)
    }

    fn initial(&self, value: &Spanned<DeValue<'_>>, title: &str) -> Result<Value> {
        let text = self.string(value, &format!("{title}.initial"))?;
        serde_json::from_str(text).map_err(|error| {
            self.error(value.span(), &format!("{title}.initial is no JSON: {error}")).with_source(error)
        })
    }

    fn invariants(&self, value: &Spanned<DeValue<'_>>, title: &str) -> Result<Vec<Arc<Predicate>>> {
        let DeValue::Array(conditions) = value.get_ref() else {
            return Err(self.error(value.span(), &format!("{title} is no list of conditions")));
        };
        let compiled = |(index, condition): (usize, &Spanned<DeValue<'_>>)| {
            let text = self.string(condition, &format!("{title}[{index}]"))?;
            Predicate::compile(text).map(Arc::new).map_err(|error| self.error(condition.span(), &error.to_string()))
        };
        conditions.iter().enumerate().map(compiled).collect()
    }

    fn action(&self, value: &Spanned<DeValue<'_>>, rule: &str) -> Result<Action> {
        match self.string(value, rule)?.trim() {
            "merge" => Ok(Action::Merge),
            "replace" => Ok(Action::Replace),
            "ignore" => Ok(Action::Ignore),
            _ => self.program(value, rule).map(Action::Jq),
        }
    }

    fn upcasts(&self, name: &str, value: &Spanned<DeValue<'_>>, upcasts: &mut Vec<Upcast>) -> Result<()> {
        let title = format!("upcast.\"{name}\"");
        for (version, value) in in_order(self.table(value, &title)?) {
            let from = version.get_ref().parse().map_err(|_| {
                self.error(version.span(), &format!("{title}: `{}` is no schema version", version.get_ref()))
                    .with_hint("An upcaster is named by the number of the version that it takes.")
            })?;
            let program = self.program(value, &format!("{title}.{from}"))?;
            upcasts.push(Upcast { event_type: Pattern::new(name), from, program });
        }
        Ok(())
    }

    fn program(&self, value: &Spanned<DeValue<'_>>, rule: &str) -> Result<Program> {
        let code = self.string(value, rule)?;
        Program::compile(code).map_err(|flaw| self.flaw(value.span(), code, rule, &flaw))
    }

    /// An error in a rule's text: at its place in the file, or in the rule where escapes hide that.
    fn flaw(&self, span: Range<usize>, code: &str, rule: &str, flaw: &Flaw) -> Error {
        let written = self.text.get(span.clone()).and_then(|written| written.find(code));
        match written {
            Some(start) => {
                let at = span.start + start + flaw.at;
                self.error(at..at, &format!("{rule}: {}", flaw.message))
            }
            None => self.error(span, &format!("{rule}, character {}: {}", flaw.at + 1, flaw.message)),
        }
    }

    fn table<'a, 'i>(&self, value: &'a Spanned<DeValue<'i>>, title: &str) -> Result<&'a DeTable<'i>> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.error(value.span(), &format!("{title} is no table"))),
        }
    }

    fn string<'a>(&self, value: &'a Spanned<DeValue<'_>>, title: &str) -> Result<&'a str> {
        value.get_ref().as_str().ok_or_else(|| self.error(value.span(), &format!("{title} is no text")))
    }

    /// An error at a place, counted as editors do: lines and characters from 1.
    fn error(&self, span: Range<usize>, message: &str) -> Error {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Error::bad_input(format!("line {line}, column {column}: {message}"))
    }
}
