//! The settings of a store: what is kept in the file because every program that writes to it has to go by it.

use rusqlite::{TransactionBehavior, params};

use super::encoding::Encoding;
use super::event_store::EventStore;
use super::naming::{Convention, Naming};
use super::row;
use super::stored_settings::{self, AGGREGATE_TYPES, ENCODING, EVENT_TYPES};
use crate::error::Result;

impl EventStore {
    /// What names in this store have to look like.
    pub fn naming(&self) -> Result<Naming> {
        stored_settings::naming(&self.connection)
    }

    /// Says what names have to look like from now on; [`Naming::default`] asks for nothing.
    ///
    /// # Errors
    /// [`BadInput`](crate::ErrorKind::BadInput) for what is no regular expression.
    pub fn set_naming(&mut self, naming: &Naming) -> Result<()> {
        let Naming { event_types, aggregate_types } = naming;
        for (subject, pattern) in [("event type", event_types), ("aggregate type", aggregate_types)] {
            pattern.as_ref().map(|pattern| Convention::new(subject, pattern)).transpose()?;
        }
        self.set(&[(EVENT_TYPES, event_types.as_deref()), (AGGREGATE_TYPES, aggregate_types.as_deref())])
    }

    /// In what the data of events is written in this store.
    pub fn encoding(&self) -> Result<Encoding> {
        stored_settings::encoding(&self.connection)
    }

    /// Says in what the data of events is written from now on, by every program that writes to this file. What is stored
    /// stays as it is, and is read all the same.
    pub fn set_encoding(&mut self, encoding: Encoding) -> Result<()> {
        let value = (encoding != Encoding::default()).then(|| encoding.to_string());
        self.set(&[(ENCODING, value.as_deref())])
    }

    /// Writes settings; those without a value are taken away, so that a file without any can go back a schema.
    fn set(&mut self, settings: &[(&str, Option<&str>)]) -> Result<()> {
        let now = row::stored_moment((self.clock)());
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (name, value) in settings {
            match value {
                Some(value) => transaction.execute(
                    "INSERT INTO settings (name, value, set_at) VALUES (?1, ?2, ?3) \
                     ON CONFLICT DO UPDATE SET value = excluded.value, set_at = excluded.set_at",
                    params![name, value, now],
                )?,
                None => transaction.execute("DELETE FROM settings WHERE name = ?1", [name])?,
            };
        }
        Ok(transaction.commit()?)
    }
}
