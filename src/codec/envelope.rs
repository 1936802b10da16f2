//! Envelopes: documents that libraries put around the payload proper, recognised so that a view can show what is inside
//! and name its type. The document itself is never changed.

use serde_json::{Map, Value};

/// The form of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EnvelopeKind {
    /// `{"class": …, "payload": …}`: Broadway and its relatives.
    ClassPayload,
    /// `{"headers": …, "payload": …}`: `EventSauce`.
    HeadersPayload,
    /// `{"tag": …, "contents": …}`: Haskell's aeson.
    TagContents,
    /// `{"ItemRenamed": {…}}`: serde and aeson.
    Tagged,
    /// `{"kind": …, "body": …}`.
    KindBody,
    /// `{"_type_": …, "_data_": …}`: Python's eventsourcing.
    TypeData,
    /// `{"$type": …}` with the fields beside it, or `$values`: .NET's Json.NET, and objects of PHP and Ruby here.
    DollarType,
    /// `{"__class__": …}` with the fields beside it: Python.
    PythonClass,
}

/// An envelope that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its form.
    pub kind: EnvelopeKind,
    /// The JSON Pointer (RFC 6901) of the payload proper; empty where its fields lie beside the type.
    pub inner: String,
    /// The name of the payload's type, as stored; `None` where the envelope does not say it as text.
    pub type_name: Option<String>,
}

/// The envelope that a document is; `None` where it is the payload proper.
#[must_use]
pub fn envelope(document: &Value) -> Option<Envelope> {
    let fields = document.as_object()?;
    pair(fields).or_else(|| beside(fields)).or_else(|| tagged(fields))
}

/// Two fields, one of which names the type of the other. With more fields it is something else.
fn pair(fields: &Map<String, Value>) -> Option<Envelope> {
    const FORMS: [(EnvelopeKind, &str, &str, usize); 5] = [
        (EnvelopeKind::ClassPayload, "class", "payload", 2),
        (EnvelopeKind::HeadersPayload, "headers", "payload", 2),
        (EnvelopeKind::TagContents, "tag", "contents", 2),
        (EnvelopeKind::KindBody, "kind", "body", 4),
        (EnvelopeKind::TypeData, "_type_", "_data_", 2),
    ];
    FORMS.into_iter().find_map(|(kind, name, inner, most)| {
        let named = fields.get(name).filter(|_| fields.contains_key(inner) && fields.len() <= most)?;
        let type_name = match kind {
            EnvelopeKind::HeadersPayload => header_type(named.as_object()?),
            _ => Some(named.as_str()?.to_owned()),
        };
        Some(Envelope { kind, inner: format!("/{inner}"), type_name })
    })
}

/// `EventSauce` writes `__event_type`; others `type`.
fn header_type(headers: &Map<String, Value>) -> Option<String> {
    ["__event_type", "event_type", "type"].iter().find_map(|name| headers.get(*name)?.as_str()).map(str::to_owned)
}

fn beside(fields: &Map<String, Value>) -> Option<Envelope> {
    let text = |name: &str| fields.get(name)?.as_str().map(str::to_owned);
    let (kind, type_name) = text("$type")
        .map(|name| (EnvelopeKind::DollarType, name))
        .or_else(|| text("__class__").map(|name| (EnvelopeKind::PythonClass, name)))?;
    let inner = if fields.contains_key("$values") { "/$values" } else { "" };
    Some(Envelope { kind, inner: inner.to_owned(), type_name: Some(type_name) })
}

/// One field whose name is a type's, `ItemRenamed`, around an object or a list.
fn tagged(fields: &Map<String, Value>) -> Option<Envelope> {
    let (name, inner) = fields.iter().next().filter(|_| fields.len() == 1)?;
    let typical = name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.contains(|c: char| c.is_lowercase())
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '\\'));
    (typical && (inner.is_object() || inner.is_array())).then(|| Envelope {
        kind: EnvelopeKind::Tagged,
        inner: format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        type_name: Some(name.clone()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn envelopes_are_recognised() {
        for (document, kind, inner, name) in [
            (json!({"class": "App\\Event", "payload": {}}), EnvelopeKind::ClassPayload, "/payload", Some("App\\Event")),
            (
                json!({"headers": {"__event_type": "e"}, "payload": {}}),
                EnvelopeKind::HeadersPayload,
                "/payload",
                Some("e"),
            ),
            (json!({"headers": {}, "payload": {}}), EnvelopeKind::HeadersPayload, "/payload", None),
            (json!({"tag": "Opened", "contents": [1]}), EnvelopeKind::TagContents, "/contents", Some("Opened")),
            (json!({"ItemRenamed": {"name": "x"}}), EnvelopeKind::Tagged, "/ItemRenamed", Some("ItemRenamed")),
            (json!({"kind": "Opened", "body": 1}), EnvelopeKind::KindBody, "/body", Some("Opened")),
            (json!({"_type_": "uuid", "_data_": "x"}), EnvelopeKind::TypeData, "/_data_", Some("uuid")),
            (json!({"$type": "A.B, A", "x": 1}), EnvelopeKind::DollarType, "", Some("A.B, A")),
            (json!({"$type": "List", "$values": [1]}), EnvelopeKind::DollarType, "/$values", Some("List")),
            (json!({"__class__": "m.C", "x": 1}), EnvelopeKind::PythonClass, "", Some("m.C")),
        ] {
            let found = envelope(&document).unwrap();
            assert_eq!(
                (found.kind, found.inner.as_str(), found.type_name.as_deref()),
                (kind, inner, name),
                "{document}"
            );
            assert!(document.pointer(&found.inner).is_some());
        }
    }

    #[test]
    fn payloads_are_left_alone() {
        for document in [
            json!({"name": {"first": "x"}}),
            json!({"Name": "x"}),
            json!({"USD": {"amount": 1}}),
            json!({"class": "first", "payload": 1, "seat": "4A"}),
            json!({"class": 1, "payload": 1}),
            json!({"$type": 7}),
            json!([1]),
            json!({}),
            json!("text"),
        ] {
            assert_eq!(envelope(&document), None, "{document}");
        }
    }
}
