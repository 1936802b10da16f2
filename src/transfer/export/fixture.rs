//! A test fixture of one stream: given what happened before, when the command came, then what happened.

use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, StreamName};

/// How many events a fixture has at most: nobody reads more of them.
const MOST: usize = 10_000;

/// The events of the stream, as far as they have come.
#[derive(Default)]
pub(super) struct Fixture {
    stream: Option<StreamName>,
    events: Vec<Event>,
}

impl Fixture {
    /// Takes an event of the stream.
    pub(super) fn event(&mut self, event: &Event) -> Result<()> {
        let stream = self.stream.get_or_insert_with(|| event.stream.clone());
        if *stream != event.stream {
            let message =
                format!("a fixture is of one stream, and there are events of {stream} and of {}", event.stream);
            let hint = "Choose one with a filter, as in `stream:order/ord-1 version:1..5`.";
            return Err(Error::new(ErrorKind::BadInput, message).with_hint(hint));
        }
        if self.events.len() >= MOST {
            return Err(Error::bad_input(format!("a fixture has at most {MOST} events"))
                .with_hint("Narrow the filter, as with `version:1..100`."));
        }
        self.events.push(event.clone());
        Ok(())
    }

    /// What was written at once with the last event is what followed from the command; all before is given.
    pub(super) fn document(&self) -> Value {
        let Some(last) = self.events.last() else { return json!({"given": [], "when": null, "then": []}) };
        let together = |event: &&Event| {
            let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
            event.version == last.version
                || same(&event.causation_id, &last.causation_id)
                    && event.timestamp.as_ref().map(|time| &time.stored)
                        == last.timestamp.as_ref().map(|time| &time.stored)
        };
        let then = self.events.iter().rev().take_while(together).count();
        let given = self.events.len() - then;
        let side = |events: &[Event]| events.iter().map(said).collect::<Vec<_>>();
        let command = json!({
            "causation_id": last.causation_id, "correlation_id": last.correlation_id, "actor": last.actor,
            "source": last.source,
        });
        json!({
            "stream": self.stream.as_ref().map(ToString::to_string),
            "given": side(self.events.get(..given).unwrap_or_default()),
            "when": command,
            "then": side(self.events.get(given..).unwrap_or_default()),
        })
    }
}

/// An event without what is another one each time it happens.
fn said(event: &Event) -> Value {
    let mut members = Map::new();
    members.insert("version".to_owned(), json!(event.version));
    members.insert("type".to_owned(), json!(event.event_type));
    if let Some(version) = &event.schema_version {
        members.insert("schema_version".to_owned(), json!(version));
    }
    members.insert("data".to_owned(), event.data.to_json());
    Value::Object(members)
}
