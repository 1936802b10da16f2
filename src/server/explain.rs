//! What a server or the way to it says, as an error for a person: what happened, where, and what to do now.

use std::error::Error as _;
use std::fmt;
use std::io;

use postgres::error::SqlState;

use crate::error::{Error, ErrorKind};

/// Explains why something failed that was being done at a place.
pub(super) fn explain(place: impl fmt::Display, error: postgres::Error) -> Error {
    let (kind, message, hint) = match error.as_db_error() {
        Some(said) => of_server(said.code(), said.message()),
        None => of_connection(&error),
    };
    let explained = Error::new(kind, format!("{place}: {message}"));
    match hint {
        Some(hint) => explained.with_hint(hint).with_source(error),
        None => explained.with_source(error),
    }
}

/// The same of what reading a stream of rows fails with.
pub(super) fn explain_reading(place: impl fmt::Display, error: io::Error) -> Error {
    match error.downcast::<postgres::Error>() {
        Ok(error) => explain(place, error),
        Err(error) => Error::new(ErrorKind::Io, format!("{place}: {error}")).with_source(error),
    }
}

/// Whether it is that no password was given.
pub(super) fn lacks_password(error: &postgres::Error) -> bool {
    error.source().is_some_and(|source| source.to_string() == "password missing")
}

/// Whether the server knows the user or the password otherwise.
pub(super) fn refuses_password(error: &postgres::Error) -> bool {
    error.code().is_some_and(|code| REFUSED.contains(code))
}

/// The codes for a user or a password that the server does not take.
const REFUSED: [SqlState; 2] = [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION];

type Explained = (ErrorKind, String, Option<String>);

/// The codes are those of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_server(code: &SqlState, said: &str) -> Explained {
    let explained = |kind, message: String, hint: &str| (kind, message, Some(hint.to_owned()));
    match code {
        code if REFUSED.contains(code) => explained(
            ErrorKind::BadInput,
            format!("the server lets nobody in: {said}"),
            "Look at the user and the password.",
        ),
        code if *code == SqlState::INVALID_CATALOG_NAME => explained(
            ErrorKind::BadInput,
            said.to_owned(),
            "The database is what stands after the host: postgres://HOST/DATABASE.",
        ),
        code if *code == SqlState::INSUFFICIENT_PRIVILEGE => explained(
            ErrorKind::BadInput,
            format!("this user has not the right: {said}"),
            "Whoever owns it can give the right: GRANT USAGE ON SCHEMA … and GRANT SELECT ON TABLE … TO this user.",
        ),
        code if *code == SqlState::QUERY_CANCELED && said.contains("statement timeout") => explained(
            ErrorKind::Busy,
            "the server ended a statement that took too long".to_owned(),
            "Choose less, or something for which the table has an index; or give it longer, in milliseconds: \
             PGOPTIONS='-c statement_timeout=300000'.",
        ),
        code if *code == SqlState::QUERY_CANCELED => {
            (ErrorKind::Cancelled, "the statement was stopped".to_owned(), None)
        }
        code if *code == SqlState::T_R_SERIALIZATION_FAILURE => explained(
            ErrorKind::Busy,
            format!("the server ended a statement: {said}"),
            "On a standby what the primary server removes ends statements that still read it. Try again.",
        ),
        code if *code == SqlState::LOCK_NOT_AVAILABLE => explained(
            ErrorKind::Busy,
            format!("somebody else holds a lock: {said}"),
            "Somebody changes the table itself. Try again when that is done.",
        ),
        code if *code == SqlState::TOO_MANY_CONNECTIONS => {
            explained(ErrorKind::Busy, format!("the server takes no more connections: {said}"), "Try again later.")
        }
        code if *code == SqlState::UNDEFINED_TABLE => explained(
            ErrorKind::NotFound,
            said.to_owned(),
            "It was there before; somebody removed it, or gave it another name.",
        ),
        code if code.code().starts_with("57P") => explained(
            ErrorKind::Io,
            format!("the server goes away or is not there yet: {said}"),
            "Try again once it runs. What was gathered is kept, and gone on with.",
        ),
        code => (ErrorKind::Database, format!("{said} ({})", code.code()), None),
    }
}

fn of_connection(error: &postgres::Error) -> Explained {
    let mut causes = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(next) = cause {
        causes.push(next.to_string());
        cause = next.source();
    }
    let message = causes.join(": ");
    if lacks_password(error) {
        let hint = "Put it into ~/.pgpass or PGPASSWORD.";
        return (ErrorKind::BadInput, "the server asks for a password".to_owned(), Some(hint.to_owned()));
    }
    let hint = if error.is_closed() || message.contains("communicating") {
        "The connection was cut. Try again: what was gathered is kept, and gone on with."
    } else if message.contains("TLS") || message.contains("certificate") {
        "Look at sslmode and sslrootcert: see the page of psql about SSL."
    } else {
        "Look at the host and the port, and whether the server takes connections from here."
    };
    (ErrorKind::Io, message, Some(hint.to_owned()))
}
