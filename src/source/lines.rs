//! Events as lines of JSON straight from what is stored, for exports: text is written as it lies in the row, without an
//! event being made of it.
//!
//! A line says the same as [`ndjson_line`] of the event; rows that hold anything unusual are left to it.

use std::borrow::Cow;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::Source;
use super::layout::{CODECS, Columns, Layout};
use super::scan::{ScanRange, limit_to};
use crate::codec::decode;
use crate::codec::{Encoding, Format};
use crate::error::{Error, Result};
use crate::event::Position;
use crate::profile::Field;
use crate::store::{Line, line_break_free, moment_text, ndjson_line, number_or_text, raw_json};

/// Lines that were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// How many.
    pub events: u64,
    /// The last event, where more of the range may follow it.
    pub reached: Option<Position>,
}

impl Source {
    /// Whether [`lines`](Self::lines) can be had: the store says itself which positions and versions its events have.
    ///
    /// # Errors
    /// Where there are no events.
    pub fn gives_lines(&self) -> Result<bool> {
        let layout = self.layout()?;
        Ok(layout.has_positions() && layout.has_versions())
    }

    /// Appends the lines of the events in a range to `out`, oldest first, until they have about `most` bytes. Nothing is
    /// held open afterwards, so that the next lines may wait for whoever takes these.
    ///
    /// # Errors
    /// As [`ndjson_line`], and what reading fails with.
    pub fn lines(&self, range: ScanRange, most: usize, out: &mut Vec<u8>) -> Result<Lines> {
        self.check()?;
        let layout = self.layout()?;
        let mut query = layout.select(Columns::ALL, &[]);
        limit_to(layout, range, &mut query);
        query.push(" ORDER BY ").push(&layout.order.join(", "));
        let writer = LineWriter::new(layout);
        let (mut lines, end) = (Lines::default(), out.len().saturating_add(most));
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        while let Some(row) = rows.next()? {
            let position = writer.write(row, out)?;
            lines.events += 1;
            if out.len() >= end {
                lines.reached = Some(position);
                break;
            }
        }
        Ok(lines)
    }
}

/// What a line is written by, the same for every row.
struct LineWriter<'l> {
    layout: &'l Layout,
    formats: [Format; 13],
    /// Whether data and metadata that are JSON are given as they are stored.
    as_stored: [bool; 2],
}

impl<'l> LineWriter<'l> {
    fn new(layout: &'l Layout) -> Self {
        let mapping = &layout.mapping;
        let of = |field: &Option<Field>| field.as_ref().map_or(Format::Auto, |field| field.format);
        let plain = |encoding: &Encoding| encoding.layers.iter().all(|layer| layer.name() == "json");
        let formats = [
            Format::Auto,
            of(&mapping.aggregate_type),
            of(&mapping.aggregate_id),
            Format::Auto,
            of(&mapping.event_id),
            of(&mapping.event_type),
            of(&mapping.schema_version),
            of(&mapping.timestamp),
            of(&mapping.actor),
            of(&mapping.actor_type),
            of(&mapping.source),
            of(&mapping.causation_id),
            of(&mapping.correlation_id),
        ];
        let metadata = mapping.metadata.as_ref().is_none_or(|field| plain(&field.encoding));
        Self { layout, formats, as_stored: [plain(&mapping.data.encoding), metadata] }
    }

    /// Appends the line of a row; answers with its position.
    fn write(&self, row: &Row<'_>, out: &mut Vec<u8>) -> Result<Position> {
        if let Some(position) = self.straight(row, out)? {
            return Ok(position);
        }
        let event = self.layout.event(row, Columns::ALL)?;
        out.extend(ndjson_line(&event)?.as_bytes());
        out.push(b'\n');
        Ok(event.position)
    }

    /// The same from the stored text itself, where the row is as most rows are.
    fn straight(&self, row: &Row<'_>, out: &mut Vec<u8>) -> Result<Option<Position>> {
        let integer = |index: usize| row.get_ref(index).map(|value| value.as_i64().ok());
        let (Some(position), Some(version)) = (integer(0)?, integer(3)?) else { return Ok(None) };
        let Some(data) = self.json(row, 0)? else { return Ok(None) };
        let metadata = match row.get_ref(PAYLOADS[1])? {
            ValueRef::Null => None,
            _ => match self.json(row, 1)? {
                Some(metadata) => Some(metadata),
                None => return Ok(None),
            },
        };
        let text = |index: usize| -> rusqlite::Result<Option<Cow<'_, str>>> {
            let format = self.formats.get(index).copied().unwrap_or(Format::Auto);
            Ok(decode::borrowed_text(row.get_ref(index)?, format))
        };
        let timestamp = match (&self.layout.mapping.timestamp, row.get_ref(TIMESTAMP)?) {
            (None, _) | (_, ValueRef::Null) => None,
            (Some(field), value) => Some(moment(value, field.format)),
        };
        let line = Line {
            position: Some(position),
            event_id: text(4)?,
            aggregate_type: text(1)?.unwrap_or_default(),
            aggregate_id: text(2)?.unwrap_or(Cow::Borrowed(&self.layout.log_name)),
            version: Some(version),
            event_type: text(5)?.unwrap_or_default(),
            schema_version: text(6)?.as_deref().map(number_or_text),
            timestamp: timestamp.flatten(),
            actor: text(8)?,
            actor_type: text(9)?,
            source: text(10)?,
            causation_id: text(11)?,
            correlation_id: text(12)?,
            data: raw_json(&data)?,
            metadata: metadata.as_deref().map(raw_json).transpose()?,
        };
        serde_json::to_writer(&mut *out, &line).map_err(|error| Error::bad_input(error.to_string()))?;
        out.push(b'\n');
        Ok(Some(position))
    }

    /// The stored text of data or metadata, where that is what a line has: an object or a list of JSON.
    fn json<'r>(&self, row: &'r Row<'_>, which: usize) -> Result<Option<Cow<'r, str>>> {
        let (Some(index), Some(codec)) = (PAYLOADS.get(which), CODECS.get(which)) else { return Ok(None) };
        let ValueRef::Text(bytes) = row.get_ref(*index)? else { return Ok(None) };
        let plain = self.as_stored.get(which) == Some(&true) && row.get_ref(*codec)? == ValueRef::Null;
        let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if !plain || !matches!(begins, Some(b'{' | b'[')) {
            return Ok(None);
        }
        let text = std::str::from_utf8(bytes).ok().filter(|text| raw_json(text).is_ok());
        Ok(text.map(line_break_free))
    }
}

/// Where data and metadata stand in a row.
const PAYLOADS: [usize; 2] = [13, 14];

/// Where the moment stands.
const TIMESTAMP: usize = 7;

/// The moment as a line has it. Most are stored as they are to be written, which is seen without reading them.
fn moment(value: ValueRef<'_>, format: Format) -> Option<Cow<'_, str>> {
    if let ValueRef::Text(bytes) = value
        && is_plain_moment(bytes)
    {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    }
    decode::timestamp(value, format).map(|timestamp| Cow::Owned(moment_text(&timestamp).into_owned()))
}

/// Whether a text is a moment like `2026-03-14T12:04:01.912Z` on a day that every month has.
fn is_plain_moment(text: &[u8]) -> bool {
    let Some((head, tail)) = text.split_at_checked(19) else { return false };
    let number = |range: std::ops::Range<usize>| {
        let digits = head.get(range)?;
        digits.iter().try_fold(0_u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    let within = |range, least, most| number(range).is_some_and(|number| (least..=most).contains(&number));
    let signs = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let fraction = match tail {
        [b'Z'] => true,
        [b'.', digits @ .., b'Z'] => (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    fraction
        && signs.into_iter().all(|(at, sign)| head.get(at) == Some(&sign))
        && within(0..4, 1, 9999)
        && within(5..7, 1, 12)
        && within(8..10, 1, 28)
        && within(11..13, 0, 23)
        && within(14..16, 0, 59)
        && within(17..19, 0, 59)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::profile::Profile;
    use crate::source::{Choice, OpenOptions};

    /// A store of a kind of its own with rows of all sorts.
    fn source() -> (tempfile::TempDir, Source) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let conn = rusqlite::Connection::open(&path).unwrap();
        conn.execute_batch(
            r#"CREATE TABLE events (position INTEGER PRIMARY KEY, stream_type TEXT, stream_id TEXT, version INTEGER,
                   event_type TEXT, data, metadata, created_at, correlation_id);
               INSERT INTO events (stream_type, stream_id, version, event_type, data, metadata, created_at, correlation_id)
               VALUES ('order', 'a', 1, 'order.placed', '{"n": 1.50, "é": "\u00e9"}', NULL, '2026-03-14T12:04:01.912Z', 'c'),
                      ('order', 'a', 2, 'order.placed', '{"n":' || char(10) || '12345678901234567890}', '{}', 1770000000, NULL),
                      ('order', 'b "q"', 1, 'order.placed', x'7b226e223a327d', '[1]', '2026-02-31T00:00:00Z', x'00112233445566778899aabbccddeeff'),
                      ('order', 'c', 1, 'odd', '"a text"', '{"a":1,"a":2}', '2026-03-14 12:04:01', 7),
                      ('order', 'c', 2, 'odd', 'no json at all', NULL, NULL, NULL),
                      ('order', 'c', 3, 'odd', '[]', NULL, '2026-03-14T12:04:01+02:00', 'x' || char(7));"#,
        )
        .unwrap();
        drop(conn);
        let profile = Profile::parse(
            "name = 'log'\ntitle = 'Log'\n[events]\nfrom = 'events'\nposition = 'position'\naggregate_type = 'stream_type'\n\
             aggregate_id = 'stream_id'\nversion = 'version'\nevent_type = 'event_type'\ntimestamp = 'created_at'\n\
             correlation_id = 'correlation_id'\ndata = 'data'\nmetadata = 'metadata'\n",
        );
        let profile = Some(Choice::Profile(Arc::new(profile.unwrap())));
        let source = Source::open(&path, &OpenOptions { profile, ..OpenOptions::default() }).unwrap();
        (folder, source)
    }

    #[test]
    fn a_line_says_what_the_line_of_its_event_says() {
        let (_folder, source) = source();
        assert!(source.gives_lines().unwrap());
        let mut out = Vec::new();
        let lines = source.lines(ScanRange::default(), usize::MAX, &mut out).unwrap();
        assert_eq!(lines, Lines { events: 6, reached: None });
        let text = String::from_utf8(out).unwrap();
        let events = source.page_at(0, 10).unwrap();
        let expected: Vec<String> = events.iter().map(|event| ndjson_line(event).unwrap()).collect();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn lines_go_on_behind_the_last_one() {
        let (_folder, source) = source();
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        source.lines(ScanRange::default(), usize::MAX, &mut whole).unwrap();
        let mut range = ScanRange { after: None, through: Some(5) };
        let mut events = 0;
        loop {
            let lines = source.lines(range, 1, &mut parts).unwrap();
            events += lines.events;
            let Some(reached) = lines.reached else { break };
            range.after = Some(reached);
        }
        assert_eq!(events, 5);
        assert!(whole.starts_with(&parts) && parts.len() < whole.len());
    }

    #[test]
    fn only_a_moment_that_needs_no_calendar_is_plain() {
        for plain in ["2026-03-14T12:04:01Z", "2026-03-14T12:04:01.912Z", "0001-01-28T23:59:59.123456789Z"] {
            assert!(is_plain_moment(plain.as_bytes()), "{plain}");
            assert!(chrono::DateTime::parse_from_rfc3339(plain).is_ok(), "{plain}");
        }
        for other in
            ["2026-02-30T12:04:01Z", "2026-03-14 12:04:01Z", "2026-03-14T12:04:01.Z", "2026-03-14T24:00:00Z", "Z", ""]
        {
            assert!(!is_plain_moment(other.as_bytes()), "{other}");
        }
    }
}
