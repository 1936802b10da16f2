//! Whether an integer counts the rows of each id without a gap: in the sample first, and then in a bounded part of the
//! table.

use std::collections::HashMap;

use rusqlite::Connection;
use rusqlite::types::Value;

use super::relation::Relation;
use super::values::{ratio, text};

/// How many rows are grouped at most, and how many bytes they may have together: the test takes moments at any size.
const ROWS: usize = 50_000;
const BYTES: usize = 32 << 20;

/// The share of ids whose versions have no gap; those that start at neither 0 nor 1 count for less, since streams are
/// trimmed at times. Ids with one event prove nothing: where there are no others the share counts half.
pub(super) fn density(conn: &Connection, relation: &Relation, ids: &[usize], version: usize) -> rusqlite::Result<f32> {
    let sql = |place: &usize| relation.get(*place).map_or("NULL", |candidate| candidate.sql.as_str());
    let columns: Vec<String> =
        ids.iter().enumerate().map(|(number, place)| format!("{} COLLATE BINARY AS k{number}", sql(place))).collect();
    let keys: Vec<String> = (0..ids.len()).map(|number| format!("k{number}")).collect();
    let query = format!(
        "SELECT count(*), total(n > 1), total((n = high - low + 1) * iif(low IN (0, 1), 1, 0.7)),
                total((n > 1 AND n = high - low + 1) * iif(low IN (0, 1), 1, 0.7))
         FROM (SELECT count(*) AS n, min(v) AS low, max(v) AS high
               FROM (SELECT {}, {} AS v FROM {} WHERE v IS NOT NULL LIMIT {}) GROUP BY {})",
        columns.join(", "),
        sql(&version),
        relation.from,
        limit(relation),
        keys.join(", "),
    );
    let (all, long, dense, long_dense): (f64, f64, f64, f64) =
        conn.query_row(&query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let share = if long > 0.0 { (dense / all).min(long_dense / long) } else { dense / all.max(1.0) / 2.0 };
    #[allow(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
    Ok(share as f32)
}

/// So many rows that reading past their payloads stays cheap.
fn limit(relation: &Relation) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length in bytes")]
    let row: usize = relation.candidates.iter().map(|it| it.shape.length as usize).sum();
    (BYTES / row.max(1)).clamp(2_000, ROWS)
}

/// The share of the sampled steps within an id that go up by one. An id's first row among those from the end follows
/// one that was not sampled. `None` where there are too few steps to tell.
pub(super) fn counts_up(relation: &Relation, id: usize, version: usize) -> Option<f32> {
    let (ids, versions) = (relation.get(id)?, relation.get(version)?);
    let (mut steps, mut good) = (0, 0);
    let mut last: HashMap<String, i64> = HashMap::new();
    for (row, (id, version)) in ids.values.iter().zip(&versions.values).enumerate() {
        if row == relation.head {
            last.clear();
        }
        let Value::Integer(number) = version else { continue };
        if let Some(before) = last.insert(text(id), *number) {
            steps += 1;
            good += usize::from(before.checked_add(1) == Some(*number));
        }
    }
    (steps >= 4).then(|| ratio(good, steps))
}
