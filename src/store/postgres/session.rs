//! A connection to a server: made anew where it was cut, with its statements kept prepared; and what the server says, in
//! the words of the store.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;

use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, Row, Statement};

use crate::error::{Error, ErrorKind, Result};

/// Connects to the database of a store, as often as it is asked to.
pub type Dial = Arc<dyn Fn() -> Result<Client> + Send + Sync>;

/// The values of a statement's parameters.
pub(super) type Values<'v> = &'v [&'v (dyn ToSql + Sync)];

/// How many statements are kept prepared; those of queries are as many as there are kinds of questions.
const PREPARED: usize = 128;

/// What holds of each connection. What speaks the same protocol need not know every setting.
const SETTINGS: &[&str] = &[
    // Whatever is usual for this user: what was acknowledged is to survive a crash.
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    // A writer that hangs holds up all others.
    "SET idle_in_transaction_session_timeout = '60s'",
    "SET lock_timeout = '10s'",
];

/// A connection.
pub(super) struct Session {
    client: Client,
    dial: Dial,
    prepared: HashMap<String, Statement>,
    may_write: bool,
    is_in_transaction: bool,
}

impl Session {
    pub(super) fn open(dial: Dial, may_write: bool) -> Result<Self> {
        let client = connect(&dial, may_write)?;
        Ok(Self { client, dial, prepared: HashMap::new(), may_write, is_in_transaction: false })
    }

    /// The rows of a statement.
    pub(super) fn rows(&mut self, sql: &str, values: Values<'_>) -> Result<Vec<Row>> {
        self.ask(|session| {
            let statement = session.prepare(sql)?;
            session.client.query(&statement, values)
        })
    }

    /// The first row, where there is one.
    pub(super) fn row(&mut self, sql: &str, values: Values<'_>) -> Result<Option<Row>> {
        Ok(self.rows(sql, values)?.into_iter().next())
    }

    /// Does what a statement says, and answers with how many rows that concerned. Outside a transaction it has to be one that
    /// may be done twice.
    pub(super) fn execute(&mut self, sql: &str, values: Values<'_>) -> Result<u64> {
        self.ask(|session| {
            let statement = session.prepare(sql)?;
            session.client.execute(&statement, values)
        })
    }

    /// Does what several statements say that have no parameters, with the same condition.
    pub(super) fn batch(&mut self, sql: &str) -> Result<()> {
        self.ask(|session| session.client.batch_execute(sql))
    }

    /// Begins a transaction in which each statement sees what was committed before it.
    pub(super) fn begin(&mut self) -> Result<()> {
        let access = if self.may_write { "READ WRITE" } else { "READ ONLY" };
        self.batch(&format!("BEGIN ISOLATION LEVEL READ COMMITTED {access}"))?;
        self.is_in_transaction = true;
        Ok(())
    }

    /// Commits.
    ///
    /// # Errors
    /// Where the connection is cut meanwhile nobody knows whether it was committed.
    pub(super) fn commit(&mut self) -> Result<()> {
        self.is_in_transaction = false;
        self.client.batch_execute("COMMIT").map_err(|error| {
            let is_cut = error.as_db_error().is_none();
            let failed = failed(error);
            if is_cut { failed.context("whether it was written is not known") } else { failed }
        })
    }

    /// Takes back what was not committed.
    pub(super) fn roll_back(&mut self) {
        if std::mem::take(&mut self.is_in_transaction) {
            // Where the connection was cut the server does it by itself.
            let _ = self.client.batch_execute("ROLLBACK");
        }
    }

    /// The connection itself, for what others do with it inside a transaction.
    pub(super) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Asks the server. Outside a transaction it is asked again where only now it shows that the connection was cut.
    fn ask<T>(&mut self, mut question: impl FnMut(&mut Self) -> Result<T, postgres::Error>) -> Result<T> {
        if self.client.is_closed() && !self.is_in_transaction {
            self.connect_again()?;
        }
        match question(self) {
            Err(error) if is_cut(&error) && !self.is_in_transaction => {
                self.connect_again()?;
                question(self).map_err(failed)
            }
            answer => answer.map_err(failed),
        }
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        if self.prepared.len() >= PREPARED {
            self.prepared.clear();
        }
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn connect_again(&mut self) -> Result<()> {
        self.prepared.clear();
        // A server that was there once goes and comes.
        self.client = connect(&self.dial, self.may_write).map_err(|error| away(&error))?;
        Ok(())
    }
}

/// Whether a connection is gone, or was told by the server that it goes.
fn is_cut(error: &postgres::Error) -> bool {
    error.is_closed() || error.as_db_error().is_none_or(|said| said.code().code().starts_with("57P"))
}

fn connect(dial: &Dial, may_write: bool) -> Result<Client> {
    let mut client = dial()?;
    if !may_write {
        client.batch_execute("SET default_transaction_read_only = on").map_err(failed)?;
    }
    for setting in SETTINGS {
        let _ = client.batch_execute(setting);
    }
    Ok(client)
}

fn away(error: &Error) -> Error {
    let away = Error::new(ErrorKind::Busy, error.to_string());
    away.with_hint("Try again once the server is there.")
}

/// Whether the server asks for the same transaction once more.
pub(super) fn is_to_be_repeated(error: &Error) -> bool {
    code_of(error)
        .is_some_and(|code| [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code))
}

/// Whether a table or schema of the store is not there.
pub(super) fn lacks_table(error: &Error) -> bool {
    code_of(error).is_some_and(|code| [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME].contains(code))
}

fn code_of(error: &Error) -> Option<&SqlState> {
    error.source()?.downcast_ref::<postgres::Error>()?.code()
}

/// What the server or the way to it says, as an error of the store. The codes are those of
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn failed(error: postgres::Error) -> Error {
    let Some(said) = error.as_db_error() else {
        let mut message = error.to_string();
        if let Some(cause) = error.source() {
            message = format!("{message}: {cause}");
        }
        return Error::new(ErrorKind::Busy, format!("the server does not answer: {message}"))
            .with_hint("Try again once it is there.")
            .with_source(error);
    };
    let (kind, hint) = match said.code() {
        code if code.code().starts_with("57P") || code.code().starts_with("53") => {
            (ErrorKind::Busy, Some("The server goes away, is not there yet, or has no room. Try again later."))
        }
        code if *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::QUERY_CANCELED => {
            (ErrorKind::Busy, Some("Other writers did not finish in time. Try again in a moment."))
        }
        code if code.code().starts_with("40") => (ErrorKind::Busy, Some("Others wrote at the same time. Try again.")),
        code if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            (ErrorKind::ReadOnly, Some("Whoever owns the store can give the right: `eventscope new --writer ROLE`."))
        }
        code if *code == SqlState::READ_ONLY_SQL_TRANSACTION => {
            let hint =
                "The store was opened to be read, or the server is a standby, to which only its primary server writes.";
            (ErrorKind::ReadOnly, Some(hint))
        }
        code if code.code().starts_with("22") => (ErrorKind::BadInput, None),
        _ => (ErrorKind::Database, None),
    };
    let explained = Error::new(kind, format!("{} ({})", said.message(), said.code().code()));
    let explained = match hint {
        Some(hint) => explained.with_hint(hint),
        None => explained,
    };
    explained.with_source(error)
}
