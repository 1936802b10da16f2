//! The adapters that come with the program: small scripts through which code of other languages speaks the protocol.

/// A script that lets the code of one language or library fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// Its name, for `eventscope adapter NAME`.
    pub name: &'static str,
    /// What it lets fold.
    pub title: &'static str,
    /// What to call its file.
    pub file: &'static str,
    /// The command that runs it, with the application's part as an example.
    pub command: &'static str,
    /// The script.
    pub text: &'static str,
}

macro_rules! adapter {
    ($name:literal, $title:literal, $file:literal, $command:literal, $asset:literal) => {
        Adapter {
            name: $name,
            title: $title,
            file: $file,
            command: $command,
            text: include_str!(concat!("../../assets/adapters/", $asset)),
        }
    };
}

static ADAPTERS: [Adapter; 5] = [
    adapter!(
        "python-function",
        "a function of Python",
        "adapter.py",
        "python3 adapter.py fold.py",
        "python-function.py"
    ),
    adapter!(
        "python-eventsourcing",
        "aggregates of eventsourcing for Python",
        "adapter.py",
        "python3 adapter.py shop.domain:Order",
        "python-eventsourcing.py"
    ),
    adapter!(
        "node-function",
        "a function of JavaScript or TypeScript",
        "adapter.mjs",
        "node adapter.mjs fold.js",
        "node-function.mjs"
    ),
    adapter!("emmett", "initialState and evolve of Emmett", "adapter.mjs", "node adapter.mjs shop.js", "emmett.mjs"),
    adapter!(
        "rails-event-store",
        "aggregates of Rails Event Store",
        "adapter.rb",
        "bundle exec ruby adapter.rb shop.rb",
        "rails-event-store.rb"
    ),
];

impl Adapter {
    /// Every one of them.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &ADAPTERS
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ADAPTERS.iter().find(|adapter| adapter.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adapters_are_small_enough_to_be_read_before_they_are_run() {
        for adapter in Adapter::all() {
            assert!(adapter.text.lines().count() <= 110, "{} is too long", adapter.name);
            assert_eq!(Adapter::named(adapter.name), Some(adapter));
            assert!(adapter.text.contains(adapter.file), "{} does not say how it is run", adapter.name);
        }
    }
}
