//! What the library itself says that a stream's state is: the rules that a profile brings along.
//!
//! ```toml
//! [state]
//! title = "ADK's state_delta"
//! rules = '''
//! [aggregate."*".on]
//! "*" = '. + ($event.data.actions.state_delta // {})'
//! '''
//! ```
//!
//! The rules are a reducers file. Those of the built-in profiles are files of their own, in `assets/reducers`, and the
//! profile names its file instead: `reducers = "adk"`.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

use super::built_in_reducers;

/// The state as the library defines it. Rules of one application's own do not belong into a profile: the next
/// application has others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateSpec {
    /// What the state is, in the library's own words, such as "ADK's `state_delta`".
    pub title: String,
    /// Whether the library defines only a part of the state, such as its id and version, and leaves the rest to the
    /// application. Better rules may then take the place of these.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// The name of a reducers file that the program brings along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reducers: Option<String>,
    /// The text of a reducers file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Where a part of the state is kept for several streams together: an SQL query for what a stream's state takes over
    /// from outside, given `:aggregate_type` and `:aggregate_id`. Each row is a position in the store, NULL for what was
    /// there before all events, and a JSON object; in that order. Rules see the members up to an event's position in
    /// `$event.metadata.shared`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<String>,
}

impl StateSpec {
    /// The text of the reducers file.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let named = || built_in_reducers::reducers_of(self.reducers.as_deref()?);
        self.rules.as_deref().or_else(named)
    }

    /// Refuses a section that gives no rules, or two.
    pub(super) fn check(&self) -> Result<()> {
        let hint =
            "Give `rules`, the text of a reducers file, or `reducers`, the name of one that comes with Eventscope.";
        match (&self.reducers, &self.rules) {
            (Some(name), None) if built_in_reducers::reducers_of(name).is_none() => {
                let known: Vec<&str> = built_in_reducers::REDUCERS.iter().map(|(name, _)| *name).collect();
                Err(Error::bad_input(format!("state.reducers names `{name}`, which does not come with Eventscope"))
                    .with_hint(format!("There are {}. Write other rules into `rules`.", known.join(", "))))
            }
            (Some(_), None) | (None, Some(_)) => Ok(()),
            (None, None) => Err(Error::bad_input("[state] gives no rules").with_hint(hint)),
            (Some(_), Some(_)) => Err(Error::bad_input("[state] gives rules twice").with_hint(hint)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Profile;

    fn parsed(state: &str) -> crate::Result<Profile> {
        Profile::parse(&format!(
            "name = 'x'\ntitle = 'X'\n[events]\nfrom = 'log'\ndata = 'body'\n[state]\ntitle = 'the last row'\n{state}\n"
        ))
    }

    #[test]
    fn rules_are_written_in_the_profile_or_named() {
        let rules = "[aggregate.\"*\".on]\n\"*\" = \"replace\"\n";
        let own = parsed(&format!("rules = '''\n{rules}'''")).unwrap();
        assert_eq!(own.state.as_ref().and_then(|state| state.text()), Some(rules));
        assert_eq!(Profile::parse(&own.to_toml().unwrap()).unwrap(), own);
        let named = parsed("reducers = 'adk'").unwrap();
        assert!(named.state.unwrap().text().unwrap().contains("state_delta"));
    }

    #[test]
    fn no_rules_and_unknown_ones_are_refused() {
        for (state, complaint) in [
            ("", "no rules"),
            ("reducers = 'nobody'", "`nobody`"),
            ("reducers = 'adk'\nrules = ''", "twice"),
            ("rule = ''", "`rule`"),
        ] {
            let error = parsed(state).unwrap_err();
            assert!(error.to_string().contains(complaint), "{state}: {error}");
        }
    }
}
