//! Up to where nothing can come any more. Numbers are handed out before their rows are committed: a row may appear behind a
//! higher number that was read already. Once every transaction is over that ran when a number was the highest, whatever
//! was to come below it is there.

use std::time::Duration;

use chrono::Utc;
use serde::{Deserialize, Serialize};

use super::catalogue::Relation;
use super::connection::{Reading, Server, literal};
use super::key::Place;
use super::row_time::{self, RowTime};
use crate::error::Result;

/// How long numbers are waited for that somebody may hold without a transaction.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often rows are asked for by when they were written: no index serves that, the server reads the whole table.
pub(super) const LOOK_BY_TIME: Duration = Duration::from_secs(20);

/// The transactions that run: the number that the next one gets, and those that may not have a number yet.
const SNAPSHOTS: [&str; 2] = [
    "SELECT pg_snapshot_xmin(pg_current_snapshot()), pg_snapshot_xmax(pg_current_snapshot())",
    "SELECT txid_snapshot_xmin(txid_current_snapshot()), txid_snapshot_xmax(txid_current_snapshot())",
];
const HOLDERS: &str = "SELECT DISTINCT l.virtualxid FROM pg_catalog.pg_locks l
    JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'virtualxid' AND l.pid <> pg_backend_pid() AND a.datname = current_database()";

/// How it is known on a server that nothing can come any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// The place of the statement among [`SNAPSHOTS`] that tells which transactions run; `None` where none does.
    snapshot: Option<usize>,
    /// How long is waited beside that.
    patience: Option<Duration>,
    /// Whether what is read is some seconds old, and nothing is committed behind it.
    back: bool,
    /// The column that says when a row was written, by which late ones are found, too.
    pub(super) row_time: Option<&'static str>,
}

impl Way {
    /// Tries what the server can say of its transactions, and how the table's numbers are handed out.
    pub(super) fn of(server: &mut Server, table: &Relation, column: Option<&str>) -> Result<Self> {
        // What a standby says of transactions is of its own, and the writers are elsewhere; likewise where Citus spreads
        // tables over other servers.
        let tells = server.engine().kind.tells_transactions() && !server.is_standby()? && !is_spread(server);
        let mut works = |sql: &str| {
            server.rows(sql).is_ok_and(|rows| rows.first().is_none_or(|row| row.iter().all(Option::is_some)))
        };
        let snapshot =
            if tells && works(HOLDERS) { (0..SNAPSHOTS.len()).find(|place| works(SNAPSHOTS[*place])) } else { None };
        let is_pooled = match (snapshot, column) {
            (Some(_), Some(column)) => is_pooled(server, table, column)?,
            _ => false,
        };
        let patience = (snapshot.is_none() || is_pooled).then_some(PATIENCE);
        // Rows that nothing tells apart, or whose key is no number, cannot be asked for twice.
        let is_askable = column.is_some() && table.indexes.iter().any(|index| index.unique);
        let engine = server.engine().clone();
        let row_time = row_time::column(&engine, table, |sql| server.rows(sql).is_ok()).filter(|_| is_askable);
        Ok(Self { snapshot, patience, back: server.reads_back(), row_time })
    }

    /// What applies, in sentences.
    pub(super) fn in_words(self) -> String {
        let waited = self.waited_in_words();
        match self.row_time {
            Some(column) => format!(
                "{waited} Later ones are looked for every {} seconds by when they were written ({column}): rarely, since no \
                 index serves that and the whole table is read.",
                LOOK_BY_TIME.as_secs()
            ),
            None => waited,
        }
    }

    fn waited_in_words(self) -> String {
        match (self.snapshot, self.patience) {
            (Some(_), None) => {
                "Rows that are committed late are waited for until their transactions are over.".to_owned()
            }
            (Some(_), Some(patience)) => format!(
                "Rows that are committed late are waited for until their transactions are over, and at least {} seconds: \
                 numbers may be handed out in advance.",
                patience.as_secs()
            ),
            (None, patience) if self.back => format!(
                "What is shown is what was so five seconds ago. Rows that are committed late are waited for {} seconds: \
                 this server does not say which transactions run.",
                patience.unwrap_or(PATIENCE).as_secs()
            ),
            (None, patience) => format!(
                "Rows that are committed late are waited for {} seconds: this server does not say which transactions run.",
                patience.unwrap_or(PATIENCE).as_secs()
            ),
        }
    }

    /// A time that no row has which is committed from now on; `None` where the server does not tell it.
    pub(super) fn newest(self, server: &mut Server, table: &Relation, key: Option<&str>) -> Result<Option<RowTime>> {
        let Some((column, key)) = self.row_time.zip(key) else { return Ok(None) };
        row_time::newest(&mut server.reading()?, table, key, column)
    }

    /// What is known at this moment of a place. It has to be read before the transactions are: those that begin later get
    /// higher numbers.
    pub(super) fn mark(self, place: Place, reading: &mut Reading<'_>) -> Result<Watermark> {
        let (mut next, mut holders) = (0, Vec::new());
        if let Some((_, highest)) = self.running(reading)? {
            next = highest;
            holders = reading.rows(HOLDERS)?.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
        }
        Ok(Watermark { place, next, holders, taken: Utc::now().timestamp_millis() })
    }

    /// Whether nothing can come any more up to a watermark.
    pub(super) fn is_passed(self, mark: &Watermark, reading: &mut Reading<'_>) -> Result<bool> {
        let age = Utc::now().timestamp_millis().saturating_sub(mark.taken);
        if self.patience.is_some_and(|patience| u128::from(age.unsigned_abs()) < patience.as_millis()) {
            return Ok(false);
        }
        let Some((lowest, _)) = self.running(reading)? else { return Ok(true) };
        if lowest < mark.next {
            return Ok(false);
        }
        if mark.holders.is_empty() {
            return Ok(true);
        }
        let names: Vec<String> = mark.holders.iter().map(|name| literal(name)).collect();
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_locks WHERE locktype = 'virtualxid' AND virtualxid IN ({}))",
            names.join(", ")
        );
        Ok(reading.value(&sql)?.is_some_and(|said| said == "f"))
    }

    fn running(self, reading: &mut Reading<'_>) -> Result<Option<(u64, u64)>> {
        let Some(sql) = self.snapshot.and_then(|place| SNAPSHOTS.get(place)) else { return Ok(None) };
        let row = reading.rows(sql)?.into_iter().next().unwrap_or_default();
        let mut numbers = row.into_iter().map(|field| field.and_then(|text| text.parse().ok()));
        Ok(numbers.next().flatten().zip(numbers.next().flatten()))
    }
}

/// Up to where nothing will come any more, once some transactions are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watermark {
    pub(super) place: Place,
    /// Every transaction with a lower number has to be over.
    next: u64,
    /// And those that may have had no number yet.
    holders: Vec<String>,
    /// When it was taken, in milliseconds.
    taken: i64,
}

/// Whether the server spreads tables over others, which Citus does.
fn is_spread(server: &mut Server) -> bool {
    server.rows("SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'citus'").is_ok_and(|rows| !rows.is_empty())
}

/// Whether somebody may hold numbers without a transaction: a sequence that hands out several at once, or an application
/// that numbers rows itself.
fn is_pooled(server: &mut Server, table: &Relation, column: &str) -> Result<bool> {
    let sql = format!(
        "SELECT coalesce((
           SELECT bool_or(s.seqcache > 1 OR s.seqincrement > 1) FROM pg_catalog.pg_sequence s
           WHERE s.seqrelid = coalesce(
             pg_get_serial_sequence({name}, {column})::regclass::oid,
             (SELECT substring(pg_get_expr(d.adbin, d.adrelid) from $$nextval\\('([^']+)'$$)::regclass::oid
              FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
              WHERE d.adrelid = {oid} AND a.attname = {column}))), true)",
        name = literal(&table.in_sql()),
        column = literal(column),
        oid = table.oid
    );
    Ok(server.reading()?.value(&sql).ok().flatten().is_none_or(|said| said == "t"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_said_as_it_is() {
        let way = |snapshot, patience, back| Way { snapshot, patience, back, row_time: None }.in_words();
        assert!(way(Some(0), None, false).ends_with("until their transactions are over."));
        assert!(way(Some(1), Some(PATIENCE), false).contains("at least 60 seconds"));
        assert!(way(None, Some(PATIENCE), false).contains("does not say which transactions run"));
        let back = way(None, Some(PATIENCE), true);
        assert!(back.contains("five seconds ago") && back.contains("60 seconds"), "{back}");
        assert!(!back.contains("written"), "{back}");
        let row_time = Some("crdb_internal_mvcc_timestamp");
        let timed = Way { snapshot: None, patience: Some(PATIENCE), back: true, row_time }.in_words();
        assert!(timed.starts_with(&back), "{timed}");
        assert!(timed.contains("every 20 seconds") && timed.contains("(crdb_internal_mvcc_timestamp)"), "{timed}");
    }
}
