//! Redis: one connection, over which many messages are sent and then all answers awaited.

use std::path::{Path, PathBuf};
use std::time::Duration;

use redis::{Client, ClientTlsConfig, Cmd, Pipeline, RedisError, TlsCertificates};

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
    /// With `rediss://`: the certificates by which Redis is known, in PEM; those of the system where there is none.
    pub ca: Option<PathBuf>,
    /// With `rediss://`: the files with the certificate and the key that this client shows, in PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
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
        let plain = Client::open(options.url.as_str()).map_err(|_| {
            Error::bad_input("the URL of Redis cannot be read")
                .with_hint("It is redis://[USER[:PASSWORD]@]HOST[:PORT][/DB], or begins with rediss:// for TLS.")
        })?;
        let client = match certificates(options)? {
            Some(certificates) => over_tls(options, certificates)?,
            None => plain,
        };
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

/// The certificates that are named, where there are any.
fn certificates(options: &RedisOptions) -> Result<Option<TlsCertificates>> {
    if options.ca.is_none() && options.identity.is_none() {
        return Ok(None);
    }
    if !options.url.starts_with("rediss:") {
        return Err(Error::bad_input("certificates are named for a Redis that is reached without TLS")
            .with_hint("Begin its URL with rediss:// for TLS."));
    }
    let read = |path: &Path| std::fs::read(path).map_err(|error| Error::from(error).context(path.display()));
    let identity = |(cert, key): &(PathBuf, PathBuf)| {
        Ok::<_, Error>(ClientTlsConfig { client_cert: read(cert)?, client_key: read(key)? })
    };
    let client_tls = options.identity.as_ref().map(identity).transpose()?;
    let root_cert = options.ca.as_deref().map(read).transpose()?;
    Ok(Some(TlsCertificates { client_tls, root_cert }))
}

fn over_tls(options: &RedisOptions, certificates: TlsCertificates) -> Result<Client> {
    Client::build_with_tls(options.url.as_str(), certificates).map_err(|error| {
        Error::bad_input(format!("these certificates cannot be used for Redis: {}", told(&error)))
            .with_hint("Certificates and keys are files in PEM, such as `openssl req -x509` makes.")
    })
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
        let url = "redsi://me:secret@host".to_owned();
        let options = RedisOptions { url, stream: None, keep: 1, ca: None, identity: None };
        let error = Target::new(&options).err().unwrap();
        let shown = format!("{error} {error:?} {:?}", error.hint());
        assert!(!shown.contains("secret"), "{shown}");
        let tls = RedisOptions { url: "rediss://me:secret@host:6380/2".to_owned(), ..options };
        assert!(Target::new(&tls).is_ok());
    }
}
