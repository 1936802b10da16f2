//! What names suggest. They only break ties between columns whose values would fit.

pub(in crate::profile) use super::vocabulary::*;

/// The words of a name, in lower case: `AggregateId`, `aggregate-id` and `aggregate_id` are the same two.
pub(in crate::profile) fn words(name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let (mut lower, mut fresh) = (false, true);
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            fresh = true;
            continue;
        }
        if fresh || lower && letter.is_uppercase() {
            found.push(String::new());
        }
        (lower, fresh) = (letter.is_lowercase() || letter.is_numeric(), false);
        if let Some(word) = found.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    found
}

/// A name without the `Z` that Core Data puts before each.
fn without_core_data(column: &str) -> &str {
    let upper = |rest: &&str| rest.len() > 1 && rest.chars().all(|letter| letter.is_ascii_uppercase());
    column.strip_prefix('Z').filter(upper).unwrap_or(column)
}

/// How strongly a column's name suggests a role, from 0 to 5.
pub(in crate::profile) fn rank(names: Names, column: &str) -> f32 {
    let words = words(without_core_data(column));
    let whole = words.concat();
    let of = |rank: &u8| f32::from(*rank);
    let together = |name: &str| name.split('_').flat_map(str::bytes).eq(whole.bytes());
    if let Some((_, rank)) = names.iter().find(|(name, _)| together(name)) {
        return of(rank);
    }
    let tail = |name: &str| {
        let mut last = words.iter().rev();
        name.rsplit('_').all(|wanted| last.next().is_some_and(|word| word == wanted)) && last.next().is_some()
    };
    names.iter().filter(|(name, _)| tail(name)).map(|(_, rank)| of(rank) / 2.0).fold(0.0, f32::max)
}

/// How many of the columns are named like what changes during a row's life.
pub(super) fn life<'a>(columns: impl Iterator<Item = &'a str>) -> usize {
    columns.filter(|name| changes(name)).count()
}

/// Whether a column is named like what changes during a row's life.
pub(super) fn changes(column: &str) -> bool {
    let words = words(column);
    let id = words.last().is_some_and(|word| word == "id");
    !id && words.iter().any(|word| LIFE.contains(&word.as_str()))
}

/// Whether a column is named like the moment of a row's last change.
pub(super) fn is_last_change(column: &str) -> bool {
    words(column).iter().any(|word| ["updated", "modified", "last", "geaendert"].contains(&word.as_str()))
}

/// Whether a column is named like what was there before.
pub(super) fn is_former(column: &str) -> bool {
    let words = words(column);
    let former = ["old", "previous", "prev", "before", "original"];
    words.iter().any(|word| former.contains(&word.as_str())) || words.concat().starts_with("old")
}

/// What a table's name says for or against its being the log of events.
pub(super) fn table_hint(table: &str) -> f32 {
    let words = words(table);
    let whole = words.concat();
    let against = [
        "snapshot",
        "projection",
        "readmodel",
        "outbox",
        "inbox",
        "newevents",
        "migration",
        "checkpoint",
        "queue",
        "cache",
        "setting",
        "config",
    ];
    let speaks = [
        "event",
        "evt",
        "journal",
        "commit",
        "history",
        "hist",
        "historical",
        "log",
        "store",
        "fact",
        "audit",
        "activit",
        "oplog",
        "operation",
        "ops",
        "change",
        "ledger",
        "movement",
        "mutation",
        "transition",
        "timeline",
        "trail",
        "ereignis",
        "protokoll",
        "vorgaeng",
        "evenement",
        "historique",
        "evento",
        "hecho",
        "bitacora",
        "registro",
        "storico",
        "buchung",
        "mouvement",
        "telemetry",
        "crdt",
        "wal",
    ];
    if against.iter().any(|word| whole.contains(word)) {
        -0.4
    } else if speaks.iter().any(|word| words.iter().any(|it| it.starts_with(word)))
        || whole.contains("event")
        || whole.ends_with("log")
    {
        0.15
    } else {
        0.0
    }
}

/// Whether a name, or a part of one, says that something is kept of what was before.
pub(super) fn is_history(name: &str) -> bool {
    let lower = name.to_lowercase();
    let words = words(&lower);
    let whole = [
        "history",
        "hist",
        "historical",
        "aud",
        "audit",
        "versions",
        "version",
        "revisions",
        "log",
        "journal",
        "changes",
    ];
    words
        .iter()
        .any(|word| whole.contains(&word.as_str()) || word.starts_with("historical") || word.ends_with("history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_a_name_is_written_is_of_no_account() {
        for name in [
            "aggregate_sequence_number",
            "AggregateSequenceNumber",
            "aggregate-sequence-number",
            "aggregatesequencenumber",
        ] {
            assert!(rank(VERSION, name) > 4.9, "{name}");
        }
        assert!((rank(STREAM, "garden_id") - 1.0).abs() < 0.1 && rank(STREAM, "void") < 0.1);
        assert_eq!(words("UTCTicks2 at"), ["utcticks2", "at"]);
    }

    #[test]
    fn what_changes_is_no_fact() {
        assert_eq!(life(["id", "status", "updatedAt", "payload"].into_iter()), 2);
        assert!(is_former("oldvalue") && is_former("old_value") && !is_former("order_id"));
    }
}
