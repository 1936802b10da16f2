//! Payloads that are decoded when somebody asks: whoever folds a stream looks at the data of most events and at the
//! metadata of hardly any, and does so on another thread than the one that reads.

use std::sync::Arc;

use rusqlite::types::ValueRef;

use crate::codec::{self, Codec, Encoding, Unwrap};
use crate::event::{Interpret, Meaning, Payload, StorageClass};

/// An encoding as a payload keeps it until then.
#[derive(Debug)]
pub(crate) struct Declared(Encoding);

impl Declared {
    pub(crate) fn new(encoding: Encoding) -> Arc<Self> {
        Arc::new(Self(encoding))
    }

    /// The [plain](super::plain) data or metadata that a value holds, where `names` is what the field's own codec says
    /// of this row: decoded later, if at all.
    pub(crate) fn payload(self: &Arc<Self>, value: ValueRef<'_>, names: ValueRef<'_>) -> Payload {
        let (bytes, storage) = match value {
            ValueRef::Text(bytes) => (bytes, StorageClass::Text),
            ValueRef::Blob(bytes) => (bytes, StorageClass::Blob),
            _ => return super::plain(super::payload_named(value, names, &self.0)),
        };
        let by = match names.as_str().ok().and_then(Codec::chain) {
            Some(layers) => Self::new(Encoding { layers, unwrap: self.0.unwrap.clone() }),
            None => Arc::clone(self),
        };
        Payload::interpreted(bytes.into(), storage, by)
    }
}

impl Interpret for Declared {
    fn meaning(&self, raw: &[u8], storage: StorageClass) -> Meaning {
        super::plain_meaning(super::decoded(raw, storage, &self.0), raw)
    }

    fn is_bare_json(&self, raw: &[u8], _: StorageClass) -> bool {
        let Encoding { layers, unwrap } = &self.0;
        // Without a declaration JSON is what is looked for before all else.
        matches!(layers.as_slice(), [] | [Codec::Json]) && *unwrap == Unwrap::None && !codec::may_hold_wrapped(raw)
    }
}
