//! The hash chain: each event's hash covers the one before it, so that a change to any shows in all behind it.

use std::ops::Range;

use hmac_sha256::Hash as Sha256;
use rusqlite::{Connection, OptionalExtension, params};

use super::row::{self, COLUMNS, Memory};
use crate::error::Result;
use crate::event::{Event, Payload, Position, StorageClass};

/// SHA-256.
pub(super) type Hash = [u8; 32];

/// What the first link covers in the place of an event. It names the way in which events are hashed.
const BEGINNING: &[u8] = b"eventscope chain 1";

/// Begins a chain in a store that has no events yet.
pub(super) fn begin(connection: &Connection) -> Result<()> {
    insert(connection, 0, &Sha256::hash(BEGINNING))
}

/// The hash of the last link; `None` in a store that keeps no chain.
pub(super) fn last(connection: &Connection) -> Result<Option<Hash>> {
    let sql = "SELECT hash FROM chain ORDER BY position DESC LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
}

/// The hash at a position.
pub(super) fn at(connection: &Connection, position: Position) -> Result<Option<Hash>> {
    let sql = "SELECT hash FROM chain WHERE position = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([position], |row| row.get(0)).optional()?)
}

/// The position of the last link.
pub(super) fn end(connection: &Connection) -> Result<Option<Position>> {
    Ok(connection.query_row("SELECT max(position) FROM chain", [], |row| row.get(0))?)
}

/// Adds the links of the events of one stream that were just written, in a store that keeps a chain. They are read back:
/// what is covered is what is stored.
pub(super) fn extend(connection: &Connection, positions: &Range<Position>) -> Result<()> {
    let Some(mut hash) = last(connection)? else { return Ok(()) };
    let sql = format!("SELECT {COLUMNS} FROM events WHERE position >= ?1 AND position < ?2 ORDER BY position");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([positions.start, positions.end])?;
    let mut memory = None;
    while let Some(row) = rows.next()? {
        let memory = match &mut memory {
            Some(memory) => memory,
            none => none.insert(Memory::new(row::stream(row)?)),
        };
        let event = memory.read(row)?;
        hash = link(&hash, event);
        insert(connection, event.position, &hash)?;
    }
    Ok(())
}

fn insert(connection: &Connection, position: Position, hash: &Hash) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO chain (position, hash) VALUES (?1, ?2)")?
        .execute(params![position, hash])?;
    Ok(())
}

/// The hash of an event behind another hash: SHA-256 over the hash before it, the position and the version as 64-bit
/// big-endian integers, and the other columns in the order of the table, each as one byte for what it is (0 null,
/// 1 text, 2 blob), its length as a 64-bit big-endian integer, and its bytes.
pub(super) fn link(before: &Hash, event: &Event) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(event.position.to_be_bytes());
    hasher.update(event.version.to_be_bytes());
    let texts = [
        event.id.as_deref(),
        Some(event.stream.aggregate_type.as_str()),
        Some(event.stream.aggregate_id.as_str()),
        Some(event.event_type.as_str()),
        event.schema_version.as_deref(),
        event.timestamp.as_ref().map(|timestamp| &*timestamp.stored),
        event.actor.as_deref(),
        event.actor_type.as_deref(),
        event.source.as_deref(),
        event.causation_id.as_deref(),
        event.correlation_id.as_deref(),
    ];
    for text in texts {
        cover(&mut hasher, u8::from(text.is_some()), text.unwrap_or_default().as_bytes());
    }
    for payload in [&event.data, &event.metadata] {
        cover(&mut hasher, kind(payload), &payload.raw);
    }
    hasher.finalize()
}

fn kind(payload: &Payload) -> u8 {
    match payload.storage {
        StorageClass::Null => 0,
        StorageClass::Blob => 2,
        // The schema admits nothing else.
        StorageClass::Text | StorageClass::Integer | StorageClass::Real => 1,
    }
}

/// The length goes first, so that no two rows of different columns give the same bytes.
fn cover(hasher: &mut Sha256, kind: u8, bytes: &[u8]) {
    hasher.update([kind]);
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}
