//! The reducers that the program brings along: the files of `assets/reducers`, which some profiles name.

macro_rules! reducers {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../assets/reducers/", $name, ".reducers.toml")))),*]
    };
}

/// The name of each reducers file that the program brings along, and its text.
pub(super) const REDUCERS: [(&str, &str); 7] =
    reducers!["adk", "dagster", "eventsourcing", "home-assistant-states", "opencode", "ouroboros", "row-changes"];

/// The text of the reducers file of a name.
pub(super) fn reducers_of(name: &str) -> Option<&'static str> {
    REDUCERS.iter().find(|(known, _)| *known == name).map(|(_, toml)| *toml)
}
