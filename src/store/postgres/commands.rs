//! Commands that are processed once.

use postgres::Row;

use super::query;
use super::row::timestamp;
use super::session::{Session, failed};
use super::writing::Writing;
use crate::error::Result;
use crate::event::{ExpectedVersion, Json, NewEvent, Position, StreamName};
use crate::store::append::Appended;
use crate::store::command::{self, Command, Processed};

/// Appends what a command produced, unless it was processed before.
pub(super) fn append(
    writing: &mut Writing<'_>,
    command: &Command,
    expected: ExpectedVersion,
    events: &[NewEvent],
) -> Result<Processed> {
    command::check(command)?;
    if let Some(before) = find(writing.session, &command.id)? {
        return command::same(command, before);
    }
    let events: Vec<NewEvent> = events.iter().map(|event| command::caused(event, command)).collect();
    writing.look_for_ids(&events.iter().filter_map(|event| event.id.as_deref()).collect::<Vec<_>>())?;
    writing.look_at_streams(std::iter::once(&command.stream))?;
    let (plan, mut admission) = writing.planning();
    let appended = plan.append(&command.stream, expected, &events, &mut admission)?;
    writing.write()?;
    insert(writing, command, &appended)?;
    let processed_at = timestamp(writing.plan.moment());
    let events = if appended.is_empty() {
        Vec::new()
    } else {
        query::behind(writing.session, Some(appended.positions.start.saturating_sub(1)), appended.len())?
    };
    Ok(Processed { command: command.clone(), processed_at, events, repeated: false })
}

fn insert(writing: &mut Writing<'_>, command: &Command, appended: &Appended) -> Result<()> {
    let Command { id, command_type, stream, actor, source, data } = command;
    let first = (!appended.is_empty()).then_some(appended.positions.start);
    let count = i64::try_from(appended.len()).unwrap_or(i64::MAX);
    let data = (!data.is_null()).then(|| data.to_text());
    let moment = writing.plan.moment();
    let sql = "INSERT INTO eventscope.commands (command_id, command_type, aggregate_type, aggregate_id, processed_at, \
               actor, source, data, first_position, event_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let StreamName { aggregate_type, aggregate_id } = stream;
    let data = data.as_deref();
    let values: super::session::Values<'_> =
        &[id, command_type, aggregate_type, aggregate_id, &moment, actor, source, &data, &first, &count];
    writing.session.execute(sql, values).map(drop)
}

fn find(session: &mut Session, id: &str) -> Result<Option<Processed>> {
    let sql = "SELECT command_id, command_type, aggregate_type, aggregate_id, processed_at, actor, source, data, \
               first_position, event_count FROM eventscope.commands WHERE command_id = $1";
    let Some(row) = session.row(sql, &[&id])? else { return Ok(None) };
    let (processed, first, count) = read(&row).map_err(failed)?;
    let events = match first {
        Some(first) => query::behind(session, Some(first.saturating_sub(1)), count)?,
        None => Vec::new(),
    };
    Ok(Some(Processed { events, ..processed }))
}

/// The command without its events, and where those lie.
fn read(row: &Row) -> Result<(Processed, Option<Position>, usize), postgres::Error> {
    let data: Option<String> = row.try_get(7)?;
    let command = Command {
        id: row.try_get(0)?,
        command_type: row.try_get(1)?,
        stream: StreamName { aggregate_type: row.try_get(2)?, aggregate_id: row.try_get(3)? },
        actor: row.try_get(5)?,
        source: row.try_get(6)?,
        data: data.and_then(|text| Json::text(text).ok()).unwrap_or_default(),
    };
    let processed =
        Processed { command, processed_at: timestamp(row.try_get(4)?), events: Vec::new(), repeated: false };
    let count: i64 = row.try_get(9)?;
    Ok((processed, row.try_get(8)?, usize::try_from(count).unwrap_or_default()))
}
