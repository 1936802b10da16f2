//! The profiles that the program brings along: the files of `assets/profiles`, in the order in which they are listed.

use std::sync::LazyLock;

use super::file::Profile;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../assets/profiles/", $name, ".toml")))),*]
    };
}

/// The name of each profile and its TOML text.
pub(super) const FILES: [(&str, &str); 64] = files![
    "native",
    "ouroboros",
    "enterprise",
    "service",
    "stream",
    "sequence",
    "eventsourcing-server",
    "eventsourcing",
    "emmett",
    "sqlite-es",
    "t3code",
    "hallgren",
    "broadway",
    "spatie",
    "patchlevel",
    "patchlevel-stream",
    "axon",
    "akka",
    "akka-jdbc",
    "elixir-eventstore",
    "eventuous",
    "sqlstreamstore",
    "opencode",
    "evento",
    "eventflow",
    "dagster",
    "adk",
    "adk-pickled",
    "beads",
    "home-assistant",
    "home-assistant-states",
    "rails-event-store",
    "rails-event-store-streams",
    "neventstore",
    "kine",
    "eventsauce",
    "eventium",
    "eventful",
    "message-db",
    "phauthentic",
    "durabletask",
    "temporal",
    "langgraph",
    "openai-agents",
    "synapse",
    "duroxide",
    "dbos",
    "paper-trail",
    "audited",
    "taskchampion",
    "simple-history",
    "activitylog",
    "activitywatch",
    "activitywatch-python",
    "actual",
    "atproto-pds",
    "disintegrate",
    "livestore",
    "marten",
    "message-db-mirror",
    "nostr-rs-relay",
    "prefect",
    "prooph",
    "nostr",
];

/// The profiles that the program brings along.
#[must_use]
pub fn built_in() -> &'static [Profile] {
    // A test parses each of them, so that none is ever left out here.
    static PROFILES: LazyLock<Vec<Profile>> =
        LazyLock::new(|| FILES.iter().filter_map(|(_, toml)| Profile::parse(toml).ok()).collect());
    &PROFILES
}

/// The profile of a name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Profile> {
    built_in().iter().find(|profile| profile.name == name)
}

/// The TOML text of the profile of a name, comments and all.
#[must_use]
pub fn text_of(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, toml)| *toml)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_profile_of_its_own_name_and_prints_back() {
        for (name, toml) in FILES {
            let profile = Profile::parse(toml).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(profile.name, name);
            let printed = profile.to_toml().unwrap();
            assert_eq!(
                Profile::parse(&printed).unwrap_or_else(|error| panic!("{printed}\n{error}")),
                profile,
                "{name}"
            );
        }
        assert_eq!(built_in().len(), FILES.len());
        assert!(by_name("emmett").is_some() && by_name("nobody").is_none());
        assert!(text_of("emmett").is_some_and(|toml| toml.contains("[events]")) && text_of("nobody").is_none());
    }
}
