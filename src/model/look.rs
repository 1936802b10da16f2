//! The choices of how things are shown: the theme, the way times are written, the tab of the event panel.

use serde::{Deserialize, Serialize};

/// Which colours the window has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThemeChoice {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
    /// As the desktop has it.
    #[default]
    System,
}

/// How a recorded time is written. The stored text is one hover away in each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeMode {
    /// Coordinated Universal Time.
    #[default]
    Utc,
    /// The time zone of this computer.
    Local,
    /// How long ago.
    Relative,
}

impl TimeMode {
    /// The word for it in the status bar.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Utc => "UTC",
            Self::Local => "Local time",
            Self::Relative => "Relative time",
        }
    }

    /// The next one round the circle.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Utc => Self::Local,
            Self::Local => Self::Relative,
            Self::Relative => Self::Utc,
        }
    }
}

/// A tab of the event panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tab {
    /// What the event says, as a tree.
    #[default]
    Data,
    /// What surrounds it, as a tree.
    Metadata,
    /// The stored bytes.
    Raw,
    /// What caused it, what it caused, what shares its correlation id.
    Causation,
    /// What is kept of its stream beside its events: snapshots and commands.
    Stream,
}

impl Tab {
    /// Every tab, from left to right.
    pub const ALL: [Self; 5] = [Self::Data, Self::Metadata, Self::Raw, Self::Causation, Self::Stream];

    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Data => "Data",
            Self::Metadata => "Metadata",
            Self::Raw => "Raw",
            Self::Causation => "Causation",
            Self::Stream => "Stream",
        }
    }
}
