//! A connection to a server that only reads there: every transaction is read-only and short, every statement has a time
//! limit, and nothing is made there.

use std::io::BufRead as _;

use postgres::fallible_iterator::FallibleIterator as _;
use postgres::{Client, IsolationLevel, SimpleQueryMessage, Transaction};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::Address;
use super::engine::Engine;
use super::explain::{explain, explain_reading, lacks_password, refuses_password};
use super::tls::TlsMode;
use crate::error::{Error, Result};
use crate::source::Interrupt;

/// What holds of the session: values come as they are exactly, and in one form whatever the server is set to.
const SETTINGS: &[&str] = &[
    "SET datestyle = 'ISO, YMD'",
    "SET timezone = 'UTC'",
    "SET intervalstyle = 'iso_8601'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 3",
    "SET standard_conforming_strings = on",
    "SET lock_timeout = '5s'",
    "SET idle_in_transaction_session_timeout = '60s'",
];

/// How long a statement may take, unless the options of the address say otherwise.
const LIMIT: &str = "30s";

/// A server, connected to.
pub struct Server {
    client: Client,
    address: Address,
    connector: Option<MakeRustlsConnect>,
    engine: Engine,
    /// What each transaction begins with, where it reads what was so some seconds ago.
    back: Option<&'static str>,
}

/// What came of connecting.
pub enum Connected {
    /// It is there.
    Server(Box<Server>),
    /// The server asks for a password, and none is known.
    PasswordWanted,
    /// The user or the password is not what the server knows.
    Refused(Error),
}

/// Stops what a server does for a connection, from whatever thread.
pub struct Stopper {
    token: postgres::CancelToken,
    connector: Option<MakeRustlsConnect>,
}

impl Server {
    /// Connects, and makes sure that nothing can be written.
    ///
    /// # Errors
    /// Bad input where the server knows no such database; `Io` where none answers, or where it does not prove who it is;
    /// `Busy` where it takes no more connections.
    pub fn connect(address: &Address) -> Result<Connected> {
        let connector = match address.tls.mode {
            TlsMode::Disable => None,
            _ => Some(address.tls.connector()?),
        };
        match dial(address, connector.as_ref()) {
            Ok(client) => Ok(Connected::Server(Box::new(Self::of(client, address, connector)?))),
            Err(error) if lacks_password(&error) => Ok(Connected::PasswordWanted),
            Err(error) if refuses_password(&error) => Ok(Connected::Refused(explain(address.place(), error))),
            Err(error) => Err(explain(address.place(), error)),
        }
    }

    /// The same where nobody can be asked for a password.
    ///
    /// # Errors
    /// As [`Server::connect`]; bad input where a password is wanted or is another one, too.
    pub fn connect_as_known(address: &Address) -> Result<Self> {
        match Self::connect(address)? {
            Connected::Server(server) => Ok(*server),
            Connected::Refused(error) => Err(error),
            Connected::PasswordWanted => {
                Err(Error::bad_input(format!("{}: the server asks for a password", address.place()))
                    .with_hint("Put it into ~/.pgpass or PGPASSWORD."))
            }
        }
    }

    fn of(mut client: Client, address: &Address, connector: Option<MakeRustlsConnect>) -> Result<Self> {
        let failed = |error| explain(address.place(), error);
        client.batch_execute("SET default_transaction_read_only = on").map_err(failed)?;
        if address.options.as_ref().is_none_or(|options| !options.contains("statement_timeout")) {
            client.batch_execute(&format!("SET statement_timeout = '{LIMIT}'")).map_err(failed)?;
        }
        // What speaks the same protocol need not know every setting.
        if client.batch_execute(&SETTINGS.join("; ")).is_err() {
            for setting in SETTINGS {
                let _ = client.batch_execute(setting);
            }
        }
        let version = client.simple_query("SELECT version()").map_err(failed)?;
        let version = version.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.try_get(0).ok().flatten().map(str::to_owned),
            _ => None,
        });
        let engine = Engine::of(&version.unwrap_or_default());
        let back = engine.kind.reading_back();
        let mut server = Self { client, address: address.clone(), connector, engine, back };
        // It is tried before it is trusted: another version may not know it.
        if back.is_some() && server.rows("SELECT 1").is_err() {
            server.back = None;
        }
        Ok(server)
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What kind of server it is.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether the connection is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// What stops the statement that this connection waits for.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper { token: self.client.cancel_token(), connector: self.connector.clone() }
    }

    /// Whether what is read is some seconds old.
    pub(super) fn reads_back(&self) -> bool {
        self.back.is_some()
    }

    /// Begins a transaction that only reads, and sees one state of the database.
    pub(super) fn reading(&mut self) -> Result<Reading<'_>> {
        let place = self.address.place();
        let begun = self.client.build_transaction().read_only(true).isolation_level(IsolationLevel::RepeatableRead);
        let mut transaction = begun.start().map_err(|error| explain(&place, error))?;
        if let Some(back) = self.back {
            transaction.batch_execute(back).map_err(|error| explain(&place, error))?;
        }
        Ok(Reading { transaction, place })
    }

    /// Whether it is a copy that follows another server, and can only be read.
    pub fn is_standby(&mut self) -> Result<bool> {
        Ok(self.reading()?.value("SELECT pg_is_in_recovery()")?.is_some_and(|said| said == "t"))
    }

    /// The rows of one statement, in a transaction of its own.
    pub(super) fn rows(&mut self, sql: &str) -> Result<Vec<Row>> {
        self.reading()?.rows(sql)
    }

    /// Asks to be told what somebody notifies under a name, an identifier.
    pub(super) fn listen(&mut self, channel: &str) -> Result<()> {
        let place = self.address.place();
        self.client.batch_execute(&format!("LISTEN {channel}")).map_err(|error| explain(place, error))
    }

    /// Waits until somebody notifies, at most so long.
    pub(super) fn wait(&mut self, most: std::time::Duration) -> Result<bool> {
        let place = self.address.place();
        let mut notifications = self.client.notifications();
        let told = notifications.timeout_iter(most).next().map_err(|error| explain(place, error))?;
        // Of many at once one is enough.
        let mut rest = notifications.iter();
        while rest.next().is_ok_and(|next| next.is_some()) {}
        Ok(told.is_some())
    }
}

pub(super) fn dial(address: &Address, connector: Option<&MakeRustlsConnect>) -> Result<Client, postgres::Error> {
    let mut config = postgres::Config::new();
    for host in &address.hosts {
        config.host(&host.name).port(host.port);
        if let Some(number) = host.number {
            config.hostaddr(number);
        }
    }
    config.user(&address.user).dbname(&address.database).application_name(&address.application);
    config.connect_timeout(address.patience);
    if let Some(password) = &address.password {
        config.password(password);
    }
    if let Some(options) = &address.options {
        config.options(options);
    }
    config.ssl_mode(match address.tls.mode {
        TlsMode::Disable => postgres::config::SslMode::Disable,
        TlsMode::Prefer => postgres::config::SslMode::Prefer,
        TlsMode::Require | TlsMode::VerifyAuthority | TlsMode::VerifyName => postgres::config::SslMode::Require,
    });
    match connector {
        Some(connector) => config.connect(connector.clone()),
        None => config.connect(postgres::NoTls),
    }
}

impl Stopper {
    /// Stops it. That the server cannot be told is no error: the statement has a time limit.
    pub fn stop(&self) {
        let _ = match &self.connector {
            Some(connector) => self.token.cancel_query(connector.clone()),
            None => self.token.cancel_query(postgres::NoTls),
        };
    }
}

/// A row as text, as the server writes it.
pub(super) type Row = Vec<Option<String>>;

/// A transaction that only reads. It ends with this value.
pub(super) struct Reading<'c> {
    transaction: Transaction<'c>,
    place: String,
}

impl Reading<'_> {
    /// The rows of a statement.
    pub(super) fn rows(&mut self, sql: &str) -> Result<Vec<Row>> {
        let messages = self.transaction.simple_query(sql).map_err(|error| explain(&self.place, error))?;
        let row = |message: &SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|place| row.try_get(place).ok().flatten().map(str::to_owned)).collect())
            }
            _ => None,
        };
        Ok(messages.iter().filter_map(row).collect())
    }

    /// The one value of a statement that has one row at most.
    pub(super) fn value(&mut self, sql: &str) -> Result<Option<String>> {
        Ok(self.rows(sql)?.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
    }

    /// Gives each line of `COPY (sql) TO STDOUT` to `each`, without its end, as the server writes it.
    pub(super) fn copy(
        &mut self,
        sql: &str,
        interrupt: &Interrupt,
        each: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let place = &self.place;
        let statement = format!("COPY ({sql}) TO STDOUT");
        let mut reader = self.transaction.copy_out(&statement).map_err(|error| explain(place, error))?;
        let mut begun = Vec::new();
        loop {
            let there = reader.fill_buf().map_err(|error| explain_reading(place, error))?;
            if there.is_empty() {
                return Ok(());
            }
            interrupt.check()?;
            let length = there.len();
            for part in there.split_inclusive(|byte| *byte == b'\n') {
                match part.strip_suffix(b"\n") {
                    Some(line) if begun.is_empty() => each(line)?,
                    Some(end) => {
                        begun.extend_from_slice(end);
                        each(&begun)?;
                        begun.clear();
                    }
                    None => begun.extend_from_slice(part),
                }
            }
            reader.consume(length);
        }
    }
}

/// A text as a literal. The session's strings know no escapes but the doubled quote.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}

/// A name as an identifier.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
