//! What a database was recognised as: the profile, how sure that is, and why.

use std::fmt;
use std::sync::Arc;

use super::file::Profile;

/// How sure a guess is: a share from 0 to 1, and a word for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Confidence(f32);

impl Confidence {
    /// Nothing speaks against it.
    pub const CERTAIN: Self = Self(1.0);

    /// A confidence from a share; what lies outside 0 to 1 is brought to the nearer end, and NaN to 0.
    #[must_use]
    pub fn new(share: f32) -> Self {
        Self(if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) })
    }

    /// The share, from 0 to 1.
    #[must_use]
    pub fn share(self) -> f32 {
        self.0
    }

    /// The step that it stands on.
    #[must_use]
    pub fn level(self) -> Level {
        match self.0 {
            share if share >= 0.9 => Level::Certain,
            share if share >= 0.6 => Level::Likely,
            share if share > 0.0 => Level::Guess,
            _ => Level::None,
        }
    }
}

/// The word: "certain", "likely", "a guess", "none".
impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.level() {
            Level::Certain => "certain",
            Level::Likely => "likely",
            Level::Guess => "a guess",
            Level::None => "none",
        })
    }
}

/// The steps of a confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing speaks for it.
    None,
    /// Something speaks for it.
    Guess,
    /// More speaks for it than against it.
    Likely,
    /// Nothing speaks against it.
    Certain,
}

/// Why one field of a mapping is what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldReason {
    /// The field's name, as in TOML.
    pub field: &'static str,
    /// The SQL expression; `None` where the store has no such field.
    pub source: Option<String>,
    /// How sure that is.
    pub confidence: Confidence,
    /// Why, in words.
    pub reason: String,
}

/// A profile that fits a database.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// The profile, fitted to this database: fields whose columns are not there are gone.
    pub profile: Arc<Profile>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why, in a sentence or two.
    pub reason: String,
    /// Why field by field, `table` first.
    pub fields: Vec<FieldReason>,
}
