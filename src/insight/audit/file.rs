//! What SQLite says of the file, and what protects its events.

use super::finding::{Finding, Instance, Instances, Severity};
use crate::error::{ErrorKind, Result};
use crate::source::{Source, Uniqueness};

pub(super) fn findings(source: &Source) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let mut damage = Instances::default();
    match source.integrity() {
        Ok(lines) => lines.into_iter().for_each(|line| damage.note(|| Instance::said(line))),
        Err(error) if *error.kind() == ErrorKind::Cancelled => return Err(error),
        Err(error) => damage.note(|| Instance::said(error.to_string())),
    }
    found.extend(damage.finding(
        "integrity",
        Severity::Error,
        "SQLite finds the file damaged.",
        "Work on a copy: `sqlite3 FILE .recover` saves what can be read; then look for the last sound backup.",
    ));
    let (references, count) = source.broken_references()?;
    let named = references.into_iter().map(|broken| {
        let row = broken.rowid.map(|rowid| format!(" row {rowid}")).unwrap_or_default();
        Instance::said(format!("{}{row} refers to a row of {} that is not there", broken.table, broken.parent))
    });
    found.extend(Instances { count, named: named.collect() }.finding(
        "foreign_key",
        Severity::Error,
        "Rows refer to rows that are not there.",
        "Find out what deleted them; SQLite only keeps such references with `PRAGMA foreign_keys = ON`.",
    ));
    if source.mapping().is_none() {
        return Ok(found);
    }
    found.extend(broken_texts(source)?);
    found.extend(protection(source)?);
    Ok(found)
}

fn broken_texts(source: &Source) -> Result<Vec<Finding>> {
    let (mut not_utf8, mut stringified) = (Instances::default(), Instances::default());
    let payload = source.mapping().map(|mapping| mapping.data.sql.clone()).unwrap_or_default();
    for broken in source.broken_texts()? {
        let place = format!("{}.{}", broken.table, broken.column);
        let more = if broken.partial { " among the first rows" } else { "" };
        // What is in the data is found with its event.
        if payload.contains(&broken.column) {
            continue;
        }
        for (instances, count) in [(&mut not_utf8, broken.not_utf8), (&mut stringified, broken.stringified)] {
            if count > 0 {
                instances.count += count;
                instances.named.push(Instance::said(format!("{place}, {count} values{more}")));
            }
        }
    }
    let not_utf8 = not_utf8.finding(
        "invalid_text_column",
        Severity::Warning,
        "A column holds bytes that are stored as text and are no UTF-8.",
        "Bind such values as BLOB; many libraries cannot read them back as text.",
    );
    let stringified = stringified.finding(
        "stringified_object_column",
        Severity::Warning,
        "`[object Object]` was written in place of an object.",
        "Look at what wrote it: what the object held is lost.",
    );
    Ok(not_utf8.into_iter().chain(stringified).collect())
}

pub(super) fn protection(source: &Source) -> Result<Vec<Finding>> {
    let protection = source.protection()?;
    let Some(table) = protection.table else { return Ok(Vec::new()) };
    let one = |is_so: bool, what: String| {
        let mut instances = Instances::default();
        if is_so {
            instances.note(|| Instance::said(what));
        }
        instances
    };
    let guards = protection.guards;
    let unguarded: Vec<&str> = [("UPDATE", guards.update), ("DELETE", guards.delete)]
        .iter()
        .filter(|(_, is)| !is)
        .map(|(name, _)| *name)
        .collect();
    Ok([
        one(
            matches!(protection.unique_versions, Some(Uniqueness::Missing | Uniqueness::WithOthers)),
            match protection.unique_versions {
                Some(Uniqueness::WithOthers) => format!("the unique key of {table} has other columns, too"),
                _ => format!("{table} has no such constraint"),
            },
        )
        .finding(
            "missing_unique_version",
            if protection.unique_versions == Some(Uniqueness::WithOthers) { Severity::Note } else { Severity::Warning },
            "Nothing keeps two events of a stream from having the same version.",
            "Add a unique index on stream and version: without it, two writers can overtake each other.",
        ),
        one(protection.streams_indexed == Some(false), format!("{table} has no such index")).finding(
            "missing_index",
            Severity::Warning,
            "No index leads to the events of a stream: loading one reads the whole table.",
            "Add an index that begins with the stream.",
        ),
        one(!unguarded.is_empty(), format!("{table}: nothing refuses {}", unguarded.join(" or "))).finding(
            "unprotected_events",
            Severity::Note,
            "Events can be changed or deleted by any statement.",
            "Add triggers that raise an error before UPDATE and DELETE.",
        ),
    ]
    .into_iter()
    .flatten()
    .collect())
}
