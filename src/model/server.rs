//! What a person asks of a server: where it is, who asks, and which of its events.

use std::fmt;

use chrono::{DateTime, Utc};

/// A server as a person names it. What is left empty is as `psql` takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerAsked {
    /// Its name, the folder of its socket, or a whole URL without a password, beside which the other parts say nothing.
    pub host: String,
    /// Its port.
    pub port: String,
    /// The database.
    pub database: String,
    /// Who asks.
    pub user: String,
    /// The password, where it was asked for.
    pub password: Option<Secret>,
    /// Whether the password is to be written into the file of passwords, where `psql` finds it too.
    pub remember: bool,
}

/// A text that is in no log and no message.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text as a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Which events of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SliceAsked {
    /// Their table, with its schema.
    pub table: String,
    /// Only so many of what the rest lets through, the last ones; all where there is no number.
    pub last: Option<u64>,
    /// Only those of these streams.
    pub streams: Vec<String>,
    /// Only those of these types, in which `*` stands for any text.
    pub types: Vec<String>,
    /// Only those from this moment on.
    pub after: Option<DateTime<Utc>>,
    /// Only those before this moment.
    pub before: Option<DateTime<Utc>>,
    /// Whether new ones are added as they come.
    pub follow: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_in_no_log() {
        let asked = ServerAsked { password: Some(Secret::new("hush")), ..ServerAsked::default() };
        let command = crate::model::Command::ConnectServer(Box::new(asked));
        assert!(!format!("{command:?}").contains("hush"));
    }
}
