//! Redis: one connection, over which many messages are sent and then all answers awaited.

use std::time::Duration;

use redis::{Client, Cmd, Pipeline, RedisError};

use crate::error::{Error, Result};

/// How long to wait for a connection, and for an answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(20);

/// Where and how to publish.
#[derive(Clone)]
pub struct RedisOptions {
    /// `redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]`, or `rediss://` for TLS.
    pub url: String,
    /// The Redis stream that events are added to besides, where one is named.
    pub stream: Option<String>,
    /// About how many events that stream keeps.
    pub keep: u64,
}

/// A connection that is open.
pub(super) type Connection = redis::Connection;

/// An event to publish.
pub(super) struct Message<'a> {
    pub(super) aggregate_type: &'a str,
    pub(super) json: String,
}

/// Where messages go.
pub(super) struct Target {
    client: Client,
    stream: Option<String>,
    keep: u64,
}

impl Target {
    /// Reads the URL; nothing is connected yet. An error never holds the URL, which may hold a password.
    pub(super) fn new(options: &RedisOptions) -> Result<Self> {
        // Of one provider of cryptography there is one: that it is set already is fine.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let client = Client::open(options.url.as_str()).map_err(|_| {
            Error::bad_input("the URL of Redis cannot be read")
                .with_hint("It is redis://[USER[:PASSWORD]@]HOST[:PORT][/DB], or begins with rediss:// for TLS.")
        })?;
        Ok(Self { client, stream: options.stream.clone(), keep: options.keep })
    }

    /// Connects.
    pub(super) fn connect(&self) -> std::result::Result<Connection, String> {
        let connection = self.client.get_connection_with_timeout(CONNECT).map_err(|error| told(&error))?;
        connection.set_read_timeout(Some(ANSWER)).map_err(|error| told(&error))?;
        connection.set_write_timeout(Some(ANSWER)).map_err(|error| told(&error))?;
        Ok(connection)
    }

    /// Sends messages in their order, and waits until Redis has taken all of them.
    pub(super) fn send(
        &self,
        connection: &mut Connection,
        messages: &[Message<'_>],
    ) -> std::result::Result<(), String> {
        if messages.is_empty() {
            return Ok(());
        }
        let mut commands = Pipeline::with_capacity(messages.len() * 2);
        for Message { aggregate_type, json } in messages {
            let mut publish = Cmd::new();
            publish.arg("PUBLISH").arg(format!("events:{aggregate_type}")).arg(json);
            commands.add_command(publish).ignore();
            if let Some(stream) = &self.stream {
                let mut add = Cmd::new();
                add.arg("XADD").arg(stream).arg("MAXLEN").arg("~").arg(self.keep).arg("*").arg("event").arg(json);
                commands.add_command(add).ignore();
            }
        }
        commands.exec(connection).map_err(|error| told(&error))
    }
}

/// What Redis or the system said, which names no secrets.
fn told(error: &RedisError) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_is_none_is_not_repeated() {
        let options = RedisOptions { url: "redsi://me:secret@host".to_owned(), stream: None, keep: 1 };
        let error = Target::new(&options).err().unwrap();
        let shown = format!("{error} {error:?} {:?}", error.hint());
        assert!(!shown.contains("secret"), "{shown}");
        let tls = RedisOptions { url: "rediss://me:secret@host:6380/2".to_owned(), ..options };
        assert!(Target::new(&tls).is_ok());
    }
}
