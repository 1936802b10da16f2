//! The texts of a row, made once by a worker so that a frame only paints them.

use std::io::{self, Write};
use std::sync::Arc;

use chrono::Local;
use serde_json::{Map, Value};

use crate::codec::{self, one_line};
use crate::event::{Decoded, Event, Payload, Timestamp};

use crate::session::EventRow;

/// The longest preview of a payload, in characters.
pub(in crate::session) use crate::codec::LINE as PREVIEW;

/// How a moment is written: the date, a space, the time of day to the millisecond.
const MOMENT: &str = "%Y-%m-%d %H:%M:%S%.3f";

impl EventRow {
    /// The row of an event, with its texts. The members of its data that are named in `aside` come last in the preview:
    /// they stand in other columns.
    #[must_use]
    pub fn of(event: Event, aside: &[String]) -> Self {
        let stored = |time: &Timestamp| time.stored.to_string();
        let time = event.timestamp.as_ref();
        let utc = |time: &Timestamp| time.utc.map_or_else(|| stored(time), |at| at.format(MOMENT).to_string());
        let local = |time: &Timestamp| {
            time.utc.map_or_else(|| stored(time), |at| at.with_timezone(&Local).format(MOMENT).to_string())
        };
        Self {
            position: event.position,
            version: event.version,
            position_text: thousands(event.position),
            version_text: thousands(event.version),
            stream_text: event.stream.to_string(),
            time_utc: time.map(utc).unwrap_or_default(),
            time_local: time.map(local).unwrap_or_default(),
            preview: preview(&event.data, aside),
            event_type: Arc::from(event.event_type),
            stream: event.stream,
            timestamp: event.timestamp,
            schema_version: event.schema_version,
            actor: event.actor,
            source: event.source,
            causation_id: event.causation_id,
            correlation_id: event.correlation_id,
            event_id: event.id,
        }
    }
}

/// A whole number with a comma after every three digits: `-1,234,567`.
#[must_use]
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A payload in one line. Whatever its size, only its beginning is looked at.
pub(in crate::session) fn preview(payload: &Payload, aside: &[String]) -> String {
    match payload.decoded() {
        Decoded::Missing => String::new(),
        Decoded::Document { value, .. } => document(value, aside),
        Decoded::Text(text) => one_line(text),
        Decoded::Unread { bytes } => {
            let begins = String::from_utf8_lossy(&payload.raw);
            one_line(&format!("{} bytes  {begins}", thousands(i64::try_from(*bytes).unwrap_or(i64::MAX))))
        }
        Decoded::Opaque { .. } => bytes(&payload.raw),
    }
}

/// The beginning of a document as compact JSON; of an envelope, that of its contents. Writing stops where the preview is
/// full.
fn document(value: &Value, aside: &[String]) -> String {
    let value = codec::envelope(value).and_then(|envelope| value.pointer(&envelope.inner)).unwrap_or(value);
    let mut beginning = Beginning(Vec::with_capacity(PREVIEW));
    // An error here is the full buffer, which is what stops the writing.
    let _ = match value {
        Value::Object(members) if aside.iter().any(|name| members.contains_key(name)) => {
            reordered(&mut beginning, members, aside)
        }
        _ => serde_json::to_writer(&mut beginning, value).map_err(io::Error::from),
    };
    one_line(&String::from_utf8_lossy(&beginning.0))
}

/// An object with those of its members last that stand elsewhere.
fn reordered(to: &mut Beginning, members: &Map<String, Value>, aside: &[String]) -> io::Result<()> {
    let is_aside = |name: &String| aside.contains(name);
    let first = members.iter().filter(|(name, _)| !is_aside(name));
    let last = members.iter().filter(|(name, _)| is_aside(name));
    let mut separator = "{";
    for (name, value) in first.chain(last) {
        to.write_all(separator.as_bytes())?;
        serde_json::to_writer(&mut *to, name)?;
        to.write_all(b":")?;
        serde_json::to_writer(&mut *to, value)?;
        separator = ",";
    }
    to.write_all(b"}")
}

/// Takes the first bytes that are written to it, then refuses. Four bytes are the longest character.
struct Beginning(Vec<u8>);

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = (4 * PREVIEW + 4).saturating_sub(self.0.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        if taken.is_empty() && !bytes.is_empty() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.0.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes that nothing can read: how many, and the first of them.
fn bytes(raw: &[u8]) -> String {
    let first: Vec<String> = raw.iter().take(24).map(|byte| format!("{byte:02x}")).collect();
    let more = if raw.len() > 24 { " …" } else { "" };
    format!("{} bytes: {}{more}", thousands(i64::try_from(raw.len()).unwrap_or(i64::MAX)), first.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::StorageClass;

    #[test]
    fn thousands_are_separated() {
        let texts = [0, 7, 999, 1000, 1_234_567, -1000, -999_999, i64::MIN].map(thousands);
        let wanted = ["0", "7", "999", "1,000", "1,234,567", "-1,000", "-999,999", "-9,223,372,036,854,775,808"];
        assert_eq!(texts, wanted);
    }

    #[test]
    fn a_preview_is_one_short_line() {
        let long = Payload::json(json!({"text": "ä\n".repeat(1_000_000)}));
        let line = preview(&long, &[]);
        assert_eq!(line.chars().count(), PREVIEW);
        assert!(line.starts_with(r#"{"text":"ä\nä"#) && line.ends_with('…'));
        assert_eq!(preview(&Payload::json(json!({"a": [1, 2.50]})), &[]), r#"{"a":[1,2.5]}"#);
        let wrapped = Payload::json(json!({"class": "Shop\\Renamed", "payload": {"name": "x"}}));
        assert_eq!(preview(&wrapped, &[]), r#"{"name":"x"}"#);
        let text = Payload::new([].into(), StorageClass::Null, Decoded::Text("two\nlines".to_owned()));
        assert_eq!(preview(&text, &[]), "two\\nlines");
    }

    #[test]
    fn what_stands_in_other_columns_does_not_open_the_preview() {
        let data = Payload::json(json!({"at": "2026-01-05", "kind": "x", "qty": 3, "sku": "SKU-1"}));
        let aside = ["kind".to_owned(), "at".to_owned(), "nobody".to_owned()];
        assert_eq!(preview(&data, &aside), r#"{"qty":3,"sku":"SKU-1","at":"2026-01-05","kind":"x"}"#);
        let long = Payload::json(json!({"at": "2026-01-05", "text": "x".repeat(100_000)}));
        assert!(preview(&long, &aside).starts_with(r#"{"text":"xxx"#));
    }

    #[test]
    fn a_moment_that_cannot_be_read_is_shown_as_stored() {
        let timestamp = Some(Timestamp { stored: "yesterday".into(), utc: None });
        let row = EventRow::of(Event { timestamp, ..Event::default() }, &[]);
        assert_eq!((row.time_utc.as_str(), row.time_local.as_str()), ("yesterday", "yesterday"));
    }
}
