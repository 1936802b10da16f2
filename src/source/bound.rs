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
