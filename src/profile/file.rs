//! A profile and its TOML form: what one kind of database means, as a file that a person can read and write.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

use super::append::{AppendSpec, PARAMETERS, parameters_of};
use super::folder::FolderSpec;
use super::gather::GatherSpec;
use super::mapping::{Mapping, SnapshotMapping};
use super::read_model::ReadModelMapping;
use super::state::StateSpec;
use super::tables::NamedTables;

/// How one kind of database stores events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name on the command line: lowercase letters, digits and dashes.
    pub name: String,
    /// The name on screen.
    pub title: String,
    /// What a person should know of such databases, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The `application_id` that the format puts into the file's header; SQLite's pragma of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<i32>,
    /// The tables that must be there, each with the columns that it must have. A column with `!` before its name must
    /// not be there. Other tables and columns are of no account. Where the application chooses names, `{*}` in a table's
    /// name stands for any text, and for the same text everywhere else in the profile: `"{*}_messages"`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub detect: IndexMap<String, Vec<String>>,
    /// Where the events are.
    pub events: Mapping,
    /// Where the application's own snapshots are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<SnapshotMapping>,
    /// What the library says that a stream's state is. None: it leaves that to the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateSpec>,
    /// The tables whose rows are what streams came to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read_models: Vec<ReadModelMapping>,
    /// What the other tables are for.
    #[serde(default, skip_serializing_if = "NamedTables::is_empty")]
    pub tables: NamedTables,
    /// How an event is written. Without it such databases are read-only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub append: Option<AppendSpec>,
    /// How the events are spread over the files of a folder. Without it each file stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<FolderSpec>,
    /// How the events are gathered from a server that has tables of this form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gather: Option<GatherSpec>,
}

impl Profile {
    /// Reads a profile from its TOML text.
    ///
    /// # Errors
    /// Bad input, with the line, what is wrong there and what is allowed.
    pub fn parse(toml: &str) -> Result<Self> {
        let mut profile: Self = toml::from_str(toml).map_err(|error| {
            Error::bad_input(format!("the profile cannot be read: {}", error.to_string().trim_end())).with_source(error)
        })?;
        profile.complete()?;
        profile.check_append()?;
        profile.state.as_ref().map_or(Ok(()), StateSpec::check)?;
        profile.check_folder()?;
        Ok(profile)
    }

    /// The profile's TOML text; [`Profile::parse`] reads it back as the same profile.
    ///
    /// # Errors
    /// Bad input where a value cannot be written in TOML; none of a parsed profile's can.
    pub fn to_toml(&self) -> Result<String> {
        let mut short = self.clone();
        if short.events.table == short.events.from {
            short.events.table.clear();
        }
        toml::to_string_pretty(&short)
            .map_err(|error| Error::bad_input(format!("the profile cannot be written: {error}")).with_source(error))
    }

    /// What a table of such a database is for, where the profile says it.
    #[must_use]
    pub fn role(&self, table: &str) -> Option<super::Role> {
        if self.events.table.eq_ignore_ascii_case(table) {
            return Some(super::Role::Events);
        }
        let snapshots = self.snapshots.as_ref().is_some_and(|snapshots| snapshots.from.eq_ignore_ascii_case(table));
        let said = if snapshots { Some(super::Role::Snapshots) } else { self.tables.role(table) };
        said.or_else(|| self.read_model(table).map(|_| super::Role::Projections))
    }

    /// How the rows of a table are read as what streams came to.
    #[must_use]
    pub fn read_model(&self, table: &str) -> Option<&ReadModelMapping> {
        self.read_models.iter().find(|model| model.table.eq_ignore_ascii_case(table))
    }

    /// Fills in what TOML may leave out.
    fn complete(&mut self) -> Result<()> {
        if !self.events.table.is_empty() {
            return Ok(());
        }
        // `{*}` is part of a name: see `pattern`.
        if !self.events.from.chars().all(|c| c.is_alphanumeric() || "_{*}".contains(c)) {
            return Err(Error::bad_input(format!(
                "[events] reads `from = \"{}\"`, which is more than one table's name",
                self.events.from
            ))
            .with_hint("Add `table = \"…\"` to [events]: the table that an event is one row of."));
        }
        self.events.table.clone_from(&self.events.from);
        Ok(())
    }

    /// What is gathered from several files is the rows of one table.
    fn check_folder(&self) -> Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        if self.events.from != self.events.table {
            return Err(Error::bad_input("a profile with [folder] reads its events from one table, not from a join")
                .with_hint("Take [folder] out, or name one table in `from` of [events]."));
        }
        folder.check()
    }

    fn check_append(&self) -> Result<()> {
        let Some(append) = &self.append else { return Ok(()) };
        for (place, sql) in append.statements() {
            if let Some(unknown) = parameters_of(sql).into_iter().find(|name| !PARAMETERS.contains(name)) {
                return Err(Error::bad_input(format!(
                    "{place} names the parameter `:{unknown}`, which does not exist"
                ))
                .with_hint(format!("There are :{}.", PARAMETERS.join(", :"))));
            }
        }
        if let Some(format) = &append.timestamp
            && chrono::format::StrftimeItems::new(format).any(|item| item == chrono::format::Item::Error)
        {
            return Err(Error::bad_input(format!("append.timestamp is no strftime format: {format}"))
                .with_hint("For example \"%Y-%m-%dT%H:%M:%S%.6fZ\"."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str =
        "name = 'x'\ntitle = 'X'\n[events]\nfrom = 'log'\ndata = { sql = 'body', encoding = ['json'] }\n";

    fn error(toml: &str) -> String {
        let error = Profile::parse(toml).unwrap_err();
        format!("{error} {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn what_is_left_out_is_filled_in_and_not_printed() {
        let profile = Profile::parse(SMALL).unwrap();
        assert_eq!(profile.events.table, "log");
        let printed = profile.to_toml().unwrap();
        assert!(!printed.contains("table = \"log\""), "{printed}");
        assert!(
            printed.contains("data = { sql = \"body\", encoding = \"json\" }") || printed.contains("[events.data]")
        );
        assert_eq!(Profile::parse(&printed).unwrap(), profile);
    }

    #[test]
    fn errors_say_where_and_what_is_allowed() {
        let unknown = error(&SMALL.replace("from =", "form ="));
        assert!(unknown.contains("line 4") && unknown.contains("`form`") && unknown.contains("`from`"), "{unknown}");
        let encoding = error(&SMALL.replace("['json']", "'jsn'"));
        assert!(
            encoding.contains("line 5") && encoding.contains("`jsn`") && encoding.contains("`messagepack`"),
            "{encoding}"
        );
        let key = error(&SMALL.replace("encoding", "enc"));
        assert!(key.contains("`enc`") && key.contains("`unwrap`"), "{key}");
        let empty = error(&SMALL.replace("{ sql = 'body', encoding = ['json'] }", "''"));
        assert!(empty.contains("empty"), "{empty}");
        let join = error(&SMALL.replace("'log'", "'a JOIN b'"));
        assert!(join.contains("table ="), "{join}");
    }

    #[test]
    fn appends_may_only_name_what_there_is() {
        let append = "[append]\ntable = 'log'\n[append.columns]\nbody = ':data'\nwho = ':whom'\n";
        let unknown = error(&format!("{SMALL}{append}"));
        assert!(
            unknown.contains("append.columns.who") && unknown.contains(":whom") && unknown.contains(":actor"),
            "{unknown}"
        );
        let pattern =
            append.replace("[append.columns]", "timestamp = '%Q'\n[append.columns]").replace(":whom", ":actor");
        assert!(error(&format!("{SMALL}{pattern}")).contains("strftime"));
        let fine = format!("{SMALL}{}", append.replace("':whom'", "\"'a:b' || :actor\""));
        assert_eq!(Profile::parse(&fine).unwrap().append.unwrap().columns.keys().collect::<Vec<_>>(), ["body", "who"]);
    }
}
