//! The lines of the list of streams: which group, stream or table stands where, so that only those in view are drawn.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::profile::Role;
use crate::session::{Checkpoint, StreamGroup, StreamList, StreamSummary, TableEntry};

/// One line of the list, as numbers into what was read: there may be a hundred thousand of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// An aggregate type, how many of its streams are listed, and whether they are shown.
    Group { group: usize, count: usize, open: bool },
    /// A stream of a group; `indented` beneath the group's own line.
    Stream { group: usize, stream: usize, indented: bool },
    /// Nothing: a distance.
    Space,
    /// The heading of the tables.
    Heading(&'static str),
    /// What some of the tables are for.
    Caption(&'static str),
    /// A table or view.
    Table(usize),
    /// A reader of the events, beneath the table that says how far it has come.
    Checkpoint(usize),
}

impl Line {
    /// Whether there is something to do on this line.
    pub(super) fn is_stop(&self) -> bool {
        !matches!(self, Self::Space | Self::Heading(_) | Self::Caption(_))
    }

    /// The stream on this line.
    pub(super) fn stream(self, streams: &StreamList) -> Option<&StreamSummary> {
        let Self::Stream { group, stream, .. } = self else { return None };
        streams.groups.get(group)?.streams.get(stream)
    }
}

/// Lays the list out: the streams that have `wanted` in their names, then the tables.
pub(super) fn lay_out(
    streams: &StreamList,
    (tables, checkpoints): (&[TableEntry], &[Checkpoint]),
    wanted: &str,
    closed: &BTreeSet<Arc<str>>,
) -> Vec<Line> {
    let wanted = wanted.trim().to_lowercase();
    let mut lines = Vec::new();
    // A store that does not group its streams has one nameless group, which needs no line of its own.
    let grouped = streams.groups.iter().any(|group| !group.aggregate_type.is_empty());
    for (number, group) in streams.groups.iter().enumerate() {
        let found = found(group, &wanted);
        // What was looked for is shown even where the group was closed before.
        let open = !grouped || !wanted.is_empty() || !closed.contains(&group.aggregate_type);
        if grouped && !found.is_empty() {
            lines.push(Line::Group { group: number, count: found.len(), open });
        }
        if open {
            let line = |stream| Line::Stream { group: number, stream, indented: grouped };
            lines.extend(found.into_iter().map(line));
        }
    }
    if wanted.is_empty() {
        add_tables(tables, checkpoints, &mut lines);
    }
    lines
}

/// The streams of a group that have `wanted`, in lower case, in their names.
fn found(group: &StreamGroup, wanted: &str) -> Vec<usize> {
    let all = wanted.is_empty();
    let has = |text: &str| text.to_lowercase().contains(wanted);
    let streams = group.streams.iter().enumerate();
    let whole_group = !all && has(&group.aggregate_type);
    let kept =
        streams.filter(|(_, stream)| all || whole_group || has(&stream.name.aggregate_id) || named(stream, wanted));
    kept.map(|(number, _)| number).collect()
}

/// Whether the whole name, as `TYPE/ID`, has `wanted` in it.
fn named(stream: &StreamSummary, wanted: &str) -> bool {
    wanted.contains('/') && stream.name.to_string().to_lowercase().contains(wanted)
}

/// What tables are for, in the order in which they are listed, with the words for it.
const ROLES: [(Option<Role>, &str); 7] = [
    (Some(Role::Snapshots), "Snapshots"),
    (Some(Role::Projections), "Projections"),
    (Some(Role::Checkpoints), "Checkpoints"),
    (Some(Role::Streams), "Streams"),
    (Some(Role::Commands), "Commands"),
    (Some(Role::Events), "Events, as stored"),
    (None, "Not part of the event store"),
];

/// The tables, by what they are for; in a file that is no event store as they come.
fn add_tables(tables: &[TableEntry], checkpoints: &[Checkpoint], lines: &mut Vec<Line>) {
    if tables.is_empty() {
        return;
    }
    if tables.iter().all(|table| table.role.is_none()) {
        lines.push(Line::Heading("Tables"));
        lines.extend((0..tables.len()).map(Line::Table));
        return;
    }
    if !lines.is_empty() {
        lines.push(Line::Space);
    }
    lines.push(Line::Heading("Other tables"));
    for (role, caption) in ROLES {
        let of_role: Vec<_> =
            (0..tables.len()).filter(|table| tables.get(*table).is_some_and(|t| t.role == role)).collect();
        if of_role.is_empty() {
            continue;
        }
        lines.push(Line::Caption(caption));
        for table in of_role {
            lines.push(Line::Table(table));
            let name = tables.get(table).map(|table| Arc::clone(&table.name)).unwrap_or_default();
            let readers = checkpoints.iter().enumerate().filter(|(_, reader)| *reader.table == *name);
            lines.extend(readers.map(|(reader, _)| Line::Checkpoint(reader)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StreamName;
    use crate::session::Count;

    fn streams() -> StreamList {
        let group = |kind: &str, ids: &[&str]| StreamGroup {
            aggregate_type: kind.into(),
            streams: ids
                .iter()
                .map(|id| StreamSummary { name: StreamName::new(kind, *id), events: 1, last_version: 1 })
                .collect(),
        };
        StreamList {
            groups: vec![group("order", &["ord-1", "ord-2"]), group("stock", &["sku-1"])],
            total: Count::complete(3),
        }
    }

    fn tables() -> Vec<TableEntry> {
        let table = |name: &str, role| TableEntry { name: name.into(), role, ..TableEntry::default() };
        vec![
            table("account", None),
            table("events", Some(Role::Events)),
            table("readers", Some(Role::Checkpoints)),
            table("snapshots", Some(Role::Snapshots)),
        ]
    }

    fn readers() -> Vec<Checkpoint> {
        let name = "orders-view".to_owned();
        vec![Checkpoint { table: "readers".to_owned(), name, position: Some(4_800), behind: Some(22) }]
    }

    #[test]
    fn streams_lie_beneath_their_groups_and_tables_beneath_all() {
        let lines = lay_out(&streams(), (&tables(), &readers()), "", &BTreeSet::from(["stock".into()]));
        let stream = |stream| Line::Stream { group: 0, stream, indented: true };
        assert_eq!(
            lines,
            [
                Line::Group { group: 0, count: 2, open: true },
                stream(0),
                stream(1),
                Line::Group { group: 1, count: 1, open: false },
                Line::Space,
                Line::Heading("Other tables"),
                Line::Caption("Snapshots"),
                Line::Table(3),
                Line::Caption("Checkpoints"),
                Line::Table(2),
                Line::Checkpoint(0),
                Line::Caption("Events, as stored"),
                Line::Table(1),
                Line::Caption("Not part of the event store"),
                Line::Table(0),
            ]
        );
    }

    #[test]
    fn what_is_looked_for_is_found_by_id_by_type_and_by_whole_name() {
        let list = streams();
        let names = |wanted: &str| -> Vec<_> {
            let lines = lay_out(&list, (&tables(), &readers()), wanted, &BTreeSet::from(["stock".into()]));
            lines.iter().filter_map(|line| line.stream(&list)).map(|stream| stream.name.to_string()).collect()
        };
        assert_eq!(names("ORD-2"), ["order/ord-2"]);
        assert_eq!(names("stock"), ["stock/sku-1"]);
        assert_eq!(names("order/ord-1"), ["order/ord-1"]);
        assert!(names("nothing").is_empty());
    }

    #[test]
    fn a_file_without_streams_lists_its_tables() {
        let tables = [TableEntry { name: "note".into(), ..TableEntry::default() }];
        let lines = lay_out(&StreamList::default(), (&tables, &[]), "", &BTreeSet::new());
        assert_eq!(lines, [Line::Heading("Tables"), Line::Table(0)]);
    }
}
