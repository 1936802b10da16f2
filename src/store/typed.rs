//! Typed events: an application's own enum of events, as events of the store and back.

use std::collections::BTreeMap;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::event::{Event, Json, NewEvent};

/// The names that serde gives the two halves of a typed event.
const TYPE: &str = "type";
const DATA: &str = "data";

/// The event that a value of an application's own type says: its variant becomes the event type, what the variant holds
/// becomes the data. The type is an enum that serde tags with `#[serde(tag = "type", content = "data")]`; see
/// [`Aggregate`](super::Aggregate) for an example.
///
/// # Errors
/// [`BadInput`](crate::ErrorKind::BadInput) where the value does not become a type and data.
pub fn to_event(event: &impl Serialize) -> Result<NewEvent> {
    let text = serde_json::to_string(event)
        .map_err(|error| Error::bad_input(format!("the event cannot be written: {error}")).with_source(error))?;
    // The data stays text, in which every number is as the type wrote it.
    let mut halves: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).map_err(|_| untagged())?;
    let event_type = halves.remove(TYPE).ok_or_else(untagged)?;
    let event_type: String = serde_json::from_str(event_type.get()).map_err(|_| untagged())?;
    let data = halves.remove(DATA).filter(|data| data.get() != "null");
    if !halves.is_empty() {
        return Err(untagged());
    }
    Ok(NewEvent::new(event_type, data.map_or_else(Json::default, Json::from)))
}

/// What an event says, as a value of an application's own type: the way back from [`to_event`], whatever the data is
/// stored in.
///
/// # Errors
/// [`BadInput`](crate::ErrorKind::BadInput) where the type has no such variant, or the data does not fit it.
pub fn from_event<E: DeserializeOwned>(event: &Event) -> Result<E> {
    if let Some(read) = event.data.json_text().and_then(|data| from_text(&event.event_type, data)) {
        return Ok(read);
    }
    let halves = [(TYPE.to_owned(), Value::String(event.event_type.clone())), (DATA.to_owned(), event.data.to_json())];
    serde_json::from_value(Value::Object(Map::from_iter(halves))).map_err(|error| {
        Error::bad_input(format!("{} is not understood: {error}", event.event_type)).with_source(error)
    })
}

/// Reads the type straight from the text of the data. Where that fails, the document says more exactly why.
fn from_text<E: DeserializeOwned>(event_type: &str, data: &str) -> Option<E> {
    let event_type = serde_json::to_string(event_type).ok()?;
    serde_json::from_str(&format!(r#"{{"{TYPE}":{event_type},"{DATA}":{data}}}"#)).ok()
}

fn untagged() -> Error {
    Error::bad_input("the event is no type with data")
        .with_hint(r#"Put #[serde(tag = "type", content = "data")] on the enum of your events."#)
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;
    use crate::event::{Payload, StorageClass};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type", content = "data")]
    enum Cup {
        #[serde(rename = "cup.sold")]
        Sold { cents: u64, weight: f64 },
        #[serde(rename = "cup.broken")]
        Broken,
    }

    #[test]
    fn a_variant_is_a_type_and_what_it_holds_is_data() {
        let sold = Cup::Sold { cents: u64::MAX, weight: 0.1 };
        let event = to_event(&sold).unwrap();
        assert_eq!(event.event_type, "cup.sold");
        assert_eq!(event.data, json!({"cents": u64::MAX, "weight": 0.1}));
        for (cup, event) in [(sold, event), (Cup::Broken, to_event(&Cup::Broken).unwrap())] {
            let json = Payload::json(event.data);
            let wrapped = Payload::new([].into(), StorageClass::Text, json.decoded().clone());
            for data in [json, wrapped] {
                let stored = Event { event_type: event.event_type.clone(), data, ..Event::default() };
                assert_eq!(from_event::<Cup>(&stored).unwrap(), cup, "{stored:?}");
            }
        }
    }

    #[test]
    fn what_is_no_typed_event_is_refused_in_words() {
        assert!(to_event(&json!({"cents": 1})).unwrap_err().hint().is_some());
        assert!(to_event(&7).is_err());
        let event = |event_type: &str, data| Event {
            event_type: event_type.to_owned(),
            data: Payload::json(data),
            ..Event::default()
        };
        let unknown = from_event::<Cup>(&event("cup.eaten", json!({}))).unwrap_err();
        assert!(unknown.to_string().contains("cup.eaten is not understood: unknown variant"), "{unknown}");
        assert!(from_event::<Cup>(&event("cup.sold", json!({"cents": "8"}))).is_err());
    }
}
