//! In what the data of events is stored: as JSON text, or as MessagePack where that holds it to the digit.

use std::fmt;
use std::str::FromStr;

use rusqlite::types::ValueRef;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::document::{self, messagepack};
use crate::error::{Error, Result};
use crate::event::Json;

/// What the store writes the data of events in; metadata is always JSON. Both are read wherever they are, so that one
/// store can hold both.
///
/// MessagePack is smaller, and quicker to read for programs that have no JSON. It has integers and floats of 64 bits and
/// no decimals: data with a number such as `8.00` is refused rather than stored as `8.0`. Write such amounts as text, or
/// in the smallest unit.
///
/// ```
/// use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
/// use eventscope::store::{Encoding, EventStore};
/// use serde_json::json;
///
/// let mut store = EventStore::open_in_memory()?;
/// store.set_encoding(Encoding::MessagePack)?;
/// let sold = [NewEvent::new("cup.sold", json!({"cents": 800}))];
/// let cup = StreamName::new("cup", "1");
/// store.append(&cup, ExpectedVersion::NoStream, &sold)?;
/// let stored = store.read_stream(&cup, 1, None)?;
/// assert_eq!(&*stored[0].data.raw, b"\x81\xa5cents\xcd\x03\x20");
/// assert_eq!(stored[0].data.to_json(), json!({"cents": 800}));
/// # Ok::<(), eventscope::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// JSON text: every number keeps its digits, and SQL can look into it.
    #[default]
    Json,
    /// A blob of MessagePack.
    MessagePack,
}

impl Encoding {
    /// The value that JSON is stored as. It may lie in `buffer`, which is overwritten: memory that many can share.
    pub(super) fn write<'a>(self, json: &'a Json, buffer: &'a mut Vec<u8>) -> Result<ValueRef<'a>> {
        match json {
            Json::Value(document) => self.write_document(document, buffer),
            Json::Text(text) => self.write_text(text, buffer),
        }
    }

    fn write_document<'a>(self, document: &Value, buffer: &'a mut Vec<u8>) -> Result<ValueRef<'a>> {
        buffer.clear();
        match self {
            Self::Json => {
                serde_json::to_writer(&mut *buffer, document).map_err(std::io::Error::from)?;
                refuse_depth(buffer)?;
                Ok(ValueRef::Text(buffer))
            }
            Self::MessagePack => {
                messagepack::write(document, buffer).map_err(|why| not_messagepack(&why))?;
                Ok(ValueRef::Blob(buffer))
            }
        }
    }

    /// The stored form of JSON text, which in [`Encoding::Json`] is that text byte for byte.
    pub(super) fn write_text<'a>(self, json: &'a RawValue, buffer: &'a mut Vec<u8>) -> Result<ValueRef<'a>> {
        if self == Self::Json {
            return json_text(json);
        }
        let text = json.get().as_bytes();
        refuse_depth(text)?;
        let document = serde_json::from_slice(text).map_err(|error| Error::bad_input(error.to_string()))?;
        if document::repeats_a_key(text, &document) {
            return Err(not_messagepack("one of its objects names a key twice"));
        }
        if let Some(number) = document::inexact_number(json.get()) {
            return Err(not_messagepack(&messagepack::no_such_number(&number)));
        }
        self.write_document(&document, buffer)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::MessagePack => "messagepack",
        }
    }
}

/// The word that the file, the command line and messages have for it.
impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Encoding {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        [Self::Json, Self::MessagePack].into_iter().find(|encoding| encoding.name() == name).ok_or_else(|| {
            Error::bad_input(format!("`{name}` is no encoding of this format")).with_hint("Use json or messagepack.")
        })
    }
}

/// JSON text as it is stored, byte for byte.
pub(super) fn json_text(json: &RawValue) -> Result<ValueRef<'_>> {
    let text = json.get().as_bytes();
    refuse_depth(text)?;
    Ok(ValueRef::Text(text))
}

/// What cannot be read again is not written.
fn refuse_depth(json: &[u8]) -> Result<()> {
    if document::is_too_deep(json) {
        return Err(Error::bad_input(document::marks::too_deep())
            .with_hint("Nothing was written. Split the event, or refer to what is inside by its id."));
    }
    Ok(())
}

fn not_messagepack(why: &str) -> Error {
    Error::bad_input(format!("MessagePack cannot hold it: {why}"))
        .with_hint("Nothing was written. Write the number as text, or let the store write JSON.")
}
