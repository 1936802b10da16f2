//! Logs of changes to rows, as triggers write them: their event types are `insert`, `update` and `delete`, however they are
//! spelled, and what a stream's state is, is the row.

use rusqlite::types::Value;

use super::super::state::StateSpec;
use super::relation::Relation;

/// How a row comes, becomes another, and goes.
const VERBS: [&[&str]; 3] = [
    &[
        "+",
        "i",
        "ins",
        "insert",
        "inserted",
        "insertion",
        "c",
        "create",
        "created",
        "creation",
        "a",
        "add",
        "added",
        "new",
    ],
    &["~", "u", "upd", "update", "updated", "m", "modify", "modified", "edit", "edited", "change", "changed", "upsert"],
    &["-", "d", "del", "delete", "deleted", "deletion", "remove", "removed", "destroy", "destroyed"],
];

/// The verbs of types that name a table, too: `customer_updated`. Such a log tells more often of deeds than of rows where
/// it says more than these.
const PLAIN: [&str; 9] =
    ["insert", "inserted", "create", "created", "update", "updated", "delete", "deleted", "destroyed"];

/// The state of a log of changes; `None` where its event types are not of that kind, or not enough of them were seen.
pub(super) fn state(relation: &Relation, event_type: &str) -> Option<StateSpec> {
    let types = relation.candidates.iter().find(|candidate| candidate.sql == event_type)?;
    let mut seen = [false; VERBS.len()];
    for value in &types.values {
        let Some(text) = text_of(value) else { continue };
        let class = class(text)?;
        if let Some(seen) = seen.get_mut(class) {
            *seen = true;
        }
    }
    (seen.iter().filter(|seen| **seen).count() > 1).then(|| StateSpec {
        title: "the row after its changes".to_owned(),
        reducers: Some("row-changes".to_owned()),
        ..StateSpec::default()
    })
}

/// The same data with the columns that are NULL, where a log has whole rows in columns of its own: there NULL is a value. Of a
/// log that has only what changed it says nothing; `None`, too, where the data is something else.
pub(super) fn with_nulls(relation: &Relation, event_type: &str, data: &str) -> Option<String> {
    let columns = data.strip_prefix("members(")?;
    let types = relation.candidates.iter().find(|candidate| candidate.sql == event_type)?;
    let classes: Vec<Option<usize>> = types.values.iter().map(|value| class(text_of(value)?)).collect();
    // How often a column is NULL in rows of a class.
    let nulls = |values: &[Value], of: usize| {
        let rows = values.iter().zip(&classes).filter(|(_, class)| **class == Some(of));
        rows.fold((0, 0), |(null, all), (value, _)| (null + usize::from(*value == Value::Null), all + 1))
    };
    let sparse = relation.candidates.iter().filter(|candidate| candidate.inside.is_none()).any(|candidate| {
        let ((new, _), (changed, all)) = (nulls(&candidate.values, 0), nulls(&candidate.values, 1));
        new == 0 && changed * 4 > all
    });
    (!sparse).then(|| format!("whole_row({columns}"))
}

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Whether a type says that a row comes, becomes another, or goes.
fn class(event_type: &str) -> Option<usize> {
    let lower = event_type.trim().to_lowercase();
    let verb = lower.rsplit(|letter: char| !letter.is_ascii_alphabetic()).next().filter(|verb| !verb.is_empty());
    let verb = verb.unwrap_or(&lower);
    if verb.len() != lower.len() && !PLAIN.contains(&verb) {
        return None;
    }
    VERBS.iter().position(|verbs| verbs.contains(&verb))
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn operations_are_known_by_their_verbs() {
        let known = ["INSERT", "i", "+", "customers.update", "row_deleted", "D", "~"].map(class);
        assert_eq!(known, [Some(0), Some(0), Some(0), Some(1), Some(2), Some(2), Some(1)]);
        assert_eq!(["FundsDeposited", "stock_added", "shipped", ""].map(class), [None; 4]);
    }
}
