//! The ids of events that come without one.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use uuid::{Builder, Uuid};

use crate::error::Result;

/// How many bits of an id of version 7 are free.
const FREE: u32 = 74;

/// How many of these are in the part behind the variant.
const BEHIND_VARIANT: u32 = 62;

/// Makes ids of version 7 (RFC 9562, 5.7): in the order of time, and one behind the other where they are made together
/// (6.2, method 2).
///
/// Chance comes from SQLite, which asks the system for its seed: a generator of ours would bring an application crates
/// that take longer to compile than this file's whole folder.
pub(super) struct Ids<'store> {
    connection: &'store Connection,
    /// The moment in milliseconds, and the free bits of the next id.
    next: Option<(u64, u128)>,
}

impl<'store> Ids<'store> {
    pub(super) fn new(connection: &'store Connection) -> Self {
        Self { connection, next: None }
    }

    pub(super) fn next(&mut self) -> Result<String> {
        let (millis, free) = match self.next {
            Some(next) => next,
            None => (now(), first(self.connection)?),
        };
        self.next = Some((millis, free + 1));
        Ok(text(version_7(millis, free)))
    }
}

/// An id for an event, as the store gives it to one that comes without: a UUID of version 7 in lower case with hyphens.
///
/// # Errors
/// Those of a connection that no longer answers.
pub fn new_event_id(connection: &Connection) -> Result<String> {
    Ids::new(connection).next()
}

/// An id that says nothing, of version 4.
pub(super) fn random(connection: &Connection) -> Result<String> {
    Ok(text(Builder::from_random_bytes(chance(connection)?).into_uuid()))
}

fn text(id: Uuid) -> String {
    id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned()
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(u64::MAX)
}

fn chance(connection: &Connection) -> Result<[u8; 16]> {
    Ok(connection.prepare_cached("SELECT randomblob(16)")?.query_row([], |row| row.get(0))?)
}

/// The free bits of the first of several ids. The highest is 0, so that all that are counted on from it have room.
fn first(connection: &Connection) -> Result<u128> {
    Ok(u128::from_be_bytes(chance(connection)?) >> (u128::BITS - FREE + 1))
}

fn version_7(millis: u64, free: u128) -> Uuid {
    let [.., high, low] = (free >> BEHIND_VARIANT).to_be_bytes();
    let [_, _, _, _, _, _, mut bytes @ ..] = free.to_be_bytes();
    let [first, second, ..] = &mut bytes;
    (*first, *second) = (high, low);
    Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_that_are_made_together_follow_each_other_and_are_of_version_7() {
        let connection = Connection::open_in_memory().unwrap();
        let mut ids = Ids::new(&connection);
        let made: Vec<String> = (0..5_000).map(|_| ids.next().unwrap()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        for id in [&made[0], &made[4_999]] {
            let id = Uuid::parse_str(id).unwrap();
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
            let (seconds, _) = id.get_timestamp().unwrap().to_unix();
            assert!(now() / 1_000 - seconds < 60);
        }
    }

    #[test]
    fn all_free_bits_are_used_and_the_counter_carries_over_the_variant() {
        let most = (1 << FREE) - 1;
        assert_eq!(text(version_7(0xffff_ffff_ffff, most)), "ffffffff-ffff-7fff-bfff-ffffffffffff");
        assert_eq!(text(version_7(0, (1 << BEHIND_VARIANT) - 1)), "00000000-0000-7000-bfff-ffffffffffff");
        assert_eq!(text(version_7(0, 1 << BEHIND_VARIANT)), "00000000-0000-7001-8000-000000000000");
    }

    #[test]
    fn ids_of_several_connections_differ() {
        let made = (0..200).flat_map(|_| {
            let connection = Connection::open_in_memory().unwrap();
            [new_event_id(&connection).unwrap(), random(&connection).unwrap()]
        });
        assert_eq!(made.collect::<HashSet<String>>().len(), 400);
    }
}
