//! Where events come from: how a database is known again, and the ids of events that have none of their own.

use std::fmt::Write;

use hmac_sha256::Hash as Sha256;

use super::Options;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::source::Source;

/// How many hexadecimal digits of the digest name a database: 64 bits.
const DIGITS: usize = 16;

/// The database that events are taken over from.
pub(super) struct Origin {
    /// What it is known by: a digest over its profile and its first event. It outlives a file that is moved, copied, or
    /// grown, where a path or an inode would not. A folder is known by its profile, and its events by their streams.
    pub(super) digest: String,
    /// The name of its file, for people.
    pub(super) file: String,
    /// The name under which the store remembers how far the import has come.
    pub(super) checkpoint: String,
    /// Whether its events keep their positions when others are added.
    pub(super) has_positions: bool,
}

impl Origin {
    /// The origin of a database's events; `None` where it has none yet.
    pub(super) fn of(source: &Source, options: &Options) -> Result<Option<Self>> {
        let Some(detection) = source.detection() else {
            let message = format!("{} was not recognised as an event store", source.path().display());
            return Err(
                Error::new(ErrorKind::Unsupported, message).with_hint("Name a profile that says where the events are.")
            );
        };
        let Some(first) = source.page_at(0, 1)?.pop() else { return Ok(None) };
        // Another file may come to a folder, whose events go before all others.
        let first = if source.is_gathered() { Event::default() } else { first };
        let digest = digest_of(&detection.profile.name, &first);
        let filter = options.filter.to_string();
        let checkpoint =
            if filter.is_empty() { format!("import {digest}") } else { format!("import {digest} {filter}") };
        let file = source.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Some(Self { digest, file, checkpoint, has_positions: source.keeps_positions() }))
    }

    /// The id of an event that has none, or one that is taken: always the same for the same event.
    ///
    /// It is a UUID of version 8, which is the one for ids that are made in a way of one's own (RFC 9562).
    pub(super) fn derived_id(&self, event: &Event) -> String {
        let place = if self.has_positions {
            event.position.to_string()
        } else {
            // Positions are numbers of rows then, which others move when they are added.
            format!("{}\0{}\0{}", event.stream.aggregate_type, event.stream.aggregate_id, event.version)
        };
        let digest = Sha256::hash(format!("{}\0{place}", self.digest).as_bytes());
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest.iter()).for_each(|(byte, digest)| *byte = *digest);
        uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
    }
}

fn digest_of(profile: &str, first: &Event) -> String {
    let mut hasher = Sha256::new();
    let texts = [
        profile,
        &first.stream.aggregate_type,
        &first.stream.aggregate_id,
        &first.event_type,
        first.id.as_deref().unwrap_or_default(),
        first.timestamp.as_ref().map_or("", |timestamp| &*timestamp.stored),
    ];
    for text in texts {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    }
    hasher.update(first.version.to_be_bytes());
    hasher.update(&first.data.raw);
    let mut text = hexadecimal(&hasher.finalize());
    text.truncate(DIGITS);
    text
}

/// Bytes in hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}
