//! A reducers file that is being edited: what a person wrote in it, comments too, stays as it is.

use serde_json::Value;
use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::toml_text::literal;
use crate::error::{Error, Result};

/// What a comment begins with that says on what evidence a rule stands; it goes with the rule.
const EVIDENCE: &str = "# /";

/// The text of a reducers file, rule by rule.
#[derive(Clone, Debug, Default)]
pub struct RulesFile {
    document: DocumentMut,
}

impl RulesFile {
    /// Reads a reducers file. Whether its rules can be compiled is [`super::Reducers`]' to say.
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadInput`] where it is no TOML.
    pub fn parse(text: &str) -> Result<Self> {
        let document = text.parse().map_err(|error: toml_edit::TomlError| {
            Error::bad_input(format!("the reducers are no TOML: {}", error.message()))
        })?;
        Ok(Self { document })
    }

    /// The file as it is now.
    #[must_use]
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// Whether it has a section of its own for an aggregate type.
    #[must_use]
    pub fn has_section(&self, aggregate_type: &str) -> bool {
        self.section(aggregate_type).is_some()
    }

    /// The rule that is written for exactly this event type of exactly this aggregate type.
    #[must_use]
    pub fn rule(&self, aggregate_type: &str, event_type: &str) -> Option<&str> {
        self.section(aggregate_type)?.get("on")?.as_table_like()?.get(event_type)?.as_str()
    }

    /// Writes the rule for an event type, or takes it out.
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadInput`] where the file has something else at its place.
    pub fn set_rule(&mut self, aggregate_type: &str, event_type: &str, rule: Option<&str>) -> Result<()> {
        let Some(rule) = rule else {
            if self.rule(aggregate_type, event_type).is_some() {
                table(self.section_mut(aggregate_type)?, "on")?.remove(event_type);
            }
            return Ok(());
        };
        let on = table(self.section_mut(aggregate_type)?, "on")?;
        let value = value(rule)?;
        if let Some((mut key, held)) = on.get_key_value_mut(event_type) {
            *held = value;
            let prefix = key.leaf_decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
            let kept: String = prefix.split_inclusive('\n').filter(|line| !line.starts_with(EVIDENCE)).collect();
            key.leaf_decor_mut().set_prefix(kept);
        } else {
            on.insert(event_type, value);
        }
        Ok(())
    }

    /// Writes the state before the first event, or takes it out.
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadInput`] where the file has something else at its place.
    pub fn set_initial(&mut self, aggregate_type: &str, initial: Option<&Value>) -> Result<()> {
        match initial {
            Some(initial) => {
                let value = value(&initial.to_string())?;
                self.section_mut(aggregate_type)?.insert("initial", value);
            }
            None if self.has_section(aggregate_type) => {
                self.section_mut(aggregate_type)?.remove("initial");
            }
            None => {}
        }
        Ok(())
    }

    /// Writes the upcaster that takes a schema version of an event type, or takes it out.
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadInput`] where the file has something else at its place.
    pub fn set_upcast(&mut self, event_type: &str, from: u64, upcast: Option<&str>) -> Result<()> {
        let upcasts = table(self.document.as_table_mut(), "upcast")?;
        match upcast {
            Some(upcast) => {
                table(upcasts, event_type)?.insert(&from.to_string(), value(upcast)?);
            }
            None if upcasts.contains_key(event_type) => {
                table(upcasts, event_type)?.remove(&from.to_string());
            }
            None => {}
        }
        Ok(())
    }

    /// Takes over what another file says and this one does not.
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadInput`] where the file has something else at its place.
    pub fn adopt(&mut self, other: &Self) -> Result<()> {
        for (kind, names) in other.document.iter() {
            for (name, section) in names.as_table_like().into_iter().flat_map(TableLike::iter) {
                let own = table(table(self.document.as_table_mut(), kind)?, name)?;
                take_over(own, section)?;
            }
        }
        Ok(())
    }

    fn section(&self, aggregate_type: &str) -> Option<&dyn TableLike> {
        self.document.get("aggregate")?.as_table_like()?.get(name(aggregate_type))?.as_table_like()
    }

    fn section_mut(&mut self, aggregate_type: &str) -> Result<&mut dyn TableLike> {
        let aggregates = table(self.document.as_table_mut(), "aggregate")?;
        table(aggregates, name(aggregate_type))
    }
}

/// What the section of an aggregate type is called: without types, all streams have the same one.
fn name(aggregate_type: &str) -> &str {
    if aggregate_type.is_empty() { "*" } else { aggregate_type }
}

/// A table within another, which is made where there is none.
fn table<'t>(within: &'t mut dyn TableLike, key: &str) -> Result<&'t mut dyn TableLike> {
    let implicit = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    let item = within.entry(key).or_insert_with(implicit);
    item.as_table_like_mut().ok_or_else(|| Error::bad_input(format!("`{key}` in the reducers is no table")))
}

fn take_over(own: &mut dyn TableLike, other: &Item) -> Result<()> {
    for (key, item) in other.as_table_like().into_iter().flat_map(TableLike::iter) {
        if let Some(inner) = item.as_table_like() {
            let own = table(own, key)?;
            for (key, item) in inner.iter().filter(|(key, _)| !own.contains_key(key)).collect::<Vec<_>>() {
                own.insert(key, item.clone());
            }
        } else if !own.contains_key(key) {
            own.insert(key, item.clone());
        }
    }
    Ok(())
}

/// A text as a value, in the way in which jq is read best.
fn value(text: &str) -> Result<Item> {
    let written = format!("it = {}\n", literal(text));
    let document: DocumentMut = written.parse().map_err(|error: toml_edit::TomlError| {
        Error::bad_input(format!("this cannot be written in a reducers file: {}", error.message()))
    })?;
    Ok(document.get("it").cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::replay::Reducers;

    const WRITTEN: &str = r#"# My rules.

[aggregate."account"]
initial = '{"balance": 0}'

[aggregate."account".on]
# What comes in.
# /balance: 3 say so
Deposited = '.balance += $event.data.amount' # cents
"#;

    #[test]
    fn a_rule_is_changed_and_the_rest_stays_as_it_was_written() {
        let mut file = RulesFile::parse(WRITTEN).unwrap();
        file.set_rule("account", "Deposited", Some(".balance += $event.data.net")).unwrap();
        file.set_rule("account", "Closed", Some(".open = false\n| .by = 'x'")).unwrap();
        file.set_rule("order", "order.placed", Some("merge")).unwrap();
        let text = file.text();
        assert!(
            text.contains("# My rules.") && text.contains("# What comes in.") && !text.contains("say so"),
            "{text}"
        );
        assert_eq!(file.rule("account", "Deposited"), Some(".balance += $event.data.net"));
        let read = Reducers::parse(&text, "test").unwrap_err().to_string();
        assert!(read.contains("Closed"), "what is no jq is told of when it is read: {read}");
        file.set_rule("account", "Closed", None).unwrap();
        let text = file.text();
        let read = Reducers::parse(&text, "test").unwrap();
        assert_eq!(&*read.written("order", "order.placed").unwrap().text, "merge");
        assert!(read.written("account", "Closed").is_none());
    }

    #[test]
    fn the_state_before_the_first_event_is_written_and_taken_out() {
        let mut file = RulesFile::parse(WRITTEN).unwrap();
        file.set_initial("account", Some(&json!({"balance": 1}))).unwrap();
        file.set_initial("", Some(&json!({"n": 0}))).unwrap();
        assert!(file.text().contains("{\"balance\":1}") && file.has_section(""), "{}", file.text());
        file.set_initial("account", None).unwrap();
        assert!(!file.text().contains("\"balance\":1"));
        assert!(Reducers::parse(&file.text(), "test").is_ok());
    }

    #[test]
    fn an_upcaster_is_written_and_taken_out() {
        let mut file = RulesFile::parse(WRITTEN).unwrap();
        file.set_upcast("Deposited", 1, Some(".amount *= 100")).unwrap();
        file.set_upcast("Opened", 2, None).unwrap();
        let read = Reducers::parse(&file.text(), "test").unwrap();
        assert_eq!(read.written_upcasts("Deposited"), [(1, ".amount *= 100".to_owned())]);
        assert!(read.written_upcasts("Opened").is_empty());
        file.set_upcast("Deposited", 1, None).unwrap();
        assert!(Reducers::parse(&file.text(), "test").unwrap().written_upcasts("Deposited").is_empty());
    }

    #[test]
    fn what_another_file_says_is_taken_over_where_this_one_says_nothing() {
        let mut file = RulesFile::parse("[aggregate.account]\ninvariants = ['.balance >= 0']\n").unwrap();
        let other = format!("{WRITTEN}Closed = 'ignore'\n[upcast.Deposited]\n1 = '.'\n");
        file.set_rule("account", "Closed", Some(".open = false")).unwrap();
        file.adopt(&RulesFile::parse(&other).unwrap()).unwrap();
        assert_eq!(file.rule("account", "Closed"), Some(".open = false"));
        assert_eq!(file.rule("account", "Deposited"), Some(".balance += $event.data.amount"));
        let text = file.text();
        assert!(text.contains("invariants") && text.contains("initial") && text.contains("upcast"), "{text}");
        assert!(Reducers::parse(&text, "test").is_ok(), "{text}");
    }

    #[test]
    fn what_is_no_table_is_told_of() {
        let mut file = RulesFile::parse("aggregate = 3\n").unwrap();
        assert!(file.set_rule("a", "b", Some(".")).unwrap_err().to_string().contains("no table"));
        assert!(RulesFile::parse("[aggregate").is_err());
    }

    proptest! {
        #[test]
        fn any_rule_is_read_as_it_was_written(rule in "\\PC{0,40}(\n\\PC{0,20}){0,3}", name in "\\PC{1,12}") {
            let mut file = RulesFile::default();
            file.set_rule(&name, &name, Some(&rule)).unwrap();
            let again = RulesFile::parse(&file.text()).unwrap();
            // Over several lines it ends with its line.
            prop_assert_eq!(again.rule(&name, &name).map(str::trim_end), Some(rule.trim_end()));
        }
    }
}
