//! What an address takes from where it is used.

use std::path::PathBuf;

/// What is known of the one who asks: variables and the home folder. Given, so that tests need no environment.
pub(super) struct Surroundings<'a> {
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    pub(super) home: Option<PathBuf>,
}
