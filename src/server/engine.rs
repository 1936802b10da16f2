//! What kind of server it is: PostgreSQL, or one of those that speak its protocol.

use std::fmt;

/// A kind of server, and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Which kind.
    pub kind: EngineKind,
    /// The version of PostgreSQL that it is, or says that it behaves like: its first number.
    pub major: u32,
    /// What it says of itself, up to the first comma.
    pub said: String,
}

/// The kinds of servers that differ in how their events can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// PostgreSQL itself.
    PostgreSql,
    /// CockroachDB.
    CockroachDb,
    /// YugabyteDB.
    YugabyteDb,
}

impl EngineKind {
    /// The statement that a transaction begins with so that it reads what was so some seconds ago, and nothing can be
    /// committed behind it any more: CockroachDB moves what is written later behind the moment that was read
    /// (<https://www.cockroachlabs.com/docs/stable/as-of-system-time>).
    pub(super) fn reading_back(self) -> Option<&'static str> {
        (self == Self::CockroachDb).then_some("SET TRANSACTION AS OF SYSTEM TIME '-5s'")
    }

    /// The column of every table in which the server says when a row was written
    /// (<https://www.cockroachlabs.com/docs/stable/crdb-internal>).
    pub(super) fn row_time(self) -> Option<&'static str> {
        (self == Self::CockroachDb).then_some("crdb_internal_mvcc_timestamp")
    }

    /// Whether the server's own functions can be asked which transactions run. A server of several machines knows its own
    /// ones alone.
    pub(super) fn tells_transactions(self) -> bool {
        self == Self::PostgreSql
    }
}

impl Engine {
    /// Reads what `version()` says.
    pub(super) fn of(version: &str) -> Self {
        let kind = if version.starts_with("CockroachDB") {
            EngineKind::CockroachDb
        } else if version.contains("-YB-") {
            EngineKind::YugabyteDb
        } else {
            EngineKind::PostgreSql
        };
        let number = version.strip_prefix("PostgreSQL ").unwrap_or("13");
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        let said = version.split([',', '(']).next().unwrap_or_default().trim().to_owned();
        Self { kind, major: digits.parse().unwrap_or(13), said }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_one_machine_writes_its_transactions_are_trusted() {
        use EngineKind::{CockroachDb, PostgreSql, YugabyteDb};
        let tells = [PostgreSql, CockroachDb, YugabyteDb].map(EngineKind::tells_transactions);
        assert_eq!(tells, [true, false, false]);
        assert_eq!(PostgreSql.reading_back(), None);
        assert_eq!(YugabyteDb.reading_back(), None);
        assert_eq!(CockroachDb.reading_back(), Some("SET TRANSACTION AS OF SYSTEM TIME '-5s'"));
        let times = [PostgreSql, YugabyteDb, CockroachDb].map(EngineKind::row_time);
        assert_eq!(times, [None, None, Some("crdb_internal_mvcc_timestamp")]);
    }

    #[test]
    fn servers_are_told_apart_by_what_they_say() {
        let of = |text| (Engine::of(text).kind, Engine::of(text).major);
        assert_eq!(of("PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64"), (EngineKind::PostgreSql, 15));
        assert_eq!(of("PostgreSQL 11.2-YB-2.19.0.0-b0 on x86_64"), (EngineKind::YugabyteDb, 11));
        assert_eq!(of("CockroachDB CCL v23.1.11 (x86_64)"), (EngineKind::CockroachDb, 13));
        assert_eq!(Engine::of("PostgreSQL 15.18 (Debian 15.18) on x86_64").to_string(), "PostgreSQL 15.18");
    }
}
