//! The conditions that a row lies on a side of a key, or has it.

use super::query::Query;
use super::value::Stored;

/// On which side of a key rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Side {
    /// The key itself and what follows.
    From,
    /// What follows.
    After,
}

/// The condition that a row lies on a side of a key.
///
/// Row values compare by index (<https://www.sqlite.org/rowvalue.html#scrolling_window_queries>), but a NULL among them
/// makes the answer NULL; then the comparison is written out.
pub(super) fn bound(order: &[String], side: Side, key: &[Stored]) -> Query {
    if key.iter().any(Stored::is_null) {
        return written_out(order, side, key);
    }
    let operator = if side == Side::From { ">=" } else { ">" };
    let mut query = Query::new(match order {
        [only] => format!("{only} {operator} "),
        several => format!("({}) {operator} (", several.join(", ")),
    });
    query.bind_list(key.iter().cloned());
    if order.len() > 1 {
        query.push(")");
    }
    query
}

/// The rows after a key as stretches that follow each other, each of which an index leads into. One where no part of the
/// key is NULL. Else the `OR` that is [written out](written_out) falls into its parts: SQLite keeps no order across them,
/// and a walk would meet all the rows before the key again in each of its steps.
pub(super) fn stretches(order: &[String], key: &[Stored]) -> Vec<Query> {
    let Some(null) = key.iter().position(Stored::is_null) else { return vec![bound(order, Side::After, key)] };
    let (Some((before, [here, rest @ ..])), Some((same, [_, deeper @ ..]))) =
        (order.split_at_checked(null), key.split_at_checked(null))
    else {
        return vec![bound(order, Side::After, key)];
    };
    let within = || {
        let mut query = Query::new("(");
        if !before.is_empty() {
            query.append(&equal(before, same)).push(" AND ");
        }
        query.push(here);
        query
    };
    let mut all = Vec::new();
    if !rest.is_empty() {
        for stretch in stretches(rest, deeper) {
            let mut query = within();
            query.push(" IS NULL AND ").append(&stretch).push(")");
            all.push(query);
        }
    }
    let mut told = within();
    told.push(" IS NOT NULL)");
    all.push(told);
    if !before.is_empty() {
        all.push(bound(before, Side::After, same));
    }
    all
}

/// The rows from a key on, itself included, in such stretches. Of a key without values: all rows.
pub(super) fn from(order: &[String], key: &[Stored]) -> Vec<Query> {
    if key.is_empty() {
        return vec![Query::new("1")];
    }
    if !key.iter().any(Stored::is_null) {
        return vec![bound(order, Side::From, key)];
    }
    std::iter::once(equal(order, key)).chain(stretches(order, key)).collect()
}

/// `a > 1 OR (a IS 1 AND b > 2)`, where NULL is before everything else.
fn written_out(order: &[String], side: Side, key: &[Stored]) -> Query {
    let mut query = Query::new("(");
    for (at, (expression, value)) in order.iter().zip(key).enumerate() {
        query.push(if at > 0 { " OR (" } else { "(" });
        for (expression, value) in order.iter().zip(key).take(at) {
            query.push(expression).push(" IS ").bind(value.clone()).push(" AND ");
        }
        if value.is_null() {
            query.push(expression).push(" IS NOT NULL");
        } else {
            query.push(expression).push(" > ").bind(value.clone());
        }
        query.push(")");
    }
    if side == Side::From {
        query.push(" OR ").append(&equal(order, key));
    }
    query.push(")");
    query
}

/// The condition that a row has a key.
pub(super) fn equal(order: &[String], key: &[Stored]) -> Query {
    let mut query = Query::new("(");
    for (at, (expression, value)) in order.iter().zip(key).enumerate() {
        query.push(if at > 0 { " AND " } else { "" }).push(expression);
        query.push(if value.is_null() { " IS " } else { " = " }).bind(value.clone());
    }
    query.push(")");
    query
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::source::keys::key_of;

    #[test]
    fn the_stretches_behind_a_key_are_the_rows_behind_it_in_their_order() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE t (a, b, c, UNIQUE (a, b, c));
             WITH v(x) AS (VALUES (NULL), (1), (2))
             INSERT INTO t SELECT a.x, b.x, c.x FROM v a, v b, v c;",
        )
        .unwrap();
        let order: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        let keys = |query: &Query| -> Vec<Vec<Stored>> {
            let mut statement = query.prepare(&conn).unwrap();
            let mut rows = query.rows(&mut statement).unwrap();
            let mut keys = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                keys.push(key_of(row, 0, 3).unwrap());
            }
            keys
        };
        let select = || Query::new("SELECT a, b, c FROM t WHERE 1");
        let all = keys(select().push(" ORDER BY a, b, c"));
        assert_eq!(all.len(), 27);
        for (at, key) in all.iter().enumerate() {
            let mut behind = Vec::new();
            for stretch in stretches(&order, key) {
                behind.extend(keys(select().push(" AND ").append(&stretch).push(" ORDER BY a, b, c")));
            }
            assert_eq!(behind, all[at + 1..], "behind {key:?}");
            let mut with_it = Vec::new();
            for stretch in from(&order, key) {
                with_it.extend(keys(select().push(" AND ").append(&stretch).push(" ORDER BY a, b, c")));
            }
            assert_eq!(with_it, all[at..], "from {key:?} on");
            let bound = bound(&order, Side::After, key);
            assert_eq!(keys(select().push(" AND ").append(&bound).push(" ORDER BY a, b, c")), behind);
        }
    }
}
